//! Subprotocols: choosing one of those that the client offers (RFC 6455 section 1.9).

use super::grammar::List;

/// The server's subprotocols, in its order of preference, and the best that the client offered.
///
/// ```
/// use ws_core::handshake::Subprotocols;
///
/// let mut subprotocols = Subprotocols::new(&["v2.chat", "v1.chat"]);
/// subprotocols.observe(b"v1.chat, v2.chat");
/// assert_eq!(subprotocols.chosen(), Some("v2.chat"));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Subprotocols<'a> {
    /// Those better than what was offered so far; the next is the best offered.
    better: usize,
    known: &'a [&'a str],
}

impl<'a> Subprotocols<'a> {
    /// What the server speaks, the best first; nothing was offered yet.
    pub const fn new(known: &'a [&'a str]) -> Self {
        Self { better: known.len(), known }
    }

    /// Takes in a value of Sec-WebSocket-Protocol, of which there may be several.
    pub fn observe(&mut self, value: &[u8]) {
        for offered in List(value) {
            let same = |known: &&str| known.as_bytes() == offered;
            if let Some(found) = self.known.iter().take(self.better).position(same) {
                self.better = found;
            }
        }
    }

    /// What to agree to, if anything is common.
    ///
    /// RFC 6455 section 4.2.2: "if the server does not wish to agree to one of the suggested
    /// subprotocols, it MUST NOT send back a |Sec-WebSocket-Protocol| header field".
    pub fn chosen(&self) -> Option<&'a str> {
        self.known.get(self.better).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(values: &[&str]) -> Option<&'static str> {
        let mut subprotocols = Subprotocols::new(&["c", "b", "a"]);
        for value in values {
            subprotocols.observe(value.as_bytes());
        }
        subprotocols.chosen()
    }

    #[test]
    fn the_server_prefers() {
        assert_eq!(choose(&["a, b"]), Some("b"));
        assert_eq!(choose(&["b", "x,c ", "a"]), Some("c"));
    }

    #[test]
    fn nothing_in_common_is_nothing_chosen() {
        assert_eq!(choose(&[]), None);
        assert_eq!(choose(&["", "C", "ab", "a b"]), None);
    }
}
