//! The boards that there are images for.

/// A board that QEMU can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Board {
    /// 256 KB of flash, 64 KB of RAM; a superloop over smoltcp.
    Lm3s6965evb,
    /// 4 MB of flash, 4 MB of RAM; tasks over embassy-net.
    Mps2An385,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Lm3s6965evb, Self::Mps2An385];

    /// The name: QEMU's, and that of the image.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lm3s6965evb => "lm3s6965evb",
            Self::Mps2An385 => "mps2-an385",
        }
    }

    /// What QEMU calls the network chip.
    pub(crate) const fn network(self) -> &'static str {
        match self {
            Self::Lm3s6965evb => "stellaris",
            Self::Mps2An385 => "lan9118",
        }
    }

    /// The board of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|board| board.name() == name)
    }
}
