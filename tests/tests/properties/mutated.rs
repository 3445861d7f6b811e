//! Streams that are wrong somewhere: the decoder and the oracle name the same fault.

use std::collections::BTreeSet;

use ws_core::Rule;
use ws_core::testing::Random;
use ws_tests::naive;

use super::{MAX_MESSAGE, all_agree, bytes, encode, lawful, side};

/// PROTO-10, SEC-05: with one to three bytes of a lawful stream changed, dropped or repeated.
#[test]
fn the_decoder_and_the_oracle_agree_on_lawful_streams_that_were_damaged() {
    let mut broken = BTreeSet::new();
    for seed in 0..6000 {
        let mut random = Random::new(seed);
        let (side, frames) = (side(&mut random), lawful(&mut random));
        let mut stream = encode(side, &frames, &mut random);
        for _ in 0..1 + random.below(3) {
            let at = random.below(stream.len());
            match random.below(6) {
                0 => drop(stream.remove(at)),
                1 => stream.insert(at, stream[at]),
                2 => stream[at] = random.number() as u8,
                _ => stream[at] ^= 1 << random.below(8),
            }
        }
        all_agree(side, &stream, &mut random);
        let breach = naive::decode(side, MAX_MESSAGE, &stream).breach;
        broken.extend(
            breach.into_iter().flat_map(|breach| breach.rules).map(|rule| format!("{rule:?}")),
        );
    }
    // Nearly all rules were broken, but those of compression, to which nobody agreed: the test looks
    // where it says it does.
    let rare = [Rule::CloseTooShort, Rule::LengthTopBit];
    let compression = [Rule::InvalidDeflate, Rule::TooDense];
    let elsewhere = [rare, compression].concat();
    let mut missed = Rule::ALL.iter().filter(|rule| !broken.contains(&format!("{rule:?}")));
    assert!(missed.all(|rule| elsewhere.contains(rule)), "only {broken:?}");
}

/// PROTO-10, SEC-05: every beginning of a frame, lawful or not.
#[test]
fn the_decoder_and_the_oracle_agree_on_every_first_two_bytes() {
    let mut random = Random::new(1);
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            let tail = bytes(&mut random, 20);
            let stream = [&[first, second][..], &tail].concat();
            let side = side(&mut random);
            all_agree(side, &stream, &mut random);
        }
    }
}

/// SEC-05: nonsense: no panic, no disagreement.
#[test]
fn the_decoder_and_the_oracle_agree_on_noise() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let len = random.below(60);
        let stream = bytes(&mut random, len);
        let side = side(&mut random);
        all_agree(side, &stream, &mut random);
    }
}
