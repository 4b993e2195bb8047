//! Tests of `document`.

mod incremental;

use super::*;
use crate::{Position, PositionRange};

fn language(name: &str) -> Language {
    Language::from_name(name).expect("registered")
}

fn change(range: Option<((u32, u32), (u32, u32))>, text: &str) -> ContentChange {
    let position = |(line, character)| Position { line, character };
    let range = range.map(|(start, end)| PositionRange { start: position(start), end: position(end) });
    ContentChange { range, text: text.to_owned() }
}

/// The shape of a tree and the place of each node, anonymous ones too.
fn nodes(tree: &Tree) -> Vec<String> {
    let mut nodes = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        nodes.push(format!(
            "{}{:?} {} {:?} {:?} missing={} extra={}",
            " ".repeat(cursor.depth() as usize),
            cursor.field_name(),
            node.kind(),
            node.range(),
            node.is_named(),
            node.is_missing(),
            node.is_extra(),
        ));
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return nodes;
            }
        }
    }
}

fn fresh(document: &Document) -> Document {
    Document::new(&document.text().to_string(), document.language(), 0)
}

#[test]
fn changes_apply_in_order_each_to_the_result_of_the_one_before() {
    let document = Document::new("let a = 1;\n", language("js"), 1);
    assert!(document.tree().is_some());
    let changes = [change(Some(((0, 0), (0, 0))), "é𝄞\n"), change(Some(((0, 1), (0, 3))), "x")];
    let next = document.change(&changes, PositionEncoding::Utf16, 2);
    assert_eq!(next.text().to_string(), "éx\nlet a = 1;\n");
    assert_eq!((document.version(), next.version()), (1, 2));
    assert_eq!(document.text().to_string(), "let a = 1;\n", "an old version stays what it was");
    let replaced = next.change(&[change(None, "f()")], PositionEncoding::Utf16, 3);
    assert_eq!(
        replaced.syntax_tree_text().expect("has a grammar"),
        "(program (expression_statement (call_expression function: (identifier) arguments: (arguments))))"
    );
}

#[test]
fn a_column_inside_a_surrogate_pair_is_before_the_character() {
    let document = Document::new("𝄞b", Language::plain_text(), 1);
    let next = document.change(&[change(Some(((0, 1), (0, 2))), "a")], PositionEncoding::Utf16, 2);
    assert_eq!(next.text().to_string(), "ab");
}

#[test]
fn the_tree_is_parsed_once() {
    let document = Document::new("def f(): pass", language("python"), 1);
    let first = document.tree().expect("python has a grammar").root_node().id();
    assert_eq!(document.clone().tree().expect("the same tree").root_node().id(), first);
}

#[test]
fn no_grammar_no_tree() {
    assert!(Document::new("x", Language::plain_text(), 1).tree().is_none());
    assert!(Document::new("x", Language::plain_text(), 1).syntax_tree_text().is_none());
}

#[test]
fn s_expressions_are_tree_sitters_own() {
    for (name, text) in [
        ("python", "def f(x: int) -> str:\n    return g(x)[1]\n"),
        ("javascript", "let a = {b: 1}; ((("),
        ("json", "[1, {\"a\": null}]"),
        ("c", "int main( { return 0 }"),
        ("rust", ""),
    ] {
        let document = Document::new(text, language(name), 1);
        let expected = document.tree().expect("default grammar").root_node().to_sexp();
        assert_eq!(document.syntax_tree_text(), Some(expected));
    }
}

#[test]
fn deep_nesting_is_no_problem() {
    let document = Document::new(&"[".repeat(200_000), language("json"), 1);
    assert!(document.syntax_tree_text().is_none_or(|tree| tree.starts_with('(')));
}

#[test]
fn a_scanner_that_runs_over_the_text_again_and_again_is_stopped() {
    // Without the limit of reads, the first takes two minutes and does not report progress even once.
    for piece in ["\0", "<", "(){"] {
        let document = Document::new(&piece.repeat(100_000 / piece.len()), language("bash"), 1);
        assert!(document.tree().is_none(), "{piece:?}");
    }
}

#[test]
fn a_budget_that_does_not_suffice_gives_no_tree() {
    let text = Text::new(&"f(1);\n".repeat(1000));
    let grammar = language("javascript").grammar().expect("default grammar");
    let parse = |steps, reads| parse::parse(&text, grammar, None, &parse::Budget::new(steps, reads), &mut || false);
    assert!(parse(1000, 1000).is_some());
    assert!(parse(10, 1000).is_none());
    assert!(parse(1000, 2).is_none());
}

#[test]
fn a_small_edit_reuses_the_tree() {
    for (name, line) in [("c", "int f(int a) { return a; }\n"), ("rust", "fn f() {}\n")] {
        let document = Document::new(&line.repeat(5000), language(name), 1);
        assert!(document.tree().is_some());
        let edit = TextEdit { range: TextRange::empty(line.len() * 2000), new_text: line.to_owned() };
        let next = document.edit(&[edit], 2);
        let base = next.0.base.as_ref().expect("a tree without errors");
        let grammar = next.language().grammar().expect("default grammar");
        let parse = |old_tree| {
            let few_reads = parse::Budget::new(10_000, 10);
            parse::parse(next.text(), grammar, old_tree, &few_reads, &mut || false)
        };
        assert!(parse(None).is_none(), "{name}: all of the text is more than ten pieces");
        assert!(parse(Some(base.tree())).is_some(), "{name}: what is near the edit is fewer");
    }
}

#[test]
fn a_stopped_parse_gives_no_tree_in_this_version_only() {
    let document = Document::new(&"x = 1\n".repeat(1000), language("python"), 1);
    let mut asked = 0;
    let stopped = document.parse(|| {
        asked += 1;
        asked == 3
    });
    assert!(stopped.is_none());
    assert_eq!(asked, 3);
    assert!(document.tree().is_none());
    assert!(document.edit(&[], 2).tree().is_some());
}

#[test]
fn old_versions_are_freed() {
    let first = Document::new("def f(): pass\n", language("python"), 0);
    assert!(first.tree().is_some());
    let weak = Arc::downgrade(&first.0);
    let mut document = first;
    for version in 1..5000 {
        let at = (version as u32) % 7;
        document = document.change(&[change(Some(((0, at), (0, at))), "x")], PositionEncoding::Utf8, version);
    }
    assert!(weak.upgrade().is_none());
    assert!(document.0.base.is_none(), "a tree that so many edits have passed over is dropped");
    assert_eq!(nodes(document.tree().expect("has a grammar")), nodes(fresh(&document).tree().expect("too")));
}

#[test]
fn edits_of_a_long_text() {
    let line = "let x = f(1, 2); // é𝄞\n";
    let long = line.repeat((10 << 20) / line.len());
    let mut document = Document::new(&long, language("javascript"), 1);
    let mut expected = long;
    for version in 2..200 {
        let at = (version as usize * 52_361) / line.len() * line.len();
        let edit = TextEdit { range: TextRange::new(at, at + 3), new_text: "const".to_owned() };
        document = document.edit(&[edit], version);
        let line = document.text().line_of(at) as u32;
        document = document.change(&[change(Some(((line, 0), (line, 5))), "var")], PositionEncoding::Utf16, version);
        expected.replace_range(at..at + 3, "var");
    }
    assert_eq!(*document.text(), *expected);
}
