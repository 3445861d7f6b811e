//! Properties of `ws-core` that hold for any bytes, as plain functions that panic where one does
//! not: run by the fuzz targets of `fuzz/`, and by the seeded tests of `tests/fuzzed`.
//!
//! An input is a [`Dice`] of eight bytes, for everything that chance decides, and the bytes that
//! the property is about.

pub mod deflate;
pub mod dice;
pub mod drivers;
pub mod frames;
pub mod heads;
pub mod samples;
mod script;
pub mod wire;

pub use dice::Dice;

/// A property: it panics for an input that it does not hold for.
pub type Property = fn(&[u8]);

/// Every property, with the name of its fuzz target and what makes samples for it.
pub const ALL: [(&str, Property, samples::Sample); 9] = [
    ("decoder", frames::any_cut_decodes_alike, samples::frames),
    ("utf8", frames::utf8_is_what_core_says, samples::text),
    ("header", frames::headers_survive_a_round_trip, samples::frames),
    ("request", heads::any_cut_of_a_request_reads_alike, samples::request),
    ("response", heads::any_cut_of_a_response_reads_alike, samples::response),
    ("lists", heads::lists_are_read_like_lists, samples::list),
    ("blocking", drivers::the_blocking_driver_stays_legal, samples::conversation),
    ("awaiting", drivers::the_async_driver_stays_legal, samples::conversation),
    ("inflate", deflate::inflating_is_what_zlib_does, samples::compressed),
];

/// Checks a property with so many inputs, made from a seed.
pub fn check(property: Property, sample: samples::Sample, seed: u64, rounds: u32) {
    let mut dice = Dice::seeded(seed);
    for _ in 0..rounds {
        let mut input = dice.next().to_le_bytes().to_vec();
        sample(&mut dice, &mut input);
        property(&input);
    }
}
