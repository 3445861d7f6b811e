//! A peer of a server that knows nothing of it: sockets, bytes, and the frames of `ws_core`.

use std::borrow::Borrow;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::Server;

/// Nothing takes so long: whoever waits longer waits in vain.
pub const GUARD: Duration = Duration::from_secs(60);

/// The key of every client's frames.
pub const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A client on whatever carries bytes.
#[derive(Debug)]
pub struct Peer<S = TcpStream> {
    /// What carries them.
    pub stream: S,
    /// What was read and not asked for yet.
    pub unread: Vec<u8>,
    /// The connection ended by a reset, which may have overtaken what was on its way.
    was_reset: bool,
}

/// The request of an ordinary client.
pub fn request(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
    )
}

/// The request of a client that wants nothing special.
pub const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Where a server is.
pub trait At {
    /// Its address.
    fn at(&self) -> SocketAddr;
}

impl At for SocketAddr {
    fn at(&self) -> SocketAddr {
        *self
    }
}

/// Its first address.
impl At for &Server {
    fn at(&self) -> SocketAddr {
        self.address().unwrap()
    }
}

/// A socket to a server.
pub fn dial(server: impl At) -> TcpStream {
    let stream = TcpStream::connect(server.at()).unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    stream.set_write_timeout(Some(GUARD)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// A frame as a client sends it.
pub fn masked(frame: impl Borrow<WireFrame>) -> Vec<u8> {
    frame.borrow().clone().masked(KEY).encode()
}

impl Peer {
    /// A client whose WebSocket is open.
    pub fn open(server: impl At) -> Self {
        Self::open_at(server, "/", "")
    }

    /// The same at this path, with these headers.
    pub fn open_at(server: impl At, path: &str, headers: &str) -> Self {
        Self::over(dial(server), path, headers)
    }

    /// A client whose handshake has not begun.
    pub fn connect(server: impl At) -> Self {
        Self::new(dial(server))
    }

    /// Says that nothing more will come.
    pub fn shut(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }
}

impl<S: Read + Write> Peer<S> {
    /// A client that has said nothing yet.
    pub const fn new(stream: S) -> Self {
        Self { stream, unread: vec![], was_reset: false }
    }

    /// Opens a WebSocket over this stream.
    pub fn over(stream: S, path: &str, headers: &str) -> Self {
        let mut peer = Self::new(stream);
        peer.write(request(path, headers));
        let head = peer.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        peer
    }

    /// Sends these bytes.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self.stream.flush().unwrap();
    }

    /// Sends a frame as a client does: masked.
    pub fn send(&mut self, frame: impl Borrow<WireFrame>) {
        self.write(masked(frame));
    }

    /// Sends a text.
    pub fn text(&mut self, text: impl AsRef<[u8]>) {
        self.send(WireFrame::text(text));
    }

    /// Sends Close.
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        self.send(WireFrame::close(code, reason));
    }

    /// Reads more; tells whether there was more.
    fn more(&mut self) -> bool {
        let mut buffer = [0; 64 << 10];
        match self.stream.read(&mut buffer) {
            Ok(count) => {
                self.unread.extend_from_slice(&buffer[..count]);
                count > 0
            }
            // The end without a word of TLS.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => false,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                self.was_reset = true;
                false
            }
            Err(error) => panic!("{error}, after {:?}", Sample(&self.unread)),
        }
    }

    /// The head of a response.
    pub fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.unread.split_off(end + 4);
                return String::from_utf8(std::mem::replace(&mut self.unread, rest)).unwrap();
            }
            assert!(self.more(), "the head ends early: {:?}", Sample(&self.unread));
        }
    }

    /// The next frame; none if the connection has ended, in whatever way.
    pub fn frame(&mut self) -> Option<WireFrame> {
        loop {
            if let Some((frame, len)) = WireFrame::decode(&self.unread) {
                self.unread.drain(..len);
                return Some(frame);
            }
            if !self.more() {
                assert!(self.unread.is_empty(), "part of a frame: {:?}", Sample(&self.unread));
                return None;
            }
        }
    }

    /// The next message, put together.
    pub fn message(&mut self) -> WireFrame {
        let mut message = self.frame().expect("a message");
        while !message.fin {
            let more = self.frame().expect("more of the message");
            assert_eq!(more.opcode, 0);
            message.payload.extend(more.payload);
            message.fin = more.fin;
        }
        message
    }

    /// The frame that comes next, not the end.
    pub fn read(&mut self) -> WireFrame {
        self.frame().expect("a frame, not the end")
    }

    /// A Ping comes next, with this payload.
    pub fn expect_ping(&mut self) -> Vec<u8> {
        let frame = self.read();
        assert_eq!(frame.opcode, 0x9, "{frame:?}");
        frame.payload
    }

    /// A message comes back: so nothing else came first, and the connection is well.
    pub fn echo(&mut self, payload: impl AsRef<[u8]>) {
        let message = WireFrame::binary(payload);
        self.send(&message);
        assert_eq!(self.read(), message);
    }

    /// This text comes next.
    pub fn expect_text(&mut self, text: &str) {
        assert_eq!(self.message(), WireFrame::text(text));
    }

    /// The next frame is a Close with this code.
    pub fn expect_close(&mut self, code: CloseCode) -> String {
        let frame = self.read();
        assert_eq!(frame.close_code(), Some(code), "{frame:?}");
        String::from_utf8(frame.payload[2..].to_vec()).unwrap()
    }

    /// The same, and nothing behind it.
    pub fn expect_closed(&mut self, code: CloseCode) -> String {
        let reason = self.expect_close(code);
        self.expect_end();
        reason
    }

    /// The server has ended the connection, in good order, and said nothing more.
    pub fn expect_end(&mut self) {
        assert_eq!(self.frame(), None);
        assert!(!self.was_reset, "a reset");
    }

    /// Everything up to the end.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.unread)
    }

    /// Closes as one should, and waits for the end.
    pub fn leave(mut self) {
        self.close(CloseCode::NORMAL, "");
        while let Some(frame) = self.frame() {
            if frame.opcode == 8 {
                assert_eq!(frame.close_code(), Some(CloseCode::NORMAL));
            }
        }
        assert!(!self.was_reset, "a reset");
    }
}

/// Some bytes for a message that a test fails with.
struct Sample<'a>(&'a [u8]);

impl fmt::Debug for Sample<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = &self.0[..self.0.len().min(200)];
        write!(f, "{} bytes: {:?}", self.0.len(), String::from_utf8_lossy(start))
    }
}

/// The status of a response.
pub fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect(head)
}

/// Waits until something is so that no event tells of, without a break.
pub fn until(mut so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !so() {
        assert!(began.elapsed() < GUARD, "it never came to be");
        std::thread::yield_now();
    }
}

/// The next of what was told.
pub fn next<T>(told: &Receiver<T>) -> T {
    told.recv_timeout(GUARD).expect("nothing was told")
}

/// Bytes that are not all alike.
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * 31 % 251) as u8).collect()
}
