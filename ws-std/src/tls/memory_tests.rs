//! What an idle session costs.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use super::session::Session;
use super::testing::*;

struct Counting;

thread_local! {
    /// For each thread, since tests run at once.
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// Bytes that this thread has allocated and not given back.
fn live() -> usize {
    LIVE.with(Cell::get)
}

/// A thread that ends allocates without its locals.
fn count(more: usize, less: usize) {
    let _ = LIVE.try_with(|live| live.set(live.get().wrapping_add(more).wrapping_sub(less)));
}

// SAFETY: hands everything to the system's allocator as it is.
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

#[global_allocator]
static COUNTING: Counting = Counting;

/// Memory that a session holds, itself included.
fn cost(session: Session) -> usize {
    let before = live();
    drop(session);
    size_of::<Session>() + before.wrapping_sub(live())
}

#[test]
fn an_idle_session_holds_less_than_4_kib_whatever_went_through_it() {
    for version in BOTH {
        let fresh = cost(Pair::open(version).server);

        let mut pair = Pair::open(version);
        for _ in 0..10 {
            let bytes = pair.client_says(&[7; 100_000]);
            let (first, second) = bytes.split_at(bytes.len() / 2);
            pair.server_takes(first).unwrap();
            pair.server_takes(second).unwrap();
            pair.server.encrypt(&[&[8; 100_000], &[9; 1000]], &mut pair.out).unwrap();
            pair.client_takes().unwrap();
        }
        let used = cost(pair.server);
        println!("{version:?}: {fresh} bytes fresh, {used} used");
        assert!(fresh < 4096 && used < 4096);
    }
}

#[test]
fn a_session_holds_no_more_than_twice_what_came_of_a_record() {
    let mut pair = Pair::open(BOTH[1]);
    let bytes = pair.client_says(&[7; 16_384]);
    let last = bytes.len() - 1;
    for (index, byte) in bytes.iter().enumerate() {
        pair.server_takes(&[*byte]).unwrap();
        let held = pair.server.retained();
        assert!(held <= 2 * (index + 1) && held <= bytes.len(), "{held} after {index}");
        assert_eq!(pair.plain.is_empty(), index < last);
    }
    assert_eq!(pair.server.retained(), 0);
    assert_eq!(pair.plain, [7; 16_384]);
}
