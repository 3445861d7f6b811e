//! ROOM-05, ROOM-06, ACTOR-06: whoever learns that an actor has ended finds it in no room, under no
//! name, and not there, however it has ended and whoever else ends meanwhile; and nobody is harmed.

use std::io::Write;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use ws_core::testing::{Random, WireFrame};
use ws_std::{
    Actor, ActorContext, ActorId, ActorRef, Actors, Address, CloseCode, Context, Down, Drain,
    Ended, Handler, Limits, Message, OwnedMessage, Presence, Reason, Reject, Request, Rooms,
    Server, Threads,
};
use ws_tests::peer::{KEY, Peer, until};

use crate::script::MODELS;

/// So many lives each thread of a storm leads, unless STORM_ROUNDS says otherwise.
const ROUNDS: u64 = 300;
const STORMERS: u64 = 4;
const WATCHERS: usize = 3;

/// What everybody knows.
#[derive(Default)]
struct Ledger {
    reach: OnceLock<(Rooms, Actors)>,
    watchers: OnceLock<Vec<Address<ActorRef>>>,
    /// Some of those who were there lately: to be watched, linked and killed.
    lately: Mutex<Vec<ActorRef>>,
    shadows: Mutex<Vec<ActorRef>>,
    opened: AtomicUsize,
    closed: AtomicUsize,
    watched: AtomicUsize,
    downs: AtomicUsize,
    broken: Mutex<Vec<String>>,
}

impl Ledger {
    /// Another one is there: all watchers are to know.
    fn enters(&self, actor: &ActorRef) {
        for watcher in self.watchers.get().unwrap() {
            if watcher.tell(actor.clone()).is_ok() {
                self.watched.fetch_add(1, Ordering::SeqCst);
            }
        }
        let mut lately = self.lately.lock().unwrap();
        lately.push(actor.clone());
        if lately.len() > 16 {
            lately.remove(0);
        }
    }

    fn somebody(&self, random: &mut Random) -> Option<ActorRef> {
        let lately = self.lately.lock().unwrap();
        (!lately.is_empty()).then(|| lately[random.below(lately.len())].clone())
    }

    /// The law, at the moment when somebody learns of an end.
    fn learns(&self, of: ActorId) {
        let (rooms, actors) = self.reach.get().unwrap();
        let name = name(of);
        let present = rooms.presence("lobby", "", usize::MAX);
        let found = [
            ("its name", actors.find_any(&name).is_some()),
            ("its room", rooms.members(&name) != 0),
            ("a place", present.iter().any(|entry| *entry.key == *name)),
        ];
        let broken = found.into_iter().filter(|(_, is_so)| *is_so);
        let broken = broken.map(|(what, _)| format!("{name} still has {what}"));
        self.broken.lock().unwrap().extend(broken);
    }
}

fn name(of: ActorId) -> String {
    format!("actor {}", of.0)
}

/// A panic that the log is not filled with.
fn burst() -> ! {
    resume_unwind(Box::new("as told"))
}

/// An actor that watches everybody it is told of.
struct Watcher(Arc<Ledger>);

impl Actor for Watcher {
    type Info = ActorRef;

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, actor: ActorRef) {
        ctx.me().monitor(actor);
    }

    fn on_down(&mut self, _: &mut ActorContext<'_, Self>, down: Down) {
        self.0.learns(down.actor);
        self.0.downs.fetch_add(1, Ordering::SeqCst);
    }
}

/// An actor that lives as long as whoever has started it, or less.
struct Shadow(Arc<Ledger>);

impl Actor for Shadow {
    type Info = ();

    fn on_start(&mut self, ctx: &mut ActorContext<'_, Self>) {
        let name = name(ctx.me().id());
        ctx.me().register(&name).unwrap();
        let me = ctx.me().address().actor().clone();
        self.0.enters(&me);
        self.0.shadows.lock().unwrap().push(me);
    }

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, (): ()) {
        ctx.stop();
    }
}

/// Bursts when it is dropped, if it is armed.
#[derive(Default)]
struct Bomb {
    armed: bool,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.armed && !thread::panicking() {
            burst();
        }
    }
}

/// Clients do what they are told to, and end in all ways.
struct Storm(Arc<Ledger>);

#[derive(Default)]
struct Life {
    bomb: Bomb,
    bursts_on_close: bool,
}

impl Handler for Storm {
    type State = Life;
    type Info = &'static str;

