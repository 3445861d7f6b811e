//! Who decodes: the bare work, this crate, and its peers, each with its own message object.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use ws_core::frame::{Mask, header_len};
use ws_core::{Decoder, Event, Side};

use crate::load::{Checker, Load, READ, Source, Turn};
use crate::measure::Contestant;
use crate::stream::{Ready, Receive, block_on};

/// Everyone, ready to decode `load`; the first is the ceiling.
pub(crate) fn all(load: &Rc<Load>, smoke: bool) -> Vec<Contestant> {
    let checker = || Checker::new(load, smoke);
    let source = || Source::new(load);
    vec![
        Contestant { name: crate::CEILING, run: ceiling(Rc::clone(load), checker()) },
        Contestant { name: crate::OURS, run: ours(source(), checker()) },
        Contestant { name: crate::TUNGSTENITE, run: tungstenite(source(), checker()) },
        Contestant { name: crate::FASTWEBSOCKETS, run: fastwebsockets(source(), checker()) },
        Contestant { name: crate::TOKIO_WEBSOCKETS, run: tokio_websockets(source(), checker()) },
    ]
}

type Run = Box<dyn FnMut(usize)>;

/// What no codec can leave out: the stream is read in blocks of at most 64 KiB, and each payload
/// is unmasked and validated where it lies, with every place and size known beforehand.
fn ceiling(load: Rc<Load>, mut checker: Checker) -> Run {
    let frame = header_len(load.size as u64, true) + load.size;
    let mut buffer = vec![0; READ];
    let mut at = 0;
    Box::new(move |messages| {
        let mut turn = checker.turn();
        let mut left = messages;
        while left > 0 {
            // As many frames as one read holds, or one that takes several reads.
            let count = (READ / frame).min((load.stream.len() - at) / frame).clamp(1, left);
            let frames = &load.stream[at..at + count * frame];
            if frame <= READ {
                small(&load, frames, &mut buffer, &mut turn);
            } else {
                large(&load, frames, &mut buffer, &mut turn);
            }
            left -= count;
            at = (at + frames.len()) % load.stream.len();
        }
        turn.finish();
    })
}

#[inline(always)]
fn small(load: &Load, frames: &[u8], buffer: &mut [u8], turn: &mut Turn<'_>) {
    let header = header_len(load.size as u64, true);
    let block = &mut buffer[..frames.len()];
    block.copy_from_slice(frames);
    for frame in block.chunks_exact_mut(header + load.size) {
        let (header, payload) = frame.split_at_mut(header);
        Mask::new(*header.last_chunk().unwrap()).apply(payload);
        if load.is_text() {
            simdutf8::basic::from_utf8(payload).unwrap();
        }
        turn.message(payload);
    }
}

#[inline(always)]
fn large(load: &Load, frame: &[u8], buffer: &mut [u8], turn: &mut Turn<'_>) {
    let (header, payload) = frame.split_at(header_len(load.size as u64, true));
    let mut mask = Mask::new(*header.last_chunk().unwrap());
    let mut pieces = payload.chunks(buffer.len()).peekable();
    while let Some(piece) = pieces.next() {
        let block = &mut buffer[..piece.len()];
        block.copy_from_slice(piece);
        mask.apply(block);
        if load.is_text() {
            simdutf8::basic::from_utf8(block).unwrap();
        }
        turn.piece(block, pieces.peek().is_none());
    }
}

/// As a server drives it: reads into the one buffer of the thread, takes events until there is
/// none, and carries the bytes of an unfinished header to the front for the next read.
fn ours(mut source: Source, mut checker: Checker) -> Run {
    let mut decoder = Decoder::new(Side::Server);
    let mut buffer = vec![0; READ];
    let mut unread = 0..0;
    Box::new(move |messages| {
        let mut turn = checker.turn();
        let mut left = messages;
        let (mut at, mut filled) = (unread.start, unread.end);
        while left > 0 {
            let unread = &mut buffer[at..filled];
            let decoded = decoder.decode(unread).unwrap();
            at += decoded.consumed;
            match decoded.event {
                Some(Event::Chunk(chunk)) => {
                    turn.piece(chunk.span.of(unread), chunk.ends);
                    left -= usize::from(chunk.ends);
                }
                Some(_) => unreachable!("nobody sent a control frame"),
                None => {
                    buffer.copy_within(at..filled, 0);
                    (at, filled) = (0, filled - at);
                    let bytes = source.receive(READ - filled);
                    buffer[filled..filled + bytes.len()].copy_from_slice(bytes);
                    filled += bytes.len();
                }
            }
        }
        unread = at..filled;
        turn.finish();
    })
}

fn tungstenite(source: Source, mut checker: Checker) -> Run {
    use tungstenite::protocol::{Message, Role, WebSocket, WebSocketConfig};

    let config = WebSocketConfig::default().read_buffer_size(READ);
    let mut socket = WebSocket::from_raw_socket(source, Role::Server, Some(config));
    Box::new(move |messages| {
        let mut turn = checker.turn();
        for _ in 0..messages {
            match socket.read().unwrap() {
                Message::Text(text) => turn.message(text.as_bytes()),
                Message::Binary(bytes) => turn.message(&bytes),
                _ => unreachable!("nobody sent a control frame"),
            }
        }
        turn.finish();
    })
}

fn fastwebsockets(source: Source, mut checker: Checker) -> Run {
    use fastwebsockets::{FragmentCollector, Role, WebSocket};

    let socket = WebSocket::after_handshake(Ready(source), Role::Server);
    let mut socket = FragmentCollector::new(socket);
    Box::new(move |messages| {
        let mut turn = checker.turn();
        block_on(async {
            for _ in 0..messages {
                let frame = socket.read_frame().await.unwrap();
                turn.message(&frame.payload);
            }
        });
        turn.finish();
    })
}

fn tokio_websockets(source: Source, mut checker: Checker) -> Run {
    use tokio_websockets::ServerBuilder;

    let mut socket = ServerBuilder::new().serve(Ready(source));
    Box::new(move |messages| {
        let mut turn = checker.turn();
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..messages {
            let polled = Pin::new(&mut socket).poll_next(&mut context);
            let Poll::Ready(Some(message)) = polled else { unreachable!("a source never waits") };
            turn.message(message.unwrap().as_payload());
        }
        turn.finish();
    })
}
