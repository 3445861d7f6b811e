//! What a peer sends, played to an application that echoes every message, in all ways at once.

mod echo;

use std::collections::BTreeSet;

use ws_core::testing::{Script, WireFrame};
use ws_core::{Rule, Side, Violation};

use crate::naive;
pub use echo::{Driver, Fate, Outcome, Setting};

const KEYS: [[u8; 4]; 3] = [[0x37, 0xFA, 0x21, 0x3D], [0, 0, 0, 0], [0xFF, 0, 0x80, 1]];

/// What a peer sends, to a server or to a client.
#[derive(Clone, Debug)]
pub struct Scene {
    inputs: Vec<(Side, Vec<u8>)>,
    /// As much as is sent, unless a test says otherwise; the receive buffer is as large as it must
    /// be to hold that.
    max_message: u64,
}

/// A peer sends these frames: to a server masked, to a client as they are.
pub fn peer_sends(frames: impl IntoIterator<Item = WireFrame>) -> Scene {
    let frames: Vec<_> = frames.into_iter().collect();
    let inputs = [Side::Server, Side::Client].map(|side| (side, encode_for(side, &frames)));
    let max_message = inputs[0].1.len().max(1024) as u64;
    Scene { inputs: inputs.into(), max_message }
}

/// The frames as a peer sends them to us, who are `side`.
pub fn encode_for<'a>(side: Side, frames: impl IntoIterator<Item = &'a WireFrame>) -> Vec<u8> {
    let frames = frames.into_iter().zip(KEYS.iter().cycle());
    frames
        .flat_map(|(frame, key)| match side {
            Side::Server => frame.clone().masked(*key).encode(),
            Side::Client => frame.encode(),
        })
        .collect()
}

/// A peer sends these bytes to us, who are `side`.
pub fn peer_sends_bytes_to(side: Side, bytes: impl AsRef<[u8]>) -> Scene {
    Scene { inputs: vec![(side, bytes.as_ref().to_vec())], max_message: 1024 }
}

impl Scene {
    /// Takes messages of up to so many bytes.
    #[must_use]
    pub fn with_max_message(self, max_message: u64) -> Self {
        Self { max_message, ..self }
    }

    /// We answer so, and the connection is still open when the transport ends.
    pub fn is_answered<const N: usize>(self, answers: [WireFrame; N]) {
        for outcome in self.play() {
            assert_eq!(outcome.answered, answers, "{self:?}");
            assert_eq!(outcome.fate, Fate::Ended, "{self:?}");
        }
    }

    /// Every message comes back as it is, in one piece or in several, and nothing else.
    pub fn is_echoed(self) {
        for outcome in self.play() {
            assert_eq!(outcome.answered, outcome.received, "{self:?}");
            assert_eq!(outcome.fate, Fate::Ended, "{self:?}");
        }
    }

    /// We answer so, and the closing handshake ends; the last answer is our Close.
    pub fn is_closed_after<const N: usize>(self, answers: [WireFrame; N]) {
        for outcome in self.play() {
            assert_eq!(outcome.answered, answers, "{self:?}");
            assert!(matches!(outcome.fate, Fate::Closed(..)), "{outcome:?}");
        }
    }

    /// We name this rule as broken, answer with a Close with this code and say no more. The oracle
    /// names the rule, too, and the same byte.
    pub fn breaks(self, rule: Rule, code: u16) {
        self.breaks_after([], rule, code);
    }

    /// The same after these answers.
    pub fn breaks_after<const N: usize>(self, answers: [WireFrame; N], rule: Rule, code: u16) {
        for mut outcome in self.play() {
            let close = outcome.answered.pop().expect("a Close");
            assert_eq!(close.close_code().map(|code| code.0), Some(code), "{outcome:?}");
            assert_eq!(outcome.answered, answers, "{self:?}");
            let Fate::Violated(violation) = outcome.fate else { panic!("{outcome:?}") };
            assert_eq!(violation.rule, rule, "{self:?}");
        }
    }

    /// Plays the scene in every way: one outcome for each role, the same in all other respects, and
    /// what the oracle says.
    pub fn play(&self) -> Vec<Outcome> {
        self.inputs.iter().map(|(side, input)| self.play_as(*side, input)).collect()
    }

    fn play_as(&self, side: Side, input: &[u8]) -> Outcome {
        let verdict = naive::decode(side, self.max_message, input);
        let mut first = None;
        for setting in Setting::all(side, self.max_message) {
            for script in scripts(input) {
                let outcome = setting.play(script.clone());
                agree(&verdict, &outcome);
                let first = first.get_or_insert_with(|| outcome.clone());
                assert_eq!(&outcome, first, "{setting:?} {script:?}");
            }
        }
        first.expect("it was played")
    }
}

/// The oracle hears the same messages, and finds the same fault.
fn agree(verdict: &naive::Verdict, outcome: &Outcome) {
    let is_message = |frame: &&WireFrame| frame.opcode < 8;
    assert!(verdict.heard.iter().filter(is_message).eq(&outcome.received), "{outcome:?}");
    match (&verdict.breach, &outcome.fate) {
        (Some(breach), Fate::Violated(Violation { rule, offset })) => {
            assert!(breach.rules.contains(rule), "{verdict:?} {outcome:?}");
            assert_eq!(breach.offset as u64, *offset, "{verdict:?} {outcome:?}");
        }
        (None, Fate::Ended | Fate::Closed(..)) => {}
        _ => panic!("{verdict:?} {outcome:?}"),
    }
}

/// The input whole, in single bytes, and cut in two at every byte; if it is long, in pieces, and
/// cut near its ends and somewhere between.
pub fn scripts(input: &[u8]) -> Vec<Script> {
    let len = input.len();
    let (cuts, piece): (BTreeSet<usize>, usize) = match len {
        0..=600 => ((1..len).collect(), 1),
        601..=20_000 => ((1..16).chain([len / 3, len / 2, len - 1]).collect(), len / 61),
        _ => ([1, 3, 9, 13, len / 2, len - 1].into(), len / 61),
    };
    let cut = cuts.into_iter().map(|at| Script::new().cut_at(input, at));
    [Script::new().then(input), Script::new().pieces(input, piece)].into_iter().chain(cut).collect()
}
