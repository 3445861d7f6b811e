//! ROOM-05, ACTOR-06: whoever learns that an actor has ended finds it in no room, under no name and
//! not there, however it has ended and whoever else ends meanwhile.
//!
//! `WS_TESTS_STORM=20` makes storms so many times longer.

use std::io::Write;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use ws_core::connection::Timing;
use ws_core::frame::CloseCode;
use ws_core::testing::{Random, WireFrame};
use ws_std::{
    Actor, ActorContext, ActorRef, Address, ConnectionId, Context, Down, Drain, Ended, Entry,
    Handler, Limits, Message, OwnedMessage, Presence, Reject, Request, Server, Threads,
};
use ws_tests::peer::{KEY, Peer, until};

const ROOMS: [&str; 3] = ["a", "b", "c"];

/// What watchers share.
#[derive(Default)]
struct Ledger {
    server: OnceLock<Server>,
    watchers: Mutex<Vec<Address<ActorRef>>>,
    opened: AtomicUsize,
    closed: AtomicUsize,
    downs: AtomicUsize,
    /// Laws that were broken.
    broken: Mutex<Vec<String>>,
}

impl Ledger {
    fn server(&self) -> &Server {
        self.server.get().unwrap()
    }

    /// Holds the law to someone who has ended.
    fn judge(&self, down: &Down) {
        self.downs.fetch_add(1, Ordering::SeqCst);
        let id = down.who;
        let name = format!("actor {id}");
        let mut broken = vec![];
        if self.server().actors().whereis(&name).is_some() {
            broken.push(format!("{name} has its name"));
        }
        let own = format!("own {id}");
        let rooms = self.server().rooms();
        if rooms.members(&own) != 0 {
            broken.push(format!("{name} is in its room"));
        }
        if rooms.presence("lobby").iter().any(|entry| *entry.key == *name) {
            broken.push(format!("{name} is there"));
        }
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).extend(broken);
    }
}
