//! Doing what somebody asks for.

use super::child::Name;
use super::ending::forget;
use super::roster::{Number, State};
use super::work::{Asked, Job, Newness, Purpose, Wanted, Work};
use super::{Child, ChildError, Command, Supervisor};
use crate::actor::{ActorRef, MAILBOX, Reply};

impl Supervisor {
    /// Answers what can be answered at once; the rest waits until there is nothing else to do.
    pub(super) fn hear(&mut self, command: Command) {
        let asked = match command {
            Command::Start(child, reply) => Asked::Start(child, reply),
            Command::Stop(id, reply) => Asked::Stop(id, reply),
            Command::Restart(id, reply) => Asked::Restart(id, reply),
            Command::Delete(id, reply) => Asked::Delete(id, reply),
            Command::Find(id, reply) => {
                let state = self.roster.find(&id).and_then(|number| self.roster.state(number));
                return reply.send(match state {
                    Some(State::Running(live)) => Some(live.actor.clone()),
                    _ => None,
                });
            }
            Command::List(reply) => return reply.send(self.roster.list()),
            Command::Count(reply) => return reply.send(self.roster.count()),
        };
        let is_ending = |work: &Work| matches!(work.purpose, Purpose::End(_));
        let waiting = self.jobs.iter().filter(|job| matches!(job, Job::Asked(_))).count();
        if self.work.as_ref().is_some_and(is_ending) {
            asked.refuse(ChildError::Ending);
        } else if waiting >= MAILBOX {
            asked.refuse(ChildError::Busy);
        } else {
            self.jobs.push_back(Job::Asked(asked));
        }
    }

    /// Begins to do what somebody has asked for.
    pub(super) fn obey(&mut self, asked: Asked) {
        match asked {
            Asked::Start(child, reply) => self.add(child, reply),
            Asked::Stop(id, reply) => match self.roster.find(&id) {
                Some(number) => {
                    self.work = Some(Work::stopping(Purpose::Stop(reply), vec![number]));
                }
                None => reply.send(Err(ChildError::NotFound)),
            },
            Asked::Restart(id, reply) => match self.stopped(&id) {
                Ok(number) => self.want(number, Newness::Known, reply),
                Err(error) => reply.send(Err(error)),
            },
            Asked::Delete(id, reply) => reply.send(self.stopped(&id).map(|number| {
                forget(self.roster.remove(number));
            })),
        }
    }

    fn add(&mut self, child: Child, reply: Reply<Result<ActorRef, ChildError>>) {
        match self.roster.add(child) {
            Ok(number) => self.want(number, Newness::New, reply),
            Err(child) => {
                forget(Some(child));
                reply.send(Err(ChildError::Exists));
            }
        }
    }

    fn want(
        &mut self,
        number: Number,
        newness: Newness,
        reply: Reply<Result<ActorRef, ChildError>>,
    ) {
        let wanted = Wanted { newness, actor: None, reply };
        self.work = Some(Work::starting(Purpose::Start(wanted), [number]));
    }

    /// A child that does not run and is not to.
    fn stopped(&self, id: &Name) -> Result<Number, ChildError> {
        let number = self.roster.find(id).ok_or(ChildError::NotFound)?;
        match self.roster.state(number) {
            Some(State::Stopped) => Ok(number),
            Some(State::Ended(_) | State::Waiting(_)) => Err(ChildError::Restarting),
            _ => Err(ChildError::Running),
        }
    }
}
