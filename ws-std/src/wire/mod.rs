//! One connection, without what the program makes of it: its socket, its protocol, its clocks, and
//! what waits to be written.
//!
//! A connection at rest is this and nothing else: no buffer for what may come, none for what may
//! leave. What is only sometimes there is behind a pointer.

mod admit;
mod deflate;
mod flush;
mod frames;
mod outbox;
mod partial;
mod send;
mod socket;

use std::sync::Arc;

use ws_core::Server;
use ws_core::connection::{Connection, Deadlines, Time};
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::Agreement;

pub(crate) use outbox::{Bytes, Item, Outbox};
use partial::Partial;
pub(crate) use partial::{Assembling, Squeezed};
pub(crate) use socket::Socket;

use crate::actor::{ConnectionId, Ended, Peer, Reject};
use crate::deflate::Compressor;
use crate::desk::Desk;
use crate::meters::Meters;
use crate::rooms::{Departure, Manner, Membership, Post, Present, Room};
use crate::tls::Session;

/// A connection.
pub(crate) struct Wire {
    pub(crate) id: ConnectionId,
    pub(crate) socket: Socket,
    /// TLS, if it is spoken here.
    pub(crate) tls: Option<Box<Tls>>,
    pub(crate) ws: Connection<Server>,
    pub(crate) deadlines: Deadlines,
    /// What the socket did not take; none while it takes everything.
    pub(crate) outbox: Option<Box<Outbox>>,
    /// How messages are compressed, if they are.
    agreed: Option<Agreement>,
    /// What was read and is not done with.
    partial: Option<Box<Partial>>,
    /// What few connections have.
    rare: Option<Box<Rare>>,
    /// How many bytes it made us keep, as last counted.
    pub(crate) counted: u32,
    /// When something last came from the peer, in seconds: who was silent longest is drained first.
    pub(crate) heard: u32,
    pub(crate) flags: Flags,
}

/// The TLS of a connection, and what the socket did not take of its records.
pub(crate) struct Tls {
    pub(crate) session: Session,
    pub(crate) unsent: Vec<u8>,
    /// The heartbeat's Ping is in there.
    pub(crate) has_beat: bool,
}

/// What few connections have, and those only for a time.
#[derive(Default)]
pub(crate) struct Rare {
    /// What handles share with us, once there are handles.
    pub(crate) peer: Option<Arc<Peer>>,
    /// What is counted of this peer, if anything is.
    pub(crate) meters: Option<Meters>,
    /// How the connection ends, once that is decided.
    pub(crate) ending: Option<Ending>,
    /// The rooms that it is a member of.
    pub(crate) rooms: Vec<Membership>,
    /// What compresses messages that refer to each other.
    compressor: Option<Box<Compressor>>,
}

/// How a connection ends.
pub(crate) struct Ending {
    pub(crate) ended: Ended,
    pub(crate) how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Our Close waits for the peer's. What the peer still says is of no interest.
    Deaf,
    /// Our Close waits for the peer's. What the peer said before it is still heard.
    Hearing,
    /// At once: what is to be written has been put into the outbox.
    Now,
}

/// What else is to be known, in single bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    /// It is told that it is not served, and does not count among those who are.
    pub(crate) turned_away: bool,
    /// There may be something to read: the event said so, and we have not read to the end since.
    pub(crate) readable: bool,
    /// An event said that the peer will send nothing more: no other will, so what is there is read
    /// to its end.
    pub(crate) last: bool,
    /// The socket takes nothing, until an event says that it does again.
    pub(crate) blocked: bool,
    /// The socket has failed: nothing can be written any more.
    pub(crate) broken: bool,
    /// Nothing is read, because too much waits for this peer.
    pub(crate) crowded: bool,
    /// Nothing is read, because the handler waits for a result.
    pub(crate) suspended: bool,
    /// Nothing is read, because more waits in the mailbox than is told in one turn.
    pub(crate) behind: bool,
    /// Nothing is read, because the handler has broadcast more than can be passed on.
    pub(crate) ahead: bool,
    /// More has arrived than is told in one turn.
    pub(crate) greedy: bool,
    /// What has arrived waits for the next turn: a Pong may be in it.
    pub(crate) untold: bool,
    /// Messages are told piece by piece.
    pub(crate) pieces: bool,
    /// We have said that nothing more will be written.
    pub(crate) shut: bool,
    /// The peer has said that nothing more will come, or cannot.
    pub(crate) peer_done: bool,
    /// It is on the list of those that have something to be written at the end of the turn.
    pub(crate) dirty: bool,
    /// It is on the list of those that have something left to be read in the next turn.
    pub(crate) queued: bool,
}

