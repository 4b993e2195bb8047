//! A text on its way to one that parses, and the diagnostics found on that way.

use syntax::{Document, TextEdit, TextRange, Tree};

use super::{Diagnostic, ErrorCost, MAX_DIAGNOSTICS, Suspicion};
use crate::family::Family;

/// Bytes that may be parsed for one call, so that the time stays in proportion to the text.
const PARSE_BUDGET: usize = 400_000;
/// Errors without a repair after which no more repairs are looked for: the text is no code then.
const MAX_FAILURES: usize = 3;
/// Above this length nothing is parsed again.
const MAX_REPAIRED_LEN: usize = 1_000_000;

/// A repaired document and what was wrong with the original.
pub(super) struct Repair {
    pub(super) family: Family,
    document: Document,
    cost: ErrorCost,
    parses_left: usize,
    failures: usize,
    /// Edits made so far, each as (start, old length, new length) in its own predecessor, ascending.
    steps: Vec<Vec<(usize, usize, usize)>>,
    found: Vec<Diagnostic>,
}

impl Repair {
    pub(super) fn new(document: &Document) -> Self {
        let len = document.text().len();
        let parses = if len > MAX_REPAIRED_LEN { 0 } else { (PARSE_BUDGET / (len + 2_000)).clamp(3, 40) };
        Self {
            family: Family::of(document.language()),
            document: document.clone(),
            cost: document.tree().map(ErrorCost::of).unwrap_or_default(),
            parses_left: parses,
            failures: 0,
            steps: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The text as repaired so far.
    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    pub(super) fn text(&self) -> String {
        self.document.text().to_string()
    }

    pub(super) fn tree(&self) -> Option<&Tree> {
        self.document.tree()
    }

    pub(super) fn cost(&self) -> ErrorCost {
        self.cost
    }

    pub(super) fn can_parse(&self) -> bool {
        self.parses_left > 0
    }

    /// Notes that an error was found for which no repair is known.
    pub(super) fn note_failure(&mut self) {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            self.parses_left = 0;
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MAX_DIAGNOSTICS
    }

    /// The document after `edits` and its cost; `None` when the budget is used up.
    pub(super) fn try_edits(&mut self, edits: &[TextEdit]) -> Option<(Document, ErrorCost)> {
        self.parses_left = self.parses_left.checked_sub(1)?;
        let document = self.document.edit(edits, self.document.version());
        let cost = document.tree().map(ErrorCost::of)?;
        Some((document, cost))
    }

    /// Reports `diagnostic`, whose ranges are those of the document as repaired so far.
    /// One that points at nothing but inserted text is dropped: that mistake is the repair's.
    pub(super) fn report(&mut self, mut diagnostic: Diagnostic) {
        let range = self.original(diagnostic.range);
        if range.is_empty() && !diagnostic.range.is_empty() {
            return;
        }
        diagnostic.range = range;
        for related in &mut diagnostic.related {
            related.range = self.original(related.range);
        }
        for edit in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.range = self.original(edit.range);
        }
        self.found.push(diagnostic);
    }

    /// Makes `document` (the result of `edits`) the repaired one.
    pub(super) fn adopt(&mut self, edits: &[TextEdit], document: Document, cost: ErrorCost) {
        let mut step: Vec<_> =
            edits.iter().map(|edit| (edit.range.start, edit.range.len(), edit.new_text.len())).collect();
        step.sort_unstable();
        self.steps.push(step);
        self.document = document;
        self.cost = cost;
    }

    /// Takes the best of several sets of suspicions: the one that leaves the least wrong. A set
    /// that makes things worse is taken apart, and only what helps by itself stands. A set that
    /// `is_certain` need not make things better.
    pub(super) fn judge(&mut self, sets: Vec<Vec<Suspicion>>, is_certain: bool) {
        let mut best: Option<(Vec<Suspicion>, Document, ErrorCost)> = None;
        let mut fallback = None;
        // The simplest explanation first: when it leaves nothing wrong, no other is better.
        let mut sets: Vec<_> = sets.into_iter().filter(|set| !set.is_empty()).collect();
        sets.sort_by_key(Vec::len);
        for set in sets {
            if best.as_ref().is_some_and(|(_, _, least)| least.0 == 0) {
                break;
            }
            let edits = edits_of(&set);
            match self.try_edits(&edits) {
                Some((document, cost)) if best.as_ref().is_none_or(|(_, _, least)| cost < *least) => {
                    best = Some((set, document, cost));
                }
                Some(_) => {}
                None => fallback = fallback.or(Some(set)),
            }
        }
        let Some((set, document, cost)) = best else {
            // No parse is left to tell right from wrong: say what the scan says.
            for suspicion in fallback.into_iter().flatten() {
                self.report(suspicion.diagnostic);
            }
            return;
        };
        let edits = edits_of(&set);
        let inserted: usize = edits.iter().map(|edit| edit.new_text.len()).sum();
        // Inside one large error a repair shows only when everything else is repaired, too.
        if cost < self.cost || (is_certain && cost.0 <= self.cost.0 + inserted) {
            for suspicion in set {
                self.report(suspicion.diagnostic);
            }
            self.adopt(&edits, document, cost);
        } else if set.len() > 1 {
            self.judge_one_by_one(set);
        }
    }

    fn judge_one_by_one(&mut self, set: Vec<Suspicion>) {
        let mut kept: Vec<Suspicion> = Vec::new();
        let mut cost = self.cost;
        for suspicion in set {
            let mut edits = edits_of(&kept);
            edits.extend(suspicion.repair.iter().cloned());
            let Some((_, with)) = self.try_edits(&edits) else { break };
            if with < cost {
                cost = with;
                kept.push(suspicion);
            }
        }
        let edits = edits_of(&kept);
        if let Some((document, cost)) = self.try_edits(&edits).filter(|_| !kept.is_empty()) {
            for suspicion in kept {
                self.report(suspicion.diagnostic);
            }
            self.adopt(&edits, document, cost);
        }
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.found
    }

    fn original(&self, range: TextRange) -> TextRange {
        TextRange::new(self.original_offset(range.start), self.original_offset(range.end))
    }

    /// Where `offset` of the repaired text lies in the original; inserted text lies where it was inserted.
    fn original_offset(&self, mut offset: usize) -> usize {
        for step in self.steps.iter().rev() {
            let mut shift = 0isize;
            let mut mapped = None;
            for &(start, old_len, new_len) in step {
                let new_start = start.saturating_add_signed(shift);
                if offset < new_start {
                    break;
                }
                if offset < new_start + new_len {
                    mapped = Some(start + (offset - new_start).min(old_len));
                    break;
                }
                shift += new_len as isize - old_len as isize;
            }
            offset = mapped.unwrap_or_else(|| offset.saturating_add_signed(-shift));
        }
        offset
    }
}

fn edits_of(set: &[Suspicion]) -> Vec<TextEdit> {
    let mut edits: Vec<_> = set.iter().flat_map(|suspicion| suspicion.repair.iter().cloned()).collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits
}
