//! What ours may take: the figures of the table and 3 %, so that another compiler passes.

use crate::Result;
use crate::figures::Figures;
use crate::images::{Image, OURS};

/// What one of ours may take at most.
struct Limits {
    flash: u32,
    ram: u32,
    stack: u32,
    /// Instructions for a text of 16, 125 and 1024 bytes.
    texts: [u32; 3],
    handshake: u32,
}

/// In the order of [`OURS`], which begins every table.
const LIMITS: [Limits; OURS.len()] = [
    Limits { flash: 11_705, ram: 1_157, stack: 952, texts: [425, 616, 1_863], handshake: 11_470 },
    Limits { flash: 15_370, ram: 1_157, stack: 873, texts: [425, 616, 1_863], handshake: 12_140 },
];

/// Fails if a figure is above its limit, and names it.
pub fn check(rows: &[(Image, Figures)]) -> Result<()> {
    let mut found = Vec::new();
    for ((image, figures), limits) in rows.iter().zip(LIMITS) {
        let mut check = |what: &str, figure: u32, limit: u32| {
            if figure > limit {
                found.push(format!("{}: {what} {figure}, at most {limit} wanted", image.title));
            }
        };
        check("flash", figures.flash(), limits.flash);
        check("RAM", figures.ram(), limits.ram);
        check("stack", figures.stack, limits.stack);
        check("handshake", figures.handshake, limits.handshake);
        for (figure, limit) in figures.frames.into_iter().zip(limits.texts) {
            check("instructions for a text", figure, limit);
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n").into()) }
}
