//! Fixtures: the head of a file, how the user changes it, the rest of the file with the cursor, and the rest after
//! accepting.

use proptest::prelude::*;
use syntax::{Document, Language, Text};

use super::super::history::History;
use super::super::{Proposal, propose};
use super::retype;

/// Types the heads one after the other before `rest`, and asks where its cursor is.
fn proposed(language: &str, heads: &[&str], rest: &str, offset: usize) -> Option<(String, Proposal)> {
    let language = Language::from_name(language).expect("a language of the registry");
    let mut history = History::default();
    let mut text = format!("{}{rest}", heads[0]);
    for pair in heads.windows(2) {
        let (old, new) = (pair[0], pair[1]);
        let same: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let ends = old[same..].chars().rev().zip(new[same..].chars().rev()).take_while(|(a, b)| a == b);
        let end: usize = ends.map(|(a, _)| a.len_utf8()).sum();
        retype(&mut text, same, &old[same..old.len() - end], &new[same..new.len() - end], &mut history);
    }
    let head = heads[heads.len() - 1];
    assert_eq!(text, format!("{head}{rest}"));
    let document = Document::new(&text, language, 1);
    let leads = history.leads(&document, head.len() + offset);
    let proposal = propose(&document, head.len() + offset, &leads)?;
    let range = proposal.range;
    assert!(range.touches(head.len() + offset), "the range holds the cursor");
    assert!(!text[range.start..range.end].contains('\n'), "the range is within one line");
    text.replace_range(range.start..range.end, &proposal.text);
    assert!(text.starts_with(head), "the signature stays");
    Some((text.split_off(head.len()), proposal))
}

fn check(language: &str, heads: &[&str], rest: &str, expected: Option<&str>) {
    let (rest, offset) = testkit::cursor(rest);
    let found = proposed(language, heads, &rest, offset).map(|(text, _)| text);
    assert_eq!(found.as_deref(), expected, "{language}: {heads:?}\n{rest}");
}

/// Python functions `f` with these parameters before and after, and one line after the function.
fn check_python(old: &str, new: &str, line: &str, expected: Option<&str>) {
    let head = |parameters: &str| format!("def f({parameters}):\n    pass\n\n");
    let rest = format!("b = n = 1\n{line}\n");
    let expected = expected.map(|line| format!("b = n = 1\n{line}\n"));
    check("python", &[&head(old), &head(new)], &rest, expected.as_deref());
}

#[test]
fn a_renamed_parameter() {
    for (old, new, line, expected) in [
        ("a", "b", "f(<CURSOR>a=1)", Some("f(b=1)")),
        ("a, c", "a, size", "x = f(1, c = 2)<CURSOR>", Some("x = f(1, size = 2)")),
        ("a, c=1", "a, size=1", "<CURSOR>f(c=2, a=1)", Some("f(size=2, a=1)")),
        ("a, *, c", "a, *, size", "<CURSOR>f(1, c=[c, 2])", Some("f(1, size=[c, 2])")),
        ("a: int, c: int", "one: int, two: int", "<CURSOR>f(c=2, a=1)", Some("f(two=2, one=1)")),
        ("a, c", "a, d", "<CURSOR>f(**x, y=1)", None),
        ("a, c", "a, d", "<CURSOR>f(1, **x)", None),
        ("a, c", "a, d", "<CURSOR>f(*x, c=2)", Some("f(*x, d=2)")),
        ("a, c", "a, d", "<CURSOR>f(1, 2)", None),
        ("a", "b", "<CURSOR>g(a=1)", None),
        ("a", "b", "<CURSOR>o.f(a=1)", None),
        ("a", "b", "# f(<CURSOR>a=1)", None),
        ("a", "b", "f(a=1)\n<CURSOR>", None),
        ("a", "b c", "<CURSOR>f(a=1)", None),
        ("a, c", "d, e, g", "<CURSOR>f(a=1, c=2)", None),
    ] {
        check_python(old, new, line, expected);
    }
}