impl Wire {
    pub(crate) fn new(id: ConnectionId, socket: Socket, deadlines: Deadlines) -> Self {
        Self {
            id,
            socket,
            tls: None,
            ws: Connection::new(Server),
            deadlines,
            outbox: None,
            agreed: None,
            partial: None,
            rare: None,
            counted: 0,
            heard: 0,
            flags: Flags::default(),
        }
    }

    /// What handles share with us, if there are handles.
    pub(crate) fn peer(&self) -> Option<&Arc<Peer>> {
        self.rare.as_ref()?.peer.as_ref()
    }

    /// What is counted of the peer, if anything is.
    pub(crate) fn meters(&mut self) -> Option<&mut Meters> {
        self.rare.as_mut()?.meters.as_mut()
    }

    /// How the connection ends, once that is decided.
    pub(crate) fn ending(&self) -> Option<&Ending> {
        self.rare.as_ref()?.ending.as_ref()
    }

    /// Forgets its handles: what is on its way to this connection is nobody's any more.
    pub(crate) fn forget_handles(&mut self, desk: &Desk) {
        let peer = self.rare.as_mut().and_then(|rare| rare.peer.take());
        desk.dropped_by_handles(peer.map_or(0, |peer| peer.take_dropped()));
    }

    /// The rooms that it is a member of.
    pub(crate) fn rooms(&self) -> &[Membership] {
        self.rare.as_ref().map_or(&[], |rare| &rare.rooms)
    }

    /// Leaves all rooms, in the manner in which the connection ends. Where it was under a name, it is
    /// for the shard to say farewell.
    pub(crate) fn leave_rooms(&mut self, desk: &mut Desk) {
        let Some(rare) = &mut self.rare else { return };
        if rare.rooms.is_empty() {
            return;
        }
        let ended = rare.ending.as_ref().map(|ending| &ending.ended);
        let manner = ended.map_or(Manner::Left, Ended::manner);
        for membership in std::mem::take(&mut rare.rooms) {
            self.leave_room(desk, membership, manner);
        }
    }

    /// Leaves a room in which it has been.
    pub(crate) fn leave_room(&self, desk: &mut Desk, left: Membership, manner: Manner) {
        let key = left.key().cloned();
        let room = left.room;
        desk.rooms.remove(&room, self.id, &desk.port);
        match key {
            Some(key) => desk.farewells.departures.push(Departure { room, key, manner }),
            None => desk.directory.leave(&room),
        }
    }

    /// Is in a room under a name from now on.
    pub(crate) fn is_present(&mut self, room: &Arc<Room>, present: Present) {
        let mut joined = self.rare_mut().rooms.iter_mut();
        if let Some(joined) = joined.find(|joined| Arc::ptr_eq(&joined.room, room)) {
            joined.is_present(present);
        }
    }

    /// Whether it knows already what this tells.
    pub(crate) fn knows(&self, post: &Post) -> bool {
        post.change.is_some()
            && self
                .rooms()
                .iter()
                .any(|joined| Arc::ptr_eq(&joined.room, &post.room) && joined.knows(post))
    }

    /// To give it what few connections have.
    pub(crate) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Whether we do not read on purpose.
    pub(crate) const fn is_paused(&self) -> bool {
        let Flags { crowded, suspended, behind, ahead, .. } = self.flags;
        crowded || suspended || behind || ahead
    }

    /// Whether it is up to us that the peer is not heard, so that its clocks stand still.
    const fn is_kept_waiting(&self) -> bool {
        self.is_paused() || self.flags.untold
    }

    /// Changes why we do not read, and tells the clocks.
    pub(crate) fn pause(&mut self, now: Time, change: impl FnOnce(&mut Flags)) {
        let before = self.is_kept_waiting();
        change(&mut self.flags);
        match (before, self.is_kept_waiting()) {
            (false, true) => self.deadlines.pause(now),
            (true, false) => self.deadlines.resume(now),
            _ => {}
        }
    }

    /// The connection is to end now, for this reason, unless it ends already.
    pub(crate) fn end(&mut self, ended: Ended) {
        // What came first is what happened.
        let first = self.rare_mut().ending.get_or_insert(Ending { ended, how: How::Now });
        first.how = How::Now;
    }

