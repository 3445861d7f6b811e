//! A board on the bench, or the program that is the device without one.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use embedded_io_adapters::std::FromStd;
use ws_core::Client;
use ws_core::io::WebSocket;
use ws_core::testing::Random;
use ws_embedded_example::{Board, Emulator, Options, build};

/// A client: the codec's own blocking driver over this host's TCP.
pub(crate) type Socket = WebSocket<FromStd<TcpStream>, Client<Random>, Vec<u8>, Vec<u8>>;

/// No peer of a test is waited for any longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Bench {
    /// What it is.
    pub(crate) name: &'static str,
    /// How many clients it serves at once.
    pub(crate) places: usize,
    device: Device,
    address: SocketAddr,
    logs: Arc<Mutex<String>>,
}

enum Device {
    Board(Emulator),
    Program { process: Child, idle: usize },
}

/// Does this with each board and with the program, and stops them.
pub(crate) fn everywhere(test: impl Fn(&mut Bench)) {
    each_board(&test);
    let mut bench = Bench::start(None);
    test(&mut bench);
    bench.stop();
}

/// Boots each board, does this with it, and stops it.
pub(crate) fn each_board(test: impl Fn(&mut Bench)) {
    for board in Board::ALL {
        let mut bench = Bench::boot(board, Options::default());
        test(&mut bench);
        bench.stop();
    }
}

impl Bench {
    pub(crate) fn boot(board: Board, options: Options) -> Self {
        static IMAGES: OnceLock<Vec<PathBuf>> = OnceLock::new();
        let build = || Board::ALL.into_iter().map(|board| build(board, |_| {}).unwrap()).collect();
        let image =
            &IMAGES.get_or_init(build)[Board::ALL.iter().position(|b| *b == board).unwrap()];
        let logs = Arc::new(Mutex::new(String::new()));
        let emulator = Emulator::boot(board, image, options, into(&logs)).unwrap();
        let (name, address) = (board.name(), emulator.address());
        Self { name, places: places(board), device: Device::Board(emulator), address, logs }
    }

    /// The program as people without QEMU start it; it dials, or does not.
    pub(crate) fn start(dial: Option<u16>) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_ws-embedded-example"));
        program.arg("--host").stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(port) = dial {
            program.args(["--dial", &port.to_string()]);
        }
        let mut process = program.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = listening(&mut lines);
        let logs = Arc::new(Mutex::new(String::new()));
        std::thread::spawn({
            let tell = into(&logs);
            move || lines.map_while(Result::ok).for_each(tell)
        });
        let device = Device::Program { idle: descriptors(&process), process };
        Self { name: "host", places: 12, device, address, logs }
    }

    /// Stops it, if it was not stopped: nothing may be lost then. Tells what it has logged.
    pub(crate) fn stop(&mut self) -> String {
        match &mut self.device {
            Device::Program { process, idle } => {
                assert_eq!(process.try_wait().unwrap(), None, "it has ended by itself");
                // One is that of the server that it dials. Peers that are gone have their time.
                let begin = Instant::now();
                while descriptors(process) > *idle + 1 {
                    assert!(begin.elapsed() < PATIENCE, "sockets are lost");
                    std::thread::yield_now();
                }
                self.logs.lock().unwrap().clone()
            }
            Device::Board(emulator) => {
                if emulator.is_running().unwrap() {
                    let status = emulator.stop().unwrap();
                    let logs = self.logs.lock().unwrap().clone();
                    assert!(status.success(), "{status}: {logs}");
                }
                let logs = self.logs.lock().unwrap().clone();
                assert!(logs.contains("stopped: "), "it has ended by itself: {logs}");
                assert!(!logs.contains("ERROR"), "{logs}");
                logs
            }
        }
    }

    /// A connection. While no place is free the board refuses, and clients come again.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A WebSocket; refused, it asks again.
    pub(crate) fn open(&self, path: &str) -> Socket {
        let begin = Instant::now();
        loop {
            let entropy = Random::new(u64::from(begin.elapsed().subsec_nanos()));
            let stream = FromStd::new(self.connect());
            match WebSocket::connect(stream, entropy, vec![0; 4096], vec![0; 4096], "device", path)
            {
                Ok(socket) => return socket,
                Err(error) => assert!(begin.elapsed() < PATIENCE, "{path}: {error}"),
            }
        }
    }

    /// Says this, and tells all that comes back; refused, it asks again.
    pub(crate) fn ask(&self, request: &str) -> String {
        String::from_utf8(self.say(&[request.as_bytes()])).unwrap()
    }

    /// Sends these segments, ends, and tells all that comes back; refused, it begins again.
    pub(crate) fn say(&self, segments: &[&[u8]]) -> Vec<u8> {
        let begin = Instant::now();
        loop {
            let mut stream = self.connect();
            let mut heard = vec![];
            // The board may have said all that it has to say, and be gone, before we have.
            let sent = segments.iter().try_for_each(|segment| stream.write_all(segment));
            let _ = sent.and_then(|()| stream.shutdown(Shutdown::Write));
            let ended = stream.read_to_end(&mut heard);
            if !heard.is_empty() {
                return heard;
            }
            assert!(begin.elapsed() < PATIENCE, "nothing came back: {ended:?}");
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        if let Self::Program { process, .. } = self {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// How many clients the image serves at once.
const fn places(board: Board) -> usize {
    match board {
        Board::Lm3s6965evb => 6,
        Board::Mps2An385 => 12,
    }
}

/// How many descriptors a process has; none, where the system does not tell.
fn descriptors(process: &Child) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", process.id())).map_or(0, Iterator::count)
}

/// The URL that the program prints as soon as it serves.
pub(crate) fn listening(lines: &mut Lines<BufReader<ChildStdout>>) -> SocketAddr {
    loop {
        let line = lines.next().expect("a URL").unwrap();
        let url = line.strip_prefix("listening on http://").and_then(|url| url.strip_suffix('/'));
        if let Some(address) = url {
            return address.parse().unwrap();
        }
    }
}

/// Keeps lines.
fn into(logs: &Arc<Mutex<String>>) -> impl FnMut(String) + Send + 'static {
    let logs = Arc::clone(logs);
    move |line| {
        let mut logs = logs.lock().unwrap();
        logs.push_str(&line);
        logs.push('\n');
    }
}
