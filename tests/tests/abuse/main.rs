//! The public abuse scripts against our own server: all right, in every way to drive it.

use ws_core::Side;
use ws_core::testing::abuse::{self, Answer};
use ws_core::testing::{Script, WireFrame};
use ws_tests::scene::Setting;
use ws_tests::{handshake, naive};

/// PROTO-10, PROTO-02..PROTO-09, BEAT-02, BEAT-03, FRAG-01..FRAG-03: the table and the scripts that
/// other implementations fail.
#[test]
fn every_script_is_answered_as_it_should_be() {
    for abuse in abuse::after_handshake() {
        for setting in Setting::all(Side::Server, abuse::MAX_MESSAGE as u64) {
            let whole = Script::new().then(&abuse.bytes).then_silence();
            let cut =
                Script::new().pieces(&abuse.bytes, 1 + abuse.bytes.len() / 100).then_silence();
            for mut script in [whole, cut] {
                setting.play_on(&mut script);
                let judged = abuse.judge(script.written());
                assert_eq!(judged, Ok(()), "{}, {setting:?}", abuse.name);
            }
        }
    }
}

/// PROTO-01, PROTO-08
#[test]
fn every_handshake_is_answered_as_it_should_be() {
    for abuse in abuse::handshakes() {
        for written in handshake::serve_in_every_way(512, &abuse.bytes) {
            assert_eq!(abuse.judge(&written), Ok(()), "{}", abuse.name);
        }
    }
}

/// PROTO-10: what the scripts expect is what the oracle, written from the RFC, expects.
#[test]
fn the_oracle_agrees_with_every_script() {
    for abuse in abuse::after_handshake() {
        let max = abuse::MAX_MESSAGE as u64;
        let verdict = naive::decode(Side::Server, max, &abuse.bytes);
        let mut answer: Vec<WireFrame> = verdict.heard;
        answer.retain(|frame| frame.opcode != 10);
        for frame in &mut answer {
            match frame.opcode {
                9 => frame.opcode = 10,
                8 => frame.payload.truncate(2),
                _ => {}
            }
        }
        if let Some(breach) = verdict.breach {
            answer.push(WireFrame::close(breach.rules[0].close_code(), ""));
        }
        let answered = WireFrame::encode_all(&answer);
        assert_eq!(abuse.judge(&answered), Ok(()), "{}", abuse.name);
    }
}

/// A judge that lets everything pass would be worth nothing.
#[test]
fn wrong_answers_are_not_let_pass() {
    for abuse in abuse::after_handshake().into_iter().chain(abuse::handshakes()) {
        let wrong = [
            vec![WireFrame::text("made up")],
            vec![WireFrame::close(ws_core::frame::CloseCode::POLICY, "")],
            vec![WireFrame::raw_close(""), WireFrame::text("behind the Close")],
            vec![WireFrame::text("masked").masked([1, 2, 3, 4])],
        ];
        for answer in wrong {
            let answered = WireFrame::encode_all(&answer);
            assert!(abuse.judge(&answered).is_err(), "{}", abuse.name);
        }
        let teapot = abuse.judge(b"HTTP/1.1 418 no coffee\r\n\r\n");
        assert!(teapot.is_err() || abuse.answer == Answer::Frames(vec![]), "{}", abuse.name);
    }
}

/// PROTO-10: no two scripts have the same name, and each says what it is about.
#[test]
fn every_script_has_a_name_of_its_own_and_a_requirement() {
    let mut all = abuse::after_handshake();
    all.append(&mut abuse::handshakes());
    let names: std::collections::BTreeSet<_> = all.iter().map(|abuse| abuse.name).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.iter().all(|abuse| !abuse.requirements.is_empty() && !abuse.bytes.is_empty()));
    assert!(all.len() >= 70, "{}", all.len());
}
