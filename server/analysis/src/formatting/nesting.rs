//! How deeply a text is nested, without recursion: formatters recurse, and a stack that runs out ends the process.

use syntax::Document;

use crate::{family::Family, tree::Walk};

/// How deeply nested text a formatter is given: more than anybody writes, less than it fails at.
///
/// Not only the stack is short: dprint's printer takes 4 s for 300 brackets in each other, and eight times as long for
/// twice as many (measured 2026-11).
#[derive(Clone, Copy)]
pub(super) struct Depth {
    /// Brackets that are open at once.
    pub(super) brackets: usize,
    /// Levels of the tree: a sum of a thousand terms has as many. Also the columns before a line's first word.
    pub(super) levels: usize,
    /// Calls, lists and operators inside each other that take several lines each.
    pub(super) groups: usize,
}

impl Depth {
    pub(super) const USUAL: Depth = Depth { brackets: 100, levels: 300, groups: usize::MAX };
}

pub(super) fn is_too_deep(document: &Document, text: &str, most: Depth) -> bool {
    if indent_columns(text) > most.levels {
        return true;
    }
    // No level without a byte, and in Python no level of an expression outside of its line.
    let longest = match Family::of(document.language()) {
        Family::Python => longest_logical_line(text),
        _ => text.len(),
    };
    (longest > most.brackets && bracket_depth(text) > most.brackets)
        || (longest > most.levels && tree_depth(document, most.levels) > most.levels)
        || (most.groups < usize::MAX && group_depth(document) > most.groups)
}

/// Calls, lists, parentheses and operators in each other that are too long for a line, since the last block of statements
/// began. dprint tries each of them on one line and on several, those inside of them again for each, and keeps what it
/// tried: code generated from components took minutes and tens of gigabytes (measured 2026-11).
fn group_depth(document: &Document) -> usize {
    /// Bytes that are laid out on one line.
    const FITS: usize = 60;
    const BLOCKS: &[&str] = &["statement_block", "class_body", "switch_body"];
    const GROUPS: &[&str] = &[
        "array",
        "binary_expression",
        "call_expression",
        "jsx_element",
        "jsx_expression",
        "new_expression",
        "parenthesized_expression",
        "ternary_expression",
    ];
    let Some(tree) = document.tree() else { return 0 };
    let mut walk = Walk::new(tree.root_node());
    // How many groups are open at each node above, and what it is.
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut deepest = 0;
    loop {
        let (node, depth) = (walk.node(), walk.depth());
        above.truncate(depth);
        let (groups, parent) = above.last().copied().unwrap_or((0, ""));
        let kind = node.kind();
        // A chain of operators or of calls is one group.
        let goes_on = (kind == "binary_expression" && parent == kind)
            || (kind == "call_expression" && parent == "member_expression");
        let groups = if BLOCKS.contains(&kind) {
            0
        } else {
            groups + usize::from(node.byte_range().len() > FITS && !goes_on && GROUPS.contains(&kind))
        };
        deepest = deepest.max(groups);
        above.push((groups, kind));
        if !walk.advance(true) {
            return deepest;
        }
    }
}

/// Levels of the tree, counted as far as it matters; none without a grammar. A text that the parser gave up on is as deep
/// as can be.
fn tree_depth(document: &Document, most: usize) -> usize {
    let Some(tree) = document.tree() else {
        return if document.language().grammar().is_some() { usize::MAX } else { 0 };
    };
    let mut walk = Walk::new(tree.root_node());
    let mut deepest = 0;
    while deepest <= most && walk.advance(true) {
        deepest = deepest.max(walk.depth());
    }
    deepest
}

/// The most brackets that are open at once.
fn bracket_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The most columns that a line begins with before any word: indentation, quote and list markers.
fn indent_columns(text: &str) -> usize {
    let columns = |line: &str| line.bytes().take_while(|it| matches!(it, b' ' | b'\t' | b'>' | b'-')).count();
    text.lines().map(columns).max().unwrap_or(0)
}

/// Bytes of the longest line of Python, of several lines where brackets or a backslash join them.
fn longest_logical_line(text: &str) -> usize {
    let (mut depth, mut length, mut longest, mut previous) = (0_usize, 0_usize, 0_usize, b'\n');
    for byte in text.bytes() {
        length += 1;
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'\n' if depth == 0 && previous != b'\\' => length = 0,
            _ => {}
        }
        longest = longest.max(length);
        previous = byte;
    }
    longest
}
