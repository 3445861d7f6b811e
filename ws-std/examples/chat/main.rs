//! A chat: rooms, nicknames, who is here, who is writing, and what was said before.
//!
//! ```text
//! cargo run --release --example chat
//! ```
//!
//! Then open the page that it names, twice. `--addr ADDRESS` listens elsewhere, `--threads N` serves
//! with N event loops instead of one for each core. The first Ctrl-C takes a second to say goodbye
//! to everybody; another one does not.
//!
//! Read it from top to bottom: [`Chat`] is the server, and the rest is what it needs. What page and
//! server say to each other is in `wire.rs`, what was said before in `history.rs`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod history;
mod options;
mod page;
mod people;
mod wire;

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use history::{History, Line};
use people::{Arrival, People};
use wire::{Ask, Person, RoomInfo, Tell};
use ws_std::http::Routes;
use ws_std::{Context, Drain, Ended, Handler, Limits, Message, Millis};
use ws_std::{Rate, Reject, Request, Server, Timing};

fn main() -> Result<(), Box<dyn Error>> {
    let options = options::Options::from(std::env::args().skip(1))?;
    let builder = Server::builder(Chat::default())
        .listen(&options.addr)?
        .threads(options.threads)
        // The page is served on the same port. Pages of other origins may not connect.
        .routes(Routes::default().respond("/", page::response()).health("/healthz"))
        // A person writes little, and not often. Whoever sends more is closed, and told why.
        .limits(Limits {
            message: 8 << 10,
            messages: Some(Rate { per_second: 10, burst: 60 }),
            ..Limits::default()
        })
        // Pings find connections that died silently, and measure the others.
        .timing(Timing { ping_every: Some(Millis::seconds(10)), ..Timing::DEFAULT });

    let wait_for_a_signal = options::signals()?;
    let server = builder.start()?;
    println!("chat is at http://{}", server.address().ok_or("no address")?);

    wait_for_a_signal();
    let drained = server.drain(Drain::quick());
    eprintln!("{} closed, {} cut, {} gone", drained.closed, drained.cut, drained.gone);
    Ok(())
}

/// The server: one value for all connections. Several threads use it at once, so what they share is
/// behind locks, each held for a moment and never while something is sent.
#[derive(Default)]
struct Chat {
    history: Mutex<History>,
    people: Mutex<People>,
    /// Makes ids that everybody may see of secrets that nobody else may know.
    ids: RandomState,
}

/// Somebody in a room. A connection that has not joined yet is nobody.
struct Guest {
    id: String,
    name: String,
    room: String,
}

/// What happens to one connection happens one event at a time: nothing here needs a lock for `guest`,
/// or an `await`.
impl Handler for Chat {
    type State = Option<Guest>;
    type Info = ();

    fn on_connect(
        &self,
        _: &mut Context<'_, Self>,
        _: &Request<'_>,
    ) -> Result<Option<Guest>, Reject> {
        Ok(None)
    }

    fn on_message(
        &self,
        guest: &mut Option<Guest>,
        ctx: &mut Context<'_, Self>,
        message: Message<'_>,
    ) {
        let ask = message.text().ok_or_else(|| "text is needed".to_owned()).and_then(Ask::parse);
        let answered = match (ask, guest) {
            (Err(wrong), _) => Err(wrong),
            (Ok(Ask::Ping), _) => {
                self.pong(ctx);
                Ok(())
            }
            (Ok(Ask::Join { room, name, secret }), guest) => {
                let id = format!("{:016x}", self.ids.hash_one(secret));
                self.join(ctx, guest, Guest { id, name, room })
            }
            (Ok(_), None) => Err("join a room first".to_owned()),
            (Ok(Ask::Say { id, text }), Some(guest)) => {
                self.say(ctx, guest, id, text);
                Ok(())
            }
            (Ok(Ask::Typing), Some(guest)) => {
                let typing = Tell::Typing { room: &guest.room, person: guest.person() };
                ctx.broadcast_except(&guest.room, &[ctx.id()], &typing.json());
                Ok(())
            }
        };
        if let Err(wrong) = answered {
            ctx.send(&Tell::Error { text: &wrong }.json());
        }
    }

