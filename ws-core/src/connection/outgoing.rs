//! The writing half.

use crate::decoder::Side;
use crate::error::{Error, Full, Misuse};
use crate::frame::{
    Close, Header, HeaderBytes, Kind, MAX_CONTROL, Mask, Opcode, Reserved, header_len,
};
use crate::role::Role;
use crate::span::{Span, copy};

use super::owed::Owed;

/// What leaves: which frames may be sent now, and their headers and masks.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Outgoing<R> {
    role: R,
    /// The message that was begun in parts and not ended.
    open: Option<Kind>,
    /// Whether our Close has been made.
    closed: bool,
}

/// What to send. (A Close frame has its own method: it carries a code.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Frame {
    /// A message in one frame.
    Message(Kind),
    /// The beginning of a message, or more of it: at least one more part will follow.
    Part(Kind),
    /// The end of a message.
    LastPart(Kind),
    /// A question whether the peer is there.
    Ping,
    /// The answer; also legal unasked.
    Pong,
}

impl Frame {
    /// What the rest is sent as when only the front of this was: a message goes on in parts.
    #[must_use]
    pub const fn rest(self) -> Self {
        match self {
            Self::Message(kind) => Self::LastPart(kind),
            other => other,
        }
    }
}

/// What stands in front of a payload, and the mask that the payload needs.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Prefix {
    /// The header.
    pub header: HeaderBytes,
    /// What the payload must be masked with: on a client, never on a server.
    pub mask: Option<Mask>,
}

impl<R: Role> Outgoing<R> {
    /// What leaves from the first byte after the opening handshake.
    pub const fn new(role: R) -> Self {
        Self { role, open: None, closed: false }
    }

    /// Whether our Close has been made: nothing but Pongs may follow it.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// The message that was begun in parts and not ended, if there is one.
    pub const fn open_message(&self) -> Option<Kind> {
        self.open
    }

    /// How long the header of a frame with `len` bytes of payload will be.
    pub const fn header_len(&self, len: u64) -> usize {
        header_len(len, matches!(R::SIDE, Side::Client))
    }

    /// The header for a payload of `len` bytes that the caller writes behind it: masked with
    /// [`Prefix::mask`], and all of it, since the frame has then begun.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if the frame must not be sent now; nothing has changed then.
    pub fn prefix(&mut self, frame: Frame, len: u64) -> Result<Prefix, Misuse> {
        let start = self.allow(frame, len)?;
        Ok(Prefix::of(&self.begin(start, len)))
    }

    /// The same for a payload that is compressed, which the first frame of its message says: "On a
    /// message compressed by using the extension, the endpoint MUST set the RSV1 bit [...] of the
    /// first fragment" (RFC 7692 section 6.1).
    ///
    /// # Errors
    ///
    /// As for [`prefix`](Self::prefix).
    #[cfg(feature = "deflate")]
    pub fn prefix_compressed(&mut self, frame: Frame, len: u64) -> Result<Prefix, Misuse> {
        let begins = self.open.is_none() && !matches!(frame, Frame::Ping | Frame::Pong);
        let mut prefix = self.prefix(frame, len)?;
        if begins {
            prefix.header.mark(Reserved::RSV1);
        }
        Ok(prefix)
    }

    /// Writes a whole frame into `out`, and tells its length.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if the frame must not be sent now, [`Full`] if `out` is too small; nothing has
    /// changed then.
    pub fn write(&mut self, frame: Frame, payload: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        let len = payload.len() as u64;
        let start = self.allow(frame, len)?;
        let header_len = self.header_len(len);
        let room = out.get_mut(..header_len + payload.len()).ok_or(Full)?;
        put(&self.begin(start, len), &[payload], room, header_len);
        Ok(room.len())
    }

    /// Makes a frame of the payload that lies at `payload` in `buffer`, and of `behind` more bytes
    /// that will follow: its header goes in front of it, on bytes from `floor` on, and a mask onto
    /// it. Tells where it lies, and the mask for the bytes behind.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if the frame must not be sent now, [`Full`] if there is no room for the header;
    /// nothing has changed then.
    pub fn wrap(
        &mut self,
        frame: Frame,
        buffer: &mut [u8],
        floor: usize,
        payload: Span,
        behind: u64,
    ) -> Result<(Span, Option<Mask>), Error> {
        // No sum of what can be sent wraps: lengths on the wire have 63 bits.
        let len = (payload.len() as u64).wrapping_add(behind);
        let Start { opcode, fin, open } = self.allow(frame, len)?;
        if payload.end > buffer.len() {
            return Err(Full.into());
        }
        let front = buffer.get_mut(floor..payload.start).ok_or(Full)?;
        let mut header = self.header(opcode, fin, len);
        let header_len = header.put(front).ok_or(Full)?;
        self.open = open;
        if let Some(mask) = &mut header.mask {
            mask.apply(payload.of_mut(buffer));
        }
        Ok((Span { start: payload.start.wrapping_sub(header_len), ..payload }, header.mask))
    }

