//! How to connect.

use std::fmt;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ws_core::Client;

use super::dial::{Within, dial};
use super::error::{ConnectError, Stage};
use super::handshake::{Opened, Request, open};
use super::proxy::{Proxy, ProxyError};
use super::response::Response;
use super::stream::{Either, Stream};
use super::url::{Security, Url};
use crate::deflate::Compression;
use crate::socket::{Masks, Settings, WebSocket, is_timeout, millis};
use crate::tls::{ClientTls, Identity, Roots, TlsError};

/// How to connect; one connector serves any number of connections.
///
/// ```no_run
/// use std::time::Duration;
/// use ws_std::client::Connector;
///
/// let connector = Connector::new()
///     .header("Authorization", "Bearer x")
///     .subprotocols(["v2.chat", "v1.chat"])
///     .connect_timeout(Duration::from_secs(3))
///     .heartbeat(Duration::from_secs(30), Duration::from_secs(10));
/// let mut socket = connector.connect("wss://example.com/chat")?;
/// assert_eq!(socket.subprotocol(), Some("v2.chat"));
/// # Ok::<(), ws_std::client::ConnectError>(())
/// ```
#[derive(Clone)]
pub struct Connector {
    headers: Vec<(String, String)>,
    subprotocols: Vec<String>,
    proxy: Option<String>,
    /// Those of the system, if none.
    roots: Option<Roots>,
    identity: Option<Identity>,
    /// Made of the two above when the first connection needs it.
    tls: OnceLock<ClientTls>,
    connect_timeout: Duration,
    handshake_timeout: Duration,
    write_timeout: Option<Duration>,
    settings: Settings,
}

impl Connector {
    /// 10 s to connect and 10 s for each handshake, messages of up to 16 MiB, the system's root
    /// certificates, no proxy, no heartbeat.
    pub fn new() -> Self {
        Self {
            headers: Vec::new(),
            subprotocols: Vec::new(),
            proxy: None,
            roots: None,
            identity: None,
            tls: OnceLock::new(),
            connect_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            write_timeout: None,
            settings: Settings::DEFAULT,
        }
    }

