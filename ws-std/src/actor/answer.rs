//! What a request is answered with.

use std::fmt;

use ws_core::handshake::Refusal;

use crate::http::Response;

/// The answer to a client that asks for a WebSocket.
///
/// ```
/// use ws_std::{Answer, Request};
///
/// fn on_request(request: &Request<'_>) -> Answer {
///     match request.path() {
///         "/chat" => Answer::accept().header("X-Served-By", "attic"),
///         _ => Answer::not_found(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Accept(Accept),
    Refuse(Refusal),
    Respond(Response),
}

#[derive(Clone, Default)]
pub(crate) struct Accept {
    /// The subprotocol to agree to, if another than the server's own choice.
    pub(crate) subprotocol: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::respond(response)
    }
}

impl Answer {
    /// The WebSocket opens.
    pub fn accept() -> Self {
        Self(Kind::Accept(Accept::default()))
    }

    /// It opens, and this subprotocol is agreed to: one that the client offered.
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        if let Kind::Accept(accept) = &mut self.0 {
            accept.subprotocol = Some(name.into());
        }
        self
    }

    /// It opens, and the response has this header. One that would break the response, or belongs
    /// to the handshake, turns it into a 500, and a line in the log.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Kind::Accept(accept) = &mut self.0 {
            accept.headers.push((name.into(), value.into()));
        }
        self
    }

    /// 401: the client must first say who it is.
    pub fn unauthorized() -> Self {
        Self(Kind::Refuse(Refusal::Unauthorized))
    }

    /// 403: the client may not.
    pub fn forbidden() -> Self {
        Self(Kind::Refuse(Refusal::Forbidden))
    }

    /// 404: there is no such thing.
    pub fn not_found() -> Self {
        Self(Kind::Refuse(Refusal::NotFound))
    }

    /// 429: the client asks too often, and may come back after so many seconds.
    pub fn too_many_requests(retry_after_seconds: u16) -> Self {
        Self(Kind::Refuse(Refusal::TooManyRequests { retry_after_seconds }))
    }

    /// 503: there is no room now; the client may come back after so many seconds.
    pub fn unavailable(retry_after_seconds: u16) -> Self {
        Self(Kind::Refuse(Refusal::Unavailable { retry_after_seconds }))
    }

    /// Any other response, for example a redirect.
    pub fn respond(response: Response) -> Self {
        Self(Kind::Respond(response))
    }
}

/// Headers hold cookies, and subprotocols tokens: how many there are.
impl fmt::Debug for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accept")
            .field("has_subprotocol", &self.subprotocol.is_some())
            .field("headers", &self.headers.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-03
    #[test]
    fn an_answer_shows_neither_header_nor_subprotocol() {
        let answer = Answer::accept().subprotocol("secret").header("Set-Cookie", "id=secret");
        assert!(!format!("{answer:?}").contains("secret"));
        assert!(!format!("{:?}", Answer::respond(Response::text("secret"))).contains("secret"));
    }
}
