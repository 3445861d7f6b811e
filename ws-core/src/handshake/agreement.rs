//! Agreeing on permessage-deflate (RFC 7692 section 7.1).

use super::deflate::{DeflateOffer, WindowBits};
use super::extension::{Offer, Offers};

/// How one side compresses what it sends, as agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Flow {
    /// Nothing refers to what lies further back than this.
    pub window: WindowBits,
    /// Whether a message may refer to those before it.
    pub takeover: Takeover,
}

/// "Context takeover": what becomes of the window after a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Takeover {
    /// It is forgotten: each message is compressed by itself, and nothing is kept between them.
    #[default]
    Forget,
    /// It is kept: later messages are compressed better, and both sides keep a window for each
    /// connection.
    Keep,
}

/// What was agreed on: how the server compresses what it sends, and how the client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Agreement {
    /// From the server to the client.
    pub server: Flow,
    /// From the client to the server.
    pub client: Flow,
}

impl Agreement {
    /// What a server's answer says. Where it names no window, that is the largest.
    pub fn of(answer: &DeflateOffer) -> Self {
        let flow = |forgets, window: Option<WindowBits>| Flow {
            window: window.unwrap_or(WindowBits::MAX),
            takeover: if forgets { Takeover::Forget } else { Takeover::Keep },
        };
        Self {
            server: flow(answer.server_no_context_takeover, answer.server_max_window_bits),
            client: flow(
                answer.client_no_context_takeover,
                answer.client_max_window_bits.flatten(),
            ),
        }
    }
}

/// A server's side of the negotiation: what it can do, and the first of the client's offers that
/// it can meet.
///
/// ```
/// use ws_core::handshake::{DeflateAnswer, Takeover, WindowBits};
///
/// // A device: 1 KiB to inflate with, and it sends nothing compressed.
/// let mut deflate = DeflateAnswer::receiving(1024, Takeover::Keep).unwrap();
///
/// // A client that does not offer to use a small window is not understood: there is no compression.
/// deflate.observe(b"permessage-deflate");
/// assert_eq!(deflate.chosen(), None);
///
/// // Browsers do offer it.
/// deflate.observe(b"permessage-deflate; client_max_window_bits");
/// let answer = deflate.chosen().unwrap();
/// assert_eq!(answer.client_max_window_bits, Some(WindowBits::new(10)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeflateAnswer {
    sends: Flow,
    receives: Flow,
    chosen: Option<DeflateOffer>,
}

impl DeflateAnswer {
    /// How the server would compress at best, and what it can inflate at most; nothing was offered
    /// yet.
    pub const fn new(sends: Flow, receives: Flow) -> Self {
        Self { sends, receives, chosen: None }
    }

    /// For a server that inflates in so many bytes and sends nothing compressed, which the RFC does not
    /// oblige it to; none if that is less than the smallest window, of 256 bytes.
    pub const fn receiving(bytes: usize, takeover: Takeover) -> Option<Self> {
        let sends = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };
        match WindowBits::fitting(bytes) {
            Some(window) => Some(Self::new(sends, Flow { window, takeover })),
            None => None,
        }
    }

    /// Takes in a value of Sec-WebSocket-Extensions, of which there may be several.
    ///
    /// "The server can accept "permessage-deflate" by picking any supported one from the listed
    /// offers" (RFC 7692 section 7.1.3): the first is the one that the client likes best.
    pub fn observe(&mut self, value: &[u8]) {
        for offer in Offers::new(value) {
            if let Ok(Offer::Deflate(offer)) = offer
                && self.chosen.is_none()
            {
                self.chosen = self.answer(&offer);
            }
        }
    }

    /// What to answer, if an offer can be met.
    pub const fn chosen(&self) -> Option<DeflateOffer> {
        self.chosen
    }

    /// The answer that accepts the offer, or none to decline it.
    fn answer(&self, offer: &DeflateOffer) -> Option<DeflateOffer> {
        // "If a received extension negotiation offer doesn't have the "client_max_window_bits" extension
        // parameter, the corresponding extension negotiation response to the offer MUST NOT include the
        // "client_max_window_bits" extension parameter" (section 7.1.2.2). Then the client may use the
        // largest window.
        let client = match offer.client_max_window_bits {
            None if self.receives.window < WindowBits::MAX => return None,
            None => None,
            Some(hint) => Some(self.receives.window.min(hint.unwrap_or(WindowBits::MAX))),
        };
        // "A server accepts an extension negotiation offer with this parameter by including the
        // "server_max_window_bits" extension parameter in the extension negotiation response to send
        // back to the client with the same or smaller value as the offer" (section 7.1.2.1). It may
        // include it unasked.
        let asked = offer.server_max_window_bits;
        let server = self.sends.window.min(asked.unwrap_or(WindowBits::MAX));
        Some(DeflateOffer {
            // Accepted by including it in the response, which a server may do unasked, too (section
            // 7.1.1.1).
            server_no_context_takeover: offer.server_no_context_takeover
                || self.sends.takeover == Takeover::Forget,
            // In an offer it is a hint, in an answer a demand: "A client MUST support the
            // "client_no_context_takeover" extension parameter" (section 7.1.1.2).
            client_no_context_takeover: offer.client_no_context_takeover
                || self.receives.takeover == Takeover::Forget,
            server_max_window_bits: (asked.is_some() || server < WindowBits::MAX).then_some(server),
            client_max_window_bits: client.filter(|bits| *bits < WindowBits::MAX).map(Some),
        })
    }
}

