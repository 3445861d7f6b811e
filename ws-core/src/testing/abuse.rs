//! What bad peers send, and what a good server answers.
//!
//! Each [`Abuse`] is data: [`handshakes`] begin with the request, [`after_handshake`] behind the
//! response. They hold bytes for a server that echoes messages of up to [`MAX_MESSAGE`] bytes,
//! and the [`Answer`] that the RFC, or common sense about memory, asks for. Run them against a
//! server of yours:
//!
//! ```
//! use ws_core::testing::abuse;
//! # fn talk(bytes: &[u8]) -> Vec<u8> {
//! #     use ws_core::{Server, Side, io::WebSocket, endpoint::{Endpoint, Inbox, buffer_for}};
//! #     let mut script = ws_core::testing::Script::new().then(bytes).then_would_block();
//! #     let inbox = Inbox::new(vec![0; buffer_for(abuse::MAX_MESSAGE)], Side::Server).unwrap();
//! #     let endpoint = Endpoint::new(Server, abuse::MAX_MESSAGE as u64, inbox, []).unwrap();
//! #     let mut socket = WebSocket::new(&mut script, endpoint);
//! #     while let Ok(Some(message)) = socket.receive() {
//! #         if message.echo().is_err() { break }
//! #     }
//! #     script.written().to_vec()
//! # }
//! for abuse in abuse::after_handshake() {
//!     // Connect, shake hands, write the bytes, leave the connection open, and read until the
//!     // server closes it or says no more.
//!     let answered: Vec<u8> = talk(&abuse.bytes);
//!     assert_eq!(abuse.judge(&answered), Ok(()), "{}", abuse.name);
//! }
//! ```

mod frames;
mod handshakes;

pub use frames::after_handshake;
pub use handshakes::{REQUEST, handshakes};

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::WireFrame;
use crate::frame::CloseCode;

/// The largest message that the server under test takes.
pub const MAX_MESSAGE: usize = 1024;

/// Something that a bad peer does, or a good one that is often mistreated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abuse {
    /// What it is, in words.
    pub name: &'static str,
    /// The requirements that it is about.
    pub requirements: &'static [&'static str],
    /// What the client sends.
    pub bytes: Vec<u8>,
    /// What must come back.
    pub answer: Answer,
}

/// What must come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP response with this status, and no WebSocket.
    Status(u16),
    /// A 101 with the accept key of [`REQUEST`], and then these frames.
    Opened(Vec<WireFrame>),
    /// These frames, and no Close behind them.
    Frames(Vec<WireFrame>),
    /// These frames, and then a Close with this code, or with none; nothing behind it.
    FramesThenClose(Vec<WireFrame>, Option<CloseCode>),
}

impl Abuse {
    /// Whether a server that answered so is right; if not, why not. A message may come back in any
    /// fragments.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn judge(&self, answered: &[u8]) -> Result<(), String> {
        match &self.answer {
            Answer::Status(status) => {
                judge_head(answered, &format!("HTTP/1.1 {status} ")).map(drop)
            }
            Answer::Opened(frames) => {
                let (head, behind) = judge_head(answered, "HTTP/1.1 101 ")?;
                if !head.contains(ACCEPT) {
                    return Err(format!("without the accept key: {head}"));
                }
                judge_frames(behind, frames, None)
            }
            Answer::Frames(frames) => judge_frames(answered, frames, None),
            Answer::FramesThenClose(frames, code) => judge_frames(answered, frames, Some(*code)),
        }
    }
}

/// The proof that the key of [`REQUEST`] was read (RFC 6455 section 1.3).
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The head of a response, and what is behind it.
fn judge_head<'a>(answered: &'a [u8], begin: &str) -> Result<(&'a str, &'a [u8]), String> {
    let end = answered.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let split = end.and_then(|end| answered.split_at_checked(end));
    let (head, behind) = split.ok_or_else(|| format!("no HTTP response: {answered:x?}"))?;
    match core::str::from_utf8(head) {
        Ok(head) if head.starts_with(begin) => Ok((head, behind)),
        head => Err(format!("not {begin}: {head:?}")),
    }
}

/// Whether these frames came back, and then this Close, if any.
fn judge_frames(
    answered: &[u8],
    expected: &Vec<WireFrame>,
    close: Option<Option<CloseCode>>,
) -> Result<(), String> {
    let frames = WireFrame::decode_all(answered);
    if frames.iter().any(|frame| frame.mask.is_some() || frame.reserved != 0) {
        return Err(format!("masked, or with reserved bits: {frames:x?}"));
    }
    let mut said = joined(frames);
    let closed = said.iter().position(|frame| frame.opcode == 0x8);
    let closing = closed.map(|at| said.split_off(at));
    if &said != expected {
        return Err(format!("answered {said:x?}, not {expected:x?}"));
    }
    match (closing.as_deref(), close) {
        (None, None) => Ok(()),
        (Some([frame]), Some(code)) if frame.close_code() == code => Ok(()),
        (closing, _) => Err(format!("closed with {closing:x?}, not with {close:?}")),
    }
}

/// The frames with the fragments of each message joined, where the message ends.
fn joined(frames: Vec<WireFrame>) -> Vec<WireFrame> {
    let mut all = Vec::new();
    let mut open: Option<WireFrame> = None;
    for frame in frames {
        if frame.opcode >= 0x8 {
            all.push(frame);
            continue;
        }
        let mut message = match open.take() {
            Some(mut message) => {
                message.payload.extend_from_slice(&frame.payload);
                message
            }
            None => frame.clone(),
        };
        message.fin = frame.fin;
        if message.fin { all.push(message) } else { open = Some(message) }
    }
    all
}
