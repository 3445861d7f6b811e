//! What the images share: a client in memory, the counter of instructions, and the report.

#![no_std]

mod executor;
mod meter;
mod report;
mod script;
mod stack;
mod wire;

pub use executor::block_on;
pub use wire::{Cut, Wire};

use core::panic::PanicInfo;

use report::{line, number};
use script::{CASES, Case, Frame};
use wire::Marks;

/// The largest message that every server takes.
pub const MESSAGE: usize = 1024;

/// How large the receive buffer of a library is that wants the request, and then each frame, in it.
pub const FRAME: usize = MESSAGE + 8;

/// A panic stops the machine, and the report stays unfinished.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// What a server writes for each frame that it reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// The message, in a frame of its own.
    Messages,
    /// The same bytes: the base, which knows nothing of frames.
    Bytes,
}

/// What the client says and hears. Static, or it would count as stack.
struct Client {
    frame: Frame,
    marks: Marks,
    heard: [u8; 2 * FRAME],
}

/// Lets `serve` serve one connection after the other, and reports what that took. A connection holds
/// `buffers` bytes of memory that are lent to it, and what `serve` says that it keeps beside.
pub fn measure(echo: Echo, buffers: usize, mut serve: impl FnMut(&mut Wire<'_>) -> usize) -> ! {
    static mut CLIENT: Client =
        Client { frame: Frame::EMPTY, marks: Marks::NONE, heard: [0; 2 * FRAME] };
    // SAFETY: a program measures once, since this never returns.
    let client = unsafe { &mut *&raw mut CLIENT };
    let mut clock = meter::Meter::start();
    number("calibration", clock.calibration());
    number("buffers", buffers as u32);
    stack::paint();
    for case in &CASES {
        client.frame.make(case);
        line(case.name);
        if client.rehearse(echo, &mut serve) {
            client.report(case, echo, &mut clock, &mut serve);
        } else {
            line("the echo is wrong");
        }
    }
    number("stack", stack::high_water());
    line("end");
    report::exit()
}

impl Client {
    /// Whether one frame comes back as it should, to the last byte.
    fn rehearse(&mut self, echo: Echo, serve: &mut impl FnMut(&mut Wire<'_>) -> usize) -> bool {
        let Self { frame, marks, heard } = self;
        serve(&mut Wire::new(frame, 1, marks, heard));
        let heard = heard.get(marks.before_frames as usize..).unwrap_or_default();
        let (header, payload) = frame.answer(echo);
        let mut said = header.iter().chain(payload).zip(heard);
        header.len() + payload.len() <= heard.len() && said.all(|(said, heard)| said == heard)
    }

    fn report(
        &mut self,
        case: &Case,
        echo: Echo,
        clock: &mut meter::Meter,
        serve: &mut impl FnMut(&mut Wire<'_>) -> usize,
    ) {
        let Self { frame, marks, .. } = self;
        clock.restart();
        let state = serve(&mut Wire::new(frame, case.count, marks, &mut []));
        let (header, payload) = frame.answer(echo);
        let echoed = case.count * (header.len() + payload.len()) as u32;
        if marks.after_frames.wrapping_sub(marks.before_frames) != echoed {
            line("the echo is not as long as it should be");
        }
        let first_frame = marks.first_frame.unwrap_or_default();
        number("state", state as u32);
        number("count", case.count);
        number("handshake", meter::between(marks.opened, first_frame));
        number("frames", meter::between(first_frame, marks.ping));
    }
}
