//! Selection ranges: what a selection grows to, from the word under the cursor to the whole document.

use syntax::{Document, TextRange};

use crate::scope::word_at;
use crate::tree::{path_to, range_of};

/// What a selection at `offset` grows to, smallest first, each larger than the one before; the last is the document.
pub fn selection_ranges(document: &Document, offset: usize) -> Vec<TextRange> {
    let whole = TextRange::new(0, document.text().len());
    let offset = document.text().snap(offset.min(whole.end));
    let word = word_at(document, offset);
    let mut ranges: Vec<TextRange> = vec![word.unwrap_or(TextRange::new(offset, offset))];
    if let Some(tree) = document.tree() {
        let at = word.map_or(offset, |word| word.start);
        let path = path_to(tree, at);
        for (index, node) in path.iter().enumerate().rev() {
            // What is between brackets comes before the brackets.
            let inside = path.get(index + 1).and_then(|inner| {
                let (first, last) = (node.child(0)?, node.child(node.child_count().checked_sub(1)?)?);
                let is_bracketed = matches!(first.kind(), "{" | "(" | "[" | "\"" | "'" | "`")
                    && !last.is_named()
                    && first.id() != last.id();
                let between = TextRange::new(first.end_byte(), last.start_byte().max(first.end_byte()));
                (is_bracketed && between.contains(range_of(*inner))).then_some(between)
            });
            ranges.extend(inside.map(|between| trimmed(document, between)));
            ranges.push(range_of(*node));
        }
    }
    ranges.push(whole);
    let mut grown: Vec<TextRange> = Vec::new();
    for range in ranges {
        let is_larger = grown.last().is_none_or(|last| range.contains(*last) && range != *last);
        if is_larger {
            grown.push(range);
        }
    }
    grown
}

/// Without the blanks at both ends.
fn trimmed(document: &Document, range: TextRange) -> TextRange {
    let text = document.text().slice(range);
    let start = range.start + (text.len() - text.trim_start().len());
    TextRange::new(start, start + text.trim().len())
}

#[cfg(test)]
mod tests;
