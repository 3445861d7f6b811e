//! Base64 without tables, for firmware that leaves the crate out.

/// Encodes `bytes` with padding (RFC 4648 section 4). `N` is the length of the text: four for every
/// three bytes begun.
pub(super) fn base64<const N: usize>(bytes: &[u8]) -> [u8; N] {
    core::array::from_fn(|at| {
        // Six bits of two bytes, of which the second may lie behind the end.
        let (first, shift) = (at * 6 / 8, 10 - at * 6 % 8);
        let byte = |at: usize| bytes.get(at).copied().map(u32::from);
        match byte(first) {
            Some(high) => encode_six((high << 8 | byte(first + 1).unwrap_or(0)) >> shift),
            None => b'=',
        }
    })
}

/// The alphabet of RFC 4648 section 4.
static SYMBOLS: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode_six(bits: u32) -> u8 {
    SYMBOLS.get((bits & 63) as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_vectors_of_rfc_4648() {
        assert_eq!(&base64(b"foobar"), b"Zm9vYmFy");
        assert_eq!(&base64(b"fooba"), b"Zm9vYmE=");
        assert_eq!(&base64(b"foob"), b"Zm9vYg==");
    }

    #[cfg(feature = "base64")]
    #[test]
    fn the_text_is_that_of_the_crate() {
        use ::base64::{Engine, engine::general_purpose::STANDARD};
        for seed in 0..=255_usize {
            let bytes: [u8; 20] = core::array::from_fn(|i| (seed * 97 + i * i * 13) as u8);
            let mut theirs = [0; 28];
            STANDARD.encode_slice(bytes, &mut theirs).unwrap();
            assert_eq!(base64::<28>(&bytes), theirs);
        }
    }
}
