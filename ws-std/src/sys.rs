//! What the operating system and the processor are asked, beyond the standard library.

#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::net::TcpListener;
#[cfg(unix)]
use std::os::fd::AsFd;
#[cfg(unix)]
use std::os::unix::net::UnixListener;
#[cfg(unix)]
use std::sync::Mutex;

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

/// A listener that was there before the process.
#[cfg(unix)]
pub(crate) enum Inherited {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// The listeners that the service manager has passed to this process. They are told of once.
#[cfg(unix)]
pub(crate) fn inherited_listeners() -> io::Result<Vec<Inherited>> {
    // Two that ask at the same time must not both become owners of the same descriptors.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let mut passed = listenfd::ListenFd::from_env();
    let mut listeners = vec![];
    for index in 0..passed.len() {
        // A socket of another kind is an error that leaves it where it is.
        if let Ok(Some(listener)) = passed.take_tcp_listener(index) {
            check_that_it_listens(&listener)?;
            listeners.push(Inherited::Tcp(listener));
        } else if let Ok(Some(listener)) = passed.take_unix_listener(index) {
            check_that_it_listens(&listener)?;
            listeners.push(Inherited::Unix(listener));
        }
    }
    Ok(listeners)
}

/// A connection is a stream socket as well, and nobody could ever be accepted from it.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn check_that_it_listens(socket: &impl AsFd) -> io::Result<()> {
    if rustix::net::sockopt::socket_acceptconn(socket)? {
        return Ok(());
    }
    let error = "the service manager has passed a socket that does not listen (Accept=yes?)";
    Err(io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// These systems do not tell.
#[cfg(all(unix, target_vendor = "apple"))]
fn check_that_it_listens(_: &impl AsFd) -> io::Result<()> {
    Ok(())
}
