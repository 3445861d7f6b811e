//! How large the sections of an image are.

use crate::Result;

/// What of an image lies in flash, in bytes; the vector table aside, which every program has.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub text: u32,
    /// `.rodata`, and what `.data` is initialised with.
    pub data: u32,
}

/// Reads the section headers of a little-endian 32-bit ELF file.
pub fn sizes(image: &[u8]) -> Result<Sizes> {
    if !image.starts_with(b"\x7fELF\x01\x01") {
        return Err("not a little-endian 32-bit ELF file".into());
    }
    let table = word(image, 32)?;
    let (size, count, names) = (half(image, 46)?, half(image, 48)?, half(image, 50)?);
    let names = word(image, table + names * size + 16)?;
    let mut sizes = Sizes { text: 0, data: 0 };
    for at in (0..count).map(|index| table + index * size) {
        let name = image.get(names + word(image, at)?..).unwrap_or_default();
        let len = word(image, at + 20)? as u32;
        match name.split(|byte| *byte == 0).next().unwrap_or_default() {
            b".text" => sizes.text += len,
            b".rodata" | b".data" => sizes.data += len,
            _ => {}
        }
    }
    Ok(sizes)
}

fn word(image: &[u8], at: usize) -> Result<usize> {
    let bytes = image.get(at..).and_then(<[u8]>::first_chunk).ok_or("a cut ELF file")?;
    Ok(u32::from_le_bytes(*bytes) as usize)
}

fn half(image: &[u8], at: usize) -> Result<usize> {
    let bytes = image.get(at..).and_then(<[u8]>::first_chunk).ok_or("a cut ELF file")?;
    Ok(u16::from_le_bytes(*bytes).into())
}
