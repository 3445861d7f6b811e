//! What was agreed on about compression: messages that are compressed come as they are, to be inflated.

#[cfg(feature = "deflate")]
use super::{Endpoint, Inlet};
#[cfg(feature = "deflate")]
use crate::connection::Incoming;
#[cfg(feature = "deflate")]
use crate::decoder::Side;
#[cfg(feature = "deflate")]
use crate::error::Rule;
#[cfg(feature = "deflate")]
use crate::handshake::{Agreement, Flow};
#[cfg(feature = "deflate")]
use crate::role::Role;

/// How the peer compresses what it sends, if that was agreed on.
#[derive(Clone, Copy, Default)]
pub(super) struct Deflated {
    #[cfg(feature = "deflate")]
    flow: Option<Flow>,
}

#[cfg(feature = "deflate")]
impl<R: Role, Rx, Tx> Endpoint<R, Rx, Tx> {
    /// The same where messages may be compressed, by what was agreed on in the handshake.
    #[must_use]
    pub fn with_deflate(mut self, agreement: Agreement) -> Self {
        let decoder = self.incoming.decoder().clone().with_compressed_messages();
        self.incoming = Incoming::from_decoder(decoder);
        self.deflated.flow = Some(match R::SIDE {
            Side::Server => agreement.client,
            Side::Client => agreement.server,
        });
        self
    }
}

#[cfg(feature = "deflate")]
impl<R, Rx, Tx> Endpoint<R, Rx, Tx> {
    /// How the peer compresses what it sends, if that was agreed on.
    pub const fn deflated(&self) -> Option<Flow> {
        self.deflated.flow
    }

    /// Ends the connection for what was found in a message when it was inflated: the next
    /// [`poll`](Self::poll) stages the Close that says so.
    pub fn refuse(&mut self, rule: Rule) {
        self.incoming.refuse(rule);
    }
}

#[cfg(feature = "deflate")]
impl<B> Inlet<B> {
    /// How the peer compresses what it sends, if that was agreed on.
    pub const fn deflated(&self) -> Option<Flow> {
        self.deflated.flow
    }

    /// Ends the connection for what was found in a message when it was inflated: the next
    /// [`poll`](Self::poll) hands out the Close that says so.
    pub fn refuse(&mut self, rule: Rule) {
        self.incoming.refuse(rule);
    }
}
