//! What happens in a program, in the order in which it does.

use ws_std::{AskError, Delivery, JoinError, Reason};

/// Who: the place of an actor in the program's cast.
pub(crate) type Who = usize;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// The conductor has told somebody to take a step.
    Given(Who, usize, Told),
    /// The conductor goes round by all shards...
    Leaves,
    /// ...and is back: what was on its way to a shard before has arrived.
    IsBack,
    /// Somebody has done something, and this came of it.
    Did(Who, usize, usize, Came),
    Started(Who),
    /// A connection opens that ends before it has, or right after.
    Opened(Who),
    /// Somebody is no more who has never begun.
    Unborn(Who),
    /// Somebody is told something.
    Hears(Who, What),
    /// Somebody's client has said something.
    Reads(Who, usize),
    Undelivered(Who, What),
    /// Somebody ends itself.
    Exits(Who, Why),
    Stopped(Who, Why),
    /// All shards have taken up a broadcast.
    TakenUp(u32, Delivery),
    /// The conductor kills somebody, at the end.
    Killed(Who),
}

/// What there is in a mailbox.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Step(usize),
    Info(u32),
    Question(u32),
    Exit(Option<Who>, Why),
    /// The number of the monitor among all of this actor.
    Down(usize, Who, Why),
    Answer(u32, Result<u32, AskError>),
    /// It is time for what it has put off.
    Moment(u32),
    /// Its work is done.
    Done(u32),
}

impl What {
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Self::Step(_) | Self::Info(_) | Self::Question(_))
    }
}

/// Whether a message has reached a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Queued,
    Full,
    Gone,
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Came {
    Done,
    /// There was nobody, or nothing, to do it with.
    Nothing,
    Told(Told),
    /// So many of several messages were taken.
    Flooded(usize),
    Whether(bool),
    Found(Option<Who>),
    Joined(Result<usize, JoinError>),
    Count(usize),
    /// Those who are there under a name, and the number that goes with it.
    Present(Vec<(String, u32)>),
    Posted {
        members: usize,
        shards: usize,
    },
}

/// A reason that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Normal,
    Shutdown,
    Killed,
    NoProc,
    NoConnection,
    Panic,
    PeerClosed(u16),
    Refused,
}

impl Why {
    pub(crate) fn reason(self) -> Reason {
        match self {
            Self::Normal => Reason::Normal,
            Self::Killed => Reason::Killed,
            Self::NoConnection => Reason::NoConnection,
            _ => Reason::Shutdown,
        }
    }
}

impl From<&Reason> for Why {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::Normal => Self::Normal,
            Reason::Shutdown => Self::Shutdown,
            Reason::Killed => Self::Killed,
            Reason::NoProc => Self::NoProc,
            Reason::NoConnection => Self::NoConnection,
            Reason::Panic(_) => Self::Panic,
            Reason::PeerClosed(code) => Self::PeerClosed(code.0),
            Reason::Protocol(_) => Self::Refused,
            other => panic!("nobody ends for this: {other}"),
        }
    }
}
