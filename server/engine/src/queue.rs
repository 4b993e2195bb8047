//! Admission and order of requests, as a plain structure: bounded, higher priorities first, first come first served
//! inside a priority. It holds no lock, reads no clock and knows no model; `shared.rs` puts it behind a mutex.

use std::collections::VecDeque;
use std::time::Instant;

use crate::{CancelToken, Priority};

/// What the queue has to know of an item.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    /// Who overtakes whom.
    pub(crate) priority: Priority,
    /// Tripped: the item is handed back by [`Queue::remove_dead`] instead of being run.
    pub(crate) cancel: CancelToken,
    /// Passed: likewise.
    pub(crate) deadline: Option<Instant>,
}

impl Ticket {
    fn is_dead(&self, now: Instant) -> bool {
        self.cancel.is_cancelled() || self.deadline.is_some_and(|deadline| deadline <= now)
    }
}

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// How many wait.
    pub(crate) waiting: usize,
}

/// A bounded queue with one lane a priority.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    lanes: [VecDeque<(Ticket, T)>; 3],
    capacity: usize,
}

impl<T> Queue<T> {
    /// An empty queue for at most `capacity` items.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { lanes: [VecDeque::new(), VecDeque::new(), VecDeque::new()], capacity }
    }

    /// Items that wait.
    pub(crate) fn len(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }

    /// Most items that may wait.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Adds an item at the end of its lane.
    pub(crate) fn push(&mut self, ticket: Ticket, item: T) -> Result<(), Full> {
        let waiting = self.len();
        if waiting >= self.capacity {
            return Err(Full { waiting });
        }
        self.lanes[lane(ticket.priority)].push_back((ticket, item));
        Ok(())
    }

    /// The item to be run next.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.lanes.iter_mut().find_map(VecDeque::pop_front).map(|(_, item)| item)
    }

    /// Priority of the item that [`Queue::pop`] would give.
    pub(crate) fn top(&self) -> Option<Priority> {
        self.lanes.iter().find_map(VecDeque::front).map(|(ticket, _)| ticket.priority)
    }

    /// Takes out every item that was cancelled or is too late, in the order of the lanes.
    pub(crate) fn remove_dead(&mut self, now: Instant) -> Vec<T> {
        let mut dead = Vec::new();
        for lane in &mut self.lanes {
            // The common case allocates and moves nothing: this runs once a token.
            if lane.iter().any(|(ticket, _)| ticket.is_dead(now)) {
                for (ticket, item) in std::mem::take(lane) {
                    if ticket.is_dead(now) {
                        dead.push(item);
                    } else {
                        lane.push_back((ticket, item));
                    }
                }
            }
        }
        dead
    }

    /// Takes out everything, in the order in which it would have been run.
    pub(crate) fn drain(&mut self) -> Vec<T> {
        std::iter::from_fn(|| self.pop()).collect()
    }
}

fn lane(priority: Priority) -> usize {
    match priority {
        Priority::Interactive => 0,
        Priority::Normal => 1,
        Priority::Background => 2,
    }
}

#[cfg(test)]
mod tests;
