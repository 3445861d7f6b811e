//! The firmware example as a client: emulated boards, and the program that does without one, dial servers
//! of this host and stay connected. EMB-06.
#![cfg(unix)]

mod refusals;
mod servers;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use serde_json::Value;
use ws_std::WebSocket;
use ws_std::client::Stream;
use ws_tests::example::Device;

/// Where the app runs.
const EVERYWHERE: [&[&str]; 3] =
    [&["--board", "lm3s6965evb"], &["--board", "mps2-an385"], &["--host"]];

/// A device that dials this port of the loopback.
fn dialing(place: &[&str], port: u16) -> Device {
    Device::start(&[place, &["--dial", &port.to_string()]].concat())
}

/// A port that is free as long as this is kept.
fn port() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// What a device tells its own clients.
struct Readings(WebSocket<Stream>);

impl Readings {
    fn of(device: &Device) -> Self {
        Self(ws_std::connect(&format!("ws://{}/telemetry", device.address())).unwrap())
    }

    /// The number of this name in the next reading that has it.
    fn next(&mut self, name: &str) -> u64 {
        loop {
            let message = self.0.receive().unwrap().expect("a reading");
            let reading: Value = serde_json::from_str(message.text().unwrap()).unwrap();
            if let Some(number) = reading[name].as_u64() {
                return number;
            }
        }
    }
}
