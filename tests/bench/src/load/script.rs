//! What a connection sends, built beforehand.

use std::io;

use ws_core::handshake::Takeover;

use super::receiving::Answers;
use crate::cells::Payload;

/// How the bytes on the connection are to be understood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    WebSocket,
    /// With compression; whether messages may refer to each other.
    Deflate(Takeover),
    /// No handshake, and no masks: the frames are sent as a server would send them, so that what
    /// an echo without WebSocket gives back stands the very same checks.
    Raw,
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
/// A message is compressed.
const RSV1: u8 = 0x40;

/// Different messages of one length, so that all positions of a frame meet all values.
const MOST_VARIANTS: usize = 16;
/// Who validates text branches on its characters: the branch predictor is not to learn them by
/// heart, as it does with a few thousand of them.
const MOST_TEXTS: usize = 256;
/// The load generator's own data is to stay in its cache.
const VARIANT_BYTES: usize = 256 << 10;

/// All messages of one length and opcode, ready to be sent any number at a time.
pub(crate) struct Script {
    /// The frames one after another; the first ones again at the end, so that a batch never wraps.
    wire: Vec<u8>,
    frame: usize,
    variants: usize,
    answers: Answers,
}

impl Script {
    /// Messages that come back as they are, of which `batch` may be sent at once.
    pub(crate) fn echoed(protocol: Protocol, kind: Payload, bytes: usize, batch: usize) -> Self {
        let most = match kind {
            Payload::MixedText => MOST_TEXTS,
            _ => MOST_VARIANTS,
        };
        let variants = (VARIANT_BYTES / bytes.max(1)).clamp(1, most);
        let payloads: Vec<_> = (0..variants).map(|variant| payload(kind, bytes, variant)).collect();
        Self::of(protocol, opcode(kind), &payloads, batch, payloads.clone())
    }

    /// A text that is answered by another.
    pub(crate) fn answered(protocol: Protocol, question: &str, answer: &str) -> Self {
        Self::of(protocol, TEXT, &[question.into()], 1, vec![answer.into()])
    }

    /// Texts that go to others, of which `batch` may be sent at once.
    pub(crate) fn published(protocol: Protocol, bytes: usize, batch: usize) -> Self {
        let payloads: Vec<_> = (0..MOST_VARIANTS).map(|variant| ascii(bytes, variant)).collect();
        Self::of(protocol, TEXT, &payloads, batch, payloads.clone())
    }

    fn of(
        protocol: Protocol,
        opcode: u8,
        payloads: &[Vec<u8>],
        batch: usize,
        answers: Vec<Vec<u8>>,
    ) -> Self {
        let mut wire = Vec::new();
        for variant in 0..payloads.len() + batch {
            append_frame(&mut wire, protocol, opcode, &payloads[variant % payloads.len()], variant);
        }
        let frame = wire.len() / (payloads.len() + batch);
        let answers = Answers::new(opcode, answers);
        Self { wire, frame, variants: payloads.len(), answers }
    }

    /// Where a connection begins, so that not all of them send the same at the same time.
    pub(crate) fn variant_of(&self, connection: usize) -> usize {
        // A stride that is coprime to every number of variants, and longer than any batch.
        connection * 37 % self.variants
    }

    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }
}

/// How far a connection has come in sending a [`Script`].
#[derive(Default)]
pub(crate) struct Sending {
    owed: usize,
    variant: usize,
    /// How much of the first owed frame has been sent.
    partial: usize,
}

impl Sending {
    pub(crate) fn from_variant(variant: usize) -> Self {
        Self { variant, ..Self::default() }
    }

    pub(crate) fn owe(&mut self, messages: usize) {
        self.owed += messages;
    }

    pub(crate) fn is_done(&self) -> bool {
        self.owed == 0
    }

    /// The bytes that are to be sent now: as many of the owed frames as lie one after another.
    pub(crate) fn due<'a>(&self, script: &'a Script) -> &'a [u8] {
        let start = self.variant * script.frame;
        let end = (start + self.owed * script.frame).min(script.wire.len());
        &script.wire[(start + self.partial).min(end)..end]
    }

    pub(crate) fn sent(&mut self, script: &Script, bytes: usize) {
        let bytes = self.partial + bytes;
        let frames = bytes / script.frame;
        self.partial = bytes % script.frame;
        self.owed -= frames;
        self.variant = (self.variant + frames) % script.variants;
    }
}

