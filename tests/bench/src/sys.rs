//! What is asked of the operating system: the only file that knows Linux from the others.

use std::fs;
use std::time::Duration;

use mio::net::TcpStream;

/// The core of the servers, and that of the load generator.
#[derive(Clone, Copy)]
pub(crate) enum Core {
    Server,
    Load,
}

/// Binds the calling thread, and with it what it starts from now on, to one core. Tells whether
/// it did: elsewhere than on Linux, and on a machine with one core, nothing is bound.
pub(crate) fn pin(core: Core) -> bool {
    pin_to(match core {
        Core::Server => 0,
        Core::Load => 1,
    })
}

#[cfg(target_os = "linux")]
fn pin_to(core: usize) -> bool {
    use rustix::thread::{CpuSet, sched_setaffinity};
    if cores() < 2 {
        return false;
    }
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn pin_to(_: usize) -> bool {
    false
}

/// How many cores there are, whatever this thread is bound to.
fn cores() -> usize {
    fs::read_to_string("/proc/cpuinfo")
        .map(|text| text.lines().filter(|line| line.starts_with("processor")).count())
        .ok()
        .filter(|count| *count > 0)
        .or_else(|| std::thread::available_parallelism().ok().map(Into::into))
        .unwrap_or(1)
}

/// What the scheduler has given to all threads of a process so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct CpuTime {
    pub(crate) ran: Duration,
    /// How long they were ready to run while something else ran.
    pub(crate) waited: Duration,
    /// The threads that are more than a bystander.
    pub(crate) busy_threads: usize,
}

/// Where the system tells it.
pub(crate) fn cpu_time(process: u32) -> Option<CpuTime> {
    let mut total = CpuTime::default();
    let mut threads = Vec::new();
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()? {
        let Ok(stat) = fs::read_to_string(thread.ok()?.path().join("schedstat")) else { continue };
        let mut numbers = stat.split_whitespace().map_while(|number| number.parse().ok());
        let ran = Duration::from_nanos(numbers.next()?);
        total.ran += ran;
        total.waited += Duration::from_nanos(numbers.next()?);
        threads.push(ran);
    }
    total.busy_threads = threads.iter().filter(|ran| **ran > total.ran / 20).count();
    if threads.len() > 1 {
        // Those that have ended are only found here, if in steps of a hundredth of a second.
        total.ran = total.ran.max(whole_process(process)?);
    }
    Some(total)
}

#[cfg(unix)]
fn whole_process(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything, the times are the 12th and 13th value.
    let (_, values) = stat.rsplit_once(')')?;
    let ticks = values.split_whitespace().skip(11).take(2);
    let ticks = ticks.map_while(|value| value.parse::<f64>().ok()).sum::<f64>();
    Some(Duration::from_secs_f64(ticks / rustix::param::clock_ticks_per_second() as f64))
}

#[cfg(not(unix))]
fn whole_process(_: u32) -> Option<Duration> {
    None
}

/// The memory of a process that is its own and in use, in bytes, where the system tells it.
pub(crate) fn private_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Lets this process, and those that it starts, open as many descriptors as it may. Tells how many.
#[cfg(unix)]
pub(crate) fn raise_descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let _ = setrlimit(Resource::Nofile, raised);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
pub(crate) fn raise_descriptors() -> u64 {
    u64::MAX
}

/// Lets a socket end with a reset, so that it leaves no port behind that waits for a minute.
#[cfg(unix)]
pub(crate) fn end_with_a_reset(socket: &TcpStream) {
    let _ = rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO));
}

#[cfg(not(unix))]
pub(crate) fn end_with_a_reset(_: &TcpStream) {}

/// The machine in one line: what a figure is worth nothing without.
pub(crate) fn machine() -> String {
    let model = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let rustc = std::process::Command::new("rustc").arg("-V").output();
    let rustc = rustc.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    format!(
        "{} cores, {model}; {} {}; {}",
        cores(),
        std::env::consts::OS,
        kernel.trim(),
        rustc.unwrap_or_else(|_| "rustc unknown".to_owned()),
    )
}
