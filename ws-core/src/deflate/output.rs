//! The window: what was inflated last, in a circle, and the way in which it is handed out.

use crate::span::copy;

/// Where inflated bytes go.
pub(super) struct Output<'w> {
    window: &'w mut [u8],
    ring: &'w mut Ring,
}

/// How much of the window is used.
#[derive(Clone, Copy)]
pub(super) struct Ring {
    /// Where the next byte goes; the size of the window if it goes to its front.
    at: usize,
    /// How many bytes behind that may be referred to.
    known: usize,
}

impl Ring {
    pub(super) const START: Self = Self { at: 0, known: 0 };

    /// Where the next byte goes.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The window has been turned so that this is where the next byte goes.
    pub(super) const fn turn_to(&mut self, at: usize) {
        self.at = at;
    }
}

impl<'w> Output<'w> {
    /// Begins at the front again, if the end was reached.
    pub(super) fn new(window: &'w mut [u8], ring: &'w mut Ring) -> Self {
        if ring.at >= window.len() {
            ring.at = 0;
        }
        Self { window, ring }
    }

    /// Where the next byte goes.
    pub(super) const fn at(&self) -> usize {
        self.ring.at
    }

    /// Whether what is there must be handed out before more can be written.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.ring.at >= self.window.len()
    }

    #[inline]
    pub(super) fn put(&mut self, byte: u8) {
        if let Some(place) = self.window.get_mut(self.ring.at) {
            *place = byte;
        }
        self.advance(1);
    }

    /// Takes from the front of the bytes as many as fit, and tells how many.
    pub(super) fn write(&mut self, bytes: &[u8]) -> usize {
        let room = self.window.get_mut(self.ring.at..).unwrap_or_default();
        let count = room.len().min(bytes.len());
        copy(bytes, room);
        self.advance(count);
        count
    }

    /// Whether there is something at this distance.
    #[inline]
    pub(super) fn reaches(&self, distance: usize) -> bool {
        distance <= self.ring.known
    }

    /// Repeats so many of the bytes from this distance on, as far as they fit, and tells how many
    /// did.
    #[inline]
    pub(super) fn repeat(&mut self, distance: usize, count: usize) -> usize {
        let at = self.ring.at;
        let count = count.min(self.window.len().wrapping_sub(at));
        match at.checked_sub(distance) {
            Some(from) => self.repeat_behind(from, count),
            None => {
                // From the end of the window, and perhaps on from its front.
                for to in at..at + count {
                    let from = to.checked_sub(distance);
                    let from = from.unwrap_or(to + self.window.len() - distance);
                    let byte = self.window.get(from).copied().unwrap_or_default();
                    if let Some(place) = self.window.get_mut(to) {
                        *place = byte;
                    }
                }
            }
        }
        self.advance(count);
        count
    }

    /// What is repeated may overlap what it is written to: then it is written again and again.
    #[inline]
    fn repeat_behind(&mut self, from: usize, count: usize) {
        let (mut at, end) = (self.ring.at, self.ring.at + count);
        while at < end {
            let Some((front, room)) = self.window.split_at_mut_checked(at) else { return };
            let period = front.get(from..).unwrap_or_default();
            let len = period.len().min(end - at);
            if len == 0 {
                return;
            }
            copy(period, room.get_mut(..len).unwrap_or_default());
            at += len;
        }
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        self.ring.at += count;
        self.ring.known = (self.ring.known + count).min(self.window.len());
    }
}
