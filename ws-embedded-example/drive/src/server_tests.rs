//! What a server gets that is dialed, whoever dials: a loop, or tasks.

use std::boxed::Box;
use std::string::String;

use embedded_io::{Read, ReadReady, Write};
use ws_core::Server;
use ws_core::connection::{Time, Timing};
use ws_core::frame::{Close, CloseCode};
use ws_core::io::WebSocket;
use ws_core::testing::{Clock, PipeEnd, pipe};

use crate::scene::{Phone, phones};

type Host = WebSocket<PipeEnd, Server, [u8; 1024], [u8; 0]>;

struct Scene {
    clock: Clock,
    phone: Box<dyn Phone>,
}

fn scenes() -> [Scene; 2] {
    phones().map(|phone| {
        let clock = Clock::default();
        Scene { phone: phone(clock.clone()), clock }
    })
}

impl Scene {
    fn run(&mut self) -> Time {
        loop {
            let next = self.phone.turn();
            if next > self.clock.now() {
                return next;
            }
        }
    }

    /// The server picks up: there is a WebSocket then.
    fn answer(&mut self) -> Host {
        let (host, served) = pipe(4000);
        self.phone.ring(served);
        self.run();
        let host = WebSocket::accept(host, [0; 1024], []).unwrap();
        self.run();
        assert!(self.phone.is_connected());
        host
    }

    fn later(&mut self) {
        let next = self.run();
        self.clock.advance_to(next);
    }
}

fn text(host: &mut Host) -> String {
    host.receive().unwrap().expect("a message").text().expect("text").into()
}

#[test]
fn it_sends_readings_and_takes_commands() {
    for mut scene in scenes() {
        let mut host = scene.answer();
        assert!(text(&mut host).starts_with(r#"{"number":1,"#));
        host.send_text("output on").unwrap();
        scene.run();
        assert_eq!(text(&mut host), r#"{"output":true}"#);
        assert!(scene.phone.device().output);
        scene.later();
        scene.run();
        assert!(text(&mut host).starts_with(r#"{"number":2,"uptime_ms":1000,"#));
    }
}

/// Two that answer everything would never end.
#[test]
fn a_server_that_sends_back_what_it_hears_gets_no_more_than_readings() {
    for mut scene in scenes() {
        let mut host = scene.answer();
        host.send_text("output on").unwrap();
        scene.run();
        for _ in 0..2 {
            let heard = text(&mut host);
            host.send_text(&heard).unwrap();
            scene.run();
        }
        assert!(!host.stream().read_ready().unwrap(), "an answer to an echo");
        scene.later();
        scene.run();
        assert!(text(&mut host).starts_with(r#"{"number":2,"uptime_ms":1000,"#));
    }
}

#[test]
fn it_comes_back_after_every_loss_and_asks_for_less_and_less() {
    for mut scene in scenes() {
        let mut last = Time(0);
        for loss in 1..6u32 {
            drop(scene.answer());
            let until = scene.run();
            assert!(!scene.phone.is_connected());
            let delay = until.since(scene.clock.now()).0;
            let limit = 250 << (loss - 1);
            assert!((limit / 2..=limit).contains(&delay), "{loss}: {delay}");
            scene.clock.advance_to(until);
            assert!(until > last);
            last = until;
        }
        assert_eq!(scene.phone.dialed(), 5);
    }
}

#[test]
fn a_server_that_is_not_there_is_dialed_again() {
    for mut scene in scenes() {
        for _ in 0..10 {
            scene.later();
        }
        assert!(scene.clock.now() > Time(30_000), "{:?}", scene.clock.now());
        scene.answer();
    }
}

#[test]
fn a_server_that_refuses_or_is_silent_is_left() {
    for mut scene in scenes() {
        for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "", "220 mail\r\n"] {
            let (mut host, served) = pipe(4000);
            scene.phone.ring(served);
            host.write_all(answer.as_bytes()).unwrap();
            for _ in 0..2 {
                scene.later();
            }
            assert!(!scene.phone.is_connected());
        }
        scene.answer();
    }
}

/// RFC 6455 section 5.5.1: the client waits for the server to close, and then comes back.
#[test]
fn a_server_that_closes_is_answered_and_dialed_again() {
    for mut scene in scenes() {
        let mut host = scene.answer();
        host.close(Close::new(CloseCode::RESTART, "in a moment")).unwrap();
        scene.run();
        while host.receive().unwrap().is_some() {}
        assert_eq!(host.peer_close().unwrap().0, Some(CloseCode::RESTART));
        assert!(scene.phone.is_connected(), "until the server ends");
        drop(host);
        scene.later();
        scene.answer();
    }
}

/// RFC 6455 section 7.1.7: who fails the connection says why, and the server gets to read it.
#[test]
fn a_server_that_breaks_a_rule_is_told_so_and_dialed_again() {
    for mut scene in scenes() {
        let mut host = scene.answer();
        host.stream().write_all(b"\xC1\x00").unwrap();
        scene.run();
        while let Ok(Some(_)) = host.receive() {}
        assert_eq!(host.peer_close().unwrap().0, Some(CloseCode::PROTOCOL_ERROR));
        drop(host);
        scene.later();
        scene.answer();
    }
}

/// BEAT-04: a server that has frozen, or a network that is gone, says nothing, not even goodbye.
#[test]
fn a_server_that_falls_silent_is_left_and_dialed_again() {
    for mut scene in scenes() {
        let mut host = scene.answer();
        let Timing { ping_every, pong_within, close_within, .. } = Timing::DEFAULT;
        let ping_every = ping_every.unwrap();
        // The first Ping comes after one interval and a part of another.
        let given_up = scene.clock.now().after(ping_every).after(ping_every).after(pong_within);
        let mut last_words = scene.clock.now();
        loop {
            let next = scene.run();
            if !scene.phone.is_connected() {
                break;
            }
            // It takes what comes, as a system does for a program that has stopped.
            while host.stream().read_ready().unwrap() {
                Read::read(&mut host.stream(), &mut [0; 100]).unwrap();
                last_words = scene.clock.now();
            }
            scene.clock.advance_to(next);
        }
        assert!(last_words <= given_up, "{last_words:?}");
        assert!(scene.clock.now() <= last_words.after(close_within), "{:?}", scene.clock.now());
        scene.later();
        scene.answer();
    }
}
