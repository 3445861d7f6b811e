//! The examples as they are, built and run by the cargo that runs these tests.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Passes its input on as a service manager does: as descriptor 3, with its own process number,
/// which it keeps when it becomes another program.
const PASS: &str = r#"exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@""#;

/// An example, in a process of its own.
#[derive(Debug)]
pub struct Example {
    child: Child,
    /// It may go on to say something: somebody must be there to hear it.
    _output: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Example {
    /// Runs this one, on any port.
    pub fn start(name: &str) -> Self {
        Self::start_with(name, &["--addr", "127.0.0.1:0"])
    }

    /// Runs this one with these options.
    pub fn start_with(name: &str, options: &[&str]) -> Self {
        let cargo = Command::new(env!("CARGO"));
        Self::told(spawn(named(cargo, name, options))).unwrap_or_else(|said| panic!("{said}"))
    }

    /// Runs this one with a socket passed to it.
    ///
    /// # Errors
    ///
    /// What it said instead of serving.
    pub fn inherit(name: &str, socket: impl Into<OwnedFd>) -> Result<Self, String> {
        let mut shell = Command::new("sh");
        shell.args(["-c", PASS, "sh", env!("CARGO")]).stdin(Stdio::from(socket.into()));
        Self::told(spawn(named(shell, name, &["--inherited"])))
    }

    /// Waits until it has told where it listens.
    fn told(mut child: Child) -> Result<Self, String> {
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, address)) = line.trim().split_once("://") {
                let address = address.trim_end_matches('/').parse().unwrap();
                return Ok(Self { child, _output: output, address });
            }
            line.clear();
        }
        let output = child.wait_with_output().unwrap();
        Err(String::from_utf8(output.stderr).unwrap())
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Its exit code, and what it said last.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

/// An example of `ws-std`.
fn named(mut cargo: Command, name: &str, options: &[&str]) -> Command {
    cargo.args(["run", "--quiet", "--package", "ws-std", "--example", name, "--"]).args(options);
    cargo
}

/// Lets this cargo, or what becomes it, run an example. On Unix `cargo run` becomes the program
/// that it runs, so that signals and descriptors reach it.
fn spawn(mut cargo: Command) -> Child {
    // What cargo tells this test of its own package would make some dependencies build anew.
    for (name, _) in env::vars_os() {
        let is_ours = ["CARGO_PKG_", "CARGO_MANIFEST_"].map(|prefix| starts(&name, prefix));
        if is_ours.contains(&true) {
            cargo.env_remove(name);
        }
    }
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn starts(name: &OsStr, prefix: &str) -> bool {
    name.as_encoded_bytes().starts_with(prefix.as_bytes())
}

/// The firmware example, on an emulated board or without one.
#[derive(Debug)]
pub struct Device(Example);

impl Device {
    /// Runs it with these options. Its folder is a workspace of its own.
    pub fn start(options: &[&str]) -> Self {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../ws-embedded-example/Cargo.toml");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--manifest-path", manifest, "--"]).args(options);
        Self(Example::told(spawn(cargo)).unwrap_or_else(|said| panic!("{said}")))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }
}

/// It is asked to end, since it has to end its emulator.
impl Drop for Device {
    fn drop(&mut self) {
        self.0.terminate();
        let _ended = self.0.child.wait();
    }
}

/// Nobody is left behind when the test fails.
impl Drop for Example {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
