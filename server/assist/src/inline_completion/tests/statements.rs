//! Where the text rules end a statement, the tree ends it too: each statement of the property tests' files is taken out
//! and written again by a model that does not stop, and what is kept of it must be that statement.

use analysis::{Hole, truncate_to_hole};
use expect_test::{Expect, expect};
use syntax::{Document, Language, Node};

use super::properties::FILES;

/// Nodes that hold statements, members or entries.
const HOLDERS: [&str; 15] = [
    "module",
    "block",
    "program",
    "statement_block",
    "source_file",
    "class_body",
    "declaration_list",
    "field_declaration_list",
    "compound_statement",
    "statement_list",
    "translation_unit",
    "interface_body",
    "match_block",
    "switch_body",
    "stylesheet",
];
/// Nodes that lead to the statement behind them.
const LEADING: [&str; 6] =
    ["comment", "line_comment", "block_comment", "attribute_item", "inner_attribute_item", "preproc_def"];

/// Statements that begin their lines, by byte range.
fn statements(root: Node<'_>, text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            let line = text[..child.start_byte()].rfind('\n').map_or(0, |end| end + 1);
            let begins_line = text[line..child.start_byte()].trim().is_empty();
            if HOLDERS.contains(&node.kind())
                && child.is_named()
                && begins_line
                && child.kind() != "statement_list"
                && !LEADING.contains(&child.kind())
            {
                found.push((child.start_byte(), child.end_byte()));
            }
            open.push(child);
        }
    }
    found.sort_unstable();
    found
}

/// What the rules make of a statement other than the tree does, and of how many.
fn check(name: &str, text: &str) -> String {
    let language = Language::from_path(std::path::Path::new(name)).expect("in the registry");
    let document = Document::new(text, language, 1);
    let Some(tree) = document.tree() else { return String::new() };
    let mut report = String::new();
    let all = statements(tree.root_node(), text);
    for &(start, end) in &all {
        // Without the line's end, with the comma or comment behind it.
        let end = text[..end].trim_end().len();
        let end = end + text[end..].find('\n').unwrap_or(text.len() - end);
        let hole = Document::new(&format!("{}{}", &text[..start], &text[end..]), language, 1);
        let kept = truncate_to_hole(&hole, start, &text[start..], Hole::Statement);
        let (kept, wanted) = (&text[start..start + kept], text[start..end].trim_end());
        if kept != wanted {
            report += &format!("{name}: wanted {wanted:?}\n  kept {kept:?}\n");
        }
    }
    format!("{report}{name}: {} statements\n", all.len())
}

#[test]
fn the_tree_agrees() {
    let report: String = FILES.iter().map(|(name, text)| check(name, text)).collect();
    let expected: Expect = expect![[r#"
        a.py: 33 statements
        a.js: 26 statements
        a.ts: 23 statements
        a.tsx: 8 statements
        a.rs: 28 statements
        a.go: 21 statements
        a.c: 24 statements
        A.java: 22 statements
        a.json: 0 statements
        a.html: 0 statements
        a.css: 10 statements
        a.sh: wanted "cat <<EOF\nIt's done: $count (of some)\nEOF"
          kept "cat <<EOF"
        a.sh: 8 statements
        a.yaml: 0 statements
    "#]];
    expected.assert_eq(&report);
}
