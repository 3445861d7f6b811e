//! What clients get, whoever serves them: a loop, or tasks.

use std::string::{String, ToString};
use std::vec::Vec;

use embedded_io::{Read, Write};
use ws_core::connection::{Millis, Time};
use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_core::testing::abuse::{self, REQUEST};

use crate::scene::scenes;

fn payload(frames: &[WireFrame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| frame.payload.clone()).collect()
}

#[test]
fn an_echo_is_of_any_size_through_256_bytes() {
    for mut scene in scenes(1000) {
        scene.open("/echo");
        assert_eq!(scene.device().clients, 1);
        let bytes: Vec<u8> = (0..100_000).map(|n| n as u8).collect();
        let key = [1, 2, 3, 4];
        let sent = WireFrame::binary(&bytes).masked(key).encode();
        let heard = WireFrame::decode_all(&scene.say(&sent));
        assert_eq!(heard, [WireFrame::binary(&bytes)], "one frame, as it came");
        let text = "\u{1F44B}".repeat(300);
        let heard = scene.frames(&[WireFrame::text(&text), WireFrame::ping("!")]);
        assert_eq!(payload(&heard[..heard.len() - 1]), text.as_bytes());
        assert_eq!(heard.last(), Some(&WireFrame::pong("!")));
        assert_eq!(scene.device().bytes, 100_000 + 1200);
    }
}

