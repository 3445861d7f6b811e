//! A TCP server without WebSocket: what the kernel alone costs.

use std::io::{self, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::{Setup, Task, listen};
use crate::Result;

/// The frames of `JOIN` and `OK`, which it knows by heart.
const JOIN: &[u8] = b"\x81\x04JOIN";
const OK: &[u8] = b"\x81\x02OK";

/// Small enough for the cache between the read and the write, and so large that a message of
/// 1 MiB does not wake its reader at every 64 KiB.
const BUFFER: usize = 256 << 10;

const LISTENER: Token = Token(usize::MAX);

pub(super) fn serve(setup: &Setup) -> Result<()> {
    let listener = listen(setup)?;
    listener.set_nonblocking(true)?;
    let mut server = Server {
        poll: Poll::new()?,
        listener: TcpListener::from_std(listener),
        connections: Vec::new(),
        free: Vec::new(),
        members: Vec::new(),
        task: setup.task,
        buffer: vec![0; BUFFER],
    };
    server.poll.registry().register(&mut server.listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    loop {
        server.poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => server.accept()?,
                Token(place) => server.advance(place),
            }
        }
    }
}

struct Server {
    poll: Poll,
    listener: TcpListener,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    members: Vec<usize>,
    task: Task,
    buffer: Vec<u8>,
}

struct Connection {
    socket: TcpStream,
    /// What the socket did not take at once, and how much of it it has taken since.
    waiting: Vec<u8>,
    taken: usize,
}

impl Server {
    fn accept(&mut self) -> io::Result<()> {
        loop {
            let mut socket = match self.listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                // The client has gone already.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            let place = self.free.pop().unwrap_or(self.connections.len());
            if place == self.connections.len() {
                self.connections.push(None);
            }
            let interest = Interest::READABLE | Interest::WRITABLE;
            if socket.set_nodelay(true).is_ok() {
                self.poll.registry().register(&mut socket, Token(place), interest)?;
                self.connections[place] =
                    Some(Connection { socket, waiting: Vec::new(), taken: 0 });
            }
        }
    }

    fn advance(&mut self, place: usize) {
        let done = match self.task {
            Task::Echo => self.echo(place),
            Task::FanOut => self.fan_out(place),
        };
        if done.is_err() {
            self.connections[place] = None;
            self.members.retain(|member| *member != place);
            self.free.push(place);
        }
    }

    fn echo(&mut self, place: usize) -> io::Result<()> {
        let Some(connection) = &mut self.connections[place] else { return Ok(()) };
        // What has not gone out holds up what comes in.
        while connection.flush()? {
            let Some(count) = connection.read(&mut self.buffer)? else { break };
            connection.write(&self.buffer[..count])?;
            if count < self.buffer.len() {
                break;
            }
        }
        Ok(())
    }

    fn fan_out(&mut self, place: usize) -> io::Result<()> {
        let Some(connection) = &mut self.connections[place] else { return Ok(()) };
        connection.flush()?;
        let Some(count) = connection.read(&mut self.buffer)? else { return Ok(()) };
        let bytes = &self.buffer[..count];
        if bytes == JOIN {
            self.members.push(place);
            return connection.write(OK);
        }
        for member in &self.members {
            if let Some(connection) = &mut self.connections[*member] {
                // One that has gone is told by an event of its own.
                let _ = connection.write(bytes);
            }
        }
        Ok(())
    }
}

impl Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.socket.read(buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.waiting.extend(bytes);
            return Ok(());
        }
        let count = match self.socket.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            result => result?,
        };
        self.waiting.extend(&bytes[count..]);
        Ok(())
    }

    /// Tells whether nothing waits any more.
    fn flush(&mut self) -> io::Result<bool> {
        while self.taken < self.waiting.len() {
            match self.socket.write(&self.waiting[self.taken..]) {
                Ok(count) => self.taken += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.waiting.clear();
        self.taken = 0;
        Ok(true)
    }
}
