//! Random families, and what a supervisor that is a list of names would make of them.

use std::sync::mpsc::{Receiver, Sender, channel};

use ws_core::testing::Random;
use ws_std::supervisor::{Child, ChildError, ChildState, Command, Restart, Supervisor};
use ws_std::{
    Actor, ActorContext, ActorRef, Address, AskError, Clock, Reason, Reply, Server, Threads,
};
use ws_tests::peer::{GUARD, next, until};

/// What may become of a child.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Panic,
    Done,
    Kill,
    Exit,
}

/// What happens to a family.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Blow(usize, Blow),
    Start(usize, Restart),
    Stop(usize),
    Restart(usize),
    Delete(usize),
}

/// Who is stopped and started again with a child.
#[derive(Clone, Copy, Debug)]
enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

/// A family, and what happens to it.
#[derive(Debug)]
struct Program {
    strategy: Strategy,
    /// So many restarts are borne.
    most: usize,
    children: Vec<Restart>,
    deeds: Vec<Deed>,
}

/// So many names there are.
const NAMES: usize = 7;

impl Program {
    fn random(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let deeds = 2 + random.below(12);
        Self {
            strategy: [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne]
                [random.below(3)],
            most: [0, 1, 3, 1000][random.below(4)],
            children: (0..random.below(6)).map(|_| restart(&mut random)).collect(),
            deeds: (0..deeds).map(|_| deed(&mut random)).collect(),
        }
    }
}

fn restart(random: &mut Random) -> Restart {
    [Restart::Permanent, Restart::Permanent, Restart::Transient, Restart::Temporary]
        [random.below(4)]
}

fn deed(random: &mut Random) -> Deed {
    let who = random.below(NAMES);
    match random.below(10) {
        0..5 => Deed::Blow(who, [Blow::Panic, Blow::Done, Blow::Kill, Blow::Exit][random.below(4)]),
        5 | 6 => Deed::Start(who, restart(random)),
        7 => Deed::Stop(who),
        8 => Deed::Restart(who),
        _ => Deed::Delete(who),
    }
}

/// A child, as the model has it.
struct Entry {
    who: usize,
    restart: Restart,
    runs: bool,
}

/// What a supervisor should do.
struct Model {
    strategy: Strategy,
    most: usize,
    children: Vec<Entry>,
    restarts: usize,
    is_gone: bool,
    /// What children should say.
    says: Vec<String>,
}

impl Model {
    fn new(program: &Program) -> Self {
        let children = program.children.iter().enumerate();
        let mut model = Self {
            strategy: program.strategy,
            most: program.most,
            children: children
                .map(|(who, restart)| Entry { who, restart: *restart, runs: false })
                .collect(),
            restarts: 0,
            is_gone: false,
            says: vec![],
        };
        (0..model.children.len()).for_each(|at| model.starts(at));
        model
    }

    fn list(&self) -> Vec<(String, bool)> {
        self.children.iter().map(|child| (child.who.to_string(), child.runs)).collect()
    }

    fn find(&self, who: usize) -> Option<usize> {
        self.children.iter().position(|child| child.who == who)
    }

    fn runs(&self, who: usize) -> bool {
        self.find(who).is_some_and(|at| self.children[at].runs)
    }

    fn starts(&mut self, at: usize) {
        let child = &mut self.children[at];
        child.runs = true;
        self.says.push(format!("+{}", child.who));
    }

    /// It ends. One that never comes back is forgotten.
    fn ends(&mut self, at: usize, why: &str) {
        let child = &mut self.children[at];
        child.runs = false;
        self.says.push(format!("-{}: {why}", child.who));
        if child.restart == Restart::Temporary {
            self.children.remove(at);
        }
    }

    /// Those from this one on end, the last first.
    fn stops(&mut self, from: usize) {
        for at in (from..self.children.len()).rev() {
            if self.children[at].runs {
                self.ends(at, "shut down");
            }
        }
    }

    fn blow(&mut self, who: usize, blow: Blow) {
        let Some(at) = self.find(who).filter(|at| self.children[*at].runs) else { return };
        let restart = self.children[at].restart;
        let (why, is_failure) = match blow {
            Blow::Panic => ("the handler panicked: as told", true),
            Blow::Kill => ("killed", true),
            Blow::Done => ("done", false),
            Blow::Exit => ("shut down", false),
        };
        self.ends(at, why);
        if restart == Restart::Temporary || (restart == Restart::Transient && !is_failure) {
            return;
        }
        self.restarts += 1;
        if self.restarts > self.most {
            self.is_gone = true;
            return self.stops(0);
        }
        let from = match self.strategy {
            Strategy::OneForOne => return self.starts(at),
            Strategy::OneForAll => 0,
            Strategy::RestForOne => at,
        };
        self.stops(from);
        (from..self.children.len()).for_each(|at| self.starts(at));
    }

    /// What somebody who asks for this is told.
    fn obeys(&mut self, deed: Deed) -> String {
        let answer = match deed {
            Deed::Blow(..) => Ok(()),
            Deed::Start(who, restart) => match self.find(who) {
                Some(_) => Err(ChildError::Exists),
                None => {
                    self.children.push(Entry { who, restart, runs: false });
                    self.starts(self.children.len() - 1);
                    Ok(())
                }
            },
            Deed::Stop(who) => self.find(who).ok_or(ChildError::NotFound).map(|at| {
                if self.children[at].runs {
                    self.ends(at, "shut down");
                }
            }),
            Deed::Restart(who) => self.stopped(who).map(|at| self.starts(at)),
            Deed::Delete(who) => self.stopped(who).map(|at| _ = self.children.remove(at)),
        };
        said(answer)
    }

