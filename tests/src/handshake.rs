//! Opening handshakes over both drivers, with the input cut at every byte.

use ws_core::testing::{Failure, Script, WireFrame};
use ws_core::{Error, Server, aio, io};

use crate::run_until_stuck;
use crate::scene::scripts;

/// The nonce whose key is the RFC's example.
pub const NONCE: [u8; 16] = *b"the sample nonce";

/// What a server made of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The head of the response, and its body if it is no 101.
    pub response: String,
    /// What was said after a 101.
    pub frames: Vec<WireFrame>,
    /// How it ended.
    pub end: Option<Error<Failure>>,
}

/// Serves a client in every way, with a receive buffer of `rx` bytes, and tells what all of them
/// came to.
pub fn serve(rx: usize, input: impl AsRef<[u8]>) -> Served {
    let all = serve_all(rx, input.as_ref());
    let (written, end) = all.first().expect("a way").clone();
    for way in &all {
        assert_eq!((&way.0, &way.1), (&written, &end), "every way comes to the same");
    }
    let at = written.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
    let (head, behind) = written.split_at(at);
    let opened = head.starts_with(b"HTTP/1.1 101 ");
    let (response, frames) =
        if opened { (head, WireFrame::decode_all(behind)) } else { (&written[..], vec![]) };
    let response = String::from_utf8(response.to_vec()).expect("text");
    Served { response, frames, end }
}

/// What a server with a receive buffer of `rx` bytes writes to a client, in every way to drive it.
pub fn serve_in_every_way(rx: usize, input: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    serve_all(rx, input).into_iter().map(|(written, _)| written)
}

type Written = (Vec<u8>, Option<Error<Failure>>);

fn serve_all(rx: usize, input: &[u8]) -> Vec<Written> {
    let blocking = |script: Script| {
        let mut script = script;
        let opened = io::WebSocket::accept(&mut script, vec![0; rx], []);
        let end = opened.map_or_else(Some, echo_blocking);
        (script.written().to_vec(), end)
    };
    let asynchronous = |script: Script| {
        let mut script = script.hesitant();
        let end = run_until_stuck(async {
            match aio::WebSocket::accept(&mut script, vec![0; rx], []).await {
                Ok(socket) => echo_async(socket).await,
                Err(error) => Some(error),
            }
        });
        (script.written().to_vec(), end.expect("an end"))
    };
    let ways = scripts(input).into_iter();
    ways.flat_map(|script| [blocking(script.clone()), asynchronous(script)]).collect()
}

fn echo_blocking(
    mut socket: io::WebSocket<&mut Script, Server, Vec<u8>, [u8; 0]>,
) -> Option<Error<Failure>> {
    loop {
        let echoed = match socket.receive() {
            Ok(Some(message)) => message.echo(),
            Ok(None) => return None,
            Err(error) => Err(error),
        };
        if let Err(error) = echoed {
            return Some(error);
        }
    }
}

async fn echo_async(
    mut socket: aio::WebSocket<&mut Script, Server, Vec<u8>, [u8; 0]>,
) -> Option<Error<Failure>> {
    loop {
        let echoed = match socket.receive().await {
            Ok(Some(message)) => message.echo().await,
            Ok(None) => return None,
            Err(error) => Err(error),
        };
        if let Err(error) = echoed {
            return Some(error);
        }
    }
}

/// What a client made of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Which subprotocol was chosen, or why there is no WebSocket.
    pub result: Result<Option<usize>, Error<Failure>>,
    /// What the client has written: its request, and a Close that it sends once it is open.
    pub written: Vec<u8>,
    /// The first message behind the response.
    pub message: Option<Vec<u8>>,
}

/// Connects in every way to a server that answers so, offering these subprotocols; the nonce is
/// [`NONCE`].
pub fn connect(response: impl AsRef<[u8]>, subprotocols: &[&str]) -> Connected {
    let mut all = scripts(response.as_ref()).into_iter().flat_map(|script| {
        [connect_blocking(script.clone(), subprotocols), connect_async(script, subprotocols)]
    });
    let first = all.next().expect("a way");
    all.for_each(|way| assert_eq!(way, first, "every way comes to the same"));
    first
}

const HOST: &str = "example.com";
const TARGET: &str = "/chat";

fn entropy(bytes: &mut [u8]) {
    if bytes.len() == NONCE.len() { bytes.copy_from_slice(&NONCE) } else { bytes.fill(0x55) }
}

fn connect_blocking(mut script: Script, subprotocols: &[&str]) -> Connected {
    let connect = io::Connect { subprotocols, ..io::Connect::to(HOST, TARGET) };
    let opened = connect.open(&mut script, entropy, vec![0; 512], vec![0; 256], |_, _| {});
    let mut message = None;
    let result = opened.map(|(mut socket, subprotocol)| {
        message = socket.receive().ok().flatten().map(|message| message.bytes().to_vec());
        subprotocol
    });
    Connected { result, written: script.written().to_vec(), message }
}

fn connect_async(script: Script, subprotocols: &[&str]) -> Connected {
    let mut script = script.hesitant();
    let connect = aio::Connect { subprotocols, ..aio::Connect::to(HOST, TARGET) };
    let (result, message) = run_until_stuck(async {
        let opened = connect.open(&mut script, entropy, vec![0; 512], vec![0; 256], |_, _| {});
        match opened.await {
            Ok((mut socket, subprotocol)) => {
                let received = socket.receive().await.ok().flatten();
                (Ok(subprotocol), received.map(|message| message.bytes().to_vec()))
            }
            Err(error) => (Err(error), None),
        }
    })
    .expect("an end");
    Connected { result, written: script.written().to_vec(), message }
}
