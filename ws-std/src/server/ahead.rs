//! Those connections of a shard that have broadcast more than others can pass on, until these have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::port::{Port, Target};
use crate::actor::ConnectionId;

/// Who is ahead, and of which shards.
#[derive(Default)]
pub(crate) struct Ahead {
    /// Each shard once, and where those are who wait for it.
    waiting: Vec<(Arc<Port>, BTreeMap<ConnectionId, usize>)>,
}

impl Ahead {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Somebody waits for those of these shards that cannot keep up; tells whether there are any. The
    /// shard that it is on, `own`, is woken when they have caught up.
    pub(crate) fn waits_for(&mut self, who: Target, ports: &[Arc<Port>], own: &Port) -> bool {
        let mut waits = false;
        for port in ports.iter().filter(|port| port.is_behind()) {
            let known = self.waiting.iter_mut().find(|(other, _)| Arc::ptr_eq(other, port));
            if let Some((_, waiting)) = known {
                waiting.insert(who.id, who.key);
            } else if port.wakes(own) {
                self.waiting.push((port.clone(), BTreeMap::from([(who.id, who.key)])));
            } else {
                continue;
            }
            waits = true;
        }
        waits
    }

    /// Those who wait for no shard any more: each for its own, whatever the others do.
    pub(crate) fn let_go(&mut self, own: &Port) -> Vec<Target> {
        let mut free = BTreeMap::new();
        self.waiting.retain_mut(|(port, waiting)| {
            let waits = port.wakes(own);
            if !waits {
                free.append(waiting);
            }
            waits
        });
        free.retain(|id, _| !self.waiting.iter().any(|(_, waiting)| waiting.contains_key(id)));
        free.into_iter().map(|(id, key)| Target { key, id }).collect()
    }

    /// It has ended.
    pub(crate) fn forget(&mut self, id: ConnectionId) {
        for (_, waiting) in &mut self.waiting {
            waiting.remove(&id);
        }
    }
}
