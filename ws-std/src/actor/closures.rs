//! A handler made of closures.

use std::fmt;

use super::{Answer, Context, Ended, Handler, Message, Reject};
use crate::Request;

type OnRequest = dyn Fn(&Request<'_>) -> Answer + Send + Sync;
type OnConnect =
    dyn Fn(&mut Context<'_, Closures>, &Request<'_>) -> Result<(), Reject> + Send + Sync;
type OnMessage = dyn Fn(&mut Context<'_, Closures>, Message<'_>) + Send + Sync;
type OnClose = dyn Fn(&mut Context<'_, Closures>, &Ended) + Send + Sync;

/// A handler made of closures, for a server that remembers nothing of a connection: begin with
/// [`on_message`]. Whoever does implements [`Handler`].
pub struct Closures {
    on_request: Box<OnRequest>,
    on_connect: Box<OnConnect>,
    on_message: Box<OnMessage>,
    on_close: Box<OnClose>,
}

/// A server that does this with every message.
///
/// ```
/// let echo = ws_std::on_message(|ctx, message| {
///     ctx.send(message);
/// });
/// let server = ws_std::serve(echo, "127.0.0.1:0")?;
/// # drop(server);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn on_message(
    closure: impl Fn(&mut Context<'_, Closures>, Message<'_>) + Send + Sync + 'static,
) -> Closures {
    Closures {
        on_request: Box::new(|_| Answer::accept()),
        on_connect: Box::new(|_, _| Ok(())),
        on_message: Box::new(closure),
        on_close: Box::new(|_, _| {}),
    }
}

impl Closures {
    /// Answers requests: see [`Handler::on_request`].
    #[must_use]
    pub fn on_request(
        mut self,
        closure: impl Fn(&Request<'_>) -> Answer + Send + Sync + 'static,
    ) -> Self {
        self.on_request = Box::new(closure);
        self
    }

    /// Greets, or closes: see [`Handler::on_connect`].
    #[must_use]
    pub fn on_connect(
        mut self,
        closure: impl Fn(&mut Context<'_, Self>, &Request<'_>) -> Result<(), Reject>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.on_connect = Box::new(closure);
        self
    }

    /// Hears that a connection has ended: see [`Handler::on_close`].
    #[must_use]
    pub fn on_close(
        mut self,
        closure: impl Fn(&mut Context<'_, Self>, &Ended) + Send + Sync + 'static,
    ) -> Self {
        self.on_close = Box::new(closure);
        self
    }
}

impl Handler for Closures {
    type State = ();
    type Info = ();

    fn on_request(&self, request: &Request<'_>) -> Answer {
        (self.on_request)(request)
    }

    fn on_connect(&self, ctx: &mut Context<'_, Self>, request: &Request<'_>) -> Result<(), Reject> {
        (self.on_connect)(ctx, request)
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        (self.on_message)(ctx, message);
    }

    fn on_close(&self, (): &mut (), ctx: &mut Context<'_, Self>, ended: &Ended) {
        (self.on_close)(ctx, ended);
    }
}

impl fmt::Debug for Closures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closures").finish_non_exhaustive()
    }
}
