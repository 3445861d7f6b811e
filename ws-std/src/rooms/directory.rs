//! All rooms of a server, as all threads see them.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::{
    Delivery, Denied, Entry, Except, Filter, JoinError, Post, Posted, Receipt, Room, RoomInfo,
    RoomRules,
};
use crate::actor::{ConnectionId, Encoded, Framing, Outgoing};
use crate::server::{Limits, Overflow};
use crate::sync::{AtomicUsize, Mutex, MutexGuard};

/// Names are spread over so many locks, so that joins of different rooms seldom meet.
const PARTS: usize = 16;

/// So many may be awaited at once. Who connects and vanishes again and again would fill the memory.
const MOST_AWAITED: usize = 16 << 10;

/// The rooms that have members. A room comes into being with its first member, and is gone with
/// its last, and when nobody is awaited there.
pub(crate) struct Directory {
    parts: [Mutex<Part>; PARTS],
    hasher: RandomState,
    /// How many are awaited, in all rooms.
    awaited: AtomicUsize,
    /// How messages become frames.
    framing: Framing,
    /// The policy of rooms that have none of their own.
    overflow: Overflow,
}

/// Some of the rooms.
#[derive(Default)]
struct Part {
    rooms: HashMap<Arc<str>, Arc<Room>>,
    /// Their names, for lists of some of them.
    names: BTreeSet<Arc<str>>,
}

impl Part {
    fn add(&mut self, room: Arc<Room>) {
        self.names.insert(room.name.clone());
        self.rooms.insert(room.name.clone(), room);
    }

    fn remove(&mut self, name: &str) {
        self.names.remove(name);
        self.rooms.remove(name);
    }

    /// Those that come after this name.
    fn after(&self, name: &str) -> impl Iterator<Item = &Arc<Room>> {
        let names = self.names.range::<str, _>((Bound::Excluded(name), Bound::Unbounded));
        names.filter_map(|name| self.rooms.get(name))
    }
}

impl Directory {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            parts: Default::default(),
            hasher: RandomState::new(),
            awaited: AtomicUsize::new(0),
            framing: limits.fragment.into(),
            overflow: limits.overflow,
        }
    }

    /// The same with messages that become frames like this.
    pub(crate) fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    /// The room of this name, with one member more. If there is none, it comes into being with the
    /// rules that `ask` tells, which is the program's and may take its time.
    pub(crate) fn join(
        &self,
        name: &str,
        ask: impl FnOnce() -> Result<RoomRules, Denied>,
    ) -> Result<Arc<Room>, JoinError> {
        if let Some(room) = self.part(name).rooms.get(name) {
            return enter(room);
        }
        let rules = ask()?;
        let mut part = self.part(name);
        // Somebody else may have been faster: then that one's rules hold.
        if let Some(room) = part.rooms.get(name) {
            return enter(room);
        }
        let room = Arc::new(Room::new(name.into(), rules));
        enter(&room)?;
        part.add(room.clone());
        Ok(room)
    }

    /// The room has one member less; it is gone if that was the last, and nobody is awaited.
    pub(crate) fn leave(&self, room: &Room) {
        room.leaves();
        self.drop_hold(room);
    }

    /// Whether the return of one more may be awaited.
    pub(crate) fn may_await(&self) -> bool {
        self.awaited.load(Ordering::Relaxed) < MOST_AWAITED
    }

    /// A member is gone, and its return is awaited: until [`release`](Self::release) the room stays.
    pub(crate) fn awaits(&self, room: &Room) {
        room.leaves();
        self.awaited.fetch_add(1, Ordering::Relaxed);
    }

    /// It is awaited no more.
    pub(crate) fn release(&self, room: &Room) {
        self.awaited.fetch_sub(1, Ordering::Relaxed);
        self.drop_hold(room);
    }

    fn drop_hold(&self, room: &Room) {
        let mut part = self.part(&room.name);
        if room.release() {
            part.remove(&room.name);
        }
    }

    /// The room of this name, if it has members.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Room>> {
        self.part(name).rooms.get(name).cloned()
    }

    /// How many rooms there are.
    pub(crate) fn count(&self) -> usize {
        self.parts.iter().map(|part| lock(part).rooms.len()).sum()
    }

    /// The rooms that come after this name, in the order of their names, but no more than so many.
    pub(crate) fn list(&self, after: &str, most: usize) -> Vec<RoomInfo> {
        let first = |part| lock(part).after(after).take(most).cloned().collect::<Vec<_>>();
        let mut rooms: Vec<_> = self.parts.iter().flat_map(first).collect();
        rooms.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        rooms.truncate(most);
        rooms.iter().map(|room| room.info()).collect()
    }

    /// Sends a message from a handler to all members of a room, but those.
    pub(crate) fn broadcast(&self, name: &str, except: Except, message: Outgoing<'_>) -> Posted {
        self.send(name, except, None, message)
    }

    /// Sends a message from a handler to those members whom it is for.
    pub(crate) fn send(
        &self,
        name: &str,
        except: Except,
        filter: Option<Filter>,
        message: Outgoing<'_>,
    ) -> Posted {
        let post = self.post(name, except, filter, message);
        post.map_or_else(Posted::default, |post| post.room.post(&post))
    }

    /// A message to a room, if it has members.
    fn post(
        &self,
        name: &str,
        except: Except,
        filter: Option<Filter>,
        message: Outgoing<'_>,
    ) -> Option<Post> {
        let room = self.find(name)?;
        let encoded = self.encode(&room, message);
        let (change, filter, receipt) = (None, filter.map(Arc::new), None);
        Some(Post { room, encoded, except, change, filter, receipt })
    }

    fn encode(&self, room: &Room, message: Outgoing<'_>) -> Encoded {
        let overflow = room.overflow(self.overflow);
        Encoded::of(message, self.framing, Some(&room.name), overflow)
    }

    fn part(&self, name: &str) -> MutexGuard<'_, Part> {
        let at = self.hasher.hash_one(name) as usize % PARTS;
        // There are as many parts as that.
        let [first, ..] = &self.parts;
        lock(self.parts.get(at).unwrap_or(first))
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts another member. The part is locked, so that nobody finds the room empty and takes it away,
/// and no two become its last member.
fn enter(room: &Arc<Room>) -> Result<Arc<Room>, JoinError> {
    if room.is_full() {
        return Err(JoinError::Full);
    }
    room.enters();
    Ok(room.clone())
}

