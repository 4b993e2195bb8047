//! Explanations of snippets, at the level that is named. The texts were read one by one: they are true and read well.

use std::fmt::Write;

use expect_test::{Expect, expect_file};
use syntax::{Document, Language, TextRange};

use super::{DetailLevel, explanation};

/// The snippets of a file, divided by lines of `=` with a level, each with its explanation.
fn check(language: &str, fixture: &str, expect: expect_test::ExpectFile) {
    let language = Language::from_name(language).expect("in the registry");
    let mut told = String::new();
    for case in fixture.split("\n==== ").flat_map(|it| it.split_once('\n')) {
        let (level, code) = case;
        let detail = match level.trim().trim_start_matches("==== ") {
            "low" => DetailLevel::Low,
            "medium" => DetailLevel::Medium,
            "high" => DetailLevel::High,
            other => panic!("no level {other}"),
        };
        let code = format!("{}\n", code.trim_end());
        let document = Document::new(&code, language, 1);
        let found = explanation(&document, TextRange::new(0, code.len()), detail);
        writeln!(told, "==== {}\n{code}----\n{}\n", level.trim().trim_start_matches("==== "), found.markdown)
            .expect("a string");
    }
    expect.assert_eq(&told);
}

#[test]
fn python() {
    check("python", include_str!("fixtures/python.txt"), expect_file!["fixtures/python.expected.txt"]);
}

#[test]
fn javascript() {
    check("typescript", include_str!("fixtures/javascript.txt"), expect_file!["fixtures/javascript.expected.txt"]);
}

/// What the range `<CURSOR>…<CURSOR>` or the place `<CURSOR>` means.
fn check_range(language: &str, fixture: &str, expect: Expect) {
    let language = Language::from_name(language).expect("in the registry");
    let parts: Vec<&str> = fixture.split("<CURSOR>").collect();
    let text = parts.concat();
    let start = parts[0].len();
    let end = if parts.len() == 3 { start + parts[1].len() } else { start };
    let document = Document::new(&text, language, 1);
    let found = explanation(&document, TextRange::new(start, end), DetailLevel::Low);
    let explained = document.text().slice(found.range);
    expect.assert_eq(&format!("{explained}\n----\n{}\n", found.markdown));
}

#[test]
fn what_is_explained() {
    let text = "def f(items):\n    for a in items:\n        pri<CURSOR>nt(a)\n\nx = 1\n";
    check_range(
        "python",
        text,
        expect_test::expect![[r#"
        def f(items):
            for a in items:
                print(a)
        ----
        The function `f` takes `items`. It loops over `items` and prints.
    "#]],
    );
    let text = "def f(items):\n    for a in items:\n        <CURSOR>print(a)<CURSOR>\n\nx = 1\n";
    check_range(
        "python",
        text,
        expect_test::expect![[r#"
        print(a)
        ----
        Prints `a`.
    "#]],
    );
    let text = "x = 1\n<CURSOR>y = 2\nz = 3<CURSOR>\n";
    check_range(
        "python",
        text,
        expect_test::expect![[r#"
        y = 2
        z = 3
        ----
        Sets `y` and `z`.
    "#]],
    );
    check_range(
        "python",
        "<CURSOR>",
        expect_test::expect![[r#"

        ----
        There is no code here.
    "#]],
    );
    let text = "fn f() {}\n\n/// Adds.\nfn g(a: u8) -> u8 {\n    <CURSOR>a + 1\n}\n";
    check_range(
        "rust",
        text,
        expect_test::expect![[r#"
            fn g(a: u8) -> u8 {
                a + 1
            }
            ----
            3 lines of Rust. They define `g`.

            What single statements do is told for Python, JavaScript and TypeScript only, not for Rust.
        "#]],
    );
}
