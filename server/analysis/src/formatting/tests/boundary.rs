//! What holds for every formatter: broken code is left alone, line ends and marks stay, damage is noticed.

use expect_test::{Expect, expect};

use super::super::check::Check;
use super::super::{EndOfLine, FormatDefect, FormatError, FormatOptions, check_formatted, format};
use super::{document, formatted};

/// Code, and the same code with a mistake in it.
const BROKEN: &[(&str, &str)] = &[
    ("python", "def f(:\n    pass\n"),
    ("python", "x = 1\n  y = 2\n"),
    ("javascript", "let x = (1\n"),
    ("typescript", "interface {\n"),
    ("typescriptreact", "const a = <div>\n"),
    ("json", "{\"a\": 1,}\n"),
    ("json", "{'a': 1}\n"),
    ("jsonc", "{\"a\" 1}\n"),
    ("toml", "a = \n"),
    ("yaml", "a: [1\n"),
    ("css", "a { b: c\n"),
    ("html", "<p><b>x</p>\n"),
];

#[test]
fn broken_code_is_left_alone_and_its_place_is_told() {
    for (language, text) in BROKEN {
        match format(&document(language, text), None, &FormatOptions::default()) {
            Err(FormatError::Syntax(problems)) => {
                assert!(!problems.is_empty(), "{language} {text:?}");
                assert!(problems.iter().all(|it| it.range.end <= text.len()), "{language} {text:?}: {problems:?}");
            }
            other => panic!("{language} {text:?}: {other:?}"),
        }
    }
}

/// Sound code of every language that has a formatter.
const SOUND: &[(&str, &str)] = &[
    ("python", "x=1\nif x:\n  y = '''a\nb'''\n"),
    ("javascript", "let x=1\nif(x){y=`a\nb`}\n"),
    ("typescript", "let x:number=1\n\n\n\nlet y=2\n"),
    ("json", "{\"a\":1,\n\"b\":[2,3]}\n"),
    ("toml", "a=1\n[b]\nc=2\n"),
    ("yaml", "a:   1\nb:\n- c\n"),
    ("css", "a{b:c}\nd{e:f}\n"),
    ("html", "<p  class=a>a</p>\n<div><p>b</p></div>\n"),
    ("markdown", "* a\n* b\n\ntext\n"),
    ("sql", "select a\nfrom b;\n"),
];

#[test]
fn line_ends_and_marks_stay() {
    for (language, text) in SOUND {
        let plain = formatted(language, text, &FormatOptions::default()).expect(language);
        assert!(plain.changed && plain.text.ends_with('\n'), "{language}: {plain:?}");
        let crlf = formatted(language, &text.replace('\n', "\r\n"), &FormatOptions::default()).expect(language);
        assert_eq!(crlf.text, plain.text.replace('\n', "\r\n"), "{language}");
        let marked = formatted(language, &format!("\u{feff}{text}"), &FormatOptions::default()).expect(language);
        assert_eq!(marked.text, format!("\u{feff}{}", plain.text), "{language}");
        let wanted = FormatOptions { end_of_line: Some(EndOfLine::CrLf), ..FormatOptions::default() };
        assert_eq!(formatted(language, text, &wanted).expect(language).text, crlf.text, "{language}");
    }
}

#[test]
fn an_open_end_stays_where_it_is_wished() {
    let options = FormatOptions { insert_final_newline: Some(false), ..FormatOptions::default() };
    assert_eq!(formatted("python", "x=1", &options).expect("it parses").text, "x = 1");
    assert_eq!(formatted("python", "x=1\n", &options).expect("it parses").text, "x = 1\n");
}

#[test]
fn nothing_becomes_nothing() {
    for (language, _) in SOUND {
        let formatted = formatted(language, "", &FormatOptions::default()).expect(language);
        assert_eq!(formatted.text.trim(), "", "{language}");
    }
}

#[test]
fn the_place_of_a_problem_is_one_of_the_document() {
    let text = "\u{feff}x = 1\r\ny = (\r\n";
    let Err(FormatError::Syntax(problems)) = format(&document("python", text), None, &FormatOptions::default()) else {
        panic!("it is broken");
    };
    assert_eq!(&text[problems[0].range.start..problems[0].range.end], "(");
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let deep = |open: &str, close: &str, count: usize| format!("{}1{}\n", open.repeat(count), close.repeat(count));
    for count in [20, 99, 20_000] {
        for (language, text) in [
            ("python", format!("x = {}", deep("(", ")", count))),
            ("python", format!("x = {}", deep("[", "]", count))),
            ("python", format!("x = {}1\n", "1 + ".repeat(count))),
            ("python", format!("x = {}1\n", "not ".repeat(count))),
            ("javascript", format!("x = {}", deep("(", ")", count))),
            ("javascript", format!("x = {}1\n", "1 + ".repeat(count))),
            ("javascript", deep("{", "}", count)),
            ("typescript", format!("let x = {}", deep("[", "]", count))),
            ("json", deep("[", "]", count)),
            ("toml", format!("a = {}", deep("[", "]", count))),
            ("yaml", format!("a: {}", deep("[", "]", count))),
            ("css", deep("a{", "}", count)),
            ("html", deep("<div>", "</div>", count)),
            ("markdown", format!("{}a\n", "> ".repeat(count))),
            ("sql", format!("select {}", deep("(", ")", count))),
        ] {
            let result = format(&document(language, &text), None, &FormatOptions::default());
            assert!(count <= 99 || matches!(result, Err(FormatError::TooDeep { .. })), "{language} {count} {result:?}");
        }
    }
}

