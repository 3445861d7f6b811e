//! A board in QEMU, with a port of this host's loopback forwarded to its port 80.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Board;
use crate::logs::Words;

/// How a board is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The port of this host that leads to the board; 0 for one that is free.
    pub port: u16,
    /// A port of this host that the board dials. Without it the board reaches nobody.
    pub dial: Option<u16>,
}

/// A board that runs; dropped, it is switched off.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    serial: Option<ChildStdin>,
    logs: Option<JoinHandle<()>>,
    address: SocketAddr,
}

/// QEMU for boards with an ARM processor.
const QEMU: &str = "qemu-system-arm";

/// How long QEMU may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a board may take to stop: the firmware gives its clients half of that.
const GRACE: Duration = Duration::from_secs(30);

impl Emulator {
    /// Looks for QEMU, before anything is done that takes time.
    ///
    /// # Errors
    ///
    /// It is not there.
    pub fn find() -> io::Result<()> {
        let found = Command::new(QEMU).arg("--version").output();
        found.map(drop).map_err(|error| {
            let what =
                format!("{QEMU}: {error}; Debian's package has this name; --host does without");
            io::Error::new(error.kind(), what)
        })
    }

    /// Boots an image, and tells each line that it logs.
    ///
    /// # Errors
    ///
    /// QEMU is missing, or did not start.
    pub fn boot(
        board: Board,
        image: &Path,
        options: Options,
        line: impl FnMut(String) + Send + 'static,
    ) -> io::Result<Self> {
        let words = Words::of(image)?;
        let monitor = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut child = qemu(board, image, options, monitor.local_addr()?)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let serial = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| io::Error::other("no serial line"))?;
        let logs = std::thread::spawn(move || words.tell(output, line));
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut emulator = Self { child, serial, logs: Some(logs), address: nowhere };
        emulator.address = forwarded(&emulator.wait_for(&monitor)?)?;
        Ok(emulator)
    }

    /// Where this host reaches the board.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it runs: it ends by itself if it panics or resets.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn is_running(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until it ends.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait()?;
        // All that it has logged has been told then.
        if let Some(logs) = self.logs.take() {
            let _ = logs.join();
        }
        Ok(status)
    }

    /// Asks the firmware to end, and tells with which status it did: success, if it has lost neither
    /// a socket nor a buffer.
    ///
    /// # Errors
    ///
    /// It has ended before, or does not end: it is switched off then.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        if let Some(serial) = &mut self.serial {
            serial.write_all(b"q")?;
            serial.flush()?;
        }
        let begin = Instant::now();
        while self.is_running()? {
            if begin.elapsed() > GRACE {
                self.child.kill()?;
                self.wait()?;
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the board does not stop"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.wait()
    }

    /// QEMU's own console, once it has connected to us.
    fn wait_for(&mut self, monitor: &TcpListener) -> io::Result<TcpStream> {
        monitor.set_nonblocking(true)?;
        let begin = Instant::now();
        loop {
            match monitor.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    stream.set_read_timeout(Some(PATIENCE))?;
                    return Ok(stream);
                }
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(_) if !self.is_running()? || begin.elapsed() > PATIENCE => {
                    return Err(io::Error::other("QEMU did not start"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn qemu(board: Board, image: &Path, options: Options, monitor: SocketAddr) -> io::Result<Command> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    let mut semihosting = String::from("enable=on,target=native,arg=seed=");
    for byte in seed {
        let _ = write!(semihosting, "{byte:02x}");
    }
    // 10.0.2.2 is this host's loopback, for boards that are not kept to themselves.
    if let Some(port) = options.dial {
        let _ = write!(semihosting, ",arg=dial={port}");
    }
    let restrict = if options.dial.is_some() { "off" } else { "on" };
    let mut qemu = Command::new(QEMU);
    qemu.args(["-machine", board.name(), "-display", "none", "-no-reboot", "-serial", "stdio"])
        .arg("-semihosting-config")
        .arg(semihosting)
        .arg("-nic")
        .arg(format!(
            "user,model={},restrict={restrict},hostfwd=tcp:127.0.0.1:{}-:80",
            board.network(),
            options.port
        ))
        .arg("-chardev")
        .arg(format!("socket,id=monitor,host=127.0.0.1,port={}", monitor.port()))
        .args(["-mon", "chardev=monitor"])
        .arg("-kernel")
        .arg(image);
    Ok(qemu)
}

/// Asks QEMU which port it has opened: only it knows, if it was to choose.
fn forwarded(mut monitor: &TcpStream) -> io::Result<SocketAddr> {
    monitor.write_all(b"info usernet\n")?;
    for line in BufReader::new(monitor.take(1 << 16)).lines() {
        let line = line?;
        if let Some((_, rest)) = line.split_once("TCP[HOST_FORWARD]") {
            let port = rest.split_whitespace().nth(2).and_then(|port| port.parse().ok());
            let port: u16 = port.ok_or_else(|| io::Error::other(line.clone()))?;
            return Ok((Ipv4Addr::LOCALHOST, port).into());
        }
    }
    Err(io::Error::other("QEMU does not tell its port"))
}
