//! How much of the stack has never been used.

unsafe extern "C" {
    /// The end of the stack: the lowest address that it may grow down to.
    static _stack_end: u32;
    /// Its beginning.
    static _stack_start: u32;
}

/// How many bytes still hold what the start routine has painted the stack with.
pub fn stack_free() -> u32 {
    let start = &raw const _stack_start as usize;
    let mut at = &raw const _stack_end;
    let mut free = 0;
    // SAFETY: the words between the two symbols are the stack. It may change while it is read, but
    // not below what has been used, and above it nothing is read twice or relied on.
    while (at as usize) < start && unsafe { at.read_volatile() } == cortex_m_rt::STACK_PAINT_VALUE {
        // The symbol is no object that the next word is in: only the address counts.
        at = at.wrapping_add(1);
        free += size_of::<u32>() as u32;
    }
    free
}