fn check_damage(language: &str, before: &str, after: &str, expected: Expect) {
    let outcome = check_formatted(&document(language, before), after, "it");
    expected.assert_eq(&outcome.map_or_else(|error| error.to_string(), |()| "the same".to_owned()));
}

#[test]
fn damage_is_noticed() {
    check_damage(
        "python",
        "x = 1\n",
        "x = 2\n",
        expect!["not formatted: it would have changed what it says: its statements would not be the same"],
    );
    check_damage(
        "python",
        "x = (a + b) * c\n",
        "x = a + b * c\n",
        expect!["not formatted: it would have changed what it says: its statements would not be the same"],
    );
    check_damage(
        "python",
        "x = 1  # why\n",
        "x = 1\n",
        expect!["not formatted: it would have changed what it says: comments would be lost or made up"],
    );
    check_damage(
        "python",
        "if a:\n    b\n    c\n",
        "if a:\n    b\nc\n",
        expect!["not formatted: it would have changed what it says: its statements would not be the same"],
    );
    check_damage("python", "x = 'a\\'b'\n", "x = \"a'b\"\n", expect!["the same"]);
    check_damage(
        "javascript",
        "x = (a + b) * c\n",
        "x = a + b * c\n",
        expect!["not formatted: it would have changed what it says: `binary_expression` would become `a`"],
    );
    check_damage(
        "javascript",
        "x = 'a  b'\n",
        "x = \"a b\"\n",
        expect!["not formatted: it would have changed what it says: `a  b` would become `a b`"],
    );
    check_damage(
        "javascript",
        "x = a | b\n",
        "x = a & b\n",
        expect!["not formatted: it would have changed what it says: `|` would become `&`"],
    );
    check_damage("typescript", "type A = | B | C\n", "type A = B | C\n", expect!["the same"]);
    check_damage("javascript", "return_(1)\n", "return_(1);;\n", expect!["the same"]);
    check_damage(
        "json",
        "[1, 2]\n",
        "[1, 2, 3]\n",
        expect!["not formatted: it would have changed what it says: `]` would become `,`"],
    );
    check_damage(
        "toml",
        "a = 'x  y'\n",
        "a = 'x y'\n",
        expect![[r#"not formatted: it would have changed what it says: `"x  y` would become `"x y`"#]],
    );
    check_damage(
        "yaml",
        "a:\n  b: 1\n  c: 2\n",
        "a:\n  b: 1\nc: 2\n",
        expect!["not formatted: it would have changed what it says: `BLOCK_MAP_ENTRY` would become `BLOCK_MAP_ENTRY`"],
    );
    check_damage(
        "css",
        "a { b: c }\n",
        "a { b: d }\n",
        expect!["not formatted: it would have changed what it says: `c` would become `d`"],
    );
    check_damage("rust", "fn f() { a(b, c) }\n", "fn f() {\n    a(b, c)\n}\n", expect!["the same"]);
    check_damage(
        "rust",
        "fn f() { a(b, c) }\n",
        "fn f() { a(c, b) }\n",
        expect!["not formatted: it would have changed what it says: `b` would become `c`"],
    );
    check_damage(
        "rust",
        "fn f() {}\n",
        "fn f() {\n",
        expect!["not formatted: it would have changed what it says: it would not parse any more"],
    );
    check_damage(
        "cobol",
        "a b\n",
        "ab\n",
        expect!["not formatted: it would have changed what it says: `a` would become `ab`"],
    );
}

#[test]
fn a_formatter_that_panics_is_an_error() {
    use super::super::nesting::Depth;
    use super::super::{Formatter, Request};
    use syntax::Language;

    let formatter = |run| Formatter { name: "it", languages: &[], run, check: Check::ANY, depth: Depth::USUAL };
    let options = FormatOptions::default();
    let language = Language::from_name("python").expect("in the registry");
    let request = Request::new("x", language, None, &options);
    let defect = |formatter: Formatter| match formatter.format(&request) {
        Err(super::super::Failure::Defect(defect)) => defect,
        _ => panic!("it cannot be used"),
    };
    assert_eq!(defect(formatter(|_| panic!("provoked"))), FormatDefect::Panicked);
    assert_eq!(defect(formatter(|it| Ok(format!("{}\n", it.text)))), FormatDefect::Unstable);
    assert_eq!(
        defect(formatter(|_| Ok("y".to_owned()))),
        FormatDefect::ChangedMeaning("`x` would become `y`".to_owned())
    );
}
