//! The figures as a table of Markdown, and the page that it stands on.

use std::path::Path;

use crate::Result;
use crate::compiler::{Compiler, TARGET};
use crate::figures::Figures;
use crate::images::Image;

const BEGIN: &str = "<!-- written by `cargo run` -->\n";
const END: &str = "<!-- to here -->\n";

/// All figures.
pub fn of(compiler: &Compiler, rows: &[(Image, Figures)]) -> String {
    let mut text = format!("{TARGET}, opt `s`, {}:\n\n", compiler.version);
    text += "| | .text | .rodata | **flash** | buffers | state | **RAM** | stack \
             | text 16 | 125 | 1024 | binary 16 | 125 | 1024 | handshake |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for (image, figures) in rows {
        let Figures { sizes, buffers, state, stack, handshake, frames } = figures;
        let cells =
            [sizes.text, sizes.data, figures.flash(), *buffers, *state, figures.ram(), *stack];
        text += &row(image.title, cells.into_iter().chain(*frames).chain([*handshake]).map(spaced));
    }
    text
}

fn row(title: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {title} | {} |\n", cells.join(" | "))
}

/// A number with its thousands apart.
fn spaced(number: u32) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", spaced(number / 1000), number % 1000),
    }
}

/// Puts the table where the last one stands.
pub fn write(page: &Path, table: &str) -> Result<()> {
    let text = std::fs::read_to_string(page)?;
    let missing = || format!("{} has no place for the table", page.display());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(std::fs::write(page, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?)
}
