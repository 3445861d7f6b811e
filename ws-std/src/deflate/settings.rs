//! What may be told about compression.

use ws_core::deflate::Density;
use ws_core::handshake::{Agreement, DeflateAnswer, DeflateOffer, Flow, Takeover, WindowBits};

use super::{Compressor, Inflater};
use crate::actor::Compress;

/// How messages are compressed, where the peer understands that.
///
/// What a connection does not keep for itself lies with its thread: up to one compressor for each size of
/// a window that clients have agreed on, and eight inflaters. So with
/// [`Threads::PerConnection`](crate::Threads::PerConnection) a connection keeps as much without takeover
/// as with it, and so does a socket of [`client`](crate::client): 36 KB from the beginning, and a
/// compressor once it has compressed something.
///
/// ```
/// use ws_std::{Compression, Takeover};
///
/// // For few connections with much to say: better compressed, and about 400 KiB for each.
/// let compression = Compression {
///     send_takeover: Takeover::Keep,
///     receive_takeover: Takeover::Keep,
///     ..Compression::default()
/// };
/// # assert_eq!(compression.threshold, 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// Bytes of a message from which on it is compressed, unless [`Compress`] says otherwise: a smaller
    /// one gains little. It leaves as it is, too, if it does not become smaller.
    pub threshold: usize,
    /// How hard it is tried.
    pub level: Level,
    /// Whether what is sent may refer to earlier messages. If so, a connection that has sent
    /// something keeps a compressor: 250 to 380 KB, as large as the [window](Self::send_window) may
    /// be. Otherwise those of a thread share one.
    pub send_takeover: Takeover,
    /// Whether what is received may. If so, a connection that has received something compressed keeps
    /// 3.6 KB and a window of up to 32 KiB.
    pub receive_takeover: Takeover,
    /// The largest window to compress with.
    pub send_window: WindowBits,
    /// The largest window to inflate with. Clients that cannot keep to a smaller one than 32 KiB are
    /// served without compression if this is smaller.
    pub receive_window: WindowBits,
    /// How dense a message may be: a denser one is refused with 1008. One that inflates to more than
    /// any message may have is with 1009, however dense.
    pub density: Density,
}

/// How hard is tried to make a message small: from 1, which is fast, to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// The fastest.
    pub const FAST: Self = Self(1);
    /// The smallest.
    pub const SMALL: Self = Self(9);

    /// A level from 1 to 9; what is beyond is taken for the nearest.
    pub const fn new(level: u8) -> Self {
        match level {
            0 => Self::FAST,
            1..=9 => Self(level),
            _ => Self::SMALL,
        }
    }

    pub(super) const fn number(self) -> i32 {
        self.0 as i32
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::FAST
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            threshold: 1024,
            level: Level::FAST,
            send_takeover: Takeover::Forget,
            receive_takeover: Takeover::Forget,
            send_window: WindowBits::MAX,
            receive_window: WindowBits::MAX,
            density: Density::DEFAULT,
        }
    }
}

impl Compression {
    /// Whether a message of so many bytes is to be compressed: an empty one never becomes smaller.
    pub(crate) const fn wants(&self, compress: Compress, len: usize) -> bool {
        match compress {
            _ if len == 0 => false,
            Compress::ByLength => len >= self.threshold,
            Compress::Never => false,
            Compress::Always => true,
        }
    }

    /// What a server answers to a client's offers, and what that means.
    pub(crate) fn answer<'v>(
        &self,
        offers: impl Iterator<Item = &'v [u8]>,
    ) -> Option<(DeflateOffer, Agreement)> {
        let sends = Flow { window: self.send_window, takeover: self.send_takeover };
        let receives = Flow { window: self.receive_window, takeover: self.receive_takeover };
        let mut answer = DeflateAnswer::new(sends, receives);
        offers.for_each(|value| answer.observe(value));
        let chosen = answer.chosen()?;
        Some((chosen, Agreement::of(&chosen)))
    }

    /// What one connection keeps for it at most.
    pub(crate) const fn most_retained(&self) -> usize {
        let sends = match self.send_takeover {
            Takeover::Forget => 0,
            Takeover::Keep => Compressor::size(self.send_window),
        };
        sends + size_of::<Inflater>() + self.receive_window.bytes()
    }

    /// What a client offers.
    pub(crate) fn offer(&self) -> DeflateOffer {
        let limited = |window| Some(window).filter(|window| *window < WindowBits::MAX);
        DeflateOffer {
            server_no_context_takeover: self.receive_takeover == Takeover::Forget,
            client_no_context_takeover: self.send_takeover == Takeover::Forget,
            server_max_window_bits: limited(self.receive_window),
            // A client that would keep to any window says so.
            client_max_window_bits: Some(limited(self.send_window)),
        }
    }
}