    /// The connection has left its room already; the others want to know who it was.
    fn on_close(&self, guest: &mut Option<Guest>, ctx: &mut Context<'_, Self>, _: &Ended) {
        self.leave(ctx, guest);
    }
}

impl Chat {
    /// Moves a connection to a room, or gives it a new name in the one where it is.
    fn join(
        &self,
        ctx: &mut Context<'_, Self>,
        guest: &mut Option<Guest>,
        wanted: Guest,
    ) -> Result<(), String> {
        let Guest { id, room, .. } = &wanted;
        let opened = lock(&self.history).open(room, |room| ctx.members(room) == 0);
        if opened.is_none() {
            return Err("there are too many rooms: choose one of those".to_owned());
        }
        self.leave(ctx, guest);
        ctx.join(room).map_err(|error| error.to_string())?;
        // Read again, now that nothing can be missed. What is both in here and on its way the page
        // shows once.
        let lines = lock(&self.history).open(room, |_| false).unwrap_or_default();
        ctx.send(&Tell::Joined { room, you: id, lines: &lines }.json());
        self.enter(ctx, &wanted);
        *guest = Some(wanted);
        Ok(())
    }

    fn say(&self, ctx: &mut Context<'_, Self>, guest: &Guest, id: String, text: String) {
        let Guest { id: from, name, room } = guest;
        let at = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis());
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        let line = Line { id, from: from.clone(), name: name.clone(), text, at };
        let is_new = lock(&self.history).add(room, &line);
        let said = Tell::Said { room, line: &line }.json();
        if is_new {
            ctx.broadcast(room, &said);
        } else {
            // It came back after a lost connection: the others have it, and the page learns so.
            ctx.send(&said);
        }
    }

    fn pong(&self, ctx: &mut Context<'_, Self>) {
        let names: Vec<String> = lock(&self.history).names().map(str::to_owned).collect();
        let rooms = names.into_iter().map(|name| RoomInfo { members: ctx.members(&name), name });
        let mut rooms: Vec<RoomInfo> = rooms.collect();
        rooms.sort_by_key(|room| std::cmp::Reverse(room.members));
        rooms.truncate(30);
        let round_trip = ctx.round_trip().map(|trip| trip.smoothed.as_millis());
        ctx.send(&Tell::Pong { round_trip, rooms: &rooms }.json());
    }

    fn enter(&self, ctx: &mut Context<'_, Self>, guest: &Guest) {
        let Guest { id, name, room } = guest;
        let mut people = lock(&self.people);
        let arrival = people.enter(room, id, name);
        let here: Vec<_> = people.list(room).map(|(id, name)| Person { id, name }).collect();
        let here = Tell::Here { room, people: &here }.json();
        drop(people);
        ctx.send(&here);
        let person = guest.person();
        let told = match arrival {
            Arrival::Enters => Tell::Enters { room, person },
            Arrival::Changes => Tell::Changes { room, person },
            Arrival::IsHereAlready => return,
        };
        ctx.broadcast_except(room, &[ctx.id()], &told.json());
    }

    fn leave(&self, ctx: &mut Context<'_, Self>, guest: &mut Option<Guest>) {
        let Some(guest) = guest.take() else { return };
        ctx.leave(&guest.room);
        if lock(&self.people).leave(&guest.room, &guest.id) {
            let leaves = Tell::Leaves { room: &guest.room, person: guest.person() };
            ctx.broadcast(&guest.room, &leaves.json());
        }
    }
}

impl Guest {
    fn person(&self) -> Person<'_> {
        Person { id: &self.id, name: &self.name }
    }
}

/// A handler that panicked while it held the lock has left nothing half done.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
