//! What became of suggestions: offered, shown, accepted, and why there was none.
//!
//! Counts only, in this process; nothing is written anywhere and nothing leaves the machine.

use std::collections::{HashMap, VecDeque};

use crate::{AcceptanceCounts, SilenceReason};

/// Suggestions whose text is remembered, to count characters when they are accepted.
const REMEMBERED: usize = 256;

/// Everything `ropewalk.status` says about suggestions.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) counts: AcceptanceCounts,
    pub(crate) cache_hits: u64,
    silences: HashMap<SilenceReason, u64>,
    offered: VecDeque<Offered>,
}

struct Offered {
    id: u64,
    text: String,
    shown: bool,
    /// Characters accepted so far; a client reports growing lengths for one suggestion.
    accepted: u64,
    state: Acceptance,
}

#[derive(PartialEq, Eq)]
enum Acceptance {
    None,
    Partial,
    Whole,
}

impl Record {
    /// A suggestion was answered with.
    pub(crate) fn offer(&mut self, id: u64, text: &str) {
        self.counts.offered += 1;
        if self.offered.len() == REMEMBERED {
            self.offered.pop_front();
        }
        let text = text.to_owned();
        self.offered.push_back(Offered { id, text, shown: false, accepted: 0, state: Acceptance::None });
    }

    /// The client showed it; reported again, it counts once.
    pub(crate) fn shown(&mut self, id: u64) {
        let Some(offered) = self.offered.iter_mut().find(|offered| offered.id == id) else { return };
        if !std::mem::replace(&mut offered.shown, true) {
            self.counts.shown += 1;
        }
    }

    /// The user took the first `utf16` units of it, or all of it.
    pub(crate) fn accepted(&mut self, id: u64, utf16: Option<usize>) {
        let Some(offered) = self.offered.iter_mut().find(|offered| offered.id == id) else { return };
        let whole = utf16.is_none_or(|units| units >= offered.text.encode_utf16().count());
        let characters = match utf16 {
            Some(units) if !whole => characters_in(&offered.text, units),
            _ => offered.text.chars().count() as u64,
        };
        self.counts.accepted_characters += characters.saturating_sub(offered.accepted);
        offered.accepted = offered.accepted.max(characters);
        match (&offered.state, whole) {
            (Acceptance::None, false) => {
                offered.state = Acceptance::Partial;
                self.counts.partially_accepted += 1;
            }
            (Acceptance::None | Acceptance::Partial, true) => {
                if offered.state == Acceptance::Partial {
                    self.counts.partially_accepted -= 1;
                }
                offered.state = Acceptance::Whole;
                self.counts.accepted += 1;
            }
            (Acceptance::Partial, false) | (Acceptance::Whole, _) => {}
        }
    }

    /// There was no suggestion.
    pub(crate) fn silence(&mut self, reason: SilenceReason) {
        *self.silences.entry(reason).or_default() += 1;
    }

    /// Reason codes with their counts, most frequent first, then by code.
    pub(crate) fn silences(&self) -> Vec<(&'static str, u64)> {
        let mut silences: Vec<_> = self.silences.iter().map(|(reason, count)| (reason.code(), *count)).collect();
        silences.sort_by_key(|&(code, count)| (std::cmp::Reverse(count), code));
        silences
    }
}

/// Whole characters within the first `units` UTF-16 units.
fn characters_in(text: &str, units: usize) -> u64 {
    let mut left = units;
    let mut characters = 0;
    for character in text.chars() {
        match left.checked_sub(character.len_utf16()) {
            Some(rest) => left = rest,
            None => break,
        }
        characters += 1;
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::{AcceptanceCounts, SilenceReason};

    #[test]
    fn characters_are_counted_once_and_in_scalar_values() {
        let mut record = Record::default();
        record.offer(1, "a😀b");
        record.offer(2, "second");
        record.shown(1);
        record.shown(1);
        record.shown(9);
        record.accepted(1, Some(2));
        assert_eq!(record.counts.accepted_characters, 1, "half a surrogate pair is no character");
        record.accepted(1, Some(3));
        assert_eq!((record.counts.accepted_characters, record.counts.partially_accepted), (2, 1));
        record.accepted(1, None);
        record.accepted(1, None);
        record.accepted(2, Some(6));
        let expected =
            AcceptanceCounts { offered: 2, shown: 1, accepted: 2, partially_accepted: 0, accepted_characters: 9 };
        assert_eq!(record.counts, expected);
    }

    #[test]
    fn old_suggestions_are_forgotten() {
        let mut record = Record::default();
        (0..300).for_each(|id| record.offer(id, "text"));
        record.accepted(0, None);
        assert_eq!(record.counts.accepted, 0);
        record.accepted(299, None);
        assert_eq!((record.counts.accepted, record.counts.offered), (1, 300));
    }

    #[test]
    fn silences_come_most_frequent_first() {
        let mut record = Record::default();
        for reason in [SilenceReason::NoModel, SilenceReason::Timeout, SilenceReason::Timeout, SilenceReason::Empty] {
            record.silence(reason);
        }
        assert_eq!(record.silences(), [("timeout", 2), ("empty", 1), ("no_model", 1)]);
    }
}
