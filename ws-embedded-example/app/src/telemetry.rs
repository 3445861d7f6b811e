//! `/telemetry`: a reading as often as the client likes, and what it commands.

use ws_core::connection::{Millis, Time};

use crate::command::{Command, FASTEST};
use crate::device::{Device, Vitals};
use crate::json::Object;

/// How long a text is that the device sends, at most.
pub const TEXT: usize = 192;

/// Somebody who gets the telemetry: a client, or the server that is dialed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telemetry {
    every: Millis,
    due: Time,
    /// How many readings there were for this one.
    number: u32,
}

impl Telemetry {
    /// A reading each second, the first at once.
    pub const fn new(now: Time) -> Self {
        Self { every: Millis::seconds(1), due: now, number: 0 }
    }

    /// When the next reading is due.
    pub const fn due(&self) -> Time {
        self.due
    }

    /// The reading that is due, as JSON; none before its time.
    ///
    /// One that was missed is not made up for: a client that does not keep up gets fewer.
    pub fn reading<'t>(
        &mut self,
        device: &Device,
        vitals: Vitals,
        now: Time,
        text: &'t mut [u8; TEXT],
    ) -> Option<&'t [u8]> {
        if self.due > now {
            return None;
        }
        let in_rhythm = self.due.after(self.every);
        self.due = if in_rhythm > now { in_rhythm } else { now.after(self.every) };
        self.number = self.number.wrapping_add(1);
        let reading = Object::new(text)
            .number("number", self.number.into())
            .number("uptime_ms", now.0)
            .known("load_permille", vitals.load_permille.map(u64::from))
            .known("stack_free", vitals.stack_free.map(u64::from))
            .flag("output", device.output)
            .number("clients", device.clients.into())
            .number("messages", device.messages.into())
            .number("bytes", device.bytes.into());
        Some(reading.end())
    }

    /// Does what the peer says, and tells how it stands then.
    pub(crate) fn obey<'t>(
        &mut self,
        device: &mut Device,
        command: Command,
        now: Time,
        text: &'t mut [u8; TEXT],
    ) -> &'t [u8] {
        match command {
            Command::Every(every) => {
                self.every = every;
                self.due = now.after(every);
                Object::new(text).number("every_ms", every.0.into()).end()
            }
            Command::Output(output) => {
                device.output = output.apply(device.output);
                Object::new(text).flag("output", device.output).end()
            }
        }
    }
}

/// No reading is due more often than this.
const _: () = assert!(FASTEST.0 > 0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Output;

    const DEVICE: Device = Device { output: true, clients: 2, messages: 3, bytes: u32::MAX };
    const VITALS: Vitals = Vitals { load_permille: Some(1000), stack_free: Some(u32::MAX) };

    fn read(telemetry: &mut Telemetry, now: u64) -> Option<std::string::String> {
        let mut text = [0; TEXT];
        let reading = telemetry.reading(&DEVICE, VITALS, Time(now), &mut text)?;
        Some(core::str::from_utf8(reading).unwrap().into())
    }

    #[test]
    fn the_first_reading_comes_at_once_and_the_next_a_second_later() {
        let mut telemetry = Telemetry::new(Time(5));
        let first = read(&mut telemetry, 5).unwrap();
        let expected = r#"{"number":1,"uptime_ms":5,"load_permille":1000,"stack_free":4294967295,"output":true,"clients":2,"messages":3,"bytes":4294967295}"#;
        assert_eq!(first, expected);
        assert_eq!(read(&mut telemetry, 1004), None);
        assert!(read(&mut telemetry, 1010).is_some());
        assert_eq!(telemetry.due(), Time(2005), "lateness does not add up");
    }

    #[test]
    fn missed_readings_are_not_made_up_for() {
        let mut telemetry = Telemetry::new(Time(0));
        assert!(read(&mut telemetry, 9_500).is_some());
        assert_eq!(read(&mut telemetry, 9_501), None);
        assert_eq!(telemetry.due(), Time(10_500));
    }

    #[test]
    fn a_reading_says_nothing_of_what_nobody_knows() {
        let (mut telemetry, mut text) = (Telemetry::new(Time(0)), [0; TEXT]);
        let reading = telemetry.reading(&DEVICE, Vitals::default(), Time(0), &mut text).unwrap();
        assert!(reading.starts_with(br#"{"number":1,"uptime_ms":0,"output":true,"#), "{reading:?}");
    }

    #[test]
    fn the_longest_reading_fits() {
        let mut telemetry =
            Telemetry { every: Millis(50), due: Time(0), number: u32::MAX.wrapping_sub(1) };
        let device =
            Device { output: false, clients: u16::MAX, messages: u32::MAX, bytes: u32::MAX };
        let vitals = Vitals { load_permille: Some(u16::MAX), stack_free: Some(u32::MAX) };
        let mut text = [0; TEXT];
        let now = Time(u64::MAX - 1);
        let reading = telemetry.reading(&device, vitals, now, &mut text).unwrap();
        assert!(reading.ends_with(b"}") && reading.len() < TEXT, "{}", reading.len());
    }

    #[test]
    fn commands_change_the_rate_of_one_and_the_output_of_all() {
        let (mut telemetry, mut device, mut text) = (Telemetry::new(Time(0)), DEVICE, [0; TEXT]);
        let answer = telemetry.obey(&mut device, Command::Every(Millis(250)), Time(7), &mut text);
        assert_eq!(answer, br#"{"every_ms":250}"#);
        assert_eq!(telemetry.due(), Time(257));
        let toggle = Command::Output(Output::Toggle);
        let answer = telemetry.obey(&mut device, toggle, Time(7), &mut text);
        assert_eq!(answer, br#"{"output":false}"#);
        assert!(!device.output);
    }
}
