//! What was measured, as Markdown, on the screen and in the README.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::measure::Measured;

/// Contestants down, cells across.
pub(crate) struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<(&'static str, Vec<String>)>,
}

impl Table {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), columns: Vec::new(), rows: Vec::new() }
    }

    /// A column; whoever was not measured in it gets a dash.
    pub(crate) fn add(&mut self, column: &str, measured: &[Measured]) {
        for one in measured {
            if !self.rows.iter().any(|(name, _)| *name == one.name) {
                self.rows.push((one.name, vec!["–".to_owned(); self.columns.len()]));
            }
        }
        for (name, cells) in &mut self.rows {
            let cell = measured.iter().find(|one| one.name == *name);
            cells.push(cell.map_or("–".to_owned(), cell_text));
        }
        self.columns.push(column.to_owned());
    }

    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!("| {} | {} |\n", self.title, self.columns.join(" | "));
        let _ = writeln!(text, "|---|{}", "---:|".repeat(self.columns.len()));
        for (name, cells) in &self.rows {
            let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        }
        text.push('\n');
        text
    }
}

fn cell_text(one: &Measured) -> String {
    let digits = usize::from(one.nanoseconds < 100.0);
    format!("{:.digits$} ({:.2})", one.nanoseconds, one.ratio)
}

/// A size as people say it.
pub(crate) fn bytes(size: usize) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{} KiB", size / 1024),
        _ => format!("{} MiB", size / 1_048_576),
    }
}

const BEGIN: &str = "<!-- codec-bench -->";
const END: &str = "<!-- /codec-bench -->";

/// Replaces what stands between the two marks; appends both if they are not there yet.
pub(crate) fn write_readme(report: &str) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path)?;
    let (before, rest) = readme.split_once(BEGIN).unwrap_or((&readme, ""));
    let (_, after) = rest.split_once(END).unwrap_or(("", "\n"));
    let report = report.trim_end();
    fs::write(path, format!("{before}{BEGIN}\n{report}\n{END}{after}"))
}
