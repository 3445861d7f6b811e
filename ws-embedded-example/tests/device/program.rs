//! The program, as its users start and end it.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use super::bench::{Bench, PATIENCE, listening};
use super::clients;

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ws-embedded-example"));
    program.args(arguments).stdin(Stdio::null());
    program
}

fn complains(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = program(arguments).output().unwrap();
    assert_eq!((status.code(), &*stdout), (Some(1), &b""[..]), "{arguments:?}");
    String::from_utf8(stderr).unwrap()
}

#[test]
fn without_a_board_it_tells_when_the_output_is_switched() {
    let mut bench = Bench::start(None);
    let mut socket = bench.open("/telemetry");
    let mut expected = String::new();
    for state in ["on", "off", "on"] {
        socket.send_text(&format!("output {state}")).unwrap();
        clients::until(&mut socket, &format!(r#"{{"output":{}}}"#, state == "on"));
        // It tells what the output is after a turn, in which it may take more than one command: the next
        // one waits for the line.
        expected += &format!("output {state}\n");
        let begin = Instant::now();
        while bench.stop() != expected {
            assert!(begin.elapsed() < PATIENCE, "{}", bench.stop());
            std::thread::yield_now();
        }
    }
}

#[test]
fn what_it_does_not_understand_it_answers_with_what_it_does() {
    for arguments in [&["--bord"][..], &["--board", "toaster"], &["--port"], &["--port", "70000"]] {
        let said = complains(arguments);
        assert!(said.starts_with("cargo run -- [OPTIONS]"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let said = complains(&["--host", "--port", &port]);
    assert!(said.starts_with(&format!("port {port}: ")), "{said}");
}

/// The emulator would run on by itself.
#[test]
fn whoever_ends_the_program_ends_the_board() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut child =
            program(&[]).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = listening(&mut lines);
        drop(TcpStream::connect(address).unwrap());
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert!(child.wait().unwrap().success(), "{signal}");
        assert!(TcpStream::connect(address).is_err(), "it still listens after {signal}");
    }
}
