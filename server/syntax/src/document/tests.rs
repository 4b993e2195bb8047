use super::*;
use crate::{Position, PositionRange};

fn language(name: &str) -> Language {
    Language::from_name(name).expect("registered")
}

#[test]
fn changes_apply_in_order_each_to_the_result_of_the_one_before() {
    let document = Document::new("let a = 1;\n", language("js"), 1);
    assert!(document.tree().is_some());
    let at = |line, character| Position { line, character };
    let change = |range, text: &str| ContentChange { range, text: text.to_owned() };
    let next = document.change(
        &[
            change(Some(PositionRange { start: at(0, 0), end: at(0, 0) }), "é𝄞\n"),
            change(Some(PositionRange { start: at(0, 1), end: at(0, 3) }), "x"),
        ],
        PositionEncoding::Utf16,
        2,
    );
    assert_eq!(next.text().to_string(), "éx\nlet a = 1;\n");
    assert_eq!((document.version(), next.version()), (1, 2));
    assert_eq!(document.text().to_string(), "let a = 1;\n");
    let replaced = next.change(&[change(None, "f()")], PositionEncoding::Utf16, 3);
    assert_eq!(
        replaced.syntax_tree_text().expect("has a grammar"),
        "(program (expression_statement (call_expression function: (identifier) arguments: (arguments))))"
    );
}
