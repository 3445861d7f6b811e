//! Writing what waits.

use std::io::{self, ErrorKind, IoSlice};

use super::outbox::{MOST_SLICES, Outbox};
use super::{Tls, Wire};
use crate::desk::Desk;
use crate::sys;

/// About so much is handed to the system at once.
const BATCH: usize = 256 << 10;

impl Wire {
    /// Writes what lies on the desk and what waits, as much as the socket takes. A socket that
    /// fails is found out when it is read next.
    pub(crate) fn flush(&mut self, desk: &mut Desk) {
        let waited = self.waiting();
        self.uncork(desk);
        if waited > 0 || self.outbox.is_some() {
            self.flush_waiting(desk, waited);
        }
    }

    /// Says that nothing more will be written, in all layers.
    pub(crate) fn say_goodbye(&mut self, desk: &mut Desk) {
        let mut records = std::mem::take(&mut desk.cipher);
        records.clear();
        if let Some(tls) = &mut self.tls {
            tls.session.close_notify(&mut records);
            self.send_records(desk, &records);
        }
        desk.cipher = records;
        self.socket.shut_down();
    }

    fn flush_waiting(&mut self, desk: &mut Desk, waited: usize) {
        self.flush_unsent(desk);
        while let Some(mut outbox) = self.outbox.take() {
            let taken = if self.flags.blocked || !outbox.is_ready() {
                0
            } else {
                self.transmit_next(desk, &outbox)
            };
            if taken > 0 && outbox.advance(taken) {
                self.beat_left(desk);
            }
            if outbox.is_empty() {
                desk.put_back(outbox);
                break;
            }
            self.outbox = Some(outbox);
            if taken == 0 {
                break;
            }
        }
        let waiting = self.waiting();
        // What was on the desk may have been added: then this says that less has left than has,
        // and the stall begins a moment later.
        let moved = waited.saturating_sub(waiting);
        let ready = self.outbox.as_ref().is_some_and(|outbox| outbox.is_ready())
            || self.tls.as_ref().is_some_and(|tls| !tls.unsent.is_empty());
        let left = if ready { waiting } else { 0 };
        self.deadlines.wrote(&desk.config.timing, desk.now, moved, left);
        if let Some(peer) = self.peer() {
            peer.waits(waiting);
            desk.dropped_by_handles(peer.take_dropped());
        }
    }

    fn transmit_next(&mut self, desk: &mut Desk, outbox: &Outbox) -> usize {
        if let Some(only) = outbox.only() {
            return self.transmit(desk, &[IoSlice::new(only)]);
        }
        let mut slices = [IoSlice::new(&[]); MOST_SLICES];
        let count = outbox.next(&mut slices, BATCH);
        self.transmit(desk, slices.get(..count).unwrap_or_default())
    }

    /// The heartbeat's Ping has left for the socket, or for what TLS keeps in front of it.
    fn beat_left(&mut self, desk: &Desk) {
        match &mut self.tls {
            Some(tls) if !tls.unsent.is_empty() => tls.has_beat = true,
            _ => self.deadlines.ping_left(&desk.config.timing, desk.now),
        }
    }

    /// Writes the pieces, and tells how many of their bytes need not be written again.
    pub(super) fn transmit(&mut self, desk: &mut Desk, pieces: &[IoSlice<'_>]) -> usize {
        if self.tls.is_some() {
            return self.transmit_records(desk, pieces);
        }
        // More than the system takes in one call would look as if the socket were full.
        let pieces = pieces.get(..MOST_SLICES).unwrap_or(pieces);
        let total: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut taken = 0;
        if !self.flags.blocked {
            let result = match pieces {
                [piece] => self.socket.write(piece),
                _ => self.socket.write_vectored(pieces),
            };
            taken = self.judge(result, total);
        }
        desk.metrics.bytes_sent.add(taken as u64);
        taken
    }

    /// What a write says of the socket. One that fails takes everything: nothing will leave it any
    /// more, and the next read tells why.
    fn judge(&mut self, result: io::Result<usize>, total: usize) -> usize {
        match result {
            Ok(taken) => {
                self.flags.blocked = taken < total && sys::SHORT_MEANS_DONE;
                taken
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.flags.blocked = true;
                0
            }
            Err(_) => {
                self.flags.broken = true;
                total
            }
        }
    }

    /// All plaintext of a turn as full records, in one write; of more than a batch, as much as the
    /// socket takes: what waits is moved when a part of it leaves, so it must not be much.
    fn transmit_records(&mut self, desk: &mut Desk, pieces: &[IoSlice<'_>]) -> usize {
        let mut taken = 0;
        loop {
            self.flush_unsent(desk);
            let batch = batch(pieces, taken);
            let tls = self.tls.as_mut().filter(|tls| tls.unsent.is_empty() && !batch.is_empty());
            let Some(tls) = tls else { return taken };
            let mut cipher = std::mem::take(&mut desk.cipher);
            cipher.clear();
            taken += batch.iter().map(|slice| slice.len()).sum::<usize>();
            if tls.session.encrypt(&batch, &mut cipher).is_err() {
                self.flags.broken = true;
            }
            self.send_records(desk, &cipher);
            desk.cipher = cipher;
            if self.flags.blocked {
                return taken;
            }
        }
    }

    /// Writes records as they are; the session has made them.
    pub(crate) fn send_records(&mut self, desk: &Desk, records: &[u8]) {
        let waits = self.tls.as_ref().is_some_and(|tls| !tls.unsent.is_empty());
        let mut taken = 0;
        while !waits && !self.flags.blocked && taken < records.len() {
            let rest = records.get(taken..).unwrap_or_default();
            let result = self.socket.write(rest);
            taken += self.judge(result, rest.len());
        }
        desk.metrics.bytes_sent.add(taken as u64);
        if let (Some(rest), Some(tls)) = (records.get(taken..), &mut self.tls) {
            tls.unsent.extend_from_slice(rest);
        }
    }

    /// Writes the records that wait.
    fn flush_unsent(&mut self, desk: &Desk) {
        let Some(tls) = self.tls.as_mut().filter(|tls| !tls.unsent.is_empty()) else { return };
        if self.flags.blocked {
            return;
        }
        let unsent = std::mem::take(&mut tls.unsent);
        self.send_records(desk, &unsent);
        if let Some(Tls { unsent, has_beat, .. }) = self.tls.as_deref_mut()
            && unsent.is_empty()
            && std::mem::take(has_beat)
        {
            self.deadlines.ping_left(&desk.config.timing, desk.now);
        }
    }
}

/// What follows the first `taken` bytes of the pieces, up to a batch.
fn batch<'a>(pieces: &'a [IoSlice<'_>], taken: usize) -> Vec<&'a [u8]> {
    let (mut skip, mut room) = (taken, BATCH);
    let rest = pieces.iter().filter_map(|piece| {
        let rest = piece.get(skip.min(piece.len())..).unwrap_or_default();
        skip -= piece.len() - rest.len();
        let now = rest.get(..room.min(rest.len())).unwrap_or_default();
        room -= now.len();
        (!now.is_empty()).then_some(now)
    });
    rest.collect()
}
