//! What became of suggestions: offered, shown, accepted, rejected, kept; and why there was none.
//!
//! A few recent texts and counts, in this process; nothing is written anywhere and nothing leaves the machine. No
//! document is kept alive: a place is remembered as the text around it.
//!
//! Not here: the clock of [`kept`] and who asks (`state`).

pub(crate) mod kept;
mod rejections;

use std::collections::{HashMap, VecDeque};

use syntax::{Document, TextRange};
use tokio::time::Instant;

use crate::inline_completion::scene::Scene;
use crate::{AcceptanceCounts, DocumentId, LastSilence, SilenceReason};
use kept::{Followed, Look, Surroundings};
use rejections::Rejections;

/// Suggestions that are remembered, to learn what became of them.
const REMEMBERED: usize = 64;
/// Documents in which a suggestion may be in view.
const VIEWS: usize = 16;
/// Accepted suggestions that are looked for again.
const FOLLOWED: usize = 64;

/// Everything `ropewalk.status` says about suggestions.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) counts: AcceptanceCounts,
    pub(crate) cache_hits: u64,
    silences: HashMap<SilenceReason, u64>,
    last_silence: Option<(SilenceReason, Option<DocumentId>, Instant)>,
    offered: VecDeque<Offered>,
    /// The suggestion that each document's user has in view.
    in_view: VecDeque<(DocumentId, u64)>,
    rejections: Rejections,
    followed: VecDeque<Followed>,
}

/// A suggestion, and where it was made.
pub(crate) struct Offer {
    pub(crate) document: DocumentId,
    /// The place, with the menu's selected item taken as accepted.
    pub(crate) scene: Scene,
    /// What is written there, with line feeds only.
    pub(crate) text: String,
    /// What the client inserts, the selected item included.
    pub(crate) insert_text: String,
    pub(crate) surroundings: Surroundings,
}

impl Offer {
    /// `range` is what `insert_text` replaces in the client's document.
    pub(crate) fn new(
        id: &DocumentId,
        document: &Document,
        range: TextRange,
        insert_text: &str,
        scene: &Scene,
        text: &str,
    ) -> Self {
        Self {
            document: id.clone(),
            scene: scene.clone(),
            text: text.to_owned(),
            insert_text: insert_text.to_owned(),
            surroundings: Surroundings::new(document, range),
        }
    }
}

struct Offered {
    id: u64,
    offer: Offer,
    shown: bool,
    /// Characters accepted so far; a client reports growing lengths for one suggestion.
    accepted: u64,
    state: Acceptance,
}

#[derive(PartialEq, Eq)]
enum Acceptance {
    None,
    Rejected,
    Partial,
    Whole,
}

impl Record {
    /// A suggestion was answered with.
    pub(crate) fn offer(&mut self, id: u64, offer: Offer) {
        self.counts.offered += 1;
        if self.offered.len() == REMEMBERED {
            self.offered.pop_front();
        }
        self.offered.push_back(Offered { id, offer, shown: false, accepted: 0, state: Acceptance::None });
    }

    /// The client got it while its document was as it had been: from now on it is in view.
    pub(crate) fn answered(&mut self, id: u64) {
        let Some(offered) = self.offered.iter().rev().find(|offered| offered.id == id) else { return };
        let document = offered.offer.document.clone();
        self.in_view.retain(|(other, _)| *other != document);
        self.in_view.truncate(VIEWS - 1);
        self.in_view.push_front((document, id));
    }

    /// The client showed it; reported again, it counts once.
    pub(crate) fn shown(&mut self, id: u64) {
        let Some(offered) = self.offered.iter_mut().find(|offered| offered.id == id) else { return };
        if !std::mem::replace(&mut offered.shown, true) {
            self.counts.shown += 1;
        }
    }

    /// A request came from `scene` of the document: what was in view there was typed away if the user wrote something
    /// else. A cursor that went elsewhere says nothing.
    pub(crate) fn looked_at(&mut self, document: &DocumentId, scene: &Scene) {
        let Some(at) = self.in_view.iter().position(|(viewed, _)| viewed == document) else { return };
        let id = self.in_view[at].1;
        let Some(offered) = self.offered.iter_mut().find(|offered| offered.id == id) else { return };
        let text = offered.offer.text.as_str();
        let typed = scene.typed_since(&offered.offer.scene);
        if typed.is_some_and(|typed| text.starts_with(typed) && typed.len() < text.len()) {
            return;
        }
        self.in_view.remove(at);
        // A client that never reports what it shows shows everything.
        let was_seen = offered.shown || self.counts.shown == 0;
        let is_rejected = typed.is_some_and(|typed| !typed.starts_with(text));
        if is_rejected && was_seen && offered.state == Acceptance::None {
            offered.state = Acceptance::Rejected;
            self.counts.rejected += 1;
            self.rejections.add(&offered.offer.scene, text);
        }
    }