impl DeflateOffer {
    /// For a client that inflates in so many bytes and sends nothing compressed, which the RFC does not
    /// oblige it to; none if that is less than the smallest window, of 256 bytes.
    ///
    /// A server that cannot keep to such a window declines, and then nothing is compressed.
    ///
    /// ```
    /// use ws_core::handshake::{DeflateOffer, Takeover};
    /// use ws_core::io::Connect;
    ///
    /// let deflate = DeflateOffer::receiving(1024, Takeover::Keep);
    /// let connect = Connect { deflate, ..Connect::to("example.com", "/") };
    /// # assert_eq!(connect.deflate.unwrap().server_max_window_bits.unwrap().bytes(), 1024);
    /// ```
    pub const fn receiving(bytes: usize, takeover: Takeover) -> Option<Self> {
        let Some(window) = WindowBits::fitting(bytes) else { return None };
        let is_limited = window.bits() < WindowBits::MAX.bits();
        Some(Self {
            server_no_context_takeover: matches!(takeover, Takeover::Forget),
            server_max_window_bits: if is_limited { Some(window) } else { None },
            // The server need keep nothing for what does not come.
            client_no_context_takeover: true,
            client_max_window_bits: Some(None),
        })
    }

    /// What a client that offered this has agreed to with the server's answer. What it said of
    /// itself it keeps to, whether or not the answer repeats it.
    pub(super) fn agreed(&self, answer: &Self) -> Agreement {
        let mut agreement = Agreement::of(answer);
        let client = &mut agreement.client;
        if self.client_no_context_takeover {
            client.takeover = Takeover::Forget;
        }
        let hint = self.client_max_window_bits.flatten();
        client.window = client.window.min(hint.unwrap_or(WindowBits::MAX));
        agreement
    }

    /// Whether an answer agrees to this offer and to nothing else: "A client MUST _Fail the
    /// WebSocket Connection_ if the peer server accepted an extension negotiation offer for this
    /// extension with an extension negotiation response meeting any of the following conditions",
    /// one of which is a configuration that the client does not support (RFC 7692 section 7).
    pub(super) fn is_met_by(&self, answer: &Self) -> bool {
        let server = match (self.server_max_window_bits, answer.server_max_window_bits) {
            (Some(asked), answered) => answered.is_some_and(|bits| bits <= asked),
            (None, _) => true,
        };
        let client = match (self.client_max_window_bits, answer.client_max_window_bits) {
            (_, None) => true,
            // Also a larger window than the client has hinted at: "the client is not going to use an
            // LZ77 sliding window size greater than the size specified by the value in the extension
            // negotiation offer" all the same (section 7.1.2.2).
            (Some(_), Some(Some(_))) => true,
            // Not offered, or answered without a value, which only an offer may lack.
            (None, Some(_)) | (_, Some(None)) => false,
        };
        let forgets = answer.server_no_context_takeover || !self.server_no_context_takeover;
        server && client && forgets
    }
}

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod tests;
