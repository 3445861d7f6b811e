//! Questions, and what is still to be answered.

use std::any::Any;
use std::cell::Cell as Local;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};

use ws_core::connection::Time;

use super::TellError;
use super::cell::Cell;

/// Where the answer to a question goes: a part of the message that asks it.
///
/// To drop it is an answer, too: [`AskError::NoReply`].
pub struct Reply<R: Send + 'static> {
    to: Option<Asker<R>>,
}

enum Asker<R> {
    /// An actor, and the number of its question.
    Actor(Arc<Cell>, u64, PhantomData<fn(R)>),
    Thread(SyncSender<Result<R, AskError>>),
}

impl<R: Send + 'static> Reply<R> {
    /// Answers.
    pub fn send(mut self, answer: R) {
        self.answer(Ok(answer));
    }

    /// One that this actor waits for.
    pub(crate) fn to_an_actor(cell: Arc<Cell>, question: u64) -> Self {
        cell.asks(question);
        Self { to: Some(Asker::Actor(cell, question, PhantomData)) }
    }

    pub(crate) fn to_a_thread() -> (Self, Receiver<Result<R, AskError>>) {
        let (sender, answer) = mpsc::sync_channel(1);
        (Self { to: Some(Asker::Thread(sender)) }, answer)
    }

    fn answer(&mut self, answer: Result<R, AskError>) {
        match self.to.take() {
            Some(Asker::Actor(cell, question, _)) => {
                cell.answer(question, answer.map(|answer| Box::new(answer) as _));
            }
            // Whoever does not wait any more has been told why.
            Some(Asker::Thread(sender)) => drop(sender.try_send(answer)),
            None => {}
        }
    }
}

impl<R: Send + 'static> Drop for Reply<R> {
    fn drop(&mut self) {
        self.answer(Err(AskError::NoReply));
    }
}

impl<R: Send + 'static> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AskError {
    /// So much waits for the actor that it could not be asked.
    Full,
    /// It has ended, or is about to.
    Gone,
    /// It did not answer, and will not.
    NoReply,
    /// It did not answer in time.
    TimedOut,
    /// Whoever asks waits for too many answers already.
    TooMany,
    /// This thread must not wait: others wait for it.
    WouldBlock,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the actor's mailbox is full",
            Self::Gone => "the actor is gone",
            Self::NoReply => "the actor does not answer",
            Self::TimedOut => "the actor did not answer in time",
            Self::TooMany => "too many answers are waited for",
            Self::WouldBlock => "waiting would hold up others",
        })
    }
}

impl Error for AskError {}

impl<M> From<TellError<M>> for AskError {
    fn from(error: TellError<M>) -> Self {
        match error {
            TellError::Full(_) => Self::Full,
            TellError::Gone(_) => Self::Gone,
        }
    }
}

/// A moment that an actor waits for: see [`Context::after`](crate::Context::after).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId(u64);

/// So many answers and moments an actor waits for at a time.
const MOST: usize = 1024;

/// For so few of them it keeps its memory.
const FEW: usize = 2;

/// What an actor waits for: answers, each up to a moment, and moments. `F` is what it does then.
pub(crate) struct Waits<F> {
    next: u64,
    waits: Vec<Wait<F>>,
}

struct Wait<F> {
    number: u64,
    what: What,
    until: Time,
    then: F,
}

/// What an actor waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Answer,
    Moment,
}

impl<F> Default for Waits<F> {
    fn default() -> Self {
        Self { next: 0, waits: vec![] }
    }
}

impl<F> Waits<F> {
    /// Waits for this up to a moment, and tells its number: for an answer that of the question.
    pub(crate) fn add(&mut self, what: What, until: Time, then: F) -> Result<u64, AskError> {
        if self.waits.len() >= MOST {
            return Err(AskError::TooMany);
        }
        self.next += 1;
        self.waits.push(Wait { number: self.next, what, until, then });
        Ok(self.next)
    }

    /// What to do with the answer to this question, if it is still waited for.
    pub(crate) fn remove(&mut self, number: u64) -> Option<F> {
        let place = self.waits.iter().position(|wait| wait.number == number)?;
        let then = self.waits.swap_remove(place).then;
        // What many at a time have taken is given back.
        if self.waits.capacity() > 4 * self.waits.len().max(FEW) {
            self.waits.shrink_to(2 * self.waits.len());
        }
        Some(then)
    }

    /// What was waited for last, in all that has been.
    pub(crate) const fn last(&self) -> u64 {
        self.next
    }

    /// What to do now that it is this late, of all up to this number: the earliest first. Of each
    /// question that it is too late for `gives_up` tells whether there is no answer yet: one that is
    /// there is heard, however long that takes.
    pub(crate) fn due(
        &mut self,
        now: Time,
        last: u64,
        gives_up: impl Fn(u64) -> bool,
    ) -> Option<F> {
        loop {
            let all = self.waits.iter_mut();
            let due = all.filter(|wait| wait.until <= now && wait.number <= last);
            let wait = due.min_by_key(|wait| (wait.until, wait.number))?;
            if wait.what == What::Answer && !gives_up(wait.number) {
                wait.until = Time::NEVER;
                continue;
            }
            let number = wait.number;
            return self.remove(number);
        }
    }

    /// Until when there is nothing to do.
    pub(crate) fn next(&self) -> Time {
        self.waits.iter().map(|wait| wait.until).min().unwrap_or(Time::NEVER)
    }
}

impl TimerId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }
}

thread_local! {
    static ON_SHARD: Local<bool> = const { Local::new(false) };
}

/// From now on nothing on this thread may wait for an answer.
pub(crate) fn enter_shard() {
    ON_SHARD.set(true);
}

pub(crate) fn is_on_shard() -> bool {
    ON_SHARD.get()
}

/// What comes with an answer, or with the moment when it is too late for one.
pub(crate) type Answered = Result<Box<dyn Any + Send>, AskError>;

/// An answer of the type that was asked for.
pub(crate) fn typed<R: 'static>(answer: Answered) -> Result<R, AskError> {
    let answer = answer?.downcast::<R>().map_err(|_| AskError::NoReply)?;
    Ok(*answer)
}
