//! `cargo run`: builds the firmware, boots it in QEMU, and prints where it listens and what it logs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use ws_embedded_example::{Board, Emulator, Options, build, host};

const HELP: &str = "\
cargo run -- [OPTIONS]
  --board NAME   the board to emulate: lm3s6965evb (if nothing is said) or mps2-an385
  --port PORT    the port of 127.0.0.1 to listen on; without it, one that is free
  --dial PORT    lets the board dial this port of 127.0.0.1, and stay connected
  --host         no board: the same app over this host's TCP
";

struct Arguments {
    board: Option<Board>,
    options: Options,
}

fn main() -> ExitCode {
    let Some(arguments) = arguments(std::env::args().skip(1)) else {
        eprint!("{HELP}");
        return ExitCode::FAILURE;
    };
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
    let mut arguments = Arguments { board: Some(Board::Lm3s6965evb), options: Options::default() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--host" => arguments.board = None,
            "--board" => arguments.board = Some(Board::named(&words.next()?)?),
            "--port" => arguments.options.port = words.next()?.parse().ok()?,
            "--dial" => arguments.options.dial = Some(words.next()?.parse().ok()?),
            _ => return None,
        }
    }
    Some(arguments)
}

fn run(arguments: &Arguments) -> io::Result<ExitCode> {
    let Some(board) = arguments.board else {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.options.port))?;
        println!("listening on http://{}/", listener.local_addr()?);
        host::serve(&listener, |output| println!("output {}", if output { "on" } else { "off" }))?;
        return Ok(ExitCode::SUCCESS);
    };
    eprintln!("building the image of {}", board.name());
    let image = build(board)?;
    let mut emulator = Emulator::boot(board, &image, arguments.options, |line| println!("{line}"))?;
    println!("listening on http://{}/", emulator.address());
    let status = emulator.wait()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
