//! How deep the stack has been: memory that was painted before, and is not any more.

const PAINT: u32 = 0xC0DE_C0DE;

/// Below the frame that paints, what it calls itself needs a little.
const MARGIN: usize = 64;

unsafe extern "C" {
    static mut __euninit: u32;
    static _stack_start: u32;
}

fn bottom() -> *mut u32 {
    &raw mut __euninit
}

/// Paints from the end of what is static to where the stack is now.
pub(crate) fn paint() {
    let end = (cortex_m::register::msp::read() as usize - MARGIN) as *mut u32;
    let mut word = bottom();
    while word < end {
        // SAFETY: RAM between what is static and the stack belongs to nobody.
        unsafe { word.write_volatile(PAINT) };
        word = word.wrapping_add(1);
    }
}

/// How many bytes of stack have been used at most.
pub(crate) fn high_water() -> u32 {
    let top = &raw const _stack_start as usize;
    let mut word = bottom();
    // SAFETY: as above, and the stack in use is not painted.
    while unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    (top - word as usize) as u32
}
