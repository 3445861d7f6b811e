//! Rooms, as a handler sees them.

use super::say_farewells;
use super::{ConnectionId, Context, Handler, Outgoing};
use crate::desk::Desk;
use crate::rooms::{Except, Filter, JoinError, Manner, Membership, Pace, Posted, Room, RoomInfo};
use crate::server::Target;

impl<H: Handler> Context<'_, H> {
    /// Becomes a member of a room, which comes into being with its first member: whatever is
    /// broadcast there from now on is sent to this client. Whether this client may is the handler's
    /// to decide, before it calls this; whether there may be such a room at all is what
    /// [`Handler::on_room`] is asked with its first member.
    ///
    /// Tells how many members there are now. To join twice is to join once. A connection that ends
    /// leaves all its rooms, before anybody is told that it has ended.
    ///
    /// # Errors
    ///
    /// Why it did not become one.
    pub fn join(&mut self, room: &str) -> Result<usize, JoinError> {
        let limits = &self.desk.config.limits;
        if self.wire.ws.outgoing.is_closed() || self.wire.ends_now() {
            return Err(JoinError::Closed);
        }
        if let Some(joined) = self.wire.rooms().iter().find(|joined| *joined.room.name == *room) {
            return Ok(joined.room.members());
        }
        if room.is_empty() || room.len() > limits.room_name {
            return Err(JoinError::BadName);
        }
        if self.wire.rooms().len() >= limits.rooms {
            return Err(JoinError::TooManyRooms);
        }
        let room = self.desk.directory.join(room, || self.handler.on_room(room))?;
        let member = Target { key: self.key, id: self.wire.id };
        self.desk.rooms.add(&room, member, &self.desk.port);
        let count = room.members();
        self.wire.rare_mut().rooms.push(Membership::new(room));
        Ok(count)
    }

    /// Is a member no more, and tells whether it was one.
    pub fn leave(&mut self, room: &str) -> bool {
        let mut joined = self.wire.rooms().iter();
        let Some(place) = joined.position(|joined| *joined.room.name == *room) else {
            return false;
        };
        let left = self.wire.rare_mut().rooms.swap_remove(place);
        self.wire.leave_room(self.desk, left, Manner::Left);
        say_farewells(self.handler, self.desk);
        true
    }

    /// The rooms that this connection is a member of.
    pub fn rooms(&self) -> impl Iterator<Item = &str> {
        self.wire.rooms().iter().map(|joined| &*joined.room.name)
    }

    /// All rooms that have members, or await some, whoever these are: those whose name comes after
    /// this one, in the order of their names, but no more than so many. The first are those after the
    /// empty name, and the next those after the last of these.
    pub fn list_rooms(&self, after: &str, most: usize) -> Vec<RoomInfo> {
        self.desk.directory.list(after, most)
    }

    /// How many rooms have members, or await some.
    pub fn count_rooms(&self) -> usize {
        self.desk.directory.count()
    }

    /// How many members a room has.
    pub fn members(&self, room: &str) -> usize {
        self.desk.directory.find(room).map_or(0, |room| room.members())
    }

    /// Which connections these are: those that come after this one, in the order in which they came
    /// to the server, but no more than so many. The first are those after none. Who they are is known
    /// where they are under a name: see [`presence`](Self::presence).
    pub fn connections(
        &self,
        room: &str,
        after: Option<ConnectionId>,
        most: usize,
    ) -> Vec<ConnectionId> {
        self.desk.directory.find(room).map_or_else(Vec::new, |room| room.connections(after, most))
    }

    /// Sends a message to all members of a room, this one included if it is one; it need not be.
    ///
    /// It reaches everybody who is a member when the member's shard takes it up: this one, if it is
    /// a member now. What is sent to a member before and after it, from here, arrives before and
    /// after it. It is always taken; if shards cannot keep up, nothing more is read from this client
    /// until they have: see [`Pace::Behind`](crate::Pace::Behind).
    pub fn broadcast<'m>(&mut self, room: &str, message: impl Into<Outgoing<'m>>) -> Posted {
        self.broadcast_except(room, &[], message)
    }

    /// The same, but not to these; `&[ctx.id()]` is everybody else.
    pub fn broadcast_except<'m>(
        &mut self,
        room: &str,
        except: &[ConnectionId],
        message: impl Into<Outgoing<'m>>,
    ) -> Posted {
        let message = message.into();
        let mut except = Except::from(except);
        let id = self.wire.id;
        if !except.contains(id) {
            if let Some(joined) = self.wire.rooms().iter().find(|joined| *joined.room.name == *room)
            {
                let room = joined.room.clone();
                let overflow = room.overflow(self.desk.config.limits.overflow);
                // Now, so that what is sent to this client next comes after it.
                self.wire.send_by(self.desk, message, Some(&room.name), overflow);
            }
            // Also if it is no member: it may be one when the others get this, and would get it
            // after what it was sent since.
            except = except.and(id);
        }
        let posted = self.desk.directory.broadcast(room, except, message);
        self.keeps_pace(room, posted)
    }

    /// The same, but only to those of whom this is true: it is asked of what is remembered of each
    /// member, on the member's own thread. After a panic the message is for nobody else.
    ///
    /// This client's own copy, if it is for this one, comes after what it is sent in this call.
    pub fn broadcast_where<'m>(
        &mut self,
        room: &str,
        test: impl Fn(&H::State) -> bool + Send + Sync + 'static,
        message: impl Into<Outgoing<'m>>,
    ) -> Posted {
        let filter = Some(Filter::new(test));
        let posted = self.desk.directory.send(room, Except::Nobody, filter, message.into());
        self.keeps_pace(room, posted)
    }

    /// If more was broadcast than can be passed on, nothing is read from this client until it has
    /// been.
    fn keeps_pace(&mut self, room: &str, posted: Posted) -> Posted {
        if posted.pace == Pace::Behind
            && let Some(room) = self.desk.directory.find(room)
        {
            self.waits_for(&room);
        }
        posted
    }

    /// The same, whatever it was that was broadcast.
    pub(super) fn waits_for(&mut self, room: &Room) {
        let me = Target { key: self.key, id: self.wire.id };
        let Desk { ahead, port, .. } = &mut *self.desk;
        if ahead.waits_for(me, &room.shards(), port) {
            self.wire.pause(self.desk.now, |flags| flags.ahead = true);
        }
    }
}
