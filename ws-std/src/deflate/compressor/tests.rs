//! What is compressed, against what inflates it: ours, which reaches no further than was agreed on, and
//! zlib's.

use ws_core::deflate::{Inflate, Part};
use ws_core::frame::Kind;
use ws_core::handshake::{Flow, Takeover};
use zlib_rs::InflateFlush;

use super::*;

/// Numbers of which none tells of another.
struct Random(u64);

impl Random {
    fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Words, bytes that are alike nowhere, and long repetitions from far back.
fn payload(random: &mut Random, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 1000);
    while bytes.len() < len {
        let number = random.number();
        match number % 4 {
            0 => bytes.extend(number.to_le_bytes()),
            1 => bytes.extend(b"words, a few of them, "),
            2 => bytes.resize(bytes.len() + (number >> 8) as usize % 300, b'z'),
            _ => {
                let back = bytes.len().saturating_sub(1 + (number >> 8) as usize % 40_000);
                let end = bytes.len().min(back + (number >> 32) as usize % 400);
                bytes.extend_from_within(back..end);
            }
        }
    }
    bytes.truncate(len);
    bytes
}

/// Both that inflate what a compressor with such a window makes.
struct Both {
    ours: Inflate<Vec<u8>>,
    zlib: zlib_rs::Inflate,
}

impl Both {
    fn new(flow: Flow) -> Self {
        let ours = Inflate::new(vec![0; flow.window.bytes()], flow).unwrap();
        Self { ours, zlib: zlib_rs::Inflate::new(false, 15) }
    }

    #[track_caller]
    fn check(&mut self, deflated: &[u8], payload: &[u8]) {
        let mut said = vec![];
        let part = Part { kind: Kind::Binary, ends: true };
        self.ours.each(part, deflated, |_, bytes| said.extend_from_slice(bytes)).unwrap();
        assert!(said == payload, "{} bytes", payload.len());
        let before = self.zlib.total_out();
        let with_tail = [deflated, &[0x00, 0x00, 0xFF, 0xFF]].concat();
        said.fill(0);
        said.push(0);
        self.zlib.decompress(&with_tail, &mut said, InflateFlush::SyncFlush).unwrap();
        said.pop();
        assert_eq!(self.zlib.total_out() - before, payload.len() as u64);
        assert!(said == payload, "{} bytes", payload.len());
    }
}

/// EXT-01: at every level, in every window, in as many parts as it may come.
#[test]
fn what_is_compressed_is_inflated_in_the_window_that_was_agreed_on() {
    let mut random = Random(7);
    for (level, bits) in (1..=9).flat_map(|level| (8..=15).map(move |bits| (level, bits))) {
        let window = WindowBits::new(bits).unwrap();
        let mut compressor = Compressor::new(Level::new(level), window);
        for takeover in [Takeover::Keep, Takeover::Forget] {
            compressor.reset();
            let mut both = Both::new(Flow { window, takeover });
            for len in [1, 300, 5000, 70_000, 20] {
                let payload = payload(&mut random, len);
                let size = 1 + random.number() as usize % len;
                if takeover == Takeover::Forget {
                    compressor.reset();
                }
                let mut out = b"in front".to_vec();
                assert!(compressor.compress(payload.chunks(size), &mut out));
                assert!(out.starts_with(b"in front"));
                both.check(&out[8..], &payload);
            }
        }
    }
}

/// EXT-01: also where what comes of it ends where the memory for it does.
#[test]
fn no_length_is_special() {
    let mut random = Random(8);
    let flow = Flow { window: WindowBits::MAX, takeover: Takeover::Keep };
    let (mut compressor, mut both) = (Compressor::new(Level::FAST, flow.window), Both::new(flow));
    for len in 1..2000 {
        // Noise takes more memory than is made for it at first.
        let noise: Vec<u8> = (0..len).map(|_| random.number() as u8).collect();
        let mut out = vec![];
        assert!(compressor.compress(std::iter::once(&*noise), &mut out));
        both.check(&out, &noise);
    }
}
