//! The TLS of one connection of a server: bytes in, bytes out.

use std::fmt;
use std::sync::Arc;

use rustls::ProtocolVersion;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{ConnectionState, UnbufferedStatus};

use super::error::TlsError;
use super::held::{Held, Progress};
use super::names::Asked;
use super::records::{self, Step};
use super::server::ServerTls;
use super::{TlsFacts, TlsVersion};

/// One connection's TLS. It owns no buffer while nothing is under way: the caller lends them.
pub(crate) struct Session {
    connection: UnbufferedServerConnection,
    /// The name that the client asks for, left there by the resolver.
    asked: Asked,
    /// What has come of an unfinished record, or of an unfinished handshake message.
    held: Held,
    /// What the peer may still send.
    peer: End,
    /// What we may still send.
    own: End,
}

/// What a call of [`Session::receive`] has brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// The handshake has ended with this call: [`Session::facts`] tells what is known.
    pub(crate) established: bool,
    /// The peer has sent close_notify, now or before: whatever follows is ignored.
    pub(crate) closed: bool,
}

/// How far one direction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    /// By close_notify.
    Closed,
    /// By an error.
    Failed,
}

impl Session {
    /// A session that awaits the client's first words.
    ///
    /// # Errors
    ///
    /// rustls does not like the settings; it does not happen with those that [`ServerTls`] makes.
    pub(crate) fn new(tls: &ServerTls) -> Result<Self, TlsError> {
        let asked = Asked::default();
        let connection = UnbufferedServerConnection::new(tls.config(Arc::clone(&asked)))
            .map_err(TlsError::of)?;
        let held = Held::default();
        Ok(Self { connection, asked, held, peer: End::Open, own: End::Open })
    }

    /// Takes what has just come from the peer, adds what it meant to `plain`, and what must be sent
    /// to `out`.
    ///
    /// `plain` grows by less than has come, together with the unfinished record of before.
    ///
    /// # Errors
    ///
    /// The session is over: the alert that says so to the peer is in `out`, and what came before
    /// the offence in `plain`.
    pub(crate) fn receive(
        &mut self,
        ciphertext: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Received, TlsError> {
        if self.peer == End::Failed {
            return Err(TlsError::Over);
        }
        let handshaking = self.is_handshaking();
        let mut rest = ciphertext;
        while !rest.is_empty() && self.peer == End::Open {
            let taken = if self.held.is_empty() {
                self.take_in_place(rest, plain, out)
            } else {
                self.take_held(rest, plain, out)
            };
            rest = match taken {
                Ok(length) => rest.get_mut(length..).unwrap_or_default(),
                Err(error) => {
                    self.fail(out);
                    return Err(error);
                }
            };
        }
        Ok(Received {
            established: handshaking && !self.is_handshaking(),
            closed: self.peer == End::Closed,
        })
    }

    /// Encrypts the pieces, one after the other, as full records that cross their borders, and adds
    /// them to `out`.
    ///
    /// # Errors
    ///
    /// [`TlsError::Over`] before the handshake has ended, after [`Session::close_notify`], after an
    /// error, and when the keys of TLS 1.2 are worn out.
    pub(crate) fn encrypt(&mut self, pieces: &[&[u8]], out: &mut Vec<u8>) -> Result<(), TlsError> {
        if self.own != End::Open || self.is_handshaking() {
            return Err(TlsError::Over);
        }
        let status = self.connection.process_tls_records(self.held.bytes_mut());
        let UnbufferedStatus { state: Ok(ConnectionState::WriteTraffic(mut traffic)), .. } = status
        else {
            return Err(TlsError::Over);
        };
        let sealed = records::seal(&mut traffic, pieces, out);
        if sealed.is_err() {
            self.fail(out);
        }
        sealed
    }

    /// Tells the peer that nothing more will come, once; what it sends is still received.
    ///
    /// During the handshake there is nothing to close, and nothing is said.
    pub(crate) fn close_notify(&mut self, out: &mut Vec<u8>) {
        if self.own != End::Open || self.is_handshaking() {
            return;
        }
        self.own = End::Closed;
        let status = self.connection.process_tls_records(self.held.bytes_mut());
        if let Ok(ConnectionState::WriteTraffic(mut traffic)) = status.state {
            records::close(&mut traffic, out);
        }
    }

    /// Whether the handshake is still under way.
    pub(crate) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// What the handshake has told; all of it once it has ended.
    pub(crate) fn facts(&self) -> TlsFacts {
        let connection = &self.connection;
        let mut facts = TlsFacts::new(match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => TlsVersion::Tls13,
            _ => TlsVersion::Tls12,
        });
        facts.server_name = self.asked.get().map(|name| name.to_string());
        facts.alpn = connection.alpn_protocol().map(<[u8]>::to_vec);
        let certificates = connection.peer_certificates().unwrap_or_default();
        facts.peer_certificates = certificates.iter().map(|one| one.to_vec()).collect();
        facts
    }

    /// How many bytes of memory the session holds for what the peer has sent and not finished.
    pub(crate) fn retained(&self) -> usize {
        self.held.capacity()
    }

    /// Takes one record from where it lies; tells how many bytes that were.
    fn take_in_place(
        &mut self,
        rest: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<usize, TlsError> {
        let whole = records::length(rest).filter(|length| *length <= rest.len());
        let length = whole.unwrap_or(rest.len());
        let record = rest.get_mut(..length).unwrap_or_default();
        // Of an unfinished record rustls judges the header, so that nothing is awaited in vain.
        let step =
            records::process(&mut self.connection, record, plain, out).map_err(TlsError::of)?;
        self.keep_up(&step);
        let left = record.get(step.used..).unwrap_or_default();
        if self.peer == End::Open && !left.is_empty() {
            let progress = whole.map_or(Progress::Unfinished, |_| Progress::Whole);
            self.held.keep(left, progress);
        }
        Ok(length)
    }

    /// Takes what is missing of the record that is held; tells how many bytes that were.
    fn take_held(
        &mut self,
        rest: &[u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<usize, TlsError> {
        let (length, progress) = self.held.fill(rest)?;
        if progress == Progress::Unfinished {
            return Ok(length);
        }
        let step = records::process(&mut self.connection, self.held.bytes_mut(), plain, out)
            .map_err(TlsError::of)?;
        self.keep_up(&step);
        if self.peer == End::Open {
            self.held.released(step.used, progress);
        } else {
            self.held.clear();
        }
        Ok(length)
    }

    fn keep_up(&mut self, step: &Step) {
        if step.closed {
            self.peer = End::Closed;
        }
    }

    /// Ends both directions, and adds what rustls has to say about it to `out`.
    fn fail(&mut self, out: &mut Vec<u8>) {
        self.peer = End::Failed;
        self.own = End::Failed;
        records::last_words(&mut self.connection, out);
        self.held.clear();
    }
}

// What is held may be payload.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("held", &self.held.len())
            .field("peer", &self.peer)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}
