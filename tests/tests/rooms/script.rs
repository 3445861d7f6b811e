//! A server whose clients say what it shall do, line by line: each message is one turn.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use ws_core::testing::WireFrame;
use ws_std::{
    Builder, Clock, CloseCode, ConnectionId, Context, Denied, Ended, Handle, Handler, Limits,
    Message, Overflow, Reject, Request, RoomRules, Server, Threads,
};
use ws_tests::peer::{KEY, Peer, pattern};

/// All ways to serve.
pub(crate) const MODELS: [Threads; 3] =
    [Threads::Fixed(1), Threads::Fixed(3), Threads::PerConnection];

/// What may become of messages for those who do not read.
pub(crate) const POLICIES: [Overflow; 4] =
    [Overflow::DropNewest, Overflow::DropOldest, Overflow::KeepLatest, Overflow::Close];

/// A room where this becomes of them.
pub(crate) fn room_of(policy: Overflow) -> String {
    format!("{policy:?}")
}

/// What is told when a connection has ended.
#[derive(Debug)]
pub(crate) struct Closed {
    pub(crate) id: u64,
    /// In which rooms it was then.
    pub(crate) rooms: Vec<String>,
    /// How many members the room `all` had then.
    pub(crate) members: usize,
    /// What came of joining then.
    pub(crate) join: String,
    /// What came of joining and leaving before.
    pub(crate) outcomes: Vec<String>,
}

pub(crate) struct Script {
    handles: Mutex<HashMap<u64, Handle>>,
    tell: Sender<Closed>,
}

impl Handler for Script {
    /// What came of joining and leaving.
    type State = Vec<String>;
    type Info = ();

    /// Rooms that are called like a policy have it.
    fn on_room(&self, name: &str) -> Result<RoomRules, Denied> {
        let policy = POLICIES.into_iter().find(|policy| room_of(*policy) == name);
        Ok(policy.map_or_else(RoomRules::default, |policy| RoomRules::default().overflow(policy)))
    }

    fn on_connect(
        &self,
        ctx: &mut Context<'_, Self>,
        request: &Request<'_>,
    ) -> Result<Self::State, Reject> {
        match request.path() {
            "/reject" => {
                ctx.join("all").unwrap();
                return Err(Reject::default());
            }
            "/panic" => {
                ctx.join("all").unwrap();
                panic!("in on_connect");
            }
            _ => {}
        }
        self.handles.lock().unwrap().insert(ctx.id().0, ctx.handle());
        ctx.send(&*ctx.id().to_string());
        Ok(vec![])
    }

    fn on_message(
        &self,
        outcomes: &mut Self::State,
        ctx: &mut Context<'_, Self>,
        message: Message<'_>,
    ) {
        for line in message.text().unwrap().lines() {
            let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
            match what {
                "join" => {
                    let came = ctx.join(rest).map_or_else(|e| e.to_string(), |n| n.to_string());
                    ctx.send(&*format!("{rest}: {came}"));
                    outcomes.push(came);
                }
                "leave" => {
                    let left = ctx.leave(rest);
                    ctx.send(&*format!("left {left}"));
                    outcomes.push(left.to_string());
                }
                "say" => _ = ctx.broadcast(first, second),
                "bytes" => _ = ctx.broadcast(first, &*pattern(second.parse().unwrap())),
                "numbers" => numbers(ctx, rest),
                "states" => self.states(ctx, rest),
                "but" => {
                    let (room, text) = second.split_once(' ').unwrap_or((second, ""));
                    let ids = first.split(',').filter(|id| !id.is_empty());
                    let ids: Vec<_> = ids.map(|id| ConnectionId(id.parse().unwrap())).collect();
                    ctx.broadcast_except(room, &ids, text);
                }
                "send" => _ = ctx.send(rest),
                "whisper" => {
                    let to = self.handles.lock().unwrap().get(&first.parse().unwrap()).cloned();
                    to.map(|to| to.send(second));
                }
                "part" => _ = ctx.send_part(rest),
                "last" => _ = ctx.send_last_part(rest),
                "members" => _ = ctx.send(&*ctx.members(rest).to_string()),
                "which" => {
                    let after = second.parse().ok().map(ConnectionId);
                    let ids = ctx.connections(first, after, 2);
                    let ids: Vec<_> = ids.iter().map(|id| id.0.to_string()).collect();
                    ctx.send(&*ids.join(","));
                }
                "rooms" => {
                    let mut rooms: Vec<_> = ctx.rooms().map(str::to_owned).collect();
                    rooms.sort();
                    ctx.send(&*rooms.join(" "));
                }
                "list" => {
                    let rooms = ctx.list_rooms(first, second.parse().unwrap());
                    let rooms = rooms.iter().map(|room| format!("{} {}", room.name, room.members));
                    ctx.send(&*rooms.collect::<Vec<_>>().join(","));
                }
                "close" => ctx.close(CloseCode(4000), ""),
                "panic" => panic!("as told"),
                _ => panic!("what is {line}?"),
            }
        }
    }

    fn on_close(&self, outcomes: &mut Self::State, ctx: &mut Context<'_, Self>, _: &Ended) {
        self.handles.lock().unwrap().remove(&ctx.id().0);
        let closed = Closed {
            id: ctx.id().0,
            rooms: ctx.rooms().map(str::to_owned).collect(),
            members: ctx.members("all"),
            join: ctx.join("late").unwrap_err().to_string(),
            outcomes: std::mem::take(outcomes),
        };
        ctx.broadcast("mourners", &*format!("gone {}", ctx.id()));
        // Nobody may be left to hear it.
        let _deaf = self.tell.send(closed);
    }
}

