//! From text to tree, reusing the tree of an earlier version.

use std::{cell::Cell, ops::ControlFlow};

use tree_sitter::{InputEdit, Language, ParseOptions, ParseState, Parser, Tree};

use crate::{Text, TextRange};

/// Edits after which a tree that nobody asked to bring up to date is dropped: little of it is still
/// of use then, and each further edit would cost time for nothing.
const MAX_EDITS: u32 = 1000;

/// The longest text that is parsed, in bytes. A tree takes about ten times the memory of its text.
const MAX_TEXT_BYTES: usize = 32 << 20;

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

    /// The tree, with places as the edits have moved them.
    pub(super) fn tree(&self) -> &Tree {
        &self.tree
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

/// The tree of `text`; `None` when the text is too long, the budget does not suffice or `should_stop` says so.
///
/// How tree-sitter recovers from an error depends on what it could reuse: with errors in the old tree or in the
/// new one, the result often differs from that of a parse from nothing (found by the random edits of the tests).
/// So only what is free of errors is reused, and a text with errors is parsed from nothing.
pub(super) fn tree(
    text: &Text,
    grammar: &Language,
    base: Option<&Base>,
    should_stop: &mut dyn FnMut() -> bool,
) -> Option<Tree> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let reused = base.and_then(|base| parse(text, grammar, Some(base.tree()), &Budget::of(text), should_stop));
    reused
        .filter(|tree| !tree.root_node().has_error())
        .or_else(|| parse(text, grammar, None, &Budget::of(text), should_stop))
}

/// What a parse may use up, in proportion to the text's length.
///
/// Work is counted, not time, so that the answer depends on nothing but the text. Both counts are needed: some
/// texts make the parser try ever more ways to read them, others make a grammar's own scanner (written by hand,
/// in C) run over the rest of the text again and again, and the parser reports no step meanwhile.
///
/// 300 source files of 20 to 220 kB took up to 0.012 steps and 0.010 reads a byte (21 Nov 2026); 100 kB of `<` in
/// a shell script would take a million reads. What the counts do not bound is the work of one step, which
/// `should_stop` is for: in 20 kB of `=>` as CSS a step takes 1000 times as long as usual.
pub(super) struct Budget {
    /// Progress reports; the parser makes one every 100 operations.
    steps: Cell<usize>,
    /// Pieces of text handed out.
    reads: Cell<usize>,
}

impl Budget {
    fn of(text: &Text) -> Self {
        Self::new(5_000 + text.len() / 10, 20_000 + text.len() / 10)
    }

    pub(super) fn new(steps: usize, reads: usize) -> Self {
        Self { steps: Cell::new(steps), reads: Cell::new(reads) }
    }

    /// Takes one from a count; false when there is none left.
    fn take(count: &Cell<usize>) -> bool {
        let left = count.get().checked_sub(1);
        count.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// With an old tree, gives up at the first error, too.
pub(super) fn parse(
    text: &Text,
    grammar: &Language,
    old_tree: Option<&Tree>,
    budget: &Budget,
    should_stop: &mut dyn FnMut() -> bool,
) -> Option<Tree> {
    let mut parser = Parser::new();
    // Fails only for a grammar of an ABI that the library does not know; a test parses with each grammar.
    parser.set_language(grammar).ok()?;
    let mut on_progress = |state: &ParseState| {
        let has_budget = budget.reads.get() > 0 && Budget::take(&budget.steps);
        if has_budget && (old_tree.is_none() || !state.has_error()) && !should_stop() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    // A scanner cannot be stopped, but it stops where the text ends.
    let mut read = |offset, _| if Budget::take(&budget.reads) { text.chunk_from(offset) } else { "" };
    let options = ParseOptions::new().progress_callback(&mut on_progress);
    let tree = parser.parse_with_options(&mut read, old_tree, Some(options))?;
    (budget.reads.get() > 0).then_some(tree)
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
