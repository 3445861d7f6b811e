//! A connection with the buffers that its caller lends: everything a driver does but the I/O.
//!
//! A driver is a loop around [`Endpoint::poll`]: it writes [`Endpoint::output`] when told
//! [`Next::Write`], reads into [`Endpoint::space`] when told [`Next::Read`], and hands on what was
//! received. The drivers are this loop twice; a poll loop of one's own is it a third time. All state
//! lives here, between two calls: a driver's future may be dropped wherever it waits.

mod deflated;
mod echo;
mod inbox;
mod inlet;
mod moving;
mod next;
mod opening;
mod outbox;
mod received;
mod stage;
mod tell;
mod timers;

use deflated::Deflated;
pub use inbox::Inbox;
pub use inlet::{Arrival, Inlet, InletNext};
pub use next::Next;
pub(crate) use opening::Opening;
pub use outbox::Outbox;
pub use received::{Data, Received, Take};
pub use timers::Timers;

use crate::connection::{Frame, Incoming, Outgoing, Phase};
use crate::decoder::{Decoder, MIN_BUFFER, Side};
use crate::error::{Error, Full, Misuse};
use crate::frame::{Close, CloseCode, Kind};
use crate::role::Role;
use crate::span::Span;

/// A connection and its buffers: `Rx` to receive with, `Tx` to stage what is sent.
#[derive(Clone)]
pub struct Endpoint<R, Rx, Tx> {
    incoming: Incoming,
    inbox: Inbox<Rx>,
    outbox: Outbox<R, Tx>,
    deflated: Deflated,
}

/// How large a receive buffer must be for whole messages of up to `message` bytes in any fragments.
pub const fn buffer_for(message: usize) -> usize {
    message.saturating_add(MIN_BUFFER + crate::frame::MAX_HEADER)
}

