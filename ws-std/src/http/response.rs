//! a
use ws_core::handshake::Status;
/// a
#[derive(Clone, Debug)]
pub struct Response;
impl Response {
    pub(crate) fn bad_request(_: &'static str) -> Self {
        Self
    }
    /// a
    pub fn status(&self) -> Status {
        Status(400)
    }
    pub(crate) fn encode(&self) -> Vec<u8> {
        vec![]
    }
    pub(crate) fn encode_head(&self) -> Vec<u8> {
        vec![]
    }
}
