//! Inflating, against zlib.

use ws_core::deflate::{Density, Inflate, Then};
use ws_core::frame::Kind;
use ws_core::handshake::{Flow, Takeover, WindowBits};
use ws_core::{Chunk, Decoder, Event, Rule, Side};
use zlib_rs::{Deflate, DeflateFlush, InflateFlush, Status};

use super::Dice;

/// What a flush ends with, and messages leave out.
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// More than this is not inflated: zlib would make a thousand times of what it gets.
const MOST: u64 = 1 << 18;

/// What zlib compresses is inflated to what it was, and of any bytes zlib says the same.
pub fn inflating_is_what_zlib_does(input: &[u8]) {
    let (mut dice, bytes) = Dice::split(input);
    survives(&mut dice, bytes);
    agrees(&mut dice, bytes);
    reaches_as_far(&mut dice, bytes);
}

/// A message compressed as zlib does it, with the tail that is to be left out taken off.
pub fn compress(deflate: &mut Deflate, payload: &[u8]) -> Vec<u8> {
    let before = deflate.total_out();
    let mut out = vec![0; payload.len() * 9 / 8 + 100];
    deflate.compress(payload, &mut out, DeflateFlush::SyncFlush).unwrap();
    out.truncate((deflate.total_out() - before) as usize);
    assert!(out.ends_with(&TAIL));
    out.truncate(out.len() - TAIL.len());
    out
}

/// A chunk as the decoder delivers it, of a message of which it is all or the beginning.
pub fn chunk(kind: Kind, ends: bool) -> Chunk {
    let first = if kind == Kind::Text { 0x41 } else { 0x42 };
    let mut frame = [first | if ends { 0x80 } else { 0 }, 1, 0];
    let mut decoder = Decoder::new(Side::Client).with_compressed_messages();
    let Ok(Some(Event::Chunk(chunk))) = decoder.decode(&mut frame).map(|decoded| decoded.event)
    else {
        unreachable!("a frame of one byte is a chunk")
    };
    chunk
}

/// Inflates a message that comes in pieces of the lengths that `piece` says, to the end of `out`.
pub fn inflate<W: AsRef<[u8]> + AsMut<[u8]>>(
    inflate: &mut Inflate<W>,
    kind: Kind,
    payload: &[u8],
    mut piece: impl FnMut() -> usize,
    out: &mut Vec<u8>,
) -> Result<(), Rule> {
    let begun = out.len();
    let mut rest = payload;
    loop {
        let (now, later) = rest.split_at(piece().min(rest.len()));
        let chunk = chunk(kind, later.is_empty());
        let mut now = now;
        loop {
            let inflated = inflate.inflate(&chunk, now)?;
            assert_eq!(inflated.begins, out.len() == begun, "it begins where nothing was before");
            out.extend_from_slice(inflate.bytes(inflated.piece));
            assert_eq!(inflate.made(), (out.len() - begun) as u64);
            now = &now[inflated.consumed..];
            match inflated.then {
                Then::Again => {}
                Then::NextChunk => {
                    assert!(now.is_empty() && !chunk.ends);
                    break;
                }
                Then::Ended => {
                    assert!(now.is_empty() && chunk.ends);
                    return Ok(());
                }
            }
        }
        rest = later;
    }
}

/// Messages that refer to each other, or not.
fn survives(dice: &mut Dice, bytes: &[u8]) {
    let window = WindowBits::new(8 + dice.below(8) as u8).unwrap();
    let takeover = dice.pick(&[Takeover::Forget, Takeover::Keep]);
    // zlib has no smaller window: it does not refer further back than 250 bytes with that.
    let mut deflate = Deflate::new(dice.below(10) as i32, false, window.bits().max(9));
    let memory = vec![0; window.bytes()];
    let mut inflater = Inflate::new(memory, Flow { window, takeover }).unwrap();
    // One that takes whole messages, for as long as they fit.
    let mut whole = Some(inflater.clone());
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = (1 + dice.len(4000)).min(rest.len());
        let (message, behind) = rest.split_at(len);
        rest = behind;
        if takeover == Takeover::Forget {
            deflate.reset();
        }
        let compressed = compress(&mut deflate, message);
        let mut out = vec![];
        let cut = || 1 + dice.len(500);
        let result = inflate(&mut inflater, Kind::Binary, &compressed, cut, &mut out);
        assert_eq!(result, Ok(()));
        assert_eq!(out, message);
        whole = whole.filter(|_| message.len() <= window.bytes());
        if let Some(whole) = &mut whole {
            assert_eq!(whole.whole(&chunk(Kind::Binary, true), &compressed), Ok(message));
        }
    }
}

