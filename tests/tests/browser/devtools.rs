//! The DevTools protocol over our own client: questions with numbers, answers, and events.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use serde_json::{Value, json};
use ws_std::WebSocket;
use ws_std::client::{Connector, Stream};

/// Nothing takes so long.
const GUARD: Duration = Duration::from_secs(30);

pub(crate) struct DevTools {
    socket: RefCell<WebSocket<Stream>>,
    asked: Cell<u64>,
    /// What was told while something else was waited for.
    events: RefCell<Vec<Value>>,
}

impl DevTools {
    pub(crate) fn connect(url: &str) -> Self {
        let connector = Connector::new().max_message(64 << 20).read_timeout(GUARD);
        let socket = connector.connect(url).unwrap();
        Self { socket: RefCell::new(socket), asked: Cell::new(0), events: RefCell::default() }
    }

    /// Asks for something to be done, in a session or in the browser, and waits for the answer.
    pub(crate) fn ask(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.asked.get() + 1;
        self.asked.set(id);
        let mut question = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            question["sessionId"] = session.into();
        }
        self.socket.borrow_mut().send_text(&question.to_string()).unwrap();
        loop {
            let mut heard = self.receive();
            if heard["id"] != id {
                self.events.borrow_mut().push(heard);
                continue;
            }
            assert!(heard.get("error").is_none(), "{method}: {}", heard["error"]);
            return heard["result"].take();
        }
    }

    /// Waits for an event of a session.
    pub(crate) fn wait(&self, session: &str, method: &str) -> Value {
        let is_it = |event: &Value| event["method"] == method && event["sessionId"] == session;
        let place = self.events.borrow().iter().position(is_it);
        if let Some(place) = place {
            return self.events.borrow_mut().remove(place);
        }
        loop {
            let heard = self.receive();
            if is_it(&heard) {
                return heard;
            }
            self.events.borrow_mut().push(heard);
        }
    }

    /// What a session was told and nobody has waited for.
    pub(crate) fn told(&self, session: &str) -> Vec<Value> {
        let mut events = self.events.borrow_mut();
        events.extract_if(.., |event| event["sessionId"] == session).collect()
    }

    fn receive(&self) -> Value {
        let message = self.socket.borrow_mut().receive().unwrap().expect("Chromium has gone");
        serde_json::from_str(message.text().unwrap()).unwrap()
    }
}
