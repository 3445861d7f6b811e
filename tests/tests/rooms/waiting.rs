//! ADV-03, ROOM-03, ROOM-07: how much waits for a shard that is held up, whoever it comes from.

use std::collections::BTreeMap;
use std::io::Write;
use std::thread;

use ws_core::testing::WireFrame;
use ws_std::{Limits, Threads};
use ws_tests::peer::{Peer, masked, request, status, until};

use crate::jam::{Jam, MANY, jam};

/// What is kept beyond that: a read of one who was not told yet that it is ahead, and its message.
const MORE: usize = 512 << 10;

/// Its shard has many turns more, and reads others.
fn turns(other: &mut Peer) {
    for _ in 0..100 {
        other.text("where");
        other.message();
    }
}

/// ADV-03, ROOM-03, ROOM-06
#[test]
fn of_the_members_on_a_shard_one_is_ahead_and_the_others_wait_with_it() {
    const LEN: usize = 24 << 10;
    let limits = Limits::default();
    let Jam { server, mut member, elsewhere, release } = jam(Threads::Fixed(2), 140, limits);
    let mut speakers = elsewhere;
    let mut stranger = speakers.pop().unwrap();
    for (who, speaker) in speakers.iter_mut().enumerate() {
        speaker.text(format!("SPEAK {who}"));
        speaker.expect_text("OK");
    }
    let long = "x".repeat(LEN);
    let text = |who: usize, number: usize| format!("{who}:{number}:{long}");
    let mut said = vec![2; speakers.len()];
    said[0] = 0;
    until(|| {
        speakers[0].text(text(0, said[0]));
        said[0] += 1;
        server.retained_bytes() > MANY
    });
    // Half of the others by what their clients say, half by what an actor tells them.
    for (who, speaker) in speakers.iter_mut().enumerate().skip(1) {
        let told = server.actors().find::<String>(&who.to_string()).unwrap();
        (0..said[who]).map(|number| text(who, number)).for_each(|text| match who % 2 {
            0 => speaker.text(text),
            _ => told.tell(text).unwrap(),
        });
    }
    turns(&mut stranger);
    let kept = server.retained_bytes();
    assert!(said.len() / 2 * LEN > MORE && kept < MANY + MORE, "{kept} of {} speakers", said.len());
    release.send(()).unwrap();
    // Nothing is lost, and of nobody does anything come out of order.
    let mut heard = BTreeMap::new();
    for _ in 0..said.iter().sum() {
        let text = String::from_utf8(member.message().payload).unwrap();
        let parts: Vec<_> = text.split(':').collect();
        let count = heard.entry(parts[0].parse::<usize>().unwrap()).or_insert(0);
        assert_eq!((parts[1].parse(), parts[2].len()), (Ok(*count), LEN));
        *count += 1;
    }
    assert!(heard.into_values().eq(said));
    until(|| server.retained_bytes() == 0);
}

/// ADV-03, ROOM-07
#[test]
fn who_comes_and_goes_under_names_waits_for_those_who_are_to_hear_of_it() {
    const VISITS: usize = 1 << 15;
    let limits = Limits::default();
    let Jam { server, mut member, mut elsewhere, release } = jam(Threads::Fixed(2), 8, limits);
    let (mut visitor, mut other) = (elsewhere.remove(0), elsewhere.remove(0));
    thread::scope(|scope| {
        let visits = move || {
            for number in 0..VISITS {
                let come = masked(WireFrame::text(format!("as {number}")));
                let bytes = [come, masked(WireFrame::text("leave"))].concat();
                visitor.stream.write_all(&bytes).unwrap();
            }
            visitor
        };
        let visiting = scope.spawn(visits);
        until(|| server.retained_bytes() > MANY);
        turns(&mut other);
        let kept = server.retained_bytes();
        assert!(kept < MANY + MORE, "{kept}");
        release.send(()).unwrap();
        for number in 0..VISITS {
            member.expect_text(&format!("+{number}"));
            member.expect_text(&format!("-{number}"));
        }
        let _open = visiting.join().unwrap();
    });
    until(|| server.retained_bytes() == 0);
}

/// ADV-03, SEC-01: who comes anew has said nothing yet for which it could be made to wait.
#[test]
fn nobody_is_let_in_while_too_much_waits_to_be_broadcast() {
    let limits = Limits { server_memory: Some(1 << 20), ..Limits::default() };
    let Jam { server, mut member, elsewhere, release } = jam(Threads::Fixed(2), 8, limits);
    let mut count = 0;
    until(|| {
        assert_eq!(server.rooms().broadcast("all", "hello").members, 1);
        count += 1;
        server.retained_bytes() >= 1 << 20
    });
    // The shard that is held up has others still, so that who comes is not sent there.
    let before = server.connections();
    let gone = elsewhere.len();
    drop(elsewhere);
    until(|| server.connections() == before - gone);
    let mut newcomer = Peer::connect(&server);
    newcomer.write(request("/", ""));
    assert_eq!(status(&newcomer.head()), 503);
    release.send(()).unwrap();
    (0..count).for_each(|_| member.expect_text("hello"));
    until(|| server.retained_bytes() == 0);
    member.leave();
    Peer::open(&server).leave();
}
