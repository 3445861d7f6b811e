//! The client that the Autobahn test suite's fuzzing server asks for: an echo, case by case.
//!
//! ```text
//! wstest -m fuzzingserver -s SPEC.json
//! cargo run --release -p ws-std --example autobahn_client -- [--url URL] [--agent NAME]
//! ```
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use std::time::Duration;

use ws_std::client::Connector;
use ws_std::{Compression, Takeover};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let (mut url, mut agent) = (String::from("ws://127.0.0.1:9001"), String::from("ws-std"));
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or("an option needs a value")?;
        match option.as_str() {
            "--url" => url = value,
            "--agent" => agent = value.replace(' ', "%20"),
            _ => return Err("--url URL, --agent NAME".into()),
        }
    }
    // With context takeover, if the server likes; the other cases are not told of it.
    let compression = Compression {
        threshold: 0,
        send_takeover: Takeover::Keep,
        receive_takeover: Takeover::Keep,
        ..Compression::default()
    };
    // A case has messages of exactly 16 MiB, and one may take its time.
    let connector = Connector::new()
        .max_message(17 << 20)
        .read_timeout(Duration::from_secs(60))
        .compression(compression);
    let count = connector.connect(&format!("{url}/getCaseCount"))?.receive()?;
    let count: u32 = count.as_ref().and_then(|count| count.text()).unwrap_or_default().parse()?;
    for case in 1..=count {
        match echo(&connector, &format!("{url}/runCase?case={case}&agent={agent}")) {
            Ok(()) => println!("case {case}: closed"),
            Err(error) => println!("case {case}: {error}"),
        }
    }
    let mut report = connector.connect(&format!("{url}/updateReports?agent={agent}"))?;
    while report.receive()?.is_some() {}
    Ok(())
}

/// What a case provokes on purpose ends in an error, too.
fn echo(connector: &Connector, url: &str) -> Result<(), Failure> {
    let mut socket = connector.connect(url)?;
    while let Some(message) = socket.receive()? {
        socket.send(&message)?;
    }
    Ok(())
}
