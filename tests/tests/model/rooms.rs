//! What a program does with rooms.

use std::sync::Arc;

use ws_std::{CloseCode, ConnectionId, Context, Denied, Entry, Presence, RoomRules};

use crate::actors::{Connections, World};
use crate::log::{Came, Entry as Logged, Who};
use crate::own::Own;
use crate::program::{Act, KEYS, ROOMS};

/// What is told of who is there, and with which number.
pub(crate) const ENTERS: u32 = 1_000_000;
pub(crate) const CHANGES: u32 = 2_000_000;
pub(crate) const LEAVES: u32 = 3_000_000;
pub(crate) const HERE: u32 = 4_000_000;

/// What holds in a room.
pub(crate) fn rules(name: &str) -> Result<RoomRules, Denied> {
    match name {
        "none" => Err(Denied::new("nobody")),
        "few" => Ok(RoomRules::default().members(2)),
        _ => Ok(RoomRules::default()),
    }
}

fn posted(posted: ws_std::Posted) -> Came {
    Came::Posted { members: posted.members, shards: posted.shards }
}

fn present(entries: Vec<Entry>) -> Came {
    Came::Present(entries.iter().map(|entry| (entry.key.to_string(), meta(entry))).collect())
}

fn meta(entry: &Entry) -> u32 {
    entry.meta.parse().unwrap()
}

/// What members are told of who is there: a number that is told of nothing else.
pub(crate) fn words(presence: &Presence<'_>) -> u32 {
    match presence {
        Presence::Enters(entry) => ENTERS + meta(entry),
        Presence::Changes(entry) => CHANGES + meta(entry),
        Presence::Leaves(entry) => LEAVES + meta(entry),
        Presence::Here { entries, .. } => HERE + entries.iter().map(meta).sum::<u32>(),
        _ => unreachable!(),
    }
}

/// What anybody can do.
pub(crate) fn from_outside(world: &Arc<World>, act: &Act, number: u32) -> Came {
    let (text, rooms) = (number.to_string(), world.rooms());
    match *act {
        Act::Members(room) => Came::Count(rooms.members(ROOMS[room])),
        Act::Present(room) => present(rooms.presence(ROOMS[room], "", KEYS.len())),
        Act::BroadcastCounted(room) => {
            let told = world.clone();
            posted(rooms.broadcast_counted(ROOMS[room], &text, move |delivery| {
                told.log(Logged::TakenUp(number, delivery));
            }))
        }
        Act::Broadcast(room) => posted(rooms.broadcast(ROOMS[room], &text)),
        _ => Came::Nothing,
    }
}

/// What only a connection can do; none if that act is about something else.
pub(crate) fn from_inside(
    world: &World,
    ctx: &mut Context<'_, Connections>,
    act: &Act,
    number: u32,
) -> Option<Came> {
    let text = number.to_string();
    Some(match act {
        Act::Join(room) => Came::Joined(ctx.join(ROOMS[*room])),
        Act::JoinAs(room, key) => Came::Joined(ctx.join_as(ROOMS[*room], KEYS[*key], &text)),
        Act::Present(room) => present(ctx.presence(ROOMS[*room], "", KEYS.len())),
        Act::Leave(room) => Came::Whether(ctx.leave(ROOMS[*room])),
        Act::Members(room) => Came::Count(ctx.members(ROOMS[*room])),
        Act::Broadcast(room) => posted(ctx.broadcast(ROOMS[*room], &text)),
        Act::BroadcastExcept(room, spared) => {
            let id = |who: &Who| world.address(*who).map(|other| ConnectionId(other.id().0));
            let spared: Vec<_> = spared.iter().filter_map(id).collect();
            posted(ctx.broadcast_except(ROOMS[*room], &spared, &text))
        }
        Act::BroadcastWhere(room) => {
            posted(ctx.broadcast_where(ROOMS[*room], |_: &Own| true, &text))
        }
        Act::Send => {
            ctx.send(&text);
            Came::Done
        }
        Act::Close => {
            ctx.close(CloseCode(4000), "");
            Came::Done
        }
        _ => return None,
    })
}
