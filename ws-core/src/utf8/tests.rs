//! Both automata against `core::str::from_utf8`.

use std::vec::Vec;

use super::{compact, table};

/// What the standard library says: the index of the first bad byte, or whether the text is whole.
fn expected(bytes: &[u8]) -> Result<bool, usize> {
    let Err(error) = core::str::from_utf8(bytes) else { return Ok(true) };
    let start = error.valid_up_to();
    if error.error_len().is_none() {
        return Ok(false);
    }
    // The standard library names the start of the bad character; the first byte that no
    // continuation could make legal is found by growing it.
    let bad = (start + 1..=bytes.len())
        .find(|&end| match core::str::from_utf8(&bytes[start..end]) {
            Ok(_) => false,
            Err(error) => error.error_len().is_some(),
        })
        .unwrap();
    Err(bad - 1)
}

fn in_pieces<S: Copy>(
    start: S,
    check: impl Fn(&mut S, &[u8]) -> Result<(), usize>,
    is_complete: impl Fn(S) -> bool,
    bytes: &[u8],
    cuts: [usize; 2],
) -> Result<bool, usize> {
    let mut state = start;
    let [first, second] = cuts;
    check(&mut state, &bytes[..first])?;
    check(&mut state, &bytes[first..second]).map_err(|at| at + first)?;
    check(&mut state, &bytes[second..]).map_err(|at| at + second)?;
    Ok(is_complete(state))
}

fn both_agree(bytes: &[u8]) {
    let expected = expected(bytes);
    let len = bytes.len();
    let whole = expected.and_then(|complete| if complete { Ok(()) } else { Err(len) });
    assert_eq!(table::check_whole(bytes), whole, "whole, {bytes:x?}");
    let near_edges = |at: &usize| *at < 8 || *at + 8 > len;
    for first in (0..=len).filter(near_edges) {
        for second in [first, len.min(first + 1), len.min(first + 70), len] {
            let cuts = [first, second];
            let by_table = in_pieces(
                table::State::START,
                table::check,
                table::State::is_complete,
                bytes,
                cuts,
            );
            // Shorter texts are one block for both.
            if len >= 64 {
                let by_blocks = in_pieces(
                    table::State::START,
                    table::check_blocks,
                    table::State::is_complete,
                    bytes,
                    cuts,
                );
                assert_eq!(by_blocks, expected, "blocks, {bytes:x?} cut at {cuts:?}");
            }
            let by_bounds = in_pieces(
                compact::State::START,
                compact::check,
                compact::State::is_complete,
                bytes,
                cuts,
            );
            assert_eq!(by_table, expected, "table, {bytes:x?} cut at {cuts:?}");
            assert_eq!(by_bounds, expected, "bounds, {bytes:x?} cut at {cuts:?}");
        }
    }
}

#[test]
fn all_sequences_of_two_bytes_and_telling_third_and_fourth_ones() {
    let telling = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF];
    for first in 0..=0xFF {
        for second in 0..=0xFF {
            both_agree(&[first, second]);
            if first >= 0xE0 {
                for third in telling {
                    both_agree(&[first, second, third]);
                    both_agree(&[first, second, third, 0x80]);
                }
            }
        }
    }
}

#[test]
fn long_texts_with_one_byte_changed() {
    let text: Vec<u8> = "naïve κόσμε 日本語 🦀 plain ".bytes().cycle().take(200).collect();
    both_agree(&text);
    for at in 0..text.len() {
        for bad in [0x80, 0xC0, 0xED, 0xFF] {
            let mut changed = text.clone();
            changed[at] = bad;
            both_agree(&changed);
        }
    }
}
