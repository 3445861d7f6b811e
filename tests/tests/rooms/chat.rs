//! The chat as its page knows it: JSON, without a browser.
#![cfg(unix)]

use serde_json::{Value, json};
use ws_tests::WireFrame;
use ws_tests::example::Example;
use ws_tests::peer::Peer;

fn tell(peer: &mut Peer, what: Value) {
    peer.text(what.to_string());
}

fn hear(peer: &mut Peer) -> Value {
    serde_json::from_slice(&peer.message().payload).unwrap()
}

/// Joins, and tells the id that the others know and what was said before.
fn join(peer: &mut Peer, name: &str, room: &str, people: &[&str]) -> (String, Vec<String>) {
    tell(peer, json!({"kind": "join", "room": room, "name": name, "secret": name}));
    let here = hear(peer);
    assert_eq!((&here["kind"], &here["room"]), (&json!("here"), &json!(room)));
    let list = here["people"].as_array().unwrap().iter();
    let mut names: Vec<_> = list.map(|person| person["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!((names, &here["count"]), (people.to_vec(), &json!(people.len())));
    let joined = hear(peer);
    assert_eq!((&joined["kind"], &joined["room"]), (&json!("joined"), &json!(room)));
    let lines = joined["lines"].as_array().unwrap().iter();
    let lines = lines.map(|line| line["text"].as_str().unwrap().to_owned());
    (joined["you"].as_str().unwrap().to_owned(), lines.collect())
}

/// ROOM-01, ROOM-02, ROOM-03, ROOM-04, ROOM-07
#[test]
fn the_chat_tells_who_is_there_and_what_is_said_and_nothing_twice() {
    let chat = Example::start("chat");
    let [mut ann, mut bob, mut cid] = [(); 3].map(|()| Peer::open(chat.address));
    let (ann_id, before) = join(&mut ann, "Ann", "lobby", &["Ann"]);
    assert_eq!(before, <[String; 0]>::default());
    let (bob_id, _) = join(&mut bob, "Bob", "lobby", &["Ann", "Bob"]);
    let person = |id: &str, name: &str| json!({"id": id, "name": name});
    let enters = json!({"kind": "enters", "room": "lobby", "person": person(&bob_id, "Bob")});
    assert_eq!(hear(&mut ann), enters);
    // Twice with the same id, as after a lost connection: the others hear it once.
    for _ in 0..2 {
        tell(&mut ann, json!({"kind": "say", "id": "1", "text": "hello"}));
        let said = hear(&mut ann);
        let (line, from) = (&said["line"]["text"], &said["line"]["from"]);
        assert_eq!((line, from), (&json!("hello"), &json!(ann_id)));
    }
    assert_eq!(hear(&mut bob)["line"]["text"], "hello");
    tell(&mut ann, json!({"kind": "typing"}));
    let typing = json!({"kind": "typing", "room": "lobby", "person": person(&ann_id, "Ann")});
    assert_eq!(hear(&mut bob), typing);
    let (_, before) = join(&mut cid, "Cid", "lobby", &["Ann", "Bob", "Cid"]);
    assert_eq!(before, ["hello"]);
    for peer in [&mut ann, &mut bob] {
        assert_eq!(hear(peer)["person"]["name"], "Cid");
    }
    // Another name, and another room.
    tell(&mut bob, json!({"kind": "join", "room": "lobby", "name": "Rob", "secret": "Bob"}));
    let changes = json!({"kind": "changes", "room": "lobby", "person": person(&bob_id, "Rob")});
    assert_eq!(hear(&mut bob)["kind"], "joined");
    for peer in [&mut ann, &mut bob, &mut cid] {
        assert_eq!(hear(peer), changes);
    }
    tell(&mut bob, json!({"kind": "join", "room": "tea", "name": "Rob", "secret": "Bob"}));
    assert_eq!(hear(&mut bob)["people"].as_array().map(Vec::len), Some(1));
    let leaves = json!({"kind": "leaves", "room": "lobby", "person": person(&bob_id, "Rob")});
    assert_eq!(hear(&mut ann), leaves);
    tell(&mut ann, json!({"kind": "ping"}));
    let rooms = json!([{"name": "lobby", "people": 2}, {"name": "tea", "people": 1}]);
    assert_eq!(hear(&mut ann)["rooms"], rooms);
}

/// ROOM-07
#[test]
fn the_chat_says_what_it_refuses_and_why_and_goes_on() {
    let chat = Example::start("chat");
    let mut ann = Peer::open(chat.address);
    let mut refuses = |frame: WireFrame, about: &str, why: &str| {
        ann.send(frame);
        let refused = hear(&mut ann);
        assert_eq!((&refused["kind"], &refused["about"]), (&json!("refused"), &json!(about)));
        assert!(refused["why"].as_str().unwrap().contains(why), "{refused}");
    };
    let join = |name: &str, room: &str| {
        let join = json!({"kind": "join", "room": room, "name": name, "secret": "secret"});
        WireFrame::text(join.to_string())
    };
    let say = json!({"kind": "say", "id": "7", "text": "x".repeat(1001)}).to_string();
    refuses(WireFrame::text(r#"{"kind":"typing"}"#), "room", "join one first");
    refuses(WireFrame::text("hello"), "", "expected value");
    refuses(WireFrame::binary("hello"), "", "EOF");
    refuses(join("", "lobby"), "name", "nothing to see");
    refuses(join("Ann", &"r".repeat(33)), "room", "33 characters, at most 32");
    refuses(WireFrame::text(say), "7", "1001 characters, at most 1000");
    ann.send(join("Ann", "lobby"));
    assert_eq!(hear(&mut ann)["count"], 1);
    assert_eq!(hear(&mut ann)["kind"], "joined");
}
