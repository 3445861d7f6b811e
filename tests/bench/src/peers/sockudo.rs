//! sockudo-ws, as its examples show it, with compression.

use bytes::{Buf, BytesMut};
use futures_util::{SinkExt, StreamExt};
use sockudo_ws::deflate::{DeflateConfig, negotiate_server_deflate};
use sockudo_ws::handshake::{build_response, generate_accept_key, parse_request};
use sockudo_ws::protocol::Message;
use sockudo_ws::{CompressedWebSocketStream, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Setup;
use super::runtime::{Service, Stream, run};
use crate::Result;

pub(super) fn serve(setup: &Setup) -> Result<()> {
    run(setup, Sockudo)
}

#[derive(Clone)]
struct Sockudo;

impl Service for Sockudo {
    async fn serve<S: Stream>(self, mut stream: S) -> Result<()> {
        let mut arrived = BytesMut::with_capacity(4096);
        let deflate = loop {
            if stream.read_buf(&mut arrived).await? == 0 {
                return Ok(());
            }
            if let Some((request, consumed)) = parse_request(&arrived)? {
                let policy = DeflateConfig::default();
                let agreed =
                    request.extensions.and_then(|it| negotiate_server_deflate(it, &policy));
                let agreed = agreed.ok_or("compression was not offered")?;
                let key = generate_accept_key(request.key);
                let response = build_response(&key, None, Some(&agreed.to_response_header()));
                stream.write_all(&response).await?;
                arrived.advance(consumed);
                break agreed.config;
            }
        };
        let config = Config::default();
        let leftover = Some(arrived.freeze());
        let mut socket =
            CompressedWebSocketStream::server_with_leftover(stream, config, deflate, leftover);
        while let Some(message) = socket.next().await {
            let message = message?;
            if matches!(message, Message::Text(_) | Message::Binary(_)) {
                socket.send(message).await?;
            }
        }
        Ok(())
    }
}
