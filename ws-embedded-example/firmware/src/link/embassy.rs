//! TCP over a chip: the stack of `embassy-net`, and its sockets as streams that tasks wait for.

mod driver;
mod socket;

pub use driver::Link;
pub use socket::{Caller, Listener, Tcp};

use embassy_net::{Config, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};

use super::{ADDRESS, Chip, GATEWAY, PREFIX};

/// A stack with our address, and what runs it: a task must.
pub fn stack<C: Chip, const SOCKETS: usize>(
    link: Link<C>,
    resources: &'static mut StackResources<SOCKETS>,
    random_seed: u64,
) -> (Stack<'static>, Runner<'static, Link<C>>) {
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(ADDRESS, PREFIX),
        gateway: Some(GATEWAY),
        dns_servers: Default::default(),
    });
    embassy_net::new(link, config, resources, random_seed)
}
