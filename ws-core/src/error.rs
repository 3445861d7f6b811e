//! What can go wrong, in three kinds: the peer broke a rule, we were called wrongly, or the memory
//! that was lent is too small.

use core::convert::Infallible;
use core::fmt;

use crate::connection::Expired;
use crate::frame::CloseCode;
use crate::handshake::{BadHeader, ClientError, Refusal};

/// The peer broke a rule of RFC 6455.
///
/// It ends the connection: the codec answers the same violation for ever after, and has the Close
/// frame to send that [`Rule::close_code`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// Where: how many bytes of the stream came before the first byte that broke it, counted from
    /// the end of the opening handshake; in as many bits as a `usize` has.
    pub offset: u64,
}

/// A rule of RFC 6455 that a peer can break after the opening handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rule {
    /// A reserved bit is set, and no extension gave it a meaning.
    ReservedBits,
    /// An opcode that the RFC does not define.
    UnknownOpcode,
    /// A control frame without FIN.
    FragmentedControl,
    /// A control frame with more than 125 bytes of payload.
    LongControl,
    /// A continuation frame, and there is no message to continue.
    StrayContinuation,
    /// A new message inside a message that has not ended.
    InterleavedMessage,
    /// A client's frame that is not masked.
    Unmasked,
    /// A server's frame that is masked.
    Masked,
    /// A length written in more bytes than it needs.
    LengthNotMinimal,
    /// A 64-bit length with its top bit set.
    LengthTopBit,
    /// Text that is not UTF-8.
    InvalidUtf8,
    /// A message, or a frame, larger than we take.
    TooBig,
    /// A compressed message that cannot be inflated.
    #[cfg(feature = "deflate")]
    InvalidDeflate,
    /// A compressed message that inflates to more times its size than we take.
    #[cfg(feature = "deflate")]
    TooDense,
    /// A Close frame whose payload is a single byte.
    CloseTooShort,
    /// A close code that must not be sent.
    CloseCodeInvalid,
    /// A close reason that is not UTF-8.
    CloseReasonNotUtf8,
}

impl Rule {
    /// Every rule, for tests and tables.
    pub const ALL: [Self; if cfg!(feature = "deflate") { 17 } else { 15 }] = [
        Self::ReservedBits,
        Self::UnknownOpcode,
        Self::FragmentedControl,
        Self::LongControl,
        Self::StrayContinuation,
        Self::InterleavedMessage,
        Self::Unmasked,
        Self::Masked,
        Self::LengthNotMinimal,
        Self::LengthTopBit,
        Self::InvalidUtf8,
        Self::TooBig,
        #[cfg(feature = "deflate")]
        Self::InvalidDeflate,
        #[cfg(feature = "deflate")]
        Self::TooDense,
        Self::CloseTooShort,
        Self::CloseCodeInvalid,
        Self::CloseReasonNotUtf8,
    ];

    /// The code of the Close frame that answers the violation.
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::InvalidUtf8 | Self::CloseReasonNotUtf8 => CloseCode::INVALID_DATA,
            Self::TooBig => CloseCode::TOO_BIG,
            // "Data within a message that was not consistent with the type of the message": it says
            // that it is compressed.
            #[cfg(feature = "deflate")]
            Self::InvalidDeflate => CloseCode::INVALID_DATA,
            // "A generic status code that can be returned when there is no other more suitable
            // status code (e.g., 1003 or 1009)": it may well be small enough.
            #[cfg(feature = "deflate")]
            Self::TooDense => CloseCode::POLICY,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }

    /// The section of RFC 6455 that states the rule.
    pub const fn section(self) -> &'static str {
        match self {
            Self::ReservedBits
            | Self::UnknownOpcode
            | Self::LengthNotMinimal
            | Self::LengthTopBit => "5.2",
            Self::FragmentedControl | Self::LongControl => "5.5",
            Self::StrayContinuation | Self::InterleavedMessage => "5.4",
            Self::Unmasked | Self::Masked => "5.1",
            Self::InvalidUtf8 => "8.1",
            Self::TooBig => "10.4",
            #[cfg(feature = "deflate")]
            Self::InvalidDeflate => "8.1",
            #[cfg(feature = "deflate")]
            Self::TooDense => "10.4",
            Self::CloseTooShort | Self::CloseReasonNotUtf8 => "5.5.1",
            Self::CloseCodeInvalid => "7.4",
        }
    }

    /// What is wrong, in words.
    // Flash: a table of texts, where an inlined match is a table of jumps.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub const fn text(self) -> &'static str {
        match self {
            Self::ReservedBits => "a reserved bit is set",
            Self::UnknownOpcode => "unknown opcode",
            Self::FragmentedControl => "a control frame is fragmented",
            Self::LongControl => "a control frame is longer than 125 bytes",
            Self::StrayContinuation => "a continuation frame without a message",
            Self::InterleavedMessage => "a new message inside an unfinished one",
            Self::Unmasked => "a client's frame is not masked",
            Self::Masked => "a server's frame is masked",
            Self::LengthNotMinimal => "a length is not in its shortest form",
            Self::LengthTopBit => "the top bit of a 64-bit length is set",
            Self::InvalidUtf8 => "text is not UTF-8",
            Self::TooBig => "the message is too big",
            #[cfg(feature = "deflate")]
            Self::InvalidDeflate => "compressed data cannot be inflated",
            #[cfg(feature = "deflate")]
            Self::TooDense => "the message inflates too much",
            Self::CloseTooShort => "a Close frame of one byte",
            Self::CloseCodeInvalid => "a close code that must not be sent",
            Self::CloseReasonNotUtf8 => "a close reason is not UTF-8",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, offset } = self;
        write!(f, "{} at byte {offset} (RFC 6455 section {})", rule.text(), rule.section())
    }
}

