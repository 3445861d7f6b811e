//! Rounds, and what they come to.

use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::Result;
use crate::child::{Certificate, Running, Server};
use crate::load::{Counted, Crowd, Protocol, Target, Window};
use crate::peers::Task;
use crate::sys::{self, CpuTime};

/// The share of the time from which on it counts.
const IDLE: f64 = 0.1;
const DISTURBED: f64 = 0.05;

/// How often it is measured at most, in one round, for the sake of an undisturbed one.
const ATTEMPTS: usize = 3;

/// In so many slices, by turns with the server that it is compared to, the time of each server in
/// a round is measured: what else the machine does, or how fast it runs, changes from one second to
/// the next.
pub(crate) const SLICES: u32 = 4;

/// What a server has done in one round.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Messages, deliveries or handshakes per second.
    pub(crate) rate: f64,
    /// The nanoseconds that its process ran for each of them, where the system tells it.
    pub(crate) cost: Option<f64>,
    /// The share of the time that it was neither running nor ready to run.
    idle: Option<f64>,
    /// The share of the time that other programs kept it, or the load generator, from running.
    disturbed: Option<f64>,
}

/// What a server has come to in all rounds.
pub(crate) enum Figure {
    Measured { ratio: f64, sample: Sample },
    Failed(String),
}

/// A column of a table: a figure for each server.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) figures: Vec<Figure>,
}

/// Opens what loads a server.
pub(crate) type Open<'a> = dyn Fn(&Target, Protocol) -> io::Result<Box<dyn Crowd>> + 'a;

/// What is measured, on whatever server.
pub(crate) struct Job<'a> {
    pub(crate) name: &'a str,
    pub(crate) task: Task,
    pub(crate) tls: Option<&'a Certificate>,
    pub(crate) window: Window,
    pub(crate) open: &'a Open<'a>,
}

/// What two servers have done side by side, the one that the other is compared to first.
type Pair = [Sample; 2];

impl Job<'_> {
    /// Measures all servers in all rounds, each side by side with the first one, which they are
    /// compared to.
    pub(crate) fn column(&self, servers: &[Server], rounds: usize) -> Column {
        let (ceiling, others) = match servers {
            // Alone, it is its own partner.
            [only] => (only, servers),
            [ceiling, others @ ..] => (ceiling, others),
            [] => return Column { name: self.name.to_owned(), figures: vec![] },
        };
        let mut pairs: Vec<Vec<Result<Pair>>> = others.iter().map(|_| Vec::new()).collect();
        for round in 0..rounds {
            for turn in 0..others.len() {
                let place = (turn + round) % others.len();
                progress(&format!("{}, round {}: {}", self.name, round + 1, others[place].name));
                // Who is started first changes, too: nobody is to gain by that either.
                pairs[place].push(match round % 2 {
                    0 => self.calm_pair(ceiling, &others[place]),
                    _ => self.calm_pair(&others[place], ceiling).map(|[one, other]| [other, one]),
                });
            }
        }
        progress("");
        let mut figures = vec![own_figure(pairs.iter().flatten())];
        if servers.len() > 1 {
            figures.extend(pairs.iter().map(|pairs| figure(pairs)));
        }
        Column { name: self.name.to_owned(), figures }
    }

    /// Measures again, a few times, if other programs were in the way, and takes the calmest time.
    fn calm_pair(&self, one: &Server, other: &Server) -> Result<Pair> {
        let disturbed = |pair: &Pair| pair.iter().filter_map(|it| it.disturbed).fold(0.0, f64::max);
        let mut calmest = self.pair(one, other)?;
        for _ in 1..ATTEMPTS {
            if !calmest.iter().any(Sample::is_disturbed) {
                break;
            }
            let again = self.pair(one, other)?;
            if disturbed(&again) < disturbed(&calmest) {
                calmest = again;
            }
        }
        Ok(calmest)
    }

    /// Starts both servers, and measures them by turns.
    fn pair(&self, first: &Server, second: &Server) -> Result<Pair> {
        let mut first = self.start(first)?;
        let mut second = self.start(second)?;
        for slice in 0..SLICES {
            // The order changes, so that neither of them gains by it if the machine slows down.
            let order =
                if slice % 2 == 0 { [&mut first, &mut second] } else { [&mut second, &mut first] };
            for under_load in order {
                under_load.slice(self.window)?;
            }
        }
        Ok([first.sample(), second.sample()])
    }

    fn start(&self, server: &Server) -> Result<UnderLoad> {
        let running = server.start(self.task, self.tls)?;
        let crowd = (self.open)(running.target(), running.protocol())?;
        Ok(UnderLoad { crowd, running, slices: Vec::new() })
    }
}

