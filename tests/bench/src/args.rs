//! The command line.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::Result;
use crate::cells::{DEFLATE, ECHO, FANOUT, GROWTH};
use crate::child::{Server, Start};
use crate::load::Window;
use crate::measure::SLICES;
use crate::peers::{self, OURS_COMPRESSED, PEERS, Peer, RAW, Setup, Task};

pub(crate) const HELP: &str = "\
cargo bench --manifest-path tests/bench/Cargo.toml -- [TABLE]... [OPTION]...

Tables (all of them if none is named):
  echo, growth, tls, handshakes, idle, fanout, deflate, all

Options:
  --cells A,B        only these columns, e.g. 16B-P1,1KiB-P16 or 1000-W16
  --rounds N         rounds, of which the tables show the medians (5)
  --seconds S        how long each server is measured in a round, in slices (1.0)
  --peers A,B        only these of the built-in servers; raw-epoll is always there, and if it is
                     named, there is a row that compares it to itself: what the figures are worth
  --quick            only a moment for each: proves that the servers answer, measures nothing
  --external NAME=COMMAND        another server, for echo, growth, handshakes, idle
  --external-tls NAME=COMMAND    for tls and idle; {cert} and {key} become paths of PEM files
  --external-rooms NAME=COMMAND  for fanout: JOIN is answered by OK and makes a member, any
                                 other text goes to all members
  --external-deflate NAME=COMMAND  for deflate: compresses as the client asks

A server prints `listening on ws://ADDRESS` (or wss://) once it listens. Its command is split at
its spaces, and has to be the server itself, or to become it by exec, as cargo run does.
";

pub(crate) enum Command {
    Help,
    Serve { peer: &'static Peer, setup: Setup },
    Measure(Options),
}

/// A table of the output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Echo,
    Growth,
    Tls,
    Handshakes,
    Idle,
    Fanout,
    Deflate,
}

const TABLES: [(&str, Table); 7] = [
    ("echo", Table::Echo),
    ("growth", Table::Growth),
    ("tls", Table::Tls),
    ("handshakes", Table::Handshakes),
    ("idle", Table::Idle),
    ("fanout", Table::Fanout),
    ("deflate", Table::Deflate),
];

pub(crate) struct Options {
    pub(crate) tables: BTreeSet<Table>,
    cells: Option<Vec<String>>,
    peers: Option<Vec<String>>,
    pub(crate) rounds: usize,
    seconds: f64,
    pub(crate) quick: bool,
    external: Vec<Server>,
    external_tls: Vec<Server>,
    external_rooms: Vec<Server>,
    external_deflate: Vec<Server>,
    /// As it was given, for the head of the output.
    pub(crate) command_line: String,
}

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command> {
    // Cargo itself adds this one.
    let arguments: Vec<_> = arguments.filter(|argument| argument != "--bench").collect();
    let mut rest = arguments.iter().cloned();
    if arguments.first().is_some_and(|first| first == "serve") {
        rest.next();
        return serve(rest);
    }
    let mut options = Options {
        tables: BTreeSet::new(),
        cells: None,
        peers: None,
        rounds: 5,
        seconds: 1.0,
        quick: false,
        external: Vec::new(),
        external_tls: Vec::new(),
        external_rooms: Vec::new(),
        external_deflate: Vec::new(),
        command_line: arguments.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
    };
    while let Some(argument) = rest.next() {
        if argument == "--help" || argument == "-h" {
            return Ok(Command::Help);
        }
        options.take(&argument, &mut rest)?;
    }
    if options.tables.is_empty() {
        options.tables = TABLES.map(|(_, table)| table).into();
    }
    options.check()?;
    Ok(Command::Measure(options))
}

fn serve(mut rest: impl Iterator<Item = String>) -> Result<Command> {
    let peer = peers::named(&value(&mut rest, "serve")?).ok_or("no such server")?;
    let mut setup = Setup { address: ([127, 0, 0, 1], 0).into(), task: Task::Echo, tls: None };
    let (mut certificate, mut key) = (None, None);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--addr" => setup.address = value(&mut rest, &argument)?.parse()?,
            "--fanout" => setup.task = Task::FanOut,
            "--cert" => certificate = Some(value(&mut rest, &argument)?),
            "--key" => key = Some(value(&mut rest, &argument)?),
            _ => return Err(format!("{argument} is no option of serve").into()),
        }
    }
    setup.tls = certificate.zip(key);
    Ok(Command::Serve { peer, setup })
}

