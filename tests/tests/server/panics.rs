//! ACTOR-01, ACTOR-05: whatever panics, it ends one connection, with 1011, and no other.

use std::panic::panic_any;
use std::sync::mpsc::{Receiver, Sender};

use ws_core::frame::CloseCode;
use ws_std::{Answer, Context, Ended, Handler, Message, Pressure, Reason, Reject, Request, Server};

use crate::harness::{Peer, dial, next, request, serve, status, tells, until};

/// Panics when it is dropped, with another of its kind: without end.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(Self);
    }
}

/// Panics when it is dropped, unless it was defused.
struct State {
    explosive: Option<Bomb>,
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(bomb) = self.explosive.take() {
            panic_any(bomb);
        }
    }
}

/// Panics wherever it is told to: by the path, or by a message.
struct Fragile {
    ended: Sender<(CloseCode, String)>,
    working: Sender<Sender<()>>,
}

impl Fragile {
    fn on_a_server() -> (Server, Receiver<(CloseCode, String)>, Receiver<Sender<()>>) {
        let (ended, told) = tells();
        let (working, works) = tells();
        (serve(Self { ended, working }), told, works)
    }
}

impl Handler for Fragile {
    type State = State;
    type Info = ();

    fn on_request(&self, request: &Request<'_>) -> Answer {
        match request.path() {
            "/request" => panic_any(Bomb),
            _ => Answer::accept(),
        }
    }

    fn on_connect(
        &self,
        _: &mut Context<'_, Self>,
        request: &Request<'_>,
    ) -> Result<State, Reject> {
        match request.path() {
            "/connect" => panic_any(Bomb),
            "/state" => Ok(State { explosive: Some(Bomb) }),
            _ => Ok(State { explosive: None }),
        }
    }

    fn on_message(&self, state: &mut State, ctx: &mut Context<'_, Self>, message: Message<'_>) {
        match message.text().unwrap_or_default() {
            "message" => panic!("in on_message"),
            "bomb" => panic_any(Bomb),
            "close" => state.explosive = Some(Bomb),
            "work" => ctx.blocking(|| panic_any(Bomb), |_, _, _, ()| {}).unwrap(),
            "then" => ctx.blocking(|| 5, |_, _, _, five| panic!("after {five}")).unwrap(),
            "both" => {
                let bomb = Bomb;
                ctx.blocking(|| panic!("in the work"), move |_, _, _, ()| drop(bomb)).unwrap();
            }
            "result" => {
                let (go, wait) = tells();
                self.working.send(go).unwrap();
                let work = move || {
                    wait.recv().unwrap_or_default();
                    Bomb
                };
                ctx.blocking(work, |_, _, _, bomb| drop(bomb)).unwrap();
                ctx.close(CloseCode::NORMAL, "");
            }
            _ => drop(ctx.send(message)),
        }
    }

    fn on_pressure(&self, _: &mut State, _: &mut Context<'_, Self>, _: Pressure) {
        panic!("in on_pressure");
    }

    fn on_close(&self, state: &mut State, _: &mut Context<'_, Self>, ended: &Ended) {
        let said = match &ended.reason {
            Reason::Panic(message) => message.to_string(),
            other => other.to_string(),
        };
        self.ended.send((ended.code, said)).unwrap();
        if let Some(bomb) = state.explosive.take() {
            panic_any(bomb);
        }
    }
}

/// ACTOR-01, ACTOR-05, LIFE-04
#[test]
fn a_panic_in_a_callback_or_in_work_is_told_with_1011_and_harms_nobody_else() {
    let (server, told, _works) = Fragile::on_a_server();
    let mut witness = Peer::open(&server);
    for (message, said) in [
        ("message", "in on_message"),
        ("bomb", "no message"),
        ("work", "no message"),
        ("then", "after 5"),
        ("both", "in the work"),
    ] {
        let mut peer = Peer::open(&server);
        peer.text("before");
        peer.text(message);
        peer.expect_text("before");
        peer.expect_close(CloseCode::INTERNAL_ERROR);
        peer.expect_end();
        assert_eq!(next(&told), (CloseCode::INTERNAL_ERROR, said.to_owned()));
        witness.text(message.to_uppercase().as_str());
        witness.expect_text(message.to_uppercase().as_str());
    }
    witness.leave();
    assert_eq!(next(&told).0, CloseCode::NORMAL);
    assert!(told.try_recv().is_err());
}