impl Script {
    /// `states TO FROM TO LEN KEYS`: the same as [`numbers`], as values of so many keys in turn; to a
    /// room, or to one with this number, through its handle.
    fn states(&self, ctx: &mut Context<'_, Self>, how: &str) {
        let how: Vec<_> = how.split(' ').collect();
        let [to, from, until, len, keys] = how[..] else { panic!("{how:?}") };
        let one = to.parse().ok();
        let one = one.and_then(|id: u64| self.handles.lock().unwrap().get(&id).cloned());
        let keys: u32 = keys.parse().unwrap();
        for number in from.parse::<u32>().unwrap()..until.parse().unwrap() {
            let payload = numbered(number, len.parse().unwrap()).payload;
            let key = (number % keys).to_string();
            let message = Message::from(&payload).keyed(&key);
            match &one {
                Some(one) => _ = one.send(message),
                None => _ = ctx.broadcast(to, message),
            }
        }
    }
}

/// `numbers ROOM FROM TO LEN`: messages of so many bytes, that begin with their number.
fn numbers(ctx: &mut Context<'_, Script>, how: &str) {
    let how: Vec<_> = how.split(' ').collect();
    let [room, from, to, len] = how[..] else { panic!("{how:?}") };
    let mut payload = pattern(len.parse().unwrap());
    for number in from.parse::<u32>().unwrap()..to.parse().unwrap() {
        payload[..4].copy_from_slice(&number.to_be_bytes());
        ctx.broadcast(room, &*payload);
    }
}

/// One of the messages that [`numbers`] sends.
pub(crate) fn numbered(number: u32, len: usize) -> WireFrame {
    let mut payload = pattern(len);
    payload[..4].copy_from_slice(&number.to_be_bytes());
    WireFrame::binary(payload)
}

/// The number that a message begins with, of those that [`numbers`] sends.
pub(crate) fn number(message: &WireFrame, len: usize) -> u32 {
    assert_eq!((message.opcode, message.payload.len()), (2, len));
    assert_eq!(message.payload[4..], pattern(len)[4..]);
    u32::from_be_bytes(message.payload[..4].try_into().unwrap())
}

/// A server of scripts.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) closed: Receiver<Closed>,
}

impl World {
    pub(crate) fn new(threads: Threads) -> Self {
        Self::with(threads, Limits::default())
    }

    pub(crate) fn with(threads: Threads, limits: Limits) -> Self {
        let (builder, closed) = builder();
        // Nothing here is about time, and none passes: nobody is pinged, or is too slow.
        let (clock, _hand) = Clock::manual();
        let builder = builder.threads(threads).limits(limits).clock(clock);
        let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
        Self { server, closed }
    }

    pub(crate) fn open(&self) -> Member {
        Member::greeted(Peer::open(&self.server))
    }

    /// Members of the room `all`.
    pub(crate) fn members(&self, count: usize) -> Vec<Member> {
        let join = |number| {
            let mut member = self.open();
            member.asks("join all", &format!("all: {}", number + 1));
            member
        };
        (0..count).map(join).collect()
    }

    pub(crate) fn in_all(&self) -> usize {
        self.server.rooms().members("all")
    }
}

pub(crate) fn builder() -> (Builder<Script>, Receiver<Closed>) {
    let (tell, closed) = channel();
    (Server::builder(Script { handles: Mutex::default(), tell }), closed)
}

/// A client that has scripts run.
pub(crate) struct Member<S = std::net::TcpStream> {
    pub(crate) peer: Peer<S>,
    pub(crate) id: u64,
}

impl<S: std::io::Read + std::io::Write> Member<S> {
    pub(crate) fn greeted(mut peer: Peer<S>) -> Self {
        let id = String::from_utf8(peer.message().payload).unwrap().parse().unwrap();
        Self { peer, id }
    }

    /// Has this done in one turn.
    pub(crate) fn does(&mut self, script: &str) {
        self.peer.text(script);
    }

    /// Has this done, and the next message is the answer.
    pub(crate) fn asks(&mut self, script: &str, answer: &str) {
        self.does(script);
        self.expect(answer);
    }

    /// These messages come next, with nothing in between.
    pub(crate) fn expect(&mut self, texts: &str) {
        for text in texts.split('|') {
            let message = self.peer.message();
            assert_eq!(
                (message.opcode, std::str::from_utf8(&message.payload)),
                (1, Ok(text)),
                "member {}",
                self.id
            );
        }
    }

    /// What comes next is what [`numbers`] sends, from nought and without a gap, and then a Close with
    /// this code and the end. How many numbers that were.
    pub(crate) fn numbers_up_to_close(&mut self, len: usize, code: CloseCode) -> u32 {
        let mut arrived = 0;
        loop {
            let frame = self.peer.read();
            if frame.opcode == 8 {
                assert_eq!(frame.close_code(), Some(code));
                self.peer.expect_end();
                return arrived;
            }
            assert_eq!(number(&frame, len), arrived);
            arrived += 1;
        }
    }

    /// Whatever it was to do is done, as far as its own thread is concerned: this goes behind it.
    pub(crate) fn sync(&mut self) {
        self.asks(&format!("whisper {} .", self.id), ".");
    }

    /// Says this to each of these, behind whatever it has said to a room.
    pub(crate) fn tells<'m, T: 'm>(
        &mut self,
        members: impl IntoIterator<Item = &'m Member<T>>,
        text: &str,
    ) {
        let lines = members.into_iter().map(|member| format!("whisper {} {text}\n", member.id));
        let script: String = lines.collect();
        self.does(&script);
    }
}

/// A Ping, as a client sends it.
pub(crate) fn ping(payload: &str) -> WireFrame {
    WireFrame::ping(payload).masked(KEY)
}
