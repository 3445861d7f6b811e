//! Moving bytes down in a buffer.

use crate::span::Span;

/// Moves the bytes of `from` down to begin at `to`. Both lie inside; asked like this, the compiler
/// sees it, too, and leaves no panic behind.
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(super) fn move_bytes(bytes: &mut [u8], from: Span, to: usize) {
    if let Some(window) = bytes.get_mut(to..from.end)
        && let Some(by @ 1..) = from.start.checked_sub(to)
        && by <= window.len()
    {
        move_down(window, by);
    }
}

/// Moves what lies `by` bytes and more above the beginning to the beginning.
#[cfg(target_pointer_width = "64")]
fn move_down(window: &mut [u8], by: usize) {
    window.copy_within(by.., 0);
}

/// Flash: `memmove`, which can go either way and by words, is twenty times as large.
#[cfg(not(target_pointer_width = "64"))]
fn move_down(window: &mut [u8], by: usize) {
    let bytes = core::cell::Cell::from_mut(window).as_slice_of_cells();
    for (to, from) in bytes.iter().zip(bytes.iter().skip(by)) {
        to.set(from.get());
    }
}
