//! SEC-05: the properties of the fuzz targets on stable, with their corpora and with seeds.

use ws_tests::fuzzed;

/// How many inputs each property is checked with, unless FUZZED_ROUNDS says otherwise; the fuzz
/// targets go on from there.
const ROUNDS: u32 = 500;

fn check(name: &str) {
    let (_, property, sample) = fuzzed::ALL.into_iter().find(|known| known.0 == name).unwrap();
    let corpus = format!("{}/fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(corpus).unwrap() {
        property(&std::fs::read(file.unwrap().path()).unwrap());
    }
    let rounds = std::env::var("FUZZED_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    fuzzed::check(property, sample, 7, rounds);
}

#[test]
fn any_cut_of_frames_decodes_alike() {
    check("decoder");
}

#[test]
fn text_is_judged_as_core_does() {
    check("utf8");
}

#[test]
fn headers_survive_a_round_trip() {
    check("header");
}

#[test]
fn any_cut_of_a_request_reads_alike() {
    check("request");
}

#[test]
fn any_cut_of_a_response_reads_alike() {
    check("response");
}

#[test]
fn lists_are_read_like_lists() {
    check("lists");
}

/// EXT-01
#[test]
fn inflating_is_what_zlib_does() {
    check("inflate");
}

#[test]
fn the_blocking_driver_stays_legal_on_a_bad_stream() {
    check("blocking");
}

#[test]
fn the_async_driver_stays_legal_when_its_futures_are_dropped() {
    check("awaiting");
}
