//! Compression of one connection: what was agreed on, and what it keeps for it.

use std::sync::Arc;

use ws_core::connection::{Frame, Incoming, Prefix};
use ws_core::handshake::{Agreement, Takeover, WindowBits};
use ws_core::{Decoder, Misuse, Side};

use super::Wire;
use super::outbox::{Bytes, Class, Item};
use crate::actor::{Encoded, Key};
use crate::deflate::{self, Compressor, Inflater};
use crate::desk::Desk;

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

    /// The window of those for whom messages are compressed once for all.
    pub(crate) fn deflates_to(&self) -> Option<WindowBits> {
        self.agreed.map(|agreed| agreed.server.window)
    }

    /// Compresses a message, if that is worth the trouble.
    pub(super) fn deflate(&mut self, desk: &mut Desk, payload: &[u8]) -> Option<(Vec<u8>, Form)> {
        let flow = self.agreed?.server;
        let settings = desk.config.compression?;
        if payload.len() < settings.threshold {
            return None;
        }
        let mut scratch = std::mem::take(&mut desk.deflate.scratch);
        let (compressor, form) = match flow.takeover {
            Takeover::Forget => (desk.deflate.compressor(&settings, flow.window)?, Form::Deflated),
            Takeover::Keep => (self.own_compressor(desk, flow.window)?, Form::Chained),
        };
        let is_done = compressor.compress(std::iter::once(payload), &mut scratch);
        // What was compressed into the history must be sent like that.
        if is_done && (form == Form::Chained || scratch.len() < payload.len()) {
            return Some((scratch, form));
        }
        if form == Form::Chained {
            compressor.reset();
        }
        desk.deflate.put_scratch(scratch);
        None
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
