use std::collections::BTreeMap;

use super::*;

/// The same, slow and obvious.
#[derive(Default)]
struct Naive(BTreeMap<usize, u64>);

impl Naive {
    fn set(&mut self, key: usize, at: Time) {
        self.0.remove(&key);
        if at != Time::NEVER {
            self.0.insert(key, at.0);
        }
    }

    fn next(&self) -> Time {
        self.0.values().min().map_or(Time::NEVER, |at| Time(*at))
    }

    fn expire(&mut self, now: Time) -> Vec<usize> {
        let due: Vec<_> = self.0.iter().filter(|(_, at)| **at <= now.0).map(|(k, _)| *k).collect();
        self.0.retain(|_, at| *at > now.0);
        due
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }

    /// Mostly near, sometimes far.
    fn span(&mut self) -> u64 {
        let bits = self.below(41);
        (self.below(1 << 31) << 10) & ((1_u64 << bits) - 1) | self.below(1 << (bits / 2))
    }
}

fn expired(timers: &mut Timers, now: u64) -> Vec<usize> {
    let mut due = vec![];
    timers.expire(Time(now), &mut due);
    due.sort_unstable();
    due
}

/// BEAT-05
#[test]
fn any_program_ends_like_with_a_sorted_map() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let start = if seed % 3 == 0 { u64::MAX - (1 << 44) } else { random.span() };
        let (mut now, mut naive) = (start, Naive::default());
        let mut timers = Timers::new(Time(now));
        for _ in 0..2000 {
            let key = random.below(50) as usize;
            match random.below(8) {
                0 => now += random.span(),
                1 => now = timers.next().0.min(now + (1 << 36)).max(now),
                2 => {
                    timers.cancel(key);
                    naive.set(key, Time::NEVER);
                }
                3 => {
                    let past = Time(now.saturating_sub(random.span()));
                    timers.set(key, past);
                    naive.set(key, past);
                }
                _ => {
                    let at = Time(now + random.span());
                    timers.set(key, at);
                    naive.set(key, at);
                }
            }
            // A moment that has passed is due by now, which is as late as it can be asked for.
            assert!(timers.next() <= naive.next().max(Time(now)), "seed {seed}");
            assert_eq!(timers.next() == Time::NEVER, naive.0.is_empty());
            if random.below(3) == 0 {
                assert_eq!(expired(&mut timers, now), naive.expire(Time(now)), "seed {seed}");
            }
        }
        assert_eq!(expired(&mut timers, u64::MAX - 1), naive.expire(Time(u64::MAX - 1)));
        assert_eq!(timers.next(), Time::NEVER);
    }
}

#[test]
fn waking_when_told_fires_at_the_very_millisecond_after_few_wakes() {
    for at in [1, 63, 64, 65, 4095, 4096, 30_000, 86_400_000, 1 << 40, u64::MAX - 1] {
        let mut timers = Timers::new(Time(0));
        timers.set(7, Time(at));
        for wakes in 0.. {
            assert!(wakes < LEVELS, "{at}");
            let next = timers.next();
            let due = expired(&mut timers, next.0);
            if !due.is_empty() {
                assert_eq!((next, due), (Time(at), vec![7]));
                break;
            }
        }
    }
}

#[test]
fn a_timer_that_is_moved_fires_once() {
    let mut timers = Timers::new(Time(1000));
    timers.set(0, Time(1010));
    timers.set(0, Time(5000));
    assert!(expired(&mut timers, 4999).is_empty());
    timers.set(0, Time(5001));
    assert!(expired(&mut timers, 5000).is_empty());
    assert_eq!(expired(&mut timers, 5001), [0]);
    assert!(expired(&mut timers, 90_000).is_empty());
}

#[test]
fn a_timer_can_leave_from_anywhere_in_its_slot() {
    for leaves in 0..3 {
        let mut timers = Timers::new(Time(0));
        (0..3).for_each(|key| timers.set(key, Time(100)));
        timers.cancel(leaves);
        timers.cancel(leaves);
        let stays: Vec<_> = (0..3).filter(|key| *key != leaves).collect();
        assert_eq!(expired(&mut timers, 100), stays);
    }
}

#[test]
fn a_moment_in_the_past_is_due_at_once() {
    let mut timers = Timers::new(Time(1 << 30));
    timers.set(3, Time(5));
    assert!(timers.next() <= Time(1 << 30));
    assert_eq!(expired(&mut timers, 1 << 30), [3]);
}

#[test]
fn a_clock_that_runs_backwards_fires_nothing() {
    let mut timers = Timers::new(Time(500));
    timers.set(3, Time(600));
    assert!(expired(&mut timers, 100).is_empty());
    assert_eq!(expired(&mut timers, 600), [3]);
}

#[test]
fn a_timer_costs_sixteen_bytes() {
    assert_eq!(size_of::<Node>(), 16);
}
