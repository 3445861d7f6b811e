//! What ten thousand connections at rest cost a server, seen by the system.
//!
//! ```text
//! cargo test --release -p ws-tests --test idle_connections -- --nocapture
//! ```
//!
//! Where the limit of descriptors (`ulimit -n`) does not allow for so many, there are fewer, and
//! the test says so. The server is a process of its own: this program, started again.
#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use ws_std::{Limits, Server, Threads};
use ws_tests::peer::Peer;

const WANTED: usize = 10_000;

/// What each may cost of memory that is the process's own.
const MOST_EACH: usize = 1_000;

const AS_SERVER: &str = "WS_TESTS_IDLE_SERVER";

/// ACTOR-07, SEC-01
#[test]
fn ten_thousand_idle_connections_cost_less_than_a_kilobyte_each() {
    if env::var_os(AS_SERVER).is_some() {
        return serve();
    }
    let child = Process::start();
    let count = WANTED.min(descriptors().saturating_sub(200));
    if count < WANTED {
        println!("ONLY {count} CONNECTIONS, NOT {WANTED}: raise the limit with `ulimit -n`");
    }
    // The first ones make what all share.
    let mut crowd: Vec<_> = (0..100).map(|_| Peer::open(child.address).stream).collect();
    let before = child.resident();
    let begun = Instant::now();
    crowd.extend((0..count - 100).map(|_| Peer::open(child.address).stream));
    let took = begun.elapsed();
    let after = child.resident();
    let each = after.saturating_sub(before) / (count - 100);
    println!("{count} connections in {took:?}: {each} B each, {after} B in all");
    assert!(each < MOST_EACH, "{each} B for each of {count} connections");

    // They all live.
    for stream in crowd.iter_mut().step_by(97) {
        stream.write_all(&[0x82, 0x81, 0, 0, 0, 0, 42]).unwrap();
        let mut echo = [0; 3];
        stream.read_exact(&mut echo).unwrap();
        assert_eq!(echo, [0x82, 1, 42]);
    }
    drop(crowd);
    child.ends();
}

fn serve() {
    let echo = ws_std::on_message(|ctx, message| {
        ctx.send(message);
    });
    let limits = Limits { connections: Some(WANTED + 100), ..Limits::default() };
    let server = Server::builder(echo).listen("127.0.0.1:0").unwrap().limits(limits);
    let server = server.threads(Threads::Fixed(2)).start().unwrap();
    println!("\nlistening on {}", server.address().unwrap());
    // Until whoever started this has had enough.
    let _ = std::io::stdin().read(&mut [0]);
    server.stop();
}

/// The server's process.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start() -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("ten_thousand_idle_connections_cost_less_than_a_kilobyte_each")
            .env(AS_SERVER, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.unwrap().strip_prefix("listening on ")?.parse().ok())
            .expect("an address");
        // What it has to say at its end, nobody reads.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Bytes of memory that are the process's own: its resident set without files.
    fn resident(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
    }

    fn ends(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

/// Nobody is left behind when the test fails.
impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// How many descriptors this process may have.
fn descriptors() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX)
}
