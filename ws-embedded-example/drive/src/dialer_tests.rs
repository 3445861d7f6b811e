//! A dialer and a server that it reaches over pipes, on a clock that stands still until it is moved.

use std::string::String;
use std::vec;

use embedded_io::{ReadReady, Write};
use ws_core::Server;
use ws_core::frame::{Close, CloseCode};
use ws_core::testing::{Clock, PipeEnd, Random, pipe};

use super::*;
use crate::slot::tests::Served;

/// The way to a server that is there, or not.
#[derive(Default)]
struct Line {
    ringing: Option<Served>,
    dialed: usize,
}

impl Way for Line {
    type Stream = Served;

    fn dial(&mut self) {
        self.dialed += 1;
    }

    fn dialed(&mut self) -> Option<Option<Served>> {
        Some(self.ringing.take())
    }
}

type Host = WebSocket<PipeEnd, Server, [u8; 1024], [u8; 0]>;

struct Scene {
    clock: Clock,
    line: Line,
    device: Device,
}

impl Scene {
    fn run<C, E>(&mut self, dialer: &mut Dialer<'_, '_, Served, C, E>) -> Time
    where
        C: FnMut() -> Time + Clone,
        E: Entropy + Clone,
    {
        loop {
            let next = dialer.turn(&mut self.line, &mut self.device, Vitals::default());
            if next > self.clock.now() && !matches!(dialer.state, State::Dialing { .. }) {
                return next;
            }
        }
    }

    /// The server picks up: the dialer has a WebSocket then.
    fn answer<C, E>(&mut self, dialer: &mut Dialer<'_, '_, Served, C, E>) -> Host
    where
        C: FnMut() -> Time + Clone,
        E: Entropy + Clone,
    {
        let (host, served) = pipe(4000);
        self.line.ringing = Some(Served(served));
        self.run(dialer);
        let host = WebSocket::accept(host, [0; 1024], []).unwrap();
        self.run(dialer);
        assert!(dialer.is_open());
        host
    }

    fn later<C, E>(&mut self, dialer: &mut Dialer<'_, '_, Served, C, E>)
    where
        C: FnMut() -> Time + Clone,
        E: Entropy + Clone,
    {
        let next = self.run(dialer);
        self.clock.advance_to(next);
    }
}

fn text(host: &mut Host) -> String {
    host.receive().unwrap().expect("a message").text().expect("text").into()
}

macro_rules! scene {
    ($scene:ident, $dialer:ident) => {
        let (mut receive, mut send) = (vec![0; 256], vec![0; 200]);
        let (receive, send) = (Shelf::new(&mut receive), Shelf::new(&mut send));
        let clock = Clock::default();
        let mut $dialer = Dialer::new(
            ("host", "/device"),
            (&receive, &send),
            Timing::DEFAULT,
            clock.hand(),
            Random::new(1),
        );
        let mut $scene = Scene { clock, line: Line::default(), device: Device::default() };
    };
}

