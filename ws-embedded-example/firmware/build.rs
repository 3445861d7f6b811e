//! Tells the linker of each image where its board has memory.

use std::env;

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for board in ["lm3s6965evb", "mps2-an385"] {
        println!("cargo::rustc-link-arg-bin={board}=-L{here}/memory/{board}");
        println!("cargo::rerun-if-changed=memory/{board}/memory.x");
        // Without it, sections are laid out as for a system with pages.
        for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
            println!("cargo::rustc-link-arg-bin={board}={argument}");
        }
    }
}
