//! Status codes of HTTP.

use core::fmt;

/// The status of a response (RFC 9110 section 15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status(pub u16);

impl Status {
    /// The upgrade is accepted.
    pub const SWITCHING_PROTOCOLS: Self = Self(101);
    /// The request makes no sense.
    pub const BAD_REQUEST: Self = Self(400);
    /// Who asks must first say who they are.
    pub const UNAUTHORIZED: Self = Self(401);
    /// Who asks may not.
    pub const FORBIDDEN: Self = Self(403);
    /// There is nothing there.
    pub const NOT_FOUND: Self = Self(404);
    /// Only GET opens a WebSocket.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// The request line does not fit.
    pub const URI_TOO_LONG: Self = Self(414);
    /// A WebSocket of version 13 is what there is.
    pub const UPGRADE_REQUIRED: Self = Self(426);
    /// Come back later.
    pub const TOO_MANY_REQUESTS: Self = Self(429);
    /// The headers do not fit.
    pub const HEADERS_TOO_LARGE: Self = Self(431);
    /// The server met an unexpected condition.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// The server is overloaded, or goes down.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);

    /// The code and its words, as a status line has them; empty for a code that is not listed here.
    pub const fn line(self) -> &'static str {
        match self {
            Self::SWITCHING_PROTOCOLS => "101 Switching Protocols",
            Self::BAD_REQUEST => "400 Bad Request",
            Self::UNAUTHORIZED => "401 Unauthorized",
            Self::FORBIDDEN => "403 Forbidden",
            Self::NOT_FOUND => "404 Not Found",
            Self::METHOD_NOT_ALLOWED => "405 Method Not Allowed",
            Self::URI_TOO_LONG => "414 URI Too Long",
            Self::UPGRADE_REQUIRED => "426 Upgrade Required",
            Self::TOO_MANY_REQUESTS => "429 Too Many Requests",
            Self::HEADERS_TOO_LARGE => "431 Request Header Fields Too Large",
            Self::INTERNAL_SERVER_ERROR => "500 Internal Server Error",
            Self::SERVICE_UNAVAILABLE => "503 Service Unavailable",
            _ => "",
        }
    }

    /// The words that go with a code that is listed here; empty for every other.
    pub const fn reason(self) -> &'static str {
        match self.line().split_at_checked("101 ".len()) {
            Some((_, words)) => words,
            None => "",
        }
    }

    /// 1xx: "an interim response for communicating connection status or request progress prior to
    /// completing the requested action and sending a final response" (RFC 9110 section 15.2).
    pub const fn is_interim(self) -> bool {
        matches!(self.0, 100..=199) && self.0 != Self::SWITCHING_PROTOCOLS.0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.reason())
    }
}
