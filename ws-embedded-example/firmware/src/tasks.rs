//! Tasks that serve all clients, and the server that is dialed. Each waits for what it wants, and the
//! processor sleeps while all do.

use core::cell::Cell;

use device_app::Vitals;
use device_drive::tasks::{self, Machine, World, dial, serve};
use embassy_net::{Runner, StackResources};
use embassy_time::{Duration, Instant, Timer};
use static_cell::StaticCell;
use ws_core::connection::{Time, Timing};

use crate::board::{Board, Meter, now, semihosting};
use crate::entropy;
use crate::life::{self, Ending, SERVER, Standing};
use crate::link::Chip;
use crate::link::embassy::{Caller, Link, Listener, stack};
use crate::memory::{Buffers, Memory};

/// How often the serial line is looked at, and the load.
const LOOK: Duration = Duration::from_millis(10);

/// What tasks share: all of it lives on one thread.
static WORLD: StaticCell<World<Metal>> = StaticCell::new();

/// What is to be spawned, with so many places for clients.
pub struct Tasks<C: Chip + 'static, const SLOTS: usize> {
    /// Runs the network.
    pub network: Runner<'static, Link<C>>,
    /// One for each client.
    pub places: [Place; SLOTS],
    /// For the server that is dialed, if one is.
    pub line: Option<Line>,
    /// For the host.
    pub watch: Watch,
}

impl<C: Chip, const SLOTS: usize> Tasks<C, SLOTS> {
    /// Begins; there is one connection more than there are places: for the server that is dialed.
    pub fn begin<const N: usize, const WINDOW: usize, const RECEIVE: usize>(
        board: Board,
        chip: C,
        memory: &'static mut Memory<N, WINDOW, RECEIVE>,
        resources: &'static mut StackResources<N>,
    ) -> (Meter, Self) {
        let (meter, dial) = life::begin(&board, SLOTS);
        let metal = Metal {
            vitals: Cell::new(life::examine(&meter)),
            listening: Cell::new(0),
            switch: board.switch,
        };
        let world = WORLD.try_init(World::new(metal, Timing::DEFAULT));
        let Some(world) = world.map(|world| &*world) else { semihosting::fail() };
        let (frames, mut buffers) = memory.hand_out();
        let link = Link::new(chip, board.line, frames);
        let (stack, network) = stack(link, resources, entropy::number());
        let places = core::array::from_fn(|_| {
            let Some(Buffers { tcp_receive, tcp_send, ws_receive, ws_send }) = buffers.next()
            else {
                semihosting::fail()
            };
            let socket = Listener::new(stack, tcp_receive, tcp_send, &world.machine().listening);
            Place { socket, memory: (ws_receive, ws_send), world }
        });
        let line = dial.zip(buffers.next()).map(|(port, buffers)| {
            let socket = Caller::new(stack, buffers.tcp_receive, buffers.tcp_send, port);
            Line { socket, memory: (buffers.ws_receive, buffers.ws_send), world }
        });
        (meter, Self { network, places, line, watch: Watch { board, world, places: SLOTS } })
    }
}

/// A place for one client after the other.
pub struct Place {
    socket: Listener,
    memory: tasks::Memory<'static>,
    world: &'static World<Metal>,
}

impl Place {
    /// Serves them.
    pub async fn serve(self) {
        serve(self.socket, self.memory, self.world).await;
        defmt::error!("a buffer is too small");
    }
}

/// The way to the server that is dialed.
pub struct Line {
    socket: Caller,
    memory: tasks::Memory<'static>,
    world: &'static World<Metal>,
}

impl Line {
    /// Stays connected.
    pub async fn dial(self) -> ! {
        dial(self.socket, SERVER, self.memory, self.world).await
    }
}

/// What the host may want, and what the board knows of itself.
pub struct Watch {
    board: Board,
    world: &'static World<Metal>,
    places: usize,
}

impl Watch {
    /// Looks at it, again and again.
    pub async fn look(self) -> ! {
        let Self { board, world, places } = self;
        let mut ending = Ending::NONE;
        loop {
            Timer::after(LOOK).await;
            let ready = world.machine().listening.get();
            ending.look(&board, || Standing { device: world.device(), ready, places });
        }
    }

    /// The processor has been measured anew.
    pub fn renewed(&self) -> impl FnMut(&Meter) + use<> {
        let world = self.world;
        move |meter| world.machine().vitals.set(life::examine(meter))
    }
}

/// The board, as the tasks see it.
pub struct Metal {
    vitals: Cell<Vitals>,
    /// How many places wait for a client.
    listening: Cell<usize>,
    switch: fn(bool),
}

impl Machine for Metal {
    fn now(&self) -> Time {
        now()
    }

    fn sleep_until(&self, moment: Time) -> impl Future<Output = ()> {
        Timer::at(Instant::from_millis(moment.0))
    }

    fn fill(&self, bytes: &mut [u8]) {
        entropy::fill(bytes);
    }

    fn vitals(&self) -> Vitals {
        self.vitals.get()
    }

    fn switch(&self, on: bool) {
        (self.switch)(on);
    }
}

/// How large what an async function makes of its argument is.
pub const fn size_of_future<A, F>(_: &impl FnOnce(A) -> F) -> usize {
    size_of::<F>()
}
