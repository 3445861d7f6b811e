//! Builds the same echo server with several WebSocket libraries, runs each on an emulated Cortex-M3
//! that counts its instructions, and prints a table of what they take.
//!
//! ```text
//! cargo run              all libraries, and writes the table into README.md
//! cargo run -- --ours    ours alone
//! ```
//!
//! It fails if ours takes more than it may.

mod compiler;
mod elf;
mod figures;
mod images;
mod limits;
mod machine;
mod table;

use std::error::Error;
use std::path::Path;

use compiler::Compiler;
use figures::Figures;
use images::{BASE, Image, LIBRARIES, OURS};

/// Whatever stops the program; it says what is wrong in words.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare_all(),
        ["--ours"] => check_ours(),
        _ => Err("cargo run [-- --ours]".into()),
    }
}

fn compare_all() -> Result<()> {
    let compiler = Compiler::find()?;
    let rows = measure(&compiler, &LIBRARIES)?;
    let text = table::of(&compiler, &rows);
    println!("{text}");
    table::write(&folder().join("README.md"), &text)?;
    limits::check(&rows)
}

fn check_ours() -> Result<()> {
    let compiler = Compiler::find()?;
    let rows = measure(&compiler, &OURS)?;
    println!("{}", table::of(&compiler, &rows));
    limits::check(&rows)
}

/// The figures of each library, less those of the base.
fn measure(compiler: &Compiler, images: &[Image]) -> Result<Vec<(Image, Figures)>> {
    let base = figures_of(compiler, BASE)?;
    let mut rows = Vec::new();
    for image in images {
        let figures = figures_of(compiler, *image)?;
        rows.push((*image, figures.less(&base)?));
    }
    Ok(rows)
}

fn figures_of(compiler: &Compiler, image: Image) -> Result<Figures> {
    eprintln!("{}", image.title);
    let path = compiler.build(image)?;
    let sizes = elf::sizes(&std::fs::read(&path)?)?;
    let report = machine::run(&path)?;
    Figures::read(sizes, &report).map_err(|error| format!("{}: {error}", image.title).into())
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
