//! What all connections share.

/// The device: what it has counted, and the output that clients switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Whether the output is on: an LED, or a relay.
    pub output: bool,
    /// How many WebSockets are open.
    pub clients: u16,
    /// Messages that have arrived since the start, in wrapping numbers.
    pub messages: u32,
    /// Bytes of payload that have arrived since the start, in wrapping numbers.
    pub bytes: u32,
}

/// What the board knows of itself at this moment, as far as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// How much of the last second the processor was not asleep, in thousandths.
    pub load_permille: Option<u16>,
    /// How many bytes of the stack have never been used.
    pub stack_free: Option<u32>,
}

impl Device {
    pub(crate) fn count(&mut self, bytes: usize, ends: bool) {
        self.bytes = self.bytes.wrapping_add(bytes as u32);
        self.messages = self.messages.wrapping_add(u32::from(ends));
    }
}
