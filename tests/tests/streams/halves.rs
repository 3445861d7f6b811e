//! The two halves, in two threads or two tasks, over an in-memory pipe.

use std::pin::pin;
use std::sync::mpsc;
use std::thread;

use ws_core::connection::{Frame, Owed};
use ws_core::endpoint::{Arrival, Endpoint, Inbox, Take};
use ws_core::frame::{CloseCode, Kind};
use ws_core::testing::{PipeEnd, Random, Script, pipe};
use ws_core::{Client, Error, Misuse, Role, Rule, Server, Side, aio, io};
use ws_tests::frames::*;
use ws_tests::talk::Sizes;
use ws_tests::{block_on, naive, poll_times};

const SIZES: Sizes = Sizes { max_message: 1 << 20, rx: 1400, tx: 400 };

/// EMB-04: both sides send 200 messages before they look at one, through a pipe that holds one.
#[test]
fn both_ends_send_and_receive_at_once_without_waiting_for_each_other() {
    let (near, far) = pipe(64);
    let server = thread::spawn(|| chat(Server, near));
    let client = thread::spawn(|| chat(Client(Random::new(3)), far));
    assert_eq!(server.join().unwrap(), 200);
    assert_eq!(client.join().unwrap(), 200);
}

/// Sends 200 messages and a Close in one thread, and counts the messages that come in another.
fn chat<R: Role + Send + 'static>(role: R, stream: PipeEnd) -> usize {
    let socket = io::WebSocket::new(stream, SIZES.endpoint(role));
    let (mut reader, mut writer) = socket.split(PipeEnd::split).unwrap();
    let (owe, owed) = mpsc::channel::<Owed>();
    let writing = thread::spawn(move || {
        for n in 0..200_u8 {
            writer.send(Frame::Message(Kind::Binary), &[n; 100]).unwrap();
            if n % 50 == 0 {
                writer.send(Frame::Ping, &[n]).unwrap();
            }
            // The peer may close before we have said everything: its Close waits for ours.
            if let Ok(owed @ Owed::Pong { .. }) = owed.try_recv() {
                writer.pay(&owed).unwrap();
            }
        }
        writer.close(CloseCode::NORMAL.into()).unwrap();
    });
    let (mut messages, mut pongs) = (0, 0);
    while let Some(arrival) = reader.receive(Take::Messages).unwrap() {
        match arrival {
            Arrival::Data { bytes, .. } => {
                assert_eq!(bytes, [messages as u8; 100]);
                messages += 1;
            }
            // Nobody listens once the writing half has closed.
            Arrival::Owed(owed) => drop(owe.send(owed)),
            Arrival::Pong(payload) => {
                assert_eq!(payload.len(), 1);
                pongs += 1;
            }
        }
    }
    drop(owe);
    writing.join().unwrap();
    // A Pong behind the peer's Close is not heard; the earlier ones are.
    assert!(pongs <= 4);
    messages
}

/// EMB-04, BEAT-02: what is owed comes out of the reading half once, in order.
#[test]
fn the_reading_half_hands_out_what_is_owed_and_the_writing_half_pays_it() {
    let frames = [ping("p"), text("t").more(), pong("q"), continuation("u"), close(1001, "away")];
    let input = ws_tests::scene::encode_for(Side::Server, &frames);
    let script = Script::new().bytewise(&input);
    let socket = io::WebSocket::new(script, SIZES.endpoint(Server));
    let (mut reader, mut writer) = socket.split(|script| (script, Script::new())).unwrap();
    let mut seen = vec![];
    while let Some(arrival) = reader.receive(Take::Messages).unwrap() {
        seen.push(format!("{arrival:?}").split([' ', '(']).next().unwrap().to_owned());
        if let Arrival::Owed(owed) = arrival {
            writer.pay(&owed).unwrap();
        }
    }
    assert_eq!(seen, ["Owed", "Pong", "Data", "Owed"]);
    assert!(reader.receive(Take::Messages).unwrap().is_none(), "it stays over");
    let heard = naive::decode(Side::Client, 1000, writer.into_stream().written()).heard;
    assert_eq!(heard, [pong("p"), close(1001, "")]);
}

