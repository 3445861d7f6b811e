//! Who decodes: the bare work, this crate, and its peers, each with its own message object.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use ws_core::frame::{Mask, header_len};
use ws_core::{Decoder, Event, Side};

use crate::load::{Checker, Load, READ, Source};
use crate::measure::Contestant;
use crate::stream::{Ready, Receive, block_on};

/// Everyone, ready to decode `load`; the first is the ceiling.
pub(crate) fn all(load: &Rc<Load>, smoke: bool) -> Vec<Contestant> {
    let checker = || Checker::new(load, smoke);
    let source = || Source::new(load);
    vec![
        Contestant { name: crate::CEILING, run: ceiling(checker()) },
        Contestant { name: crate::OURS, run: ours(source(), checker()) },
        Contestant { name: crate::TUNGSTENITE, run: tungstenite(source(), checker()) },
        Contestant { name: crate::FASTWEBSOCKETS, run: fastwebsockets(source(), checker()) },
        Contestant { name: crate::TOKIO_WEBSOCKETS, run: tokio_websockets(source(), checker()) },
    ]
}

type Run = Box<dyn FnMut(usize)>;

/// What no codec can leave out: each payload is copied out of the stream, unmasked and validated,
/// with its place and its size known beforehand. Above 64 KiB, block by block.
fn ceiling(mut checker: Checker) -> Run {
    let load = Rc::clone(checker.load());
    let mut buffer = vec![0; READ];
    let mut at = 0;
    Box::new(move |messages| {
        let (stream, is_text) = (load.stream.as_slice(), load.is_text());
        for _ in 0..messages {
            let mut left = load.size;
            at += header_len(left as u64, true);
            let mut mask = Mask::new(stream[at - 4..at].try_into().unwrap());
            while left > 0 {
                let block = &mut buffer[..left.min(READ)];
                block.copy_from_slice(&stream[at..at + block.len()]);
                mask.apply(block);
                if is_text {
                    simdutf8::basic::from_utf8(block).unwrap();
                }
                at += block.len();
                left -= block.len();
                checker.piece(block, left == 0);
            }
            if at == stream.len() {
                at = 0;
            }
        }
        checker.finish();
    })
}

/// As a server drives it: reads into the one buffer of the thread, takes events until there is
/// none, and carries the bytes of an unfinished header to the front for the next read.
fn ours(mut source: Source, mut checker: Checker) -> Run {
    let mut decoder = Decoder::new(Side::Server);
    let mut buffer = vec![0; READ];
    let (mut at, mut filled) = (0, 0);
    Box::new(move |messages| {
        let mut left = messages;
        while left > 0 {
            let unread = &mut buffer[at..filled];
            let decoded = decoder.decode(unread).unwrap();
            at += decoded.consumed;
            match decoded.event {
                Some(Event::Chunk(chunk)) => {
                    checker.piece(chunk.span.of(unread), chunk.ends);
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
        checker.finish();
    })
}

fn tungstenite(source: Source, mut checker: Checker) -> Run {
    use tungstenite::protocol::{Message, Role, WebSocket, WebSocketConfig};

    let config = WebSocketConfig::default().read_buffer_size(READ);
    let mut socket = WebSocket::from_raw_socket(source, Role::Server, Some(config));
    Box::new(move |messages| {
        for _ in 0..messages {
            match socket.read().unwrap() {
                Message::Text(text) => checker.message(text.as_bytes()),
                Message::Binary(bytes) => checker.message(&bytes),
                _ => unreachable!("nobody sent a control frame"),
            }
        }
        checker.finish();
    })
}

fn fastwebsockets(source: Source, mut checker: Checker) -> Run {
    use fastwebsockets::{FragmentCollector, Role, WebSocket};

    let socket = WebSocket::after_handshake(Ready(source), Role::Server);
    let mut socket = FragmentCollector::new(socket);
    Box::new(move |messages| {
        block_on(async {
            for _ in 0..messages {
                let frame = socket.read_frame().await.unwrap();
                checker.message(&frame.payload);
            }
        });
        checker.finish();
    })
}

fn tokio_websockets(source: Source, mut checker: Checker) -> Run {
    use tokio_websockets::ServerBuilder;

    let mut socket = ServerBuilder::new().serve(Ready(source));
    Box::new(move |messages| {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..messages {
            let polled = Pin::new(&mut socket).poll_next(&mut context);
            let Poll::Ready(Some(message)) = polled else { unreachable!("a source never waits") };
            checker.message(message.unwrap().as_payload());
        }
        checker.finish();
    })
}
