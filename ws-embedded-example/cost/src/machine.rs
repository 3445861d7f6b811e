//! The emulated board.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;

/// A minute is a hundred times what an image needs; the machine stops by itself at its end.
const SECONDS: &str = "60";

/// Runs an image to its end, and returns what it reported.
pub fn run(image: &Path) -> Result<String> {
    let output = Command::new("timeout")
        .args([SECONDS, "qemu-system-arm", "-machine", "lm3s6965evb", "-nographic"])
        .args(["-monitor", "none", "-serial", "null", "-icount", "shift=0"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(image)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    let report = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("{} ended with {}\n{report}", image.display(), output.status).into());
    }
    Ok(report)
}
