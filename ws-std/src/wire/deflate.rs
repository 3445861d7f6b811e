//! Compression of one connection: what was agreed on, and what it keeps for it.

use std::sync::Arc;

use ws_core::connection::{Frame, Incoming, Prefix};
use ws_core::frame::Reserved;
use ws_core::handshake::{Agreement, Takeover, WindowBits};
use ws_core::{Chunk, Decoder, Misuse, Side};

use super::Wire;
use super::outbox::{Bytes, Class, Item};
use super::partial::Squeezed;
use crate::actor::{Encoded, Key, Outgoing};
use crate::deflate::{self, Compressor, Inflater};
use crate::desk::Desk;
use crate::server::Overflow;

/// How the payload of a message lies in its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Compressed, by itself.
    Deflated,
    /// Compressed with what came before it: without it, what follows could not be read.
    Chained,
}

impl Form {
    /// What waits as a frame that is all of such a message. One with a history makes place for none
    /// of the same key.
    pub(super) fn item(self, bytes: Bytes, key: Option<&Arc<Key>>) -> Item {
        match self {
            Self::Plain | Self::Deflated => Item::message(bytes, key),
            Self::Chained => Item::new(bytes, Class::Chained),
        }
    }
}

impl Wire {
    /// Messages may be compressed from now on.
    pub(crate) fn agree(&mut self, desk: &Desk, agreement: Agreement) {
        self.agreed = Some(agreement);
        let max_message = desk.config.limits.message as u64;
        let decoder = Decoder::new(Side::Server).with_max_message(max_message);
        self.ws.incoming = Incoming::from_decoder(decoder.with_compressed_messages());
    }

    /// What inflates the message that arrives: its own, or one that lay on the desk.
    pub(crate) fn take_inflater(&mut self, desk: &mut Desk) -> Option<Box<Inflater>> {
        let own = self.partial.as_mut().and_then(|partial| partial.inflater.take());
        let flow = self.agreed?.client;
        let settings = desk.config.compression?;
        let max_message = desk.config.limits.message as u64;
        own.or_else(|| match flow.takeover {
            Takeover::Forget => desk.deflate.inflater(flow, max_message, &settings),
            Takeover::Keep => deflate::inflater(flow, max_message, &settings).ok(),
        })
    }

    /// Keeps it as long as it is needed: in the middle of a message, or for ever if messages refer to
    /// each other.
    pub(crate) fn put_inflater(&mut self, desk: &mut Desk, inflater: Box<Inflater>) {
        if inflater.is_mid_message() || inflater.flow().takeover == Takeover::Keep {
            self.partial.get_or_insert_default().inflater = Some(inflater);
        } else {
            desk.deflate.put_back(inflater);
            self.partial.take_if(|partial| partial.is_empty());
        }
    }

    /// Keeps what is not inflated to its end: it goes on with the next turn.
    pub(crate) fn keep_squeezed(&mut self, chunk: Chunk, rest: &[u8]) {
        let squeezed = Squeezed { chunk, rest: rest.to_vec() };
        self.partial.get_or_insert_default().squeezed = Some(squeezed);
    }

    /// Takes what was not inflated to its end.
    pub(crate) fn take_squeezed(&mut self) -> Option<Squeezed> {
        self.partial.as_mut()?.squeezed.take()
    }

