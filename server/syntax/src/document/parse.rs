//! From text to tree, reusing the tree of an earlier version.

use std::ops::ControlFlow;

use tree_sitter::{InputEdit, Language, ParseOptions, ParseState, Parser, Tree};

use crate::{Text, TextRange};

/// Edits after which a tree that nobody asked to bring up to date is dropped: little of it is still
/// of use then, and each further edit would cost time for nothing.
const MAX_EDITS: u32 = 1000;

/// The longest text that is parsed, in bytes. A tree takes about ten times the memory of its text.
const MAX_TEXT_BYTES: usize = 64 << 20;

/// The tree of an earlier version without syntax errors, moved along with the edits since.
#[derive(Clone)]
pub(super) struct Base {
    tree: Tree,
    edits: u32,
}

impl Base {
    /// The base that `tree` is for later versions; `None` when it has errors.
    pub(super) fn new(tree: &Tree) -> Option<Self> {
        (!tree.root_node().has_error()).then(|| Self { tree: tree.clone(), edits: 0 })
    }

    /// The base of `new`, which is `old` with `range` replaced by `inserted` bytes; `None` when it is of no more use.
    pub(super) fn after_edit(mut self, old: &Text, range: TextRange, inserted: usize, new: &Text) -> Option<Self> {
        if self.edits >= MAX_EDITS || touches_byte_order_mark(old, range) || touches_byte_order_mark(new, range) {
            return None;
        }
        let new_end_byte = range.start + inserted;
        self.tree.edit(&InputEdit {
            start_byte: range.start,
            old_end_byte: range.end,
            new_end_byte,
            start_position: old.point(range.start)?,
            old_end_position: old.point(range.end)?,
            new_end_position: new.point(new_end_byte)?,
        });
        self.edits += 1;
        Some(self)
    }
}

/// The parser skips the mark at the start, and only there, outside of any node: a tree does not follow edits beside it.
fn touches_byte_order_mark(text: &Text, range: TextRange) -> bool {
    range.start <= '\u{feff}'.len_utf8() && text.char_at(0) == Some('\u{feff}')
}

/// The tree of `text`; `None` when the text is too long or the parser takes too many steps.
///
/// How tree-sitter recovers from an error depends on what it could reuse: with errors in the old tree or in the
/// new one, the result often differs from that of a parse from nothing (found by the random edits of the tests).
/// So only what is free of errors is reused, and a text with errors is parsed from nothing.
pub(super) fn tree(text: &Text, grammar: &Language, base: Option<&Base>) -> Option<Tree> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let reused = base.and_then(|base| parse(text, grammar, Some(&base.tree)));
    reused.filter(|tree| !tree.root_node().has_error()).or_else(|| parse(text, grammar, None))
}

/// With an old tree, gives up at the first error.
fn parse(text: &Text, grammar: &Language, old_tree: Option<&Tree>) -> Option<Tree> {
    let mut parser = Parser::new();
    // Fails only for a grammar of an ABI that the library does not know; a test parses with each grammar.
    parser.set_language(grammar).ok()?;
    let mut steps_left = step_budget(text);
    let mut on_progress = |state: &ParseState| {
        if steps_left == 0 || (old_tree.is_some() && state.has_error()) {
            return ControlFlow::Break(());
        }
        steps_left -= 1;
        ControlFlow::Continue(())
    };
    let options = ParseOptions::new().progress_callback(&mut on_progress);
    parser.parse_with_options(&mut |offset, _| text.chunk_from(offset), old_tree, Some(options))
}

/// How often the parser may report progress, which it does every 100 operations.
///
/// Steps are counted, not time, so that the answer depends on nothing but the text.
fn step_budget(text: &Text) -> usize {
    20_000 + text.len()
}

/// What `Node::to_sexp` gives, but by a loop: that one recurses, and deep nesting would end the process.
pub(super) fn s_expression(tree: &Tree) -> String {
    let mut result = String::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let is_shown = node.is_named() || node.is_missing();
        let mut descend = false;
        if is_shown {
            if !result.is_empty() {
                result.push(' ');
            }
            if let Some(field) = cursor.field_name() {
                result.push_str(field);
                result.push_str(": ");
            }
            result.push('(');
            if node.is_missing() {
                result.push_str("MISSING ");
            }
            result.push_str(node.kind());
            descend = cursor.goto_first_child();
            if !descend {
                result.push(')');
            }
        }
        if descend {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return result;
            }
            result.push(')');
        }
    }
}