impl<R, Rx, Tx> Endpoint<R, Rx, Tx>
where
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// An endpoint at the first byte after the opening handshake; frames that arrived behind it
    /// may be in the inbox already.
    ///
    /// The inbox bounds the whole messages that can be taken: see [`buffer_for`]. What is sent is
    /// staged in the larger of `tx` and the inbox's free memory, and what does not fit leaves in
    /// parts; `tx` serves while a message is put together in the inbox, so a server that sends
    /// nothing then may lend an empty one. A client always needs it, for its Pongs.
    ///
    /// # Errors
    ///
    /// [`Misuse::BufferTooSmall`] if `tx` is.
    pub fn new(role: R, max_message: u64, inbox: Inbox<Rx>, tx: Tx) -> Result<Self, Misuse> {
        if R::SIDE == Side::Client && tx.as_ref().len() < MIN_BUFFER {
            return Err(Misuse::BufferTooSmall { at_least: MIN_BUFFER });
        }
        let decoder = Decoder::new(R::SIDE).with_max_message(max_message);
        Ok(Self {
            incoming: Incoming::from_decoder(decoder),
            inbox,
            outbox: Outbox::new(Outgoing::new(role), tx),
            deflated: Deflated::default(),
        })
    }

    /// Divides into the reading and the writing half, when no output waits.
    ///
    /// # Errors
    ///
    /// [`Full`] if output waits; [`Misuse::BufferTooSmall`] if `tx` cannot hold a Pong: undivided,
    /// a server answers in its inbox.
    pub fn split(self) -> Result<(Inlet<Rx>, Outbox<R, Tx>), Error> {
        self.outbox.check()?;
        if self.outbox.capacity() < MIN_BUFFER {
            return Err(Misuse::BufferTooSmall { at_least: MIN_BUFFER }.into());
        }
        let inlet = Inlet::new(self.incoming, self.inbox, self.deflated);
        Ok((inlet, self.outbox))
    }

    /// The connection's reading half.
    pub const fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// The receive buffer, for spans that were answered.
    pub fn bytes(&self) -> &[u8] {
        self.inbox.bytes()
    }

    /// The same, to be changed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.inbox.bytes_mut()
    }

    /// How far the closing handshake has come.
    pub fn phase(&self) -> Phase {
        Phase::of(&self.incoming, self.outbox.outgoing())
    }

    /// The peer's Close frame, once it has arrived: its code, or none, and its reason.
    pub fn peer_close(&self) -> Option<(Option<CloseCode>, &str)> {
        Some((self.incoming.closed()?, self.inbox.reason()))
    }

    /// The outgoing message that was begun in parts and not ended, and how many bytes of it have
    /// been staged: what a send that was dropped half-way leaves behind.
    pub fn open_message(&self) -> Option<(Kind, u64)> {
        self.outbox.open_message()
    }

    /// Whether a frame waits to be written, or the rest of one.
    pub const fn has_output(&self) -> bool {
        self.outbox.has_output()
    }

    /// What waits to be written.
    pub fn output(&self) -> &[u8] {
        self.outbox.output_in(self.inbox.bytes())
    }

    /// So many bytes of [`output`](Self::output) have been written.
    pub fn wrote(&mut self, len: usize) {
        self.outbox.wrote(len);
    }

    /// Whether bytes were written since the stream was flushed.
    pub(crate) const fn is_unflushed(&self) -> bool {
        self.outbox.is_unflushed()
    }

    /// The stream has been flushed.
    pub(crate) const fn flushed(&mut self) {
        self.outbox.flushed();
    }

    /// Free memory to read into: never empty. Only while there is no output.
    pub fn space(&mut self) -> &mut [u8] {
        self.inbox.space()
    }

    /// So many bytes have been read into [`space`](Self::space).
    ///
    /// # Errors
    ///
    /// [`Error::Ended`] if it was none, the end of the stream, before the closing handshake's.
    pub fn filled(&mut self, len: usize) -> Result<(), Error> {
        if len == 0 && self.phase() != Phase::Closed {
            return Err(Error::Ended);
        }
        self.inbox.filled(len);
        Ok(())
    }

    /// How many bytes have arrived and are not done with.
    pub fn unread(&self) -> usize {
        self.inbox.unread()
    }

    /// What to do next. Whatever was answered before is done with.
    ///
    /// # Errors
    ///
    /// The [`Violation`](crate::Violation) that ends the connection, once the Close frame that it
    /// calls for has been written; [`Misuse`].
    pub fn poll(&mut self, take: Take) -> Result<Next, Error> {
        loop {
            match self.outbox.check() {
                Ok(()) => {}
                // A frame that is echoed piece by piece: only its next piece can come. In any other
                // open frame, what might come could not be answered.
                Err(Error::Misuse(Misuse::FrameOpen))
                    if self.outbox.is_echoing() && self.incoming.is_mid_frame() => {}
                Err(Error::Full(_)) => return Ok(Next::Write),
                Err(error) => return Err(error),
            }
            if self.outbox.outgoing().is_closed() && self.incoming.is_closed() {
                return Ok(Next::Closed);
            }
            match self.inbox.receive(take, &mut self.incoming) {
                Ok(None) => return Ok(Next::Read),
                Ok(Some(Received::Data(data))) => return Ok(Next::Data(data)),
                Ok(Some(Received::Pong(payload))) => return Ok(Next::Pong(payload)),
                Ok(Some(Received::Ping(payload))) => self.answer_ping(payload)?,
                Ok(Some(Received::Close { reason, .. })) => self.answer_close(reason)?,
                // Nothing can be said after our Close, nor inside a frame.
                Err(Error::Violation(violation))
                    if self.outbox.outgoing().is_closed() || self.frame_left() > 0 =>
                {
                    return Err(violation.into());
                }
                Err(Error::Violation(_violation)) => {
                    #[cfg(feature = "defmt")]
                    defmt::warn!("websocket: {}", _violation);
                    self.answer_violation()?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Stages as much of a message as fits, and tells how many bytes that was. The rest is staged
    /// as [`Frame::rest`] once this has been written. Data that was answered before is lost.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or no buffer has room for any.
    pub fn stage(&mut self, frame: Frame, payload: &[u8]) -> Result<usize, Error> {
        self.check()?;
        match self.room() {
            Some((room, outbox)) => {
                outbox.stage_elsewhere(|stage| stage.part(frame, payload, room))
            }
            None => self.outbox.stage(frame, payload),
        }
    }

    /// Whether a payload of so many bytes can be staged in one frame, or is in the way of nothing:
    /// behind the peer's Close, where staging says so. Data that was answered before is lost.
    pub fn fits(&mut self, len: usize) -> bool {
        let frame = self.outbox.outgoing().header_len(len as u64).saturating_add(len);
        self.incoming.is_closed()
            || frame <= self.outbox.capacity()
            || frame <= self.inbox.free_front().len()
    }

    /// Stages the data that was answered last where it lies, as a frame of the same kind. Pieces of
    /// a binary frame leave as pieces of one frame, as they came.
    ///
    /// # Errors
    ///
    /// [`Misuse`], also if it is compressed: the peer may know a smaller window, or none; [`Full`] if a
    /// frame still waits.
    pub fn stage_echo(&mut self, data: Data) -> Result<(), Error> {
        if data.is_compressed() {
            return Err(Misuse::Compressed.into());
        }
        let span = data.span;
        if self.frame_left() > 0 {
            return self.outbox.echo_more(self.inbox.bytes_mut(), span);
        }
        let outgoing = self.outbox.outgoing();
        let (frame, behind) = echo::frame(&data, outgoing.open_message(), |frame_len| {
            outgoing.header_len(frame_len) <= span.start
        });
        self.wrap(frame, 0, span, behind)
    }

    /// Stages our Close; without its reason, if there is no room for that. Data that was answered
    /// before is lost.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or no buffer has room for it.
    pub fn stage_close(&mut self, close: Close<'_>) -> Result<(), Error> {
        self.outbox.check()?;
        let close = if self.fits(close.len()) { close } else { close.without_reason() };
        match self.room() {
            Some((room, outbox)) => outbox.stage_elsewhere(|stage| stage.close(close, room)),
            None => self.outbox.stage_close(close),
        }
    }

    /// Begins a message of one frame of `len` bytes: see [`Outbox::begin_sized`]. Data that was
    /// answered before is lost.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or no buffer has room for a header.
    pub fn begin_sized(&mut self, kind: Kind, len: u64) -> Result<(), Error> {
        self.check()?;
        match self.room() {
            Some((room, outbox)) => outbox.stage_elsewhere(|stage| stage.sized(kind, len, room)),
            None => self.outbox.begin_sized(kind, len),
        }
    }

    /// Stages more of the open frame: see [`Outbox::stage_more`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stage_more(&mut self, fill: impl FnOnce(&mut [u8]) -> usize) -> Result<(), Error> {
        if self.has_output() {
            return Err(Full.into());
        }
        match self.room() {
            Some((room, outbox)) => outbox.stage_elsewhere(|stage| stage.more(room, fill)),
            None => self.outbox.stage_more(fill),
        }
    }

    /// How many bytes of an open frame are still to be staged; 0 between frames.
    pub const fn frame_left(&self) -> u64 {
        self.outbox.frame_left()
    }

    /// Begins a frame whose payload the caller writes itself: see [`Outbox::begin_lent`].
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or `tx` cannot hold a header.
    pub fn begin_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<(), Error> {
        self.check()?;
        self.outbox.begin_lent(kind, payload)
    }

    /// All of the payload that [`begin_lent`](Self::begin_lent) announced has been written.
    pub const fn lent_written(&mut self) {
        self.outbox.lent_written();
    }

    /// Whether a message, or a part of one, may be staged.
    fn check(&self) -> Result<(), Error> {
        self.outbox.check()?;
        // The answer to the peer's Close is the last that is said.
        if self.incoming.is_closed() { Err(Misuse::Closed.into()) } else { Ok(()) }
    }

    /// A Ping is answered where it lies; only a client in the middle of a message may lack the room
    /// for its longer header, and stages the Pong.
    fn answer_ping(&mut self, payload: Span) -> Result<(), Error> {
        let floor = self.inbox.floor();
        match self.wrap(Frame::Pong, floor, payload, 0) {
            Err(Error::Full(_)) if R::SIDE == Side::Client => {
                self.outbox.stage(Frame::Pong, payload.of(self.inbox.bytes())).map(drop)
            }
            result => result,
        }
    }

    /// The answer to a Close takes the place of its header and code, so that its reason remains.
    fn answer_close(&mut self, reason: Span) -> Result<(), Error> {
        self.inbox.keep_reason(reason);
        #[cfg(feature = "defmt")]
        defmt::debug!("websocket: the peer closes, {}", self.incoming.closed());
        self.stage_owed_close(reason.start)
    }

    /// The Close that answers a violation takes the place of what cannot be read any more.
    fn answer_violation(&mut self) -> Result<(), Error> {
        self.inbox.clear();
        self.stage_owed_close(self.inbox.bytes().len())
    }

    /// Stages the Close that is owed, if one still is, so that it ends at `end` of the inbox.
    fn stage_owed_close(&mut self, end: usize) -> Result<(), Error> {
        let Some(close) = self.close_owed() else { return Ok(()) };
        let room = self.inbox.bytes_mut().get_mut(..end).unwrap_or_default();
        self.outbox.stage_elsewhere(|stage| stage.close(close, room))
    }

    fn close_owed(&self) -> Option<Close<'static>> {
        if self.outbox.outgoing().is_closed() { None } else { self.incoming.close_owed() }
    }

    fn wrap(
        &mut self,
        frame: Frame,
        floor: usize,
        payload: Span,
        behind: u64,
    ) -> Result<(), Error> {
        self.outbox.stage_echo(frame, self.inbox.bytes_mut(), floor, payload, behind)
    }

    /// The inbox's free memory, if it is larger than the outbox, and the outbox.
    fn room(&mut self) -> Option<(&mut [u8], &mut Outbox<R, Tx>)> {
        let room = self.inbox.free_front();
        let is_larger = room.len() > self.outbox.capacity();
        is_larger.then_some((room, &mut self.outbox))
    }
}
