//! Names, and those who end with one.

use std::sync::Arc;

use super::{Shard, in_any_order};
use crate::actor::cell::{Cell, Home};
use crate::actor::{ActorId, Reason, System};
use crate::server::Limits;
use crate::sync::thread;

fn actor(id: u64, shard: &Shard) -> Arc<Cell> {
    Cell::new::<u64>(ActorId(id), Home::on_shard(shard.port.clone()))
}

/// Ends like an actor does: what it had is given back before anybody hears of it.
fn end(system: &System, cell: &Cell) {
    drop(cell.close());
    system.release(cell);
    cell.end(&Reason::Normal);
}

/// ACTOR-08
#[test]
fn a_name_is_one_actors_and_never_that_of_the_dead() {
    in_any_order(|| {
        let (system, shard) = (Arc::new(System::new(&Limits::default())), Shard::new());
        let [one, other] = [actor(1, &shard), actor(2, &shard)];
        let (names, named) = (system.clone(), one.clone());
        let first = thread::spawn(move || names.register("hub", &named));
        let (names, ending) = (system.clone(), one.clone());
        let ends = thread::spawn(move || end(&names, &ending));
        let got_it = system.register("hub", &other).is_ok();
        let first = first.join().unwrap();
        ends.join().unwrap();
        let found = system.find("hub").map(|found| found.id());
        assert_eq!(found, got_it.then_some(ActorId(2)));
        // Only who holds a name keeps others from it.
        assert!(got_it || first.is_ok());
    });
}
