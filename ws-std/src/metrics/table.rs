//! All that is counted, one line each.

use super::cell::{Counter, Gauge};
use super::histogram::{Distribution, Histogram};
use super::text::{Metric, Text};

/// Makes of each line a field of [`Shard`], a field of [`Snapshot`], a term of the sum and a line
/// of text. Neighbours of one family differ in their label.
macro_rules! table {
    ($($field:ident $family:literal $label:literal $help:literal)*) => {
        /// What one thread counts. No other may change it; all may read it.
        #[derive(Debug, Default)]
        pub(crate) struct Shard {
            $(pub(crate) $field: Counter,)*
            /// WebSockets and opening handshakes under way.
            pub(crate) open: Gauge,
            /// From a Ping to its Pong, in milliseconds.
            pub(crate) round_trip: Histogram,
            /// How many milliseconds a turn of the thread took: as long as that, all others of its
            /// connections waited.
            pub(crate) turn: Histogram,
        }

        /// What a server has counted until now: plain numbers, for programs and tests.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Snapshot {
            $(#[doc = $help] pub $field: u64,)*
            /// Connections that are there now.
            pub open: u64,
            /// Messages from clients, text and binary.
            pub messages_received: u64,
            /// Messages to clients, text and binary.
            pub messages_sent: u64,
        }

        impl Snapshot {
            /// Adds what only grows.
            fn add(&mut self, shard: &Shard) {
                $(self.$field = self.$field.wrapping_add(shard.$field.value());)*
                self.messages_received = self.received_text.wrapping_add(self.received_binary);
                self.messages_sent = self.sent_text.wrapping_add(self.sent_binary);
            }

            fn write(&self, text: &mut Text) {
                $(
                    let metric = Metric { family: $family, label: $label, help: $help };
                    text.counter(&metric, self.$field);
                )*
            }
        }
    };
}

