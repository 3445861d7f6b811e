//! The serial line of a board: `defmt` frames, made readable.

use std::io::{self, Read};
use std::path::Path;

use defmt_decoder::{DecodeError, Table};

/// What the image's frames mean.
pub(crate) struct Words(Table);

impl Words {
    /// Reads them from the image.
    pub(crate) fn of(image: &Path) -> io::Result<Self> {
        let image = std::fs::read(image)?;
        let table = Table::parse(&image).map_err(io::Error::other)?;
        table.map(Self).ok_or_else(|| io::Error::other("the image logs nothing"))
    }

    /// Tells each line, until the serial line ends.
    pub(crate) fn tell(&self, mut serial: impl Read, mut line: impl FnMut(String)) {
        let mut decoder = self.0.new_stream_decoder();
        let mut bytes = [0; 1024];
        while let Ok(len @ 1..) = serial.read(&mut bytes) {
            decoder.received(bytes.get(..len).unwrap_or_default());
            loop {
                match decoder.decode() {
                    Ok(frame) => line(frame.display(false).to_string()),
                    Err(DecodeError::UnexpectedEof) => break,
                    Err(DecodeError::Malformed) if self.0.encoding().can_recover() => {
                        line(String::from("(a frame was lost)"));
                    }
                    Err(DecodeError::Malformed) => return,
                }
            }
        }
    }
}
