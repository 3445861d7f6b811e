//! Slots and a dialer of a loop.

use std::boxed::Box;
use std::string::String;
use std::vec;
use std::vec::Vec;

use device_app::{Device, Vitals};
use ws_core::connection::{Time, Timing};
use ws_core::testing::{Clock, PipeEnd, Random};

use super::{Phone, Places, Served};
use crate::{Dialer, Shelf, Slot, Way};

type Place<C> = Slot<Served, Vec<u8>, Vec<u8>, C, Random>;

struct Loop<C> {
    hand: C,
    slots: Vec<Place<C>>,
    device: Device,
}

pub(super) fn places(clock: Clock) -> Box<dyn Places> {
    Box::new(Loop { hand: clock.hand(), slots: vec![], device: Device::default() })
}

impl<C: FnMut() -> Time + Clone> Places for Loop<C> {
    fn welcome(&mut self, client: PipeEnd) {
        let free = self.slots.iter().position(Slot::is_free);
        let place = free.unwrap_or_else(|| {
            let slot = Slot::new(Timing::DEFAULT, self.hand.clone(), Random::new(1));
            self.slots.push(slot);
            self.slots.len() - 1
        });
        self.slots[place].welcome(Served(client), vec![0; 256], vec![0; 200]).unwrap();
    }

    fn turn(&mut self) -> Time {
        let slots = self.slots.iter_mut();
        slots.map(|slot| slot.turn(&mut self.device, Vitals::default())).min().unwrap()
    }

    fn is_free(&self) -> bool {
        self.slots.iter().all(Slot::is_free)
    }

    fn device(&self) -> Device {
        self.device
    }
}

struct Caller<C> {
    dialer: Dialer<'static, 'static, Served, C, Random>,
    shelves: [&'static Shelf<'static>; 2],
    line: Line,
    device: Device,
}

/// The way to a server that is there, or not.
#[derive(Default)]
struct Line {
    server: Option<PipeEnd>,
    dialed: usize,
}

impl Way for Line {
    type Stream = Served;

    fn dial(&mut self) {
        self.dialed += 1;
    }

    fn dialed(&mut self) -> Option<Option<Served>> {
        Some(self.server.take().map(Served))
    }
}

fn shelf(len: usize) -> &'static Shelf<'static> {
    Box::leak(Box::new(Shelf::new(vec![0; len].leak())))
}

pub(super) fn phone(clock: Clock) -> Box<dyn Phone> {
    let shelves @ [receive, send] = [256, 200].map(shelf);
    let server = ("host", "/device");
    let (hand, random) = (clock.hand(), Random::new(1));
    let dialer = Dialer::new(server, (receive, send), Timing::DEFAULT, hand, random);
    Box::new(Caller { dialer, shelves, line: Line::default(), device: Device::default() })
}

impl<C: FnMut() -> Time + Clone> Phone for Caller<C> {
    fn ring(&mut self, server: PipeEnd) {
        self.line.server = Some(server);
    }

    fn turn(&mut self) -> Time {
        let next = self.dialer.turn(&mut self.line, &mut self.device, Vitals::default());
        let are_home = self.shelves.iter().all(|shelf| shelf.is_home());
        assert!(are_home || self.is_connected(), "a buffer is lost: {:?}", self.dialer);
        if self.state() == "Dialing" { Time(0) } else { next }
    }

    fn is_connected(&self) -> bool {
        !matches!(&*self.state(), "Dialing" | "Resting")
    }

    fn dialed(&self) -> usize {
        self.line.dialed
    }

    fn device(&self) -> Device {
        self.device
    }
}

impl<C> Caller<C> {
    fn state(&self) -> String {
        std::format!("{:?}", self.dialer)
    }
}
