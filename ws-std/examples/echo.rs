//! An echo server, with a page to try it from.
//!
//! ```text
//! cargo run --release -p ws-std --example echo -- --addr 127.0.0.1:9001
//! ```
//!
//! `--threads N` serves with N event loops instead of one for each core, `--tls CERT KEY` over TLS
//! with these PEM files, `--max-message BYTES` refuses what is larger, `--deflate` compresses
//! (permessage-deflate) where the client understands that, with context takeover if it likes. On Unix `--inherited` takes
//! the TCP listeners that the service manager passes, instead of an address. The first SIGINT or
//! SIGTERM takes a second to say goodbye to everybody; another one does not.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::process::ExitCode;

use ws_std::http::Routes;
use ws_std::tls::ServerTls;
use ws_std::{Compression, Drain, Limits, Server, Takeover, Threads, on_message};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::from(std::env::args().skip(1))?;
    let echo = on_message(|ctx, message| {
        ctx.send(message);
    });
    let mut builder = Server::builder(echo)
        .threads(options.threads)
        .limits(options.limits)
        .routes(Routes::default().page("/", include_str!("echo.html")));
    if let Some(compression) = options.compression {
        builder = builder.compression(compression);
    }
    let (scheme, builder) = match options.tls {
        #[cfg(unix)]
        None if options.inherited => ("ws", builder.listen_inherited()?),
        #[cfg(unix)]
        Some(_) if options.inherited => return Err("--inherited is without --tls".into()),
        None => ("ws", builder.listen(&options.addr)?),
        Some((certificates, key)) => {
            let tls = ServerTls::from_pem_files(certificates, key)?;
            ("wss", builder.listen_tls(&options.addr, tls)?)
        }
    };

    // Whoever reads the line below may send a signal at once.
    let wait_for_a_signal = signals()?;
    let server = builder.start()?;
    println!("listening on {scheme}://{}", server.address().ok_or("no address")?);

    wait_for_a_signal();
    let drained = server.drain(Drain::quick());
    eprintln!("{} closed, {} cut, {} gone", drained.closed, drained.cut, drained.gone);
    Ok(())
}

/// Catches signals, from now on.
#[cfg(unix)]
fn signals() -> Result<impl FnOnce(), Box<dyn Error>> {
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
fn signals() -> Result<impl FnOnce(), Box<dyn Error>> {
    Ok(|| {
        loop {
            std::thread::park();
        }
    })
}

struct Options {
    addr: String,
    #[cfg(unix)]
    inherited: bool,
    threads: Threads,
    tls: Option<(String, String)>,
    limits: Limits,
    compression: Option<Compression>,
}

fn as_the_client_asks() -> Compression {
    Compression {
        send_takeover: Takeover::Keep,
        receive_takeover: Takeover::Keep,
        ..Compression::default()
    }
}

impl Options {
    fn from(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            addr: "127.0.0.1:9001".to_owned(),
            #[cfg(unix)]
            inherited: false,
            threads: Threads::PerCore,
            tls: None,
            limits: Limits::default(),
            compression: None,
        };
        while let Some(option) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{option} wants a value"));
            match &*option {
                "--addr" => options.addr = value()?,
                #[cfg(unix)]
                "--inherited" => options.inherited = true,
                "--threads" => options.threads = Threads::Fixed(value()?.parse()?),
                "--tls" => options.tls = Some((value()?, value()?)),
                "--deflate" => options.compression = Some(as_the_client_asks()),
                "--max-message" => options.limits.message = value()?.parse()?,
                _ => return Err(format!("what is {option}?").into()),
            }
        }
        Ok(options)
    }
}
