//! Messages to a room that leave together.

use std::sync::Arc;

use crate::actor::{Encoded, Key};
use crate::wire::{Bytes, Item};

/// What a member gets that keeps up: all of it in one piece.
pub(crate) enum Piece {
    /// One message, and its key if only the newest of that counts.
    Frame(Arc<[u8]>, Option<Arc<Key>>),
    Group(Arc<Group>),
}

impl Piece {
    /// These messages, that go to a room together.
    pub(super) fn of(messages: &[&Encoded]) -> Option<Self> {
        match messages {
            [only] if only.is_one_frame() => {
                let frame = only.frames().next();
                frame.map(|frame| Self::Frame(frame.clone(), only.key().cloned()))
            }
            _ => Some(Self::Group(Group::new(messages))),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Frame(frame, _) => frame,
            Self::Group(group) => group.bytes(),
        }
    }
}

/// For a member that does not take it at once.
impl From<&Piece> for Item {
    fn from(piece: &Piece) -> Self {
        match piece {
            Piece::Frame(frame, key) => Self::message(Bytes::Shared(frame.clone()), key.as_ref()),
            Piece::Group(group) => Self::message(Bytes::Group(group.clone()), None),
        }
    }
}

/// The frames of several messages to one room, one behind the other: a member that keeps up gets
/// them in one piece, and nothing is done for it but to write that.
#[derive(Debug)]
pub(crate) struct Group {
    bytes: Box<[u8]>,
    frames: Vec<Frame>,
}

/// One of them, for those members for whom the piece breaks.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Arc<[u8]>,
    /// Whether it is a message of its own.
    pub(crate) is_whole: bool,
    /// What it is the value of, if it is a message of its own and only the newest counts.
    pub(crate) key: Option<Arc<Key>>,
}

impl Group {
    pub(crate) fn new(messages: &[&Encoded]) -> Arc<Self> {
        let mut bytes = Vec::with_capacity(messages.iter().map(|encoded| encoded.len()).sum());
        let mut frames = Vec::with_capacity(messages.len());
        for encoded in messages {
            let is_whole = encoded.is_one_frame();
            for frame in encoded.frames() {
                bytes.extend_from_slice(frame);
                let key = encoded.key().filter(|_| is_whole).cloned();
                frames.push(Frame { bytes: frame.clone(), is_whole, key });
            }
        }
        Arc::new(Self { bytes: bytes.into(), frames })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What is left when so many bytes have left: the frames, and how much of the first has left.
    pub(crate) fn split(&self, mut written: usize) -> (&[Frame], usize) {
        let mut rest = &*self.frames;
        while let Some((first, behind)) = rest.split_first()
            && first.bytes.len() <= written
        {
            written -= first.bytes.len();
            rest = behind;
        }
        (rest, written)
    }
}

#[cfg(test)]
mod tests {
    use ws_core::frame::Kind;

    use super::*;
    use crate::actor::Message;

    fn encoded(messages: &[(Kind, usize)]) -> Vec<Encoded> {
        let bytes: Vec<u8> = (b'a'..=b'z').cycle().take(100).collect();
        let encode =
            |(kind, len): &(Kind, usize)| Encoded::new(Message::checked(*kind, &bytes[..*len]), 10);
        messages.iter().map(encode).collect()
    }

    /// ROOM-03
    #[test]
    fn a_group_is_its_messages_one_behind_the_other() {
        let encoded = encoded(&[(Kind::Text, 0), (Kind::Binary, 25), (Kind::Text, 10)]);
        let group = Group::new(&encoded.iter().collect::<Vec<_>>());
        let frames = encoded.iter().flat_map(Encoded::frames);
        let singly: Vec<u8> = frames.flat_map(|frame| frame.to_vec()).collect();
        assert_eq!(group.bytes(), singly);
        // The second goes in three frames.
        let (frames, written) = group.split(0);
        let whole: Vec<_> = frames.iter().map(|frame| frame.is_whole).collect();
        assert_eq!((whole, written), (vec![true, false, false, false, true], 0));
    }

    /// ROOM-03
    #[test]
    fn wherever_a_group_breaks_its_frames_are_the_rest_of_it() {
        let encoded = encoded(&[
            (Kind::Binary, 1),
            (Kind::Text, 0),
            (Kind::Binary, 31),
            (Kind::Text, 0),
            (Kind::Text, 7),
        ]);
        let group = Group::new(&encoded.iter().collect::<Vec<_>>());
        let (all, _) = group.split(0);
        for at in 0..group.bytes().len() {
            let (frames, written) = group.split(at);
            let rest: Vec<u8> = frames.iter().flat_map(|frame| frame.bytes.to_vec()).collect();
            assert_eq!(&rest[written..], &group.bytes()[at..], "at {at}");
            assert!(written < frames[0].bytes.len(), "the first has something left, at {at}");
            let behind = &all[all.len() - frames.len()..];
            let same = frames.iter().zip(behind).all(|(a, b)| a.is_whole == b.is_whole);
            assert!(same, "at {at}");
        }
        let (frames, written) = group.split(group.bytes().len());
        assert!(frames.is_empty() && written == 0);
    }
}
