//! A message as it goes to any number of peers: encoded once.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ws_core::frame::{Header, Kind, MAX_HEADER, Opcode, Reserved};
use ws_core::handshake::WindowBits;

use super::{Key, Outgoing};
use crate::deflate::{self, Compression, WINDOWS};
use crate::desk::Desk;
use crate::server::{Config, Overflow};

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
    /// The same compressed, for those who understand that, once one of them asks.
    deflated: Option<Arc<Forms>>,
}

/// The compressed forms of a message: one for each size of a window.
struct Forms {
    fragment: usize,
    by_window: [OnceLock<Option<Box<Encoded>>>; WINDOWS],
}

/// How messages become frames that many share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Framing {
    /// Bytes of payload in a frame, at most.
    fragment: usize,
    /// How messages are compressed, if they are.
    compression: Option<Compression>,
}

impl Framing {
    pub(crate) fn of(config: &Config) -> Self {
        Self { fragment: config.limits.fragment, compression: config.compression }
    }
}

/// Without compression.
impl From<usize> for Framing {
    fn from(fragment: usize) -> Self {
        Self { fragment, compression: None }
    }
}

impl Encoded {
    /// A message in frames.
    pub(crate) fn new<'m>(message: impl Into<Outgoing<'m>>, framing: impl Into<Framing>) -> Self {
        let Outgoing { message, compress, .. } = message.into();
        let Framing { fragment, compression } = framing.into();
        let payload = message.bytes();
        let mut encoded = Self::framed(message.kind(), payload, fragment, Reserved::NONE);
        if compression.is_some_and(|settings| settings.wants(compress, payload.len())) {
            let by_window = std::array::from_fn(|_| OnceLock::new());
            encoded.deflated = Some(Arc::new(Forms { fragment, by_window }));
        }
        encoded
    }

    /// A payload in frames of at most so many bytes of it, the first of which has these bits set.
    pub(crate) fn framed(
        kind: Kind,
        mut payload: &[u8],
        fragment: usize,
        reserved: Reserved,
    ) -> Self {
        let mut frames = vec![];
        let (mut opcode, mut bits) = (Opcode::from(kind), reserved);
        while payload.len() > fragment {
            let (front, rest) = payload.split_at(fragment.max(1));
            frames.push(frame(opcode, Fin::More, bits, front));
            (opcode, bits, payload) = (Opcode::Continuation, Reserved::NONE, rest);
        }
        let last = frame(opcode, Fin::Last, bits, payload);
        if frames.is_empty() {
            return Self { kind, first: last, more: frames, key: None, deflated: None };
        }
        frames.push(last);
        Self { kind, first: frames.remove(0), more: frames, key: None, deflated: None }
    }

    /// The same, with its key, if keys count for anything under this policy: for this room, or for
    /// one connection.
    pub(crate) fn of(
        outgoing: Outgoing<'_>,
        framing: impl Into<Framing>,
        room: Option<&Arc<str>>,
        overflow: Overflow,
    ) -> Self {
        Self::new(outgoing, framing).keyed(Key::of(room, outgoing.key, overflow))
    }

    /// The same as the value of a key.
    pub(crate) fn keyed(self, key: Option<Arc<Key>>) -> Self {
        Self { key, ..self }
    }

    /// What it is the value of, where only the newest counts.
    pub(crate) const fn key(&self) -> Option<&Arc<Key>> {
        self.key.as_ref()
    }

    /// The same compressed for peers with such a window; none if it would not be smaller.
    ///
    /// It is compressed once, whoever asks first: those of other threads who need it at the same time
    /// wait for as long as they would have taken themselves.
    pub(crate) fn deflated(&self, window: WindowBits, desk: &mut Desk) -> Option<&Self> {
        let forms = self.deflated.as_ref()?;
        let form = forms.by_window.get(deflate::index(window))?;
        form.get_or_init(|| self.deflate(window, forms.fragment, desk).map(Box::new)).as_deref()
    }

    fn deflate(&self, window: WindowBits, fragment: usize, desk: &mut Desk) -> Option<Self> {
        let settings = desk.config.compression?;
        let mut scratch = std::mem::take(&mut desk.deflate.scratch);
        let compressor = desk.deflate.compressor(&settings, window)?;
        let is_done = compressor.compress(self.payload(), &mut scratch);
        let payload: usize = self.payload().map(<[u8]>::len).sum();
        let deflated = (is_done && scratch.len() < payload)
            .then(|| Self::framed(self.kind, &scratch, fragment, Reserved::RSV1))
            .map(|deflated| deflated.keyed(self.key.clone()));
        desk.deflate.put_scratch(scratch);
        deflated
    }

    /// What it says, in parts.
    pub(crate) fn payload(&self) -> impl Iterator<Item = &[u8]> {
        self.frames().map(|frame| {
            let header = Header::decode(frame).ok().flatten().map_or(0, |(_, len)| len);
            frame.get(header..).unwrap_or_default()
        })
    }

    /// Whether there may be a compressed form of it.
    pub(crate) const fn may_be_deflated(&self) -> bool {
        self.deflated.is_some()
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

fn frame(opcode: Opcode, fin: Fin, reserved: Reserved, payload: &[u8]) -> Arc<[u8]> {
    let header =
        Header { fin: fin == Fin::Last, reserved, opcode, mask: None, len: payload.len() as u64 };
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
            let encoded = Encoded::new(&payload, fragment);
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
