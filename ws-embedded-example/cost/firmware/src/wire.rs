//! The stream that all servers are measured on: a script in memory, one segment for each read.

use core::fmt;

use crate::meter;
use crate::script::{CLOSE, Frame, PING, REQUEST};

/// A client in memory. A read never goes beyond a segment of the script, as if each frame came in a
/// TCP segment of its own.
pub struct Wire<'a> {
    frame: &'a Frame,
    /// What is being read.
    segment: &'a [u8],
    next: Next,
    frames_left: u32,
    marks: &'a mut Marks,
    written: u32,
    /// Where what was written is kept, as far as it fits: nowhere, while it is measured.
    heard: &'a mut [u8],
}

#[derive(Clone, Copy)]
enum Next {
    Request,
    Frame,
    Ping,
    Close,
    End,
}

/// What the counter stood at, and how much had been written, when something was about to be read.
pub(crate) struct Marks {
    pub(crate) opened: u32,
    pub(crate) first_frame: Option<u32>,
    pub(crate) ping: u32,
    pub(crate) before_frames: u32,
    pub(crate) after_frames: u32,
}

impl Marks {
    pub(crate) const NONE: Self =
        Self { opened: 0, first_frame: None, ping: 0, before_frames: 0, after_frames: 0 };
}

/// The script has no more to say, or there is no more to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut;

impl<'a> Wire<'a> {
    pub(crate) fn new(
        frame: &'a Frame,
        frames: u32,
        marks: &'a mut Marks,
        heard: &'a mut [u8],
    ) -> Self {
        marks.first_frame = None;
        let (segment, next) = (&[][..], Next::Request);
        Self { frame, segment, next, frames_left: frames, marks, written: 0, heard }
    }

    /// Reads what is there of a segment.
    ///
    /// # Errors
    ///
    /// [`Cut`] after the end was told.
    #[inline(never)]
    pub fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        if self.segment.is_empty() {
            self.go_on()?;
        }
        let len = self.segment.len().min(bytes.len());
        let (now, later) = self.segment.split_at_checked(len).ok_or(Cut)?;
        copy(now, bytes);
        self.segment = later;
        Ok(len)
    }

    /// Writes all of it.
    ///
    /// # Errors
    ///
    /// [`Cut`] if more is written than anybody could have asked for.
    #[inline(never)]
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        let heard = self.heard.get_mut(self.written as usize..).unwrap_or_default();
        copy(bytes, heard);
        self.written = self.written.checked_add(bytes.len() as u32).ok_or(Cut)?;
        Ok(bytes.len())
    }

    fn go_on(&mut self) -> Result<(), Cut> {
        (self.segment, self.next) = match self.next {
            Next::Request => {
                self.marks.opened = meter::now();
                (REQUEST, Next::Frame)
            }
            Next::Frame => {
                if self.marks.first_frame.is_none() {
                    self.marks.before_frames = self.written;
                    self.marks.first_frame = Some(meter::now());
                }
                self.frames_left -= 1;
                let next = if self.frames_left == 0 { Next::Ping } else { Next::Frame };
                (self.frame.bytes(), next)
            }
            Next::Ping => {
                self.marks.ping = meter::now();
                self.marks.after_frames = self.written;
                (PING, Next::Close)
            }
            Next::Close => (CLOSE, Next::End),
            Next::End => return Err(Cut),
        };
        Ok(())
    }
}

/// The work of a network driver, the same for all.
fn copy(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut")
    }
}

impl core::error::Error for Cut {}

impl embedded_io::Error for Cut {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::ConnectionAborted
    }
}

impl embedded_io::ErrorType for Wire<'_> {
    type Error = Cut;
}

impl embedded_io::Read for Wire<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        Wire::read(self, bytes)
    }
}

impl embedded_io::Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        Wire::write(self, bytes)
    }

    fn flush(&mut self) -> Result<(), Cut> {
        Ok(())
    }
}

impl embedded_io_async::Read for Wire<'_> {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        Wire::read(self, bytes)
    }
}

impl embedded_io_async::Write for Wire<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        Wire::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Cut> {
        Ok(())
    }
}
