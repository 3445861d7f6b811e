//! A request as it passes by, line by line, and what becomes of it.

use ws_core::connection::Time;
use ws_core::handshake::server::Seen;
use ws_core::handshake::{Refusal, Target};

use crate::answer::Answer;
use crate::session::Session;
use crate::telemetry::Telemetry;

/// What is known of a request so far.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    path: Path,
    method: Method,
    host: Authority,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Page,
    Echo,
    Telemetry,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Get,
    Head,
    Other,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    /// Not a browser, or one that asks for a page.
    None,
    /// A page of this host asks.
    Of(Authority),
    /// Something that cannot be a page of ours.
    Foreign,
}

/// A host and its port.
#[derive(Clone, Copy, Debug)]
struct Authority {
    bytes: [u8; Self::LONGEST],
    len: usize,
}

impl Visit {
    /// A request of which nothing has come yet.
    pub const NEW: Self = Self {
        path: Path::Other,
        method: Method::Other,
        host: Authority::NONE,
        origin: Origin::None,
    };

    /// A line of it passes by.
    pub fn see(&mut self, seen: Seen, bytes: &[u8]) {
        match seen {
            Seen::Request { method, target } => {
                self.method = Method::of(method.of(bytes));
                self.path = Path::of(target.of(bytes));
            }
            Seen::Field(field) => {
                if let Some(host) = field.value("Host", bytes) {
                    self.host = Authority::of(host).unwrap_or(Authority::NONE);
                } else if let Some(origin) = field.value("Origin", bytes) {
                    self.origin = Origin::of(origin);
                }
            }
            Seen::Complete(_) => {}
        }
    }

    /// The request is a valid one for a WebSocket: what for?
    ///
    /// # Errors
    ///
    /// What to refuse it with.
    pub fn upgrade(&self, now: Time) -> Result<Session, Refusal> {
        if !self.is_same_origin() {
            return Err(Refusal::Forbidden);
        }
        match self.path {
            Path::Echo => Ok(Session::Echo),
            Path::Telemetry => Ok(Session::Telemetry(Telemetry::new(now))),
            Path::Page | Path::Other => Err(Refusal::NotFound),
        }
    }

    /// The request is none for a WebSocket, because of this: what to answer.
    pub fn answer(&self, refusal: Refusal) -> Answer {
        if refusal != Refusal::NotUpgrade {
            return Answer::Refusal(refusal);
        }
        match (self.path, self.method) {
            (Path::Echo | Path::Telemetry, _) => Answer::Refusal(Refusal::NotUpgrade),
            (Path::Other, _) => Answer::Refusal(Refusal::NotFound),
            (Path::Page, Method::Get) => Answer::Page,
            (Path::Page, Method::Head) => Answer::PageHead,
            (Path::Page, Method::Other) => Answer::Refusal(Refusal::Method),
        }
    }

    /// RFC 6455 section 10.2: "Servers that are not intended to process input from any web page but
    /// only for certain sites SHOULD verify the |Origin| field is an origin they expect." Ours is
    /// the page that this device serves; other pages must not switch its output.
    fn is_same_origin(&self) -> bool {
        match &self.origin {
            Origin::None => true,
            Origin::Of(authority) => authority.is(&self.host),
            Origin::Foreign => false,
        }
    }
}

impl Path {
    fn of(target: &[u8]) -> Self {
        match Target::parse(target).map(|target| target.path) {
            Some("/") => Self::Page,
            Some("/echo") => Self::Echo,
            Some("/telemetry") => Self::Telemetry,
            _ => Self::Other,
        }
    }
}

impl Method {
    fn of(method: &[u8]) -> Self {
        match method {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            _ => Self::Other,
        }
    }
}

impl Origin {
    fn of(value: &[u8]) -> Self {
        let schemes: [&[u8]; 2] = [b"http://", b"https://"];
        let authority = schemes.iter().find_map(|scheme| value.strip_prefix(*scheme));
        authority.and_then(Authority::of).map_or(Self::Foreign, Self::Of)
    }
}

impl Authority {
    /// Addresses and the names of small devices are shorter.
    const LONGEST: usize = 64;

    const NONE: Self = Self { bytes: [0; Self::LONGEST], len: 0 };

    fn of(text: &[u8]) -> Option<Self> {
        let mut authority = Self::NONE;
        let room = authority.bytes.get_mut(..text.len())?;
        for (to, from) in room.iter_mut().zip(text) {
            *to = from.to_ascii_lowercase();
        }
        authority.len = text.len();
        Some(authority)
    }

    fn is(&self, other: &Self) -> bool {
        self.len > 0 && self.len == other.len && self.bytes == other.bytes
    }
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
