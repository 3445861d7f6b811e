//! Tasks, polled by hand.

use core::cell::Cell;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;
use std::vec;
use std::vec::Vec;

use device_app::{Device, Vitals};
use ws_core::Entropy;
use ws_core::connection::{Time, Timing};
use ws_core::testing::{Clock, PipeEnd, Random};

use super::{Phone, Places, Served};
use crate::tasks::{Machine, Socket, World, dial, serve};

/// Tasks that share a world.
struct Thread {
    world: Rc<World<Bench>>,
    tasks: Vec<Pin<Box<dyn Future<Output = ()>>>>,
    flag: Arc<Flag>,
}

/// The machine of tests.
struct Bench {
    clock: Clock,
    random: Cell<Random>,
    /// The first moment that a task sleeps for.
    alarm: Cell<Time>,
}

/// A task has been woken.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Thread {
    fn new(clock: Clock) -> Self {
        let random = Cell::new(Random::new(1));
        let bench = Bench { clock, random, alarm: Cell::new(Time::NEVER) };
        let world = Rc::new(World::new(bench, Timing::DEFAULT));
        Self { world, tasks: vec![], flag: Arc::default() }
    }

    fn spawn(&mut self, task: impl Future<Output = ()> + 'static) {
        self.tasks.push(Box::pin(task));
    }

    /// Polls each task once; tells when there will be something to do.
    fn turn(&mut self) -> Time {
        let alarm = &self.world.machine().alarm;
        alarm.set(Time::NEVER);
        let waker = Waker::from(Arc::clone(&self.flag));
        for task in &mut self.tasks {
            assert!(task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        if self.flag.0.swap(false, Ordering::Relaxed) { Time(0) } else { alarm.get() }
    }
}

impl Machine for Bench {
    fn now(&self) -> Time {
        self.clock.now()
    }

    async fn sleep_until(&self, moment: Time) {
        poll_fn(|_| {
            if moment <= self.now() {
                return Poll::Ready(());
            }
            self.alarm.set(moment.min(self.alarm.get()));
            Poll::Pending
        })
        .await;
    }

    fn fill(&self, bytes: &mut [u8]) {
        let mut random = self.random.get();
        random.fill(bytes);
        self.random.set(random);
    }

    fn vitals(&self) -> Vitals {
        Vitals::default()
    }

    fn switch(&self, _: bool) {}
}

/// A socket that one client after the other comes to.
struct Door {
    bell: Rc<Bell>,
    stream: Option<Served>,
}

#[derive(Default)]
struct Bell {
    client: Cell<Option<PipeEnd>>,
    is_free: Cell<bool>,
}

impl Socket for Door {
    type Stream = Served;

    async fn connect(&mut self) -> Option<&mut Served> {
        let client = poll_fn(|_| self.bell.client.take().map_or(Poll::Pending, Poll::Ready)).await;
        Some(self.stream.insert(Served(client)))
    }

    async fn release(&mut self) {
        self.stream = None;
        self.bell.is_free.set(true);
    }
}

struct Tasks {
    thread: Thread,
    bells: Vec<Rc<Bell>>,
}

pub(super) fn places(clock: Clock) -> Box<dyn Places> {
    Box::new(Tasks { thread: Thread::new(clock), bells: vec![] })
}

impl Tasks {
    fn add(&mut self) -> Rc<Bell> {
        let bell = Rc::new(Bell::default());
        self.bells.push(Rc::clone(&bell));
        let door = Door { bell: Rc::clone(&bell), stream: None };
        let world = Rc::clone(&self.thread.world);
        self.thread.spawn(async move {
            let (mut receive, mut send) = ([0; 256], [0; 200]);
            serve(door, (&mut receive, &mut send), &world).await;
        });
        bell
    }
}

impl Places for Tasks {
    fn welcome(&mut self, client: PipeEnd) {
        let free = self.bells.iter().find(|bell| bell.is_free.get()).cloned();
        let bell = free.unwrap_or_else(|| self.add());
        bell.is_free.set(false);
        bell.client.set(Some(client));
    }

    fn turn(&mut self) -> Time {
        self.thread.turn()
    }

    fn is_free(&self) -> bool {
        self.bells.iter().all(|bell| bell.is_free.get())
    }

    fn device(&self) -> Device {
        self.thread.world.device()
    }
}

/// A socket that dials a server that is there, or not.
struct Line {
    ends: Rc<Ends>,
    stream: Option<Served>,
}

#[derive(Default)]
struct Ends {
    server: Cell<Option<PipeEnd>>,
    dialed: Cell<usize>,
    is_connected: Cell<bool>,
}

impl Socket for Line {
    type Stream = Served;

    async fn connect(&mut self) -> Option<&mut Served> {
        self.ends.dialed.set(self.ends.dialed.get() + 1);
        let server = self.ends.server.take()?;
        self.ends.is_connected.set(true);
        Some(self.stream.insert(Served(server)))
    }

    async fn release(&mut self) {
        self.stream = None;
        self.ends.is_connected.set(false);
    }
}

struct Caller {
    thread: Thread,
    ends: Rc<Ends>,
}

pub(super) fn phone(clock: Clock) -> Box<dyn Phone> {
    let (mut thread, ends) = (Thread::new(clock), Rc::new(Ends::default()));
    let line = Line { ends: Rc::clone(&ends), stream: None };
    let world = Rc::clone(&thread.world);
    thread.spawn(async move {
        let (mut receive, mut send) = ([0; 256], [0; 200]);
        dial(line, ("host", "/device"), (&mut receive, &mut send), &world).await;
    });
    Box::new(Caller { thread, ends })
}

impl Phone for Caller {
    fn ring(&mut self, server: PipeEnd) {
        self.ends.server.set(Some(server));
    }

    fn turn(&mut self) -> Time {
        self.thread.turn()
    }

    fn is_connected(&self) -> bool {
        self.ends.is_connected.get()
    }

    fn dialed(&self) -> usize {
        self.ends.dialed.get()
    }

    fn device(&self) -> Device {
        self.thread.world.device()
    }
}
