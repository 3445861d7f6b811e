//! The servers that are measured, each as its own documentation shows it, and where it gains from
//! it, once more with its writes gathered.

mod cork;
mod fastwebsockets;
mod ours;
mod raw;
mod runtime;
mod threads;
mod tokio_tungstenite;
mod tokio_websockets;

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
}

/// The ceiling, to which all others are compared.
pub(crate) const RAW: &str = "raw-epoll";

/// In the order of the tables.
pub(crate) const PEERS: &[Peer] = &[
    Peer { name: RAW, serve: raw::serve, fans_out: true, speaks_tls: false },
    Peer { name: "ours", serve: ours::serve, fans_out: true, speaks_tls: true },
    Peer { name: "fastwebsockets", serve: fastwebsockets::serve, fans_out: true, speaks_tls: true },
    Peer {
        name: "fastwebsockets-corked",
        serve: fastwebsockets::serve_corked,
        fans_out: false,
        speaks_tls: true,
    },
    Peer {
        name: "tokio-websockets",
        serve: tokio_websockets::serve,
        fans_out: false,
        speaks_tls: true,
    },
    Peer {
        name: "tokio-websockets-corked",
        serve: tokio_websockets::serve_corked,
        fans_out: false,
        speaks_tls: true,
    },
    Peer {
        name: "tokio-tungstenite",
        serve: tokio_tungstenite::serve,
        fans_out: false,
        speaks_tls: true,
    },
    Peer {
        name: "tokio-tungstenite-batched",
        serve: tokio_tungstenite::serve_batched,
        fans_out: true,
        speaks_tls: true,
    },
    Peer { name: "tungstenite-threads", serve: threads::serve, fans_out: false, speaks_tls: false },
];

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
