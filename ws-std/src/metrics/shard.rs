//! Which counter an event belongs to.

use ws_core::connection::Expired;
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::Status;

use super::Shard;

/// What became of a message that found the outbox full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The connection was closed.
    Close,
    /// It was not sent.
    Newest,
    /// An older one was not sent, or this one, since no older one could be dropped.
    Oldest,
    /// It, or an older one, was not sent, so that of each key the newest is.
    Latest,
}

impl Shard {
    /// A message has come.
    pub(crate) fn received(&self, kind: Kind) {
        let counter = match kind {
            Kind::Text => &self.received_text,
            Kind::Binary => &self.received_binary,
        };
        counter.add(1);
    }

    /// So many messages were sent, or are on their way.
    pub(crate) fn sent(&self, kind: Kind, count: u64) {
        let counter = match kind {
            Kind::Text => &self.sent_text,
            Kind::Binary => &self.sent_binary,
        };
        counter.add(count);
    }

    /// A WebSocket has ended. Codes of a client's own choice share a counter: each of them would
    /// be a line more of text.
    pub(crate) fn closed(&self, code: CloseCode) {
        let counter = match code.0 {
            1000 => &self.closed_1000,
            1001 => &self.closed_1001,
            1002 => &self.closed_1002,
            1003 => &self.closed_1003,
            1005 => &self.closed_1005,
            1006 => &self.closed_1006,
            1007 => &self.closed_1007,
            1008 => &self.closed_1008,
            1009 => &self.closed_1009,
            1011 => &self.closed_1011,
            1012 => &self.closed_1012,
            3000..=3999 => &self.closed_3xxx,
            4000..=4999 => &self.closed_4xxx,
            _ => &self.closed_other,
        };
        counter.add(1);
    }

    /// A request was refused.
    pub(crate) fn refused(&self, status: Status) {
        let counter = match status {
            Status::BAD_REQUEST => &self.refused_400,
            Status::UNAUTHORIZED => &self.refused_401,
            Status::FORBIDDEN => &self.refused_403,
            Status::NOT_FOUND => &self.refused_404,
            Status::METHOD_NOT_ALLOWED => &self.refused_405,
            Status::URI_TOO_LONG => &self.refused_414,
            Status::UPGRADE_REQUIRED => &self.refused_426,
            Status::TOO_MANY_REQUESTS => &self.refused_429,
            Status::HEADERS_TOO_LARGE => &self.refused_431,
            Status::INTERNAL_SERVER_ERROR => &self.refused_500,
            Status::SERVICE_UNAVAILABLE => &self.refused_503,
            _ => &self.refused_other,
        };
        counter.add(1);
    }

    /// A deadline has passed.
    pub(crate) fn expired(&self, expired: Expired) {
        let counter = match expired {
            Expired::Handshake => &self.expired_handshake,
            Expired::Heartbeat => &self.expired_heartbeat,
            Expired::Close => &self.expired_close,
            Expired::Message => &self.expired_message,
            Expired::Idle => &self.expired_idle,
            Expired::Write => &self.expired_write,
            _ => &self.expired_other,
        };
        counter.add(1);
    }

    /// So many messages found the outbox full.
    pub(crate) fn dropped(&self, dropped: Dropped, count: usize) {
        let counter = match dropped {
            Dropped::Close => &self.overflow_close,
            Dropped::Newest => &self.overflow_newest,
            Dropped::Oldest => &self.overflow_oldest,
            Dropped::Latest => &self.overflow_latest,
        };
        counter.add(count as u64);
    }
}
