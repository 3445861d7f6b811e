//! Messages to a room that leave together.

use std::sync::Arc;

use ws_core::frame::Kind;

use super::Post;

/// The frames of several messages to one room, one behind the other: a member that keeps up gets
/// them in one piece, and nothing is done for it but to write that.
#[derive(Debug)]
pub(crate) struct Group {
    bytes: Box<[u8]>,
    /// What the messages are.
    kinds: Vec<Kind>,
    frames: Vec<Frame>,
}

/// One of them, for those members for whom the piece breaks.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Arc<[u8]>,
    /// Whether it is a message of its own.
    pub(crate) is_whole: bool,
}

impl Group {
    pub(crate) fn new(posts: &[Post]) -> Arc<Self> {
        let mut bytes = Vec::with_capacity(posts.iter().map(|post| post.encoded.len()).sum());
        let mut frames = Vec::with_capacity(posts.len());
        for encoded in posts.iter().map(|post| &post.encoded) {
            for frame in encoded.frames() {
                bytes.extend_from_slice(frame);
                frames.push(Frame { bytes: frame.clone(), is_whole: encoded.is_one_frame() });
            }
        }
        let kinds = posts.iter().map(|post| post.encoded.kind).collect();
        Arc::new(Self { bytes: bytes.into(), kinds, frames })
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.kinds.iter().copied()
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
