//! yawc over hyper, as its documentation shows it, with compression.

use futures_util::{SinkExt, StreamExt};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use yawc::frame::OpCode;
use yawc::{CompressionLevel, Options, WebSocket};

use super::Setup;
use super::runtime::{Service, Stream, run};
use crate::{Error, Result};

pub(super) fn serve(setup: &Setup) -> Result<()> {
    run(setup, Yawc)
}

#[derive(Clone)]
struct Yawc;

impl Service for Yawc {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service_fn(upgrade))
            .with_upgrades()
            .await?;
        Ok(())
    }
}

async fn upgrade(
    mut request: Request<Incoming>,
) -> Result<Response<http_body_util::Empty<bytes::Bytes>>> {
    let options =
        Options::default().with_compression_level(CompressionLevel::default()).with_utf8();
    let (response, socket) = WebSocket::upgrade_with_options(&mut request, options)?;
    tokio::spawn(async move {
        let mut socket = socket.await?;
        while let Some(frame) = socket.next().await {
            if matches!(frame.opcode(), OpCode::Text | OpCode::Binary) {
                socket.send(frame).await?;
            }
        }
        Ok::<(), Error>(())
    });
    Ok(response)
}