/// The rooms of a server, to be reached from any thread: see [`Server::rooms`].
///
/// [`Server::rooms`]: crate::Server::rooms
#[derive(Clone)]
pub struct Rooms(pub(crate) Arc<Directory>);

impl Rooms {
    /// Sends a message to all members of a room. It never blocks, and never fails because of one of
    /// them: see [`Overflow`](crate::Overflow) for those who do not read. Whoever sends more than the
    /// shards can pass on is told so: see [`Pace`](crate::Pace).
    pub fn broadcast<'m>(&self, room: &str, message: impl Into<Outgoing<'m>>) -> Posted {
        self.send(self.0.post(room, Except::Nobody, None, message.into()))
    }

    /// The same, but not to these.
    pub fn broadcast_except<'m>(
        &self,
        room: &str,
        except: &[ConnectionId],
        message: impl Into<Outgoing<'m>>,
    ) -> Posted {
        self.send(self.0.post(room, except.into(), None, message.into()))
    }

    /// The same, but only to those of whom this is true: it is asked of what the handler
    /// [remembers](crate::Handler::State) of each member, on the member's own thread. If that is of
    /// another type, the message is for nobody; after a panic, it is for nobody else.
    pub fn broadcast_where<'m, S: 'static>(
        &self,
        room: &str,
        test: impl Fn(&S) -> bool + Send + Sync + 'static,
        message: impl Into<Outgoing<'m>>,
    ) -> Posted {
        let filter = Some(Filter::new(test));
        self.send(self.0.post(room, Except::Nobody, filter, message.into()))
    }

    /// The same as [`broadcast`](Self::broadcast); when all shards have taken it up, and not before,
    /// `done` is told what became of it: once, on whatever thread is the last. It must not block.
    pub fn broadcast_counted<'m>(
        &self,
        room: &str,
        message: impl Into<Outgoing<'m>>,
        done: impl FnOnce(Delivery) + Send + 'static,
    ) -> Posted {
        let receipt = Some(Arc::new(Receipt::new(done)));
        let post = self.0.post(room, Except::Nobody, None, message.into());
        self.send(post.map(|post| Post { receipt, ..post }))
    }

    fn send(&self, post: Option<Post>) -> Posted {
        post.map_or_else(Posted::default, |post| post.room.post_if_there_is_room(&post))
    }

    /// How many members a room has.
    pub fn members(&self, room: &str) -> usize {
        self.0.find(room).map_or(0, |room| room.members())
    }

    /// Which connections are members of a room: those that come after this one, in the order in
    /// which they came to the server, but no more than so many. The first are those after none, and
    /// the next those after the last of these.
    pub fn connections(
        &self,
        room: &str,
        after: Option<ConnectionId>,
        most: usize,
    ) -> Vec<ConnectionId> {
        self.0.find(room).map_or_else(Vec::new, |room| room.connections(after, most))
    }

    /// Who is in a room under a name, those included whose return is awaited: those whose key comes
    /// after this one, in the order of their keys, but no more than so many. The first are those after
    /// the empty one, and the next those after the last of these.
    pub fn presence(&self, room: &str, after: &str, most: usize) -> Vec<Entry> {
        self.0.find(room).map_or_else(Vec::new, |room| room.entries(after, most))
    }

    /// How many are in a room under a name.
    pub fn present(&self, room: &str) -> usize {
        self.0.find(room).map_or(0, |room| room.present())
    }

    /// How many rooms have members, or await some.
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// The rooms that have members, or await some: those whose name comes after this one, in the
    /// order of their names, but no more than so many. The first are those after the empty name, and
    /// the next those after the last of these. However many rooms there are, this costs what is told.
    ///
    /// ```
    /// # let handler = ws_std::on_message(|ctx, message| { ctx.send(message); });
    /// # let server = ws_std::serve(handler, "127.0.0.1:0")?;
    /// for room in server.rooms().list("", 100) {
    ///     println!("{}: {} members", room.name, room.members);
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn list(&self, after: &str, most: usize) -> Vec<RoomInfo> {
        self.0.list(after, most)
    }
}

/// Tells how many there are, and no names: they may be secret.
impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Directory {
    /// The room of this name, with one member more.
    pub(crate) fn enter(&self, name: &str) -> Arc<Room> {
        self.join(name, || Ok(RoomRules::default())).unwrap()
    }
}

#[cfg(test)]
mod tests;
