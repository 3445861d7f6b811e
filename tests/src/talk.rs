//! A WebSocket of either role, over either driver, behind one trait.

use ws_core::connection::{Leaving, Phase};
use ws_core::endpoint::{Endpoint, Inbox, buffer_for};
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::testing::{Failure, Random, Script, WireFrame};
use ws_core::{Client, Error, Role, Server, Side, aio, io};

use crate::scene::encode_for;
use crate::{naive, run_until_stuck};

/// What a call comes to.
pub type Result<T> = std::result::Result<T, Error<Failure>>;

/// What puts the next bytes of a sized message into memory.
pub type Fill<'a> = dyn FnMut(&mut [u8]) -> usize + 'a;

/// A WebSocket over a [`Script`].
pub trait Talk {
    /// The next whole message, as a frame.
    fn receive(&mut self) -> Result<Option<WireFrame>>;
    /// The next piece of a message, as a frame: FIN is set if it is the last one.
    fn receive_chunk(&mut self) -> Result<Option<WireFrame>>;
    /// Sends a message.
    fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<()>;
    /// Sends a part of a message.
    fn send_part(&mut self, kind: Kind, part: &[u8]) -> Result<()>;
    /// Sends the last part of a message.
    fn send_last_part(&mut self, kind: Kind, part: &[u8]) -> Result<()>;
    /// Sends a message from memory that is lent.
    fn send_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<()>;
    /// Sends a message of a known size, in one frame.
    fn send_sized(&mut self, kind: Kind, len: u64, fill: &mut Fill<'_>) -> Result<()>;
    /// Goes on with it.
    fn send_more(&mut self, fill: &mut Fill<'_>) -> Result<()>;
    /// How much of it is to come.
    fn frame_left(&self) -> u64;
    /// Sends a Ping.
    fn ping(&mut self, payload: &[u8]) -> Result<()>;
    /// Sends our Close.
    fn close(&mut self, close: Close<'_>) -> Result<()>;
    /// How far the closing handshake is.
    fn phase(&self) -> Phase;
    /// How to leave.
    fn leaving(&self) -> Leaving;
    /// The peer's Close.
    fn peer_close(&self) -> Option<(Option<CloseCode>, String)>;
    /// The outgoing message that is open.
    fn open_message(&self) -> Option<(Kind, u64)>;
    /// The stream.
    fn script(&mut self) -> &mut Script;
    /// Who we are.
    fn side(&self) -> Side;

    /// The peer sends more.
    fn peer_sends(&mut self, frames: &[WireFrame]) {
        for frame in frames {
            let bytes = encode_for(self.side(), [frame]);
            self.script().feed(bytes);
        }
    }

    /// Everything that the peer has heard from us: messages joined, no rule broken.
    fn peer_heard(&mut self) -> Vec<WireFrame> {
        let peer = if self.side() == Side::Server { Side::Client } else { Side::Server };
        let verdict = naive::decode(peer, u64::MAX, self.script().written());
        assert_eq!(verdict.breach, None, "we broke a rule");
        verdict.heard
    }

    /// The frames that we sent, their masks taken off.
    fn frames_sent(&mut self) -> Vec<WireFrame> {
        let frames = WireFrame::decode_all(self.script().written());
        frames.into_iter().map(|frame| WireFrame { mask: None, ..frame }).collect()
    }
}

/// A server and a client over the blocking driver, and both over the async one, that take messages
/// of up to 1024 bytes and stage frames of up to 256.
pub fn all() -> [Box<dyn Talk>; 4] {
    all_over(&Script::new().then_silence())
}

/// The same over copies of `script`.
pub fn all_over(script: &Script) -> [Box<dyn Talk>; 4] {
    let sizes = Sizes { max_message: 1024, rx: buffer_for(1024), tx: 256 };
    [
        sizes.blocking(Server, script),
        sizes.blocking(Client(Random::new(5)), script),
        sizes.asynchronous(Server, script),
        sizes.asynchronous(Client(Random::new(5)), script),
    ]
}

/// How much a WebSocket takes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// The largest message.
    pub max_message: u64,
    /// The receive buffer.
    pub rx: usize,
    /// The send buffer.
    pub tx: usize,
}

impl Sizes {
    /// A WebSocket over the blocking driver.
    pub fn blocking(self, role: impl Role + 'static, script: &Script) -> Box<dyn Talk> {
        Box::new(io::WebSocket::new(script.clone(), self.endpoint(role)))
    }

    /// A WebSocket over the async driver.
    pub fn asynchronous(self, role: impl Role + 'static, script: &Script) -> Box<dyn Talk> {
        Box::new(aio::WebSocket::new(script.clone(), self.endpoint(role)))
    }

    /// An endpoint with such buffers.
    pub fn endpoint<R: Role>(self, role: R) -> Endpoint<R, Vec<u8>, Vec<u8>> {
        let inbox = Inbox::new(vec![0; self.rx], R::SIDE).expect("a buffer of lawful size");
        Endpoint::new(role, self.max_message, inbox, vec![0; self.tx]).expect("of lawful size")
    }
}

fn as_frame(kind: Kind, ends: bool, bytes: &[u8]) -> WireFrame {
    let frame = match kind {
        Kind::Text => WireFrame::text(bytes),
        Kind::Binary => WireFrame::binary(bytes),
    };
    WireFrame { fin: ends, ..frame }
}

fn run<F: Future>(future: F) -> F::Output {
    run_until_stuck(future).expect("not to wait for ever")
}

/// An async call that waits for ever is told as a blocking one that would.
fn run_receive<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    run_until_stuck(future).unwrap_or(Err(Error::Io(Failure::WouldBlock)))
}

/// The drivers have the same methods; `$run` makes an async call a plain one.
macro_rules! talk {
    ($socket:ty, $run:path, $receive:path, $lent:ident) => {
        impl<R: Role> Talk for $socket {
            fn receive(&mut self) -> Result<Option<WireFrame>> {
                let taken = $receive(self.receive())?;
                Ok(taken.map(|message| as_frame(message.kind(), message.ends(), message.bytes())))
            }

            fn receive_chunk(&mut self) -> Result<Option<WireFrame>> {
                let taken = $receive(self.receive_chunk())?;
                Ok(taken.map(|message| as_frame(message.kind(), message.ends(), message.bytes())))
            }

            fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<()> {
                $run(self.send(kind, payload))
            }

            fn send_part(&mut self, kind: Kind, part: &[u8]) -> Result<()> {
                $run(self.send_part(kind, part))
            }

            fn send_last_part(&mut self, kind: Kind, part: &[u8]) -> Result<()> {
                $run(self.send_last_part(kind, part))
            }

            fn send_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<()> {
                $run(self.$lent(kind, payload))
            }

            fn send_sized(&mut self, kind: Kind, len: u64, fill: &mut Fill<'_>) -> Result<()> {
                $run(self.send_sized(kind, len, fill))
            }

            fn send_more(&mut self, fill: &mut Fill<'_>) -> Result<()> {
                $run(self.send_more(fill))
            }

            fn frame_left(&self) -> u64 {
                self.frame_left()
            }

            fn ping(&mut self, payload: &[u8]) -> Result<()> {
                $run(self.ping(payload))
            }

            fn close(&mut self, close: Close<'_>) -> Result<()> {
                $run(self.close(close))
            }

            fn phase(&self) -> Phase {
                self.phase()
            }

            fn leaving(&self) -> Leaving {
                self.leaving()
            }

            fn peer_close(&self) -> Option<(Option<CloseCode>, String)> {
                self.peer_close().map(|(code, reason)| (code, reason.into()))
            }

            fn open_message(&self) -> Option<(Kind, u64)> {
                self.open_message()
            }

            fn script(&mut self) -> &mut Script {
                self.stream()
            }

            fn side(&self) -> Side {
                R::SIDE
            }
        }
    };
}

type Blocking<R> = io::WebSocket<Script, R, Vec<u8>, Vec<u8>>;
type Asynchronous<R> = aio::WebSocket<Script, R, Vec<u8>, Vec<u8>>;

talk!(Blocking<R>, std::convert::identity, std::convert::identity, send_lent);
talk!(Asynchronous<R>, run, run_receive, send_lent_or_poison);