    /// Sends this header with the request, too.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Offers these subprotocols, the best first.
    #[must_use]
    pub fn subprotocols<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.subprotocols = names.into_iter().map(Into::into).collect();
        self
    }

    /// How long resolving the name and connecting may take, all addresses together.
    #[must_use]
    pub const fn connect_timeout(mut self, within: Duration) -> Self {
        self.connect_timeout = within;
        self
    }

    /// How long the handshakes may take, from the connection to the open WebSocket: the proxy's,
    /// that of TLS, and the opening one.
    #[must_use]
    pub const fn handshake_timeout(mut self, within: Duration) -> Self {
        self.handshake_timeout = within;
        self
    }

    /// How long a call of [`WebSocket::receive`] waits for a message; for ever, if not told.
    #[must_use]
    pub const fn read_timeout(mut self, within: Duration) -> Self {
        self.settings.read_timeout = Some(within);
        self
    }

    /// How long a peer that does not read may make us wait: then sending fails, and the connection
    /// is of no more use. For ever, if not told.
    #[must_use]
    pub const fn write_timeout(mut self, within: Duration) -> Self {
        self.write_timeout = Some(within);
        self
    }

    /// How long the peer may take to answer our Close: 5 s, if not told.
    #[must_use]
    pub fn close_timeout(mut self, within: Duration) -> Self {
        self.settings.timing.close_within = millis(within);
        self
    }

    /// Asks with a Ping every so often whether the server is there, and gives up when no Pong comes
    /// in time: `receive` ends with [`Expired::Heartbeat`](ws_core::connection::Expired::Heartbeat).
    ///
    /// The clocks run while `receive` waits.
    #[must_use]
    pub fn heartbeat(mut self, every: Duration, within: Duration) -> Self {
        self.settings.timing.ping_every = Some(millis(every));
        self.settings.timing.pong_within = millis(within);
        self
    }

    /// How large a message may be, inclusive; a larger one is refused with 1009.
    #[must_use]
    pub const fn max_message(mut self, bytes: u64) -> Self {
        self.settings.max_message = bytes;
        self
    }

    /// Offers to compress messages (permessage-deflate, RFC 7692); a server may decline.
    #[must_use]
    pub const fn compression(mut self, compression: Compression) -> Self {
        self.settings.compression = Some(compression);
        self
    }

    /// Goes through an HTTP proxy: `http://user:password@host:port`.
    #[must_use]
    pub fn proxy(mut self, address: &str) -> Self {
        self.proxy = Some(address.to_owned());
        self
    }

    /// Whose word is taken for who the server is: that of these roots, not of the system's.
    #[must_use]
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self.tls = OnceLock::new();
        self
    }

    /// Shows this certificate to a server that asks for one.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self.tls = OnceLock::new();
        self
    }

    /// Connects to a `ws` or `wss` address.
    ///
    /// # Errors
    ///
    /// Why there is no connection.
    pub fn connect(&self, url: &str) -> Result<WebSocket<Stream>, ConnectError> {
        self.connect_and_see(url).map(|(socket, _)| socket)
    }

    /// The same, and shows the server's answer with all of its headers.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_and_see(
        &self,
        url: &str,
    ) -> Result<(WebSocket<Stream>, Response), ConnectError> {
        let url = Url::parse(url)?;
        let proxy = self.proxy.as_deref().map(Proxy::parse).transpose().map_err(ProxyError::Url)?;
        let tls = match url.security {
            Security::Plain => None,
            Security::Tls => Some(self.tls()?),
        };
        let (host, port) = proxy
            .as_ref()
            .map_or((url.host.as_str(), url.port), |proxy| (proxy.host.as_str(), proxy.port));
        let socket = dial(host, port, Instant::now() + self.connect_timeout)?;
        let by = Instant::now() + self.handshake_timeout;
        if let Some(proxy) = proxy {
            proxy.tunnel(Within::new(&socket, &socket, by), &url)?;
        }
        let mut stream = secure(&url, tls, &socket, by)?;
        let opened = self.ask(&url, &mut Within::new(&mut stream, &socket, by))?;
        socket.set_read_timeout(None).map_err(ConnectError::Io)?;
        socket.set_write_timeout(self.write_timeout).map_err(ConnectError::Io)?;
        let secure = match &stream.0 {
            Either::Plain(_) => None,
            Either::Tls(tls) => {
                Some(tls.control(Box::new(socket.try_clone().map_err(ConnectError::Io)?)))
            }
        };
        let (websocket, response) = self.take_over(stream, opened)?;
        Ok((
            match secure {
                Some(control) => websocket.controlled_by(control),
                None => websocket.controlled_by(socket),
            },
            response,
        ))
    }

    /// Opens a WebSocket over a stream that is connected already, whatever it is; it is encrypted
    /// by the caller if the address says `wss`. No deadline is kept but those of the stream: see
    /// [`WebSocket::controlled_by`].
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_over<S: Read + Write>(
        &self,
        mut stream: S,
        url: &str,
    ) -> Result<WebSocket<S>, ConnectError> {
        let url = Url::parse(url)?;
        let opened = self.ask(&url, &mut stream)?;
        self.take_over(stream, opened).map(|(socket, _)| socket)
    }

    fn tls(&self) -> Result<ClientTls, TlsError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let roots = self.roots.clone().map_or_else(Roots::platform, Ok)?;
        let mut tls = ClientTls::new(roots)?;
        if let Some(identity) = &self.identity {
            tls = tls.with_identity(identity);
        }
        Ok(self.tls.get_or_init(|| tls).clone())
    }

    fn ask(&self, url: &Url, stream: &mut (impl Read + Write)) -> Result<Opened, ConnectError> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let subprotocols: Vec<_> = self.subprotocols.iter().map(String::as_str).collect();
        let request = Request {
            host: &url.host_header(),
            target: &url.target,
            subprotocols: &subprotocols,
            headers: &headers,
            deflate: self.settings.compression.map(|compression| compression.offer()),
        };
        open(stream, &request)
    }

    fn take_over<S: Read + Write>(
        &self,
        stream: S,
        opened: Opened,
    ) -> Result<(WebSocket<S>, Response), ConnectError> {
        let Opened { subprotocol, agreed, response, already } = opened;
        let subprotocol = subprotocol.and_then(|index| self.subprotocols.get(index)).cloned();
        let role = Client(Masks::new().map_err(ConnectError::Io)?);
        let socket = WebSocket::new(stream, role, &self.settings, &already, subprotocol, agreed);
        Ok((socket, response))
    }
}

fn secure(
    url: &Url,
    tls: Option<ClientTls>,
    socket: &TcpStream,
    by: Instant,
) -> Result<Stream, ConnectError> {
    let own = socket.try_clone().map_err(ConnectError::Io)?;
    let Some(tls) = tls else { return Ok(Stream(Either::Plain(own))) };
    match tls.connect_within(&url.host, Within::new(socket, socket, by), own) {
        Ok(stream) => Ok(Stream(Either::Tls(Box::new(stream)))),
        Err(TlsError::Io(error)) if is_timeout(&error) => Err(ConnectError::TimedOut(Stage::Tls)),
        Err(error) => Err(error.into()),
    }
}

impl Default for Connector {
    fn default() -> Self {
        Self::new()
    }
}

/// Neither headers, nor subprotocols, which some put tokens into, nor the proxy's password.
impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("headers", &self.headers.len())
            .field("subprotocols", &self.subprotocols.len())
            .field("roots", &self.roots)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
