//! What the handlers of these tests are made of, and servers for them.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};

use ws_std::{Closures, Ended, Server};
pub(crate) use ws_tests::peer::{GUARD, KEY, Peer, dial, next, pattern, request, status, until};

/// A server that sends everything back.
pub(crate) fn echo() -> Closures {
    ws_std::on_message(|ctx, message| {
        ctx.send(message);
    })
}

/// A server on one shard.
pub(crate) fn serve(handler: impl ws_std::Handler) -> Server {
    start(Server::builder(handler))
}

/// This server on a free port, on one shard, so that whoever blocks it blocks everybody.
pub(crate) fn start<H: ws_std::Handler>(builder: ws_std::Builder<H>) -> Server {
    let builder = builder.threads(ws_std::Threads::Fixed(1));
    builder.listen("127.0.0.1:0").unwrap().start().unwrap()
}

/// Tells how each connection ended.
pub(crate) fn ends(handler: Closures) -> (Closures, Receiver<Ended>) {
    let (tell, told) = channel();
    (handler.on_close(move |_, ended| tell.send(ended.clone()).unwrap()), told)
}

/// Nothing more was told, and nobody is left to tell anything: the server has ended.
pub(crate) fn nothing_more<T: fmt::Debug>(server: Server, told: &Receiver<T>) {
    server.stop();
    assert_eq!(told.try_iter().map(|told| format!("{told:?}")).collect::<Vec<_>>(), [""; 0]);
}

/// A channel whose sender is shared by all threads.
pub(crate) fn tells<T>() -> (Sender<T>, Receiver<T>) {
    channel()
}
