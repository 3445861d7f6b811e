//! Who the client is, if a proxy that we trust says so.

pub(crate) mod proxy;
mod trusted;

use std::net::{IpAddr, SocketAddr};

pub use trusted::{BadNetwork, Trusted};

/// Longer chains of our own proxies do not exist; what is beyond is not looked at.
const MOST_HOPS: usize = 32;

/// The address of the client, given all `X-Forwarded-For` headers in their order.
///
/// Every proxy appends the address that it was called from, so that only what our own proxies
/// wrote, at the end, is true: the answer is the last address that is not one of theirs. What
/// cannot be read ends the search with the last address that could.
pub(crate) fn client_ip<'a>(
    trusted: &Trusted,
    peer: IpAddr,
    x_forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> IpAddr {
    let mut client = peer.to_canonical();
    let hops = x_forwarded_for
        .rev()
        .flat_map(|value| value.rsplit(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        // "A recipient MUST parse and ignore a reasonable number of empty list elements"
        // (RFC 9110 section 5.6.1.2).
        .filter(|hop| !hop.is_empty())
        .take(MOST_HOPS);
    for hop in hops {
        if !trusted.contains(client) {
            break;
        }
        let Some(address) = address(hop) else {
            break;
        };
        client = address;
    }
    client
}

/// The host that the client asked for, if a trusted peer tells it.
///
/// In a list the first is what the first proxy was asked for. Programs can write it themselves,
/// but those can write any `Origin` as well; a page in a browser can write neither.
pub(crate) fn host<'a>(
    trusted: &Trusted,
    peer: IpAddr,
    x_forwarded_host: Option<&'a [u8]>,
) -> Option<&'a str> {
    if !trusted.contains(peer) {
        return None;
    }
    let first = x_forwarded_host?.split(|&byte| byte == b',').next()?;
    std::str::from_utf8(first.trim_ascii()).ok().filter(|host| !host.is_empty())
}

/// `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`, each perhaps in quotes.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?;
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let bare = || text.parse().ok();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let in_brackets = || {
        let literal = text.strip_prefix('[')?.strip_suffix(']')?;
        literal.parse().ok().map(IpAddr::V6)
    };
    bare().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests;
