//! A board on the bench.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
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
    pub(crate) board: Board,
    emulator: Emulator,
    logs: Arc<Mutex<String>>,
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
        let build = || Board::ALL.into_iter().map(|board| build(board).unwrap()).collect();
        let image =
            &IMAGES.get_or_init(build)[Board::ALL.iter().position(|b| *b == board).unwrap()];
        let logs = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&logs);
        let line = move |line: String| {
            let mut logs = told.lock().unwrap();
            logs.push_str(&line);
            logs.push('\n');
        };
        let emulator = Emulator::boot(board, image, options, line).unwrap();
        Self { board, emulator, logs }
    }

    /// Stops the board, if it was not stopped: nothing may be lost then. Tells what it has logged.
    pub(crate) fn stop(&mut self) -> String {
        if self.emulator.is_running().unwrap() {
            let status = self.emulator.stop().unwrap();
            let logs = self.logs.lock().unwrap().clone();
            assert!(status.success(), "{status}: {logs}");
        }
        let logs = self.logs.lock().unwrap().clone();
        assert!(logs.contains("stopped: "), "it has ended by itself: {logs}");
        assert!(!logs.contains("ERROR"), "{logs}");
        logs
    }

    /// A connection. While no place is free the board refuses, and clients come again.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.emulator.address()).unwrap();
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
