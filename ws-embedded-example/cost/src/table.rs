//! The figures as tables of Markdown, and the page that they stand on.

use std::fmt::Write;
use std::path::Path;

use crate::Result;
use crate::compiler::{Compiler, Setting};
use crate::figures::Figures;
use crate::images::Image;

const BEGIN: &str = "<!-- written by `cargo run` -->\n";
const END: &str = "<!-- to here -->\n";

/// All figures, for the setting of the targets.
pub fn of(compiler: &Compiler, rows: &[(Image, Figures)]) -> String {
    let mut text = format!("{}, {}:\n\n", Setting::ALL[0], compiler.version);
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

/// Flash and instructions for texts, for the others.
pub fn of_settings(settings: &[(Setting, Vec<(Image, Figures)>)]) -> String {
    let mut text = String::from("\nFlash, and instructions for texts of 16, 125 and 1024 bytes, ");
    text += "otherwise compiled:\n\n|";
    for (setting, _) in settings {
        let _ = write!(text, " | {setting}");
    }
    text += " |\n|---|";
    text += &"---|".repeat(settings.len());
    text.push('\n');
    let images = settings.first().map(|(_, rows)| rows.as_slice()).unwrap_or_default();
    for (at, (image, _)) in images.iter().enumerate() {
        let rows = settings.iter().filter_map(|(_, rows)| rows.get(at));
        text += &row(
            image.title,
            rows.map(|(_, figures)| {
                let [short, medium, long, ..] = figures.frames.map(spaced);
                format!("{}: {short} / {medium} / {long}", spaced(figures.flash()))
            }),
        );
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

/// Puts the tables where the last ones stand.
pub fn write(page: &Path, tables: &str) -> Result<()> {
    let text = std::fs::read_to_string(page)?;
    let missing = || format!("{} has no place for tables", page.display());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(std::fs::write(page, format!("{before}{BEGIN}\n{tables}\n{END}{after}"))?)
}
