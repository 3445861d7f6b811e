//! Random bytes: ChaCha20, from a seed that the board has.
//!
//! The emulated boards have no source of randomness, so the seed comes from the host
//! ([`semihosting`](crate::board::semihosting)). A real device has one and should use it: the random
//! generator of the chip (STM32 RNG, nRF RNG, ESP32 RNG while its radio is on, RP2350 TRNG), or, on
//! chips without one, noise that is collected: low bits of an ADC, the jitter between two
//! oscillators; condensed by a hash, and mixed with a seed that is kept in flash and replaced at
//! each start. A serial number or the time since reset is no seed: the masks of a client "MUST be
//! derived from a strong source of entropy" (RFC 6455 section 5.3).

use core::cell::RefCell;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use critical_section::Mutex;

static GENERATOR: Mutex<RefCell<Option<ChaCha20Rng>>> = Mutex::new(RefCell::new(None));

/// Begins, with a seed that nobody else knows.
pub fn seed(seed: [u8; 32]) {
    critical_section::with(|section| {
        if let Ok(mut generator) = GENERATOR.borrow(section).try_borrow_mut() {
            *generator = Some(ChaCha20Rng::from_seed(seed));
        }
    });
}

/// Fills `bytes` with random ones.
pub fn fill(bytes: &mut [u8]) {
    critical_section::with(|section| {
        if let Ok(mut generator) = GENERATOR.borrow(section).try_borrow_mut()
            && let Some(generator) = generator.as_mut()
        {
            generator.fill_bytes(bytes);
        }
    });
}

/// A random number.
pub fn number() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