#[test]
fn an_added_parameter() {
    for (old, new, line, expected) in [
        ("a", "a, b", "f(1<CURSOR>)", Some("f(1, b)")),
        ("a", "b, a", "x = f(1)<CURSOR>", Some("x = f(b, 1)")),
        ("a, c", "a, b: int, c", "<CURSOR>f(1, 2)", Some("f(1, b, 2)")),
        ("", "b", "<CURSOR>x = [f()]", Some("x = [f(b)]")),
        ("", "b", "<CURSOR>x = [f( )]", Some("x = [f(b)]")),
        ("a", "a, b", "<CURSOR>f(1,)", Some("f(1, b,)")),
        ("a", "a, *, b", "<CURSOR>f(1)", Some("f(1, b=b)")),
        ("a", "a, b", "<CURSOR>f(a=1)", Some("f(a=1, b=b)")),
        ("a, c", "a, b, c", "<CURSOR>f(1, c=3)", Some("f(1, b, c=3)")),
        ("a, *c", "a, b, *c", "<CURSOR>f(1, 2, 3)", Some("f(1, b, 2, 3)")),
        ("a, **c", "a, b, **c", "<CURSOR>f(1, x=2)", Some("f(1, b, x=2)")),
        ("a", "b, a", "<CURSOR>f(*x)", Some("f(b, *x)")),
        ("a", "a, b, n", "<CURSOR>f(1)", Some("f(1, b, n)")),
        ("a", "a, b", "<CURSOR>f(f(1))", Some("f(f(1, b), b)")),
        ("a", "a, b", "<CURSOR>f(1) + f(2)", Some("f(1, b) + f(2, b)")),
        ("a, c=1", "a, b=2, c=1", "<CURSOR>f(1, 2)", Some("f(1, c=2)")),
        // What has a default needs nothing; what nobody knows is not made up.
        ("a", "a, b=1", "<CURSOR>f(1)", None),
        ("a", "a, *b", "<CURSOR>f(1)", None),
        ("a", "a, unknown", "<CURSOR>f(1)", None),
        ("a", "a, b, unknown", "<CURSOR>f(1)", None),
        ("a", "a, b", "<CURSOR>f(b)", None),
        ("a", "a, b", "<CURSOR>f(*x)", None),
        ("a", "a, b", "<CURSOR>f(1, **x)", None),
        ("a", "a, b", "<CURSOR>f(1, 2)", None),
        ("a", "a, b", "<CURSOR>f()", None),
        ("a, **c", "a, b, **c", "<CURSOR>f(1, b=2)", None),
        ("a", "a, b", "<CURSOR>f(x for x in y)", None),
        ("a", "a, b /", "<CURSOR>f(1)", None),
    ] {
        check_python(old, new, line, expected);
    }
}

#[test]
fn a_removed_parameter() {
    for (old, new, line, expected) in [
        ("a, b", "a", "f(1, 2)<CURSOR>", Some("f(1)")),
        ("a, b", "b", "<CURSOR>f(1, 2)", Some("f(2)")),
        ("a, c, b", "a, b", "<CURSOR>f(1, g(2), 3)", Some("f(1, 3)")),
        ("a", "", "<CURSOR>f(1)", Some("f()")),
        ("a", "", "<CURSOR>f(1, )", Some("f()")),
        ("a, c=2", "a", "<CURSOR>f(1, c=3)", Some("f(1)")),
        ("a, c=2", "a", "<CURSOR>f(c=3, a=1)", Some("f(a=1)")),
        ("a, c, *d", "a, *d", "<CURSOR>f(1, 2, 3)", Some("f(1, 3)")),
        ("a, b", "a", "<CURSOR>f(1, *x)", None),
        ("a, b", "a", "<CURSOR>f(*x)", None),
        ("a, b, c", "b, c", "<CURSOR>f(1, *x)", Some("f(*x)")),
        ("a, c=2", "a", "<CURSOR>f(1)", None),
        ("a, *d", "a", "<CURSOR>f(1, 2)", None),
        ("a, b", "a", "<CURSOR>f(1)", None),
    ] {
        check_python(old, new, line, expected);
    }
}

#[test]
fn parameters_in_another_order() {
    for (old, new, line, expected) in [
        ("a, b", "b, a", "f(1, <CURSOR>2)", Some("f(2, 1)")),
        ("a, b, c", "c, a, b", "<CURSOR>f(1, 2, 3)", Some("f(3, 1, 2)")),
        ("a, b, c", "b, a, c", "<CURSOR>f(1, 2, c=3)", Some("f(2, 1, c=3)")),
        ("a, b", "b, a", "<CURSOR>f(1, b=2)", Some("f(a=1, b=2)")),
        ("a, c=1", "a, *, c=1", "<CURSOR>f(1, 2)", Some("f(1, c=2)")),
        ("a, b", "b, a", "<CURSOR>f(a=1, b=2)", None),
        ("a, b", "b, a", "<CURSOR>f(1, *x)", None),
        ("a, b", "b, a", "<CURSOR>f(f(1, 2), 3)", None),
        ("a, b", "b, c, a", "<CURSOR>f(1, 2)", None),
    ] {
        check_python(old, new, line, expected);
    }
}

