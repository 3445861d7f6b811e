//! The reading half.

use crate::decoder::{Decoded, Decoder, Event, Room, Side};
#[cfg(feature = "deflate")]
use crate::error::Rule;
use crate::error::Violation;
use crate::frame::{Close, CloseCode, Kind};
use crate::span::Span;

/// What arrives: the decoder, and what a Close frame changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Incoming {
    decoder: Decoder,
    /// The peer's Close frame, once it has arrived: its code, or none if it was empty.
    closed: Option<Option<CloseCode>>,
}

/// Where the input stands: what the deadline for an unfinished message asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Progress {
    /// Between messages, and nothing has arrived that is not done with.
    Resting,
    /// Inside a message or a frame.
    Unfinished,
}

impl Incoming {
    /// What `side` receives, from the first byte after the opening handshake.
    pub const fn new(side: Side) -> Self {
        Self::from_decoder(Decoder::new(side))
    }

    /// The same with a decoder that has been told its limits.
    pub const fn from_decoder(decoder: Decoder) -> Self {
        Self { decoder, closed: None }
    }

    /// Takes the next bytes from the peer: see [`Decoder::decode`].
    ///
    /// After the peer's Close everything is consumed and nothing comes of it: "a peer discards any
    /// further data received" (RFC 6455 section 1.4).
    ///
    /// # Errors
    ///
    /// The rule that the peer broke, then the same one for ever.
    #[inline]
    pub fn receive(&mut self, bytes: &mut [u8]) -> Result<Decoded, Violation> {
        if self.closed.is_some() {
            return Ok(Decoded { consumed: bytes.len(), event: None });
        }
        let decoded = self.decoder.decode(bytes)?;
        self.see(decoded)
    }

    /// The message at the front of the bytes, if it is whole and can go the [short
    /// way](Decoder::whole), for a caller who puts messages together in so much room.
    #[inline]
    pub(crate) fn receive_whole(
        &mut self,
        bytes: &mut [u8],
        room: Room,
    ) -> Option<Result<(Kind, Span), Violation>> {
        if self.closed.is_some() { None } else { self.decoder.whole(bytes, room) }
    }

    /// Whatever else is at the front of the bytes, for such a caller.
    #[inline]
    pub(crate) fn receive_step_by_step(
        &mut self,
        bytes: &mut [u8],
        room: Room,
    ) -> Result<Decoded, Violation> {
        if self.closed.is_some() {
            return Ok(Decoded { consumed: bytes.len(), event: None });
        }
        let decoded = self.decoder.decode_step_by_step(bytes, room)?;
        self.see(decoded)
    }

    #[inline]
    fn see(&mut self, decoded: Decoded) -> Result<Decoded, Violation> {
        if let Some(Event::Close { code, .. }) = decoded.event {
            self.closed = Some(code);
        }
        Ok(decoded)
    }

    /// Ends the connection for what was found in a payload: see [`Decoder::refuse`].
    #[cfg(feature = "deflate")]
    pub fn refuse(&mut self, rule: Rule) -> Violation {
        self.decoder.refuse(rule)
    }

    /// Whether the peer's Close has arrived.
    pub const fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// The peer's Close frame, once it has arrived: its code, or none if it was empty.
    pub const fn closed(&self) -> Option<Option<CloseCode>> {
        self.closed
    }

    /// The decoder.
    pub const fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Where the input stands, if `left` bytes have been received and not consumed.
    pub const fn progress(&self, left: usize) -> Progress {
        if left > 0 || self.decoder.open_message().is_some() {
            Progress::Unfinished
        } else {
            Progress::Resting
        }
    }

    /// The Close frame that what arrived asks for, whether or not it has been sent.
    pub fn close_owed(&self) -> Option<Close<'static>> {
        if let Some(violation) = self.decoder.violation() {
            let reason = if cfg!(feature = "reasons") { violation.rule.text() } else { "" };
            return Some(Close::short(violation.rule.close_code(), reason));
        }
        // "When sending a Close frame in response, the endpoint typically echos the status code
        // it received" (section 5.5.1); an empty one is answered with an empty one.
        self.closed.map(|code| code.map_or(Close::EMPTY, |code| Close::short(code, "")))
    }

    pub(crate) const fn side(&self) -> Side {
        self.decoder.side()
    }

    /// Whether part of a message has been delivered, and its end has not.
    pub(crate) const fn is_mid_message(&self) -> bool {
        self.decoder.is_mid_message()
    }

    /// Whether there is nothing to tell before more bytes have arrived.
    pub(crate) const fn is_between_frames(&self) -> bool {
        self.decoder.is_between_frames()
    }

    /// Whether a data frame has begun and not ended.
    pub(crate) const fn is_mid_frame(&self) -> bool {
        self.decoder.is_mid_frame()
    }
}
