//! Walking trees without recursion: the tree of a text is as deep as its nesting.

use syntax::{Language, Node, TextRange, Tree, TreeCursor};

use crate::family::Family;

/// A walk over a tree, parents first.
///
/// Counts the depth itself: the cursor's own `depth` takes time in proportion to it.
pub(crate) struct Walk<'tree> {
    cursor: TreeCursor<'tree>,
    depth: usize,
}

impl<'tree> Walk<'tree> {
    /// A walk that stands at `root`.
    pub(crate) fn new(root: Node<'tree>) -> Self {
        Self { cursor: root.walk(), depth: 0 }
    }

    pub(crate) fn node(&self) -> Node<'tree> {
        self.cursor.node()
    }

    /// The field of its parent that the current node is in.
    pub(crate) fn field(&self) -> Option<&'tree str> {
        self.cursor.field_name()
    }

    /// Steps below the root.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Goes to the next node, into the current one only where `descend` is true; false at the end.
    pub(crate) fn advance(&mut self, descend: bool) -> bool {
        if descend && self.cursor.goto_first_child() {
            self.depth += 1;
            return true;
        }
        while !self.cursor.goto_next_sibling() {
            if !self.cursor.goto_parent() {
                return false;
            }
            self.depth -= 1;
        }
        true
    }
}

/// Visits `root` and what is below it, parents first; children only where `visit` returns true.
pub(crate) fn preorder<'tree>(root: Node<'tree>, mut visit: impl FnMut(Node<'tree>) -> bool) {
    let mut walk = Walk::new(root);
    loop {
        let descend = visit(walk.node());
        if !walk.advance(descend) {
            return;
        }
    }
}

/// Moves to the next node in document order that is not below the current one.
pub(crate) fn goto_next_outside(cursor: &mut TreeCursor<'_>) -> bool {
    while !cursor.goto_next_sibling() {
        if !cursor.goto_parent() {
            return false;
        }
    }
    true
}

/// The node's bytes.
pub(crate) fn range_of(node: Node<'_>) -> TextRange {
    TextRange::new(node.start_byte(), node.end_byte())
}

/// Nodes from the root down to the smallest one that holds `offset`; at the end of a node, the node before counts.
pub(crate) fn path_to(tree: &Tree, offset: usize) -> Vec<Node<'_>> {
    let mut cursor = tree.walk();
    let mut path = vec![cursor.node()];
    while descend_to(&mut cursor, offset) {
        path.push(cursor.node());
    }
    path
}

/// Moves to the child that holds `offset`, the one that ends there if none does.
fn descend_to(cursor: &mut TreeCursor<'_>, offset: usize) -> bool {
    if cursor.goto_first_child_for_byte(offset).is_some() {
        if cursor.node().start_byte() <= offset {
            return true;
        }
        cursor.goto_parent();
    }
    if offset > 0 && cursor.goto_first_child_for_byte(offset - 1).is_some() {
        if cursor.node().start_byte() < offset && cursor.node().end_byte() == offset {
            return true;
        }
        cursor.goto_parent();
    }
    false
}

/// Node kinds of one grammar, by number: a name costs a comparison for every node of a walk.
pub(crate) struct KindSet(Vec<bool>);

impl KindSet {
    pub(crate) fn new(language: Language, kinds: impl Iterator<Item = &'static str>) -> Self {
        let Some(grammar) = language.grammar() else { return Self(Vec::new()) };
        let mut set = vec![false; grammar.node_kind_count()];
        for kind in kinds {
            if let Some(member) = set.get_mut(usize::from(grammar.id_for_node_kind(kind, true))) {
                *member = true;
            }
        }
        Self(set)
    }

    pub(crate) fn contains(&self, node: Node<'_>) -> bool {
        self.0.get(usize::from(node.kind_id())).copied().unwrap_or(false)
    }
}

/// How wrong a tree is. Smaller is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ErrorCost(pub(crate) usize);

impl ErrorCost {
    /// An error weighs more than its bytes, so that one long one is better than two that cover as much.
    const PER_ERROR: usize = 8;
    const PER_MISSING: usize = 6;

    /// The cost of a whole tree.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut cost = 0;
        preorder(tree.root_node(), |node| {
            cost += Self::of_node(node).0;
            node.has_error() && !node.is_error()
        });
        Self(cost)
    }

    /// The cost of an ERROR or MISSING node; nothing for others.
    pub(crate) fn of_node(node: Node<'_>) -> Self {
        if node.is_error() {
            Self(node.end_byte() - node.start_byte() + Self::PER_ERROR)
        } else if node.is_missing() {
            Self(Self::PER_MISSING)
        } else {
            Self(0)
        }
    }
}

/// Literals that the parser read whole: nothing in them is a bracket, a quote or a comment.
pub(crate) fn literals(tree: &Tree, family: Family) -> Vec<TextRange> {
    let mut ranges = Vec::new();
    preorder(tree.root_node(), |node| {
        let kind = node.kind();
        let is_literal = match kind {
            "string"
            | "string_literal"
            | "template_string"
            | "regex"
            | "char_literal"
            | "rune_literal"
            | "raw_string_literal"
            | "interpreted_string_literal"
            | "jsx_text"
            | "lifetime"
            | "raw_string"
            | "ansi_c_string"
            | "heredoc_body"
            | "character_literal"
            | "text"
            | "raw_text"
            | "plain_value"
            | "quoted_attribute_value"
            | "string_value"
            | "system_lib_string"
            | "text_block" => node.is_named(),
            "comment" => family == Family::Json,
            _ => false,
        };
        if is_literal && !node.has_error() && node.end_byte() > node.start_byte() {
            ranges.push(range_of(node));
            return false;
        }
        !is_literal || node.has_error()
    });
    ranges
}
