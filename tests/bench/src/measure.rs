//! Rounds, and what they come to.

use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::Result;
use crate::child::{Certificate, Server};
use crate::load::{Counted, Protocol, Target, Window};
use crate::peers::Task;
use crate::sys::{self, CpuTime};

/// The share of the time from which on it counts.
const IDLE: f64 = 0.1;
const DISTURBED: f64 = 0.05;

/// How often it is measured at most, in one round, for the sake of an undisturbed one.
const ATTEMPTS: usize = 3;

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

/// Counts what a server does: the target, its protocol, and whom to tell when the counting begins
/// and ends.
pub(crate) type Load<'a> =
    dyn Fn(&Target, Protocol, Window, &mut dyn FnMut()) -> io::Result<Counted> + 'a;

/// What is measured, on whatever server.
pub(crate) struct Job<'a> {
    pub(crate) name: &'a str,
    pub(crate) task: Task,
    pub(crate) tls: Option<&'a Certificate>,
    pub(crate) window: Window,
    pub(crate) load: &'a Load<'a>,
}

impl Job<'_> {
    /// Measures all servers in all rounds. The first server is the one they are compared to.
    pub(crate) fn column(&self, servers: &[Server], rounds: usize) -> Column {
        let mut samples: Vec<Vec<Result<Sample>>> = servers.iter().map(|_| Vec::new()).collect();
        for round in 0..rounds {
            for turn in 0..servers.len() {
                let place = (turn + round) % servers.len();
                progress(&format!("{}, round {}: {}", self.name, round + 1, servers[place].name));
                samples[place].push(self.calm_sample(&servers[place]));
            }
        }
        progress("");
        let ceiling: Vec<_> =
            samples[0].iter().map(|sample| sample.as_ref().ok().map(|it| it.rate)).collect();
        let figures = samples.iter().map(|samples| figure(samples, &ceiling)).collect();
        Column { name: self.name.to_owned(), figures }
    }

    /// Measures again, a few times, if other programs were in the way, and takes the calmest time.
    fn calm_sample(&self, server: &Server) -> Result<Sample> {
        let mut calmest = self.sample(server)?;
        for _ in 1..ATTEMPTS {
            if !calmest.is_disturbed() {
                break;
            }
            let again = self.sample(server)?;
            if again.disturbed < calmest.disturbed {
                calmest = again;
            }
        }
        Ok(calmest)
    }

    fn sample(&self, server: &Server) -> Result<Sample> {
        let running = server.start(self.task, self.tls)?;
        let mut times = Vec::new();
        let own = std::process::id();
        let mut watcher = || times.push(sys::cpu_time(running.process()).zip(sys::cpu_time(own)));
        let counted = (self.load)(running.target(), running.protocol(), self.window, &mut watcher)?;
        let spent = match times[..] {
            [Some(before), Some(after)] => Some((before, after)),
            _ => None,
        };
        Ok(Sample::new(counted, spent))
    }
}

/// The times of the server and of the load generator.
type Times = (CpuTime, CpuTime);

impl Sample {
    /// Whether it was waiting for the load generator.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle.is_some_and(|share| share > IDLE)
    }

    /// Whether the machine had something else to do.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.disturbed.is_some_and(|share| share > DISTURBED)
    }

    fn new(counted: Counted, spent: Option<(Times, Times)>) -> Self {
        let time = counted.time.as_secs_f64();
        let count = counted.count.max(1) as f64;
        let share =
            |before: Duration, after: Duration| after.saturating_sub(before).as_secs_f64() / time;
        let shares = spent.map(|((server, own), (server_after, own_after))| {
            let ran = share(server.ran, server_after.ran);
            // Threads of one server wait for each other, too: that is its own affair.
            let waited = match server_after.busy_threads {
                1 => share(server.waited, server_after.waited),
                _ => 0.0,
            };
            (ran, waited, share(own.waited, own_after.waited))
        });
        Self {
            rate: counted.count as f64 / time,
            cost: shares.map(|(ran, _, _)| ran * time * 1e9 / count),
            idle: shares.map(|(ran, waited, _)| 1.0 - ran - waited),
            disturbed: shares.map(|(_, waited, own_waited)| waited.max(own_waited)),
        }
    }
}

/// One line that is written over and over, for who is watching.
fn progress(line: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{line}");
    }
}

fn figure(samples: &[Result<Sample>], ceiling: &[Option<f64>]) -> Figure {
    let good: Vec<_> = samples.iter().filter_map(|sample| sample.as_ref().ok()).collect();
    if let Some(Err(error)) = samples.iter().find(|sample| sample.is_err()) {
        return Figure::Failed(format!(
            "{} of {} rounds: {error}",
            samples.len() - good.len(),
            samples.len()
        ));
    }
    let ratios = good.iter().zip(ceiling);
    let ratios = ratios.filter_map(|(sample, ceiling)| Some(sample.rate / (*ceiling)?));
    let sample = Sample {
        rate: median(good.iter().map(|sample| sample.rate)).unwrap_or_default(),
        cost: median(good.iter().filter_map(|sample| sample.cost)),
        idle: median(good.iter().filter_map(|sample| sample.idle)),
        disturbed: median(good.iter().filter_map(|sample| sample.disturbed)),
    };
    Figure::Measured { ratio: median(ratios).unwrap_or(f64::NAN), sample }
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
