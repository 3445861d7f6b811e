//! Buffers that come home: each connection borrows one, and its end, whichever, gives it back.

use core::cell::Cell;
use core::fmt;

/// Where a buffer lies while no connection has it.
pub struct Shelf<'m>(Cell<Option<&'m mut [u8]>>);

/// A buffer that is lent, until this is dropped.
pub struct Lent<'s, 'm> {
    home: &'s Shelf<'m>,
    memory: &'m mut [u8],
}

impl<'m> Shelf<'m> {
    /// A buffer on its shelf.
    pub const fn new(memory: &'m mut [u8]) -> Self {
        Self(Cell::new(Some(memory)))
    }

    /// Takes the buffer; none if it is lent.
    pub fn lend(&self) -> Option<Lent<'_, 'm>> {
        self.0.take().map(|memory| Lent { home: self, memory })
    }

    /// Whether the buffer is here.
    pub fn is_home(&self) -> bool {
        let memory = self.0.take();
        let is_home = memory.is_some();
        self.0.set(memory);
        is_home
    }
}

impl Drop for Lent<'_, '_> {
    fn drop(&mut self) {
        self.home.0.set(Some(core::mem::take(&mut self.memory)));
    }
}

impl AsRef<[u8]> for Lent<'_, '_> {
    fn as_ref(&self) -> &[u8] {
        self.memory
    }
}

impl AsMut<[u8]> for Lent<'_, '_> {
    fn as_mut(&mut self) -> &mut [u8] {
        self.memory
    }
}

impl fmt::Debug for Shelf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").field("is_home", &self.is_home()).finish()
    }
}

/// Tells how large it is, and nothing of what it holds.
impl fmt::Debug for Lent<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").field("len", &self.memory.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_lent_once_and_comes_home() {
        let mut memory = [7; 9];
        let shelf = Shelf::new(&mut memory);
        let mut lent = shelf.lend().unwrap();
        assert!(!shelf.is_home());
        assert!(shelf.lend().is_none());
        lent.as_mut()[0] = 1;
        drop(lent);
        assert!(shelf.is_home());
        assert_eq!(shelf.lend().unwrap().as_ref(), [1, 7, 7, 7, 7, 7, 7, 7, 7]);
    }
}