/// ACTOR-01: a request that is not answered is a 500.
#[test]
fn a_panic_in_on_request_is_a_500() {
    let (server, told, _works) = Fragile::on_a_server();
    let mut peer = Peer::new(dial(&server));
    peer.write(request("/request", "").as_bytes());
    assert_eq!(status(&peer.head()), 500);
    peer.rest();
    Peer::open(&server).leave();
    assert_eq!(next(&told).0, CloseCode::NORMAL);
}

/// ACTOR-01, ACTOR-05, LIFE-04: `on_close` follows only an `on_connect` that returned.
#[test]
fn a_panic_in_on_connect_is_told_with_1011_and_on_close_is_not_called() {
    let (server, told, _works) = Fragile::on_a_server();
    let mut peer = Peer::open_at(&server, "/connect", "");
    peer.expect_close(CloseCode::INTERNAL_ERROR);
    peer.close(CloseCode::INTERNAL_ERROR, "");
    peer.expect_end();
    server.stop();
    assert!(told.try_recv().is_err());
}

/// ACTOR-01, LIFE-04
#[test]
fn a_panic_in_on_close_or_in_the_drop_of_the_state_comes_after_the_goodbye() {
    let (server, told, _works) = Fragile::on_a_server();
    let mut witness = Peer::open(&server);
    for (path, message) in [("/", "close"), ("/state", "x"), ("/state", "message")] {
        let mut peer = Peer::open_at(&server, path, "");
        peer.text(message);
        if message == "x" {
            peer.expect_text("x");
        }
        if message == "message" {
            peer.expect_close(CloseCode::INTERNAL_ERROR);
        } else {
            peer.close(CloseCode::NORMAL, "");
            peer.expect_close(CloseCode::NORMAL);
        }
        peer.expect_end();
        next(&told);
    }
    witness.text("still here");
    witness.expect_text("still here");
    drop(witness);
    assert_eq!(next(&told).0, CloseCode::ABNORMAL);
    assert!(told.try_recv().is_err());
}

/// ACTOR-01: the result of work for a connection that has gone is dropped, and that may panic.
#[test]
fn a_result_that_nobody_waits_for_may_panic_when_it_is_dropped() {
    let (server, told, works) = Fragile::on_a_server();
    let mut witness = Peer::open(&server);
    let mut peer = Peer::open(&server);
    peer.text("result");
    let go = next(&works);
    peer.expect_close(CloseCode::NORMAL);
    // Nothing is read while the work goes on; when it is done, `then` drops a bomb.
    go.send(()).unwrap();
    assert_eq!(next(&told).1, "done");
    drop(peer);
    until(|| server.connections() == 1);

    let mut peer = Peer::open(&server);
    peer.text("result");
    let late = next(&works);
    peer.expect_close(CloseCode::NORMAL);
    witness.text("still here");
    witness.expect_text("still here");
    witness.leave();
    assert_eq!(next(&told).1, "the peer closed with 1000");
    // The server has ended when the work is done.
    server.stop();
    assert_eq!(next(&told).1, "done");
    late.send(()).unwrap();
}

/// ACTOR-01
#[test]
fn a_panic_in_on_pressure_ends_one_connection() {
    let (server, told, _works) = Fragile::on_a_server();
    let mut witness = Peer::open(&server);
    let mut peer = Peer::open(&server);
    let large = "a".repeat(16 << 20);
    peer.text(&large);
    // Nothing is read until the handler has heard of it.
    assert_eq!(next(&told), (CloseCode::INTERNAL_ERROR, "in on_pressure".to_owned()));
    witness.text("still here");
    witness.expect_text("still here");
}
