//! What the echo of a message, or of a piece of one, is sent as.

use super::received::Data;
use crate::connection::Frame;
use crate::frame::Kind;

/// The frame for an echo, and how many bytes of its payload are still to come.
///
/// Pieces of a binary frame leave as pieces of one frame, as they came: some peers count fragments.
/// A piece of text leaves as a fragment, so that a Close can still follow it if the text turns out
/// not to be UTF-8.
///
/// `has_room` tells whether the header of a frame of so many bytes finds room: that of a long frame
/// may not, in front of a piece that begins the buffer; that of the piece always does.
pub(super) fn frame(
    data: &Data,
    open: Option<Kind>,
    has_room: impl FnOnce(u64) -> bool,
) -> (Frame, u64) {
    let Data { kind, span, frame_left, .. } = *data;
    let is_one_frame = kind == Kind::Binary
        && frame_left > 0
        && has_room(frame_left.saturating_add(span.len() as u64));
    let (last, behind) = if is_one_frame { (data.last_frame, frame_left) } else { (data.ends, 0) };
    let frame = match (open, last) {
        (None, true) => Frame::Message(kind),
        (Some(_), true) => Frame::LastPart(kind),
        (_, false) => Frame::Part(kind),
    };
    (frame, behind)
}
