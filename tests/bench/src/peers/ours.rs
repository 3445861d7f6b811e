//! ws-std, as its examples show it: nothing but the number of threads is other than usual.

use ws_std::tls::ServerTls;
use ws_std::{Message, Server, Threads, on_message};

use super::{Setup, Task, listen};
use crate::Result;

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
