//! SHA-1 of a key in 600 bytes of flash, for firmware that leaves the crate out.

use super::accept::START;

/// What follows the key: "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" (RFC 6455 section 1.3), and the "1"
/// that is appended to a message (RFC 3174 section 4).
const GUID: &[u8; 40] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\x80\0\0\0";

/// What ends the second block, as the length of the message in bits.
const BITS: u32 = 8 * (24 + 36);

/// The digest of a key and the GUID, which fill one block, and another with their length.
pub(super) fn digest(key: &[u8; 24]) -> [u32; 5] {
    let mut state = START;
    let mut words = [0; 80];
    put(key, &mut words);
    put(GUID, words.get_mut(6..).unwrap_or_default());
    compress(&mut state, &mut words);
    if let Some(([zeros @ .., bits], _)) = words.split_first_chunk_mut::<16>() {
        zeros.fill(0);
        *bits = BITS;
    }
    compress(&mut state, &mut words);
    state
}

fn put(bytes: &[u8], words: &mut [u32]) {
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
}

/// The first sixteen of the words are those of a block, and make the others.
fn extend(words: &mut [u32; 80]) {
    let mut rest = &mut words[..];
    // Speed: two at a time.
    while let [w0, w1, w2, w3, _, _, _, _, w8, w9, _, _, _, w13, w14, _, next, second, ..] = rest {
        *next = (*w0 ^ *w2 ^ *w8 ^ *w13).rotate_left(1);
        *second = (*w1 ^ *w3 ^ *w9 ^ *w14).rotate_left(1);
        rest = rest.get_mut(2..).unwrap_or_default();
    }
}

/// Takes a block into the digest (RFC 3174 section 6.1).
// Flash: two callers, one copy.
#[inline(never)]
fn compress(state: &mut [u32; 5], words: &mut [u32; 80]) {
    extend(words);
    let before = *state;
    let (quarters, _) = words.as_chunks::<20>();
    if let [first, second, third, fourth] = quarters {
        rounds(state, first, 0x5a82_7999, |b, c, d| d ^ b & (c ^ d));
        parity_rounds(state, second, 0x6ed9_eba1);
        rounds(state, third, 0x8f1b_bcdc, |b, c, d| b & c | d & (b ^ c));
        parity_rounds(state, fourth, 0xca62_c1d6);
    }
    for (word, add) in state.iter_mut().zip(before) {
        *word = word.wrapping_add(add);
    }
}

/// Twenty rounds with the same function and constant.
fn rounds(state: &mut [u32; 5], words: &[u32; 20], k: u32, f: impl Fn(u32, u32, u32) -> u32) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for word in words {
        let sum = a.rotate_left(5).wrapping_add(f(b, c, d)).wrapping_add(e);
        (e, d, c, b) = (d, c, b.rotate_left(30), a);
        a = sum.wrapping_add(k).wrapping_add(*word);
    }
    *state = [a, b, c, d, e];
}

/// The same with the function that half of the rounds have: five at a time, after which each word of
/// the state is in its place again, so that none is moved.
// Flash: two callers, one copy.
#[inline(never)]
fn parity_rounds(state: &mut [u32; 5], words: &[u32; 20], k: u32) {
    let round = |a: u32, b: &mut u32, c: u32, d: u32, e: &mut u32, word: u32| {
        let sum = a.rotate_left(5).wrapping_add(*b ^ c ^ d).wrapping_add(*e);
        *e = sum.wrapping_add(k).wrapping_add(word);
        *b = b.rotate_left(30);
    };
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for [v, w, x, y, z] in words.as_chunks::<5>().0 {
        round(a, &mut b, c, d, &mut e, *v);
        round(e, &mut a, b, c, &mut d, *w);
        round(d, &mut e, a, b, &mut c, *x);
        round(c, &mut d, e, a, &mut b, *y);
        round(b, &mut c, d, e, &mut a, *z);
    }
    *state = [a, b, c, d, e];
}
