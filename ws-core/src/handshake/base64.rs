//! Base64 without tables, for firmware that leaves the crate out.

/// Encodes `bytes` with padding (RFC 4648 section 4); `out` must hold four bytes for every three.
pub(super) fn encode(bytes: &[u8], out: &mut [u8]) {
    for (from, to) in bytes.chunks(3).zip(out.chunks_mut(4)) {
        let byte = |at: usize| from.get(at).copied().unwrap_or(0);
        let group = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
        for (at, symbol) in to.iter_mut().enumerate() {
            // A group of n bytes makes n + 1 symbols; the rest is padding.
            *symbol = if at > from.len() { b'=' } else { encode_six(group >> (18 - 6 * at)) };
        }
    }
}

fn encode_six(bits: u32) -> u8 {
    let six = (bits & 63) as u8;
    match six {
        0..26 => b'A' + six,
        26..52 => b'a' + (six - 26),
        52..62 => b'0' + (six - 52),
        62 => b'+',
        _ => b'/',
    }
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn the_vectors_of_rfc_4648() {
        let mut out = [0; 8];
        encode(b"foobar", &mut out);
        assert_eq!(&out, b"Zm9vYmFy");
        encode(b"fooba", &mut out);
        assert_eq!(&out, b"Zm9vYmE=");
        encode(b"foob", &mut out);
        assert_eq!(&out, b"Zm9vYg==");
    }

    #[cfg(feature = "base64")]
    #[test]
    fn the_text_is_that_of_the_crate() {
        use ::base64::{Engine, engine::general_purpose::STANDARD};
        for seed in 0..=255_usize {
            let bytes: [u8; 20] = core::array::from_fn(|i| (seed * 97 + i * i * 13) as u8);
            let (mut ours, mut theirs) = ([0; 28], [0; 28]);
            encode(&bytes, &mut ours);
            STANDARD.encode_slice(bytes, &mut theirs).unwrap();
            assert_eq!(ours, theirs);
        }
    }
}