#[test]
fn it_sends_readings_and_takes_commands() {
    scene!(scene, dialer);
    let mut host = scene.answer(&mut dialer);
    assert!(text(&mut host).starts_with(r#"{"number":1,"#));
    host.send_text("output on").unwrap();
    scene.run(&mut dialer);
    assert_eq!(text(&mut host), r#"{"output":true}"#);
    assert!(scene.device.output);
    scene.later(&mut dialer);
    scene.run(&mut dialer);
    assert!(text(&mut host).starts_with(r#"{"number":2,"uptime_ms":1000,"#));
}

/// Two that answer everything would never end.
#[test]
fn a_server_that_sends_back_what_it_hears_gets_no_more_than_readings() {
    scene!(scene, dialer);
    let mut host = scene.answer(&mut dialer);
    host.send_text("output on").unwrap();
    scene.run(&mut dialer);
    for _ in 0..2 {
        let heard = text(&mut host);
        host.send_text(&heard).unwrap();
        scene.run(&mut dialer);
    }
    assert!(!host.stream().read_ready().unwrap(), "an answer to an echo");
    scene.later(&mut dialer);
    scene.run(&mut dialer);
    assert!(text(&mut host).starts_with(r#"{"number":2,"uptime_ms":1000,"#));
}

#[test]
fn it_comes_back_after_every_loss_and_asks_for_less_and_less() {
    scene!(scene, dialer);
    let mut last = Time(0);
    for loss in 1..6u32 {
        drop(scene.answer(&mut dialer));
        let until = scene.run(&mut dialer);
        assert!(!dialer.is_open());
        let delay = until.since(scene.clock.now()).0;
        let limit = 250 << (loss - 1);
        assert!((limit / 2..=limit).contains(&delay), "{loss}: {delay}");
        scene.clock.advance_to(until);
        assert!(until > last);
        last = until;
    }
    assert_eq!(scene.line.dialed, 5);
}

#[test]
fn a_server_that_is_not_there_is_dialed_again() {
    scene!(scene, dialer);
    for _ in 0..10 {
        scene.later(&mut dialer);
    }
    assert!(scene.clock.now() > Time(30_000), "{:?}", scene.clock.now());
    scene.answer(&mut dialer);
}

#[test]
fn a_server_that_refuses_or_is_silent_is_left() {
    scene!(scene, dialer);
    for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "", "220 mail\r\n"] {
        let (mut host, served) = pipe(4000);
        scene.line.ringing = Some(Served(served));
        host.write_all(answer.as_bytes()).unwrap();
        for _ in 0..2 {
            scene.later(&mut dialer);
        }
        assert!(!dialer.is_open());
    }
    assert!(dialer.receive.is_home() && dialer.send.is_home());
    scene.answer(&mut dialer);
}

/// RFC 6455 section 5.5.1: the client waits for the server to close, and then comes back.
#[test]
fn a_server_that_closes_is_answered_and_dialed_again() {
    scene!(scene, dialer);
    let mut host = scene.answer(&mut dialer);
    host.close(Close::new(CloseCode::RESTART, "in a moment")).unwrap();
    scene.run(&mut dialer);
    while host.receive().unwrap().is_some() {}
    assert_eq!(host.peer_close().unwrap().0, Some(CloseCode::RESTART));
    assert!(matches!(dialer.state, State::Leaving { .. }), "{dialer:?}");
    drop(host);
    scene.later(&mut dialer);
    scene.answer(&mut dialer);
}

/// RFC 6455 section 7.1.7: who fails the connection says why, and the server gets to read it.
#[test]
fn a_server_that_breaks_a_rule_is_told_so_and_dialed_again() {
    scene!(scene, dialer);
    let mut host = scene.answer(&mut dialer);
    host.stream().write_all(b"\xC1\x00").unwrap();
    scene.run(&mut dialer);
    while let Ok(Some(_)) = host.receive() {}
    assert_eq!(host.peer_close().unwrap().0, Some(CloseCode::PROTOCOL_ERROR));
    drop(host);
    scene.later(&mut dialer);
    scene.answer(&mut dialer);
}

/// BEAT-04: a server that has frozen, or a network that is gone, says nothing, not even goodbye.
#[test]
fn a_server_that_falls_silent_is_left_and_dialed_again() {
    scene!(scene, dialer);
    let mut host = scene.answer(&mut dialer);
    let Timing { ping_every, pong_within, .. } = Timing::DEFAULT;
    let ping_every = ping_every.unwrap();
    // The first Ping comes after one interval and a part of another.
    let patience = scene.clock.now().after(ping_every).after(ping_every).after(pong_within);
    while dialer.is_open() {
        assert!(scene.clock.now() <= patience);
        scene.later(&mut dialer);
        // It takes what comes, as a system does for a program that has stopped.
        while host.stream().read_ready().unwrap() {
            embedded_io::Read::read(&mut host.stream(), &mut [0; 100]).unwrap();
        }
    }
    while !matches!(dialer.state, State::Dialing { .. } | State::Resting { .. }) {
        scene.later(&mut dialer);
    }
    scene.answer(&mut dialer);
}
