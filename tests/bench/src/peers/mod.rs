//! The servers that are measured, each as its own documentation shows it, and where it gains from
//! it, once more with its writes gathered.

mod cork;
mod fastwebsockets;
mod ours;
mod raw;
mod runtime;
mod sockudo;
mod threads;
mod tokio_tungstenite;
mod tokio_websockets;
mod yawc;

use std::net::{SocketAddr, TcpListener};

use crate::Result;

/// What a server does with a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Echo,
    /// `JOIN` makes a connection a member and is answered by `OK`; any other text goes to all
    /// members.
    FanOut,
}

/// How a server is started.
pub(crate) struct Setup {
    pub(crate) address: SocketAddr,
    pub(crate) task: Task,
    /// The paths of the certificate and of its key.
    pub(crate) tls: Option<(String, String)>,
}

/// A server that this program contains. All of them echo in the clear; what else one knows, it
/// says here, and is left out of the tables that ask for more.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) serve: fn(&Setup) -> Result<()>,
    pub(crate) fans_out: bool,
    pub(crate) speaks_tls: bool,
    /// It is there for the table of compression, and for that alone.
    pub(crate) compresses: bool,
}

/// The ceiling, to which all others are compared that do not compress.
pub(crate) const RAW: &str = "raw-epoll";

/// The one that the others who compress are compared to.
pub(crate) const OURS_COMPRESSED: &str = "ours-fast";

/// In the order of the tables.
pub(crate) const PEERS: &[Peer] = &[
    peer(RAW, raw::serve).in_rooms(),
    peer("ours", ours::serve).in_rooms().under_tls(),
    peer("fastwebsockets", fastwebsockets::serve).in_rooms().under_tls(),
    peer("fastwebsockets-corked", fastwebsockets::serve_corked).under_tls(),
    peer("tokio-websockets", tokio_websockets::serve).under_tls(),
    peer("tokio-websockets-corked", tokio_websockets::serve_corked).under_tls(),
    peer("tokio-tungstenite", tokio_tungstenite::serve).under_tls(),
    peer("tokio-tungstenite-batched", tokio_tungstenite::serve_batched).in_rooms().under_tls(),
    peer("tungstenite-threads", threads::serve),
    peer(OURS_COMPRESSED, ours::serve_fast).compressing(),
    peer("ours-level-6", ours::serve_usual).compressing(),
    peer("yawc", yawc::serve).compressing(),
    peer("sockudo-ws", sockudo::serve).compressing(),
];

/// One that echoes in the clear, and knows no more than that.
const fn peer(name: &'static str, serve: fn(&Setup) -> Result<()>) -> Peer {
    Peer { name, serve, fans_out: false, speaks_tls: false, compresses: false }
}

impl Peer {
    const fn in_rooms(self) -> Self {
        Self { fans_out: true, ..self }
    }

    const fn under_tls(self) -> Self {
        Self { speaks_tls: true, ..self }
    }

    /// One that is there for the table of compression alone.
    const fn compressing(self) -> Self {
        Self { compresses: true, ..self }
    }
}

pub(crate) fn named(name: &str) -> Option<&'static Peer> {
    PEERS.iter().find(|peer| peer.name == name)
}

/// Begins to listen, and says where, as every measured server has to.
fn listen(setup: &Setup) -> Result<TcpListener> {
    let listener = TcpListener::bind(setup.address)?;
    let scheme = if setup.tls.is_some() { "wss" } else { "ws" };
    println!("listening on {scheme}://{}", listener.local_addr()?);
    Ok(listener)
}
