//! The way to a server of this host.

use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

use device_drive::Way;

use super::socket::Socket;

/// A port of the loopback. The standard library has no connect that does not wait: a thread waits in it.
pub(super) struct Line {
    port: u16,
    connecting: Option<Receiver<Socket>>,
}

impl Line {
    pub(super) const fn new(port: u16) -> Self {
        Self { port, connecting: None }
    }
}

impl Way for Line {
    type Stream = Socket;

    fn dial(&mut self) {
        let (tell, told) = channel();
        let address = (Ipv4Addr::LOCALHOST, self.port);
        // It ends with the system's patience. Whoever no longer waits for it drops what it tells.
        thread::spawn(move || {
            let socket = TcpStream::connect(address).and_then(Socket::new);
            socket.map(|socket| tell.send(socket))
        });
        self.connecting = Some(told);
    }

    fn dialed(&mut self) -> Option<Option<Socket>> {
        match self.connecting.as_ref()?.try_recv() {
            Err(TryRecvError::Empty) => None,
            // It has ended without a socket.
            dialed => Some(dialed.ok()),
        }
    }
}
