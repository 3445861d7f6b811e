//! The two ends of a connection, as types: a client owns the entropy that its masks come from, a
//! server has no masks to make.

use core::fmt;

use crate::decoder::Side;
use crate::frame::Mask;

/// Where random bytes come from: the codec makes none.
///
/// "The masking key needs to be unpredictable; thus, the masking key MUST be derived from a strong
/// source of entropy" (RFC 6455 section 5.3). Any closure that fills a slice will do:
///
/// ```
/// use ws_core::Entropy;
///
/// fn nonce(entropy: &mut impl Entropy) -> [u8; 16] {
///     let mut nonce = [0; 16];
///     entropy.fill(&mut nonce);
///     nonce
/// }
///
/// // In earnest: |bytes: &mut [u8]| getrandom::fill(bytes).expect("the system has entropy")
/// let mut entropy = |bytes: &mut [u8]| bytes.fill(4);
/// assert_eq!(nonce(&mut entropy), [4; 16]);
/// ```
pub trait Entropy {
    /// Fills `bytes` with random ones.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Entropy for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// An end of a connection: [`Server`] or [`Client`].
pub trait Role: sealed::Sealed {
    /// Which end.
    const SIDE: Side;

    /// A fresh mask for the next frame that is sent; none where frames are not masked.
    fn mask(&mut self) -> Option<Mask>;
}

/// The end that accepted the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Server;

/// The end that opened the connection, with the entropy for its masks.
#[derive(Clone, Default)]
pub struct Client<E>(pub E);

// Written by hand, here, for the buffers and for what holds them or a stream: what a program prints
// must tell neither secrets nor the payload of messages, and asks nothing of the types that the
// caller lends.
impl<E> fmt::Debug for Client<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[cfg(feature = "defmt")]
impl<E> defmt::Format for Client<E> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Client");
    }
}

impl Role for Server {
    const SIDE: Side = Side::Server;

    /// "A server MUST NOT mask any frames that it sends to the client" (RFC 6455 section 5.1).
    #[inline]
    fn mask(&mut self) -> Option<Mask> {
        None
    }
}

impl<E: Entropy> Role for Client<E> {
    const SIDE: Side = Side::Client;

    /// "A client MUST mask all frames that it sends to the server" (RFC 6455 section 5.1).
    #[inline]
    fn mask(&mut self) -> Option<Mask> {
        let mut key = [0; 4];
        self.0.fill(&mut key);
        Some(Mask::new(key))
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Server {}
    impl<E> Sealed for super::Client<E> {}
}
