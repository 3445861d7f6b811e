//! A peer of a server that compresses with zlib, and inflates with ours; and such servers.

use ws_core::deflate::Inflate;
use ws_core::frame::Kind;
use ws_core::handshake::{Flow, Takeover, WindowBits};
use ws_core::testing::{Random, WireFrame};
use ws_std::{Builder, Closures, Compression, Handler, Server, Threads};
use zlib_rs::Deflate;

use crate::fuzzed::deflate::{compress, inflate};
use crate::peer::{Peer, request};

/// The bit that says that a message is compressed.
pub const RSV1: u8 = 0x40;

/// Each message by itself, and messages that refer to each other.
pub const BOTH: [Takeover; 2] = [Takeover::Forget, Takeover::Keep];

/// Takes the window over in both directions, or in none.
pub fn with(takeover: Takeover) -> Compression {
    Compression { send_takeover: takeover, receive_takeover: takeover, ..Compression::default() }
}

/// A server that sends everything back.
pub fn echo() -> Closures {
    ws_std::on_message(|ctx, message| {
        ctx.send(message);
    })
}

/// This server on a free port, on one shard, with compression.
pub fn start<H: Handler>(builder: Builder<H>, compression: Compression) -> Server {
    let builder = builder.compression(compression).threads(Threads::Fixed(1));
    builder.listen("127.0.0.1:0").unwrap().start().unwrap()
}

/// A client that compresses.
pub struct Squeezer {
    /// The socket, and frames as they are.
    pub peer: Peer,
    deflate: Deflate,
    inflate: Inflate<Vec<u8>>,
    takeover: Takeover,
}

impl Squeezer {
    /// With the largest windows.
    pub fn open(server: &Server, takeover: Takeover) -> Self {
        Self::open_with(server, takeover, WindowBits::MAX)
    }

    /// With such a window for what the server sends.
    pub fn open_with(server: &Server, takeover: Takeover, window: WindowBits) -> Self {
        let mut offer = format!("permessage-deflate; server_max_window_bits={}", window.bits());
        if takeover == Takeover::Forget {
            offer.push_str("; server_no_context_takeover; client_no_context_takeover");
        }
        let mut peer = Peer::connect(server);
        peer.write(request("/", &format!("Sec-WebSocket-Extensions: {offer}\r\n")));
        let head = peer.head();
        assert!(head.contains("\r\nSec-WebSocket-Extensions: permessage-deflate"), "{head}");
        let flow = Flow { window, takeover };
        Self {
            peer,
            deflate: Deflate::new(6, false, 15),
            inflate: Inflate::new(vec![0; window.bytes()], flow).unwrap(),
            takeover,
        }
    }

    /// A message as it is compressed now.
    pub fn squeeze(&mut self, payload: &[u8]) -> Vec<u8> {
        if self.takeover == Takeover::Forget {
            self.deflate.reset();
        }
        compress(&mut self.deflate, payload)
    }

    /// Sends a text, compressed.
    pub fn text(&mut self, text: &str) {
        let squeezed = self.squeeze(text.as_bytes());
        self.peer.send(WireFrame::text(squeezed).reserved(RSV1));
    }

    /// Sends bytes, compressed.
    pub fn binary(&mut self, payload: &[u8]) {
        let squeezed = self.squeeze(payload);
        self.peer.send(WireFrame::binary(squeezed).reserved(RSV1));
    }

    /// The next message, and how many bytes of it were on the wire, if it was compressed.
    pub fn message(&mut self) -> (Vec<u8>, Option<usize>) {
        let message = self.peer.message();
        assert!(matches!(message.opcode, 1 | 2), "{message:?}");
        if message.reserved == 0 {
            return (message.payload, None);
        }
        assert_eq!(message.reserved, RSV1);
        let kind = if message.opcode == 1 { Kind::Text } else { Kind::Binary };
        let mut out = vec![];
        let all = || usize::MAX;
        inflate(&mut self.inflate, kind, &message.payload, all, &mut out).unwrap();
        (out, Some(message.payload.len()))
    }

    /// This comes next, compressed.
    #[track_caller]
    pub fn expect(&mut self, payload: impl AsRef<[u8]>) -> usize {
        let (message, squeezed) = self.message();
        assert_eq!(message, payload.as_ref());
        squeezed.expect("it was worth compressing")
    }

    /// This comes next as it is.
    #[track_caller]
    pub fn expect_plain(&mut self, payload: impl AsRef<[u8]>) {
        let (message, squeezed) = self.message();
        assert_eq!((message.as_slice(), squeezed), (payload.as_ref(), None));
    }
}

/// Words, a few of them again and again, of this length.
pub fn words(len: usize, seed: usize) -> String {
    const WORDS: [&str; 7] = ["to be ", "or ", "not ", "that is ", "the ", "question: ", "κόσμε "];
    let mut text = String::new();
    let mut at = seed;
    while text.len() < len {
        text.push_str(WORDS[at % WORDS.len()]);
        at = at * 31 + text.len() % 11 + 7;
        at %= 10_007;
    }
    while !text.is_char_boundary(len) {
        text.insert(0, '.');
    }
    text.truncate(len);
    text
}

/// Bytes of which none tells of another; other ones for another seed.
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend(random.number().to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// So many zeros, compressed as well as can be: a thousand of them in a byte.
pub fn bomb(len: usize) -> Vec<u8> {
    compress(&mut Deflate::new(9, false, 15), &vec![0; len])
}