#[test]
fn calls_are_found_by_scope() {
    let python =
        |old: &str, new: &str, rest: &str, expected: Option<&str>| check("python", &[old, new], rest, expected);
    let method =
        ("class A:\n    def f(self, a):\n        pass\n\n", "class A:\n    def f(self, a, b):\n        pass\n\n");
    python(
        method.0,
        method.1,
        "    def g(self, b):\n        self.f(<CURSOR>1)\n",
        Some("    def g(self, b):\n        self.f(1, b)\n"),
    );
    python(method.0, method.1, "    def g(self, b):\n        other.f(<CURSOR>1)\n", None);
    python(method.0, method.1, "class B:\n    def g(self, b):\n        self.f(<CURSOR>1)\n", None);
    python(
        "class A:\n    def __init__(self, a, c): pass\n",
        "class A:\n    def __init__(self, c, a): pass\n",
        "x = A(1, <CURSOR>2)\n",
        Some("x = A(2, 1)\n"),
    );
    python(
        "def f(a):\n    return a\n",
        "def f(a, b):\n    return a\n",
        "def g(b):\n    return f(<CURSOR>1)\n",
        Some("def g(b):\n    return f(1, b)\n"),
    );
    python("def f(a): pass\n", "def f(a, b): pass\n", "def g(f, b):\n    return f(<CURSOR>1)\n", None);
    python("def f(a): pass\n", "def f(a, b): pass\n", "def g(b): pass\nf(<CURSOR>1)\n", None);
    // The function itself.
    python("def f(a):\n", "def f(a, b):\n", "    return f(<CURSOR>a - 1)\n", Some("    return f(a - 1, b)\n"));
}

#[test]
fn other_languages() {
    for (language, old, new, rest, expected) in [
        (
            "javascript",
            "function f(a) {}\n",
            "function f(a, b) {}\n",
            "let b = 1;\nf(<CURSOR>1);\n",
            Some("let b = 1;\nf(1, b);\n"),
        ),
        (
            "javascript",
            "const f = (a, b) => a;\n",
            "const f = (b, a) => a;\n",
            "f(<CURSOR>1, 2);\n",
            Some("f(2, 1);\n"),
        ),
        (
            "javascript",
            "function f(a, {c}, d) {}\n",
            "function f(a, d) {}\n",
            "f(<CURSOR>1, {c: 2}, 3);\n",
            Some("f(1, 3);\n"),
        ),
        ("javascript", "function f(a, {c}) {}\n", "function f(a, {c, d}) {}\n", "f(<CURSOR>1, {c: 2});\n", None),
        ("javascript", "function f(a) {}\n", "function f(a, b) {}\n", "let b;\nf(<CURSOR>...x);\n", None),
        ("javascript", "function f(a, c) {}\n", "function f(a, c, b) {}\n", "let b;\nf(<CURSOR>1);\n", None),
        ("javascript", "function f(a, cb) {}\n", "function f(a, o = {}, cb) {}\n", "f(<CURSOR>1, 2);\n", None),
        (
            "javascript",
            "class A {\n  f(a, c) {}\n",
            "class A {\n  f(a) {}\n",
            "  g() { this.f(1, <CURSOR>2); }\n}\n",
            Some("  g() { this.f(1); }\n}\n"),
        ),
        (
            "javascript",
            "class A { constructor(a, c) {} }\n",
            "class A { constructor(c, a) {} }\n",
            "const x = new A(1, <CURSOR>2);\n",
            Some("const x = new A(2, 1);\n"),
        ),
        (
            "javascriptreact",
            "function f(a, c) {}\n",
            "function f(c, a) {}\n",
            "const x = <p>{f(1, <CURSOR>2)}</p>;\n",
            Some("const x = <p>{f(2, 1)}</p>;\n"),
        ),
        (
            "typescript",
            "function f(a: number): void {}\n",
            "function f(a: number, b: string): void {}\n",
            "const b = '';\nf(<CURSOR>1);\n",
            Some("const b = '';\nf(1, b);\n"),
        ),
        (
            "typescript",
            "function f(a: T): void {}\n",
            "function f(a: T, b?: U): void {}\n",
            "let b;\nf(<CURSOR>1);\n",
            None,
        ),
        (
            "rust",
            "fn f<T: Into<u8>>(a: T) {}\n",
            "fn f<T: Into<u8>>(a: T, b: u8) {}\n",
            "fn g(b: u8) {\n    f(<CURSOR>1);\n}\n",
            Some("fn g(b: u8) {\n    f(1, b);\n}\n"),
        ),
        (
            "rust",
            "impl A {\n    fn f(&self, a: u8, c: u8) {}\n",
            "impl A {\n    fn f(&self, c: u8, a: u8) {}\n",
            "    fn g(&self) {\n        self.f(1, <CURSOR>2)\n    }\n}\n",
            Some("    fn g(&self) {\n        self.f(2, 1)\n    }\n}\n"),
        ),
        (
            "rust",
            "impl A {\n    fn f(a: u8, c: u8) {}\n}\n",
            "impl A {\n    fn f(a: u8) {}\n}\n",
            "fn g() {\n    A::f(1, <CURSOR>2);\n}\n",
            Some("fn g() {\n    A::f(1);\n}\n"),
        ),
        (
            "go",
            "package a\nfunc f(a int) {}\n",
            "package a\nfunc f(a, b int) {}\n",
            "func g(b int) {\n\tf(<CURSOR>1)\n}\n",
            None,
        ),
    ] {
        check(language, &[old, new], rest, expected);
    }
}

