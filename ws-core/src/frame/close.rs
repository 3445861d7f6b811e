//! Close codes.

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
    pub const fn is_sendable(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// What a Close frame carries: a code and a reason, or nothing at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Close<'a> {
    /// The code; none in an empty Close frame.
    pub code: Option<CloseCode>,
    /// The reason, UTF-8; empty without a code.
    pub reason: &'a str,
}
