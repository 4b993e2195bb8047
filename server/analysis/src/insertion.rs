//! Making inserted text fit: where a completion has to end, and which brackets it may close.
//!
//! Works on the text before the cursor, the text to insert and the text behind it; nothing is
//! parsed, because a completion is judged before it is complete. Whether the result parses is the
//! business of `soundness`.

mod balance;
mod indent;
mod opened_block;
mod truncate;

#[cfg(test)]
mod tests;

use syntax::{Document, TextRange};

use crate::{lexer::EventKind, openers::Effect, prefix::Prefix};

pub use balance::{BracketBalance, BracketCheck, balance_brackets, unbalanced_brackets};
pub use indent::repeated_indent;
pub use opened_block::{BlockLine, OpenedBlock, Within, opened_block};
pub use truncate::{fills_hole, truncate_to_hole, whole_statements_end};

/// How far behind the cursor a closing bracket is looked for, in bytes.
const SUFFIX_WINDOW: usize = 64 * 1024;

/// The text before `offset`, which is clamped to the text.
fn text_before(document: &Document, offset: usize) -> String {
    let text = document.text();
    text.slice(TextRange::new(0, offset.min(text.len())))
}

/// What an event adds to the number of open brackets.
fn delta(kind: EventKind) -> isize {
    match kind {
        EventKind::Open(_) | EventKind::InterpolationStart(_) => 1,
        EventKind::Close(_) | EventKind::InterpolationEnd(_) | EventKind::InterpolationBroken => -1,
        _ => 0,
    }
}

/// For every opener of the prefix: the range in `suffix` that closes it, if any does.
fn suffix_closers(prefix: &Prefix<'_>, suffix: &str) -> Vec<Option<TextRange>> {
    let mut openers = prefix.openers.clone();
    let mut lowest = openers.len();
    let mut closers = vec![None; lowest];
    for event in prefix.lexer.resume(suffix) {
        if let Effect::Closed(level) = openers.apply(event)
            && level < lowest
        {
            closers[level] = Some(event.range);
        }
        lowest = lowest.min(openers.len());
        if lowest == 0 {
            break;
        }
    }
    closers
}
