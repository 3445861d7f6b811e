//! Random bytes, from the system, a few at a time.

/// So many are asked for at once, so that a Ping does not cost a call to the system.
const STOCK: usize = 256;

/// A stock of random bytes.
#[derive(Clone)]
pub(crate) struct Stock {
    bytes: [u8; STOCK],
    used: usize,
}

impl Stock {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; STOCK], used: STOCK }
    }

    /// So many fresh ones: at most as many as the stock holds.
    ///
    /// A system that has no entropy cannot make a key that nobody guesses, and no answer would be
    /// right: zeros go out then, and every TLS handshake has failed long before.
    pub(crate) fn take<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= STOCK) };
        if STOCK - self.used < N {
            self.used = match getrandom::fill(&mut self.bytes) {
                Ok(()) => 0,
                Err(_) => STOCK,
            };
        }
        let fresh = self.bytes.get_mut(self.used..).and_then(<[u8]>::first_chunk_mut);
        let Some(fresh) = fresh else { return [0; N] };
        self.used += N;
        std::mem::replace(fresh, [0; N])
    }

    /// A number below `end`; 0 if that is 0. (Not for secrets: it is not quite even.)
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let random = u64::from(u32::from_le_bytes(self.take()));
        u32::try_from((random * u64::from(end)) >> 32).unwrap_or_default()
    }
}

impl std::fmt::Debug for Stock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stock").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bytes_come_twice() {
        let mut stock = Stock::new();
        let mut seen: Vec<[u8; 16]> = (0..100).map(|_| stock.take()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 100);
    }

    #[test]
    fn a_number_is_below_its_end() {
        let mut stock = Stock::new();
        for end in [1, 2, 1000, u32::MAX] {
            assert!((0..100).all(|_| stock.below(end) < end));
        }
        assert_eq!(stock.below(0), 0);
    }
}
