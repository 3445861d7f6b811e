//! edge-ws: frames alone, behind the handshake of edge-http. Pings and Close are answered by hand.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use edge_http::io::Error as HttpError;
use edge_http::io::server::Connection;
use edge_http::ws::MAX_BASE64_KEY_RESPONSE_LEN;
use edge_ws::FrameType;
use edge_ws::io::{Error as FrameError, recv, send};
use ws_cost_firmware::{Cut, Echo, MESSAGE, Wire, block_on, measure};

const HEAD: usize = 512;

/// Of no interest here; a reason that is kept would be paid for.
struct Failed;

impl From<HttpError<Cut>> for Failed {
    fn from(_: HttpError<Cut>) -> Self {
        Self
    }
}

impl From<FrameError<Cut>> for Failed {
    fn from(_: FrameError<Cut>) -> Self {
        Self
    }
}

#[entry]
fn main() -> ! {
    static mut HEADERS: [u8; HEAD] = [0; HEAD];
    static mut MEMORY: [u8; MESSAGE] = [0; MESSAGE];
    measure(Echo::Messages, HEAD + MESSAGE, |wire| run(wire, HEADERS, MEMORY))
}

#[inline(never)]
fn run(wire: &mut Wire<'_>, head: &mut [u8], memory: &mut [u8]) -> usize {
    let future = serve(wire, head, memory);
    let state = size_of_val(&future);
    let _ = block_on(future);
    state
}

async fn serve(wire: &mut Wire<'_>, head: &mut [u8], memory: &mut [u8]) -> Result<(), Failed> {
    let mut http = Connection::<_, 16>::new(head, wire).await?;
    if !http.is_ws_upgrade_request()? {
        return Ok(http.initiate_response(426, None, &[]).await?);
    }
    http.initiate_ws_upgrade_response(&mut [0; MAX_BASE64_KEY_RESPONSE_LEN]).await?;
    http.complete().await?;
    let socket = http.unbind()?;
    loop {
        let (kind, len) = recv(&mut *socket, memory).await?;
        let payload = memory.get(..len).unwrap_or_default();
        match kind {
            FrameType::Ping => send(&mut *socket, FrameType::Pong, None, payload).await?,
            FrameType::Pong => {}
            kind => send(&mut *socket, kind, None, payload).await?,
        }
        if kind == FrameType::Close {
            return Ok(());
        }
    }
}
