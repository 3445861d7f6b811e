//! Halves over pipes that are full when the test wants them to be.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use ws_std::WebSocket;
use ws_std::client::Connector;
use ws_std::socket::Split;

use super::support::{LONG, text};

/// One end of a pipe that holds a single write in each direction.
struct Pipe {
    input: Inbound,
    output: Outbound,
    gate: Gate,
}

struct Inbound {
    from: Receiver<Vec<u8>>,
    rest: Vec<u8>,
    gate: Option<Gate>,
}

struct Outbound(SyncSender<Vec<u8>>);

/// Where a reader stops that has taken bytes out of the pipe, and has not seen them.
struct Gate {
    taken: Sender<()>,
    open: Receiver<()>,
}

impl Read for Inbound {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let Ok(bytes) = self.from.recv() else { return Ok(0) };
            self.rest = bytes;
            if let Some(gate) = &self.gate {
                let _ = gate.taken.send(());
                // Once it is open it stays so: its other end is gone.
                let _ = gate.open.recv();
            }
        }
        let len = into.len().min(self.rest.len());
        into[..len].copy_from_slice(&self.rest[..len]);
        self.rest.drain(..len);
        Ok(len)
    }
}

impl Write for Outbound {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.input.read(into)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Split for Pipe {
    type ReadHalf = Inbound;
    type WriteHalf = Outbound;

    fn split(self) -> io::Result<(Inbound, Outbound)> {
        Ok((Inbound { gate: Some(self.gate), ..self.input }, self.output))
    }
}

/// The end of the pipe, and what opens its gate.
fn end(from: Receiver<Vec<u8>>, to: SyncSender<Vec<u8>>, taken: Sender<()>) -> (Pipe, Sender<()>) {
    let (opener, open) = channel();
    let input = Inbound { from, rest: Vec::new(), gate: None };
    (Pipe { input, output: Outbound(to), gate: Gate { taken, open } }, opener)
}

/// ADV-05, BEAT-02: both readers hold a Ping, both pipes are full. Readers that wrote their Pongs by
/// themselves would both wait for the other to read.
#[test]
fn two_readers_that_owe_a_pong_into_full_pipes_go_on_reading() {
    let (to_server, from_client) = sync_channel(1);
    let (to_client, from_server) = sync_channel(1);
    let (taken, both_taken) = channel();
    let (ours, our_gate) = end(from_server, to_server, taken.clone());
    let (theirs, their_gate) = end(from_client, to_client, taken);
    let server = thread::spawn(move || WebSocket::accept(theirs).unwrap().split().unwrap());
    let (mut client_reads, mut client_writes) =
        Connector::new().connect_over(ours, "ws://localhost/").unwrap().split().unwrap();
    let (mut server_reads, mut server_writes) = server.join().unwrap();

    client_writes.ping(b"?").unwrap();
    server_writes.ping(b"!").unwrap();
    let (tell, told) = channel();
    let also_tell = tell.clone();
    thread::spawn(move || tell.send(client_reads.receive().unwrap()).unwrap());
    thread::spawn(move || also_tell.send(server_reads.receive().unwrap()).unwrap());
    for _ in 0..2 {
        both_taken.recv_timeout(LONG).unwrap();
    }
    client_writes.send_text("fills the pipe").unwrap();
    server_writes.send_text("fills the pipe").unwrap();
    drop((our_gate, their_gate));
    for _ in 0..2 {
        let message = told.recv_timeout(LONG).expect("a reader is stuck");
        assert_eq!(message, text("fills the pipe"));
    }
}
