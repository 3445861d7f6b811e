//! The server: its shards, and who hands them sockets.

mod accept;
mod ahead;
mod backlog;
mod builder;
mod config;
mod drain;
mod engine;
mod gate;
mod negotiate;
mod port;
mod shard;
mod start;

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

pub(crate) use ahead::Ahead;
pub use builder::Builder;
pub(crate) use config::Config;
pub use config::{Limits, Overflow, Subprotocol, Threads};
pub use drain::{Drain, Drained};
pub(crate) use engine::next_id;
pub use gate::State;
#[cfg(test)]
pub(crate) use port::Incoming;
pub(crate) use port::{Command, Order, Port, Target};

use crate::actor::{Actors, Handler};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::rooms::Rooms;
use crate::tls::ServerTls;
use gate::{Gate, Telling};

/// Serves WebSockets at this address: port 0 for any free one, see [`Server::address`].
///
/// All limits are the defaults; [`Server::builder`] takes others.
///
/// ```
/// let echo = ws_std::on_message(|ctx, message| {
///     ctx.send(message);
/// });
/// let server = ws_std::serve(echo, "127.0.0.1:0")?;
/// println!("listening on ws://{}", server.address().unwrap());
/// # return Ok(drop(server));
/// server.join()
/// # ; Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What the system says about the address.
pub fn serve(handler: impl Handler, address: impl ToSocketAddrs) -> io::Result<Server> {
    Server::builder(handler).listen(address)?.start()
}

/// Serves WebSockets over TLS at this address, with a chain of certificates and its key in PEM
/// files.
///
/// # Errors
///
/// What the system says about the address, or what is wrong with the files.
pub fn serve_tls(
    handler: impl Handler,
    address: impl ToSocketAddrs,
    certificates: impl AsRef<Path>,
    key: impl AsRef<Path>,
) -> io::Result<Server> {
    let tls = ServerTls::from_pem_files(certificates, key).map_err(io::Error::other)?;
    Server::builder(handler).listen_tls(address, tls)?.start()
}

/// A server that runs.
///
/// When it is dropped, everything ends at once: every handler is told, and every client gets a
/// Close frame, if it can take one without delay. [`drain`](Self::drain) does better.
#[must_use = "a server that is dropped ends"]
pub struct Server {
    addresses: Vec<SocketAddr>,
    gate: Arc<Gate>,
    metrics: Metrics,
    rooms: Rooms,
    actors: Actors,
    clock: Clock,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// A server that is yet to be told where it listens.
    pub fn builder<H: Handler>(handler: H) -> Builder<H> {
        Builder::new(handler)
    }

    /// Where it listens: the first of its TCP addresses.
    pub fn address(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// All TCP addresses where it listens, in the order in which the builder was told.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How far it is on its way out.
    pub fn state(&self) -> State {
        self.gate.state()
    }

    /// How many connections there are, in whatever stage.
    pub fn connections(&self) -> usize {
        self.gate.open()
    }

    /// How many bytes its connections make it keep, and broadcasts that are on their way to them.
    pub fn retained_bytes(&self) -> usize {
        self.gate.retained() + self.gate.backlog()
    }

    /// Its rooms, to be reached from any thread.
    pub fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    /// Its actors, to be reached from any thread.
    pub fn actors(&self) -> &Actors {
        &self.actors
    }

    /// What it counts.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Something that can end it from elsewhere.
    pub fn stopper(&self) -> Stopper {
        Stopper { gate: self.gate.clone(), clock: self.clock.clone() }
    }

    /// Waits until it has ended, by whatever [`stopper`](Self::stopper) says.
    ///
    /// # Errors
    ///
    /// A thread of the server has panicked, which is a mistake of ours.
    pub fn join(mut self) -> io::Result<()> {
        self.wait()
    }

    /// Takes it down as gently as asked, waits for that, and tells what became of the connections.
    pub fn drain(mut self, how: Drain) -> Drained {
        self.stopper().drain(how);
        // Whatever a thread has come to, what was counted was counted.
        let _ended = self.wait();
        self.gate.drained.report()
    }

    /// Ends everything at once.
    pub fn stop(self) {
        drop(self);
    }

    fn wait(&mut self) -> io::Result<()> {
        let results: Vec<_> = self.threads.drain(..).map(JoinHandle::join).collect();
        self.gate.wait_for_shards();
        self.gate.advance(State::Closed);
        match results.into_iter().find_map(Result::err) {
            Some(panic) => Err(io::Error::other(&*crate::pool::message_of(&*panic))),
            None => Ok(()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopper().stop();
        let _ended = self.wait();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// Ends a server from another thread: from a signal's, for example.
#[derive(Clone)]
pub struct Stopper {
    gate: Arc<Gate>,
    clock: Clock,
}

impl Stopper {
    /// Begins to take the server down as gently as asked; [`Server::join`] returns when that is
    /// done.
    pub fn drain(&self, how: Drain) {
        let began = self.clock.now();
        self.gate.advance(State::Lame);
        self.gate.tell_all(Telling::Drain { how, began });
    }

    /// Ends everything at once.
    pub fn stop(&self) {
        self.gate.advance(State::NotAccepting);
        self.gate.tell_all(Telling::Stop);
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").field("state", &self.gate.state()).finish_non_exhaustive()
    }
}
