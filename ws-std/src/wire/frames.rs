//! Data frames: onto the desk, behind what waits, or written from where they lie.

use std::io::IoSlice;
use std::sync::Arc;

use ws_core::connection::Frame;
use ws_core::frame::{HeaderBytes, Kind, MAX_HEADER};

use super::Wire;
use super::deflate::Form;
use super::outbox::{Bytes, Class, Item};
use crate::actor::Key;
use crate::desk::{COPIED, CORK, Desk};

impl Wire {
    /// A message: in one frame onto the desk, or behind what waits, unless it is large.
    pub(super) fn put_whole(
        &mut self,
        desk: &mut Desk,
        kind: Kind,
        payload: &[u8],
        form: Form,
        key: Option<&Arc<Key>>,
    ) {
        let fragment = desk.config.limits.fragment.max(1);
        if payload.len() <= fragment.min(COPIED) {
            self.put(desk, Frame::Message(kind), payload, |bytes| form.item(bytes, key), form);
        } else {
            self.put_large(desk, kind, payload, form, key);
        }
    }

    /// A data frame: onto the desk, or behind what waits.
    pub(super) fn put(
        &mut self,
        desk: &mut Desk,
        frame: Frame,
        payload: &[u8],
        make: impl FnOnce(Bytes) -> Item,
        form: Form,
    ) {
        let Ok(prefix) = self.prefix(frame, form, payload.len()) else { return };
        let header = prefix.header.as_slice();
        if desk.cork.len() + header.len() + payload.len() > CORK {
            self.uncork(desk);
        }
        if self.is_backed_up() {
            let outbox = self.outbox(desk);
            outbox.add(make(Bytes::Own(join(header, payload))));
        } else {
            desk.cork.extend_from_slice(header);
            desk.cork.extend_from_slice(payload);
        }
    }

    /// A large message, in as many frames as it takes: written from where it lies, with what lies
    /// on the desk in front of it; what the socket does not take is copied.
    fn put_large(
        &mut self,
        desk: &mut Desk,
        kind: Kind,
        payload: &[u8],
        form: Form,
        key: Option<&Arc<Key>>,
    ) {
        let fragment = desk.config.limits.fragment.max(1);
        let mut frames = vec![];
        let mut rest = payload;
        while rest.len() > fragment {
            let (front, back) = rest.split_at(fragment);
            frames.extend(self.frame(Frame::Part(kind), form, front));
            rest = back;
        }
        let is_one_frame = frames.is_empty();
        let last = Frame::Message(kind);
        let last = if is_one_frame { last } else { last.rest() };
        frames.extend(self.frame(last, form, rest));

        let mut taken = 0;
        if !self.is_backed_up() {
            let cork = std::mem::take(&mut desk.cork);
            let mut pieces = vec![IoSlice::new(&cork)];
            for (header, payload) in &frames {
                pieces.extend([IoSlice::new(header.as_slice()), IoSlice::new(payload)]);
            }
            let count = self.transmit(desk, &pieces);
            self.keep_rest(desk, &cork, count);
            taken = count.saturating_sub(cork.len());
            desk.clear_cork(cork);
        }
        for (header, payload) in frames {
            let header = header.as_slice();
            let here = taken.min(header.len() + payload.len());
            taken -= here;
            if here == header.len() + payload.len() {
                continue;
            }
            let payload = payload.get(here.saturating_sub(header.len())..).unwrap_or_default();
            let rest = Bytes::Own(join(header.get(here..).unwrap_or_default(), payload));
            let item = match (here, is_one_frame) {
                (0, true) => form.item(rest, key),
                (0, false) => Item::new(rest, Class::Fragment),
                _ => Item::new(rest, Class::Started),
            };
            self.outbox(desk).add(item);
        }
    }

    fn frame<'p>(
        &mut self,
        frame: Frame,
        form: Form,
        payload: &'p [u8],
    ) -> Option<(HeaderBytes, &'p [u8])> {
        let prefix = self.prefix(frame, form, payload.len()).ok()?;
        Some((prefix.header, payload))
    }
}

fn join(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(MAX_HEADER + payload.len());
    frame.extend_from_slice(header);
    frame.extend_from_slice(payload);
    frame
}
