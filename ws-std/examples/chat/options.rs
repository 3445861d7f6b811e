//! What the command line says, and signals.

use std::error::Error;

use ws_std::Threads;

pub(crate) struct Options {
    pub(crate) addr: String,
    pub(crate) threads: Threads,
}

impl Options {
    pub(crate) fn from(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut options = Self { addr: "127.0.0.1:8080".to_owned(), threads: Threads::PerCore };
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or(format!("{option} wants a value"))?;
            match &*option {
                "--addr" => options.addr = value,
                "--threads" => options.threads = Threads::Fixed(value.parse()?),
                _ => return Err(format!("what is {option}?").into()),
            }
        }
        Ok(options)
    }
}

/// Catches signals, from now on; what comes back waits for the first one.
#[cfg(unix)]
pub(crate) fn signals() -> Result<impl FnOnce(), Box<dyn Error>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    // The second signal finds the flag up, and ends the program at once.
    let leaving = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 1, leaving.clone())?;
    }
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    Ok(move || {
        signals.forever().next();
        leaving.store(true, Ordering::SeqCst);
    })
}

/// Where there are no signals, Ctrl-C ends the program at once.
#[cfg(not(unix))]
pub(crate) fn signals() -> Result<impl FnOnce(), Box<dyn Error>> {
    Ok(|| {
        loop {
            std::thread::park();
        }
    })
}
