//! Random bytes for masks.

use std::fmt;
use std::io;

use ws_core::Entropy;

/// How many random bytes are asked for at once: a system call for 64 masks.
const POOL: usize = 256;

/// Masks from the system's generator: "the masking key MUST be derived from a strong source of
/// entropy" (RFC 6455 section 5.3).
pub struct Masks {
    pool: [u8; POOL],
    used: usize,
}

impl Masks {
    /// A pool, filled.
    ///
    /// # Errors
    ///
    /// The system has no entropy.
    pub fn new() -> io::Result<Self> {
        let mut pool = [0; POOL];
        getrandom::fill(&mut pool).map_err(io::Error::other)?;
        Ok(Self { pool, used: 0 })
    }
}

impl Entropy for Masks {
    /// # Panics
    ///
    /// If the system has no entropy any more, though it had some when the pool was made. No system
    /// is known to do that, and going on with weak masks would be worse.
    #[allow(clippy::expect_used, reason = "see above")]
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == POOL {
                getrandom::fill(&mut self.pool).expect("the system has entropy");
                self.used = 0;
            }
            // Taken and gone: what was used does not stay in memory.
            *byte = self.pool.get_mut(self.used).map(std::mem::take).unwrap_or_default();
            self.used += 1;
        }
    }
}

/// Tells nothing of what is to come.
impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masks")
    }
}
