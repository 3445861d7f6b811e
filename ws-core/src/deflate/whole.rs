//! Chunks and messages at once, where the caller has all of them.

use super::{Inflate, Inflated, Part, Then};
use crate::error::Rule;

impl<W: AsRef<[u8]> + AsMut<[u8]>> Inflate<W> {
    /// Inflates all of a chunk, and shows what comes of it, piece by piece.
    ///
    /// # Errors
    ///
    /// As for [`inflate`](Self::inflate).
    pub fn each(
        &mut self,
        part: impl Into<Part>,
        mut payload: &[u8],
        mut see: impl FnMut(Inflated, &[u8]),
    ) -> Result<(), Rule> {
        let part = part.into();
        loop {
            let inflated = self.inflate_part(part, payload)?;
            payload = payload.get(inflated.consumed..).unwrap_or_default();
            see(inflated, self.bytes(inflated.piece));
            if inflated.then != Then::Again {
                return Ok(());
            }
        }
    }

    /// Inflates a message that has arrived whole and is no larger than the window, and tells what it
    /// says: it lies there in one piece.
    ///
    /// # Errors
    ///
    /// As for [`inflate`](Self::inflate); [`Rule::TooBig`] if it is larger than the window.
    pub fn whole(&mut self, part: impl Into<Part>, mut payload: &[u8]) -> Result<&[u8], Rule> {
        let part = Part { ends: true, ..part.into() };
        let most = self.flow.window.bytes() as u64;
        loop {
            let inflated = self.inflate_part(part, payload)?;
            if self.made > most {
                self.broken = Some(Rule::TooBig);
                return Err(Rule::TooBig);
            }
            if inflated.then != Then::Again {
                return Ok(self.in_one_piece());
            }
            payload = payload.get(inflated.consumed..).unwrap_or_default();
        }
    }

    /// The message that has ended, which the window holds: if it goes on at the front, the window is
    /// turned.
    fn in_one_piece(&mut self) -> &[u8] {
        let window = self.window.as_mut().get_mut(..self.flow.window.bytes()).unwrap_or_default();
        let made = self.made as usize;
        if let Some(behind) = made.checked_sub(self.ring.at())
            && behind <= window.len()
        {
            window.rotate_right(behind);
            self.ring.turn_to(made);
        }
        let end = self.ring.at();
        window.get(end.saturating_sub(made)..end).unwrap_or_default()
    }
}
