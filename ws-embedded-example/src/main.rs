//! `cargo run`: builds the firmware, boots it in QEMU, and prints where it listens and what it logs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use ws_embedded_example::{Board, Emulator, Options, build, host};

const HELP: &str = "\
cargo run -- [OPTIONS]
  --board NAME   the board to emulate: lm3s6965evb (if nothing is said) or mps2-an385
  --port PORT    the port of 127.0.0.1 to listen on; without it, one that is free
  --dial PORT    lets the device dial this port of 127.0.0.1, and stay connected
  --host         no board: the same app over this host's TCP
";

struct Arguments {
    board: Option<Board>,
    options: Options,
}

fn main() -> ExitCode {
    if std::env::args().any(|word| word == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
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
    match arguments.board {
        Some(board) => emulate(board, arguments.options),
        None => be_the_device(arguments.options).map(|()| ExitCode::SUCCESS),
    }
}

fn be_the_device(options: Options) -> io::Result<()> {
    let address = (Ipv4Addr::LOCALHOST, options.port);
    let listener = TcpListener::bind(address)
        .map_err(|error| io::Error::new(error.kind(), format!("port {}: {error}", options.port)))?;
    println!("listening on http://{}/", listener.local_addr()?);
    host::serve(&listener, options.dial, |output| {
        println!("output {}", if output { "on" } else { "off" });
    })
}

fn emulate(board: Board, options: Options) -> io::Result<ExitCode> {
    Emulator::find()?;
    let image = build(board, |what| eprintln!("{what}"))?;
    let is_leaving = is_asked_to_leave()?;
    let mut emulator = Emulator::boot(board, &image, options, |line| println!("{line}"))?;
    println!("listening on http://{}/", emulator.address());
    while emulator.is_running()? {
        if is_leaving.load(Ordering::Relaxed) {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let is_well = emulator.wait()?.success() || is_leaving.load(Ordering::Relaxed);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whoever ends this program ends the board, too, which would run on by itself.
fn is_asked_to_leave() -> io::Result<Arc<AtomicBool>> {
    let is_leaving = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&is_leaving))?;
    }
    Ok(is_leaving)
}