    fn on_connect(&self, ctx: &mut Context<'_, Self>, r: &Request<'_>) -> Result<Life, Reject> {
        if r.path() == "/calm" {
            ctx.join("calm")?;
            return Ok(Life::default());
        }
        self.0.opened.fetch_add(1, Ordering::SeqCst);
        let name = name(ctx.me().id());
        ctx.me().register(&name).unwrap();
        self.0.enters(ctx.me().address().actor());
        ctx.join(&name)?;
        ctx.join("all")?;
        ctx.join_as("lobby", &name, "")?;
        Ok(Life::default())
    }

    fn on_message(&self, life: &mut Life, ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let text = message.text().unwrap();
        let (rooms, _) = self.0.reach.get().unwrap();
        match text.split_once(' ').unwrap_or((text, "")) {
            ("panic", _) => burst(),
            ("close", _) => ctx.close(CloseCode(4000), ""),
            ("exit", _) => ctx.me().exit(Reason::Shutdown),
            ("tell", word) => {
                let word = if word == "panic" { "panic" } else { "well" };
                let _full = ctx.me().address().tell(word);
            }
            ("arm", _) => life.bomb.armed = true,
            ("burst on close", _) | ("late", _) => life.bursts_on_close = true,
            ("filter", _) => _ = ctx.broadcast_where("all", |_| burst(), "lost"),
            ("receipt", _) => _ = rooms.broadcast_counted("all", "heard", |_| burst()),
            ("presence", _) => _ = ctx.join_as("lobby", "bomb", ""),
            ("watch", seed) => {
                let somebody = self.0.somebody(&mut Random::new(seed.parse().unwrap()));
                somebody.map(|other| ctx.me().monitor(other));
            }
            ("link", seed) => {
                let somebody = self.0.somebody(&mut Random::new(seed.parse().unwrap()));
                let me = ctx.me();
                somebody.iter().for_each(|other| me.link(other));
            }
            ("shadow", _) => _ = ctx.me().spawn_link(Shadow(self.0.clone())).unwrap(),
            ("join", room) => _ = ctx.join(room).unwrap(),
            ("leave", room) => _ = ctx.leave(room),
            ("say", room) => _ = ctx.broadcast(room, "said"),
            ("echo", word) => _ = ctx.send(word),
            _ => panic!("what is {text}?"),
        }
    }

    fn on_info(&self, _: &mut Life, _: &mut Context<'_, Self>, word: &'static str) {
        if word == "panic" {
            burst();
        }
    }

    fn on_down(&self, _: &mut Life, _: &mut Context<'_, Self>, down: Down) {
        self.0.learns(down.actor);
    }

    fn on_presence(&self, _: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        match presence {
            Presence::Enters(entry) if &*entry.key == "bomb" => burst(),
            Presence::Enters(entry) => Some(format!("+{}", entry.key).into()),
            Presence::Leaves(entry) => Some(format!("-{}", entry.key).into()),
            _ => None,
        }
    }

    fn on_close(&self, life: &mut Life, ctx: &mut Context<'_, Self>, _: &Ended) {
        if ctx.rooms().next().is_some() {
            self.0.broken.lock().unwrap().push("in a room when it is told of its end".into());
        }
        self.0.closed.fetch_add(1, Ordering::SeqCst);
        if life.bursts_on_close {
            burst();
        }
    }
}

/// What a client may be told to do.
const DEEDS: [&str; 14] = [
    "tell panic",
    "tell",
    "arm",
    "late",
    "filter",
    "receipt",
    "presence",
    "watch ",
    "link ",
    "shadow",
    "join a",
    "leave a",
    "say a",
    "say all",
];

/// Ways in which it ends.
const WAYS: [&str; 9] =
    ["panic", "close", "exit", "goodbye", "vanish", "shut", "half", "kill", "reset"];

