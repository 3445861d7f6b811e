//! Who encodes: frames of a server, unmasked, gathered in a buffer as for one write.

use std::hint::black_box;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_sink::Sink;
use ws_core::frame::{Header, Opcode, Reserved};

use crate::measure::Contestant;
use crate::stream::{Ready, Receive};

/// Everyone, ready to encode frames with payloads of `size` bytes.
pub(crate) fn frames(size: usize) -> Vec<Contestant> {
    let payload = Bytes::from(vec![b'x'; size]);
    vec![
        Contestant { name: crate::OURS, run: ours(payload.clone()) },
        Contestant { name: crate::TUNGSTENITE, run: tungstenite(payload.clone()) },
        Contestant { name: crate::FASTWEBSOCKETS, run: fastwebsockets(payload.clone()) },
        Contestant { name: crate::TOKIO_WEBSOCKETS, run: tokio_websockets(payload) },
    ]
}

/// Everyone who can encode a header alone, for a payload that is sent from where it lies.
pub(crate) fn headers(size: usize) -> Vec<Contestant> {
    let payload = Bytes::from(vec![b'x'; size]);
    vec![
        Contestant { name: crate::OURS, run: our_header(size) },
        Contestant { name: crate::TUNGSTENITE, run: tungstenite_header(size) },
        Contestant { name: crate::FASTWEBSOCKETS, run: fastwebsockets_header(payload) },
    ]
}

type Run = Box<dyn FnMut(usize)>;

/// As much as is gathered for one write, in a cache that a buffer in use would be in.
const WRITE: usize = 16 * 1024;

/// Where frames are gathered: full, then from the front again.
struct Cork(Vec<u8>);

impl Cork {
    fn new() -> Self {
        Self(Vec::with_capacity(WRITE))
    }

    #[inline]
    fn make_room(&mut self, len: usize) {
        if self.0.len() + len > WRITE {
            black_box(self.0.as_slice());
            self.0.clear();
        }
    }

    fn check(&self, payload: &[u8]) {
        check(&self.0, payload);
    }
}

/// Whether the last frame is what it must be.
fn check(bytes: &[u8], payload: &[u8]) {
    let frame = header(payload.len()).encode();
    assert!(bytes.ends_with(payload), "a payload is not what was sent");
    let header = &bytes[..bytes.len() - payload.len()];
    assert!(header.ends_with(frame.as_slice()), "a header is not what it must be");
}

impl Write for Cork {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make_room(bytes.len());
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody writes to us.
impl Receive for Cork {
    fn receive(&mut self, _: usize) -> &[u8] {
        &[]
    }
}

fn header(size: usize) -> Header {
    Header {
        fin: true,
        reserved: Reserved::NONE,
        opcode: Opcode::Binary,
        mask: None,
        len: size as u64,
    }
}

fn ours(payload: Bytes) -> Run {
    let mut cork = Cork::new();
    Box::new(move |messages| {
        for _ in 0..messages {
            let payload = black_box(payload.as_ref());
            let header = header(payload.len()).encode();
            cork.make_room(header.as_slice().len() + payload.len());
            cork.0.extend_from_slice(header.as_slice());
            cork.0.extend_from_slice(payload);
        }
        cork.check(&payload);
    })
}

fn our_header(size: usize) -> Run {
    Box::new(move |messages| {
        for _ in 0..messages {
            black_box(header(black_box(size)).encode().as_slice());
        }
    })
}

fn tungstenite(payload: Bytes) -> Run {
    use tungstenite::protocol::frame::Frame;
    use tungstenite::protocol::frame::coding::{Data, OpCode};

    let mut cork = Cork::new();
    Box::new(move |messages| {
        for _ in 0..messages {
            let payload = black_box(&payload).clone();
            cork.make_room(payload.len() + 10);
            let frame = Frame::message(payload, OpCode::Data(Data::Binary), true);
            frame.format(&mut cork.0).unwrap();
        }
        cork.check(&payload);
    })
}

fn tungstenite_header(size: usize) -> Run {
    use tungstenite::protocol::frame::FrameHeader;
    use tungstenite::protocol::frame::coding::{Data, OpCode};

    let mut bytes = Vec::with_capacity(16);
    Box::new(move |messages| {
        for _ in 0..messages {
            let opcode = OpCode::Data(Data::Binary);
            let header = FrameHeader { opcode, ..FrameHeader::default() };
            bytes.clear();
            header.format(black_box(size) as u64, &mut bytes).unwrap();
            black_box(bytes.as_slice());
        }
    })
}

/// It writes every frame to the front of the buffer it is given.
fn fastwebsockets(payload: Bytes) -> Run {
    use fastwebsockets::{Frame, Payload};

    let mut buffer = vec![0; WRITE];
    Box::new(move |messages| {
        let mut written = 0;
        for _ in 0..messages {
            let payload = Payload::Borrowed(black_box(payload.as_ref()));
            written = black_box(Frame::binary(payload).write(&mut buffer)).len();
        }
        check(&buffer[..written], &payload);
    })
}

fn fastwebsockets_header(payload: Bytes) -> Run {
    use fastwebsockets::{Frame, Payload};

    let mut head = [0; 14];
    Box::new(move |messages| {
        for _ in 0..messages {
            let payload = Payload::Borrowed(black_box(payload.as_ref()));
            let len = Frame::binary(payload).fmt_head(&mut head);
            black_box(&head[..len]);
        }
    })
}

/// It has no encoder of its own to call: frames go through its queue.
fn tokio_websockets(payload: Bytes) -> Run {
    use tokio_websockets::{Message, ServerBuilder};

    let mut socket = ServerBuilder::new().serve(Ready(Cork::new()));
    Box::new(move |messages| {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..messages {
            let message = Message::binary(black_box(&payload).clone());
            let ready = Pin::new(&mut socket).poll_ready(&mut context);
            assert!(matches!(ready, Poll::Ready(Ok(()))), "a cork never waits");
            Pin::new(&mut socket).start_send(message).unwrap();
        }
        let flushed = Pin::new(&mut socket).poll_flush(&mut context);
        assert!(matches!(flushed, Poll::Ready(Ok(()))), "a cork never waits");
        let cork = &socket.get_ref().0.0;
        assert!(cork.ends_with(&payload), "a payload is not what was sent");
    })
}
