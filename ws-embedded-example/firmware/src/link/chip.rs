//! What a network stack wants of a chip.

/// The longest Ethernet frame, without its check sum: 14 bytes of header and 1500 of payload.
pub const LONGEST_FRAME: usize = 1514;

/// A network chip: frames in and out, without waiting for the wire.
pub trait Chip {
    /// Lets the next frame interrupt the processor. Whoever calls this looks at
    /// [`has_frame`](Self::has_frame) afterwards: one that has arrived before does not.
    fn listen(&mut self);

    /// Whether a frame has arrived.
    fn has_frame(&self) -> bool;

    /// Takes a frame out of the chip, as much of it as `frame` holds; tells how much that is.
    fn receive(&mut self, frame: &mut [u8]) -> Option<usize>;

    /// Whether there is room for a frame to send.
    fn has_room(&self) -> bool;

    /// Sends a frame, if there is room for it.
    fn send(&mut self, frame: &[u8]);
}
