//! What the model is shown of the document and of the other open ones.
//!
//! Everything here is laid out so that typing changes the end of the prompt only, and the KV cache keeps the rest: the
//! window begins and the primer begins at places that move in blocks, and the suffix does not begin with the brackets
//! that an editor puts behind the cursor.

mod budget;
mod window;

use analysis::CompletionContext;
use engine::{FimPrompt, ModelInfo, Prompt};
use syntax::{Document, TextRange};

pub(crate) use budget::PromptBudget;
use window::Window;

use crate::Snapshot;
use crate::context::{ContextStore, Shown};

/// Models up to this many parameters count as small.
const SMALL_PARAMETERS: u64 = 200_000_000;
/// Other documents help models from this size on; smaller ones pay for reading them and get nothing (CrossCodeEval:
/// 24.6 % at half a billion parameters against 40.2 % at one and a half).
const CONTEXT_PARAMETERS: u64 = 1_000_000_000;
/// Bytes of other documents for two tokens of the window.
const CONTEXT_BYTES: usize = 3;

/// Whether the model is shown parts of other documents.
pub(super) fn takes_context(model: &ModelInfo) -> bool {
    model.parameters_or_many() > CONTEXT_PARAMETERS
}

/// The hole that a prompt is made for.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) document: &'a Document,
    /// Where it is.
    pub(crate) offset: usize,
    /// What follows it begins here: behind closing brackets and quotes at the end of the line, which the completion
    /// writes itself (or types over, when they are there already).
    pub(crate) suffix: usize,
}

impl<'a> Place<'a> {
    pub(crate) fn new(document: &'a Document, offset: usize, context: &CompletionContext) -> Self {
        let suffix = if context.suffix_is_closers { context.line.end } else { offset };
        Self { document, offset, suffix }
    }
}

/// The prompt for a window of `tokens`; `None` when the model cannot fill holes and there is text after the cursor.
pub(crate) fn prompt(
    snapshot: &Snapshot,
    place: Place<'_>,
    model: &ModelInfo,
    tokens: usize,
    store: &ContextStore,
) -> Option<Prompt> {
    let Place { document, offset, suffix } = place;
    let text = document.text();
    let is_small = model.parameters_or_many() <= SMALL_PARAMETERS;
    let window = Window::new(document, offset, suffix, tokens, is_small);
    if model.fim.is_none() {
        let rest = text.slice(TextRange::new(offset, window.suffix.end.max(offset)));
        let prefix = text.slice(TextRange::new(window.start, offset));
        return rest.trim().is_empty().then_some(Prompt::Text(prefix));
    }
    let files = || {
        let Window { start, primer, suffix } = window;
        store.files(snapshot, &Shown { document, start, primer, suffix }, tokens * CONTEXT_BYTES / 2)
    };
    let (prefix, landmarks) = if is_small {
        (text.slice(TextRange::new(window.start, offset)), Vec::new())
    } else {
        window.prefix(document, offset)
    };
    Some(Prompt::Fim(FimPrompt {
        language: Some(language_name(document.language().id()).to_owned()),
        path: snapshot.name(),
        context: if takes_context(model) { files() } else { Vec::new() },
        prefix,
        landmarks,
        primer: offset - window.primer,
        suffix: text.slice(window.suffix),
    }))
}

/// Models know the languages, not the dialects that editors tell apart.
fn language_name(id: &str) -> &str {
    id.strip_suffix("react").unwrap_or(id)
}

#[cfg(test)]
mod tests;
