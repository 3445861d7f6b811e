//! Building an image, with whichever compiler can.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Board;

/// What all boards have: a Cortex-M3.
const TARGET: &str = "thumbv7m-none-eabi";

/// How long rustup may try to fetch a target: without a network some try for ever.
const PATIENCE: &str = "120";

/// Builds the image of a board, and tells where it lies; `say` is told what takes time.
///
/// # Errors
///
/// There is no compiler for the target, or it found something wrong.
pub fn build(board: Board, say: impl Fn(&str)) -> io::Result<PathBuf> {
    let firmware = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware");
    let target = firmware.join("target");
    let has_target = is_installed() || {
        say(&format!("asking rustup for {TARGET}"));
        rustup_adds_it()
    };
    say(&format!("building the image of {}", board.name()));
    let mut cargo = if has_target { Command::new("cargo") } else { debian_cargo()? };
    cargo
        .args(["build", "--release", "--target", TARGET, "--bin", board.name()])
        .arg("--manifest-path")
        .arg(firmware.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    // A person sees how far it is.
    if !io::stderr().is_terminal() {
        cargo.arg("--quiet");
    }
    if std::env::var_os("DEFMT_LOG").is_none() {
        cargo.env("DEFMT_LOG", "info");
    }
    if !cargo.status()?.success() {
        return Err(io::Error::other("the image does not build"));
    }
    Ok(target.join(TARGET).join("release").join(board.name()))
}

/// Whether the compiler has the target's library: then nobody needs rustup, nor a network.
fn is_installed() -> bool {
    let sysroot = ask_rustc(&["--print", "sysroot"]);
    sysroot.is_ok_and(|root| Path::new(root.trim()).join("lib/rustlib").join(TARGET).exists())
}

fn rustup_adds_it() -> bool {
    let add = Command::new("timeout").args([PATIENCE, "rustup", "target", "add", TARGET]).output();
    add.is_ok_and(|add| add.status.success())
}

/// Debian's compiler comes with the sources of the library: they are compiled, too.
fn debian_cargo() -> io::Result<Command> {
    let packages =
        "rustup cannot add the target; on Debian, install rustc-web, cargo-web and rust-web-src";
    if !Path::new("/usr/bin/cargo").exists() || !Path::new("/usr/lib/rustlib/src").exists() {
        return Err(io::Error::new(io::ErrorKind::NotFound, packages));
    }
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_THUMBV7M_NONE_EABI_LINKER", linker()?)
        // A toolchain of rustup that runs us has set these for itself.
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["-Zbuild-std=core"]);
    Ok(cargo)
}

/// The linker that comes with rustup's compiler, or else Debian's.
fn linker() -> io::Result<PathBuf> {
    let version = ask_rustc(&["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let sysroot = ask_rustc(&["--print", "sysroot"])?;
    let own = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
    Ok(if own.exists() { own } else { PathBuf::from("ld.lld") })
}

fn ask_rustc(arguments: &[&str]) -> io::Result<String> {
    let output = Command::new("rustc").args(arguments).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
