//! Starting the threads of a server.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::accept::{Acceptor, Arrival, Listener, Placement};
use super::config::Threads;
use super::engine::Engine;
use super::port::{Command, Port};
use super::shard::{Seat, Shard};
use crate::actor::{Handler, Launch};
use ws_core::connection::Time;

/// Starts what serves these listeners.
pub(crate) fn start<H: Handler>(
    engine: &Arc<Engine<H>>,
    listeners: Vec<Listener>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let shards = match engine.config.threads {
        Threads::PerCore => thread::available_parallelism().map_or(1, usize::from),
        Threads::Fixed(count) => count.max(1),
        Threads::PerConnection => {
            engine.system.opens(vec![], launcher(engine));
            let spawner = engine.clone();
            let spawn = move |arrival| serve_alone(&spawner, arrival);
            let acceptor = acceptor(engine, listeners, Placement::Threads(Box::new(spawn)));
            return Ok(vec![accept_on_a_thread(acceptor)?]);
        }
    };
    let mut all = vec![];
    for _ in 0..shards {
        all.push(Seat::new(engine)?);
    }
    let ports: Vec<Arc<Port>> = all.iter().map(|seat| seat.port.clone()).collect();
    engine.system.opens(ports.clone(), launcher(engine));
    let acceptor = acceptor(engine, listeners, Placement::Shards(ports));
    let mut threads = vec![];
    match &mut *all {
        // One thread is enough to accept and to serve.
        [only] => only.accept_with(acceptor)?,
        _ => threads.push(accept_on_a_thread(acceptor)?),
    }
    for (index, seat) in all.into_iter().enumerate() {
        let thread = thread::Builder::new().name(format!("ws-shard-{index}"));
        threads.push(thread.spawn(move || Shard::new(seat).run())?);
    }
    Ok(threads)
}

fn acceptor<H: Handler>(
    engine: &Engine<H>,
    listeners: Vec<Listener>,
    placement: Placement,
) -> Acceptor {
    Acceptor {
        listeners,
        placement,
        gate: engine.gate.clone(),
        config: engine.config.clone(),
        clock: engine.clock.clone(),
        metrics: engine.metrics.shard(),
        rates: Default::default(),
        in_all: None,
        again: Time::NEVER,
    }
}

fn accept_on_a_thread(mut acceptor: Acceptor) -> io::Result<JoinHandle<()>> {
    let poll = acceptor.poll()?;
    let thread = thread::Builder::new().name("ws-accept".to_owned());
    thread.spawn(move || acceptor.run(poll))
}

/// Starts threads for actors that want one: each is a shard like any other, that ends with its actor.
fn launcher<H: Handler>(engine: &Arc<Engine<H>>) -> Box<Launch> {
    let engine = Arc::downgrade(engine);
    Box::new(move || {
        let engine = engine.upgrade().ok_or_else(|| io::Error::other("the server has stopped"))?;
        let mut seat = Seat::new(&engine)?;
        seat.end_when_empty();
        let port = seat.port.clone();
        let thread = thread::Builder::new().name("ws-actor".to_owned());
        thread.spawn(move || Shard::new(seat).run())?;
        Ok(port)
    })
}

/// Serves one connection on a thread of its own: a shard like any other, that ends with it.
fn serve_alone<H: Handler>(engine: &Arc<Engine<H>>, arrival: Arrival) -> io::Result<()> {
    let mut seat = Seat::new(engine)?;
    seat.end_when_empty();
    if seat.port.push(Command::Adopt(arrival)).is_err() {
        return Err(io::Error::other("the shard is there"));
    }
    let thread = thread::Builder::new().name("ws-connection".to_owned());
    thread.spawn(move || Shard::new(seat).run())?;
    Ok(())
}
