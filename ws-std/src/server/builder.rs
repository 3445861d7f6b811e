//! A server, before it runs.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use ws_core::connection::Timing;

use super::accept::{Listener, ListeningSocket, MOST_LISTENERS};
use super::config::{Config, Limits, Subprotocol, Threads};
use super::engine::Engine;
use super::gate::Gate;
use super::{Server, start};
use crate::actor::{Actors, Framing, Handler, System};
use crate::clock::Clock;
use crate::deflate::Compression;
use crate::forwarded::Trusted;
use crate::http::Routes;
use crate::metrics::{Metrics, Observed};
use crate::origin::Origins;
use crate::pool::Pool;
use crate::rooms::{Directory, Rooms};
#[cfg(unix)]
use crate::sys::{self, Inherited};
use crate::tls::ServerTls;

/// A server that is told where to listen, and what is to be otherwise than usual.
///
/// ```
/// use std::time::Duration;
/// use ws_core::connection::{Millis, Timing};
/// use ws_std::{Drain, Limits, Origins, Server, Threads};
///
/// let echo = ws_std::on_message(|ctx, message| {
///     ctx.send(message);
/// });
/// let server = Server::builder(echo)
///     .listen("127.0.0.1:0")?
///     .threads(Threads::Fixed(2))
///     .limits(Limits { message: 64 * 1024, connections: Some(1000), ..Limits::default() })
///     .timing(Timing { ping_every: Some(Millis::seconds(20)), ..Timing::DEFAULT })
///     .origins(Origins::Listed(vec!["https://example.com".into()]))
///     .start()?;
/// let drained = server.drain(Drain::quick());
/// assert_eq!(drained.cut, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a builder does nothing until it starts the server"]
pub struct Builder<H: Handler> {
    handler: H,
    listeners: Vec<Listener>,
    addresses: Vec<SocketAddr>,
    config: Config,
    clock: Clock,
}

impl<H: Handler> Builder<H> {
    pub(super) fn new(handler: H) -> Self {
        Self {
            handler,
            listeners: vec![],
            addresses: vec![],
            config: Config::default(),
            clock: Clock::system(),
        }
    }

    /// Listens at this address, too.
    ///
    /// # Errors
    ///
    /// What the system says about it, and about which address.
    pub fn listen(self, address: impl ToSocketAddrs) -> io::Result<Self> {
        self.listen_on(bind(address)?)
    }

    /// Listens at this address, too, for TLS.
    ///
    /// # Errors
    ///
    /// What the system says about it, and about which address.
    pub fn listen_tls(self, address: impl ToSocketAddrs, tls: ServerTls) -> io::Result<Self> {
        self.listen_tls_on(bind(address)?, tls)
    }

    /// Takes connections from this listener, too.
    ///
    /// # Errors
    ///
    /// What the system says about it.
    pub fn listen_on(self, listener: TcpListener) -> io::Result<Self> {
        self.add_tcp(listener, None)
    }

    /// The same for TLS.
    ///
    /// # Errors
    ///
    /// What the system says about it.
    pub fn listen_tls_on(self, listener: TcpListener, tls: ServerTls) -> io::Result<Self> {
        self.add_tcp(listener, Some(tls))
    }

    /// Listens on a Unix socket at this path, too. A socket that nobody listens on any more must be
    /// removed by whoever made it.
    ///
    /// # Errors
    ///
    /// What the system says about it.
    #[cfg(unix)]
    pub fn listen_unix(self, path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        self.listen_unix_on(UnixListener::bind(path)?)
    }

    /// Takes connections from this listener, too.
    ///
    /// # Errors
    ///
    /// What the system says about it.
    #[cfg(unix)]
    pub fn listen_unix_on(mut self, listener: UnixListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let socket = ListeningSocket::Unix(mio::net::UnixListener::from_std(listener));
        self.listeners.push(Listener { socket, tls: None, proxy: false });
        Ok(self)
    }

    /// Takes connections from every TCP and Unix listener that the service manager has passed
    /// (systemd's `LISTEN_FDS` and `LISTEN_PID`), too, in its order and without TLS. Other sockets
    /// that were passed are left alone.
    ///
    /// Listeners are passed once: this takes the variables out of the environment, which is no good
    /// time for another thread to read it from outside of Rust. So it belongs at the beginning of
    /// `main`.
    ///
    /// ```no_run
    /// let echo = ws_std::on_message(|ctx, message| {
    ///     ctx.send(message);
    /// });
    /// let server = ws_std::Server::builder(echo).listen_inherited()?.start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `NotFound` if no listener was passed, `InvalidInput` if a connection was passed instead (a
    /// socket unit with `Accept=yes`), or what the system says.
    #[cfg(unix)]
    pub fn listen_inherited(mut self) -> io::Result<Self> {
        let inherited = sys::inherited_listeners()?;
        if inherited.is_empty() {
            let error = "the service manager has passed no listener (LISTEN_FDS, LISTEN_PID)";
            return Err(io::Error::new(io::ErrorKind::NotFound, error));
        }
        for listener in inherited {
            self = match listener {
                Inherited::Tcp(listener) => self.listen_on(listener)?,
                Inherited::Unix(listener) => self.listen_unix_on(listener)?,
            };
        }
        Ok(self)
    }

