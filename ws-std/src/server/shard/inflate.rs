//! Compressed messages, as they arrive.

use ws_core::Chunk;
use ws_core::deflate::Then;

use super::slot::{Panicked, Slot};
use crate::actor::Handler;
use crate::deflate::Inflater;
use crate::desk::Desk;
use crate::server::engine::Engine;

impl<H: Handler> Slot<H> {
    /// Tells the handler what a compressed chunk inflates to, piece by piece, as if it had come so.
    pub(super) fn inflate(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        chunk: &Chunk,
        payload: &[u8],
    ) -> Result<(), Panicked> {
        let Some(mut inflater) = self.wire.take_inflater(desk) else { return Ok(()) };
        let told = self.inflate_with(&mut inflater, key, engine, desk, chunk, payload);
        self.wire.put_inflater(desk, inflater);
        told
    }

    fn inflate_with(
        &mut self,
        inflater: &mut Inflater,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        chunk: &Chunk,
        mut payload: &[u8],
    ) -> Result<(), Panicked> {
        let max_message = desk.config.limits.message as u64;
        let mut part = *chunk;
        part.compressed = false;
        loop {
            let inflated = match inflater.inflate(chunk, payload) {
                Ok(inflated) => inflated,
                Err(rule) => {
                    let violation = self.wire.ws.incoming.refuse(rule);
                    self.violated(desk, violation);
                    return Ok(());
                }
            };
            payload = payload.get(inflated.consumed..).unwrap_or_default();
            (part.begins, part.ends) = (inflated.begins, inflated.then == Then::Ended);
            // As much again may come, as far as anybody knows: so memory is taken in few steps.
            let more = inflater.made().min(max_message.saturating_sub(inflater.made()));
            part.frame_left = if part.ends { 0 } else { more };
            let piece = inflater.bytes(inflated.piece);
            if part.ends || !piece.is_empty() {
                self.told(key, engine, desk, &part, piece)?;
            }
            if inflated.then != Then::Again || self.is_deaf() {
                return Ok(());
            }
        }
    }
}
