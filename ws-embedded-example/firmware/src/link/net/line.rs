//! The way to a server that the device dials.

use core::fmt;

use device_drive::Way;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::State;
use smoltcp::wire::Ipv4Address;

use super::super::chip::Chip;
use super::{Net, Tcp};
use crate::entropy;

/// A socket, and whom it connects to.
pub struct Line<'n, 'm, C: Chip> {
    net: &'n Net<'m, C>,
    socket: SocketHandle,
    host: Ipv4Address,
    port: u16,
}

impl<'n, 'm, C: Chip> Line<'n, 'm, C> {
    /// A line to a port of a host.
    pub const fn new(
        net: &'n Net<'m, C>,
        socket: SocketHandle,
        host: Ipv4Address,
        port: u16,
    ) -> Self {
        Self { net, socket, host, port }
    }
}

impl<'n, 'm, C: Chip> Way for Line<'n, 'm, C> {
    type Stream = Tcp<'n, 'm, C>;

    fn dial(&mut self) {
        // Of the ports that nobody is assigned (RFC 6335 section 6), and seldom the last one: the
        // host may remember that.
        let local = 49_152 | entropy::number() as u16;
        self.net.socket(self.socket, |socket, interface| {
            if socket.is_open() {
                socket.abort();
            }
            // One that cannot begin is closed, and found so.
            let _ = socket.connect(interface.context(), (self.host, self.port), local);
        });
    }

    fn dialed(&mut self) -> Option<Option<Self::Stream>> {
        match self.net.socket(self.socket, |socket, _| socket.state()) {
            Some(State::SynSent | State::SynReceived) => None,
            Some(State::Established | State::CloseWait) => {
                Some(Some(Tcp::new(self.net, self.socket)))
            }
            _ => Some(None),
        }
    }
}

impl<C: Chip> fmt::Debug for Line<'_, '_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("port", &self.port).finish_non_exhaustive()
    }
}