    /// How often this text was typed away at this place, of late.
    pub(crate) fn times_rejected(&self, scene: &Scene, text: &str) -> u32 {
        self.rejections.times(scene, text)
    }

    /// The user took the first `utf16` units of it, or all of it. True when it has to be followed from now on.
    pub(crate) fn accepted(&mut self, id: u64, utf16: Option<usize>) -> bool {
        let Some(offered) = self.offered.iter_mut().find(|offered| offered.id == id) else { return false };
        let text = offered.offer.insert_text.as_str();
        let whole = utf16.is_none_or(|units| units >= text.encode_utf16().count());
        let characters = match utf16 {
            Some(units) if !whole => characters_in(text, units),
            _ => text.chars().count() as u64,
        };
        self.counts.accepted_characters += characters.saturating_sub(offered.accepted);
        offered.accepted = offered.accepted.max(characters);
        if offered.state == Acceptance::Rejected {
            // The report came after the next request, whose text the editor had formatted.
            self.counts.rejected -= 1;
            offered.state = Acceptance::None;
        }
        self.rejections.forget(&offered.offer.scene, &offered.offer.text);
        let is_first = offered.state == Acceptance::None;
        match (&offered.state, whole) {
            (Acceptance::None | Acceptance::Rejected, false) => {
                offered.state = Acceptance::Partial;
                self.counts.partially_accepted += 1;
            }
            (Acceptance::None | Acceptance::Rejected | Acceptance::Partial, true) => {
                if offered.state == Acceptance::Partial {
                    self.counts.partially_accepted -= 1;
                }
                offered.state = Acceptance::Whole;
                self.counts.accepted += 1;
            }
            (Acceptance::Partial, false) | (Acceptance::Whole, _) => {}
        }
        let taken: String = text.chars().take(usize::try_from(offered.accepted).unwrap_or(usize::MAX)).collect();
        match self.followed.iter_mut().find(|followed| followed.id == id) {
            Some(followed) => followed.accepted = taken,
            None if is_first => {
                if self.followed.len() == FOLLOWED {
                    self.followed.pop_front();
                }
                let Offer { document, surroundings, .. } = &offered.offer;
                let (document, surroundings) = (document.clone(), surroundings.clone());
                self.followed.push_back(Followed { id, document, accepted: taken, surroundings });
            }
            None => {}
        }
        is_first
    }

    /// An accepted suggestion that is to be looked for.
    pub(crate) fn followed(&self, id: u64) -> Option<Followed> {
        self.followed.iter().find(|followed| followed.id == id).cloned()
    }

    /// What was found of it; the last look ends the search.
    pub(crate) fn kept(&mut self, followed: &Followed, look: Look, share: f64) {
        let counts = match look {
            Look::Early => &mut self.counts.kept_30s,
            Look::Late => &mut self.counts.kept_2min,
        };
        counts.add(followed.accepted.chars().count(), share);
    }

    /// The search has ended.
    pub(crate) fn unfollow(&mut self, id: u64) {
        self.followed.retain(|followed| followed.id != id);
    }

    /// There was no suggestion.
    pub(crate) fn silence(&mut self, reason: SilenceReason, document: Option<DocumentId>) {
        *self.silences.entry(reason).or_default() += 1;
        self.last_silence = Some((reason, document, Instant::now()));
    }

    /// Reason codes with their counts, most frequent first, then by code.
    pub(crate) fn silences(&self) -> Vec<(&'static str, u64)> {
        let mut silences: Vec<_> = self.silences.iter().map(|(reason, count)| (reason.code(), *count)).collect();
        silences.sort_by_key(|&(code, count)| (std::cmp::Reverse(count), code));
        silences
    }

    /// Why there was no suggestion when there was none the last time.
    pub(crate) fn last_silence(&self) -> Option<LastSilence> {
        let (reason, document, at) = self.last_silence.as_ref()?;
        Some(LastSilence { reason: reason.code(), document: document.clone(), ago: at.elapsed() })
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
mod tests;
