//! Compressed messages, as they arrive.

use ws_core::Chunk;
use ws_core::deflate::{Inflated, Then};
use ws_core::frame::CloseCode;

use super::slot::{Panicked, Slot};
use crate::actor::Handler;
use crate::deflate::Inflater;
use crate::desk::Desk;
use crate::meters::Meters;
use crate::server::engine::Engine;
use crate::wire::Squeezed;

impl<H: Handler> Slot<H> {
    /// Tells the handler what a compressed chunk inflates to, piece by piece, as if it had come so:
    /// not more than is a connection's share of a turn, nor than the handler will hear now.
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

    /// Goes on with what was not inflated to its end, unless the connection has been closed meanwhile.
    pub(super) fn inflate_more(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
    ) -> Result<(), Panicked> {
        let Some(Squeezed { chunk, rest }) = self.wire.take_squeezed() else { return Ok(()) };
        if self.is_deaf() {
            return Ok(());
        }
        self.inflate(key, engine, desk, &chunk, &rest)
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
            let piece = inflater.bytes(inflated.piece);
            if !self.admits_inflated(desk, inflated.consumed, piece.len()) {
                return Ok(());
            }
            let part = part(chunk, inflated, inflater.made(), desk.config.limits.message as u64);
            if part.ends || !piece.is_empty() {
                self.told(key, engine, desk, &part, piece)?;
            }
            if inflated.then != Then::Again || self.is_deaf() {
                return Ok(());
            }
            if desk.deflate.has_had_share() || self.wire.is_paused() || self.has_said_enough(desk) {
                self.wire.keep_squeezed(*chunk, payload);
                return Ok(());
            }
        }
    }

    /// Whether what was inflated is within the rate of bytes, which were counted as they arrived; if
    /// not, that was the last.
    fn admits_inflated(&mut self, desk: &mut Desk, taken: usize, made: usize) -> bool {
        desk.deflate.has_inflated(made);
        let more = made.saturating_sub(taken);
        let within = |meters: &mut Meters| meters.bytes(&desk.config.limits, more, desk.now);
        let is_within = self.wire.meters().is_none_or(within);
        if !is_within {
            self.refuse(desk, CloseCode::POLICY, "too many bytes");
        }
        is_within
    }
}

/// What was inflated, as a chunk that is not compressed.
fn part(chunk: &Chunk, inflated: Inflated, made: u64, max_message: u64) -> Chunk {
    let ends = inflated.then == Then::Ended;
    // As much again may come, as far as anybody knows: so memory is taken in few steps.
    let more = made.min(max_message.saturating_sub(made));
    let mut part = *chunk;
    (part.compressed, part.begins, part.ends) = (false, inflated.begins, ends);
    part.frame_left = if ends { 0 } else { more };
    part
}