#[test]
fn calls_over_several_lines() {
    let heads = ["def f(a, c): pass\n", "def f(a, c, b): pass\n"];
    check("python", &heads, "b = 1\nf(\n    1,\n    2<CURSOR>,\n)\n", Some("b = 1\nf(\n    1,\n    2,\n    b,\n)\n"));
    check("python", &heads, "b = 1\nf(1,\n  2<CURSOR>)\n", Some("b = 1\nf(1,\n  2, b)\n"));
    check("python", &heads, "b = 1\nf(\n    1<CURSOR>,\n    2,\n)\n", None);
    check(
        "python",
        &["def f(\n    a,\n    c,\n): pass\n", "def f(\n    a,\n): pass\n"],
        "f(1, <CURSOR>2)\n",
        Some("f(1)\n"),
    );
}

#[test]
fn changes_in_steps() {
    let head = |parameters: &str| format!("def f({parameters}): pass\n");
    let check = |heads: &[&str], rest: &str, expected: Option<&str>| {
        let heads: Vec<String> = heads.iter().map(|it| head(it)).collect();
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        check("python", &heads, rest, expected);
    };
    check(&["a, b", "b", "b, a"], "f(1, <CURSOR>2)\n", Some("f(2, 1)\n"));
    check(&["a", "a, b", "a"], "b = 1\nf(<CURSOR>1)\n", None);
    check(&["a, b", "a, ", "a, c"], "f(<CURSOR>1, b=2)\n", Some("f(1, c=2)\n"));
    check(&["a", "a, b", "a, b,"], "b = 1\nf(<CURSOR>1)\n", Some("b = 1\nf(1, b)\n"));
    check(&["a", "a,"], "b = 1\nf(<CURSOR>1)\n", None);
    check(&["a", "a, b="], "b = 1\nf(<CURSOR>1)\n", None);
}