/// A server, and what loads it.
struct UnderLoad {
    crowd: Box<dyn Crowd>,
    running: Running,
    slices: Vec<Slice>,
}

impl UnderLoad {
    fn slice(&mut self, window: Window) -> Result<()> {
        let mut times = Vec::new();
        let (server, own) = (self.running.process(), std::process::id());
        let mut watcher = || times.push(sys::cpu_time(server).zip(sys::cpu_time(own)));
        let counted = self.crowd.work(window, &mut watcher)?;
        let spent = match times[..] {
            [Some(before), Some(after)] => Some(Spent::between(before, after)),
            _ => None,
        };
        self.slices.push(Slice { counted, spent });
        Ok(())
    }

    fn sample(&self) -> Sample {
        let count = self.slices.iter().map(|slice| slice.counted.count).sum();
        let time = self.slices.iter().map(|slice| slice.counted.time).sum();
        let spent = self.slices.iter().map(|slice| slice.spent);
        let spent = spent.reduce(|one, other| Some(one?.and(other?))).flatten();
        Sample::new(Counted { count, time }, spent)
    }
}

/// What was counted in one go.
struct Slice {
    counted: Counted,
    spent: Option<Spent>,
}

/// The times of the server and of the load generator.
type Times = (CpuTime, CpuTime);

/// What a server and the load generator took while it was counted.
#[derive(Clone, Copy)]
struct Spent {
    ran: Duration,
    /// How long each of them was ready to run while something else ran.
    waited: Duration,
    own_waited: Duration,
}

impl Spent {
    fn between((server, own): Times, (server_after, own_after): Times) -> Self {
        Self {
            ran: server_after.ran.saturating_sub(server.ran),
            // Threads of one server wait for each other, too: that is its own affair.
            waited: match server_after.busy_threads {
                1 => server_after.waited.saturating_sub(server.waited),
                _ => Duration::ZERO,
            },
            own_waited: own_after.waited.saturating_sub(own.waited),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            ran: self.ran + other.ran,
            waited: self.waited + other.waited,
            own_waited: self.own_waited + other.own_waited,
        }
    }
}

impl Sample {
    /// Whether it was waiting for the load generator.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle.is_some_and(|share| share > IDLE)
    }

    /// Whether the machine had something else to do.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.disturbed.is_some_and(|share| share > DISTURBED)
    }

    fn new(counted: Counted, spent: Option<Spent>) -> Self {
        let time = counted.time.as_secs_f64();
        let count = counted.count.max(1) as f64;
        let share = |part: Duration| part.as_secs_f64() / time;
        Self {
            rate: counted.count as f64 / time,
            cost: spent.map(|spent| spent.ran.as_secs_f64() * 1e9 / count),
            idle: spent.map(|spent| 1.0 - share(spent.ran + spent.waited)),
            disturbed: spent.map(|spent| share(spent.waited.max(spent.own_waited))),
        }
    }

    /// The median of each value.
    fn median(samples: &[&Self]) -> Self {
        let of = |value: fn(&Self) -> Option<f64>| {
            median(samples.iter().filter_map(|sample| value(sample)))
        };
        Self {
            rate: of(|sample| Some(sample.rate)).unwrap_or_default(),
            cost: of(|sample| sample.cost),
            idle: of(|sample| sample.idle),
            disturbed: of(|sample| sample.disturbed),
        }
    }
}

/// One line that is written over and over, for who is watching.
fn progress(line: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{line}");
    }
}

/// What the server has come to that the others are compared to.
fn own_figure<'a>(pairs: impl Iterator<Item = &'a Result<Pair>>) -> Figure {
    let samples: Vec<_> = pairs.flatten().map(|[ceiling, _]| ceiling).collect();
    match samples.is_empty() {
        true => Figure::Failed("it was not measured".to_owned()),
        false => Figure::Measured { ratio: 1.0, sample: Sample::median(&samples) },
    }
}

fn figure(pairs: &[Result<Pair>]) -> Figure {
    let good: Vec<_> = pairs.iter().flatten().collect();
    if let Some(Err(error)) = pairs.iter().find(|pair| pair.is_err()) {
        let failed = pairs.len() - good.len();
        return Figure::Failed(format!("{failed} of {} rounds: {error}", pairs.len()));
    }
    let ratios = good.iter().map(|[ceiling, sample]| sample.rate / ceiling.rate);
    let samples: Vec<_> = good.iter().map(|[_, sample]| sample).collect();
    Figure::Measured { ratio: median(ratios).unwrap_or(f64::NAN), sample: Sample::median(&samples) }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => None,
        1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}
