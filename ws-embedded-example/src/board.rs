//! The boards that there are images for.

/// A board that QEMU can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Board {
    /// 256 KB of flash, 64 KB of RAM; a superloop over smoltcp.
    Lm3s6965evb,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Lm3s6965evb];

    /// The name: QEMU's, and that of the image.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lm3s6965evb => "lm3s6965evb",
        }
    }

    /// What QEMU calls the network chip.
    pub(crate) const fn network(self) -> &'static str {
        match self {
            Self::Lm3s6965evb => "stellaris",
        }
    }

    /// The board of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|board| board.name() == name)
    }
}
