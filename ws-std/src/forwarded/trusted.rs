//! Whose word about others we take.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The peers that may say for whom they speak: our own proxies and load balancers.
///
/// Whoever is in this list can claim any address, and with it evade every limit per address. It
/// is empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted {
    networks: Vec<Network>,
}

impl Trusted {
    /// Nobody: the client is who the connection comes from.
    pub const fn none() -> Self {
        Self { networks: Vec::new() }
    }

    /// Proxies on this machine: `127.0.0.0/8` and `::1`.
    pub fn loopback() -> Self {
        let v4 = Network { base: Ipv4Addr::new(127, 0, 0, 0).into(), prefix: 8 };
        let v6 = Network { base: Ipv6Addr::LOCALHOST.into(), prefix: 128 };
        Self { networks: vec![v4, v6] }
    }

    /// Peers with these addresses, or in these networks: `10.0.0.0/8`, `::1`.
    ///
    /// # Errors
    ///
    /// The first entry that is neither. An address within a network (`10.0.0.1/8`) is refused
    /// too: it leaves open which of the two was meant.
    pub fn parse<S: AsRef<str>>(networks: impl IntoIterator<Item = S>) -> Result<Self, BadNetwork> {
        let parse = |entry: S| {
            let entry = entry.as_ref();
            Network::parse(entry).ok_or_else(|| BadNetwork { entry: entry.to_owned() })
        };
        networks.into_iter().map(parse).collect::<Result<_, _>>().map(|networks| Self { networks })
    }

    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.networks.iter().any(|network| network.contains(ip))
    }
}

/// An entry of [`Trusted::parse`] is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadNetwork {
    entry: String,
}

impl BadNetwork {
    /// The entry as it was given.
    pub fn entry(&self) -> &str {
        &self.entry
    }
}

impl fmt::Display for BadNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry } = self;
        write!(f, "neither an IP address nor a network such as 10.0.0.0/8: {entry:?}")
    }
}

impl Error for BadNetwork {}

/// IPv4 addresses in IPv6 clothes are IPv4 here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    prefix: u32,
}

impl Network {
    fn parse(entry: &str) -> Option<Self> {
        let (address, prefix) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (entry, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = width(address);
        let prefix = prefix.map_or(Some(width), |digits| number(digits, width))?;
        let network = Self { base: address, prefix }.folded();
        (bits(network.base) & !network.mask() == 0).then_some(network)
    }

    /// `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
    fn folded(self) -> Self {
        let base = self.base.to_canonical();
        match self.prefix.checked_sub(width(self.base) - width(base)) {
            Some(prefix) => Self { base, prefix },
            // Wider than all of IPv4.
            None => self,
        }
    }

    fn contains(&self, ip: IpAddr) -> bool {
        self.base.is_ipv4() == ip.is_ipv4() && (bits(ip) ^ bits(self.base)) & self.mask() == 0
    }

    /// The bits that count, of those that [`bits`] gives.
    fn mask(&self) -> u128 {
        let free = width(self.base) - self.prefix;
        u128::MAX.checked_shl(free).unwrap_or(0)
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn number(digits: &str, most: u32) -> Option<u32> {
    // `u32` alone would take a plus sign.
    let valid = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|&number| valid && number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(entry: &str, ip: &str) -> bool {
        Trusted::parse([entry]).unwrap().contains(ip.parse().unwrap())
    }

    /// SERVE-05
    #[test]
    fn nobody_is_trusted_by_default() {
        assert_eq!(Trusted::default(), Trusted::none());
        assert!(!Trusted::none().contains(Ipv4Addr::LOCALHOST.into()));
    }

    /// SERVE-05
    #[test]
    fn loopback_is_this_machine_in_every_notation() {
        for (ip, trusted) in [
            ("127.0.0.1", true),
            ("127.255.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("128.0.0.1", false),
            ("::2", false),
            ("::", false),
            ("::127.0.0.1", false),
        ] {
            assert_eq!(Trusted::loopback().contains(ip.parse().unwrap()), trusted, "{ip}");
        }
    }

    /// SERVE-05
    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (entry, ip, trusted) in [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "9.255.255.255", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false),
            ("10.1.2.2/31", "10.1.2.3", true),
            ("10.1.2.2/31", "10.1.2.4", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.9.9.9", true),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("::ffff:10.0.0.1", "10.0.0.2", false),
        ] {
            assert_eq!(contains(entry, ip), trusted, "{entry} and {ip}");
        }
    }

    /// SERVE-05
    #[test]
    fn an_entry_that_is_no_network_is_named() {
        for entry in [
            "",
            "/",
            "/8",
            "a",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.1/8",
            "10.0.0",
            "10.0.0.0/8/8",
            " 10.0.0.0/8",
            "[::1]",
            "::/129",
            "::1/127",
            "10.0.0.0/99999999999",
            "::ffff:10.0.0.1/104",
            "::ffff:0:0/95",
        ] {
            let error = Trusted::parse(["::1", entry]).unwrap_err();
            assert_eq!(error.entry(), entry);
            assert!(error.to_string().contains(entry), "{error}");
        }
    }
}
