//! What is counted of one peer.

use std::net::IpAddr;

use ws_core::connection::Time;

use crate::bucket::Bucket;
use crate::server::Limits;

/// Token buckets and the address of a peer: only there if a limit asks for them.
pub(crate) struct Meters {
    /// Whom the connection counts for, where connections per address are counted.
    pub(crate) address: Option<IpAddr>,
    messages: Bucket,
    bytes: Bucket,
    pings: Bucket,
}

impl Meters {
    /// Full buckets, if there is anything to be counted.
    pub(crate) fn new(limits: &Limits, address: Option<IpAddr>, now: Time) -> Option<Self> {
        let counts_address = address.filter(|_| limits.per_address.is_some());
        let rates = [&limits.messages, &limits.bytes, &limits.pings];
        if counts_address.is_none() && rates.iter().all(|rate| rate.is_none()) {
            return None;
        }
        let [messages, bytes, pings] =
            rates.map(|rate| Bucket::full(rate.as_ref().unwrap_or(&crate::Rate::NONE), now));
        Some(Self { address: counts_address, messages, bytes, pings })
    }

    /// A message has come: whether that is within its rate.
    pub(crate) fn message(&mut self, limits: &Limits, now: Time) -> bool {
        limits.messages.as_ref().is_none_or(|rate| self.messages.take(rate, 1, now))
    }

    /// A Ping has come: whether that is within its rate.
    pub(crate) fn ping(&mut self, limits: &Limits, now: Time) -> bool {
        limits.pings.as_ref().is_none_or(|rate| self.pings.take(rate, 1, now))
    }

    /// So many bytes have come: whether that is within their rate.
    pub(crate) fn bytes(&mut self, limits: &Limits, count: usize, now: Time) -> bool {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        limits.bytes.as_ref().is_none_or(|rate| self.bytes.take(rate, count, now))
    }
}
