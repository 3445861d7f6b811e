//! What a reader owes the peer and a writer must send.

use core::fmt;

use crate::frame::{Close, MAX_CONTROL};

/// A control frame that must be sent because of what was received: a plain `Copy` value that the
/// reading half hands to the writing half, through a channel or a mutex of the caller's choice.
///
/// Of several Pongs that wait only the latest need be kept: "If an endpoint receives a Ping frame
/// and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect
/// to send a Pong frame for only the most recently processed Ping frame" (RFC 6455 section 5.5.3).
/// [`after`](Self::after) is that rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owed {
    /// A Pong, with the Ping's payload.
    Pong {
        /// The payload, from its first byte on.
        payload: [u8; MAX_CONTROL],
        /// How long it is.
        len: u8,
    },
    /// A Close frame: the answer to the peer's, or the reason why we cannot go on.
    Close(Close<'static>),
}

impl Owed {
    /// The Pong for a Ping with this payload.
    pub fn pong(ping: &[u8]) -> Self {
        let mut payload = [0; MAX_CONTROL];
        let mut len = 0;
        for (to, from) in payload.iter_mut().zip(ping) {
            *to = *from;
            len += 1;
        }
        Self::Pong { payload, len }
    }

    /// What is owed if this comes after `waiting`: a newer Pong takes the place of an older one, a
    /// Close that of anything; nothing takes the place of a Close.
    #[must_use]
    pub fn after(self, waiting: Option<Self>) -> Self {
        match waiting {
            Some(Self::Close(close)) => Self::Close(close),
            _ => self,
        }
    }
}

/// Tells how long a Pong is, and nothing of what it says.
impl fmt::Debug for Owed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pong { len, .. } => {
                f.debug_struct("Pong").field("len", len).finish_non_exhaustive()
            }
            Self::Close(close) => f.debug_tuple("Close").field(close).finish(),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Owed {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self {
            Self::Pong { len, .. } => defmt::write!(f, "Pong {{ len: {=u8} }}", len),
            Self::Close(close) => defmt::write!(f, "Close({})", close),
        }
    }
}
