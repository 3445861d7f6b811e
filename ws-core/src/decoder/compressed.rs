//! Messages that are compressed: they are let through, and judged by whoever inflates them.

use super::Decoder;
#[cfg(feature = "deflate")]
use crate::error::{Rule, Violation};

impl Decoder {
    /// Ends the connection for what was found in the payload that was delivered last, and tells where
    /// that is: behind it. Whoever inflates messages sees what cannot be seen here.
    #[cfg(feature = "deflate")]
    pub fn refuse(&mut self, rule: Rule) -> Violation {
        self.violation().unwrap_or_else(|| self.fail(rule, 0, 0))
    }

    /// Whether the message that is open, or was last, is compressed.
    #[cfg(feature = "deflate")]
    pub(crate) const fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// How much may be announced. What cannot be compressed becomes a little larger when it is tried
    /// nevertheless: at most by an eighth, where a byte becomes nine bits, and a few bytes for a
    /// block. How large it is when it is inflated is seen when it is.
    #[inline]
    pub(super) fn most(&self) -> usize {
        if cfg!(feature = "deflate") && self.compressed {
            return self.max_message.saturating_add(self.max_message / 8).saturating_add(64);
        }
        self.max_message
    }
}
