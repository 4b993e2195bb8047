//! Where ghost text is forbidden and where it would disturb: looked at before anything is computed for it.
//!
//! Not here: whether a finished text is worth showing; only that it fits the word it was asked for in.

use analysis::CompletionContext;
use syntax::Document;

use super::SilenceReason;
use super::postprocess::Fitted;
use super::scene::Scene;
use super::site::Site;
use crate::record::Record;
use crate::words::is_word;
use crate::{InlineCompletionConfig, Snapshot};

/// More text than this right of the cursor, beyond closers, and ghost text would disturb (in characters).
const MAX_TEXT_RIGHT: usize = 8;
/// Lines of more bytes are data: with 300 kB an answer took 2 to 4 seconds, nearly all of it in the parser.
pub(super) const MAX_LINE: usize = 32 << 10;
/// A text that was typed away so often at one place comes there when asked for only. Once may have been a typing error.
const MAX_REJECTED: u32 = 2;

/// What stands against any suggestion in this document, before its text is looked at.
pub(super) fn of_document(snapshot: &Snapshot, config: &InlineCompletionConfig) -> Option<SilenceReason> {
    if snapshot.is_secret() {
        return Some(SilenceReason::SecretFile);
    }
    let language = snapshot.document().language().id();
    let is_disabled = !config.enabled
        || config.disabled_languages.iter().any(|disabled| disabled == language)
        || snapshot.path().is_some_and(|path| config.disabled_globs.contain(path, snapshot.folder()));
    is_disabled.then_some(SilenceReason::Disabled)
}

/// What stands against any suggestion at `offset`, before the document is parsed: the text of the cursor's line is copied
/// and compared many times, and a parser that is put off by an edit within it reads all of it anew.
pub(super) fn of_line(document: &Document, offset: usize) -> Option<SilenceReason> {
    let text = document.text();
    let line = text.line_range(text.line_of(offset.min(text.len())));
    // No deadline would be kept; nothing that long was written by hand.
    (line.end - line.start > MAX_LINE).then_some(SilenceReason::LongLine)
}

/// What stands against a suggestion that nobody asked for at this cursor.
pub(super) fn of_place(context: &CompletionContext, config: &InlineCompletionConfig) -> Option<SilenceReason> {
    if (context.in_comment && !config.in_comments) || (context.in_string && !config.in_strings) {
        return Some(SilenceReason::Disabled);
    }
    if context.mid_word {
        return Some(SilenceReason::MidWord);
    }
    let text_right = !context.suffix_is_closers && context.line_suffix.trim().chars().count() > MAX_TEXT_RIGHT;
    text_right.then_some(SilenceReason::TextRightOfCursor)
}

/// Whether the user has shown often enough that this text is not what is wanted at this place.
pub(super) fn is_unwanted(record: &Record, scene: &Scene, text: &str) -> bool {
    record.times_rejected(scene, text) >= MAX_REJECTED
}

/// False for a text that would tear a word apart: asked for inside one, it has to end as a part of it.
pub(super) fn joins_the_word(site: &Site, fitted: &Fitted) -> bool {
    let is_mid_word = site.line_prefix.ends_with(is_word) && site.line_suffix.starts_with(is_word);
    // What types over the rest of the word brings its own end.
    !is_mid_word || fitted.overtyped > 0 || fitted.text.ends_with(is_word)
}