impl core::error::Error for Violation {}

/// We were called wrongly: a mistake of the program, not of the peer. Nothing was changed or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Misuse {
    /// A message after our Close frame (RFC 6455 section 5.5.1), or a second Close frame.
    Closed,
    /// A whole message, or a fragment of the other kind, while a fragmented one is open.
    MessageOpen,
    /// A whole message was asked for in the middle of one that is being streamed.
    MidMessage,
    /// More than 125 bytes in a control frame.
    LongControl,
    /// A close code that must never be sent: see [`CloseCode::is_sendable`].
    CloseCodeNotSendable,
    /// A buffer below the smallest legal size, which is `at_least`.
    BufferTooSmall {
        /// The smallest legal size.
        at_least: usize,
    },
    /// A send that must not be dropped half-way was: the stream is cut inside a frame.
    Poisoned,
    /// Another frame in the middle of one that is sent piece by piece, or no more of it: the rest
    /// of it must come first.
    FrameOpen,
    /// A compressed message that is echoed as it is, though it was compressed for us.
    Compressed,
    /// A header, host, target or subprotocol that would break the head it is in.
    Header(BadHeader),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("sending after Close"),
            Self::MessageOpen => f.write_str("a fragmented message is still open"),
            Self::MidMessage => f.write_str("a message is being streamed: take its chunks first"),
            Self::LongControl => f.write_str("a control frame holds at most 125 bytes"),
            Self::CloseCodeNotSendable => f.write_str("this close code must not be sent"),
            Self::BufferTooSmall { at_least } => {
                write!(f, "the buffer must hold at least {at_least} bytes")
            }
            Self::Poisoned => f.write_str("a send was dropped inside a frame"),
            Self::FrameOpen => f.write_str("a frame is open: the rest of it must come first"),
            Self::Compressed => f.write_str("a compressed message cannot be echoed as it is"),
            Self::Header(bad) => bad.fmt(f),
        }
    }
}

impl core::error::Error for Misuse {}

/// The memory that was lent is too small for what was to be put there. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lent memory is too small")
    }
}

impl core::error::Error for Full {}

/// What ends a call: any of the three kinds, or the transport below.
///
/// `E` is the transport's error; without a transport there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E = Infallible> {
    /// The transport ended without a Close frame: code 1006, in the words of the RFC.
    Ended,
    /// The peer broke a rule. The Close frame that says so has been written, unless ours had left
    /// before or a frame was open.
    Violation(Violation),
    /// We are the server, and the client's request was refused.
    Refused(Refusal),
    /// We are the client, and the server did not agree.
    Rejected(ClientError),
    /// A deadline has passed.
    Expired(Expired),
    /// We were called wrongly.
    Misuse(Misuse),
    /// The memory that was lent is too small.
    Full(Full),
    /// The transport failed.
    // Flash: last, so that the others are the same whatever it holds, and to widen them is a copy.
    Io(E),
}

impl Error {
    /// The same error, as a driver over a transport tells it.
    pub fn widen<E>(self) -> Error<E> {
        match self {
            Self::Io(never) => match never {},
            Self::Ended => Error::Ended,
            Self::Violation(violation) => Error::Violation(violation),
            Self::Refused(refusal) => Error::Refused(refusal),
            Self::Rejected(error) => Error::Rejected(error),
            Self::Expired(expired) => Error::Expired(expired),
            Self::Misuse(misuse) => Error::Misuse(misuse),
            Self::Full(full) => Error::Full(full),
        }
    }
}

impl<E> From<Violation> for Error<E> {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl<E> From<Misuse> for Error<E> {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl<E> From<Full> for Error<E> {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl<E> From<Expired> for Error<E> {
    fn from(expired: Expired) -> Self {
        Self::Expired(expired)
    }
}

impl<E> From<Refusal> for Error<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E> From<ClientError> for Error<E> {
    fn from(error: ClientError) -> Self {
        Self::Rejected(error)
    }
}

impl<E> From<BadHeader> for Error<E> {
    fn from(bad: BadHeader) -> Self {
        Self::Misuse(Misuse::Header(bad))
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Ended => f.write_str("the transport ended without a Close frame"),
            Self::Violation(violation) => violation.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Rejected(error) => error.fmt(f),
            Self::Expired(expired) => expired.fmt(f),
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::Full(full) => full.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Ended => None,
            Self::Violation(violation) => Some(violation),
            Self::Refused(refusal) => Some(refusal),
            Self::Rejected(error) => Some(error),
            Self::Expired(expired) => Some(expired),
            Self::Misuse(misuse) => Some(misuse),
            Self::Full(full) => Some(full),
        }
    }
}