    /// Whether it is to end now.
    pub(crate) fn ends_now(&self) -> bool {
        self.ending().is_some_and(|ending| ending.how == How::Now)
    }

    /// Whether everything has been written and nothing else calls for attention.
    pub(crate) fn is_calm(&self) -> bool {
        let Flags { crowded, broken, .. } = self.flags;
        !crowded && !broken && self.counted == 0 && self.waiting() == 0 && self.ending().is_none()
    }

    /// How many bytes wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        let outbox = self.outbox.as_ref().map_or(0, |outbox| outbox.weight());
        outbox + self.tls.as_ref().map_or(0, |tls| tls.unsent.len())
    }

    /// How many of them wait for the peer, and not for the end of a message in parts: for that one
    /// the handler may wait to be told something.
    pub(crate) fn pressing(&self) -> usize {
        let held = self.outbox.as_ref().map_or(0, |outbox| outbox.held_weight());
        self.waiting().saturating_sub(held)
    }

    /// How many bytes this connection makes us keep.
    pub(crate) fn retained(&self) -> usize {
        let partial = self.partial.as_ref().map_or(0, |partial| partial.retained());
        let tls = self.tls.as_ref().map_or(0, |tls| tls.session.retained() + tls.unsent.capacity());
        let outbox = self.outbox.as_ref().map_or(0, |outbox| outbox.weight());
        let crossing = self.peer().map_or(0, |peer| peer.crossing());
        let compressor = self.rare.as_ref().and_then(|rare| rare.compressor.as_ref());
        let compressor = compressor.map_or(0, |compressor| compressor.retained());
        partial + tls + outbox + crossing + compressor
    }

    /// Bytes that could not be made sense of yet.
    pub(crate) fn tail(&self) -> &[u8] {
        self.partial.as_ref().map_or(&[], |partial| &partial.tail)
    }

    /// Whether something has arrived that is not told yet.
    pub(crate) fn has_untold(&self) -> bool {
        !self.tail().is_empty() || self.is_squeezed()
    }

    /// Keeps what cannot be made sense of yet.
    pub(crate) fn keep(&mut self, tail: &[u8]) {
        self.partial.get_or_insert_default().tail = tail.to_vec();
    }

    /// Takes what was kept.
    pub(crate) fn take_tail(&mut self) -> Vec<u8> {
        let tail = self.partial.as_mut().map(|partial| std::mem::take(&mut partial.tail));
        self.partial.take_if(|partial| partial.is_empty());
        tail.unwrap_or_default()
    }

    /// Whether a message is being put together.
    pub(crate) fn is_assembling(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| partial.message.is_some())
    }

    /// The message that is being put together: a new one of this kind, if there is none.
    pub(crate) fn assembling(&mut self, kind: Kind) -> &mut Assembling {
        let partial = self.partial.get_or_insert_default();
        partial.message.get_or_insert_with(|| Assembling::new(kind))
    }

    /// Takes the message that has been put together.
    pub(crate) fn take_message(&mut self) -> Option<Assembling> {
        let message = self.partial.as_mut().and_then(|partial| partial.message.take());
        self.partial.take_if(|partial| partial.is_empty());
        message
    }

    /// Whether a message is being put together and nothing stands before what comes next of it.
    pub(crate) fn awaits_more(&self) -> bool {
        let partial = self.partial.as_ref();
        partial.is_some_and(|partial| {
            partial.message.is_some() && partial.tail.is_empty() && partial.inflater.is_none()
        })
    }

    /// Puts a message back that is not whole yet.
    pub(crate) fn put_message(&mut self, message: Assembling) {
        self.partial.get_or_insert_default().message = Some(message);
    }

    /// Forgets what is not done with, and what was said before: nobody will ask for it any more.
    pub(crate) fn forget(&mut self) {
        self.partial = None;
        if let Some(rare) = &mut self.rare {
            rare.compressor = None;
        }
    }

    /// A handler does not take the connection, and says so.
    pub(crate) fn turn_away(&mut self, desk: &mut Desk, reject: &Reject) {
        self.push_close(desk, reject.code, &reject.text);
    }

    /// Closes with this code, at once: nothing that waits is written any more, but what has begun
    /// to leave.
    pub(crate) fn fail(&mut self, desk: &mut Desk, code: CloseCode, ended: Ended) {
        self.push_close(desk, code, &ended.text);
        self.end(ended);
    }
}
