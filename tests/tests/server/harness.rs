//! A peer of the server that knows nothing of it: sockets, bytes, and the frames of `ws_core`.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Closures, Ended, Server};

/// Nothing takes so long: whoever waits longer waits in vain.
pub(crate) const GUARD: Duration = Duration::from_secs(10);

/// The key of every client's frames.
pub(crate) const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A client on whatever carries bytes.
pub(crate) struct Peer<S = TcpStream> {
    pub(crate) stream: S,
    /// What was read and not asked for yet.
    pub(crate) unread: Vec<u8>,
}

/// The request of an ordinary client.
pub(crate) fn request(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
    )
}

/// A socket to the server's first address.
pub(crate) fn dial(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address().unwrap()).unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    stream.set_write_timeout(Some(GUARD)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

impl Peer {
    /// A client whose WebSocket is open.
    pub(crate) fn open(server: &Server) -> Self {
        Self::open_at(server, "/", "")
    }

    pub(crate) fn open_at(server: &Server, path: &str, headers: &str) -> Self {
        Self::over(dial(server), path, headers)
    }

    /// Says that nothing more will come.
    pub(crate) fn shut(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }
}

impl<S: Read + Write> Peer<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self { stream, unread: vec![] }
    }

    /// Opens a WebSocket over this stream.
    pub(crate) fn over(stream: S, path: &str, headers: &str) -> Self {
        let mut peer = Self::new(stream);
        peer.write(request(path, headers).as_bytes());
        let head = peer.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        peer
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
        self.stream.flush().unwrap();
    }

    /// Sends a frame as a client does: masked.
    pub(crate) fn send(&mut self, frame: &WireFrame) {
        self.write(&frame.clone().masked(KEY).encode());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.send(&WireFrame::text(text));
    }

    pub(crate) fn close(&mut self, code: CloseCode, reason: &str) {
        self.send(&WireFrame::close(code, reason));
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
            Err(error) => panic!("{error}, after {:?}", Sample(&self.unread)),
        }
    }

    /// The head of a response.
    pub(crate) fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.unread.split_off(end + 4);
                return String::from_utf8(std::mem::replace(&mut self.unread, rest)).unwrap();
            }
            assert!(self.more(), "the head ends early: {:?}", Sample(&self.unread));
        }
    }

    /// The next frame; none if the server has ended the connection in good order.
    pub(crate) fn frame(&mut self) -> Option<WireFrame> {
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
    pub(crate) fn message(&mut self) -> WireFrame {
        let mut message = self.frame().expect("a message");
        while !message.fin {
            let more = self.frame().expect("more of the message");
            assert_eq!(more.opcode, 0);
            message.payload.extend(more.payload);
            message.fin = more.fin;
        }
        message
    }

    pub(crate) fn expect_text(&mut self, text: &str) {
        assert_eq!(self.message(), WireFrame::text(text));
    }

    /// The next frame is a Close with this code.
    pub(crate) fn expect_close(&mut self, code: CloseCode) -> String {
        let frame = self.frame().expect("a Close");
        assert_eq!(frame.close_code(), Some(code), "{frame:?}");
        String::from_utf8(frame.payload[2..].to_vec()).unwrap()
    }

    /// The server has ended the connection, in good order, and said nothing more.
    pub(crate) fn expect_end(&mut self) {
        assert_eq!(self.frame(), None);
    }

    /// Everything up to the end.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.unread)
    }

    /// Closes as one should, and waits for the end.
    pub(crate) fn leave(mut self) {
        self.close(CloseCode::NORMAL, "");
        while let Some(frame) = self.frame() {
            if frame.opcode == 8 {
                assert_eq!(frame.close_code(), Some(CloseCode::NORMAL));
            }
        }
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
pub(crate) fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect(head)
}

/// A server that sends everything back.
pub(crate) fn echo() -> Closures {
    ws_std::on_message(|ctx, message| {
        ctx.send(message);
    })
}

/// A server on one shard.
pub(crate) fn serve(handler: impl ws_std::Handler) -> Server {
    start(Server::builder(handler))
}

/// This server on a free port, on one shard, so that whoever blocks it blocks everybody.
pub(crate) fn start<H: ws_std::Handler>(builder: ws_std::Builder<H>) -> Server {
    let builder = builder.threads(ws_std::Threads::Fixed(1));
    builder.listen("127.0.0.1:0").unwrap().start().unwrap()
}

/// Tells how each connection ended.
pub(crate) fn ends(handler: Closures) -> (Closures, Receiver<Ended>) {
    let (tell, told) = channel();
    (handler.on_close(move |_, ended| tell.send(ended.clone()).unwrap()), told)
}

/// The next of what was told.
pub(crate) fn next<T>(told: &Receiver<T>) -> T {
    told.recv_timeout(GUARD).expect("nothing was told")
}

/// Nothing more was told, and nobody is left to tell anything: the server has ended.
pub(crate) fn nothing_more<T: fmt::Debug>(server: Server, told: &Receiver<T>) {
    server.stop();
    assert_eq!(told.try_iter().map(|told| format!("{told:?}")).collect::<Vec<_>>(), [""; 0]);
}

/// A channel whose sender is shared by all threads.
pub(crate) fn tells<T>() -> (Sender<T>, Receiver<T>) {
    channel()
}

/// Bytes that are not all alike.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * 31 % 251) as u8).collect()
}

/// Waits until something is so that no event tells of, without a break.
pub(crate) fn until(mut so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !so() {
        assert!(began.elapsed() < GUARD, "it never came to be");
        std::thread::yield_now();
    }
}
