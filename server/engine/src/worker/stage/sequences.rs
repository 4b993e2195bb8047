//! Where the requests of a stage get their sequences from, and whose memory is taken when there is not enough.

use super::Stage;
use crate::model::Sequence;
use crate::worker::plan::Share;
use crate::worker::prefix_cache::common_prefix;
use crate::worker::run::Run;

impl Stage {
    /// How many of the first tokens are computed already, by a request that runs or one that ended.
    pub(super) fn reusable(&self, tokens: &[u32]) -> usize {
        self.longest_running(tokens).map_or(0, |(len, _)| len).max(self.cache.longest(tokens))
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
            self.runs[share.run].attach(sequence, service);
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
