//! Time, by turns.

use std::time::{Duration, Instant};

/// Someone who does the work of so many messages when asked to.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut(usize)>,
}

/// What one of them needed.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Per message, the median of all rounds.
    pub(crate) nanoseconds: f64,
    /// To the first contestant, the median of the ratios within each round.
    pub(crate) ratio: f64,
}

/// Many short turns rather than few long ones: on a machine with other work to do, most of them are
/// over before someone else gets the core.
const TURN: Duration = Duration::from_micros(500);
const ROUNDS: usize = 151;

/// Rounds in which everyone has a turn, each round in another order.
pub(crate) fn interleaved(mut contestants: Vec<Contestant>) -> Vec<Measured> {
    let messages: Vec<usize> = contestants.iter_mut().map(messages_per_turn).collect();
    let mut rounds = vec![vec![0.0; contestants.len()]; ROUNDS];
    for (round, times) in rounds.iter_mut().enumerate() {
        for turn in 0..contestants.len() {
            let who = (round + turn) % contestants.len();
            times[who] = time(&mut contestants[who], messages[who]);
        }
    }
    let measured = |(who, contestant): (usize, &Contestant)| Measured {
        name: contestant.name,
        nanoseconds: median(rounds.iter().map(|times| times[who]).collect()),
        ratio: median(rounds.iter().map(|times| times[who] / times[0]).collect()),
    };
    contestants.iter().enumerate().map(measured).collect()
}

/// Warms up, too.
fn messages_per_turn(contestant: &mut Contestant) -> usize {
    let mut messages = 1;
    loop {
        let nanoseconds = time(contestant, messages) * messages as f64;
        if nanoseconds * 4.0 > TURN.as_nanos() as f64 {
            let turns = TURN.as_nanos() as f64 / nanoseconds;
            return ((messages as f64 * turns) as usize).max(1);
        }
        messages *= 2;
    }
}

/// Nanoseconds per message.
fn time(contestant: &mut Contestant, messages: usize) -> f64 {
    let start = Instant::now();
    (contestant.run)(messages);
    start.elapsed().as_nanos() as f64 / messages as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