/// PROTO-10: the Close for a violation is handed out once, then the error for ever.
#[test]
fn the_reading_half_hands_out_the_close_for_a_violation_and_then_the_error() {
    let script = Script::new().then(text("not masked").encode());
    let socket = io::WebSocket::new(script, SIZES.endpoint(Server));
    let (mut reader, mut writer) = socket.split(|script| (script, Script::new())).unwrap();
    let Ok(Some(Arrival::Owed(owed))) = reader.receive(Take::Chunks) else { panic!("owed") };
    for _ in 0..2 {
        let Err(Error::Violation(violation)) = reader.receive(Take::Chunks) else { panic!() };
        assert_eq!((violation.rule, violation.offset), (Rule::Unmasked, 1));
    }
    writer.pay(&owed).unwrap();
    writer.pay(&owed).unwrap();
    let heard = naive::decode(Side::Client, 1000, writer.into_stream().written()).heard;
    assert_eq!(heard, [close(1002, Rule::Unmasked.text())], "once");
}

/// EMB-04: the same halves as tasks.
#[test]
fn the_async_halves_do_the_same() {
    let frames = [ping("p"), text("t"), close(1001, "away")];
    let input = ws_tests::scene::encode_for(Side::Client, &frames);
    let client = Client(Random::new(4));
    let script = Script::new().bytewise(&input).hesitant();
    let socket = aio::WebSocket::new(script, SIZES.endpoint(client));
    let written = block_on(async {
        let (mut reader, mut writer) =
            socket.split(|script| (script, Script::new().hesitant())).await.unwrap();
        while let Some(arrival) = reader.receive(Take::Messages).await.unwrap() {
            match arrival {
                Arrival::Owed(owed) => writer.pay(&owed).await.unwrap(),
                Arrival::Data { bytes, .. } => {
                    writer.send(Frame::Message(Kind::Text), bytes).await.unwrap();
                }
                Arrival::Pong(_) => panic!("nobody sent one"),
            }
        }
        writer.into_stream().written().to_vec()
    });
    let heard = naive::decode(Side::Server, 1000, &written).heard;
    assert_eq!(heard, [pong("p"), text("t"), close(1001, "")]);
}

/// EMB-04: two whole conversations over one pipe, as tasks in two threads.
#[test]
fn an_async_client_talks_to_an_async_server() {
    // Room for one message and its echo: the client does not read while it sends.
    let (near, far) = pipe(1000);
    let server = thread::spawn(|| {
        block_on(async {
            let mut socket = aio::WebSocket::new(near, SIZES.endpoint(Server));
            while let Some(message) = socket.receive_chunk().await.unwrap() {
                message.echo().await.unwrap();
            }
            socket.leave(PipeEnd::shut, 1000).await;
        });
    });
    block_on(async {
        let mut socket = aio::WebSocket::new(far, SIZES.endpoint(Client(Random::new(1))));
        for len in [0, 10, 300] {
            socket.send_text(&"x".repeat(len)).await.unwrap();
            let message = socket.receive().await.unwrap().unwrap();
            assert_eq!(message.bytes().len(), len);
        }
        socket.close(CloseCode::NORMAL.into()).await.unwrap();
        assert!(socket.receive().await.unwrap().is_none());
        socket.leave(|_| (), 1000).await;
    });
    server.join().unwrap();
}

/// EMB-04
#[test]
fn a_server_that_answers_in_its_receive_buffer_cannot_be_split() {
    let inbox = Inbox::new([0; 140], Side::Server).unwrap();
    let endpoint = Endpoint::new(Server, 1000, inbox, []).unwrap();
    let split = io::WebSocket::new(Script::new(), endpoint).split(|script| (script, Script::new()));
    assert!(matches!(split, Err(Error::Misuse(Misuse::BufferTooSmall { .. }))));
}