fn append_frame(wire: &mut Vec<u8>, protocol: Protocol, opcode: u8, payload: &[u8], seed: usize) {
    match protocol {
        Protocol::Raw => {
            wire.extend(head(opcode, payload.len(), 0));
            wire.extend(payload);
        }
        Protocol::WebSocket | Protocol::Deflate(_) => {
            let mask = (seed as u32 + 1).wrapping_mul(0x9e37_79b9).to_le_bytes();
            wire.extend(head(opcode, payload.len(), 0x80));
            wire.extend(mask);
            wire.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        }
    }
}

/// Messages of this kind, all different.
pub(super) fn payloads(kind: Payload, bytes: usize) -> Vec<Vec<u8>> {
    (0..MOST_VARIANTS).map(|variant| payload(kind, bytes, variant)).collect()
}

/// The frame of a message, compressed by itself.
pub(super) fn compressed_frame(kind: Payload, payload: &[u8], seed: usize) -> io::Result<Vec<u8>> {
    const LEVEL: i32 = 6;
    /// What a flush ends with, and messages leave out (RFC 7692 section 7.2.1).
    const TAIL: usize = 4;
    let mut deflate = zlib_rs::Deflate::new(LEVEL, false, 15);
    let mut squeezed = vec![0; payload.len() + payload.len() / 8 + 64];
    deflate
        .compress(payload, &mut squeezed, zlib_rs::DeflateFlush::SyncFlush)
        .map_err(|error| io::Error::other(error.as_str()))?;
    squeezed.truncate((deflate.total_out() as usize).saturating_sub(TAIL));
    let mut wire = Vec::new();
    append_frame(&mut wire, Protocol::WebSocket, opcode(kind) | RSV1, &squeezed, seed);
    Ok(wire)
}

fn opcode(kind: Payload) -> u8 {
    if kind == Payload::Binary { BINARY } else { TEXT }
}

fn payload(kind: Payload, bytes: usize, variant: usize) -> Vec<u8> {
    match kind {
        Payload::Binary => binary(bytes, variant),
        Payload::MixedText => mixed_text(bytes, variant),
        Payload::Json => json(bytes, variant),
    }
}

pub(super) fn head(opcode: u8, payload: usize, mask_bit: u8) -> Vec<u8> {
    match (u8::try_from(payload), u16::try_from(payload)) {
        (Ok(short @ ..126), _) => vec![opcode, mask_bit | short],
        (_, Ok(medium)) => [&[opcode, mask_bit | 126][..], &medium.to_be_bytes()].concat(),
        _ => [&[opcode, mask_bit | 127][..], &(payload as u64).to_be_bytes()].concat(),
    }
}

fn binary(bytes: usize, variant: usize) -> Vec<u8> {
    noise(variant).map(|number| number as u8).take(bytes).collect()
}

fn ascii(bytes: usize, variant: usize) -> Vec<u8> {
    noise(variant).map(|number| b'a' + (number % 26) as u8).take(bytes).collect()
}

/// A character of each length as often as any other, in no order that could be foreseen.
fn mixed_text(bytes: usize, variant: usize) -> Vec<u8> {
    let mut text = String::new();
    for number in noise(variant) {
        let next = ["a", "ß", "水", "🦀"][(number % 4) as usize];
        if text.len() + next.len() > bytes {
            break;
        }
        text.push_str(next);
    }
    while text.len() < bytes {
        text.push('.');
    }
    text.into_bytes()
}

/// Ticks of a market, say.
fn json(bytes: usize, variant: usize) -> Vec<u8> {
    let mut text = String::from("[");
    for (number, noise) in noise(variant).enumerate() {
        let record = format!(
            "{{\"id\":{},\"symbol\":\"{}{}\",\"price\":{}.{:02},\"volume\":{},\"open\":{}}},",
            100_000 + number * 7 + variant * 1009,
            ["ACME", "GLOBEX", "INITECH", "UMBRELLA"][(noise % 4) as usize],
            (noise >> 2) % 10,
            90 + (noise >> 5) % 30,
            (noise >> 10) % 100,
            (noise >> 17) % 10_000,
            noise % 3 == 0,
        );
        if text.len() + record.len() >= bytes {
            break;
        }
        text += &record;
    }
    while text.len() + 1 < bytes {
        text.push(' ');
    }
    text.push(']');
    text.into_bytes()
}

/// Numbers without a pattern that are the same in every run (Knuth's 64-bit generator).
fn noise(seed: usize) -> impl Iterator<Item = u64> {
    let mut state = seed as u64 + 1;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    })
}