    fn stopped(&self, who: usize) -> Result<usize, ChildError> {
        let at = self.find(who).ok_or(ChildError::NotFound)?;
        if self.children[at].runs { Err(ChildError::Running) } else { Ok(at) }
    }
}

fn said<T>(answer: Result<T, ChildError>) -> String {
    answer.map_or_else(|error| error.to_string(), |_| "done".to_owned())
}

/// A child that says when it begins and ends.
struct Worker {
    who: usize,
    log: Sender<String>,
}

impl Actor for Worker {
    type Info = Blow;

    fn on_start(&mut self, _: &mut ActorContext<'_, Self>) {
        self.log.send(format!("+{}", self.who)).unwrap();
    }

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, blow: Blow) {
        match blow {
            // A panic of which nothing is printed.
            Blow::Panic => std::panic::resume_unwind(Box::new("as told")),
            _ => ctx.stop(),
        }
    }

    fn on_stop(&mut self, _: &mut ActorContext<'_, Self>, reason: &Reason) {
        self.log.send(format!("-{}: {reason}", self.who)).unwrap();
    }
}

fn child(who: usize, restart: Restart, log: &Sender<String>) -> Child {
    let log = log.clone();
    let make = move || Worker { who, log: log.clone() };
    match restart {
        Restart::Permanent => Child::permanent(who.to_string(), make),
        Restart::Transient => Child::transient(who.to_string(), make),
        Restart::Temporary => Child::temporary(who.to_string(), make),
    }
}

/// A supervisor on a shard, and what its children say.
struct Family {
    supervisor: Address<Command>,
    log: Sender<String>,
    said: Receiver<String>,
}

impl Family {
    fn new(server: &Server, program: &Program) -> Self {
        let (log, said) = channel();
        let supervisor = match program.strategy {
            Strategy::OneForOne => Supervisor::one_for_one(),
            Strategy::OneForAll => Supervisor::one_for_all(),
            Strategy::RestForOne => Supervisor::rest_for_one(),
        };
        let most = u32::try_from(program.most).unwrap();
        let supervisor = program
            .children
            .iter()
            .enumerate()
            .fold(supervisor.intensity(most, GUARD), |supervisor, (who, restart)| {
                supervisor.child(child(who, *restart, &log))
            });
        Self { supervisor: server.actors().spawn(supervisor).unwrap(), log, said }
    }

    fn ask<R: Send + 'static>(
        &self,
        command: impl FnOnce(Reply<R>) -> Command,
    ) -> Result<R, AskError> {
        self.supervisor.ask(command, GUARD)
    }

    /// Who there is, and whether it runs.
    fn list(&self) -> Vec<(String, bool)> {
        let children = self.ask(Command::List).unwrap().into_iter();
        children.map(|it| (it.id.to_string(), matches!(it.state, ChildState::Running(_)))).collect()
    }

    /// The actor that a child is, as soon as it runs.
    fn find(&self, who: usize) -> ActorRef {
        let mut found = None;
        until(|| {
            found = self.ask(|reply| Command::Find(who.to_string().into(), reply)).unwrap();
            found.is_some()
        });
        found.unwrap()
    }

    fn strike(&self, who: usize, blow: Blow) {
        let actor = self.find(who);
        match blow {
            Blow::Kill => actor.kill(),
            Blow::Exit => actor.exit(Reason::Shutdown),
            _ => assert!(actor.address().unwrap().tell(blow).is_ok()),
        }
    }

    /// What is told to somebody who asks for this.
    fn obeys(&self, deed: Deed) -> Result<String, AskError> {
        let name = |who: usize| who.to_string().into();
        Ok(match deed {
            Deed::Blow(..) => String::new(),
            Deed::Start(who, restart) => {
                let child = child(who, restart, &self.log);
                said(self.ask(|reply| Command::Start(child, reply))?)
            }
            Deed::Stop(who) => said(self.ask(|reply| Command::Stop(name(who), reply))?),
            Deed::Restart(who) => said(self.ask(|reply| Command::Restart(name(who), reply))?),
            Deed::Delete(who) => said(self.ask(|reply| Command::Delete(name(who), reply))?),
        })
    }

    /// This is what is said next, and nothing between.
    fn says(&self, says: &mut Vec<String>) {
        let said: Vec<String> = says.iter().map(|_| next(&self.said)).collect();
        assert_eq!(said, *says);
        says.clear();
    }
}

fn play(server: &Server, program: &Program) {
    let (family, mut model) = (Family::new(server, program), Model::new(program));
    family.says(&mut model.says);
    for deed in &program.deeds {
        match *deed {
            Deed::Blow(who, _) if !model.runs(who) => {}
            Deed::Blow(who, blow) => {
                family.strike(who, blow);
                model.blow(who, blow);
            }
            deed => assert_eq!(family.obeys(deed), Ok(model.obeys(deed)), "{deed:?}"),
        }
        family.says(&mut model.says);
        if model.is_gone {
            break;
        }
        // A child says that it ends before its supervisor hears of it.
        until(|| family.list() == model.list());
    }
    if !model.is_gone {
        family.supervisor.actor().exit(Reason::Shutdown);
        model.stops(0);
        family.says(&mut model.says);
    }
    until(|| family.supervisor.is_gone());
    assert_eq!(family.said.try_iter().collect::<Vec<_>>(), [""; 0]);
}

/// Plays the programs of these seeds on a shard where no time passes.
pub(crate) fn play_all(seeds: std::ops::Range<u64>) {
    let handler = ws_std::on_message(|_, _| {});
    let builder = Server::builder(handler).threads(Threads::Fixed(1)).clock(Clock::manual().0);
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    for seed in seeds {
        let program = Program::random(seed);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            play(&server, &program);
        }));
        assert!(played.is_ok(), "seed {seed}: {program:#?}");
    }
}