table! {
    accepted "ws_sockets_accepted_total" "" "Sockets that the listener gave us."
    accept_errors "ws_accept_errors_total" "" "Times that the listener had an error instead of a socket."

    over_cap "ws_sockets_turned_away_total" "reason=\"connections\"" "Sockets refused because there were too many."
    over_per_address "ws_sockets_turned_away_total" "reason=\"address\"" "Sockets refused because their address had too many."
    over_rate "ws_sockets_turned_away_total" "reason=\"rate\"" "Sockets refused because they came too fast."
    dropped_at_the_door "ws_sockets_turned_away_total" "reason=\"overrun\"" "Sockets closed without a word because far too many came."

    handshakes_accepted "ws_handshakes_total" "outcome=\"accepted\"" "Opening handshakes that made a WebSocket."
    handshakes_tls "ws_handshakes_total" "outcome=\"tls_failed\"" "TLS handshakes that failed."
    http "ws_handshakes_total" "outcome=\"http\"" "Requests that got a response other than a WebSocket or a refusal."
    refused_400 "ws_handshakes_total" "outcome=\"refused_400\"" "Handshakes refused as malformed."
    refused_401 "ws_handshakes_total" "outcome=\"refused_401\"" "Handshakes refused because the client did not say who it is."
    refused_403 "ws_handshakes_total" "outcome=\"refused_403\"" "Handshakes refused because the client may not."
    refused_404 "ws_handshakes_total" "outcome=\"refused_404\"" "Handshakes refused because there is nothing at the path."
    refused_405 "ws_handshakes_total" "outcome=\"refused_405\"" "Handshakes refused because of the method."
    refused_414 "ws_handshakes_total" "outcome=\"refused_414\"" "Handshakes refused because of a long request line."
    refused_426 "ws_handshakes_total" "outcome=\"refused_426\"" "Requests refused because they ask for no WebSocket that we have."
    refused_429 "ws_handshakes_total" "outcome=\"refused_429\"" "Handshakes refused because the client asks too often."
    refused_431 "ws_handshakes_total" "outcome=\"refused_431\"" "Handshakes refused because of long headers."
    refused_500 "ws_handshakes_total" "outcome=\"refused_500\"" "Handshakes refused because of an error of ours."
    refused_503 "ws_handshakes_total" "outcome=\"refused_503\"" "Handshakes refused because there was no room."
    refused_other "ws_handshakes_total" "outcome=\"refused_other\"" "Handshakes refused with any other status."

    received_text "ws_messages_received_total" "kind=\"text\"" "Text messages from clients."
    received_binary "ws_messages_received_total" "kind=\"binary\"" "Binary messages from clients."
    sent_text "ws_messages_sent_total" "kind=\"text\"" "Text messages to clients."
    sent_binary "ws_messages_sent_total" "kind=\"binary\"" "Binary messages to clients."
    bytes_received "ws_received_bytes_total" "" "Bytes from sockets."
    bytes_sent "ws_sent_bytes_total" "" "Bytes to sockets."
    pings_sent "ws_pings_sent_total" "" "Pings to clients."
    pings_received "ws_pings_received_total" "" "Pings from clients."
    pongs_received "ws_pongs_received_total" "" "Pongs from clients."

    closed_1000 "ws_closed_total" "code=\"1000\"" "WebSockets that ended as they should."
    closed_1001 "ws_closed_total" "code=\"1001\"" "WebSockets that ended because a side went away."
    closed_1002 "ws_closed_total" "code=\"1002\"" "WebSockets that ended with a protocol error."
    closed_1003 "ws_closed_total" "code=\"1003\"" "WebSockets that ended with data of an unsupported kind."
    closed_1005 "ws_closed_total" "code=\"1005\"" "WebSockets that ended without a code."
    closed_1006 "ws_closed_total" "code=\"1006\"" "WebSockets that ended without a Close frame."
    closed_1007 "ws_closed_total" "code=\"1007\"" "WebSockets that ended with invalid data."
    closed_1008 "ws_closed_total" "code=\"1008\"" "WebSockets that ended because of a policy."
    closed_1009 "ws_closed_total" "code=\"1009\"" "WebSockets that ended with a message too big."
    closed_1011 "ws_closed_total" "code=\"1011\"" "WebSockets that ended with an error of the server."
    closed_1012 "ws_closed_total" "code=\"1012\"" "WebSockets that ended because the server restarts."
    closed_3xxx "ws_closed_total" "code=\"3xxx\"" "WebSockets that ended with a registered code."
    closed_4xxx "ws_closed_total" "code=\"4xxx\"" "WebSockets that ended with a private code."
    closed_other "ws_closed_total" "code=\"other\"" "WebSockets that ended with any other code."

    expired_handshake "ws_expired_total" "deadline=\"handshake\"" "Opening handshakes that took too long."
    expired_heartbeat "ws_expired_total" "deadline=\"heartbeat\"" "Connections that ended because no Pong came."
    expired_close "ws_expired_total" "deadline=\"close\"" "Closing handshakes that took too long."
    expired_message "ws_expired_total" "deadline=\"message\"" "Connections that ended because a message took too long."
    expired_idle "ws_expired_total" "deadline=\"idle\"" "Connections that ended because nothing was heard."
    expired_write "ws_expired_total" "deadline=\"write\"" "Connections that ended because the client did not read."
    expired_other "ws_expired_total" "deadline=\"other\"" "Connections that ended at any other deadline."

    overflow_close "ws_outbox_overflows_total" "policy=\"close\"" "Connections closed because their outbox was full."
    overflow_newest "ws_outbox_overflows_total" "policy=\"drop_newest\"" "Messages not sent because the outbox was full."
    overflow_oldest "ws_outbox_overflows_total" "policy=\"drop_oldest\"" "Messages not sent so that newer ones are."
    overflow_latest "ws_outbox_overflows_total" "policy=\"keep_latest\"" "Messages not sent so that the newest of each key are."

    violations "ws_violations_total" "" "Breaches of the protocol by clients."
    panics "ws_panics_total" "" "Panics of handlers that were caught."
    restarts "ws_actor_restarts_total" "" "Times that a supervisor started a child again."
    gave_up "ws_supervisors_gave_up_total" "" "Supervisors that ended because a child ended too often."
    slow_handlers "ws_slow_handlers_total" "" "Calls of handlers that held up their thread."
}

/// Sums over shards.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub(super) numbers: Snapshot,
    round_trip: Distribution,
    turn: Distribution,
}

impl Totals {
    /// Adds a shard that may go on.
    pub(super) fn add(&mut self, shard: &Shard) {
        self.numbers.open = self.numbers.open.saturating_add(shard.open.value());
        self.retire(shard);
    }

    /// Adds a shard that nobody counts in any more: its connections are gone with it, so nothing
    /// of it is open.
    pub(super) fn retire(&mut self, shard: &Shard) {
        self.numbers.add(shard);
        self.round_trip.add(&shard.round_trip);
        self.turn.add(&shard.turn);
    }

    pub(super) fn write(&self, text: &mut Text) {
        text.gauge("ws_connections_open", "Connections that are there now.", self.numbers.open);
        self.numbers.write(text);
        text.histogram("ws_round_trip_seconds", "From a Ping to its Pong.", &self.round_trip);
        text.histogram("ws_turn_seconds", "How long a turn of a thread took.", &self.turn);
    }
}
