//! An open WebSocket, as the app sees it.

use ws_core::Take;
use ws_core::connection::Time;
use ws_core::frame::{Close, CloseCode, Kind};

use crate::device::{Device, Vitals};
use crate::telemetry::{TEXT, Telemetry};

/// What a WebSocket was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// Sends back whatever comes, of any size.
    Echo,
    /// Sends readings, takes commands.
    Telemetry(Telemetry),
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
    /// Close.
    Close(Close<'static>),
}

impl Session {
    /// How this session takes what arrives: an echo piece by piece, so that no buffer bounds it;
    /// commands whole.
    pub const fn take(&self) -> Take {
        match self {
            Self::Echo => Take::Chunks,
            Self::Telemetry(_) => Take::Messages,
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
            (Self::Telemetry(telemetry), Kind::Text) => {
                Reply::Text(telemetry.obey(device, piece.bytes, now, text))
            }
            // RFC 6455 section 7.4.1: "1003 indicates that an endpoint is terminating the
            // connection because it has received a type of data it cannot accept".
            (Self::Telemetry(_), Kind::Binary) => {
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
            Self::Telemetry(telemetry) => telemetry.reading(device, vitals, now, text),
        }
    }

    /// When [`say`](Self::say) has something to say next.
    pub const fn poll_timeout(&self) -> Time {
        match self {
            Self::Echo => Time::NEVER,
            Self::Telemetry(telemetry) => telemetry.due(),
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
