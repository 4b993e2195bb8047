//! Whether a change in one place leaves a document as sound as it was.
//!
//! Made for many candidates at one place: what can be known of the document without them is worked out once, and a
//! candidate costs its (incremental) parse and a look at the lines around it, not at the whole text.

use std::cell::Cell;

use syntax::{Document, Node, TextRange};

use super::{python_lines::indentation_of_lines, syntax_error_count};
use crate::{
    block::{columns, indent_of, line_start},
    family::Family,
    tree::preorder,
};

/// Bytes behind a change whose indentation is looked at: the next line of code decides, comments may stand before it.
const BEHIND: usize = 4 << 10;

/// A document without a change, and where the change is to be.
pub struct Soundness<'a> {
    document: &'a Document,
    /// Nodes that are errors or missing.
    errors: usize,
    /// Python: the lines that a change can make wrong.
    lines: Option<Lines>,
    bytes_read: Cell<usize>,
}

/// Some lines of Python, from a statement's beginning on.
struct Lines {
    range: TextRange,
    /// Indentation of the statement and of the blocks around it, in columns.
    outer: Vec<usize>,
    /// What is wrong in them without the change.
    faults: usize,
}

impl<'a> Soundness<'a> {
    /// The document before `replaced` is replaced. It has to be parsed; without a tree everything is sound.
    pub fn new(document: &'a Document, replaced: TextRange) -> Self {
        let tree = document.tree();
        let errors = tree.map_or(0, |tree| errors_in(tree.root_node()));
        let is_python = Family::of(document.language()) == Family::Python;
        let mut soundness = Self { document, errors, lines: None, bytes_read: Cell::new(0) };
        if let Some(tree) = tree.filter(|_| is_python && errors == 0) {
            let mut lines = lines_around(document, tree.root_node(), replaced);
            lines.faults = soundness.faults_in(document, lines.range, &lines.outer);
            soundness.lines = Some(lines);
        }
        soundness
    }

    /// True when the document parses no worse with `inserted` bytes in the place of `replaced` than without the change.
    pub fn survives(&self, edited: &Document, replaced: TextRange, inserted: usize) -> bool {
        let Some(tree) = edited.tree() else { return self.document.tree().is_none() };
        let root = tree.root_node();
        if root.has_error() {
            return self.errors > 0 && errors_in(root) <= self.errors;
        }
        let Some(lines) = &self.lines else {
            // Errors went away: what the parser forgives in Python is counted in the whole text, where it was not before.
            self.bytes_read.set(self.bytes_read.get() + edited.text().len());
            return self.errors == 0 || syntax_error_count(edited) <= self.errors;
        };
        let end = (lines.range.end + inserted).saturating_sub(replaced.end - replaced.start);
        let range = TextRange::new(lines.range.start, end.min(edited.text().len()));
        self.faults_in(edited, range, &lines.outer) <= lines.faults
    }

    /// Bytes of text read so far, parses aside: what a test can count.
    pub fn bytes_read(&self) -> usize {
        self.bytes_read.get()
    }

    fn faults_in(&self, document: &Document, range: TextRange, outer: &[usize]) -> usize {
        let lines = document.text().slice(range);
        self.bytes_read.set(self.bytes_read.get() + lines.len());
        indentation_of_lines(document.language(), &lines, outer)
    }
}

/// Number of ERROR and MISSING nodes.
pub(super) fn errors_in(root: Node<'_>) -> usize {
    let mut count = 0;
    preorder(root, |node| {
        count += usize::from(node.is_error() || node.is_missing());
        node.has_error()
    });
    count
}

