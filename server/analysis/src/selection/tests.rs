//! What a selection grows to.

use syntax::{Document, Language};

use super::selection_ranges;

fn check(language: &str, fixture: &str, expected: &[&str]) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language"), 1);
    let ranges = selection_ranges(&document, offset);
    let found: Vec<&str> = ranges.iter().map(|range| &text[range.start..range.end]).collect();
    assert_eq!(found, expected, "{language}: {fixture}");
    assert!(ranges.windows(2).all(|pair| pair[1].contains(pair[0]) && pair[0] != pair[1]));
}

#[test]
fn chains() {
    check("python", "x = f(a<CURSOR>, b)", &["a", "a, b", "(a, b)", "f(a, b)", "x = f(a, b)"]);
    check("javascript", "f(\"a <CURSOR>b\");", &["b", "a b", "\"a b\"", "(\"a b\")", "f(\"a b\")", "f(\"a b\");"]);
    check("python", "<CURSOR>", &[""]);
    check("plaintext", "a b<CURSOR>", &["b", "a b"]);
}
