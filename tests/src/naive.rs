//! A slow, obvious WebSocket decoder, written from RFC 6455 and from nothing else: the oracle.
//!
//! It has all bytes of a stream before it and looks at one rule after the other. Where a byte
//! breaks several rules the RFC does not say which one to name, and the oracle names them all.

use ws_core::{Rule, Side};

use crate::WireFrame;

/// What a stream says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was said before the stream went wrong, or ended: messages that are whole, put together
    /// from their frames, and control frames.
    pub heard: Vec<WireFrame>,
    /// How it went wrong.
    pub breach: Option<Breach>,
}

/// Where a stream breaks the RFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rules that its first bad byte breaks.
    pub rules: Vec<Rule>,
    /// How many bytes are in front of that byte.
    pub offset: usize,
}

/// Why the oracle cannot go on.
enum Stop {
    /// The stream ends here.
    End,
    /// The stream is wrong here.
    Wrong(Breach),
}

/// The message that has begun and not ended.
struct Open {
    opcode: u8,
    payload: Vec<u8>,
    /// Where in the stream each byte of the payload was.
    places: Vec<usize>,
    announced: u64,
}

/// What `side` hears in `stream`, if it takes messages of up to `max_message` bytes.
pub fn decode(side: Side, max_message: u64, stream: &[u8]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut open = None;
    let mut at = 0;
    loop {
        match frame(side, max_message, stream, &mut at, &mut open) {
            Ok(None) => {}
            Ok(Some(heard)) => {
                let closes = heard.opcode == 8;
                verdict.heard.push(heard);
                // 1.4: "After receiving such a frame [Close], [...] discards any further data".
                if closes {
                    return verdict;
                }
            }
            Err(Stop::End) => return verdict,
            Err(Stop::Wrong(breach)) => {
                verdict.breach = Some(breach);
                return verdict;
            }
        }
    }
}

/// Reads one frame at `at`, and tells what it completes.
fn frame(
    side: Side,
    max_message: u64,
    stream: &[u8],
    at: &mut usize,
    open: &mut Option<Open>,
) -> Result<Option<WireFrame>, Stop> {
    let begin = *at;
    let first = take::<1>(stream, at)?[0];
    let (fin, reserved, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0F);
    let is_control = opcode >= 8;
    let mut rules = vec![];
    // 5.2: "MUST be 0 unless an extension is negotiated".
    push_if(&mut rules, reserved != 0, Rule::ReservedBits);
    // 5.2: "%x3-7 are reserved for further non-control frames", "%xB-F [...] control frames".
    push_if(&mut rules, (3..=7).contains(&opcode) || opcode >= 11, Rule::UnknownOpcode);
    // 5.5: "MUST NOT be fragmented".
    push_if(&mut rules, is_control && !fin, Rule::FragmentedControl);
    // 5.4: what follows an unfinished frame is a continuation, and nothing else is one.
    push_if(&mut rules, opcode == 0 && open.is_none(), Rule::StrayContinuation);
    push_if(&mut rules, matches!(opcode, 1 | 2) && open.is_some(), Rule::InterleavedMessage);
    wrong_if_any(rules, begin)?;

    let second = take::<1>(stream, at)?[0];
    let (masked, short) = (second & 0x80 != 0, second & 0x7F);
    let mut rules = vec![];
    // 5.1: clients mask all frames, servers mask none.
    push_if(&mut rules, side == Side::Server && !masked, Rule::Unmasked);
    push_if(&mut rules, side == Side::Client && masked, Rule::Masked);
    // 5.5: "MUST have a payload length of 125 bytes or less".
    push_if(&mut rules, is_control && short > 125, Rule::LongControl);
    wrong_if_any(rules, begin + 1)?;

    let len = length(short, stream, at)?;
    let key = if masked { take::<4>(stream, at)? } else { [0; 4] };
    let there = &stream[*at..stream.len().min(at.saturating_add(len as usize))];
    // 5.3: "transformed-octet-i = original-octet-i XOR masking-key-octet-j", "j = i MOD 4".
    let payload: Vec<u8> = there.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
    let is_whole = there.len() as u64 == len;
    let begin = *at;
    *at += there.len();
    if is_control {
        if !is_whole {
            return Err(Stop::End);
        }
        if opcode == 8 {
            check_close(&payload, begin)?;
        }
        return Ok(Some(WireFrame::new(opcode, payload)));
    }

    let mut message =
        open.take().unwrap_or(Open { opcode, payload: vec![], places: vec![], announced: 0 });
    message.announced += len;
    if message.announced > max_message {
        return wrong(Rule::TooBig, begin);
    }
    message.places.extend(begin..*at);
    message.payload.extend(payload);
    let ends = is_whole && fin;
    if message.opcode == 1 {
        match first_bad(&message.payload) {
            Ok(whole) if whole || !ends => {}
            Ok(_) => return wrong(Rule::InvalidUtf8, *at),
            Err(bad) => return wrong(Rule::InvalidUtf8, message.places[bad]),
        }
    }
    if !is_whole {
        return Err(Stop::End);
    }
    if ends {
        return Ok(Some(WireFrame::new(message.opcode, message.payload)));
    }
    *open = Some(message);
    Ok(None)
}

