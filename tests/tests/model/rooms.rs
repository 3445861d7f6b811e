//! What a program does with rooms.

use std::sync::Arc;

use ws_std::{CloseCode, ConnectionId, Context, Denied, RoomRules};

use crate::actors::{Connections, World};
use crate::log::{Came, Entry, Who};
use crate::own::Own;
use crate::program::{Act, ROOMS};

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

/// What anybody can do.
pub(crate) fn from_outside(world: &Arc<World>, act: &Act, number: u32) -> Came {
    let (text, rooms) = (number.to_string(), world.rooms());
    match *act {
        Act::Members(room) => Came::Count(rooms.members(ROOMS[room])),
        Act::BroadcastCounted(room) => {
            let told = world.clone();
            posted(rooms.broadcast_counted(ROOMS[room], &text, move |delivery| {
                told.log(Entry::TakenUp(number, delivery));
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
