//! One timer per connection, in a wheel.
//!
//! The wheel has levels of 64 slots: a slot of level 0 is one millisecond wide, one of the next
//! level 64 times that. A timer lies in the level of the highest digit (to the base of 64) in
//! which its moment differs from the wheel's, so whatever lies in a level comes before whatever
//! lies above it, no slot is ever passed twice, and eleven levels hold every moment there is.
//! When time reaches a slot, what is not due moves to lower levels, at most ten times in all.
//! Empty slots cost nothing: a bitmap for each level tells the next that is not.

use ws_core::connection::Time;

/// A set of timers. A key has one timer or none; keys are small and dense, as a slab hands out.
pub(crate) struct Timers {
    /// Up to when all was expired: no timer lies before it.
    reached: u64,
    /// The slots of a level that hold a timer, one bit each.
    used: [u64; LEVELS],
    /// The first timer of each slot, level by level.
    first: Box<[u32; LEVELS * SLOTS]>,
    /// By key. Grows to the largest key ever set.
    nodes: Vec<Node>,
}

/// A timer, in the list of its slot if it is set.
#[derive(Clone, Copy)]
struct Node {
    at: u64,
    /// The key before this one, or [`HEAD`] and the slot that begins with this one, or [`NONE`] if
    /// the timer is not set.
    prev: u32,
    /// The key after this one, or [`NONE`].
    next: u32,
}

const DIGIT: usize = 6;
const SLOTS: usize = 1 << DIGIT;
const LEVELS: usize = 64_usize.div_ceil(DIGIT);
const NONE: u32 = u32::MAX;
const HEAD: u32 = 1 << 31;

impl Timers {
    pub(crate) fn new(now: Time) -> Self {
        let first = Box::new([NONE; LEVELS * SLOTS]);
        Self { reached: now.0, used: [0; LEVELS], first, nodes: Vec::new() }
    }

    /// Sets the timer of `key`, or moves it; a moment that never comes cancels it.
    pub(crate) fn set(&mut self, key: usize, at: Time) {
        self.cancel(key);
        if at == Time::NEVER {
            return;
        }
        debug_assert!(key < HEAD as usize, "keys are small");
        if key >= self.nodes.len() {
            self.nodes.resize(key.saturating_add(1), Node { at: 0, prev: NONE, next: NONE });
        }
        self.link(key as u32, at.0.max(self.reached));
    }

    /// Sets the timer of `key`, unless it is set to an earlier moment: whoever is told too early
    /// looks again, and that is cheaper than to move the timer whenever a deadline does.
    pub(crate) fn set_no_later(&mut self, key: usize, at: Time) {
        let node = self.nodes.get(key).filter(|node| node.prev != NONE);
        if node.is_none_or(|node| at.0 < node.at) {
            self.set(key, at);
        }
    }

    pub(crate) fn cancel(&mut self, key: usize) {
        let Some(node) = self.nodes.get_mut(key).filter(|node| node.prev != NONE) else {
            return;
        };
        let Node { prev, next, .. } = *node;
        node.prev = NONE;
        if let Some(next) = self.nodes.get_mut(next as usize) {
            next.prev = prev;
        }
        match (prev & HEAD == 0, next) {
            (true, _) => {
                if let Some(prev) = self.nodes.get_mut(prev as usize) {
                    prev.next = next;
                }
            }
            (false, NONE) => drop(self.take((prev & !HEAD) as usize)),
            (false, _) => {
                if let Some(first) = self.first.get_mut((prev & !HEAD) as usize) {
                    *first = next;
                }
            }
        }
    }

    /// When to call [`expire`](Self::expire) next: never late, but it may only move timers then.
    pub(crate) fn next(&self) -> Time {
        self.next_slot().map_or(Time::NEVER, |(_, start)| Time(start))
    }

    /// Unsets the timers whose moment has come, and appends their keys to `due`. Those that were
    /// due in an earlier slot come first; there is no other order.
    pub(crate) fn expire(&mut self, now: Time, due: &mut Vec<usize>) {
        while let Some((slot, start)) = self.next_slot().filter(|(_, start)| *start <= now.0) {
            self.reached = start;
            let mut key = self.take(slot);
            while let Some(node) = self.nodes.get_mut(key as usize) {
                let Node { at, next, .. } = *node;
                if at <= now.0 {
                    node.prev = NONE;
                    due.push(key as usize);
                } else {
                    self.link(key, at);
                }
                key = next;
            }
        }
        self.reached = self.reached.max(now.0);
    }

    /// The first slot that holds a timer, and the moment at which it begins.
    fn next_slot(&self) -> Option<(usize, u64)> {
        let (level, used) = self.used.iter().enumerate().find(|(_, used)| **used != 0)?;
        let digit = used.trailing_zeros();
        let shift = (level * DIGIT) as u32;
        let above = u64::MAX.checked_shl(shift + DIGIT as u32).unwrap_or(0);
        let start = self.reached & above | u64::from(digit) << shift;
        Some((level * SLOTS + digit as usize, start))
    }

    /// Puts an unset timer at the front of its slot.
    fn link(&mut self, key: u32, at: u64) {
        let differs = at ^ self.reached;
        let level = differs.checked_ilog2().unwrap_or(0) as usize / DIGIT;
        let digit = (at >> (level * DIGIT)) as usize % SLOTS;
        let slot = level * SLOTS + digit;
        let (Some(used), Some(first)) = (self.used.get_mut(level), self.first.get_mut(slot)) else {
            return;
        };
        *used |= 1 << digit;
        let next = core::mem::replace(first, key);
        if let Some(next) = self.nodes.get_mut(next as usize) {
            next.prev = key;
        }
        if let Some(node) = self.nodes.get_mut(key as usize) {
            *node = Node { at, prev: HEAD | slot as u32, next };
        }
    }

    /// Empties a slot, and says which timer was its first.
    fn take(&mut self, slot: usize) -> u32 {
        if let Some(used) = self.used.get_mut(slot / SLOTS) {
            *used &= !(1 << (slot % SLOTS));
        }
        self.first.get_mut(slot).map_or(NONE, |first| core::mem::replace(first, NONE))
    }
}

#[cfg(test)]
mod tests;
