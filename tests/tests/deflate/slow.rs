//! Clients that do not keep up, where messages refer to each other.

use std::sync::mpsc::{Receiver, Sender, channel};

use ws_std::{Limits, Message, Overflow, Server, Takeover};
use ws_tests::peer::next;
use ws_tests::squeezer::{Squeezer, noise, start, with, words};

/// So many messages of 20 KB are said at once: more than the sockets between take.
const SAID: usize = 1600;

/// After so many the test hears of it, since all of them may take long where nothing is optimised.
const STEP: usize = 100;

/// More than what is gathered in front of it, of which nothing can be dropped.
const LIMIT: usize = 600_000;

/// Half of it is noise, and the other half the same.
fn said(number: usize) -> Vec<u8> {
    noise(10_000, number as u64).repeat(2)
}

/// Waits until all is said.
fn is_said(told: &Receiver<()>) {
    (0..=SAID / STEP).for_each(|_| next(told));
}

/// Says much to whoever says "go": to it alone, through its handle, and to the room that it is in.
fn chatterbox(done: Sender<()>) -> ws_std::Closures {
    ws_std::on_message(move |ctx, message| {
        if message.text() != Some("go") {
            ctx.send(message);
            return;
        }
        ctx.join("all").unwrap();
        for number in 0..SAID {
            let said = said(number);
            let message = Message::from(&said);
            match number % 4 {
                0 => drop(ctx.handle().send(message.keyed("handle"))),
                1 => drop(ctx.broadcast("all", message.keyed("room"))),
                _ => drop(ctx.send(message.keyed("own"))),
            }
            if number % STEP == 0 {
                done.send(()).unwrap();
            }
        }
        done.send(()).unwrap();
    })
}

/// EXT-01, ADV-03: whatever a policy drops, what comes can be inflated.
#[test]
fn what_later_messages_refer_to_is_not_dropped() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest, Overflow::KeepLatest] {
        let (done, told) = channel();
        let limits =
            Limits { overflow, outbox_limit: LIMIT, outbox_high: 50_000, ..Limits::default() };
        let builder = Server::builder(chatterbox(done)).limits(limits);
        let server = start(builder, with(Takeover::Keep));
        let mut peer = Squeezer::open(&server, Takeover::Keep);
        peer.peer.text("go");
        // Heard when there is room for an answer.
        peer.peer.text("end");
        is_said(&told);
        let (mut count, mut squeezed) = (0, 0);
        loop {
            let (message, is_squeezed) = peer.message();
            if message == b"end" {
                break;
            }
            count += 1;
            squeezed += usize::from(is_squeezed.is_some());
        }
        assert!((1..SAID).contains(&count), "{overflow:?}: {count}, so none was dropped");
        assert_eq!(squeezed, count, "{overflow:?}: all are worth it");
        peer.peer.leave();
    }
}

/// EXT-01, ROOM-07: of a key the newest message is kept, with a history as without.
#[test]
fn the_newest_message_of_a_key_reaches_whoever_was_behind() {
    let (done, told) = channel();
    let limits =
        Limits { overflow: Overflow::KeepLatest, outbox_limit: LIMIT, ..Limits::default() };
    let server = start(Server::builder(chatterbox(done)).limits(limits), with(Takeover::Keep));
    let mut peer = Squeezer::open(&server, Takeover::Keep);
    peer.peer.text("go");
    is_said(&told);
    let newest = said(SAID - 1);
    while peer.message().0 != newest {}
    // And what follows can be inflated.
    let text = words(5000, 3);
    for _ in 0..3 {
        peer.text(&text);
        while peer.message().0 != text.as_bytes() {}
    }
    peer.peer.leave();
}