fn value(rest: &mut impl Iterator<Item = String>, option: &str) -> Result<String> {
    rest.next().ok_or_else(|| format!("{option} lacks its value").into())
}

/// As a shell wants it.
fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("'{word}'") } else { word.to_owned() }
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}

fn external(value: &str) -> Result<Server> {
    let (name, command) = value.split_once('=').ok_or("an external server is NAME=COMMAND")?;
    let words = command.split_whitespace().map(str::to_owned).collect();
    Ok(Server { name: name.to_owned(), start: Start::External(words) })
}

impl Options {
    fn take(&mut self, argument: &str, rest: &mut impl Iterator<Item = String>) -> Result<()> {
        match argument {
            "all" => self.tables.extend(TABLES.map(|(_, table)| table)),
            "--cells" => self.cells = Some(list(&value(rest, argument)?)),
            "--peers" => self.peers = Some(list(&value(rest, argument)?)),
            "--rounds" => self.rounds = value(rest, argument)?.parse::<usize>()?.max(1),
            "--seconds" => self.seconds = value(rest, argument)?.parse()?,
            "--quick" => self.quick = true,
            "--external" => self.external.push(external(&value(rest, argument)?)?),
            "--external-tls" => self.external_tls.push(external(&value(rest, argument)?)?),
            "--external-rooms" => self.external_rooms.push(external(&value(rest, argument)?)?),
            "--external-deflate" => self.external_deflate.push(external(&value(rest, argument)?)?),
            _ => match TABLES.iter().find(|(name, _)| *name == argument) {
                Some((_, table)) => drop(self.tables.insert(*table)),
                None => return Err(format!("{argument} is unknown\n\n{HELP}").into()),
            },
        }
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        if self.quick {
            (self.rounds, self.seconds) = (1, 0.05);
        }
        if !(0.001..3600.0).contains(&self.seconds) {
            return Err("--seconds is out of all reason".into());
        }
        let cells = || {
            let echo = ECHO.iter().map(|cell| cell.name);
            let growth = GROWTH.iter().map(|cell| cell.name);
            let fanout = FANOUT.iter().map(|cell| cell.name);
            echo.chain(growth).chain(fanout).chain(DEFLATE.iter().map(|cell| cell.name))
        };
        for name in self.cells.iter().flatten() {
            if !cells().any(|cell| cell.eq_ignore_ascii_case(name)) {
                let known: Vec<_> = cells().collect();
                return Err(format!("{name} is none of {}", known.join(", ")).into());
            }
        }
        for name in self.peers.iter().flatten() {
            if peers::named(name).is_none() {
                let known: Vec<_> = PEERS.iter().map(|peer| peer.name).collect();
                return Err(format!("{name} is none of {}", known.join(", ")).into());
            }
        }
        Ok(())
    }

    /// The servers that take part in a table, the one to which all are compared first.
    pub(crate) fn servers(&self, table: Table) -> Vec<Server> {
        let ceiling = if table == Table::Deflate { OURS_COMPRESSED } else { RAW };
        let is_wanted = |peer: &&Peer| {
            let is_able = match table {
                Table::Tls => peer.speaks_tls,
                Table::Fanout => peer.fans_out,
                Table::Deflate => peer.compresses,
                _ => !peer.compresses,
            };
            // The comparison of the ceiling with itself is only for who asks for it.
            match &self.peers {
                Some(chosen) => is_able && chosen.iter().any(|name| name == peer.name),
                None => is_able && peer.name != ceiling,
            }
        };
        let first = PEERS.iter().filter(|peer| peer.name == ceiling);
        let built_in = first.chain(PEERS.iter().filter(is_wanted));
        let built_in =
            built_in.map(|peer| Server { name: peer.name.to_owned(), start: Start::BuiltIn });
        let external = match table {
            Table::Tls => &self.external_tls,
            Table::Fanout => &self.external_rooms,
            Table::Deflate => &self.external_deflate,
            _ => &self.external,
        };
        built_in.chain(external.iter().cloned()).collect()
    }

    pub(crate) fn wants_cell(&self, name: &str) -> bool {
        self.cells
            .as_ref()
            .is_none_or(|cells| cells.iter().any(|cell| cell.eq_ignore_ascii_case(name)))
    }

    pub(crate) fn window(&self) -> Window {
        let count = Duration::from_secs_f64(self.seconds) / SLICES;
        Window { settle: count / 4, count }
    }
}
