//! From a name to a connected socket, within a deadline.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::error::{ConnectError, Stage};

/// Connects to one of the host's addresses, in the resolver's order. None of them may take the time
/// that others need.
pub(super) fn dial(host: &str, port: u16, by: Instant) -> Result<TcpStream, ConnectError> {
    let addresses = resolve(host, port, by)?;
    let mut last = None;
    for (index, address) in addresses.iter().enumerate() {
        let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let Some(left) = left(by) else { break };
        match TcpStream::connect_timeout(address, (left / others).max(Duration::from_millis(1))) {
            Ok(stream) => {
                // Small frames shall not wait for an answer to the last.
                stream.set_nodelay(true).map_err(ConnectError::Connect)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) if left(by).is_some() && !is_slow(&error) => Err(ConnectError::Connect(error)),
        _ => Err(ConnectError::TimedOut(Stage::Connect)),
    }
}

fn is_slow(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

/// The system's resolver knows no deadline: it is asked in another thread, which ends when it has
/// an answer, whether or not somebody waits for that.
fn resolve(host: &str, port: u16, by: Instant) -> Result<Vec<SocketAddr>, ConnectError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (tell, told) = mpsc::sync_channel(1);
    let host = host.to_owned();
    let ask = move || {
        let addresses = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        let _ = tell.send(addresses);
    };
    thread::Builder::new()
        .name(String::from("resolver"))
        .spawn(ask)
        .map_err(ConnectError::Resolve)?;
    let addresses = told
        .recv_timeout(left(by).unwrap_or_default())
        .map_err(|_| ConnectError::TimedOut(Stage::Resolve))?
        .map_err(ConnectError::Resolve)?;
    if addresses.is_empty() {
        return Err(ConnectError::Resolve(io::ErrorKind::NotFound.into()));
    }
    Ok(addresses)
}

/// How much time is left; none if it is over.
pub(super) fn left(by: Instant) -> Option<Duration> {
    Some(by.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// A socket whose every call ends by the same deadline, however many there are: a server that sends
/// a byte now and then wins no time.
pub(super) struct Within<'a, S> {
    stream: S,
    socket: &'a TcpStream,
    by: Instant,
}

impl<'a, S> Within<'a, S> {
    pub(super) const fn new(stream: S, socket: &'a TcpStream, by: Instant) -> Self {
        Self { stream, socket, by }
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        left(self.by).map(Some).ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}

impl<S: Read> Read for Within<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        self.stream.read(into)
    }
}

impl<S: Write> Write for Within<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