/// PROTO-09: the code and the reason, like undivided; none before.
#[test]
fn the_reading_half_tells_why_the_peer_closed() {
    let input = ws_tests::scene::encode_for(Side::Server, &[text("t"), close(1001, "away")]);
    let script = Script::new().bytewise(&input).hesitant();
    let socket = aio::WebSocket::new(script, SIZES.endpoint(Server));
    block_on(async {
        let (mut reader, _) = socket.split(|script| (script, Script::new())).await.unwrap();
        reader.receive(Take::Chunks).await.unwrap().unwrap();
        assert_eq!(reader.peer_close(), None);
        while reader.receive(Take::Chunks).await.unwrap().is_some() {}
        assert_eq!(reader.peer_close(), Some((Some(CloseCode::GOING_AWAY), "away")));
    });
    let script = Script::new().then(&input);
    let socket = io::WebSocket::new(script, SIZES.endpoint(Server));
    let (mut reader, _) = socket.split(|script| (script, Script::new())).unwrap();
    while reader.receive(Take::Chunks).unwrap().is_some() {}
    assert_eq!(reader.peer_close(), Some((Some(CloseCode::GOING_AWAY), "away")));
}

/// EMB-03: one frame of any size, and what is open of it or of a message in parts.
#[test]
fn the_writing_half_sends_a_frame_of_a_known_size_and_tells_what_is_open() {
    let socket = io::WebSocket::new(Script::new(), SIZES.endpoint(Client(Random::new(5))));
    let (_, mut writer) = socket.split(|script| (Script::new(), script)).unwrap();
    let mut calls = 0;
    let paused = writer.send_sized(Kind::Binary, 1000, |room| {
        calls += 1;
        if calls == 1 { fill(room) } else { 0 }
    });
    assert!(matches!(paused, Err(Error::Misuse(Misuse::FrameOpen))));
    assert_eq!(writer.frame_left(), 1000 - SIZES.tx as u64);
    assert!(matches!(writer.pay(&Owed::pong(b"p")), Err(Error::Misuse(Misuse::FrameOpen))));
    writer.send_more(fill).unwrap();
    assert_eq!((writer.frame_left(), writer.open_message()), (0, None));
    writer.send(Frame::Part(Kind::Text), b"be").unwrap();
    assert_eq!(writer.open_message(), Some((Kind::Text, 2)));
    writer.send(Frame::LastPart(Kind::Text), b"gun").unwrap();
    assert!(!writer.outbox().has_output() && !writer.outbox().outgoing().is_closed());
    let heard = naive::decode(Side::Server, 1000, writer.into_stream().written()).heard;
    assert_eq!(heard, [binary([7; 1000]), text("begun")]);
}

/// EMB-04: dropped after every poll and called again, it sends the same one frame.
#[test]
fn the_async_writing_half_goes_on_with_a_frame_that_was_dropped() {
    let script = Script::new().hesitant().write_at_most(90);
    let socket = aio::WebSocket::new(script, SIZES.endpoint(Client(Random::new(5))));
    let written = block_on(async {
        let (_, mut writer) = socket.split(|script| (Script::new(), script)).await.unwrap();
        assert!(!once(writer.send_sized(Kind::Binary, 1000, fill)));
        assert!(writer.frame_left() > 0, "what was flushed before is staged at the first poll");
        while !once(writer.send_more(fill)) {}
        assert_eq!((writer.frame_left(), writer.open_message()), (0, None));
        writer.into_stream().written().to_vec()
    });
    let heard = naive::decode(Side::Server, 1000, &written).heard;
    assert_eq!(heard, [binary([7; 1000])]);
}

fn fill(room: &mut [u8]) -> usize {
    room.fill(7);
    room.len()
}

/// Polls once and drops; whether it was ready.
fn once<E: std::fmt::Debug>(future: impl Future<Output = Result<(), E>>) -> bool {
    poll_times(pin!(future), 1).0.map(Result::unwrap).is_some()
}
