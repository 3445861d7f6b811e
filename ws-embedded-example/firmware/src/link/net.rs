//! TCP over a chip: the stack of `smoltcp`, and its sockets as streams that never wait.

mod device;
mod line;
mod stream;

pub use line::Line;
pub use stream::{Reset, Tcp};

use core::cell::RefCell;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr};
use ws_core::connection::Time;

use super::{ADDRESS, Chip, Frames, GATEWAY, MAC, PREFIX};
use device::Device;

/// How long a peer may be silent that owes us an acknowledgement.
const PATIENCE: Duration = Duration::from_millis(super::PATIENCE.0 as u64);

/// The network of a device. Everybody who has a stream borrows it, for no longer than a call.
pub struct Net<'m, C: Chip> {
    parts: RefCell<Parts<'m, C>>,
}

struct Parts<'m, C: Chip> {
    interface: Interface,
    sockets: SocketSet<'m>,
    device: Device<'m, C>,
}

impl<C: Chip> core::fmt::Debug for Net<'_, C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Net").finish_non_exhaustive()
    }
}

impl<'m, C: Chip> Net<'m, C> {
    /// A network over a chip that runs.
    pub fn new(
        chip: C,
        frames: &'m mut Frames,
        sockets: &'m mut [SocketStorage<'m>],
        random_seed: u64,
    ) -> Self {
        let mut device = Device::new(chip, frames);
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(MAC)));
        config.random_seed = random_seed;
        let mut interface = Interface::new(config, &mut device, Instant::ZERO);
        // There is room: the interface is new, and holds more than one of each.
        interface.update_ip_addrs(|all| {
            let _ = all.push(IpCidr::new(ADDRESS.into(), PREFIX));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(GATEWAY);
        let sockets = SocketSet::new(sockets);
        Self { parts: RefCell::new(Parts { interface, sockets, device }) }
    }

    /// Adds a socket with its buffers, while there is storage for one more.
    pub fn add(&self, receive: &'m mut [u8], send: &'m mut [u8]) -> Option<SocketHandle> {
        let mut socket =
            tcp::Socket::new(tcp::SocketBuffer::new(receive), tcp::SocketBuffer::new(send));
        // What is written is a whole frame: it must not wait for the acknowledgement of the last.
        socket.set_nagle_enabled(false);
        socket.set_ack_delay(None);
        socket.set_timeout(Some(PATIENCE));
        self.parts.try_borrow_mut().ok().map(|mut parts| parts.sockets.add(socket))
    }

    /// Takes frames from the chip and gives it those that are due. Tells when it is to be called
    /// again though no frame arrives.
    pub fn poll(&self, now: Time) -> Time {
        let Ok(mut parts) = self.parts.try_borrow_mut() else { return now };
        let Parts { interface, sockets, device } = &mut *parts;
        let instant = Instant::from_millis(now.0 as i64);
        interface.poll(instant, device, sockets);
        match interface.poll_at(instant, sockets) {
            Some(at) => Time(u64::try_from(at.total_millis()).unwrap_or_default()),
            None => Time::NEVER,
        }
    }

    /// Works with the chip.
    pub fn chip<T>(&self, work: impl FnOnce(&mut C) -> T) -> Option<T> {
        self.parts.try_borrow_mut().ok().map(|mut parts| work(parts.device.chip()))
    }

    /// The stream of the client that has connected to this socket, if one has; otherwise it listens.
    ///
    /// To be called while the socket's last stream is gone, at every turn: between two clients no
    /// time is lost.
    pub fn accept(&self, handle: SocketHandle, port: u16) -> Option<Tcp<'_, 'm, C>> {
        let is_open = self.socket(handle, |socket, _| match socket.state() {
            tcp::State::Established | tcp::State::CloseWait => true,
            // The last client knows that we have got its end: the answer to it has left.
            tcp::State::Closed | tcp::State::TimeWait => {
                let _ = socket.listen(port);
                false
            }
            _ => false,
        });
        (is_open == Some(true)).then(|| Tcp::new(self, handle))
    }

    /// Whether this socket waits for a client, and has none.
    pub fn is_listening(&self, handle: SocketHandle) -> bool {
        self.socket(handle, |socket, _| socket.is_listening()) == Some(true)
    }

    fn socket<T>(
        &self,
        handle: SocketHandle,
        work: impl FnOnce(&mut tcp::Socket<'m>, &mut Interface) -> T,
    ) -> Option<T> {
        let mut parts = self.parts.try_borrow_mut().ok()?;
        let Parts { interface, sockets, .. } = &mut *parts;
        Some(work(sockets.get_mut::<tcp::Socket<'m>>(handle), interface))
    }
}