    fn add_tcp(mut self, listener: TcpListener, tls: Option<ServerTls>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        self.addresses.push(listener.local_addr()?);
        let socket = ListeningSocket::Tcp(mio::net::TcpListener::from_std(listener));
        self.listeners.push(Listener { socket, tls, proxy: false });
        Ok(self)
    }

    /// Connections of the last listener begin with a PROXY header (version 1 or 2), that tells
    /// where the client really is. Whoever can connect there can claim to be anyone: only a proxy
    /// must.
    pub fn expect_proxy_header(mut self) -> Self {
        if let Some(last) = self.listeners.last_mut() {
            last.proxy = true;
        }
        self
    }

    /// How much is enough.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// How long is long enough.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.config.timing = timing;
        self
    }

    /// Which threads serve.
    pub fn threads(mut self, threads: Threads) -> Self {
        self.config.threads = threads;
        self
    }

    /// Whose pages may connect.
    pub fn origins(mut self, origins: Origins) -> Self {
        self.config.origins = origins;
        self
    }

    /// Which subprotocols the server speaks, the best first.
    pub fn subprotocols<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.config.subprotocols = names.into_iter().map(Into::into).collect();
        self
    }

    /// Whether a client must speak one of them.
    pub fn subprotocol(mut self, subprotocol: Subprotocol) -> Self {
        self.config.subprotocol = subprotocol;
        self
    }

    /// Whose word counts about where a client is (`X-Forwarded-For`) and what it asked for
    /// (`X-Forwarded-Host`).
    pub fn trust(mut self, proxies: Trusted) -> Self {
        self.config.trusted = proxies;
        self
    }

    /// What answers requests that are no upgrades.
    pub fn routes(mut self, routes: Routes) -> Self {
        self.config.routes = routes;
        self
    }

    /// Compresses messages for those who understand it (permessage-deflate, RFC 7692), and inflates
    /// theirs; nothing is compressed unless it is asked for here.
    ///
    /// With [`Compression::default`] a connection at rest costs what it does without. Do not compress
    /// what is secret together with what a stranger chose: the size tells of both.
    ///
    /// ```
    /// use ws_std::{Compression, Server};
    ///
    /// let echo = ws_std::on_message(|ctx, message| {
    ///     ctx.send(message);
    /// });
    /// let server = Server::builder(echo)
    ///     .listen("127.0.0.1:0")?
    ///     .compression(Compression::default())
    ///     .start()?;
    /// # server.drain(ws_std::Drain::quick());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn compression(mut self, compression: Compression) -> Self {
        self.config.compression = Some(compression);
        self
    }

    /// What time it is: for tests, a manual one.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// What the system says about threads and event queues, or that there is no listener.
    pub fn start(self) -> io::Result<Server> {
        if self.listeners.is_empty() || self.listeners.len() >= MOST_LISTENERS {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "how many listeners?"));
        }
        let Limits { outbox_low, outbox_high, .. } = self.config.limits;
        if outbox_low > outbox_high {
            let error = "the low mark of the outbox is above its high mark";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
        }
        if cfg!(panic = "abort") {
            tracing::warn!("built with panic=abort: a panic of a handler ends all connections");
        }
        let gate = Arc::new(Gate::new(&self.config.limits, self.config.threads));
        let metrics = Metrics::new();
        let directory = Directory::new(&self.config.limits).framed(Framing::of(&self.config));
        let directory = Arc::new(directory);
        let system = Arc::new(System::new(&self.config.limits));
        let Limits { blocking_threads, blocking_waiting, .. } = self.config.limits;
        let engine = Arc::new(Engine {
            handler: self.handler,
            pool: Pool::new(blocking_threads, blocking_waiting),
            config: Arc::new(self.config),
            gate: gate.clone(),
            system: system.clone(),
            directory: directory.clone(),
            metrics: metrics.clone(),
            clock: self.clock.clone(),
        });
        let (watched, pool) = (gate.clone(), engine.pool.clone());
        metrics.observe(move || Observed {
            retained_bytes: watched.retained() + watched.backlog(),
            blocking_waiting: pool.waiting(),
            state: watched.state() as u8,
        });
        let threads = start::start(&engine, self.listeners)?;
        tracing::info!(addresses = ?self.addresses, "listening");
        Ok(Server {
            addresses: self.addresses,
            gate,
            metrics,
            rooms: Rooms(directory),
            actors: Actors(system),
            clock: self.clock,
            threads,
        })
    }
}

/// A listener at this address. In the system's own words it is not said which one it was.
fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
    TcpListener::bind(&*addresses).map_err(|error| {
        let all: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
        io::Error::new(error.kind(), format!("{}: {error}", all.join(", ")))
    })
}

impl<H: Handler> fmt::Debug for Builder<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
