//! An allocator that counts: the one place of the tests that is not safe code.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which counts what goes through it. A test program has it with
///
/// ```
/// #[global_allocator]
/// static COUNTING: ws_tests::counting::Counting = ws_tests::counting::Counting;
/// ```
pub struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static TAKEN_HERE: Cell<usize> = const { Cell::new(0) };
    static LIVE_HERE: Cell<usize> = const { Cell::new(0) };
}

/// Bytes that are allocated and not given back, by all threads.
pub fn live() -> usize {
    LIVE.load(Ordering::SeqCst)
}

/// The most that there was of them while `work` was done.
pub fn peak(work: impl FnOnce()) -> usize {
    PEAK.store(live(), Ordering::SeqCst);
    work();
    PEAK.load(Ordering::SeqCst)
}

/// Bytes that this thread has allocated and not given back; wrapping, since another may have given
/// them back, or this one another's.
pub fn live_here() -> usize {
    LIVE_HERE.with(Cell::get)
}

/// Bytes that all other threads have allocated and not given back.
pub fn live_elsewhere() -> usize {
    live().wrapping_sub(live_here())
}

/// How many allocations this thread has made so far.
pub fn taken_here() -> usize {
    TAKEN_HERE.with(Cell::get)
}

fn count(more: usize, less: usize) {
    let live = LIVE.fetch_add(more, Ordering::SeqCst) + more;
    LIVE.fetch_sub(less, Ordering::SeqCst);
    PEAK.fetch_max(live, Ordering::SeqCst);
    // A thread that ends allocates without its locals.
    let _ = TAKEN_HERE.try_with(|taken| taken.set(taken.get() + usize::from(more > 0)));
    let _ = LIVE_HERE.try_with(|live| live.set(live.get().wrapping_add(more).wrapping_sub(less)));
}

// SAFETY: hands everything to the system's allocator as it is, and answers what that answers. The
// counters are atomics and cells without destructors: counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(memory, layout, size) }
    }
}
