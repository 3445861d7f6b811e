//! Work that waits for threads, and threads that wait for work.

use super::in_any_order;
use crate::pool::Pool;
use crate::sync::{mpsc, thread};

/// ACTOR-07
#[test]
fn whatever_is_to_be_done_is_done_once() {
    in_any_order(|| {
        let pool = Pool::new(2, 4);
        let (done, results) = mpsc::channel();
        for number in 0..4 {
            let done = done.clone();
            let done = move |result: Result<_, _>| done.send(result.unwrap()).unwrap();
            pool.run(move || number, done).unwrap();
        }
        let mut all: Vec<i32> = (0..4).map(|_| results.recv().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
        assert_eq!(pool.waiting(), 0);
        pool.is_late();
    });
}

/// ACTOR-07
#[test]
fn what_comes_as_a_thread_gives_up_is_done_all_the_same() {
    in_any_order(|| {
        let pool = Pool::new(1, 4);
        let (done, results) = mpsc::channel();
        let run = |number: i32| {
            let done = done.clone();
            let done = move |result: Result<_, _>| done.send(result.unwrap()).unwrap();
            pool.run(move || number, done).unwrap();
        };
        run(0);
        let late = pool.clone();
        let late = thread::spawn(move || late.is_late());
        run(1);
        assert_eq!([results.recv(), results.recv()], [Ok(0), Ok(1)]);
        late.join().unwrap();
    });
}
