//! The codec from memory, against its peers and against the work that no codec can leave out.
//!
//! ```text
//! cargo bench -p ws-core                        # prints the tables
//! cargo bench -p ws-core -- --write-readme      # and puts them into the README
//! ```
//!
//! Contestants take turns, in an order that rotates, and what counts is the median of their ratios
//! to the first row *of the same round*: nanoseconds do not carry from machine to machine, nor
//! from minute to minute on a shared one. Without `--bench` (`cargo test --benches`) every
//! contestant runs for a moment, and every byte it delivers is compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark is a test: it prints, and stops at the first surprise"
)]

#[path = "codec/decode.rs"]
mod decode;
#[path = "codec/encode.rs"]
mod encode;
#[path = "codec/load.rs"]
mod load;
#[path = "codec/measure.rs"]
mod measure;
#[path = "codec/stream.rs"]
mod stream;
#[path = "codec/table.rs"]
mod table;

use std::rc::Rc;

use load::{Content, Load};
use table::Table;

const CEILING: &str = "copy + xor + simdutf8, nothing else";
const OURS: &str = "**ws-core**";
const TUNGSTENITE: &str = "tungstenite 0.30";
const FASTWEBSOCKETS: &str = "fastwebsockets 0.10";
const TOKIO_WEBSOCKETS: &str = "tokio-websockets 0.13";

const DECODE: [(&str, Content, &[usize]); 3] = [
    ("binary", Content::Binary, &[16, 125, 1024, 65_536, 1_048_576]),
    ("mixed UTF-8 text", Content::Mixed, &[16, 125, 1024, 65_536]),
    ("ASCII text", Content::Ascii, &[16, 125, 1024]),
];

const ENCODE: [usize; 3] = [16, 125, 1024];

/// What stands above the tables.
const ABOUT: &str = "\
Nanoseconds per frame on one core, from memory, and in parentheses the ratio to the first row: \
medians of rounds in which everyone takes turns. Decoding is a server's: masked frames, reads of \
at most 64 KiB, each library's message object included, every length checked and contents sampled. \
ws-core runs with its `simd` feature and hands out checked bytes in place. The first row copies \
the reads and then unmasks and validates payloads whose places it knows beforehand. \
`cargo bench -p ws-core` measures on your machine.";

fn main() {
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    if !asked("--bench") || asked("--test") {
        return smoke();
    }
    let mut report = format!("{ABOUT}\n\n");
    for (name, content, sizes) in DECODE {
        let mut table = Table::new(&format!("Decode, {name}"));
        for &size in sizes {
            let load = Rc::new(Load::new(content, size));
            table.add(&table::bytes(size), &measure::interleaved(decode::all(&load, false)));
        }
        report.push_str(&table.to_markdown());
    }
    let mut table = Table::new("Encode");
    for size in ENCODE {
        let column = format!("{}, header", table::bytes(size));
        table.add(&column, &measure::interleaved(encode::headers(size)));
    }
    for size in ENCODE {
        let column = format!("{}, header and copy", table::bytes(size));
        table.add(&column, &measure::interleaved(encode::frames(size)));
    }
    report.push_str(&table.to_markdown());
    println!("{report}");
    if asked("--write-readme") {
        table::write_readme(&report).unwrap();
    }
}

/// Everything once, every byte compared.
fn smoke() {
    for (_, content, sizes) in DECODE {
        for &size in sizes {
            let load = Rc::new(Load::new(content, size));
            // More than one stream, so that its end and its beginning meet.
            let messages = load.count() + 1;
            decode::all(&load, true).into_iter().for_each(|mut one| (one.run)(messages));
        }
    }
    for size in ENCODE {
        let all = encode::headers(size).into_iter().chain(encode::frames(size));
        all.for_each(|mut one| (one.run)(100));
    }
}