/// 5.2: "Payload length: 7 bits, 7+16 bits, or 7+64 bits".
fn length(short: u8, stream: &[u8], at: &mut usize) -> Result<u64, Stop> {
    let length_byte = *at - 1;
    let (len, least) = match short {
        126 => (u64::from(u16::from_be_bytes(take(stream, at)?)), 126),
        127 => {
            // "the most significant bit MUST be 0".
            if stream.get(*at).is_some_and(|byte| byte & 0x80 != 0) {
                return wrong(Rule::LengthTopBit, *at);
            }
            (u64::from_be_bytes(take(stream, at)?), 65_536)
        }
        _ => (u64::from(short), 0),
    };
    // "the minimal number of bytes MUST be used to encode the length".
    if len < least { wrong(Rule::LengthNotMinimal, length_byte) } else { Ok(len) }
}

/// 5.5.1, 7.4 and 8.1: what a Close may carry.
fn check_close(payload: &[u8], begin: usize) -> Result<(), Stop> {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(()) } else { wrong(Rule::CloseTooShort, begin) };
    };
    let code = u16::from(*high) * 256 + u16::from(*low);
    let defined = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    if !defined.contains(&code) && !(3000..5000).contains(&code) {
        return wrong(Rule::CloseCodeInvalid, begin);
    }
    match first_bad(reason) {
        Ok(true) => Ok(()),
        Ok(false) => wrong(Rule::CloseReasonNotUtf8, begin + payload.len()),
        Err(bad) => wrong(Rule::CloseReasonNotUtf8, begin + 2 + bad),
    }
}

/// The index of the first byte that nothing behind it could make UTF-8; else whether the text is
/// whole.
pub fn first_bad(text: &[u8]) -> Result<bool, usize> {
    let Err(error) = std::str::from_utf8(text) else { return Ok(true) };
    if error.error_len().is_none() {
        return Ok(false);
    }
    // The library names where the bad character begins: the bad byte is where its prefix turns bad.
    let begin = error.valid_up_to();
    let turns_bad = |end: &usize| {
        std::str::from_utf8(&text[begin..*end]).is_err_and(|error| error.error_len().is_some())
    };
    Err((begin + 1..=text.len()).find(turns_bad).expect("the whole is bad") - 1)
}

fn take<const N: usize>(stream: &[u8], at: &mut usize) -> Result<[u8; N], Stop> {
    let bytes = stream.get(*at..*at + N).ok_or(Stop::End)?;
    *at += N;
    Ok(bytes.try_into().expect("as many as asked for"))
}

fn push_if(rules: &mut Vec<Rule>, broken: bool, rule: Rule) {
    if broken {
        rules.push(rule);
    }
}

fn wrong_if_any(rules: Vec<Rule>, offset: usize) -> Result<(), Stop> {
    if rules.is_empty() { Ok(()) } else { Err(Stop::Wrong(Breach { rules, offset })) }
}

fn wrong<T>(rule: Rule, offset: usize) -> Result<T, Stop> {
    Err(Stop::Wrong(Breach { rules: vec![rule], offset }))
}