/// Bytes that may be compressed data.
fn agrees(dice: &mut Dice, bytes: &[u8]) {
    let flow = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };
    let mut inflater = Inflate::new(vec![0; 1 << 15], flow)
        .unwrap()
        .with_max_message(MOST)
        .with_density(Density { most: u32::MAX, from: u64::MAX });
    let mut ours = vec![];
    let cut = || 1 + dice.len(500);
    let judged = inflate(&mut inflater, Kind::Binary, bytes, cut, &mut ours);
    let first = zlib(&[bytes], &EMPTY_FIXED);
    if judged == Err(Rule::TooBig) {
        assert!(first.out.len() as u64 > MOST);
        return;
    }
    match first.verdict {
        // What comes behind a block that says that it is the last, zlib does not see; where that is
        // bad, we may have refused it before we handed out what was in front of it.
        Verdict::Final if judged.is_ok() => assert!(ours.starts_with(&first.out)),
        Verdict::Final => {
            assert!(ours.starts_with(&first.out) || first.out.starts_with(&ours));
        }
        Verdict::Between if zlib(&[bytes], &EMPTY_STORED).verdict != first.verdict => {}
        Verdict::Between => assert_eq!((judged, &ours), (Ok(()), &first.out)),
        Verdict::Bad => {
            assert_eq!(judged, Err(Rule::InvalidDeflate));
            assert!(first.out.starts_with(&ours) || ours.starts_with(&first.out));
        }
    }
}

/// Bytes that may be several messages, each of which may refer to those before it, in a window of any
/// size: as long as all of it lies in the window zlib says the same, and where zlib looks further back
/// than was agreed on we may have refused it.
fn reaches_as_far(dice: &mut Dice, bytes: &[u8]) {
    let window = WindowBits::new(8 + dice.below(8) as u8).unwrap();
    let flow = Flow { window, takeover: Takeover::Keep };
    let mut inflater = Inflate::new(vec![0; window.bytes()], flow)
        .unwrap()
        .with_max_message(MOST)
        .with_density(Density { most: u32::MAX, from: u64::MAX });
    let (first, second) = bytes.split_at(dice.below(bytes.len() + 1));
    let all = if dice.once_in(2) { [bytes; 3] } else { [first, second, bytes] };
    let mut ours = vec![];
    for count in 1..=all.len() {
        let cut = || 1 + dice.len(500);
        let judged = inflate(&mut inflater, Kind::Binary, all[count - 1], cut, &mut ours);
        let Judged { verdict, out } = zlib(&all[..count], &EMPTY_FIXED);
        match verdict {
            _ if judged == Err(Rule::TooBig) => return assert!(out.len() as u64 > MOST),
            Verdict::Final => return,
            Verdict::Between if zlib(&all[..count], &EMPTY_STORED).verdict != verdict => return,
            Verdict::Between if judged.is_ok() => assert_eq!(ours, out),
            Verdict::Between => {
                assert_eq!(judged, Err(Rule::InvalidDeflate));
                assert!(out.len() > window.bytes() && out.starts_with(&ours));
                return;
            }
            Verdict::Bad => return assert_eq!(judged, Err(Rule::InvalidDeflate)),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The stream ended before the bytes did.
    Final,
    /// They end between two blocks.
    Between,
    /// They do not, or are no compressed data.
    Bad,
}

struct Judged {
    verdict: Verdict,
    out: Vec<u8>,
}

/// Empty last blocks, of either kind.
const EMPTY_FIXED: [u8; 2] = [0x03, 0x00];
const EMPTY_STORED: [u8; 5] = [0x01, 0x00, 0x00, 0xFF, 0xFF];

/// What zlib says of messages that refer to each other. An empty last block, the `probe`, tells whether
/// what comes before it ends between two blocks.
fn zlib(messages: &[&[u8]], probe: &[u8]) -> Judged {
    let mut inflate = zlib_rs::Inflate::new(false, 15);
    let input = messages.iter().map(|message| [message, &TAIL[..]].concat()).collect::<Vec<_>>();
    let input = input.concat();
    let mut out = vec![0; (messages.len() + 1) * MOST as usize];
    let all = input.len() as u64;
    let status = inflate.decompress(&input, &mut out, InflateFlush::SyncFlush);
    let made = inflate.total_out() as usize;
    let verdict = match status {
        Err(_) => Verdict::Bad,
        Ok(Status::StreamEnd) => Verdict::Final,
        Ok(_) if inflate.total_in() < all => Verdict::Bad,
        Ok(_) => match inflate.decompress(probe, &mut out[made..], InflateFlush::SyncFlush) {
            Ok(Status::StreamEnd)
                if inflate.total_out() as usize == made
                    && inflate.total_in() == all + probe.len() as u64 =>
            {
                Verdict::Between
            }
            _ => Verdict::Bad,
        },
    };
    out.truncate(made);
    Judged { verdict, out }
}