/// What the user does besides: on the way, at the call, and with the parenthesis.
#[test]
fn what_happens_between() {
    let run = |steps: &[(&str, &str)], cursor: &str| {
        let mut text = "def f(a):\n    pass\n\nb = 1\nf(1)\nf(2)\n".to_owned();
        let mut history = History::default();
        steps.iter().for_each(|(old, new)| super::type_change(&mut text, old, new, &mut history));
        let (after, offset) = testkit::cursor(cursor);
        assert_eq!(text, after, "the fixture says what the steps lead to");
        let document = Document::new(&text, Language::from_name("python").expect("a language of the registry"), 1);
        let proposal = propose(&document, offset, &history.leads(&document, offset))?;
        text.replace_range(proposal.range.start..proposal.range.end, &proposal.text);
        Some(text[text.find("\nf(").expect("the first call") + 1..].to_owned())
    };
    let add = ("(a", "(a, b");
    let after = |calls: &str| format!("def f(a, b):\n    pass\n\nb = 1\n{calls}\n");
    assert_eq!(run(&[add], &after("f(1)\nf(<CURSOR>2)")).as_deref(), Some("f(1)\nf(2, b)\n"));
    // The parenthesis and the colon are typed again.
    assert_eq!(run(&[("(a):", "(a, b):")], &after("f(1)\nf(<CURSOR>2)")), None, "begun behind the list");
    assert_eq!(run(&[("(a)", "(a, b)")], &after("f(1)\nf(<CURSOR>2)")).as_deref(), Some("f(1)\nf(2, b)\n"));
    // One call follows, the other one is next.
    let first = [add, ("f(1", "f(1, b")];
    assert_eq!(run(&first, &after("f(1, b)\nf(<CURSOR>2)")).as_deref(), Some("f(1, b)\nf(2, b)\n"));
    assert_eq!(run(&first, &after("f(1, b<CURSOR>)\nf(2)")), None);
    // Who types on the line is left alone, and so is a call that was changed by hand.
    let by_hand = [add, ("f(2", "f(3")];
    assert_eq!(run(&by_hand, &after("f(1)\nf(3<CURSOR>)")), None);
    let by_hand = [add, ("f(2", "f(3"), ("pass", "pass;")];
    assert_eq!(run(&by_hand, "def f(a, b):\n    pass;\n\nb = 1\nf(1)\nf(3<CURSOR>)\n"), None);
    // A second change goes on from calls that followed the first one.
    let twice = [add, ("f(1", "f(1, b"), ("(a, b", "(b, a")];
    let swapped = "def f(b, a):\n    pass\n\nb = 1\nf(1, b<CURSOR>)\nf(2)\n";
    assert_eq!(run(&twice, swapped).as_deref(), Some("f(b, 1)\nf(2)\n"));
    let swapped = "def f(b, a):\n    pass\n\nb = 1\nf(1, b)\nf(<CURSOR>2)\n";
    assert_eq!(run(&twice, swapped).as_deref(), Some("f(1, b)\nf(b, 2)\n"));
    // The cursor is still in the signature.
    assert_eq!(run(&[add], "def f(a, b<CURSOR>):\n    pass\n\nb = 1\nf(1)\nf(2)\n"), None);
    // The user undoes it.
    let undone = "def f(a):\n    pass\n\nb = 1\nf(1)\nf(<CURSOR>2)\n";
    assert_eq!(run(&[add, ("(a, b", "(a")], undone), None);
    // A new line behind the head is not part of it.
    let body = [add, (":\n    pass", ":\n    x = 1\n    pass")];
    let after = "def f(a, b):\n    x = 1\n    pass\n\nb = 1\nf(1)\nf(<CURSOR>2)\n";
    assert_eq!(run(&body, after).as_deref(), Some("f(1)\nf(2, b)\n"));
}

/// Parameter lists of one language, with what a signature may hold.
fn parameters(language: &str) -> &'static [&'static str] {
    match language {
        "python" => &["a", "b", "c=1", "*d", "**e", "g: int", "*", "/", "(", "é", "h=(1, 2)", "a="],
        "rust" => &["a: u8", "b: &'a str", "(c, d): T", "&self", "mut e: Vec<u8>", "é: u8", "a:", "_: u8"],
        _ => &["a", "b", "c = 1", "...d", "{ e, g }", "[h]", "é", "i?: T", "("],
    }
}

proptest! {
    /// No change of a signature makes a proposal that breaks the file, whatever is called how.
    #[test]
    fn what_is_proposed_parses(
        language in prop::sample::select(vec!["python", "javascript", "typescript", "rust"]),
        picks in prop::collection::vec(prop::collection::vec(0usize..12, 0..5), 2..4),
        arguments in prop::collection::vec("[abcé1]|[abc]=1|\\*b|\\.\\.\\.b|\\*\\*e|f\\(a\\)|\\(a, b\\)|\"\\(\"", 0..5),
        comma in "(, |,|,\n {1,4}|)",
        place in 0usize..64,
    ) {
        let all = parameters(language);
        let heads: Vec<String> = picks.iter().map(|picks| {
            let list: Vec<&str> = picks.iter().map(|at| all[at % all.len()]).collect();
            let list = list.join(", ");
            match language {
                "python" => format!("def f({list}):\n    pass\n"),
                "rust" => format!("fn f({list}) {{}}\n"),
                _ => format!("function f({list}) {{}}\n"),
            }
        }).collect();
        let call = format!("f({})", arguments.join(&comma));
        let rest = match language {
            "python" => format!("a = b = 1\n{call}\n"),
            "rust" => format!("fn g(a: u8, b: u8) {{\n    {call};\n}}\n"),
            _ => format!("let a, b;\n{call};\n"),
        };
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let offset = Text::new(&rest).snap(place.min(rest.len()));
        if let Some((accepted, proposal)) = proposed(language, &heads, &rest, offset) {
            let document = |rest: &str| {
                let language = Language::from_name(language).expect("a language of the registry");
                Document::new(&format!("{}{rest}", heads[heads.len() - 1]), language, 1)
            };
            prop_assert!(proposal.confidence > 0.0 && proposal.confidence <= 1.0);
            prop_assert_ne!(&accepted, &rest);
            prop_assert!(
                analysis::syntax_error_count(&document(&accepted)) <= analysis::syntax_error_count(&document(&rest)),
                "{accepted}"
            );
        }
    }
}
