//! Servers of `ws-std`, which come and go.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};

use ws_core::frame::CloseCode;
use ws_std::{Answer, Context, Drain, Ended, Handle, Handler, Message, Reject, Request, Server};
use ws_tests::example::{Device, Example};

use crate::{EVERYWHERE, Readings, dialing, port};

/// What becomes of a device at a server.
enum Event {
    Here(Handle),
    Said(String),
    Gone(CloseCode),
}

/// Tells all that happens.
struct Ear(Sender<Event>);

impl Handler for Ear {
    type State = ();
    type Info = ();

    fn on_request(&self, request: &Request<'_>) -> Answer {
        if request.path() == "/device" { Answer::accept() } else { Answer::not_found() }
    }

    fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        let _nobody_listens = self.0.send(Event::Here(ctx.handle()));
        Ok(())
    }

    fn on_message(&self, (): &mut (), _: &mut Context<'_, Self>, message: Message<'_>) {
        let text = message.text().expect("readings are text").to_owned();
        let _nobody_listens = self.0.send(Event::Said(text));
    }

    fn on_close(&self, (): &mut (), _: &mut Context<'_, Self>, ended: &Ended) {
        let _nobody_listens = self.0.send(Event::Gone(ended.code));
    }
}

/// A server of which somebody is told all that happens.
fn listen(address: SocketAddr) -> (Server, Receiver<Event>) {
    let (tell, told) = channel();
    (ws_std::serve(Ear(tell), address).unwrap(), told)
}

/// The device, as soon as it has come.
fn arrives(told: &Receiver<Event>) -> Handle {
    match next(told) {
        Event::Here(device) => device,
        Event::Said(text) => panic!("{text} from nobody"),
        Event::Gone(code) => panic!("nobody has gone with {code:?}"),
    }
}

/// One of the next texts has this in it.
fn says(told: &Receiver<Event>, part: &str) {
    loop {
        match next(told) {
            Event::Said(text) if text.contains(part) => return,
            Event::Said(_) => {}
            Event::Here(_) => panic!("it comes twice"),
            Event::Gone(code) => panic!("it has gone with {code:?}, and never said {part}"),
        }
    }
}

/// It goes, and says no more.
fn goes(told: &Receiver<Event>) -> CloseCode {
    loop {
        if let Event::Gone(code) = next(told) {
            return code;
        }
    }
}

/// The longest delay between two attempts is 30 s.
fn next(told: &Receiver<Event>) -> Event {
    told.recv_timeout(std::time::Duration::from_secs(60)).expect("the device is silent")
}

fn everywhere(test: impl Fn(&[&str]) + Sync) {
    std::thread::scope(|scope| {
        for place in EVERYWHERE {
            let test = &test;
            scope.spawn(move || test(place));
        }
    });
}

/// EMB-06
#[test]
fn a_device_and_a_server_exchange_what_they_have_to_say() {
    everywhere(|place| {
        let (server, told) = listen("127.0.0.1:0".parse().unwrap());
        let _device = dialing(place, server.address().unwrap().port());
        let handle = arrives(&told);
        says(&told, r#"{"number":1,"#);
        for (command, answer) in [
            ("every 50", r#"{"every_ms":50}"#),
            ("output on", r#"{"output":true}"#),
            ("output toggle", r#"{"output":false}"#),
        ] {
            handle.send(command);
            says(&told, answer);
        }
        // It is faster now, and does not answer what is no command.
        handle.send("good morning");
        (0..20).for_each(|_| says(&told, r#""output":false"#));
    });
}

/// The server goes in good order, hangs up, and goes again; the device has none for a while, and comes
/// back each time, with readings that begin anew. EMB-06
#[test]
fn a_device_comes_back_to_a_server_that_is_started_again() {
    everywhere(|place| {
        let (server, told) = listen("127.0.0.1:0".parse().unwrap());
        let address = server.address().unwrap();
        let _device = dialing(place, address.port());
        arrives(&told);
        says(&told, r#"{"number":2,"#);
        let drained = server.drain(Drain::quick());
        assert_eq!((drained.closed, drained.cut), (1, 0), "the device answers the Close");
        assert_eq!(goes(&told), CloseCode::RESTART);
        let (_server, told) = listen(address);
        let handle = arrives(&told);
        says(&told, r#"{"number":1,"#);
        handle.close(CloseCode::TRY_AGAIN_LATER, "not now");
        assert_eq!(goes(&told), CloseCode::TRY_AGAIN_LATER);
        arrives(&told);
        says(&told, r#"{"number":1,"#);
    });
}

/// With SIGKILL, so that nobody says goodbye: what an echo sends back, the device counts. EMB-06
#[test]
fn a_device_comes_back_to_a_server_that_was_killed() {
    let (listener, address) = port();
    drop(listener);
    let address = address.to_string();
    let serve = || Example::start_with("echo", &["--addr", &address]);
    let mut server = serve();
    let devices: Vec<Device> =
        EVERYWHERE.iter().map(|place| dialing(place, server.address.port())).collect();
    let mut readings: Vec<Readings> = devices.iter().map(Readings::of).collect();
    for _ in 0..2 {
        for readings in &mut readings {
            let before = readings.next("messages");
            // Some were on their way when it was killed.
            while readings.next("messages") < before + 5 {}
        }
        drop(server);
        server = serve();
    }
}
