//! A message as it is handed over, with what is said of it.

use std::fmt;
use std::sync::Arc;

use super::Message;
use crate::server::Overflow;

/// A message that is to be sent: a [`Message`], or whatever makes one, or a message that is
/// [`keyed`](Message::keyed), or says whether it is [compressed](Message::compress).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Outgoing<'a> {
    pub(crate) message: Message<'a>,
    pub(crate) key: Option<&'a str>,
    pub(crate) compress: Compress,
}

/// Whether a message is compressed for a peer who has agreed to that; for others none is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compress {
    /// If it is as long as the [threshold](crate::Compression::threshold) says.
    #[default]
    ByLength,
    /// Never: it holds a secret beside something that a stranger chose, and its size would tell
    /// whether they are alike; or it is compressed already.
    Never,
    /// However short it is.
    Always,
}

impl<'a> Message<'a> {
    /// This message as the value of a key: a newer message of the same key makes it worthless, so it
    /// need not reach a client who does not read, where [`Overflow::KeepLatest`] is the policy.
    /// Elsewhere the key says nothing. It is never sent.
    ///
    /// A key is one of the room that the message goes to; what is sent to a single client has keys
    /// apart from those of all rooms.
    ///
    /// ```
    /// use ws_std::Message;
    ///
    /// let prices = ws_std::on_message(|ctx, message| {
    ///     if let Some((stock, _price)) = message.text().and_then(|text| text.split_once(' ')) {
    ///         ctx.broadcast("prices", message.keyed(stock));
    ///     }
    /// });
    /// # drop(prices);
    /// let last = Message::from("ACME 12.50").keyed("ACME");
    /// # assert_eq!(last, Message::from("ACME 12.50").keyed("ACME"));
    /// ```
    #[must_use]
    pub const fn keyed(self, key: &'a str) -> Outgoing<'a> {
        Outgoing { message: self, key: Some(key), compress: Compress::ByLength }
    }

    /// This message, compressed or not, whatever its length says.
    ///
    /// ```
    /// use ws_std::{Compress, Message};
    ///
    /// let login = ws_std::on_message(|ctx, message| {
    ///     let token = format!("{{\"token\":\"3f…\",\"for\":\"{}\"}}", message.text().unwrap_or_default());
    ///     ctx.send(Message::from(&token).compress(Compress::Never));
    /// });
    /// # drop(login);
    /// ```
    #[must_use]
    pub const fn compress(self, compress: Compress) -> Outgoing<'a> {
        Outgoing { message: self, key: None, compress }
    }
}

impl Outgoing<'_> {
    /// The same, compressed or not: see [`Message::compress`].
    #[must_use]
    pub const fn compress(self, compress: Compress) -> Self {
        Self { compress, ..self }
    }
}

impl<'a, M: Into<Message<'a>>> From<M> for Outgoing<'a> {
    fn from(message: M) -> Self {
        Self { message: message.into(), key: None, compress: Compress::ByLength }
    }
}

/// Tells how long it and its key are, and nothing of what they say.
impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut outgoing = f.debug_struct("Outgoing");
        outgoing.field("message", &self.message).field("compress", &self.compress);
        outgoing.field("key_len", &self.key.map(str::len)).finish()
    }
}

/// What a message is the value of, where the newest is all that counts.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Key {
    room: Option<Arc<str>>,
    name: Box<str>,
}

impl Key {
    /// The key of a message, where keys count for anything: those of a room are its own.
    pub(crate) fn of(
        room: Option<&Arc<str>>,
        name: Option<&str>,
        overflow: Overflow,
    ) -> Option<Arc<Self>> {
        let name = name.filter(|_| overflow == Overflow::KeepLatest)?;
        Some(Arc::new(Self { room: room.cloned(), name: name.into() }))
    }

    /// What it costs to remember it, and where its newest message is.
    pub(crate) fn weight(&self) -> usize {
        self.name.len() + size_of::<Self>() + PLACE
    }
}

/// An entry of a map, with what the map keeps free, and the gap that one leaves behind.
const PLACE: usize = 64;

/// Tells how long it is: it may be secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("len", &self.name.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ROOM-07
    #[test]
    fn a_key_is_its_rooms_own_and_is_none_where_it_counts_for_nothing() {
        let of = |room: Option<&str>, name| {
            Key::of(room.map(Arc::from).as_ref(), Some(name), Overflow::KeepLatest)
        };
        assert!(of(Some("a"), "k") == of(Some("a"), "k"));
        assert!(of(Some("a"), "k") != of(Some("b"), "k"));
        assert!(of(Some("a"), "k") != of(None, "k"));
        for overflow in [Overflow::Close, Overflow::DropNewest, Overflow::DropOldest] {
            assert!(Key::of(None, Some("k"), overflow).is_none());
        }
        assert!(Key::of(None, None, Overflow::KeepLatest).is_none());
    }

    /// SEC-03
    #[test]
    fn neither_a_message_nor_its_key_is_shown() {
        let outgoing = Message::from("secret").keyed("whose");
        let shown =
            format!("{outgoing:?} {:?}", Key::of(None, Some("whose"), Overflow::KeepLatest));
        assert!(shown.contains("6 bytes") && shown.contains("Some(5)"), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("whose"), "{shown}");
    }
}
