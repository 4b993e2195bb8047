//! A changed parameter list, and what should follow at a call: from the two signatures that the trees have.
//!
//! A call is rewritten only if it fitted the signature before the change and was not touched since. What becomes of its
//! arguments is told by [`super::call`].

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use analysis::{ArgumentKind, Call, ParameterKind, Signature, SymbolKind};
use syntax::{Document, Text, TextEdit, TextRange};

use super::call::{self, Callee};
use super::stretch::Stretch;
use super::{Proposal, proposal};
use crate::parsing;

/// How sure a proposal is whose arguments were all there, and one with a variable that has the parameter's name.
const KNOWN_ARGUMENTS: f32 = 0.9;
const NEW_ARGUMENTS: f32 = 0.7;

/// A parameter list that was changed, and may be that of a function which is called on the cursor's line.
pub(crate) struct CallLead {
    /// The text before the change, and where the list began there.
    pub(super) before: Text,
    pub(super) at: usize,
    /// Where the list begins now.
    pub(super) now: usize,
    /// What changed since.
    pub(super) since: Vec<Stretch>,
    /// The signature before, once somebody asked for it.
    pub(super) old: Arc<OnceLock<Option<Signature>>>,
}

impl CallLead {
    pub(super) fn propose(&self, document: &Document, offset: usize) -> Option<Proposal> {
        let old = self.old.get_or_init(|| {
            let before = Document::new(&self.before.to_string(), document.language(), 0);
            parsing::parse(&before);
            signature_from(&before, self.at)
        });
        let old = old.as_ref()?;
        if !parsing::parse(document) {
            return None;
        }
        let new = signature_from(document, self.now)?;
        if old.parameters == new.parameters {
            return None;
        }
        let callee = Callee::new(old, &new)?;
        let text = document.text();
        let line = text.line_range(text.line_of(offset));
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut confidence = KNOWN_ARGUMENTS;
        for call in analysis::calls_of(document, &new, line) {
            let names = OnceCell::new();
            let is_variable = |name: &str| {
                names.get_or_init(|| variables(document, call.list.start)).iter().any(|known| known == name)
            };
            let slice = |range| text.slice(range);
            if !self.is_untouched(&call) && !is_stale(&call, &new, &slice) {
                continue;
            }
            let Some(rewritten) = callee.rewritten(&call, &slice, &is_variable) else { continue };
            let own = call::edits(text, &call, &rewritten.arguments);
            if own.iter().all(|edit| line.contains(edit.range)) && !own.is_empty() {
                edits.extend(own);
                confidence = if rewritten.is_guessed { NEW_ARGUMENTS } else { confidence };
            }
        }
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        // A call within an argument that moves.
        let overlap = edits.windows(2).any(|pair| pair[1].range.start < pair[0].range.end);
        if overlap { None } else { proposal(document, offset, &edits, confidence) }
    }

    /// Whether a call stands as it did before the change.
    fn is_untouched(&self, call: &Call) -> bool {
        self.since.iter().rev().try_fold(call.list, |place, stretch| stretch.back(place)).is_some()
    }
}

/// The signature whose parameter list begins at an offset.
fn signature_from(document: &Document, start: usize) -> Option<Signature> {
    analysis::signature_at(document, start + 1).filter(|signature| signature.list.start == start)
}

/// Whether a call gives a keyword that nothing takes any more: it does not fit whoever wrote it when.
fn is_stale(call: &Call, new: &Signature, slice: &dyn Fn(TextRange) -> String) -> bool {
    let takes = |name: &str| new.parameters.iter().any(|it| it.name == name || it.kind == ParameterKind::KeywordRest);
    call.arguments.iter().any(|argument| match argument.kind {
        ArgumentKind::Keyword(name) => !takes(&slice(name)),
        ArgumentKind::Positional | ArgumentKind::Spread | ArgumentKind::KeywordSpread => false,
    })
}

/// Names at a place that stand for values.
fn variables(document: &Document, offset: usize) -> Vec<String> {
    let names = analysis::names_in_scope(document, offset).into_iter();
    let is_value = |kind| matches!(kind, SymbolKind::Variable | SymbolKind::Parameter | SymbolKind::Constant);
    names.filter(|name| is_value(name.kind)).map(|name| name.name).collect()
}
