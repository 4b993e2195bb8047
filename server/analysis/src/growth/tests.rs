//! Functions and their orders. `-` where an estimate would be a guess.

use syntax::{Document, Language, TextRange};

use super::growth;

/// Functions behind a comment with the order each must have.
fn check(language: &str, comment: &str, text: &str) -> usize {
    let name = language;
    let language = Language::from_name(language).expect("in the registry");
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in text.split(&format!("{comment} O: ")).skip(1) {
        let (expected, function) = case.split_once('\n').expect("an order, then a function");
        let document = Document::new(function, language, 1);
        let found = growth(&document, TextRange::new(0, function.len()));
        let order = found.as_ref().map_or("-", |it| &it.order);
        if order != expected.trim() {
            wrong.push(format!("{name}: {function}found {order}, expected {expected}"));
        }
        if let Some(found) = found {
            assert!(!found.reason.is_empty() && !found.reason.ends_with('.'), "{}", found.reason);
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count
}

#[test]
fn python() {
    assert!(check("python", "#", include_str!("fixtures/python.py")) >= 45);
}

#[test]
fn javascript() {
    let text = include_str!("fixtures/javascript.js");
    assert!(check("javascript", "//", text) >= 18);
    assert!(check("typescript", "//", text) >= 18);
}

#[test]
fn reasons_say_what_the_letters_are() {
    let reason = |text: &str| {
        let document = Document::new(text, Language::from_name("python").expect("in the registry"), 1);
        growth(&document, TextRange::new(0, text.len())).expect("an estimate").reason
    };
    assert_eq!(
        reason("def f(items: list):\n    for a in items:\n        print('x')\n"),
        "it goes over the input a constant number of times, where n is the length of `items`"
    );
    assert_eq!(
        reason("def f(n: int):\n    if n < 2:\n        return n\n    return f(n - 1) + f(n - 2)\n"),
        "it calls itself twice with an input that is smaller by a constant, without remembering results, where n is the value of `n`"
    );
}

#[test]
fn broken_or_several_functions_have_none() {
    for text in ["def f(:\n    pass\n", "def f():\n    pass\ndef g():\n    pass\n", ""] {
        let document = Document::new(text, Language::from_name("python").expect("in the registry"), 1);
        assert_eq!(growth(&document, TextRange::new(0, text.len())), None, "{text}");
    }
}
