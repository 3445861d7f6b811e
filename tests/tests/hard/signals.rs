//! A program that is told to end, with its clients in the middle of something.
#![cfg(unix)]

use std::sync::mpsc;
use std::thread;

use ws_core::frame::CloseCode;
use ws_tests::WireFrame;
use ws_tests::example::Example;

use crate::harness::{GUARD, Peer};

/// SERVE-06
#[test]
fn at_sigterm_every_client_gets_a_close_frame_also_under_load() {
    const CLIENTS: usize = 40;
    let echo = Example::start("echo");
    let (tell, told) = mpsc::channel();
    for number in 0..CLIENTS {
        let (tell, mut peer) = (tell.clone(), Peer::open(echo.address));
        // Some are in the middle of a large message, some wait for their echo, some do nothing.
        let message = WireFrame::binary(vec![1; [10, 1_000, 50_000][number % 3]]);
        let falls_silent = number % 4 == 3;
        thread::spawn(move || {
            peer.echo(&message.payload);
            tell.send(None).unwrap();
            let last = loop {
                if !falls_silent {
                    peer.send(message.clone());
                }
                let frame = peer.frame();
                if frame.as_ref() != Some(&message) {
                    break frame;
                }
            };
            peer.send(WireFrame::close(CloseCode::RESTART, ""));
            tell.send(Some((last.and_then(|frame| frame.close_code()), peer.frame()))).unwrap();
        });
    }
    let under_load = (0..CLIENTS).map(|_| told.recv_timeout(GUARD).unwrap());
    assert!(under_load.into_iter().all(|told| told.is_none()));
    echo.terminate();
    for _ in 0..CLIENTS {
        let (close, then) = told.recv_timeout(GUARD).unwrap().unwrap();
        assert_eq!(close, Some(CloseCode::RESTART));
        assert_eq!(then, None);
    }
    let (code, said) = echo.end();
    // Where the machine is slow, one may have had no time to answer.
    let last = said.lines().last().unwrap();
    let counts = last.split_whitespace().filter_map(|word| word.parse::<usize>().ok());
    assert_eq!((code, counts.sum()), (Some(0), CLIENTS), "{said}");
}

/// SERVE-06
#[test]
fn a_second_signal_ends_the_program_at_once() {
    let echo = Example::start("echo");
    let mut mute = Peer::open(echo.address);
    echo.terminate();
    // It is asked to go, and does not.
    assert_eq!(mute.read().close_code(), Some(CloseCode::RESTART));
    echo.terminate();
    assert_eq!(mute.frame(), None);
    let (code, said) = echo.end();
    assert_eq!(code, Some(1));
    assert!(!said.contains(" closed, "), "the drain came to its end: {said}");
}
