//! An open WebSocket, as the app sees it.

use ws_core::Take;
use ws_core::connection::Time;
use ws_core::frame::{Close, CloseCode, Kind};

use crate::command::Command;
use crate::device::{Device, Vitals};
use crate::telemetry::{TEXT, Telemetry};

/// What a WebSocket was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// Sends back whatever comes, of any size.
    Echo,
    /// Sends readings, takes commands, and tells a client what would have been one.
    Telemetry(Telemetry),
    /// The same towards a server that the device has dialed, but for what is no command: that is not
    /// answered. A server may answer, too, if only with what it has heard, and that would never end.
    Dialed(Telemetry),
}

/// A message that has arrived, or a piece of one.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'b> {
    /// Text or binary.
    pub kind: Kind,
    /// Whether the message ends with it.
    pub ends: bool,
    /// The payload.
    pub bytes: &'b [u8],
}

/// What to do about what has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'t> {
    /// Send it back as it is.
    Echo,
    /// Send this text.
    Text(&'t [u8]),
    /// Send nothing.
    None,
    /// Close.
    Close(Close<'static>),
}

impl Session {
    /// How this session takes what arrives: an echo piece by piece, so that no buffer bounds it;
    /// commands whole.
    pub const fn take(&self) -> Take {
        match self {
            Self::Echo => Take::Chunks,
            Self::Telemetry(_) | Self::Dialed(_) => Take::Messages,
        }
    }

    /// Something has arrived; `text` is memory for the answer.
    pub fn hear<'t>(
        &mut self,
        device: &mut Device,
        piece: Piece<'_>,
        now: Time,
        text: &'t mut [u8; TEXT],
    ) -> Reply<'t> {
        device.count(piece.bytes.len(), piece.ends);
        match (self, piece.kind) {
            (Self::Echo, _) => Reply::Echo,
            (Self::Telemetry(telemetry), Kind::Text) => match Command::parse(piece.bytes) {
                Ok(command) => Reply::Text(telemetry.obey(device, command, now, text)),
                Err(bad) => Reply::Text(bad.tell(text)),
            },
            (Self::Dialed(telemetry), Kind::Text) => match Command::parse(piece.bytes) {
                Ok(command) => Reply::Text(telemetry.obey(device, command, now, text)),
                Err(_) => Reply::None,
            },
            // RFC 6455 section 7.4.1: "1003 indicates that an endpoint is terminating the
            // connection because it has received a type of data it cannot accept".
            (Self::Telemetry(_) | Self::Dialed(_), Kind::Binary) => {
                Reply::Close(Close::new(CloseCode::UNSUPPORTED, "commands are text"))
            }
        }
    }

    /// What the device says of its own accord, if it is time.
    pub fn say<'t>(
        &mut self,
        device: &Device,
        vitals: Vitals,
        now: Time,
        text: &'t mut [u8; TEXT],
    ) -> Option<&'t [u8]> {
        match self {
            Self::Echo => None,
            Self::Telemetry(telemetry) | Self::Dialed(telemetry) => {
                telemetry.reading(device, vitals, now, text)
            }
        }
    }

    /// When [`say`](Self::say) has something to say next.
    pub const fn poll_timeout(&self) -> Time {
        match self {
            Self::Echo => Time::NEVER,
            Self::Telemetry(telemetry) | Self::Dialed(telemetry) => telemetry.due(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(session: &mut Session, device: &mut Device, kind: Kind, bytes: &[u8]) -> bool {
        let piece = Piece { kind, ends: true, bytes };
        session.hear(device, piece, Time(0), &mut [0; TEXT]) == Reply::Echo
    }

    #[test]
    fn an_echo_sends_back_everything_and_counts_it() {
        let (mut session, mut device) = (Session::Echo, Device::default());
        assert!(hear(&mut session, &mut device, Kind::Text, b"a"));
        assert!(hear(&mut session, &mut device, Kind::Binary, &[0; 9]));
        assert_eq!((device.messages, device.bytes), (2, 10));
        assert_eq!(session.poll_timeout(), Time::NEVER);
        assert_eq!(session.say(&device, Vitals::default(), Time(9), &mut [0; TEXT]), None);
    }

    #[test]
    fn a_client_is_told_what_would_be_a_command_and_a_server_is_not() {
        let telemetry = Telemetry::new(Time(0));
        let (mut client, mut server) = (Session::Telemetry(telemetry), Session::Dialed(telemetry));
        let (mut device, mut text) = (Device::default(), [0; TEXT]);
        for bad in ["\"\\", "{\"output\":true}", "every 1"] {
            let piece = Piece { kind: Kind::Text, ends: true, bytes: bad.as_bytes() };
            let Reply::Text(told) = client.hear(&mut device, piece, Time(0), &mut text) else {
                panic!("an answer to {bad}")
            };
            assert!(told.starts_with(br#"{"error":""#), "{bad}");
            assert_eq!(server.hear(&mut device, piece, Time(0), &mut text), Reply::None, "{bad}");
        }
        let piece = Piece { kind: Kind::Text, ends: true, bytes: b"output on" };
        let answer = server.hear(&mut device, piece, Time(0), &mut text);
        assert_eq!(answer, Reply::Text(br#"{"output":true}"#));
    }

    #[test]
    fn telemetry_takes_no_binary() {
        let mut session = Session::Telemetry(Telemetry::new(Time(0)));
        let piece = Piece { kind: Kind::Binary, ends: true, bytes: b"output on" };
        let mut device = Device::default();
        let mut text = [0; TEXT];
        let Reply::Close(close) = session.hear(&mut device, piece, Time(0), &mut text) else {
            panic!("a Close")
        };
        assert_eq!(close.code(), Some(CloseCode::UNSUPPORTED));
        assert!(!device.output);
    }
}
