//! A server, its clients, and programs one after the other.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Address, Clock, Limits, Server, Threads};
use ws_tests::peer::{GUARD, Peer, masked, until};

use crate::actors::{Connections, Cue, World};
use crate::conductor::{Baton, Conductor, Echo};
use crate::log::{Entry, Who};
use crate::model::{Life, Model, Verdict, expect};
use crate::program::{Deed, END, MOST_ROOMS, NAMES, Program, ROOMS};

pub(crate) struct Stage {
    server: Server,
    world: Arc<World>,
    conductor: Address<Baton>,
    done: Receiver<()>,
    clients: Vec<Client>,
}

/// A client, and its connection.
struct Client {
    peer: Peer,
    address: Address<Cue>,
    who: Arc<AtomicUsize>,
}

impl Client {
    /// What it writes is of no interest to a server that has ended the connection.
    fn write(&mut self, frame: WireFrame) {
        let _unread = self.peer.stream.write_all(&masked(frame));
    }

    fn does(&mut self, deed: Deed) {
        match deed {
            Deed::Says(number) => self.write(WireFrame::text(number.to_string())),
            Deed::Closes(code) => self.write(WireFrame::close(CloseCode(code), "")),
            Deed::Vanishes => {
                let _gone = self.peer.stream.shutdown(Shutdown::Write);
            }
        }
    }

    /// All it reads, up to the answer to what it says last or to the end of the connection.
    fn reads(&mut self, has_ended: bool) -> Vec<u32> {
        if !has_ended {
            self.does(Deed::Says(END));
        }
        let (mut numbers, mut has_ended) = (vec![], has_ended);
        while let Some(frame) = self.peer.frame() {
            match frame.opcode {
                1 if frame.payload == b"end" => break,
                1 => numbers.push(std::str::from_utf8(&frame.payload).unwrap().parse().unwrap()),
                _ if !std::mem::replace(&mut has_ended, true) => {
                    self.write(WireFrame::close(CloseCode::NORMAL, ""));
                }
                _ => {}
            }
        }
        numbers
    }
}

impl Stage {
    /// On so many shards.
    pub(crate) fn on(shards: usize) -> Self {
        let world = Arc::new(World::default());
        let presence_grace = Duration::ZERO;
        let limits = Limits { rooms: MOST_ROOMS, presence_grace, ..Limits::default() };
        let server = Server::builder(Connections(world.clone()))
            .threads(Threads::Fixed(shards))
            .limits(limits)
            .clock(Clock::manual().0);
        let server = server.listen("127.0.0.1:0").unwrap().start().unwrap();
        assert!(world.actors.set(server.actors().clone()).is_ok());
        assert!(world.rooms.set(server.rooms().clone()).is_ok());
        let (tell, done) = channel();
        let conductor = Conductor::new(world.clone(), tell);
        let ways = conductor.ways.clone();
        let conductor = server.actors().spawn(conductor).unwrap();
        let way = || way_by_all(&server, shards, &conductor);
        assert!(ways.set([way(), way()]).is_ok());
        Self { server, world, conductor, done, clients: vec![] }
    }

    /// Plays a program, and says what should have been otherwise.
    pub(crate) fn play(&mut self, program: &Program) -> Verdict {
        self.cast(program);
        let mut read = vec![];
        let played = self.has_played(program, &mut read);
        let log = std::mem::take(&mut self.world.scene().log);
        let mut model = Model::new(program);
        for (at, entry) in log.iter().enumerate() {
            model.hears(entry).map_err(|why| told(&why, &log[..=at]))?;
        }
        played.map_err(|why| told(&why, &log))?;
        let mut judged = model.ends();
        for (who, numbers) in read.iter().enumerate() {
            judged = judged.and_then(|()| model.frames.judge(who, numbers));
        }
        judged.and_then(|()| self.has_left(&model)).map_err(|why| told(&why, &log))?;
        let mut actors = model.cast.iter().take(program.clients);
        self.clients.retain(|_| actors.next().is_none_or(|actor| actor.life == Life::Alive));
        Ok(())
    }

    /// Everybody takes their places.
    fn cast(&mut self, program: &Program) {
        while self.clients.len() < program.clients {
            self.clients.push(self.open());
        }
        let mut cast: Vec<Option<Address<Cue>>> = vec![None; program.cast];
        for (who, client) in self.clients.iter().take(program.clients).enumerate() {
            client.who.store(who, Ordering::SeqCst);
            cast[who] = Some(client.address.clone());
        }
        let mut scene = self.world.scene();
        (scene.program, scene.cast) = (Arc::new(program.clone()), cast);
        scene.log.clear();
        drop(scene);
        for who in (program.clients..).take(program.agents) {
            let address = self.server.actors().spawn(self.world.agent(who)).unwrap();
            self.world.scene().cast[who] = Some(address);
        }
    }

    fn open(&self) -> Client {
        let mut peer = Peer::open(&self.server);
        peer.expect_text("open");
        let (address, who) = self.world.opened.lock().unwrap().take().unwrap();
        Client { peer, address, who }
    }

    fn has_played(&mut self, program: &Program, read: &mut Vec<Vec<u32>>) -> Verdict {
        assert!(self.conductor.tell(Baton::Play).is_ok());
        for (who, deed) in &program.deeds {
            self.clients[*who].does(*deed);
        }
        for guest in &program.guests {
            let path = format!("/guest/{}", guest.who);
            let mut peer = Peer::open_at(&self.server, &path, "");
            // Whatever it reads, up to the Close.
            while peer.frame().is_some_and(|frame| frame.opcode != 8) {}
        }
        self.wait()?;
        let has_ended = |who: Who| {
            let ends = |deed: &(Who, Deed)| deed.0 == who && !matches!(deed.1, Deed::Says(_));
            program.deeds.iter().any(ends)
        };
        for who in 0..program.clients {
            read.push(self.clients[who].reads(has_ended(who)));
        }
        assert!(self.conductor.tell(Baton::Finish).is_ok());
        self.wait()
    }

    fn wait(&self) -> Verdict {
        self.done.recv_timeout(GUARD).map_err(|_| "nothing happens any more".to_owned())
    }

    /// What is left of the program is what the model has left: nothing, if connections could rest.
    fn has_left(&self, model: &Model<'_>) -> Verdict {
        let living = self.world.living.load(Ordering::SeqCst);
        let rooms = self.server.rooms().count();
        let named = NAMES.iter().filter(|name| self.server.actors().find_any(name).is_some());
        let left = (living, rooms, named.count());
        let should = (0..ROOMS.len()).filter(|room| !model.members(*room).is_empty()).count();
        expect("actors, rooms and names that are left", &left, &(0, should, 0))
    }

    /// The last program has been played.
    pub(crate) fn ends(self) {
        drop(self.clients);
        until(|| self.server.connections() == 0);
        assert_eq!(self.server.retained_bytes(), 0);
    }
}

/// From shard to shard and back to the conductor: new actors are on the shards in turn.
fn way_by_all(server: &Server, shards: usize, conductor: &Address<Baton>) -> Address<Baton> {
    (0..shards).fold(conductor.clone(), |next, _| {
        server.actors().spawn(Echo { next, waits: false }).unwrap()
    })
}

/// What is wrong, and what happened before.
fn told(why: &str, log: &[Entry]) -> String {
    let mut text = format!("{why}\n");
    for entry in log {
        let _written = writeln!(text, "  {entry:?}");
    }
    text
}
