//! What leaves: messages become frames.

use std::io::Write;

use ws_core::connection::{Frame, Outgoing as Rules, Owed};
use ws_core::frame::{Close, Kind, MAX_CONTROL, MAX_HEADER};
use ws_core::{Misuse, Role};

use super::Error;
use super::deflating::Deflating;
use crate::actor::{Compress, Outgoing};

/// Messages above this leave in fragments of it: between them a Pong can leave, too.
pub(super) const FRAGMENT: usize = 256 * 1024;

/// How much is masked, and written, at once.
const AT_ONCE: usize = 64 * 1024;

/// How the payload of a message lies in its frames.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Deflated,
}

/// The sending side of a connection, without the stream.
pub(super) struct Outlet<R> {
    outgoing: Rules<R>,
    /// What compresses messages, if that was agreed on.
    deflating: Option<Deflating>,
    /// Where frames are made: a small one whole, so that it leaves in one write.
    staged: Vec<u8>,
    /// A write failed inside a frame: nothing that makes sense can follow.
    broken: bool,
}

impl<R: Role> Outlet<R> {
    pub(super) const fn new(role: R, deflating: Option<Deflating>) -> Self {
        Self { outgoing: Rules::new(role), deflating, staged: Vec::new(), broken: false }
    }

    /// Whether our Close has left.
    pub(super) const fn is_closed(&self) -> bool {
        self.outgoing.is_closed()
    }

    /// Sends a message; `between` is called where a control frame can leave.
    pub(super) fn send_message<W: Write>(
        &mut self,
        to: &mut W,
        Outgoing { message, compress, .. }: Outgoing<'_>,
        mut between: impl FnMut(&mut Self, &mut W) -> Result<(), Error>,
    ) -> Result<(), Error> {
        between(self, to)?;
        let (kind, payload) = (message.kind(), message.bytes());
        let Some(deflated) = self.deflate(payload, compress) else {
            return self.send_frames(to, kind, payload, Form::Plain, between);
        };
        let result = self.send_frames(to, kind, &deflated, Form::Deflated, between);
        if let Some(deflating) = &mut self.deflating {
            deflating.put_back(deflated);
        }
        result
    }

    /// A message that cannot be sent now is not compressed: those behind it would refer to it.
    fn deflate(&mut self, payload: &[u8], compress: Compress) -> Option<Vec<u8>> {
        if self.broken || self.is_closed() || self.outgoing.open_message().is_some() {
            return None;
        }
        self.deflating.as_mut()?.deflate(payload, compress)
    }

    fn send_frames<W: Write>(
        &mut self,
        to: &mut W,
        kind: Kind,
        payload: &[u8],
        form: Form,
        mut between: impl FnMut(&mut Self, &mut W) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut rest = payload;
        while let Some((part, behind)) =
            rest.split_at_checked(FRAGMENT).filter(|(_, b)| !b.is_empty())
        {
            self.send_frame(to, Frame::Part(kind), part, form)?;
            between(self, to)?;
            rest = behind;
        }
        let last =
            if rest.len() == payload.len() { Frame::Message(kind) } else { Frame::LastPart(kind) };
        self.send_frame(to, last, rest, form)
    }

    /// Sends a frame.
    pub(super) fn send(
        &mut self,
        to: &mut impl Write,
        frame: Frame,
        payload: &[u8],
    ) -> Result<(), Error> {
        self.send_frame(to, frame, payload, Form::Plain)
    }

    /// Large payloads are masked piece by piece: no second copy of them is made.
    fn send_frame(
        &mut self,
        to: &mut impl Write,
        frame: Frame,
        payload: &[u8],
        form: Form,
    ) -> Result<(), Error> {
        self.check()?;
        let len = payload.len() as u64;
        let prefix = match form {
            Form::Plain => self.outgoing.prefix(frame, len)?,
            Form::Deflated => self.outgoing.prefix_compressed(frame, len)?,
        };
        let (front, rest) = payload.split_at_checked(AT_ONCE).unwrap_or((payload, &[]));
        self.staged.clear();
        self.staged.extend_from_slice(prefix.header.as_slice());
        let header = self.staged.len();
        self.staged.extend_from_slice(front);
        self.broken = true;
        if let Some(mut mask) = prefix.mask {
            mask.apply(self.staged.get_mut(header..).unwrap_or_default());
            to.write_all(&self.staged)?;
            for piece in rest.chunks(AT_ONCE) {
                self.staged.clear();
                self.staged.extend_from_slice(piece);
                mask.apply(&mut self.staged);
                to.write_all(&self.staged)?;
            }
        } else {
            to.write_all(&self.staged)?;
            to.write_all(rest)?;
        }
        to.flush()?;
        self.broken = false;
        Ok(())
    }

    /// Sends our Close, which begins the closing handshake or ends it.
    pub(super) fn close(&mut self, to: &mut impl Write, close: Close<'_>) -> Result<(), Error> {
        self.check()?;
        let mut frame = [0; MAX_HEADER + MAX_CONTROL];
        let len = self.outgoing.write_close(close, &mut frame)?;
        self.write(to, frame.get(..len).unwrap_or_default())
    }

    /// Sends what is owed, unless our Close has made it pointless.
    pub(super) fn pay(&mut self, to: &mut impl Write, owed: &Owed) -> Result<(), Error> {
        self.check()?;
        let mut frame = [0; MAX_HEADER + MAX_CONTROL];
        let len = self.outgoing.write_owed(owed, &mut frame)?;
        self.write(to, frame.get(..len).unwrap_or_default())
    }

    fn write(&mut self, to: &mut impl Write, bytes: &[u8]) -> Result<(), Error> {
        self.broken = true;
        to.write_all(bytes)?;
        to.flush()?;
        self.broken = false;
        Ok(())
    }

    const fn check(&self) -> Result<(), Misuse> {
        if self.broken { Err(Misuse::Poisoned) } else { Ok(()) }
    }
}
