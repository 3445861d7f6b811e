//! Whole messages for those who drive the decoder themselves: chunks are put together in memory
//! that the caller lends.
//!
//! A message that lies whole in the read buffer needs none of this: its only chunk begins and ends
//! it, and is the message.

use core::fmt;

use crate::decoder::Chunk;
use crate::error::Full;

/// Memory that a message is put together in.
pub trait Memory {
    /// Adds the bytes at the end.
    ///
    /// # Errors
    ///
    /// [`Full`] if they do not fit; nothing has changed then.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Full>;

    /// Forgets the bytes.
    fn clear(&mut self);

    /// The bytes.
    fn bytes(&self) -> &[u8];
}

/// A message in the making: nothing is kept per fragment, and nothing is taken for a length that
/// was only announced.
///
/// ```
/// use ws_core::{Decoder, Event, Side, assembly::{Assembly, Slice}};
///
/// let mut memory = [0; 64];
/// let mut assembly = Assembly::new(Slice::new(&mut memory));
/// let mut decoder = Decoder::new(Side::Client);
///
/// // "Hello" in two fragments, with a Ping between them (RFC 6455 section 5.7).
/// let mut bytes = *b"\x01\x03Hel\x89\x00\x80\x02lo";
/// let mut rest = &mut bytes[..];
/// while !rest.is_empty() {
///     let decoded = decoder.decode(rest)?;
///     if let Some(Event::Chunk(chunk)) = decoded.event
///         && let Some(message) = assembly.add(&chunk, chunk.span.of(rest))?
///     {
///         assert_eq!(message, b"Hello");
///     }
///     rest = &mut rest[decoded.consumed..];
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Assembly<M> {
    memory: M,
    /// A chunk of the current message did not fit: the rest of it is of no use.
    lost: bool,
}

impl<M: Memory> Assembly<M> {
    /// An assembly in this memory.
    pub const fn new(memory: M) -> Self {
        Self { memory, lost: false }
    }

    /// Adds a chunk and its payload, and tells the message if it is whole now.
    ///
    /// # Errors
    ///
    /// [`Full`] if the memory cannot take it, and again for the rest of the message: answer with
    /// 1009.
    pub fn add(&mut self, chunk: &Chunk, payload: &[u8]) -> Result<Option<&[u8]>, Full> {
        if chunk.begins {
            self.memory.clear();
            self.lost = false;
        }
        if self.lost || self.memory.append(payload).is_err() {
            self.lost = true;
            self.memory.clear();
            return Err(Full);
        }
        Ok(chunk.ends.then_some(self.memory.bytes()))
    }

    /// The memory.
    pub fn into_memory(self) -> M {
        self.memory
    }
}

/// Tells nothing of what the message says.
impl<M> fmt::Debug for Assembly<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assembly").field("lost", &self.lost).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<M> defmt::Format for Assembly<M> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Assembly {{ lost: {=bool} }}", self.lost);
    }
}

/// A lent slice, and how much of it is used.
#[derive(Default)]
pub struct Slice<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl<'a> Slice<'a> {
    /// All of the slice, none of it used.
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, len: 0 }
    }
}

/// Tells how much there is, and nothing of what it says.
impl fmt::Debug for Slice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slice").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Slice<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Slice {{ len: {=usize} }}", self.len);
    }
}

impl Memory for Slice<'_> {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let free = self.bytes.get_mut(self.len..).unwrap_or_default();
        let room = free.get_mut(..bytes.len()).ok_or(Full)?;
        room.copy_from_slice(bytes);
        self.len += bytes.len();
        Ok(())
    }

    fn clear(&mut self) {
        self.len = 0;
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

#[cfg(feature = "heapless")]
impl<const N: usize> Memory for heapless::Vec<u8, N> {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.extend_from_slice(bytes).map_err(|_| Full)
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn bytes(&self) -> &[u8] {
        self
    }
}

/// How far a `Vec` may run ahead of the bytes that have arrived.
#[cfg(feature = "alloc")]
const AHEAD: usize = 64 * 1024;

#[cfg(feature = "alloc")]
impl Memory for alloc::vec::Vec<u8> {
    /// Takes at most 64 KiB more than has arrived. It doubles up to there, and grows by that much
    /// from there on: the memory of a message stays within a constant of its bytes.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Full> {
        if self.capacity() - self.len() < bytes.len() {
            let ahead = self.len().min(AHEAD);
            self.try_reserve_exact(bytes.len().max(ahead)).map_err(|_| Full)?;
        }
        self.extend_from_slice(bytes);
        Ok(())
    }

    /// Gives back what a large message took.
    fn clear(&mut self) {
        if self.capacity() > AHEAD {
            *self = Self::new();
        }
        self.clear();
    }

    fn bytes(&self) -> &[u8] {
        self
    }
}