/// From the statement above the cursor's line to some lines below it: a line's indentation is judged by the one before
/// it and by the blocks it stands in, so nothing further away can become wrong first.
fn lines_around(document: &Document, root: Node<'_>, replaced: TextRange) -> Lines {
    let text = document.text();
    let row_start = text.line_range(text.line_of(replaced.start)).start;
    let mut start = 0;
    let mut outer = vec![0];
    let mut node = root;
    // Down to the last statement that begins above the line.
    while let Some(child) = last_child_before(node, row_start) {
        let is_statement = matches!(node.kind(), "module" | "block") && child.is_named();
        let line = text.line_range(text.line_of(child.start_byte()));
        let indent = text.slice(TextRange::new(line.start, child.start_byte()));
        // A block may begin on its header's line.
        if is_statement && indent_of(&indent).len() == indent.len() {
            start = line.start;
            outer.retain(|&depth| depth < columns(&indent));
            outer.push(columns(&indent));
        }
        node = child;
    }
    let below = text.line_range(text.line_of(replaced.end)).end;
    let rest = text.slice(TextRange::new(below, (below + BEHIND).min(text.len())));
    let is_whole = below + rest.len() == text.len();
    let end = below + if is_whole { rest.len() } else { line_start(&rest, rest.len()) };
    Lines { range: TextRange::new(start, end.max(below)), outer, faults: 0 }
}

fn last_child_before<'tree>(node: Node<'tree>, offset: usize) -> Option<Node<'tree>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).take_while(|child| child.start_byte() < offset).filter(|child| !child.is_extra()).last()
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language, TextEdit, TextRange};

    use super::Soundness;
    use crate::syntax_error_count;

    fn parsed(text: &str) -> Document {
        Document::new(text, Language::from_name("python").expect("in the registry"), 1)
    }

    fn survives(fixture: &str, inserted: &str) -> bool {
        let (text, offset) = testkit::cursor(fixture);
        let document = parsed(&text);
        let range = TextRange::empty(offset);
        let edited = document.edit(&[TextEdit { range, new_text: inserted.to_owned() }], 2);
        let is_sound = Soundness::new(&document, range).survives(&edited, range, inserted.len());
        assert_eq!(
            is_sound,
            syntax_error_count(&edited) <= syntax_error_count(&document),
            "as the whole text says: {fixture} {inserted:?}"
        );
        is_sound
    }

    #[test]
    fn lines_around_a_change_say_what_the_whole_text_says() {
        let class =
            "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        x = 1\n<CURSOR>\n\nz = 1\n";
        assert!(survives(class, "        return x"));
        assert!(survives(class, "    y = 1"));
        assert!(survives(class, "y = 1"));
        assert!(!survives(class, "            return x"));
        assert!(!survives(class, "      return x"));
        assert!(!survives(class, "    if x:"));
        assert!(survives(class, "    if x:\n        y()"));
        assert!(survives("<CURSOR>x = 1\n", "import os\n"));
        assert!(!survives("<CURSOR>x = 1\n", "    y = 1\n"));
        assert!(!survives("def f():\n    <CURSOR>\n    return 1\n", "for x in y:"));
        assert!(survives("def f():\n    <CURSOR>\n    return 1\n", "x = [\n        1,\n    ]"));
        assert!(!survives("def f():\n    <CURSOR>\n    return 1\n", "x = ("));
        assert!(!survives("@b\n<CURSOR>\n    c: d\n    e: f\n", "\n    class A:"));
        assert!(survives("if a:\n    b()\n<CURSOR>\n", "else:\n    c()"));
    }

    #[test]
    fn a_candidate_costs_its_surroundings_only() {
        let method = |n: usize| format!("    def f{n}(self):\n        x = {n}\n        return x\n\n");
        let class = format!("class A:\n{}", (0..10_000).map(method).collect::<String>());
        let document = parsed(&class);
        let at = class.find("        return x\n").expect("stands there") + class.len() / 2;
        let at = at + class[at..].find("        return x\n").expect("stands there");
        let range = TextRange::empty(at);
        let soundness = Soundness::new(&document, range);
        for inserted in ["        y = 1\n", "            y = 1\n", "        if x:\n            z()\n"] {
            let edited = document.edit(&[TextEdit { range, new_text: inserted.to_owned() }], 2);
            assert_eq!(soundness.survives(&edited, range, inserted.len()), !inserted.starts_with("            y"));
        }
        assert!(soundness.bytes_read() < 32 << 10, "{} of {} bytes", soundness.bytes_read(), class.len());
    }
}
