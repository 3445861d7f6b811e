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
//! Read it from top to bottom: `main` sets the server up, [`Chat`] is what it does. What page and
//! server say to each other is in `wire.rs`, what was said before in `history.rs`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod history;
mod options;
mod page;
mod wire;

use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use history::{History, Line};
use wire::{Ask, Person, RoomInfo, Tell, Wrong, public_id};
use ws_std::http::Routes;
use ws_std::{Context, Denied, Drain, Handler, Limits, Message, Millis, OwnedMessage};
use ws_std::{Presence, Rate, Reject, Request, RoomRules, Server, Timing};

fn main() -> Result<(), Box<dyn Error>> {
    let options = options::Options::from(std::env::args().skip(1))?;
    let builder = Server::builder(Chat::default())
        .listen(&options.addr)
        .map_err(|error| format!("{error}: choose another --addr"))?
        .threads(options.threads)
        // The page is served on the same port. Pages of other origins may not connect.
        .routes(Routes::default().respond("/", page::response()).health("/healthz"))
        .limits(Limits {
            // A person writes little, and not often. Whoever sends more is closed, and told why.
            message: 8 << 10,
            messages: Some(Rate { per_second: 10, burst: 60 }),
            // Whose connection breaks is still here for so long, and so is who reloads the page.
            presence_grace: Duration::from_secs(5),
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
/// behind a lock, held for a moment and never while something is sent.
#[derive(Default)]
struct Chat {
    history: Mutex<History>,
}

/// Somebody in a room.
struct Guest {
    id: String,
    name: String,
    room: String,
}

/// A connection, when something happens to it.
type Page<'a> = Context<'a, Chat>;

/// What happens to one connection happens one event at a time: nothing here needs a lock for
/// `guest`, or an `await`.
impl Handler for Chat {
    /// What is remembered of a connection: nobody before it has joined a room.
    type State = Option<Guest>;
    /// Nobody but the page has anything to tell it.
    type Info = ();

    /// A page is there. It will say who it is.
    fn on_connect(&self, _: &mut Page<'_>, _: &Request<'_>) -> Result<Option<Guest>, Reject> {
        Ok(None)
    }

    /// A page says something.
    fn on_message(&self, guest: &mut Option<Guest>, page: &mut Page<'_>, message: Message<'_>) {
        match (Ask::parse(message.text().unwrap_or_default()), guest) {
            (Err(wrong), _) => refuse(page, wrong),
            (Ok(Ask::Ping), _) => self.pong(page),
            (Ok(Ask::Join { room, name, secret }), guest) => {
                self.join(page, guest, Guest { id: public_id(&secret), name, room });
            }
            (Ok(_), None) => refuse(page, Wrong::new("room", "join one first")),
            (Ok(Ask::Say { id, text }), Some(guest)) => self.say(page, guest, id, text),
            (Ok(Ask::Typing), Some(Guest { id, name, room })) => {
                let typing = Tell::Typing { room, person: Person { id, name } };
                page.broadcast_except(room, &[page.id()], &typing.json());
            }
        }
    }

    /// A room comes into being: it is remembered, and has place for so many.
    fn on_room(&self, name: &str) -> Result<RoomRules, Denied> {
        self.history().open(name);
        Ok(RoomRules::default().members(500))
    }

    /// Somebody comes to a room, leaves, or has another name now: what are those told who are there?
    /// How somebody leaves does not matter: the server notices.
    fn on_presence(&self, room: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        let told = match *presence {
            Presence::Here { entries, count } => {
                Tell::Here { room, count, people: entries.iter().map(Person::from).collect() }
            }
            Presence::Enters(who) => Tell::Enters { room, person: who.into() },
            Presence::Changes(who) => Tell::Changes { room, person: who.into() },
            Presence::Leaves(who) => Tell::Leaves { room, person: who.into() },
            _ => return None,
        };
        Some(told.json().into())
    }
}

impl Chat {
    /// Moves somebody to a room, or gives them a new name in the one where they are.
    fn join(&self, page: &mut Page<'_>, guest: &mut Option<Guest>, wanted: Guest) {
        let Guest { id, name, room } = &wanted;
        if let Err(error) = page.join_as(room, id, name) {
            return refuse(page, Wrong::new("room", error));
        }
        // Read only now, so that nothing is missed. What is in it, and on its way as well, the page
        // shows once.
        let lines = self.history().lines(room);
        page.send(&Tell::Joined { room, you: id, lines: &lines }.json());
        if let Some(before) = guest.as_ref().filter(|before| before.room != *room) {
            page.leave(&before.room);
        }
        *guest = Some(wanted);
    }

    /// Tells it to everybody in the room.
    fn say(&self, page: &mut Page<'_>, guest: &Guest, id: String, text: String) {
        let Guest { id: from, name, room } = guest;
        let line = Line { id, from: from.clone(), name: name.clone(), text, at: history::now() };
        let is_new = self.history().add(room, &line);
        let said = Tell::Said { room, line: &line }.json();
        if is_new {
            page.broadcast(room, &said);
        } else {
            // It came back after a lost connection: the others have it, and the page learns so.
            page.send(&said);
        }
    }

    /// Tells how good the connection is, as the heartbeat has found it, and which rooms there are.
    fn pong(&self, page: &mut Page<'_>) {
        let names = self.history().rooms();
        let rooms = names.into_iter().map(|name| RoomInfo { people: page.present(&name), name });
        let round_trip = page.round_trip().map(|trip| trip.smoothed.as_millis());
        page.send(&Tell::Pong { round_trip, rooms: rooms.collect() }.json());
    }

    /// A handler that panicked while it held the lock has left nothing half done.
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(page: &mut Page<'_>, wrong: Wrong) {
    page.send(&Tell::Refused(wrong).json());
}
