//! Where the requests of a stage get their sequences from, and whose memory is taken when there is not enough.

use super::Stage;
use crate::Priority;
use crate::model::Sequence;
use crate::ops::{BLOCK, blocks_for};
use crate::worker::plan::{Demand, Share};
use crate::worker::prefix_cache::common_prefix;
use crate::worker::run::Run;

impl Stage {
    /// What the requests need next. Of those whose turn it is (that have this priority) one without a sequence waits
    /// while there is no memory for all its tokens: otherwise it would be computed up to where the memory ends, lose
    /// everything to an older one, and begin again.
    pub(super) fn demand(&mut self, priority: Priority) {
        self.demands.clear();
        let has_turn = |run: &Run| run.priority() == priority;
        // One of them always computes: it can have all the memory.
        let mut is_first = !self.runs.iter().any(|run| has_turn(run) && run.sequence().is_some());
        let mut room = None;
        let mut waits = false;
        for index in 0..self.runs.len() {
            let run = &mut self.runs[index];
            let mut demand =
                Demand { priority: run.priority(), pending: run.pending(), alone: run.is_suspect(), waits };
            if !has_turn(run) || run.sequence().is_some() {
                demand.waits = false;
            } else if !waits {
                let kept = run.kept_in(&self.cache);
                let len = self.runs[index].tokens().len();
                let running = self.longest_running(self.runs[index].tokens()).map_or(0, |(len, _)| len);
                // What is kept is counted as free; what others compute with is shared.
                let needed = blocks_for(len) - if running > kept { running / BLOCK } else { 0 };
                let room = room.get_or_insert_with(|| self.room(priority));
                waits = needed > *room && !is_first;
                *room = room.saturating_sub(needed);
                is_first = false;
                // The last token is always passed again: its logits are wanted.
                demand = Demand { pending: len - running.max(kept).min(len - 1), waits, ..demand };
            }
            self.demands.push(demand);
        }
    }

    /// Blocks that further requests of a priority can have while those that compute get all they need.
    fn room(&self, priority: Priority) -> usize {
        let Some(service) = &self.service else { return 0 };
        let (mut free, mut needed) = (service.model.kv_pool().available() + self.cache.own_blocks(), 0);
        for run in &self.runs {
            match run.sequence() {
                Some(sequence) if run.priority() == priority => needed += sequence.blocks_to_reserve(run.pending()),
                Some(sequence) => free += sequence.own_blocks(),
                None => (),
            }
        }
        free.saturating_sub(needed)
    }

    fn longest_running(&self, tokens: &[u32]) -> Option<(usize, &Sequence)> {
        let shared = |run: &'_ Run| Some(common_prefix(run.tokens(), tokens).min(run.sequence()?.len()));
        let best = self.runs.iter().max_by_key(|run| shared(run))?;
        Some((shared(best)?, best.sequence()?))
    }

    /// Sees to it that every request of the pass has a sequence.
    pub(super) fn attach(&mut self) {
        let Some(service) = &self.service else { return };
        for share in &self.shares {
            if self.runs[share.run].sequence().is_some() {
                continue;
            }
            let tokens = self.runs[share.run].tokens();
            let sequence = match self.longest_running(tokens) {
                Some((len, sequence)) if len > self.cache.longest(tokens) => sequence.fork(len),
                _ => self.cache.take(tokens).unwrap_or_else(|| service.model.kv_pool().sequence()),
            };
            self.runs[share.run].attach(sequence, service, &self.shared);
        }
    }

    /// Frees memory until the pass has enough: first what only the cache keeps, then that of requests that wait, then
    /// the pass gets fewer members. One request of full length always fits.
    pub(super) fn make_room(&mut self) {
        let Some(service) = &self.service else { return };
        let pool = service.model.kv_pool().clone();
        loop {
            let sequence = |share: &Share| Some((self.runs[share.run].sequence()?, share.tokens));
            let members = self.shares.iter().filter_map(sequence);
            let needed: usize = members.map(|(sequence, tokens)| sequence.blocks_to_reserve(tokens)).sum();
            if needed <= pool.available() {
                return;
            }
            if self.cache.evict() {
                continue;
            }
            let takes_part = |index: usize| self.shares.iter().any(|share| share.run == index);
            let waiting = (0..self.runs.len()).rev().find(|&i| !takes_part(i) && self.runs[i].sequence().is_some());
            let victim = match waiting {
                Some(index) => index,
                None if self.shares.len() > 1 => self.shares.pop().expect("there are several").run,
                None => return,
            };
            self.release(victim);
        }
    }

    /// Takes the sequence from a request; what it holds is computed again later.
    pub(super) fn release(&mut self, index: usize) {
        if let Some(sequence) = self.runs[index].take_sequence() {
            self.forget_cue(&sequence);
        }
    }

    pub(super) fn forget_cue(&self, sequence: &Sequence) {
        if let Some(cue) = self.service.as_ref().and_then(|service| service.cue.as_ref()) {
            cue.forget(sequence.id());
        }
    }
}
