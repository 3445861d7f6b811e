//! A server under a clock that a test turns, and clients that are sockets and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use ws_core::connection::{Millis, Timing};
use ws_core::frame::CloseCode;
use ws_std::tls::ServerTls;
use ws_std::{
    Builder, Clock, Context, Ended, Hand, Handle, Handler, Limits, Message, Pressure, Reject,
    Request, Server, Threads,
};
pub(crate) use ws_tests::peer::{GUARD, Peer, REQUEST, dial as connect, masked, until};

/// What the server's handler tells the test.
#[derive(Debug)]
pub(crate) enum Told {
    Opened(Handle),
    Message(Vec<u8>),
    Pressure(Pressure),
    Closed(Ended),
}

/// Echoes, and does a few other things when it is told so by a text.
pub(crate) struct Scripted {
    tell: Sender<Told>,
}

impl Handler for Scripted {
    type State = ();
    type Info = ();

    fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        let _ = self.tell.send(Told::Opened(ctx.handle()));
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let _ = self.tell.send(Told::Message(message.bytes().to_vec()));
        let Some(text) = message.text() else {
            ctx.send(message);
            return;
        };
        match text.split_once(' ').unwrap_or((text, "")) {
            ("part", text) => _ = ctx.send_part(text),
            ("last-part", text) => _ = ctx.send_last_part(text),
            ("close", _) => ctx.close(CloseCode::NORMAL, "told so"),
            // That many messages of so many bytes, numbered in their first four.
            ("send", how) => {
                let (count, len) = how.split_once(' ').unwrap();
                let mut payload = vec![0; len.parse().unwrap()];
                for number in 0..count.parse::<u32>().unwrap() {
                    payload[..4].copy_from_slice(&number.to_be_bytes());
                    ctx.send(&payload);
                }
            }
            ("round-trip", _) => {
                let trip = ctx.round_trip();
                let trip = trip.map(|trip| (trip.last.as_millis(), trip.smoothed.as_millis()));
                ctx.send(&*format!("{trip:?}"));
            }
            ("waiting", _) => {
                let waiting = ctx.waiting();
                ctx.send(&*waiting.to_string());
            }
            // Holds up the whole shard until whoever listens at this address lets go.
            ("hold", address) => drop(TcpStream::connect(address).unwrap().read(&mut [0])),
            // Waits for the same on another thread.
            ("block", address) => {
                let mut gate = TcpStream::connect(address).unwrap();
                let work = move || gate.read(&mut [0]).map(drop);
                ctx.blocking(work, |_, (), ctx, _| _ = ctx.send("unblocked")).unwrap();
            }
            _ => _ = ctx.send(message),
        }
    }

    fn on_pressure(&self, (): &mut (), _: &mut Context<'_, Self>, pressure: Pressure) {
        let _ = self.tell.send(Told::Pressure(pressure));
    }

    fn on_close(&self, (): &mut (), _: &mut Context<'_, Self>, ended: &Ended) {
        let _ = self.tell.send(Told::Closed(ended.clone()));
    }
}

/// A server with one shard, on a clock of its own.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) hand: Hand,
    pub(crate) told: Receiver<Told>,
    pub(crate) address: SocketAddr,
}

/// A builder with a scripted handler, one shard and a manual clock.
pub(crate) fn builder() -> (Builder<Scripted>, Hand, Receiver<Told>) {
    let (tell, told) = mpsc::channel();
    let (clock, hand) = Clock::manual();
    let builder = Server::builder(Scripted { tell }).listen("127.0.0.1:0").unwrap();
    (builder.threads(Threads::Fixed(1)).clock(clock), hand, told)
}

/// Timing without a heartbeat, for tests of other clocks.
pub(crate) const WITHOUT_PINGS: Timing = Timing { ping_every: None, ..Timing::DEFAULT };

impl World {
    pub(crate) fn new(how: impl FnOnce(Builder<Scripted>) -> Builder<Scripted>) -> Self {
        let (builder, hand, told) = builder();
        let server = how(builder).start().unwrap();
        let address = server.address().unwrap();
        Self { server, hand, told, address }
    }

    pub(crate) fn with_timing(timing: Timing) -> Self {
        Self::new(|builder| builder.timing(timing))
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::new(|builder| builder.limits(limits).timing(WITHOUT_PINGS))
    }

    /// One that listens for TLS, too, and where.
    pub(crate) fn with_tls() -> (Self, SocketAddr) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let tls = ServerTls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
        let world = Self::new(|builder| {
            builder.timing(WITHOUT_PINGS).listen_tls("127.0.0.1:0", tls).unwrap()
        });
        let address = world.server.addresses()[1];
        (world, address)
    }

    /// A client whose handshake is done.
    pub(crate) fn open(&self) -> Peer {
        Peer::open(self.address)
    }

    /// Lets time pass. The server has noticed when this returns, and has done what was due.
    pub(crate) fn pass(&self, by: Millis) {
        self.hand.advance(Duration::from_millis(by.0.into()));
        self.turn();
    }

    /// Lets the shard turn: when this returns it has begun a turn and ended it.
    ///
    /// A request that is answered takes two turns, one to be accepted and one to be read, and its
    /// answer leaves before the second has ended. So the first begins after we have asked, and the
    /// second has ended when the third is answered.
    pub(crate) fn turn(&self) {
        for _ in 0..3 {
            let mut stream = connect(self.address);
            stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut answer = vec![];
            stream.read_to_end(&mut answer).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 426 "), "{}", answer.escape_ascii());
        }
    }

    /// What the handler tells next, other than messages.
    pub(crate) fn told(&self) -> Told {
        loop {
            match self.told.recv_timeout(GUARD).expect("the handler is told something") {
                Told::Message(_) => {}
                told => return told,
            }
        }
    }

    /// Why a connection has ended: what the handler tells next of that.
    pub(crate) fn ended(&self) -> Ended {
        loop {
            if let Told::Closed(ended) = self.told() {
                return ended;
            }
        }
    }

    /// The handle of the connection that has opened last.
    pub(crate) fn handle(&self) -> Handle {
        loop {
            if let Told::Opened(handle) = self.told() {
                return handle;
            }
        }
    }
}
