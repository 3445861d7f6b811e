//! What threads share, held to in many of the orders in which they may meet: nothing that is pushed
//! is left lying, nothing comes twice, and what is made under locks is never half made.
//!
//! The code is that of the server; only what [`sync`](crate::sync) names is the checker's. It decides
//! at each lock, atomic and channel who goes on, half of the time at random, half of the time so that
//! bugs that few changes of turn bring about are found soon. When all threads wait, it says so: that
//! is what a lost wake-up looks like. `INTERLEAVINGS` says how many orders are tried of each test.

mod cell;
mod pool;
mod port;
mod presence;
mod rooms;
mod system;

use std::sync::Arc;

use crate::rooms::{Directory, Local};
use crate::server::{Command, Incoming, Limits, Port};
use crate::sync::Waker;

/// So many orders of each test are tried, unless one says otherwise.
const ORDERS: usize = 4000;

/// So many changes of turn may be needed to bring a bug about.
const DEPTH: usize = 4;

/// Plays it in many orders.
pub(crate) fn in_any_order(scene: impl Fn() + Send + Sync + 'static) {
    let orders = std::env::var("INTERLEAVINGS").map_or(ORDERS, |orders| orders.parse().unwrap());
    let scene = Arc::new(scene);
    let again = scene.clone();
    shuttle::check_random(move || again(), orders / 2);
    shuttle::check_pct(move || scene(), orders / 2, DEPTH);
}

/// A shard that does nothing but what it is told.
struct Shard {
    waker: Arc<Waker>,
    port: Arc<Port>,
    incoming: Incoming,
    rooms: Local,
    /// What it was told.
    told: Vec<Command>,
}

impl Shard {
    fn new() -> Self {
        let waker = Arc::new(Waker::default());
        let (port, incoming) = Port::new(waker.clone());
        Self { waker, port, incoming, rooms: Local::default(), told: vec![] }
    }

    /// Takes what is there, but no more than so much, and tells whether there may be more.
    fn takes(&mut self, most: usize) -> bool {
        Incoming::take(
            self,
            |shard| &shard.incoming,
            most,
            |shard, command| {
                shard.told.push(command);
            },
        )
    }

    /// Waits like a shard does, until it is so.
    fn turns_until(&mut self, mut so: impl FnMut(&mut Vec<Command>) -> bool) {
        let mut more = false;
        while !so(&mut self.told) {
            if !more {
                self.waker.wait();
            }
            self.port.has_woken();
            more = self.takes(2);
        }
    }
}

/// No rooms, for messages of any size.
fn directory() -> Arc<Directory> {
    Arc::new(Directory::new(&Limits { fragment: usize::MAX, ..Limits::default() }))
}
