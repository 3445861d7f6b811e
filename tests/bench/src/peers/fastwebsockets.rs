//! fastwebsockets, as its examples show it.

use std::convert::Infallible;

use bytes::Bytes;
use fastwebsockets::upgrade::{UpgradeFut, upgrade};
use fastwebsockets::{
    FragmentCollector, FragmentCollectorRead, Frame, OpCode, Payload, WebSocketError,
    WebSocketWrite,
};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWrite;
use tokio::sync::broadcast::{Receiver, Sender};

use super::cork::Corked;
use super::runtime::{Service, Stream, run};
use super::{Setup, Task};
use crate::Result;

/// Longer than the longest message.
const MAX_MESSAGE: usize = 64 << 20;
/// As many messages may wait for the slowest member.
const ROOM_BACKLOG: usize = 1024;

pub(super) fn serve(setup: &Setup) -> Result<()> {
    let task = match setup.task {
        Task::Echo => Does::Echo,
        Task::FanOut => Does::FanOut(Sender::new(ROOM_BACKLOG)),
    };
    run(setup, AsDocumented(task))
}

pub(super) fn serve_corked(setup: &Setup) -> Result<()> {
    run(setup, Gathered)
}

#[derive(Clone)]
enum Does {
    Echo,
    FanOut(Sender<Bytes>),
}

#[derive(Clone)]
struct AsDocumented(Does);

impl Service for AsDocumented {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        over_hyper(stream, self.0).await
    }
}

#[derive(Clone)]
struct Gathered;

impl Service for Gathered {
    async fn serve<S: Stream>(self, stream: S) -> Result<()> {
        over_hyper(Corked::new(stream), Does::Echo).await
    }
}

async fn over_hyper<S: Stream>(stream: S, task: Does) -> Result<()> {
    let service = service_fn(move |request| answer(request, task.clone()));
    let io = TokioIo::new(stream);
    Ok(http1::Builder::new().serve_connection(io, service).with_upgrades().await?)
}

async fn answer(
    mut request: Request<Incoming>,
    task: Does,
) -> std::result::Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgraded) = upgrade(&mut request)?;
    tokio::spawn(tokio::task::unconstrained(async move {
        match task {
            Does::Echo => echo(upgraded).await,
            Does::FanOut(room) => fan_out(upgraded, room).await,
        }
    }));
    Ok(response)
}

async fn echo(upgraded: UpgradeFut) -> std::result::Result<(), WebSocketError> {
    let mut socket = upgraded.await?;
    socket.set_max_message_size(MAX_MESSAGE);
    let mut socket = FragmentCollector::new(socket);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            _ => {}
        }
    }
}

async fn fan_out(
    upgraded: UpgradeFut,
    room: Sender<Bytes>,
) -> std::result::Result<(), WebSocketError> {
    let (reader, writer) = upgraded.await?.split(tokio::io::split);
    let mut reader = FragmentCollectorRead::new(reader);
    let mut writer = Some(writer);
    loop {
        let frame = reader.read_frame(&mut |_| async { Ok::<_, Infallible>(()) }).await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text if &*frame.payload == b"JOIN" => {
                if let Some(writer) = writer.take() {
                    // A task of its own: the reading of a frame may not be given up half way.
                    tokio::spawn(tokio::task::unconstrained(deliver(writer, room.subscribe())));
                }
            }
            OpCode::Text => drop(room.send(Bytes::copy_from_slice(&frame.payload))),
            _ => {}
        }
    }
}

async fn deliver<S: AsyncWrite + Unpin>(
    mut writer: WebSocketWrite<S>,
    mut messages: Receiver<Bytes>,
) -> std::result::Result<(), WebSocketError> {
    writer.write_frame(Frame::text(Payload::Borrowed(b"OK"))).await?;
    // A member that has fallen behind, or a room that is gone, ends it.
    while let Ok(message) = messages.recv().await {
        writer.write_frame(Frame::text(Payload::Borrowed(&message))).await?;
    }
    Ok(())
}
