//! Why a connection ends: codes and reasons.

use super::header::MAX_CONTROL;

/// Why a connection ends: the number in a Close frame (RFC 6455 section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// An endpoint goes away: a server goes down, a person leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// A kind of data that this endpoint does not take.
    pub const UNSUPPORTED: Self = Self(1003);
    /// Never sent: the peer's Close frame had no code.
    pub const NO_STATUS: Self = Self(1005);
    /// Never sent: the connection ended without a Close frame.
    pub const ABNORMAL: Self = Self(1006);
    /// Data that does not fit its kind: text that is not UTF-8.
    pub const INVALID_DATA: Self = Self(1007);
    /// A message breaks the endpoint's policy.
    pub const POLICY: Self = Self(1008);
    /// A message too big to take.
    pub const TOO_BIG: Self = Self(1009);
    /// A client expected an extension that the server did not agree to.
    pub const EXTENSION_REQUIRED: Self = Self(1010);
    /// The server met an unexpected condition.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server restarts: come back (registered with IANA after the RFC).
    pub const RESTART: Self = Self(1012);
    /// The server is overloaded: try again later (registered with IANA after the RFC).
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// A gateway got no valid answer from behind it (registered with IANA after the RFC).
    pub const BAD_GATEWAY: Self = Self(1014);

    /// Whether a Close frame may carry this code.
    ///
    /// 1004 is reserved, 1005, 1006 and 1015 stand for what was *not* received ("MUST NOT be set
    /// as a status code in a Close control frame by an endpoint", section 7.4.1); 1016 to 2999 are
    /// for future RFCs, 3000 to 3999 are registered, 4000 to 4999 are private (section 7.4.2).
    // Flash: a few callers, one copy.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub const fn is_sendable(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// The longest reason: what a control frame holds behind the code.
pub const MAX_REASON: usize = MAX_CONTROL - 2;

/// What a Close frame carries: a code and a reason, or nothing at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Close<'a> {
    code: Option<CloseCode>,
    reason: &'a str,
}

impl<'a> Close<'a> {
    /// A Close frame without a payload.
    pub const EMPTY: Self = Self { code: None, reason: "" };

    /// A code and a reason. A reason above [`MAX_REASON`] bytes is cut at the last character that
    /// fits whole.
    pub fn new(code: CloseCode, reason: &'a str) -> Self {
        // A character has at most four bytes, so one of these four cuts falls between two.
        let cut = (MAX_REASON - 3..=MAX_REASON).rev().find_map(|end| reason.get(..end));
        let reason = if reason.len() <= MAX_REASON { reason } else { cut.unwrap_or_default() };
        Self::short(code, reason)
    }

    /// A code and a reason that is known to fit.
    pub(crate) const fn short(code: CloseCode, reason: &'a str) -> Self {
        Self { code: Some(code), reason }
    }

    /// The code; none in an empty Close frame.
    pub const fn code(self) -> Option<CloseCode> {
        self.code
    }

    /// The same without its reason.
    #[must_use]
    pub const fn without_reason(self) -> Self {
        Self { reason: "", ..self }
    }

    /// The reason.
    pub const fn reason(self) -> &'a str {
        self.reason
    }

    /// How many bytes of payload it makes.
    pub const fn len(self) -> usize {
        if self.code.is_some() { 2 + self.reason.len() } else { 0 }
    }

    /// Whether it has no payload.
    pub const fn is_empty(self) -> bool {
        self.code.is_none()
    }

    /// Its payload, in two pieces: as much of them as [`len`](Self::len) says.
    pub(crate) fn pieces(self) -> ([u8; 2], &'a [u8]) {
        (self.code.unwrap_or(CloseCode(0)).0.to_be_bytes(), self.reason.as_bytes())
    }
}

impl From<CloseCode> for Close<'_> {
    fn from(code: CloseCode) -> Self {
        Self::new(code, "")
    }
}

#[cfg(test)]
mod tests {
    use super::{Close, CloseCode};
    use std::string::String;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        for pad in 0..8 {
            let reason: String = "x".repeat(pad) + &"\u{1F980}".repeat(40);
            let cut = Close::new(CloseCode::NORMAL, &reason).reason();
            assert!(reason.starts_with(cut) && (120..=123).contains(&cut.len()), "pad {pad}");
        }
    }
}
