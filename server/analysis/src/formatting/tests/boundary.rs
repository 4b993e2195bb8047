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

#[test]
fn what_would_take_a_formatter_minutes_is_refused() {
    // One level is tried in two ways, and those inside of it again for each.
    let level = |inner: &str| format!("create(\"li\", merge({{\n key: 0 }}, rest), [{inner}], 16)");
    let nested = |levels: usize| (0..levels).fold("x".to_owned(), |inner, _| level(&inner)) + ";\n";
    let result = |text: &str| format(&document("javascript", text), None, &FormatOptions::default());
    assert!(result(&nested(5)).is_ok());
    assert!(matches!(result(&nested(20)), Err(FormatError::TooDeep { .. })));
    // Functions in functions are laid out one by one.
    let pyramid = (0..20).fold("x".to_owned(), |inner, _| format!("wait(\"for it\", function () {{ {inner}; }})"));
    assert!(result(&pyramid).is_ok());
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

/// Texts before and after.
type Pairs = &'static [(&'static str, &'static str)];

/// Pairs of texts that say the same, and pairs like them that do not.
const PAIRS: &[(&str, Pairs, Pairs)] = &[
    (
        "javascript",
        &[
            ("x = 'a\\\\\"b'", "x = \"a\\\\\\\"b\""),
            ("x = 0XAB + .5 + 1_0", "x = 0xab + 0.5 + 10"),
            ("for (;;) if (a) b()", "for (;;) {\n  if (a) b();\n}"),
            ("if (a) var x = 1", "if (a) {\n  var x = 1;\n}"),
            ("f((function () {}))", "f(function () {});"),
            ("x = { 'a': 1, b: 2 }", "x = { a: 1, 'b': 2 }"),
            ("f(a => a)", "f((a) => a);"),
            ("x = <p>\n  a\n  {' '}\n  <b/>\n</p>", "x = <p>a{\" \"}<b /></p>;"),
            ("x = <p a={'b'} />", "x = <p a=\"b\" />"),
            ("/**\n   *\n   * a\n     **/\nx", "/**\n * a\n */\nx;"),
            ("'use strict'\na", "\"use strict\";\na;"),
        ],
        &[
            ("x = 'a\\n'", "x = 'an'"),
            ("x = 0xAB", "x = 0xAC"),
            ("if (a) if (b) c(); else d()", "if (a) { if (b) c(); } else d();"),
            ("for (;;) { a(); b() }", "for (;;) a();\nb();"),
            ("{ let x = 1 }", "let x = 1"),
            ("x = { a: 1 }", "x = { 'a ': 1 }"),
            ("x = { [a]: 1 }", "x = { a: 1 }"),
            ("f(a => a)", "f((a, b) => a)"),
            ("x = (a, b)", "x = a, b"),
            ("(a?.b).c", "a?.b.c"),
            ("x = <b> a </b>", "x = <b>a</b>"),
            ("x = <p>a <b/></p>", "x = <p>a<b/></p>"),
            ("x = `a  b`", "x = `a b`"),
            ("/* a */ x", "/** a */ x"),
            ("/* a b */ x", "/* a c */ x"),
            ("('use strict')\na", "'use strict'\na"),
            ("x = /a b/", "x = /ab/"),
        ],
    ),
    (
        "typescript",
        &[
            ("f(x => x)", "f((x) => x);"),
            ("type A = | B | C", "type A = B | C;"),
            ("interface A { a: 1, b: (string) }", "interface A {\n  a: 1;\n  b: string;\n}"),
        ],
        &[
            ("f(x => x)", "f((x: any) => x);"),
            ("type A = B | C", "type A = B & C"),
            ("let a: (() => b)[]", "let a: () => b[]"),
            ("let a = <B>c", "let a = c"),
        ],
    ),
    (
        "css",
        &[
            ("a{b:.5px}", "a {\n  b: 0.5px;\n}"),
            ("a{b:1.50EM}", "a { b: 1.5em }"),
            ("[a=b]{c:d}", "[a=\"b\"] { c: d; }"),
            ("a{b:'c'}", "a{b:\"c\"}"),
        ],
        &[
            ("a{b:.5px}", "a{b:5px}"),
            ("a{b:1px}", "a{b:2px}"),
            ("a{b:1px}", "a{b:1em}"),
            ("[a=b]{c:d}", "[a=B]{c:d}"),
            ("a .b{c:d}", "a.b{c:d}"),
            ("a{b:calc(2 * (var(--x)))}", "a{b:calc(2 * var(--x))}"),
            ("a{b:c}d{e:f}", "a{b:c d{e:f}}"),
        ],
    ),
    (
        "scss",
        &[
            (".a{b:-.50px}", ".a {\n  b: -0.5px;\n}"),
            ("[a=Bc]{d:e}", "[a=\"Bc\"] { d: e; }"),
            ("a .b,c#d{e:f}", "a .b,\nc#d { e: f; }"),
            (":nth-child(1n){a:b}", ":nth-child(n) { a: b; }"),
        ],
        &[
            (".a{b:.05px}", ".a{b:.5px}"),
            ("[a=Bc]{d:e}", "[a=bc]{d:e}"),
            ("a .b{c:d}", "a.b{c:d}"),
            ("a#b{c:d}", "a #b{c:d}"),
            (":nth-child(1n){a:b}", ":nth-child(2n){a:b}"),
        ],
    ),
    (
        "less",
        &[("@a:[b=c];.d{e:0.10}", "@a: [b=\"c\"];\n.d {\n  e: 0.1;\n}")],
        &[("@a: sqrt((1 / 2))", "@a: sqrt(1 / 2)"), (".a .m();", ".a.m();")],
    ),
    ("html", &[("<p style='a:.5'>", "<p style=\"a: 0.5\">")], &[("<p style='a:.5'>", "<p style='a:5'>")]),
    (
        "yaml",
        &[("a:\n  b: 1\n# c\nd: 2\n", "a:\n  b: 1\n  # c\nd: 2\n")],
        &[("a: 1 # b\n", "a: 1 # c\n"), ("a: 1 # b\n", "a: 1\n")],
    ),
    (
        "markdown",
        &[
            ("1.0.0 / 2020\n===\n", "# 1.0.0 / 2020\n"),
            ("* a\n* b\n", "- a\n- b\n"),
            ("1) a\n1) b\n", "1. a\n2. b\n"),
            ("a\n---\n", "## a\n"),
            ("---\na: b\n\n---\nc\n", "---\na: b\n---\n\nc\n"),
            ("```\na\n\nb\n\n```\n", "```\na\n\nb\n```\n"),
            ("````md\n```\na\n```\n````\n", "````md\n\n```\na\n```\n````\n"),
            ("- ```\n  > a\n  ```\n", "-   ```\n    > a\n    ```\n"),
            ("> a\n---\n", "> a\n\n---\n"),
        ],
        &[
            ("1.0.0\n", "1.0.1\n"),
            ("# a\n", "## a\n"),
            ("# a\n", "a\n"),
            ("a\n===\n", "a\n"),
            ("```\na\n\nb\n```\n", "```\na\nb\n```\n"),
            ("```\n> a\n```\n", "```\na\n```\n"),
            ("```js\na\n```\n", "```ts\na\n```\n"),
            ("```\na\n```\nb\n", "```\na\nb\n```\n"),
        ],
    ),
];

#[test]
fn what_says_the_same_is_known_from_what_does_not() {
    for (language, same, other) in PAIRS {
        let outcome = |(before, after): &(&str, &str)| check_formatted(&document(language, before), after, "it");
        for pair in *same {
            assert_eq!(outcome(pair), Ok(()), "{language} {pair:?}");
        }
        for pair in *other {
            assert!(outcome(pair).is_err(), "{language} {pair:?}");
        }
    }
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
