//! TLS records: one of them through rustls, and what we send as full ones.

use rustls::Error;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError,
    UnbufferedStatus, WriteTraffic,
};

use super::error::TlsError;

/// The type, the version and the length that every record begins with.
pub(super) const HEADER: usize = 5;
/// "The record layer fragments information blocks into TLSPlaintext records carrying data in
/// chunks of 2^14 bytes or less" (RFC 8446 section 5.1).
pub(super) const PAYLOAD: usize = 1 << 14;
/// More than any suite adds to a record: header, nonce, kind and tag.
const OVERHEAD: usize = 32;
/// Room for key updates that go first, and for an alert.
const BEFORE: usize = 96;

/// What a call of [`process`] has done.
pub(super) struct Step {
    /// How many bytes at the front of the buffer are done with.
    pub(super) used: usize,
    /// The peer has sent close_notify.
    pub(super) closed: bool,
}

/// How long the record is that begins here, as far as its header is there to tell.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let [_, _, _, high, low] = *bytes.first_chunk::<HEADER>()?;
    Some(HEADER + usize::from(u16::from_be_bytes([high, low])))
}

/// Lets rustls do what it can with these bytes.
pub(super) fn process(
    connection: &mut UnbufferedServerConnection,
    bytes: &mut [u8],
    plain: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<Step, Error> {
    let mut step = Step { used: 0, closed: false };
    loop {
        let rest = bytes.get_mut(step.used..).unwrap_or_default();
        let UnbufferedStatus { discard, state } = connection.process_tls_records(rest);
        step.used += discard;
        match state? {
            ConnectionState::ReadTraffic(mut traffic) => {
                while let Some(record) = traffic.next_record() {
                    let record = record?;
                    step.used += record.discard;
                    plain.extend_from_slice(record.payload);
                }
            }
            ConnectionState::EncodeTlsData(mut flight) => encode(&mut flight, out)?,
            ConnectionState::TransmitTlsData(sent) => sent.done(),
            ConnectionState::PeerClosed => {
                step.closed = true;
                return Ok(step);
            }
            // It awaits more. Early data is not asked for, so that none comes.
            _ => return Ok(step),
        }
    }
}

/// Adds what rustls still has to send after an error: an alert.
pub(super) fn last_words(connection: &mut UnbufferedServerConnection, out: &mut Vec<u8>) {
    // Nothing may be handed to it any more; it looks at what it has to send first.
    while connection.wants_write() {
        let state = connection.process_tls_records(&mut []).state;
        let Ok(ConnectionState::EncodeTlsData(mut flight)) = state else { return };
        if encode(&mut flight, out).is_err() {
            return;
        }
    }
}

/// Encrypts the pieces as one run of bytes, in full records.
pub(super) fn seal<Data>(
    traffic: &mut WriteTraffic<'_, Data>,
    pieces: &[&[u8]],
    out: &mut Vec<u8>,
) -> Result<(), TlsError> {
    let mut left: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut gathered = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let whole = if rest.len() == left { left } else { rest.len() - rest.len() % PAYLOAD };
            let direct = gathered.is_empty() && whole > 0;
            let length = if direct { whole } else { rest.len().min(PAYLOAD - gathered.len()) };
            let (now, later) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = later;
            left -= now.len();
            if direct {
                seal_run(traffic, now, out)?;
                continue;
            }
            // Only a record that crosses a border is copied.
            gathered.reserve_exact(PAYLOAD.min(now.len() + left));
            gathered.extend_from_slice(now);
            if gathered.len() == PAYLOAD || left == 0 {
                seal_run(traffic, &gathered, out)?;
                gathered.clear();
            }
        }
    }
    Ok(())
}

/// Adds a close_notify.
pub(super) fn close<Data>(traffic: &mut WriteTraffic<'_, Data>, out: &mut Vec<u8>) {
    // It cannot fail: there is the room that it asks for.
    let _ = append(out, BEFORE, |room| traffic.queue_close_notify(room).map_err(missing));
}

fn seal_run<Data>(
    traffic: &mut WriteTraffic<'_, Data>,
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), TlsError> {
    let room = plain.len() + plain.len().div_ceil(PAYLOAD) * OVERHEAD + BEFORE;
    append(out, room, |room| traffic.encrypt(plain, room).map_err(missing))
        .map_err(|_| TlsError::Over)
}

fn encode<Data>(flight: &mut EncodeTlsData<'_, Data>, out: &mut Vec<u8>) -> Result<(), Error> {
    append(out, 0, |room| {
        flight.encode(room).map_err(|error| match error {
            EncodeError::InsufficientSize(size) => Some(size),
            EncodeError::AlreadyEncoded => None,
        })
    })
}

/// Adds to `out` what `write` makes, in the room that is likely enough, else in the room that it
/// then asks for.
fn append(
    out: &mut Vec<u8>,
    likely: usize,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, Option<InsufficientSizeError>>,
) -> Result<(), Error> {
    let start = out.len();
    let mut attempt = |room: usize| {
        out.resize(start + room, 0);
        let written = write(out.get_mut(start..).unwrap_or_default());
        out.truncate(start + *written.as_ref().unwrap_or(&0));
        written
    };
    let written = match attempt(likely) {
        Err(Some(InsufficientSizeError { required_size })) => attempt(required_size),
        written => written,
    };
    written.map(drop).map_err(|_| Error::EncryptError)
}

fn missing(error: EncryptError) -> Option<InsufficientSizeError> {
    match error {
        EncryptError::InsufficientSize(size) => Some(size),
        EncryptError::EncryptExhausted => None,
    }
}
