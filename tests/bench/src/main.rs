//! Measures WebSocket servers against each other:
//!
//! ```sh
//! cargo bench --manifest-path tests/bench/Cargo.toml -- echo --cells 16B-P1,1KiB-P16
//! ```
//!
//! **What a figure is.** Absolute figures do not carry from one machine to another, and not even
//! from one hour to the next; ratios that were measured side by side do. So every figure is a
//! ratio to `raw-epoll`, a TCP server without any WebSocket: what the kernel alone costs. A round
//! measures each server side by side with `raw-epoll`, both in fresh processes: they are loaded by
//! turns, a slice of the time each, so that both see the same moods of the machine. The ratio is
//! taken within a round, and the table shows the median of the rounds, with the time in
//! nanoseconds that the server's process ran for one message. 5 % is the resolution.
//!
//! **What is fair.** The server is bound to the first core, the load generator to the second one
//! (on Linux, with two cores; otherwise the output says that nothing was bound). The load
//! generator is one thread on epoll. It sends frames that were built and masked beforehand, many
//! at a time where many are due, and checks of every message that comes back the opcode and the
//! length, and of a sample the contents. `raw-epoll` is sent frames as a server would send them,
//! so that its answers stand the same checks. A `~` marks a server that was idle for more than a
//! tenth of the time: there the load generator, not the server, was the limit, and the
//! nanoseconds say more than the ratio. A `!` marks one that other programs on the machine kept
//! from running, or from being asked, for more than a twentieth of the time, three times
//! in a row in most rounds.
//!
//! **What is measured.** `echo`, and `tls` the same under TLS 1.3 (compared to `raw-epoll`
//! without TLS); `growth`, whether a message costs more where there are more connections, of which
//! few have anything to say at a time; `handshakes`; `idle`, the memory that open connections take, with and
//! without TLS; `fanout`, messages that go to every member of a room; `deflate`, compressed messages of
//! those who can: what they cost, how large they are, and what a connection keeps. `P` is the number of messages
//! under way per connection, `W` that of the published messages which have not reached every
//! member yet, `C` that of connections.
//!
//! **Who is measured.** The peers are built in: the program starts itself as `serve NAME`. Any
//! other server joins by `--external NAME=COMMAND` if it prints `listening on ws://ADDRESS`; see
//! `-- --help`.

mod args;
mod cells;
mod child;
mod deflate;
mod idle;
mod load;
mod measure;
mod peers;
mod sys;
mod table;

use std::process::ExitCode;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

fn main() -> ExitCode {
    let done = match args::parse(std::env::args().skip(1)) {
        Ok(args::Command::Help) => {
            println!("{}", args::HELP);
            Ok(true)
        }
        Ok(args::Command::Serve { peer, setup }) => (peer.serve)(&setup).map(|()| true),
        Ok(args::Command::Measure(options)) => table::run(&options),
        Err(error) => Err(error),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