    /// Writes our Close frame into `out`, and tells its length.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if it has been sent already or its code must not be sent, [`Full`] if `out` is
    /// too small; nothing has changed then.
    pub fn write_close(&mut self, close: Close<'_>, out: &mut [u8]) -> Result<usize, Error> {
        if self.closed {
            return Err(Misuse::Closed.into());
        }
        // "[1005, 1006 and 1015 are] reserved value[s] and MUST NOT be set as a status code in a
        // Close control frame by an endpoint" (section 7.4.1).
        if close.code().is_some_and(|code| !code.is_sendable()) {
            return Err(Misuse::CloseCodeNotSendable.into());
        }
        let header_len = self.header_len(close.len() as u64);
        let room = out.get_mut(..header_len + close.len()).ok_or(Full)?;
        self.closed = true;
        // It is never longer, and a compiler that knows writes a short header only.
        let len = close.len().min(MAX_CONTROL) as u64;
        let header = self.header(Opcode::Close, Fin::Last, len);
        let (code, reason) = close.pieces();
        put(&header, &[&code, reason], room, header_len);
        Ok(room.len())
    }

    /// Writes what is owed into `out`, and tells its length: nothing, if it has become pointless
    /// because our Close has been sent.
    ///
    /// # Errors
    ///
    /// [`Full`] if `out` is too small; nothing has changed then.
    pub fn write_owed(&mut self, owed: &Owed, out: &mut [u8]) -> Result<usize, Error> {
        match *owed {
            Owed::Pong { ref payload, len } => {
                self.write(Frame::Pong, payload.get(..usize::from(len)).unwrap_or_default(), out)
            }
            Owed::Close(_) if self.closed => Ok(0),
            Owed::Close(close) => self.write_close(close, out),
        }
    }

    /// Whether `frame` may be sent now, how its header says what it is, and what is open behind it.
    fn allow(&self, frame: Frame, len: u64) -> Result<Start, Misuse> {
        // "The application MUST NOT send any more data frames after sending a Close frame"
        // (section 5.5.1). A Pong may still be owed: "an endpoint MUST send a Pong frame in
        // response, unless it already received a Close frame" (section 5.5.2).
        if self.closed && frame != Frame::Pong {
            return Err(Misuse::Closed);
        }
        let (opcode, fin, open) = match (frame, self.open) {
            (Frame::Ping | Frame::Pong, _) if len > MAX_CONTROL as u64 => {
                return Err(Misuse::LongControl);
            }
            (Frame::Ping, open) => (Opcode::Ping, Fin::Last, open),
            (Frame::Pong, open) => (Opcode::Pong, Fin::Last, open),
            (Frame::Message(kind) | Frame::LastPart(kind), None) => (kind.into(), Fin::Last, None),
            (Frame::Part(kind), None) => (kind.into(), Fin::More, Some(kind)),
            (Frame::Part(kind), Some(open)) if kind == open => {
                (Opcode::Continuation, Fin::More, Some(kind))
            }
            (Frame::LastPart(kind), Some(open)) if kind == open => {
                (Opcode::Continuation, Fin::Last, None)
            }
            _ => return Err(Misuse::MessageOpen),
        };
        Ok(Start { opcode, fin, open })
    }

    fn begin(&mut self, start: Start, len: u64) -> Header {
        self.open = start.open;
        self.header(start.opcode, start.fin, len)
    }

    fn header(&mut self, opcode: Opcode, fin: Fin, len: u64) -> Header {
        let mask = self.role.mask();
        Header { fin: fin == Fin::Last, reserved: Reserved::NONE, opcode, mask, len }
    }
}

impl Prefix {
    fn of(header: &Header) -> Self {
        Self { header: header.encode(), mask: header.mask }
    }
}

/// A frame that may be sent.
struct Start {
    opcode: Opcode,
    fin: Fin,
    /// The message that is open once it has been.
    open: Option<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fin {
    More,
    Last,
}

/// Puts a header of so many bytes and the pieces of its payload into memory that holds exactly all
/// of it, and masks the payload.
fn put(header: &Header, payload: &[&[u8]], room: &mut [u8], header_len: usize) {
    let Some((front, room)) = room.split_at_mut_checked(header_len) else { return };
    header.put(front);
    let mut rest = &mut *room;
    for piece in payload {
        rest = copy(piece, rest);
    }
    if let Some(mut mask) = header.mask {
        mask.apply(room);
    }
}