    /// Whether something was not inflated to its end.
    pub(crate) fn is_squeezed(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| partial.squeezed.is_some())
    }

    /// The window of those for whom messages are compressed once for all.
    pub(crate) fn deflates_to(&self) -> Option<WindowBits> {
        self.agreed.map(|agreed| agreed.server.window)
    }

    /// Compresses a message, if that is worth the trouble.
    pub(super) fn deflate(
        &mut self,
        desk: &mut Desk,
        Outgoing { message, compress, .. }: Outgoing<'_>,
        overflow: Overflow,
    ) -> Option<(Vec<u8>, Form)> {
        let window = self.agreed?.server.window;
        let settings = desk.config.compression?;
        let payload = message.bytes();
        if !settings.wants(compress, payload.len()) {
            return None;
        }
        if self.chains(overflow) {
            let deflated = self.chain(desk, window, std::iter::once(payload));
            return deflated.map(|deflated| (deflated, Form::Chained));
        }
        let mut scratch = std::mem::take(&mut desk.deflate.scratch);
        let compressor = desk.deflate.compressor(&settings, window)?;
        let is_done = compressor.compress(std::iter::once(payload), &mut scratch);
        if is_done && scratch.len() < payload.len() {
            self.forget_history();
            return Some((scratch, Form::Deflated));
        }
        desk.deflate.put_scratch(scratch);
        None
    }

    /// Whether the next message is compressed with what came before it. Not for a peer who is behind
    /// if that may be dropped: it has to stand alone then.
    fn chains(&self, overflow: Overflow) -> bool {
        let may_be_dropped = match overflow {
            Overflow::Close | Overflow::DropNewest => false,
            Overflow::DropOldest | Overflow::KeepLatest => self.is_backed_up(),
        };
        let takeover = self.agreed.map(|agreed| agreed.server.takeover);
        takeover == Some(Takeover::Keep) && !may_be_dropped
    }

    /// Compresses a message with what came before it; then it must be sent like that, even if it has
    /// not become smaller: it is in the history.
    fn chain<'p>(
        &mut self,
        desk: &mut Desk,
        window: WindowBits,
        payload: impl Iterator<Item = &'p [u8]>,
    ) -> Option<Vec<u8>> {
        let mut scratch = std::mem::take(&mut desk.deflate.scratch);
        let compressor = self.own_compressor(desk, window)?;
        if compressor.compress(payload, &mut scratch) {
            return Some(scratch);
        }
        compressor.reset();
        desk.deflate.put_scratch(scratch);
        None
    }

    /// The frames of a message that others have encoded for this peer alone, compressed with what
    /// came before it, if this peer keeps that in mind.
    pub(super) fn chained(
        &mut self,
        desk: &mut Desk,
        encoded: &Encoded,
        overflow: Overflow,
    ) -> Option<Encoded> {
        let window = self.agreed?.server.window;
        if !encoded.may_be_deflated() || !self.chains(overflow) {
            return None;
        }
        let deflated = self.chain(desk, window, encoded.payload())?;
        let fragment = desk.config.limits.fragment;
        let chained = Encoded::framed(encoded.kind, &deflated, fragment, Reserved::RSV1);
        desk.deflate.put_scratch(deflated);
        Some(chained)
    }

    fn own_compressor(&mut self, desk: &Desk, window: WindowBits) -> Option<&mut Compressor> {
        let level = desk.config.compression?.level;
        let compressor = &mut self.rare_mut().compressor;
        Some(compressor.get_or_insert_with(|| Box::new(Compressor::new(level, window))))
    }

    /// The frames of a message that many share, as this peer understands them.
    pub(super) fn shared<'e>(&mut self, desk: &mut Desk, encoded: &'e Encoded) -> &'e Encoded {
        let Some(window) = self.deflates_to() else { return encoded };
        let Some(deflated) = encoded.deflated(window, desk) else { return encoded };
        self.forget_history();
        deflated
    }

    /// The peer is sent something compressed that did not pass our compressor: what is compressed
    /// next must not refer to what was before, since that lies elsewhere in the peer's window now.
    pub(crate) fn forget_history(&mut self) {
        if let Some(compressor) = self.rare.as_mut().and_then(|rare| rare.compressor.as_mut()) {
            compressor.reset();
        }
    }

    /// The header of a data frame.
    pub(super) fn prefix(
        &mut self,
        frame: Frame,
        form: Form,
        len: usize,
    ) -> Result<Prefix, Misuse> {
        match form {
            Form::Plain => self.ws.outgoing.prefix(frame, len as u64),
            Form::Deflated | Form::Chained => self.ws.outgoing.prefix_compressed(frame, len as u64),
        }
    }
}
