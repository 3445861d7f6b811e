//! The client that the Autobahn test suite's fuzzing server asks for: an echo, case by case, once
//! through 145 bytes of receive buffer and once with whole messages.
//!
//! ```text
//! wstest -m fuzzingserver -s SPEC.json
//! cargo run --release -p ws-core --example small_autobahn_client [ADDRESS]
//! ```
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use std::fs::File;
use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use embedded_io_adapters::std::FromStd;
use ws_core::io::{Connect, WebSocket};
use ws_core::{Client, Error, Take};

type Failure = Box<dyn std::error::Error>;
type Socket = WebSocket<FromStd<TcpStream>, Client<fn(&mut [u8])>, Vec<u8>, [u8; 4096]>;

fn main() -> Result<(), Failure> {
    let address = std::env::args().nth(1).unwrap_or_else(|| String::from("127.0.0.1:9001"));
    let mut socket = connect(&address, "/getCaseCount", 4096)?;
    let count = socket.receive()?.and_then(|count| count.text()?.parse::<u32>().ok());
    let agents =
        [("ws-core, 145 bytes", Take::Chunks, 145), ("ws-core, whole", Take::Messages, 17 << 20)];
    for case in 1..=count.ok_or("the server tells no number of cases")? {
        println!("case {case}");
        for (agent, take, buffer) in agents {
            let agent = agent.replace(' ', "%20");
            let target = format!("/runCase?case={case}&agent={agent}");
            let mut socket = connect(&address, &target, buffer)?;
            match echo(&mut socket, take) {
                // What a case provokes on purpose.
                Ok(()) | Err(Error::Violation(_)) => {}
                Err(error) => println!("case {case}, {agent}: {error}"),
            }
            socket.leave(|_| {}, 64 * 1024);
        }
    }
    for (agent, ..) in agents {
        let target = format!("/updateReports?agent={}", agent.replace(' ', "%20"));
        while connect(&address, &target, 4096)?.receive()?.is_some() {}
    }
    Ok(())
}

fn connect(address: &str, target: &str, buffer: usize) -> Result<Socket, Failure> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let entropy: fn(&mut [u8]) = entropy;
    let connect = Connect { max_message: 17 << 20, ..Connect::to(address, target) };
    let stream = FromStd::new(stream);
    let (socket, _) = connect.open(stream, entropy, vec![0; buffer], [0; 4096], |_, _| {})?;
    Ok(socket)
}

fn echo(socket: &mut Socket, take: Take) -> Result<(), Error<std::io::Error>> {
    while let Some(message) = match take {
        Take::Messages => socket.receive()?,
        Take::Chunks => socket.receive_chunk()?,
    } {
        message.echo()?;
    }
    Ok(())
}

#[allow(clippy::expect_used, reason = "without entropy there is no client")]
fn entropy(bytes: &mut [u8]) {
    let mut source = File::open("/dev/urandom").expect("the system has a source of entropy");
    source.read_exact(bytes).expect("the source of entropy does not end");
}
