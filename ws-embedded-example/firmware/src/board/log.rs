//! Logs as `defmt` frames on a serial line, byte by byte: `defmt-print` shows them, given the image.

use core::cell::{Cell, RefCell};

use critical_section::{Mutex, RestoreState};
use defmt::Encoder;

/// Writes a byte to the serial line of the board.
static PUT: Mutex<Cell<fn(u8)>> = Mutex::new(Cell::new(|_| {}));

static FRAME: Mutex<Cell<Option<RestoreState>>> = Mutex::new(Cell::new(None));

static ENCODER: Mutex<RefCell<Encoder>> = Mutex::new(RefCell::new(Encoder::new()));

defmt::timestamp!("{=u64:ms}", super::now().0);

/// Logs to a serial line from now on.
pub(super) fn log_to(put: fn(u8)) {
    critical_section::with(|section| PUT.borrow(section).set(put));
}

#[defmt::global_logger]
struct Serial;

/// Interrupts wait while a frame is written: frames do not mix.
// SAFETY: `acquire` takes a critical section and `release` gives it back: nobody comes between.
unsafe impl defmt::Logger for Serial {
    fn acquire() {
        // SAFETY: `release` ends the section, called once for each call of this.
        let state = unsafe { critical_section::acquire() };
        critical_section::with(|section| FRAME.borrow(section).set(Some(state)));
        encode(|encoder, put| encoder.start_frame(put));
    }

    unsafe fn flush() {}

    unsafe fn release() {
        encode(|encoder, put| encoder.end_frame(put));
        let state = critical_section::with(|section| FRAME.borrow(section).take());
        if let Some(state) = state {
            // SAFETY: the state is that of the last `acquire`, and is used once.
            unsafe { critical_section::release(state) }
        }
    }

    unsafe fn write(bytes: &[u8]) {
        encode(|encoder, put| encoder.write(bytes, put));
    }
}

fn encode(with: impl FnOnce(&mut Encoder, &mut dyn FnMut(&[u8]))) {
    critical_section::with(|section| {
        let put = PUT.borrow(section).get();
        if let Ok(mut encoder) = ENCODER.borrow(section).try_borrow_mut() {
            with(&mut encoder, &mut |bytes| bytes.iter().copied().for_each(put));
        }
    });
}
