//! Who the client is, if a proxy that we trust says so.
use std::net::{IpAddr, SocketAddr};
#[derive(Clone, Debug, Default, PartialEq, Eq)]
/// a
pub struct Trusted;
impl Trusted {
    pub(crate) fn contains(&self, _: IpAddr) -> bool {
        false
    }
}
pub(crate) fn client_ip<'a>(
    _: &Trusted,
    peer: IpAddr,
    _: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> IpAddr {
    peer
}
pub(crate) fn host<'a>(_: &Trusted, _: IpAddr, _: Option<&'a [u8]>) -> Option<&'a str> {
    None
}
#[derive(Default)]
pub(crate) struct ProxyHeader;
pub(crate) enum Read {
    More,
    Bad,
    Done { consumed: usize, source: Option<SocketAddr> },
}
impl ProxyHeader {
    pub(crate) fn receive(&mut self, _: &[u8]) -> Read {
        Read::Bad
    }
}
