//! What a client may say on `/telemetry`.

use ws_core::connection::Millis;

use crate::json::Object;

/// The shortest time between two readings.
pub(crate) const FASTEST: Millis = Millis(50);

/// The longest.
pub(crate) const SLOWEST: Millis = Millis(60_000);

/// A command, in a text frame of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `every 500`: a reading each half second, for this client.
    Every(Millis),
    /// `output on`, `output off`, `output toggle`: for all.
    Output(Output),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    On,
    Off,
    Toggle,
}

/// Why a text is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadCommand {
    /// No such command.
    Unknown,
    /// The time is not a number of milliseconds from [`FASTEST`] to [`SLOWEST`].
    Every,
}

impl BadCommand {
    /// What would do instead, as JSON.
    pub(crate) fn tell(self, text: &mut [u8]) -> &[u8] {
        let wanted = match self {
            Self::Unknown => "say: every MILLISECONDS, output on, output off, output toggle",
            Self::Every => "every 50 to every 60000",
        };
        Object::new(text).word("error", wanted).end()
    }
}

impl Command {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, BadCommand> {
        match text.trim_ascii() {
            b"output on" => Ok(Self::Output(Output::On)),
            b"output off" => Ok(Self::Output(Output::Off)),
            b"output toggle" => Ok(Self::Output(Output::Toggle)),
            text => {
                let digits = text.strip_prefix(b"every ").ok_or(BadCommand::Unknown)?;
                let every = number(digits.trim_ascii()).map(Millis);
                let allowed = every.filter(|every| (FASTEST..=SLOWEST).contains(every));
                allowed.map(Self::Every).ok_or(BadCommand::Every)
            }
        }
    }
}

impl Output {
    pub(crate) const fn apply(self, output: bool) -> bool {
        match self {
            Self::On => true,
            Self::Off => false,
            Self::Toggle => !output,
        }
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |number, digit| match digit {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u32::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_words_with_space_around_them_or_not() {
        assert_eq!(Command::parse(b"every 50"), Ok(Command::Every(FASTEST)));
        assert_eq!(Command::parse(b" every  60000\n"), Ok(Command::Every(SLOWEST)));
        assert_eq!(Command::parse(b"output on"), Ok(Command::Output(Output::On)));
        assert_eq!(Command::parse(b"output off"), Ok(Command::Output(Output::Off)));
        assert_eq!(Command::parse(b"output toggle\r\n"), Ok(Command::Output(Output::Toggle)));
    }

    #[test]
    fn everything_else_is_told_what_would_do() {
        for bad in ["", "every", "output", "output maybe", "EVERY 100", "\u{e4}"] {
            assert_eq!(Command::parse(bad.as_bytes()), Err(BadCommand::Unknown), "{bad}");
        }
        for bad in
            ["every 49", "every 60001", "every -1", "every 1e3", "every 4294967346", "every \t"]
        {
            let expected =
                if bad.ends_with('\t') { BadCommand::Unknown } else { BadCommand::Every };
            assert_eq!(Command::parse(bad.as_bytes()), Err(expected), "{bad}");
        }
    }
}
