//! tokio-websockets, as its examples show it.

use futures_util::{SinkExt, StreamExt};
use tokio_websockets::{Config, Limits, ServerBuilder};

use super::Setup;
use super::cork::Corked;
use super::runtime::{Service, Stream, run};
use crate::Result;

pub(super) fn serve(setup: &Setup) -> Result<()> {
    run(setup, AsDocumented)
}

pub(super) fn serve_corked(setup: &Setup) -> Result<()> {
    run(setup, Gathered)
}

#[derive(Clone)]
struct AsDocumented;

impl Service for AsDocumented {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        echo(stream).await
    }
}

#[derive(Clone)]
struct Gathered;

impl Service for Gathered {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        echo(Corked::new(stream)).await
    }
}

async fn echo<S: Stream>(stream: S) -> Result<()> {
    let (_, mut socket) = ServerBuilder::new()
        .config(Config::default().frame_size(usize::MAX))
        .limits(Limits::unlimited())
        .accept(stream)
        .await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