#[test]
fn telemetry_comes_each_second_or_as_often_as_was_said() {
    for mut scene in scenes(1000) {
        scene.open("/telemetry");
        // The first reading has come behind the answer to the handshake: the clock tells the next.
        let reading = payload(&scene.wait());
        assert!(reading.starts_with(br#"{"number":2,"uptime_ms":1000,"#), "{reading:?}");
        let heard = scene.frames(&[WireFrame::text("every 100"), WireFrame::text("output on")]);
        assert_eq!(heard, [r#"{"every_ms":100}"#, r#"{"output":true}"#].map(WireFrame::text));
        assert!(scene.device().output);
        for uptime in [1100, 1200, 1300] {
            let reading = String::from_utf8(payload(&scene.wait())).unwrap();
            assert!(reading.contains(&uptime.to_string()), "{reading}");
            assert!(reading.contains(r#""output":true,"clients":1"#), "{reading}");
        }
    }
}

/// What one client sets, all see.
#[test]
fn clients_share_the_output() {
    for mut scene in scenes(1000) {
        scene.open("/telemetry");
        scene.frames(&[WireFrame::text("output toggle")]);
        let one = scene.come(1000);
        scene.open("/telemetry");
        let reading = String::from_utf8(payload(&scene.wait())).unwrap();
        assert!(reading.contains(r#""output":true,"clients":2"#), "{reading}");
        drop(one);
    }
}

/// A client that reads nothing costs no memory, and is not served for ever.
#[test]
fn a_client_that_does_not_read_misses_readings_and_is_dropped() {
    for mut scene in scenes(400) {
        scene.open("/telemetry");
        for _ in 0..30 {
            let next = scene.run();
            if scene.is_free() {
                break;
            }
            scene.clock.advance_to(next);
        }
        assert!(scene.is_free());
        assert_eq!(scene.device().clients, 0);
        assert!(scene.clock.now() <= Time(60_000), "{:?}", scene.clock.now());
    }
}

#[test]
fn a_command_that_is_binary_or_larger_than_the_buffer_ends_the_connection_with_its_code() {
    for (frame, code) in [
        (WireFrame::binary("output on"), CloseCode::UNSUPPORTED),
        (WireFrame::text("x".repeat(300)), CloseCode::TOO_BIG),
    ] {
        for mut scene in scenes(2000) {
            scene.open("/telemetry");
            let heard = scene.frames(std::slice::from_ref(&frame));
            let codes: Vec<_> = heard.iter().filter_map(WireFrame::close_code).collect();
            assert_eq!(codes, [code], "{heard:?}");
            assert!(!scene.device().output);
        }
    }
}

/// RFC 6455 section 7.1.1: our Close must not be lost in a reset because more has come behind.
#[test]
fn what_comes_behind_the_reason_to_close_is_not_obeyed_and_the_close_is_heard() {
    for mut scene in scenes(2000) {
        scene.open("/telemetry");
        let heard = scene.frames(&[WireFrame::binary("?"), WireFrame::text("output on")]);
        let codes: Vec<_> = heard.iter().map(WireFrame::close_code).collect();
        assert_eq!(codes, [Some(CloseCode::UNSUPPORTED)], "{heard:?}");
        assert!(!scene.device().output);
        assert!(!scene.is_free(), "the client's Close is waited for");
        scene.frames(&[WireFrame::close(CloseCode::UNSUPPORTED, "")]);
        scene.client.shut();
        scene.run();
        assert!(scene.is_free());
    }
}

#[test]
fn a_plain_request_gets_the_page_through_a_small_window() {
    for mut scene in scenes(100) {
        let answer = scene.say(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n");
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(answer.ends_with("</html>\n"));
        assert!(!scene.is_free(), "the client has not closed yet");
        scene.client.shut();
        scene.run();
        assert!(scene.is_free());
    }
}

/// Who takes a byte now and then does not keep a place for longer than who takes none.
#[test]
fn a_client_that_takes_the_page_bit_by_bit_has_no_more_time_for_it() {
    for mut scene in scenes(100) {
        scene.client.write_all(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n").unwrap();
        assert_eq!(scene.run(), Time(10_000));
        for second in 1..10 {
            scene.clock.advance_to(Time(second * 1000));
            scene.client.read_exact(&mut [0; 20]).unwrap();
            assert_eq!(scene.run(), Time(10_000));
        }
        scene.clock.advance_to(Time(10_000));
        scene.client.read_exact(&mut [0; 20]).unwrap();
        scene.run();
        assert!(scene.is_free());
    }
}

#[test]
fn a_client_that_has_ended_first_gets_the_last_words_if_it_takes_them_in_time() {
    const REQUEST: &[u8] = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    let [mut scene, _] = scenes(1000);
    let whole = scene.say(REQUEST);
    for takes in [true, false] {
        for mut scene in scenes(whole.len()) {
            scene.client.write_all(REQUEST).unwrap();
            scene.client.shut();
            let next = scene.run();
            assert!(!scene.is_free(), "the answer has not been taken yet");
            assert_eq!(next, Time(5000));
            if takes {
                assert_eq!(scene.hear(), whole);
            } else {
                scene.clock.advance_to(next);
            }
            scene.run();
            assert!(scene.is_free());
        }
    }
}

/// The next one finds its buffers, and nothing of the last.
#[test]
fn a_place_is_the_next_clients_when_the_last_has_gone() {
    for mut scene in scenes(1000) {
        for path in ["/echo", "/telemetry", "/echo"] {
            scene.open(path);
            scene.frames(&[WireFrame::close(CloseCode::NORMAL, "")]);
            scene.client.shut();
            scene.run();
            assert!(scene.is_free() && scene.device().clients == 0);
            drop(scene.come(1000));
        }
    }
}

#[test]
fn other_requests_are_refused_with_a_reason() {
    for (request, status) in [
        ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", "426"),
        ("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("\u{1}\u{2}\u{3}\r\n\r\n", "400"),
        (&REQUEST.replace("Version: 13", "Version: 12").replace("GET / ", "GET /echo "), "426"),
    ] {
        for mut scene in scenes(1000) {
            let answer = String::from_utf8(scene.say(request.as_bytes())).unwrap();
            assert!(
                answer.starts_with(&std::format!("HTTP/1.1 {status} ")),
                "{request:?}: {answer}"
            );
        }
    }
}

/// Every script of the abuse kit, whatever the cut: no panic, and the slot is free in the end.
#[test]
fn rubbish_is_answered_and_the_slot_is_free_again() {
    for step in [1, 7, 200] {
        for abuse in abuse::handshakes() {
            for mut scene in scenes(100_000) {
                let pieces = abuse.bytes.chunks(step);
                for piece in pieces {
                    if scene.client.write_all(piece).is_err() {
                        break;
                    }
                    scene.run();
                }
                scene.hear();
                scene.client.shut();
                for _ in 0..99 {
                    let next = scene.run();
                    scene.clock.advance_to(next.min(scene.clock.now().after(Millis(60_000))));
                }
                assert!(scene.is_free(), "{}", abuse.name);
            }
        }
    }
}

#[test]
fn a_client_that_says_nothing_is_dropped_in_time() {
    for mut scene in scenes(100) {
        scene.client.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
        let next = scene.run();
        assert_eq!(next, Time(10_000));
        scene.clock.advance_to(next);
        scene.run();
        assert!(scene.is_free());
    }
}

/// BEAT-01: the heartbeat is the core's, and a dead client is found by it.
#[test]
fn a_client_that_answers_no_ping_is_told_so_and_dropped() {
    for mut scene in scenes(1000) {
        scene.open("/echo");
        let ping = scene.wait();
        assert_eq!(ping[0].opcode, 0x9, "{ping:?}");
        assert_eq!(scene.frames(&[WireFrame::pong(&ping[0].payload)]), []);
        assert_eq!(scene.wait()[0].opcode, 0x9, "an answered Ping is followed by another");
        let close = scene.wait();
        assert_eq!(close[0].close_code(), Some(CloseCode::GOING_AWAY));
        scene.wait();
        assert!(scene.is_free());
        assert_eq!(scene.device().clients, 0);
    }
}
