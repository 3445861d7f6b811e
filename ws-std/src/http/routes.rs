//! a
use super::{Request, Response};
use crate::metrics::Metrics;
/// a
#[derive(Default, Debug)]
pub struct Routes;
pub(crate) enum Serving {
    Ready,
    Leaving,
}
impl Routes {
    pub(crate) fn answer(&self, _: &Request<'_>, _: Serving, _: &Metrics) -> Option<Response> {
        None
    }
}
