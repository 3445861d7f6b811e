//! Actors that start others, and start them again when they fail.
//!
//! A [`Supervisor`] is an actor like any other: it is started with
//! [`Actors::spawn`](crate::Actors::spawn), and may be another's child. It starts its children in
//! order, each when the one before has begun, and stops them in the reverse order. What it does
//! when one ends is what Erlang/OTP's `supervisor` does.
//!
//! ```
//! use std::time::Duration;
//! use ws_std::supervisor::{Child, Command, Supervisor};
//! use ws_std::{Actor, ActorContext, Address, Reply};
//!
//! /// Deals numbers.
//! struct Dealer(u64);
//!
//! impl Actor for Dealer {
//!     type Info = Reply<u64>;
//!
//!     fn on_info(&mut self, _: &mut ActorContext<'_, Self>, asked: Reply<u64>) {
//!         self.0 += 1;
//!         asked.send(self.0);
//!     }
//! }
//!
//! let echo = ws_std::on_message(|ctx, message| {
//!     ctx.send(message);
//! });
//! let server = ws_std::serve(echo, "127.0.0.1:0")?;
//!
//! let tables = Supervisor::one_for_one()
//!     .intensity(3, Duration::from_secs(5))
//!     .child(Child::permanent("dealer", || Dealer(0)).named("dealer"));
//! let tables = server.actors().spawn(tables)?;
//!
//! // More children come while it runs; the answer is the actor, or why it did not start.
//! let within = Duration::from_secs(5);
//! let second = Child::temporary("second dealer", || Dealer(100));
//! let second = tables.ask(|reply| Command::Start(second, reply), within)??;
//! let second: Address<Reply<u64>> = second.address().unwrap();
//! assert_eq!(second.ask(|reply| reply, within), Ok(101));
//! // Whichever dealer there is now has the name.
//! let first: Address<Reply<u64>> = server.actors().find("dealer").unwrap();
//! assert_eq!(first.ask(|reply| reply, within), Ok(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Children
//!
//! A [`Child`] says how an actor is made, when it is [started again](Restart) and how it is
//! [stopped](Shutdown). It lives on the shard of its supervisor, unless it wants a thread of its own.
//! It fails to start if making it panics, if its [name](Child::named) is taken, or if it panics or
//! ends for a reason other than [`Normal`](crate::Reason::Normal) and
//! [`Shutdown`](crate::Reason::Shutdown) before its `on_start` is over.
//!
//! Each incarnation is an actor of its own. Before the next is made, the last one has ended: its
//! names are free, and what it was told and did not hear has gone to its `on_undelivered`. Whoever
//! wants to reach whichever there is finds it by its name, or [asks](Command::Find).
//!
//! # When a child ends
//!
//! Who else is stopped and started again is said by how the supervisor is made:
//! [`one_for_one`](Supervisor::one_for_one), [`rest_for_one`](Supervisor::rest_for_one),
//! [`one_for_all`](Supervisor::one_for_all). If that happens too often, the supervisor
//! [gives up](Failure::GaveUp): it stops its children and ends, which its own supervisor may help
//! against. If a child fails to start when the supervisor does, nothing is tried again: the
//! supervisor stops those that it has started, and [ends](Failure::NotStarted).
//!
//! While a restart is [put off](Supervisor::backoff), those who are to be stopped and started again
//! with the child go on running: they are stopped when its time has come. If the child then fails to
//! start, those that come after it stay away until it is tried again, and those that come before it
//! run meanwhile; with [`one_for_all`](Supervisor::one_for_all) these are then stopped and started
//! once more. Whoever cannot work without the child [monitors](crate::Me::monitor) it.
//!
//! # When the supervisor ends
//!
//! Asked to [end](crate::ActorRef::exit), it first stops its children, one at a time. So it does if
//! whoever has started it and is linked to it ends, for whatever reason; other links mean nothing
//! to it. Killed, it kills its children before it ends: none is left without a supervisor. A server
//! that stops ends them all at once, in this order, without the time to think; children that have
//! threads of their own end beside the others.

mod actor;
mod builder;
mod child;
mod command;
mod commanding;
mod delays;
mod ending;
mod failure;
mod intensity;
mod restarting;
mod roster;
mod work;

pub use builder::Supervisor;
pub use child::{Child, Restart, Shutdown};
pub use command::{ChildError, ChildInfo, ChildState, Command, Count};
pub use failure::Failure;
