//! tokio-tungstenite, as its examples show it, and tuned.

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::sync::broadcast::Sender;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_async, accept_async_with_config};

use super::runtime::{Service, Stream, run};
use super::{Setup, Task};
use crate::Result;

/// Instead of 128 KiB for each connection.
const BUFFER: usize = 16 << 10;
/// As many messages may wait for the slowest member.
const ROOM_BACKLOG: usize = 1024;

pub(super) fn serve(setup: &Setup) -> Result<()> {
    run(setup, AsDocumented)
}

pub(super) fn serve_batched(setup: &Setup) -> Result<()> {
    match setup.task {
        Task::Echo => run(setup, Batched),
        Task::FanOut => run(setup, FanOut(Sender::new(ROOM_BACKLOG))),
    }
}

#[derive(Clone)]
struct AsDocumented;

impl Service for AsDocumented {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        let mut socket = accept_async(stream).await?;
        while let Some(message) = socket.next().await {
            let message = message?;
            if message.is_text() || message.is_binary() {
                socket.send(message).await?;
            }
        }
        Ok(())
    }
}

#[derive(Clone)]
struct Batched;

impl Service for Batched {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        let mut socket = accept_tuned(stream).await?;
        loop {
            let next = match socket.next().now_or_never() {
                Some(next) => next,
                // Nothing more to read now: what was gathered goes out.
                None => {
                    socket.flush().await?;
                    socket.next().await
                }
            };
            let Some(message) = next.transpose()? else { return Ok(()) };
            if message.is_text() || message.is_binary() {
                socket.feed(message).await?;
            }
        }
    }
}

#[derive(Clone)]
struct FanOut(Sender<Utf8Bytes>);

impl Service for FanOut {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        let mut socket = accept_tuned(stream).await?;
        loop {
            let Some(message) = socket.next().await.transpose()? else { return Ok(()) };
            match message {
                Message::Text(text) if text == "JOIN" => break,
                Message::Text(text) => drop(self.0.send(text)),
                _ => {}
            }
        }
        let mut messages = self.0.subscribe();
        socket.send(Message::text("OK")).await?;
        loop {
            tokio::select! {
                message = messages.recv() => {
                    socket.feed(Message::Text(message?)).await?;
                    while let Ok(message) = messages.try_recv() {
                        socket.feed(Message::Text(message)).await?;
                    }
                    socket.flush().await?;
                }
                message = socket.next() => match message.transpose()? {
                    Some(Message::Text(text)) => drop(self.0.send(text)),
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        }
    }
}

async fn accept_tuned<S: Stream>(stream: S) -> Result<WebSocketStream<S>> {
    let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    Ok(accept_async_with_config(stream, Some(config)).await?)
}
