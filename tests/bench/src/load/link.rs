//! A connection of the load generator, in the clear or under TLS.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use crate::sys;

/// How to reach a server.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

pub(crate) struct Link {
    socket: TcpStream,
    tls: Option<Box<ClientConnection>>,
}

/// What all connections read into: one thread serves them one after another.
pub(crate) struct Scratch {
    wire: Vec<u8>,
    plain: Vec<u8>,
}

const SCRATCH_BYTES: usize = 256 << 10;

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { wire: vec![0; SCRATCH_BYTES], plain: vec![0; SCRATCH_BYTES] }
    }
}

impl Link {
    pub(crate) fn connect(target: &Target) -> io::Result<Self> {
        let socket = TcpStream::connect(target.address)?;
        let tls = target.tls.as_ref().map(|config| {
            let name = ServerName::from(target.address.ip());
            let mut tls = ClientConnection::new(Arc::clone(config), name)?;
            tls.set_buffer_limit(None);
            Ok::<_, rustls::Error>(Box::new(tls))
        });
        Ok(Self { socket, tls: tls.transpose().map_err(io::Error::other)? })
    }

    pub(crate) fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// Whether the connection stands; an error if it has failed.
    pub(crate) fn is_connected(&self) -> io::Result<bool> {
        match self.socket.take_error()? {
            Some(error) => Err(error),
            None => Ok(self.socket.peer_addr().is_ok()),
        }
    }

    /// To be called once it stands.
    pub(crate) fn set_up(&self) -> io::Result<()> {
        sys::end_with_a_reset(&self.socket);
        self.socket.set_nodelay(true)
    }

    /// Hands over all that has arrived.
    pub(crate) fn receive(
        &mut self,
        scratch: &mut Scratch,
        mut sink: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        loop {
            let Some(count) = progress(self.socket.read(&mut scratch.wire))? else { return Ok(()) };
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match &mut self.tls {
                None => sink(&scratch.wire[..count])?,
                Some(tls) => {
                    decrypt(tls, &scratch.wire[..count], &mut scratch.plain, &mut sink)?;
                    // What the handshake answers.
                    flush(tls, &mut self.socket)?;
                }
            }
            // A short read has emptied the socket: the next bytes are a new event.
            if count < scratch.wire.len() {
                return Ok(());
            }
        }
    }

    /// Sends what the socket takes, and tells how much that was.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => Ok(progress(self.socket.write(bytes))?.unwrap_or(0)),
            Some(tls) => {
                if !flush(tls, &mut self.socket)? {
                    return Ok(0);
                }
                let count = tls.writer().write(bytes)?;
                flush(tls, &mut self.socket)?;
                Ok(count)
            }
        }
    }

    /// Sends what TLS still has to say. Tells whether nothing is left.
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        match &mut self.tls {
            None => Ok(true),
            Some(tls) => flush(tls, &mut self.socket),
        }
    }
}

fn decrypt(
    tls: &mut ClientConnection,
    mut wire: &[u8],
    plain: &mut [u8],
    sink: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    while !wire.is_empty() {
        tls.read_tls(&mut wire)?;
        tls.process_new_packets().map_err(io::Error::other)?;
        while let Some(count @ 1..) = progress(tls.reader().read(plain))? {
            sink(&plain[..count])?;
        }
    }
    Ok(())
}

fn flush(tls: &mut ClientConnection, socket: &mut TcpStream) -> io::Result<bool> {
    while tls.wants_write() {
        if progress(tls.write_tls(socket))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `None` if the socket would have to wait.
fn progress<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(None),
        Err(error) => Err(error),
    }
}
