//! The compiler, with the sources of the core library: that, too, is optimised as the image is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::images::Image;

/// What images are compiled for, and how: as the profile of `firmware` says, for small flash.
pub const TARGET: &str = "thumbv7m-none-eabi";

/// A compiler, and what links for it.
pub struct Compiler {
    cargo: PathBuf,
    rustc: PathBuf,
    linker: PathBuf,
    /// What it says that it is.
    pub version: String,
}

impl Compiler {
    /// The one in the path if it has the sources (rustup's component `rust-src`), or else Debian's
    /// (packages `rustc-web`, `cargo-web` and `rust-web-src`).
    pub fn find() -> Result<Self> {
        let folders = [Path::new(""), Path::new("/usr/bin")];
        let compilers = folders.map(|folder| (folder.join("cargo"), folder.join("rustc")));
        let linker = find_linker(&compilers.each_ref().map(|(_, rustc)| rustc.as_path()));
        for (cargo, rustc) in compilers {
            let Some(root) = ask(&rustc, &["--print", "sysroot"]) else { continue };
            if Path::new(&root).join("lib/rustlib/src/rust/library/core").exists() {
                let version = ask(&rustc, &["--version"]).unwrap_or_default();
                return Ok(Self { cargo, rustc, linker, version });
            }
        }
        Err("no compiler has the sources of the core library: `rustup component add rust-src`, or \
             `apt-get install rustc-web cargo-web rust-web-src`"
            .into())
    }

    /// Builds an image, and says where it lies. The next may take its place.
    pub fn build(&self, image: Image) -> Result<PathBuf> {
        let firmware = crate::folder().join("firmware");
        let linker = format!("CARGO_TARGET_{}_LINKER", TARGET.to_uppercase().replace('-', "_"));
        let done = Command::new(&self.cargo)
            .current_dir(&firmware)
            .args(["build", "--quiet", "--release", "--locked", "-Zbuild-std=core"])
            .args(["--target", TARGET, "--bin", image.program, "--features", image.features])
            .env("RUSTC", &self.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", firmware.join("target"))
            .env(linker, &self.linker)
            .status()?;
        if !done.success() {
            return Err(format!("{} does not build", image.title).into());
        }
        Ok(firmware.join("target").join(TARGET).join("release").join(image.program))
    }
}

/// The linker that came with one of the compilers, or else Debian's (package `lld`).
fn find_linker(compilers: &[&Path]) -> PathBuf {
    let mut found = compilers.iter().filter_map(|rustc| {
        let root = ask(rustc, &["--print", "sysroot"])?;
        let host = ask(rustc, &["--print", "host-tuple"])?;
        let linker = Path::new(&root).join("lib/rustlib").join(host).join("bin/rust-lld");
        linker.exists().then_some(linker)
    });
    found.next().unwrap_or_else(|| PathBuf::from("ld.lld"))
}

/// The answer of a program, if it has one.
fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
