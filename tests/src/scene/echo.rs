//! The echoing application, over both drivers.

use ws_core::endpoint::{Endpoint, Inbox, Take, buffer_for};
use ws_core::frame::Kind;
use ws_core::testing::{Failure, Random, Script, WireFrame};
use ws_core::{Client, Error, Role, Server, Side, Violation, aio, io};

use crate::{naive, run_until_stuck};

/// One way to play a scene.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Who we are.
    pub side: Side,
    /// Which driver we use.
    pub driver: Driver,
    /// Whether we take messages whole.
    pub take: Take,
    /// The largest message that we take.
    pub max_message: u64,
    /// How large our receive buffer is.
    pub buffer: usize,
}

/// Which driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Over `embedded-io`.
    Blocking,
    /// Over `embedded-io-async`.
    Async,
}

/// How a scene went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The messages that were received.
    pub received: Vec<WireFrame>,
    /// What was answered, as a peer hears it: fragments are joined, and masks taken off.
    pub answered: Vec<WireFrame>,
    /// How it ended.
    pub fate: Fate,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The transport ended; until then the connection was open.
    Ended,
    /// The closing handshake ended it; the peer's code and reason.
    Closed(Option<u16>, String),
    /// The peer broke a rule.
    Violated(Violation),
    /// Something else.
    Failed(Error<Failure>),
}

impl Setting {
    /// Every way to play a scene as `side`.
    pub fn all(side: Side, max_message: u64) -> impl Iterator<Item = Self> {
        let buffer = buffer_for(max_message as usize);
        [Driver::Blocking, Driver::Async].into_iter().flat_map(move |driver| {
            [Take::Messages, Take::Chunks].map(|take| Self {
                side,
                driver,
                take,
                max_message,
                buffer,
            })
        })
    }

    /// The frames as our peer sends them.
    pub fn encode<'a>(&self, frames: impl IntoIterator<Item = &'a WireFrame>) -> Vec<u8> {
        super::encode_for(self.side, frames)
    }

    /// Echoes what `script` says until it ends.
    pub fn play(&self, mut script: Script) -> Outcome {
        let (received, fate) = self.play_on(&mut script);
        Outcome { received, answered: self.peer_hears(script.written()), fate }
    }

    /// The same, for a look at what was written: the messages that were received, and the end.
    pub fn play_on(&self, script: &mut Script) -> (Vec<WireFrame>, Fate) {
        match self.side {
            Side::Server => self.play_as(Server, script),
            Side::Client => self.play_as(Client(Random::new(9)), script),
        }
    }

    /// What the peer makes of our answers: nothing in them may break a rule.
    pub fn peer_hears(&self, written: &[u8]) -> Vec<WireFrame> {
        let peer = match self.side {
            Side::Server => Side::Client,
            Side::Client => Side::Server,
        };
        let verdict = naive::decode(peer, u64::MAX, written);
        assert_eq!(verdict.breach, None, "we broke a rule: {written:x?}");
        verdict.heard
    }

    fn play_as<R: Role>(&self, role: R, script: &mut Script) -> (Vec<WireFrame>, Fate) {
        let inbox = Inbox::new(vec![0; self.buffer], self.side).expect("a buffer of lawful size");
        let tx = vec![0; 256];
        let endpoint = Endpoint::new(role, self.max_message, inbox, tx).expect("of lawful size");
        match self.driver {
            Driver::Blocking => {
                let mut socket = io::WebSocket::new(script, endpoint);
                let mut received = Received::default();
                let error = received.echo_blocking(&mut socket, self.take);
                let again = socket.receive().err();
                (received.messages, fate(error, again, socket.peer_close()))
            }
            Driver::Async => {
                let mut socket = aio::WebSocket::new(script, endpoint);
                let mut received = Received::default();
                let silence = Some(Error::Io(Failure::WouldBlock));
                let error = run_until_stuck(received.echo_async(&mut socket, self.take));
                let again = run_until_stuck(socket.receive()).and_then(Result::err);
                (received.messages, fate(error.unwrap_or(silence), again, socket.peer_close()))
            }
        }
    }
}

fn fate(
    error: Option<Error<Failure>>,
    again: Option<Error<Failure>>,
    peer_close: Option<(Option<ws_core::frame::CloseCode>, &str)>,
) -> Fate {
    match error {
        None => {
            let (code, reason) = peer_close.expect("the peer has closed");
            Fate::Closed(code.map(|code| code.0), reason.into())
        }
        Some(Error::Ended) => Fate::Ended,
        Some(Error::Violation(violation)) => {
            assert_eq!(again, Some(Error::Violation(violation)), "the same for ever");
            Fate::Violated(violation)
        }
        Some(error) => Fate::Failed(error),
    }
}

/// The messages that an application has received.
#[derive(Debug, Default)]
struct Received {
    messages: Vec<WireFrame>,
    open: Vec<u8>,
}

type Socket<'a, R> = io::WebSocket<&'a mut Script, R, Vec<u8>, Vec<u8>>;
type AsyncSocket<'a, R> = aio::WebSocket<&'a mut Script, R, Vec<u8>, Vec<u8>>;

impl Received {
    fn note(&mut self, kind: Kind, begins: bool, ends: bool, bytes: &[u8]) {
        assert!(!begins || self.open.is_empty(), "a message begins inside another");
        self.open.extend_from_slice(bytes);
        if ends {
            let payload = std::mem::take(&mut self.open);
            self.messages.push(match kind {
                Kind::Text => WireFrame::text(payload),
                Kind::Binary => WireFrame::binary(payload),
            });
        }
    }

    fn echo_blocking<R: Role>(
        &mut self,
        socket: &mut Socket<'_, R>,
        take: Take,
    ) -> Option<Error<Failure>> {
        loop {
            let taken = match take {
                Take::Messages => socket.receive(),
                Take::Chunks => socket.receive_chunk(),
            };
            let echoed = match taken {
                Ok(None) => return None,
                Ok(Some(message)) => {
                    self.note(message.kind(), message.begins(), message.ends(), message.bytes());
                    message.echo()
                }
                Err(error) => Err(error),
            };
            if let Err(error) = echoed {
                return Some(error);
            }
        }
    }

    async fn echo_async<R: Role>(
        &mut self,
        socket: &mut AsyncSocket<'_, R>,
        take: Take,
    ) -> Option<Error<Failure>> {
        loop {
            let taken = match take {
                Take::Messages => socket.receive().await,
                Take::Chunks => socket.receive_chunk().await,
            };
            let echoed = match taken {
                Ok(None) => return None,
                Ok(Some(message)) => {
                    self.note(message.kind(), message.begins(), message.ends(), message.bytes());
                    message.echo().await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = echoed {
                return Some(error);
            }
        }
    }
}
