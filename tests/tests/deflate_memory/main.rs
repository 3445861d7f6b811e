//! EXT-01: what compression takes, counted. What is counted is the whole process: one test at a time.

mod bombs;
mod resting;

#[global_allocator]
static COUNTING: ws_tests::counting::Counting = ws_tests::counting::Counting;
