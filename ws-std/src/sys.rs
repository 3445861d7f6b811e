//! What the operating system and the processor are asked, beyond the standard library.

#[cfg(not(target_has_atomic = "64"))]
pub(crate) use portable_atomic::AtomicU64;
#[cfg(target_has_atomic = "64")]
pub(crate) use std::sync::atomic::AtomicU64;

/// Whether a read or write that moved less than it could have has moved all there was, so that the
/// next event tells of more: that is so with epoll and kqueue. Where events come from completions
/// (Windows), or from poll(2), only a call that would block asks for the next one.
pub(crate) const SHORT_MEANS_DONE: bool = cfg!(any(
    target_os = "android",
    target_os = "illumos",
    target_os = "linux",
    target_os = "redox",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
));

/// How many descriptors this process may have; none if nobody says.
#[cfg(unix)]
pub(crate) fn descriptors() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.and_then(|limit| usize::try_from(limit).ok())
}

/// How many descriptors this process may have; none if nobody says.
#[cfg(not(unix))]
pub(crate) fn descriptors() -> Option<usize> {
    None
}

/// How much memory the machine has; none if nobody says.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn memory() -> Option<usize> {
    let info = rustix::system::sysinfo();
    let bytes = u64::from(info.mem_unit).saturating_mul(info.totalram as u64);
    usize::try_from(bytes).ok()
}

/// How much memory the machine has; none if nobody says.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn memory() -> Option<usize> {
    None
}
