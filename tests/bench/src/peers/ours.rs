//! ws-std, as its examples show it: nothing but the number of threads is other than usual.

use ws_std::tls::ServerTls;
use ws_std::{Compression, Level, Message, Server, Takeover, Threads, on_message};

use super::{Setup, Task, listen};
use crate::Result;

/// As one line turns compression on, but for takeover, which is the client's choice.
pub(super) fn serve_fast(setup: &Setup) -> Result<()> {
    serve_compressed(setup, Level::FAST)
}

/// As hard as others try who are not told.
pub(super) fn serve_usual(setup: &Setup) -> Result<()> {
    serve_compressed(setup, Level::new(6))
}

fn serve_compressed(setup: &Setup, level: Level) -> Result<()> {
    let compression = Compression {
        level,
        threshold: 0,
        send_takeover: Takeover::Keep,
        receive_takeover: Takeover::Keep,
        ..Compression::default()
    };
    let echo = on_message(|ctx, message| {
        ctx.send(message);
    });
    let builder = Server::builder(echo).threads(Threads::Fixed(1)).compression(compression);
    Ok(builder.listen_on(listen(setup)?)?.start()?.join()?)
}

pub(super) fn serve(setup: &Setup) -> Result<()> {
    let handler = match setup.task {
        Task::Echo => on_message(|ctx, message| {
            ctx.send(message);
        }),
        Task::FanOut => on_message(|ctx, message| match message {
            Message::Text(text) if *text == *"JOIN" => {
                let joined = ctx.join("all");
                ctx.send(if joined.is_ok() { "OK" } else { "no" });
            }
            message => {
                ctx.broadcast("all", message);
            }
        }),
    };
    let builder = Server::builder(handler).threads(Threads::Fixed(1));
    let tls =
        setup.tls.as_ref().map(|(certificate, key)| ServerTls::from_pem_files(certificate, key));
    let tls = tls.transpose()?;
    let listener = listen(setup)?;
    let builder = match tls {
        None => builder.listen_on(listener)?,
        Some(tls) => builder.listen_tls_on(listener, tls)?,
    };
    Ok(builder.start()?.join()?)
}