/// One life, from the client's side.
fn live(server: &Server, ledger: &Ledger, random: &mut Random) {
    let mut peer = Peer::open(server);
    for _ in 0..random.below(6) {
        let mut deed = DEEDS[random.below(DEEDS.len())].to_owned();
        if deed.ends_with(' ') {
            deed += &random.below(1000).to_string();
        }
        // Whoever has ended already hears no more.
        let _gone = peer.stream.write_all(&WireFrame::text(deed).masked(KEY).encode());
    }
    let mut say = |bytes: Vec<u8>| _ = peer.stream.write_all(&bytes);
    match WAYS[random.below(WAYS.len())] {
        "goodbye" => say(WireFrame::close(CloseCode::NORMAL, "").masked(KEY).encode()),
        "vanish" => return,
        "shut" => _ = peer.stream.shutdown(std::net::Shutdown::Write),
        "half" => say(WireFrame::text("half").claiming(1000).masked(KEY).encode()[..9].to_vec()),
        "kill" => _ = ledger.somebody(random).map(|somebody| somebody.kill()),
        // What it has been told is not read: to close the socket resets the connection.
        "reset" => {
            say(WireFrame::text("echo unread").masked(KEY).encode());
            let _heard = peer.stream.peek(&mut [0]);
            return;
        }
        way => say(WireFrame::text(way).masked(KEY).encode()),
    }
    if random.below(2) == 0 {
        let _ended = peer.stream.shutdown(std::net::Shutdown::Write);
        let _cut = std::io::copy(&mut peer.stream, &mut std::io::sink());
    }
}

fn serve(threads: Threads, ledger: &Arc<Ledger>, grace: Duration) -> Server {
    let limits = Limits { presence_grace: grace, outbox_limit: usize::MAX, ..Limits::default() };
    let builder = Server::builder(Storm(ledger.clone())).threads(threads).limits(limits);
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    let reach = (server.rooms().clone(), server.actors().clone());
    assert!(ledger.reach.set(reach).is_ok());
    let watcher = |_| server.actors().spawn(Watcher(ledger.clone())).unwrap();
    assert!(ledger.watchers.set((0..WATCHERS).map(watcher).collect()).is_ok());
    server
}

fn storm(server: &Server, ledger: &Ledger, rounds: u64) {
    thread::scope(|scope| {
        for stormer in 0..STORMERS {
            scope.spawn(move || {
                for round in 0..rounds {
                    live(server, ledger, &mut Random::new(stormer + STORMERS * round));
                }
            });
        }
    });
}

/// ROOM-05, ROOM-06, ROOM-07, ACTOR-01, ACTOR-03, ACTOR-05, ACTOR-06, ACTOR-08, LIFE-04
#[test]
fn however_actors_end_who_learns_of_it_finds_nothing_left_of_them_and_nobody_is_harmed() {
    let rounds = std::env::var("STORM_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    for threads in MODELS {
        let ledger = Arc::<Ledger>::default();
        let server = serve(threads, &ledger, Duration::ZERO);
        let mut calm: Vec<_> = (0..4).map(|_| Peer::open_at(&server, "/calm", "")).collect();
        storm(&server, &ledger, rounds);
        // Those who did no harm are well, and hear all that is said.
        server.rooms().broadcast("calm", "all clear");
        for peer in &mut calm {
            peer.text("echo well");
            let mut heard = [peer.message().payload, peer.message().payload];
            heard.sort();
            assert_eq!(heard, [b"all clear".to_vec(), b"well".to_vec()]);
        }
        // Some are still there when the server drains.
        until(|| server.connections() == calm.len());
        let late: Vec<_> = (0..8).map(|_| Peer::open(&server)).collect();
        until(|| server.rooms().members("all") == late.len());
        let rooms = server.rooms().clone();
        let metrics = server.metrics().clone();
        until(|| server.retained_bytes() == 0);
        // Those who have outlived a connection that ended as it should.
        ledger.shadows.lock().unwrap().iter().for_each(ActorRef::kill);
        drop(calm);
        until(|| server.connections() == late.len());
        let goes = |mut peer: Peer| {
            while peer.frame().is_some_and(|frame| frame.opcode != 8) {}
            peer.leave();
        };
        let going: Vec<_> =
            late.into_iter().map(|peer| thread::spawn(move || goes(peer))).collect();
        let drained = server.drain(Drain { window: Duration::from_millis(10), ..Drain::default() });
        assert_eq!((drained.closed, drained.cut), (going.len(), 0), "{drained:?}");
        going.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*ledger.broken.lock().unwrap(), [""; 0], "{threads:?}");
        assert_eq!((rooms.count(), rooms.present("lobby")), (0, 0));
        let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        assert!(metrics.snapshot().panics > 0);
        assert_eq!(
            count(&ledger.opened) + 4,
            count(&ledger.closed),
            "each is told of its end once"
        );
        assert_eq!(count(&ledger.watched), count(&ledger.downs), "and so are those who watch");
        assert!(ledger.lately.lock().unwrap().iter().all(ActorRef::is_gone));
    }
}
