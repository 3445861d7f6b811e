//! The header of the PROXY protocol, versions 1 and 2: what a load balancer that does not read
//! HTTP puts before the client's first byte. Quotations are from its specification by Willy
//! Tarreau.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// "So a 108-byte buffer is always enough to store all the line and a trailing zero for string
/// processing."
const MOST_V1: usize = 107;

const V1: &[u8] = b"PROXY ";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The signature, the command, the family and the length.
const FIXED_V2: usize = 16;

/// Two IPv6 addresses and two ports.
const ADDRESSES_V2: usize = 36;

/// Far more than all TLVs that are in use take.
const MOST_AFTER_FIXED_V2: usize = 4096;

/// Reads one header, in whatever pieces it comes.
#[derive(Default)]
pub(crate) struct ProxyHeader {
    /// What decides: never more than a line of version 1.
    seen: Vec<u8>,
    /// How much of version 2 came after that.
    skipped: usize,
}

/// How far a [`ProxyHeader`] is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// All bytes were taken and more are needed.
    More,
    /// This is not the PROXY protocol. The connection is to be closed: whoever speaks here is
    /// not the proxy, or the client would be taken for it.
    Bad,
    /// The header has ended; so many of the bytes belonged to it, and the rest is the client's.
    Done {
        consumed: usize,
        /// None if the proxy speaks for itself, or for somebody without an address.
        source: Option<SocketAddr>,
    },
}

enum Step {
    More,
    Bad,
    Done(Option<SocketAddr>),
}

impl ProxyHeader {
    /// Takes the next bytes of the connection. After anything but
    /// [`Read::More`] it has no more to tell.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Read {
        for (consumed, &byte) in (1..).zip(bytes) {
            match self.take(byte) {
                Step::More => {}
                Step::Bad => return Read::Bad,
                Step::Done(source) => return Read::Done { consumed, source },
            }
        }
        Read::More
    }

    fn take(&mut self, byte: u8) -> Step {
        if self.seen.len() < FIXED_V2 + ADDRESSES_V2 || self.seen.starts_with(V1) {
            self.seen.push(byte);
        } else {
            self.skipped += 1;
        }
        if begins_as(&self.seen, V1) {
            self.version_1(byte)
        } else if begins_as(&self.seen, V2) {
            self.version_2()
        } else {
            Step::Bad
        }
    }

    fn version_1(&self, newest: u8) -> Step {
        if newest == b'\n' {
            // The receiver must "not tolerate a single CR or LF character" in place of both.
            let line = self.seen.strip_prefix(V1).and_then(|line| line.strip_suffix(b"\r\n"));
            line.and_then(source_of_line).map_or(Step::Bad, Step::Done)
        } else if self.seen.len() >= MOST_V1 {
            Step::Bad
        } else {
            Step::More
        }
    }

    fn version_2(&self) -> Step {
        let Some((fixed, block)) = self.seen.split_first_chunk::<FIXED_V2>() else {
            return Step::More;
        };
        let [.., command, family, high, low] = *fixed;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if !matches!(command, 0x20 | 0x21) || length > MOST_AFTER_FIXED_V2 {
            return Step::Bad;
        }
        if block.len() + self.skipped < length {
            return Step::More;
        }
        if command == 0x20 {
            // LOCAL: "The receiver must accept this connection as valid and must use the real
            // connection endpoints and discard the protocol block including the family".
            return Step::Done(None);
        }
        source_of_block(family, block).map_or(Step::Bad, Step::Done)
    }
}

/// Whether nothing that was seen differs from what the header begins with.
fn begins_as(seen: &[u8], start: &[u8]) -> bool {
    seen.iter().zip(start).all(|(seen, expected)| seen == expected)
}

/// What stands between `PROXY` and the end of the line; none if it is not as it should be.
fn source_of_line(line: &[u8]) -> Option<Option<SocketAddr>> {
    if line == b"UNKNOWN" || line.starts_with(b"UNKNOWN ") {
        // "the receiver must ignore anything presented before the CRLF is found"
        return Some(None);
    }
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let family = words.next()?;
    let (source, destination) = (words.next()?, words.next()?);
    let (source_port, destination_port) = (words.next()?, words.next()?);
    let None = words.next() else {
        return None;
    };
    let source = SocketAddr::new(address(family, source)?, port(source_port)?);
    let _ = (address(family, destination)?, port(destination_port)?);
    Some(Some(folded(source)))
}

fn address(family: &str, text: &str) -> Option<IpAddr> {
    match family {
        "TCP4" => text.parse().ok().map(IpAddr::V4),
        "TCP6" => text.parse().ok().map(IpAddr::V6),
        _ => None,
    }
}

/// "Heading zeroes are not permitted in front of numbers": one reads back as it was written.
fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port: &u16| port.to_string() == text)
}

/// What the addresses of version 2 tell; none if they are not as they should be.
fn source_of_block(family: u8, block: &[u8]) -> Option<Option<SocketAddr>> {
    let (ip, ports) = match family {
        0x11 => {
            let (addresses, ports) = block.split_first_chunk::<8>()?;
            let (source, _) = addresses.split_first_chunk::<4>()?;
            (IpAddr::V4(Ipv4Addr::from(*source)), ports)
        }
        0x21 => {
            let (addresses, ports) = block.split_first_chunk::<32>()?;
            let (source, _) = addresses.split_first_chunk::<16>()?;
            (IpAddr::V6(Ipv6Addr::from(*source)), ports)
        }
        // Unspecified, datagrams, and sockets with a path: "A receiver is not required to implement
        // other ones, provided that it automatically falls back to the UNSPEC mode for the valid
        // combinations above that it does not support."
        0x00 | 0x12 | 0x22 | 0x31 | 0x32 => return Some(None),
        // "Other values are unspecified and must not be emitted in version 2 of this protocol and
        // must be rejected as invalid by receivers."
        _ => return None,
    };
    let (ports, _) = ports.split_first_chunk::<4>()?;
    let [high, low, ..] = *ports;
    Some(Some(folded(SocketAddr::new(ip, u16::from_be_bytes([high, low])))))
}

/// IPv4 addresses in IPv6 clothes are IPv4 here.
fn folded(source: SocketAddr) -> SocketAddr {
    SocketAddr::new(source.ip().to_canonical(), source.port())
}

#[cfg(test)]
mod tests;
