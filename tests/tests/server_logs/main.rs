//! What the server logs: a program of its own, since who listens to events listens to the whole
//! process.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use ws_core::frame::CloseCode;
use ws_std::supervisor::{Child, Supervisor};
use ws_std::{Actor, ActorContext, Address, Answer, Limits, Rate, Server};
use ws_tests::WireFrame;
use ws_tests::peer::{Peer, until};

/// Every event, as a line.
static LINES: Mutex<Vec<String>> = Mutex::new(vec![]);

/// Hears everything, of every level.
struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{}", event.metadata().level()));
        event.record(&mut line);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

fn lines() -> Vec<String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Talks about a secret in every way, and is treated in every way.
fn talk(server: &Server) {
    let headers = "Cookie: id=secret\r\nAuthorization: Bearer secret\r\n";
    let open = || Peer::open_at(server, "/open?token=secret", headers);

    let mut peer = open();
    peer.text("secret");
    peer.expect_text("secret");
    peer.send(WireFrame::ping("secret"));
    peer.close(CloseCode(4000), "secret");
    while peer.frame().is_some() {}

    // A rule that is broken in the middle of it, a limit, and a handler that panics.
    let mut peer = open();
    peer.send(WireFrame::text(b"secret\xFF"));
    while peer.frame().is_some() {}
    let mut peer = open();
    for _ in 0..20 {
        peer.text("secret");
    }
    while peer.frame().is_some() {}
    let mut peer = open();
    peer.text("panic");
    while peer.frame().is_some() {}

    // Requests that are refused: by a browser's origin, by the handler, and since it panics.
    for (path, more) in [
        ("/open?secret", "Origin: http://elsewhere.example\r\n"),
        ("/refuse?secret", ""),
        ("/panic?secret", ""),
        ("/broken?secret", ""),
        ("/chosen?secret", ""),
    ] {
        let mut peer = Peer::connect(server);
        peer.write(ws_tests::peer::request(path, &format!("{headers}{more}")));
        assert!(!peer.head().starts_with("HTTP/1.1 101 "), "{path}");
        peer.rest();
    }
    let mut peer = Peer::connect(server);
    peer.write("GET /secret HTTP/1.1\r\nHost: localhost\r\nCookie: secret\r\n\r\n");
    peer.rest();
}

/// An actor that fails, under names that were made at run time.
struct Fails;

impl Actor for Fails {
    type Info = ();

    fn on_info(&mut self, _: &mut ActorContext<'_, Self>, (): ()) {
        panic!("a panic");
    }
}

/// Lets a supervisor start an actor again, and give up.
fn supervise(server: &Server) {
    let child = Child::permanent("secret".to_owned(), || Fails).named("secret");
    let supervisor = Supervisor::one_for_one().named("secret boss").child(child);
    let supervisor = server.actors().spawn(supervisor).unwrap();
    let mut last: Option<Address<()>> = None;
    for _ in 0..2 {
        until(|| {
            let found = server.actors().find("secret");
            found.is_some() && std::mem::replace(&mut last, found.clone()) != found
        });
        last.as_ref().unwrap().tell(()).unwrap();
    }
    until(|| supervisor.is_gone());
}

/// OPS-02, SEC-03
#[test]
fn what_is_logged_names_the_connection_and_tells_nothing_of_what_was_said() {
    tracing::subscriber::set_global_default(Listener).unwrap();
    let handler = ws_std::on_message(|ctx, message| {
        assert_ne!(message.text(), Some("panic"), "a panic");
        ctx.send(message);
    });
    let handler = handler.on_request(|request| match request.path() {
        "/refuse" => Answer::forbidden(),
        "/panic" => panic!("a panic"),
        "/broken" => Answer::accept().header("X-Broken", "secret\r\n"),
        "/chosen" => Answer::accept().subprotocol("never-offered"),
        _ => Answer::accept(),
    });
    let limits = Limits { messages: Some(Rate { per_second: 1, burst: 10 }), ..Limits::default() };
    let server = Server::builder(handler).limits(limits).listen("127.0.0.1:0").unwrap();
    let server = server.start().unwrap();
    talk(&server);
    supervise(&server);
    until(|| server.connections() == 0);
    server.stop();

    let lines = lines();
    println!("{}", lines.join("\n"));
    for what in [
        "open",
        "a rule was broken",
        "a limit was exceeded",
        "the handler panicked",
        "refused by the origin policy",
        "on_request panicked",
        "refused",
        "the response cannot",
        "not offered",
        "a child is started again",
        "giving up",
    ] {
        assert!(lines.iter().any(|line| line.contains(what)), "{what} is not logged");
    }
    for line in lines {
        assert!(!line.contains("secret"), "{line}");
        let whose = ["connection=", "actor=", "supervisor=", "listening"];
        assert!(whose.iter().any(|whose| line.contains(whose)), "{line}");
    }
}
