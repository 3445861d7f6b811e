//! What a program does with its connections.

use super::{Answer, Context, Down, Ended, Exit, Message, OwnedMessage, Piece, Reject};
use crate::Request;
use crate::rooms::{Denied, Presence, RoomRules};

/// What a server does: one value for all connections, and a [`State`](Self::State) for each.
///
/// The calls for one connection come one at a time, in order, on one thread: they read like a
/// program that has only this client. They must not block, since others wait for the thread:
/// [`Context::blocking`] takes what does. A panic ends this connection, with 1011, and no other.
///
/// ```
/// use ws_std::{Context, Ended, Handler, Message, Reject, Request};
///
/// /// Numbers the lines of every client.
/// struct Counter;
///
/// impl Handler for Counter {
///     type State = usize;
///     type Info = ();
///
///     fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<usize, Reject> {
///         ctx.send("say something");
///         Ok(0)
///     }
///
///     fn on_message(&self, count: &mut usize, ctx: &mut Context<'_, Self>, message: Message<'_>) {
///         *count += 1;
///         if let Message::Text(text) = message {
///             ctx.send(&format!("{count}: {text}"));
///         }
///     }
///
///     fn on_close(&self, count: &mut usize, _: &mut Context<'_, Self>, ended: &Ended) {
///         println!("{count} messages, then {}", ended.reason);
///     }
/// }
///
/// let server = ws_std::serve(Counter, "127.0.0.1:0")?;
/// # drop(server);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Handler: Send + Sync + Sized + 'static {
    /// What is remembered of a connection between its events.
    ///
    /// It stays on one thread for life, so it need not be `Send`.
    type State: 'static;

    /// What other actors may tell this one: `()` if nothing.
    type Info: Send + 'static;

    /// A client asks for a WebSocket: accept it, with a subprotocol and headers, or refuse it with
    /// an HTTP status.
    ///
    /// Limits and the origin have been judged. What the client offered of
    /// [`subprotocols`](crate::Builder::subprotocols) has been chosen already, unless the answer
    /// names another.
    fn on_request(&self, request: &Request<'_>) -> Answer {
        let _ = request;
        Answer::accept()
    }

    /// A room comes into being, since somebody becomes its first member: what shall hold there?
    ///
    /// A panic is one of the call in which the connection joins.
    ///
    /// ```
    /// use ws_std::{Context, Denied, Handler, Message, Overflow, Reject, Request, RoomRules};
    ///
    /// /// Has two kinds of rooms, and no others.
    /// struct Lobby;
    ///
    /// impl Handler for Lobby {
    ///     type State = ();
    ///     type Info = ();
    ///
    ///     fn on_room(&self, name: &str) -> Result<RoomRules, Denied> {
    ///         match name.split_once('/') {
    ///             Some(("chat", _)) => Ok(RoomRules::default().members(100)),
    ///             Some(("ticker", _)) => Ok(RoomRules::default().overflow(Overflow::DropOldest)),
    ///             _ => Err(Denied::new("there is no such room")),
    ///         }
    ///     }
    ///
    ///     fn on_connect(&self, ctx: &mut Context<'_, Self>, request: &Request<'_>) -> Result<(), Reject> {
    ///         ctx.join(request.path().trim_start_matches('/'))?;
    ///         Ok(())
    ///     }
    ///
    ///     fn on_message(&self, (): &mut (), _: &mut Context<'_, Self>, _: Message<'_>) {}
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Why there is to be no such room: it is told to whoever wanted to join, as
    /// [`JoinError::Denied`](crate::JoinError::Denied).
    fn on_room(&self, name: &str) -> Result<RoomRules, Denied> {
        let _ = name;
        Ok(RoomRules::default())
    }

    /// Somebody is there, or not any more, or otherwise: what shall the members of the room be told?
    /// It is asked once for each change, where it happens, and once for each who
    /// [joins](Context::join_as) under a name. When others were faster, so that something else has
    /// to be told, it is asked anew, and what it said before is forgotten.
    ///
    /// What is told is a message like any other: where the policy of the room drops messages for
    /// those who do not read, it may be one of these, and they do not know who is there any more.
    ///
    /// A panic ends nothing: then nothing is told.
    fn on_presence(&self, room: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        let _ = (room, presence);
        None
    }

    /// The WebSocket is open.
    ///
    /// # Errors
    ///
    /// A [`Reject`] closes it again, with a code; `on_close` is not called then.
    fn on_connect(
        &self,
        ctx: &mut Context<'_, Self>,
        request: &Request<'_>,
    ) -> Result<Self::State, Reject>;

    /// A message has arrived.
    fn on_message(
        &self,
        state: &mut Self::State,
        ctx: &mut Context<'_, Self>,
        message: Message<'_>,
    );

    /// A piece of a message has arrived, on a connection that asked for pieces with
    /// [`Context::take_pieces`].
    fn on_piece(&self, state: &mut Self::State, ctx: &mut Context<'_, Self>, piece: Piece<'_>) {
        let _ = (state, ctx, piece);
    }

    /// Another actor tells this one something: see [`Context::me`].
    fn on_info(&self, state: &mut Self::State, ctx: &mut Context<'_, Self>, info: Self::Info) {
        let _ = (state, ctx, info);
    }

    /// This connection [traps exits](crate::Me::trap_exits), and an actor that it is linked to has
    /// ended, or somebody wants it to end.
    fn on_exit(&self, state: &mut Self::State, ctx: &mut Context<'_, Self>, exit: Exit) {
        let _ = (state, ctx, exit);
    }

    /// An actor that this one [monitors](crate::Me::monitor) has ended.
    fn on_down(&self, state: &mut Self::State, ctx: &mut Context<'_, Self>, down: Down) {
        let _ = (state, ctx, down);
    }

    /// The connection ends before it could be told this.
    fn on_undelivered(&self, state: &mut Self::State, info: Self::Info) {
        let _ = (state, info);
    }

    /// So much waits for this client that it is time to send less; or it is time to go on.
    fn on_pressure(
        &self,
        state: &mut Self::State,
        ctx: &mut Context<'_, Self>,
        pressure: Pressure,
    ) {
        let _ = (state, ctx, pressure);
    }

    /// The connection has ended: exactly once for every `on_connect` that returned `Ok`, also
    /// after a panic. Nothing can be sent any more.
    fn on_close(&self, state: &mut Self::State, ctx: &mut Context<'_, Self>, ended: &Ended) {
        let _ = (state, ctx, ended);
    }
}

/// How much waits for a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pressure {
    /// More than [`outbox_high`](crate::Limits::outbox_high). Nothing is read from this client
    /// until it has read more.
    High,
    /// Less than [`outbox_low`](crate::Limits::outbox_low), after there was more than the high
    /// mark.
    Drained,
}
