//! What an image takes, as it reports it itself.

use crate::Result;
use crate::elf::Sizes;

/// Instructions in a tick of the counter.
const TICK: u32 = 5;

/// What 200,000 instructions must come to, and how far the loop around them may be off.
const CALIBRATION: u32 = 200_000;
const TOLERANCE: u32 = 20;

/// What a server takes.
#[derive(Clone)]
pub struct Figures {
    pub sizes: Sizes,
    /// Bytes that are lent to a connection.
    pub buffers: u32,
    /// Bytes that the library keeps for it beside.
    pub state: u32,
    /// Bytes of stack at most; where the library is a future, that is on it.
    pub stack: u32,
    /// Instructions from reading the request to reading the first frame.
    pub handshake: u32,
    /// Instructions for each frame: text of 16, 125 and 1024 bytes, then binary.
    pub frames: [u32; 6],
}

impl Figures {
    pub fn read(sizes: Sizes, report: &str) -> Result<Self> {
        if let Some(wrong) = report.lines().find(|line| line.starts_with("the echo")) {
            return Err(wrong.into());
        }
        let calibration = first(report, "calibration")? * TICK;
        if calibration.abs_diff(CALIBRATION) > TOLERANCE {
            return Err(format!("{CALIBRATION} instructions were counted as {calibration}").into());
        }
        let counts = all(report, "count")?;
        let ticks = all(report, "frames")?;
        let frames = ticks.iter().zip(counts).map(|(ticks, count)| ticks * TICK / count);
        Ok(Self {
            sizes,
            buffers: first(report, "buffers")?,
            state: first(report, "state")?,
            stack: first(report, "stack")?,
            handshake: first(report, "handshake")? * TICK,
            frames: frames.collect::<Vec<_>>().try_into().map_err(|_| "not every case ran")?,
        })
    }

    /// The same without what the base takes, whose buffers are not the library's.
    pub fn less(&self, base: &Self) -> Result<Self> {
        let less = |figure: u32, base: u32| {
            figure.checked_sub(base).ok_or("a library takes less than none")
        };
        let mut frames = self.frames;
        for (figure, base) in frames.iter_mut().zip(base.frames) {
            *figure = less(*figure, base)?;
        }
        Ok(Self {
            sizes: Sizes {
                text: less(self.sizes.text, base.sizes.text)?,
                data: less(self.sizes.data, base.sizes.data)?,
            },
            stack: less(self.stack, base.stack)?,
            handshake: less(self.handshake, base.handshake)?,
            frames,
            ..*self
        })
    }

    pub fn flash(&self) -> u32 {
        self.sizes.text + self.sizes.data
    }

    /// What a connection holds while it waits.
    pub fn ram(&self) -> u32 {
        self.buffers + self.state
    }
}

fn first(report: &str, name: &str) -> Result<u32> {
    all(report, name)?.first().copied().ok_or_else(|| format!("no {name} in the report").into())
}

fn all(report: &str, name: &str) -> Result<Vec<u32>> {
    let pairs = report.lines().filter_map(|line| line.split_once(' '));
    let values = pairs.filter(|(key, _)| *key == name);
    Ok(values
        .map(|(_, digits)| u32::from_str_radix(digits, 16))
        .collect::<std::result::Result<_, _>>()?)
}
