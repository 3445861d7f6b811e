//! What a socket does while its program waits for a message.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use ws_core::connection::{Due, Expired, Frame, Owed};
use ws_core::frame::Close;
use ws_core::{Role, Take};

use super::super::inlet::Arrival;
use super::super::leaving::{self, LINGER};
use super::super::transport::positive;
use super::super::{By, Ended, Error, is_timeout};
use super::WebSocket;

impl<S: Read + Write, R: Role> WebSocket<S, R> {
    /// Waits for a message or a part of one, and does meanwhile what is due and what is owed.
    pub(super) fn wait(&mut self, take: Take) -> Result<Option<Arrival>, Error> {
        if self.over && self.ended.is_some() {
            return Ok(None);
        }
        let give_up = self.read_timeout.map(|timeout| Instant::now() + timeout);
        self.clocks.resume();
        let result = self.advance(take, give_up);
        self.clocks.pause();
        result
    }

    fn advance(&mut self, take: Take, give_up: Option<Instant>) -> Result<Option<Arrival>, Error> {
        loop {
            match self.inlet.next(take, &mut self.clocks) {
                Ok(data @ (Arrival::Message(_) | Arrival::Piece(_))) => return Ok(Some(data)),
                Ok(Arrival::Owed(owed)) => {
                    // A peer that takes no Pong may have said why: reading on tells.
                    let _ = self.outlet.pay(&mut self.stream, &owed);
                }
                Ok(Arrival::Close(code, text)) => {
                    let by = if self.outlet.is_closed() { By::Us } else { By::Peer };
                    self.ended = Some(Ended { by, code, text });
                    self.pay_close();
                    self.leave();
                    return Ok(None);
                }
                Ok(Arrival::Nothing) => self.fill(give_up)?,
                Err(error) => {
                    if matches!(error, Error::Violation(_)) {
                        self.pay_close();
                        self.leave();
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Reads, for as long as may be.
    fn fill(&mut self, give_up: Option<Instant>) -> Result<(), Error> {
        let due = self.clocks.until_due();
        // Deadlines judge after reading: what has arrived while nobody looked counts.
        if due == Some(Duration::ZERO) && std::mem::replace(&mut self.warned, true) {
            self.warned = false;
            return self.tick();
        }
        let left = give_up.map(|moment| moment.saturating_duration_since(Instant::now()));
        self.tell_timeout([due, left].into_iter().flatten().min())?;
        match self.stream.read(self.inlet.space()) {
            Ok(0) => Err(Error::Ended),
            Ok(len) => {
                self.inlet.filled(len);
                self.clocks.read(self.inlet.incoming().progress(self.inlet.unread()));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) if is_timeout(&error) => {
                self.warned = false;
                self.tick()?;
                let patient =
                    self.control.is_some() && give_up.is_none_or(|moment| Instant::now() < moment);
                if patient { Ok(()) } else { Err(Error::TimedOut) }
            }
            // TLS: the stream was cut without a word.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Error::Ended),
            Err(error) => Err(error.into()),
        }
    }

    /// Does what is due.
    fn tick(&mut self) -> Result<(), Error> {
        while let Some(due) = self.clocks.due() {
            match due {
                Due::Ping(nonce) => {
                    self.outlet.send(&mut self.stream, Frame::Ping, &nonce)?;
                    self.clocks.ping_left();
                }
                Due::Expired(expired) => return Err(self.expire(expired)),
            }
        }
        Ok(())
    }

    fn expire(&mut self, expired: Expired) -> Error {
        if let Some(code) = expired.close_code() {
            self.limit_writing();
            let _ = self.outlet.close(&mut self.stream, Close::new(code, expired.text()));
        }
        if let Some(control) = &self.control {
            // Fails if the peer was faster.
            let _ = control.shutdown(Shutdown::Both);
        }
        expired.into()
    }

    /// Sends the Close that is owed, if ours has not left. Its failure is no news: the peer is gone
    /// or has said what it had to say.
    fn pay_close(&mut self) {
        if let Some(close) = self.inlet.incoming().close_owed() {
            self.limit_writing();
            let _ = self.outlet.pay(&mut self.stream, &Owed::Close(close));
        }
    }

    /// Without controls there is no deadline, so that the end is left to the drop.
    fn leave(&mut self) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        if let Some(control) = &self.control {
            let until = Instant::now() + self.clocks.close_within();
            leaving::leave::<R>(&mut self.stream, &**control, until);
        }
    }

    fn limit_writing(&self) {
        if let Some(control) = &self.control {
            let _ = control.set_write_timeout(Some(LINGER));
        }
    }

    fn tell_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(positive);
        if let Some(control) = &self.control
            && self.told_timeout != timeout
        {
            control.set_read_timeout(timeout)?;
            self.told_timeout = timeout;
        }
        Ok(())
    }
}
