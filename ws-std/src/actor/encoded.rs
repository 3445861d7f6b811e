//! A message as it goes to any number of peers: encoded once.

use std::fmt;
use std::sync::Arc;

use ws_core::frame::{Header, Kind, MAX_HEADER, Opcode, Reserved};

use super::{Key, Message, Outgoing};
use crate::server::Overflow;

/// The frames of a message from a server, cheap to clone: a server does not mask, so they are the
/// same for every peer.
#[derive(Clone)]
pub(crate) struct Encoded {
    pub(crate) kind: Kind,
    /// The frame, or the first of several.
    first: Arc<[u8]>,
    more: Vec<Arc<[u8]>>,
    /// What it is the value of, where only the newest counts.
    key: Option<Arc<Key>>,
}

impl Encoded {
    /// A message in frames of at most so many bytes of payload.
    pub(crate) fn new(message: Message<'_>, fragment: usize) -> Self {
        let kind = message.kind();
        let mut payload = message.bytes();
        let mut frames = vec![];
        let mut opcode = Opcode::from(kind);
        while payload.len() > fragment {
            let (front, rest) = payload.split_at(fragment.max(1));
            frames.push(frame(opcode, Fin::More, front));
            (opcode, payload) = (Opcode::Continuation, rest);
        }
        let last = frame(opcode, Fin::Last, payload);
        if frames.is_empty() {
            return Self { kind, first: last, more: frames, key: None };
        }
        frames.push(last);
        Self { kind, first: frames.remove(0), more: frames, key: None }
    }

    /// The same, with its key, if keys count for anything under this policy: for this room, or for
    /// one connection.
    pub(crate) fn of(
        outgoing: Outgoing<'_>,
        fragment: usize,
        room: Option<&Arc<str>>,
        overflow: Overflow,
    ) -> Self {
        Self::new(outgoing.message, fragment).keyed(Key::of(room, outgoing.key, overflow))
    }

    /// The same as the value of a key.
    pub(crate) fn keyed(self, key: Option<Arc<Key>>) -> Self {
        Self { key, ..self }
    }

    /// What it is the value of, where only the newest counts.
    pub(crate) const fn key(&self) -> Option<&Arc<Key>> {
        self.key.as_ref()
    }

    /// The frames, in order.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Whether one frame is all of it.
    pub(crate) const fn is_one_frame(&self) -> bool {
        self.more.is_empty()
    }

    /// How many bytes it is on the wire.
    pub(crate) fn len(&self) -> usize {
        self.frames().map(|frame| frame.len()).sum()
    }

    /// The same with its key.
    pub(crate) fn weight(&self) -> usize {
        self.len() + self.key.as_ref().map_or(0, |key| key.weight())
    }
}

#[derive(PartialEq, Eq)]
enum Fin {
    More,
    Last,
}

fn frame(opcode: Opcode, fin: Fin, payload: &[u8]) -> Arc<[u8]> {
    let header = Header {
        fin: fin == Fin::Last,
        reserved: Reserved::NONE,
        opcode,
        mask: None,
        len: payload.len() as u64,
    };
    let mut frame = Vec::with_capacity(MAX_HEADER + payload.len());
    frame.extend_from_slice(header.encode().as_slice());
    frame.extend_from_slice(payload);
    frame.into()
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ws_core::assembly::Assembly;
    use ws_core::{Decoder, Event, Side};

    /// FRAG-04
    #[test]
    fn a_large_message_is_several_frames_that_say_the_same() {
        let payload: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for fragment in [0, 1, 7, 999, 1000, 1001] {
            let encoded = Encoded::new(Message::from(&payload), fragment);
            assert_eq!(encoded.is_one_frame(), fragment >= 1000);
            let mut bytes: Vec<u8> = encoded.frames().flat_map(|frame| frame.to_vec()).collect();
            assert_eq!(bytes.len(), encoded.len());

            let (mut decoder, mut at) = (Decoder::new(Side::Client), 0);
            let mut assembly = Assembly::new(vec![]);
            let mut whole = None;
            while at < bytes.len() {
                let decoded = decoder.decode(&mut bytes[at..]).unwrap();
                let Some(Event::Chunk(chunk)) = decoded.event else { panic!("only data") };
                let message = assembly.add(&chunk, chunk.span.of(&bytes[at..])).unwrap();
                whole = message.map(<[u8]>::to_vec);
                at += decoded.consumed;
            }
            assert_eq!(whole.as_deref(), Some(&payload[..]), "in frames of {fragment}");
        }
    }
}
