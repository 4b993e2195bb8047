//! Where insertions end, and what they close.

use syntax::{Document, Language, TextEdit, TextRange};

use super::{
    BracketCheck, Within, balance_brackets, fills_hole, opened_block, repeated_indent, truncate_to_hole,
    unbalanced_brackets, whole_statements_end,
};
use crate::{Hole, completion_context};

/// `kept` is what stays of `inserted` in the hole that the cursor stands in.
fn check_truncated(language: &str, fixture: &str, inserted: &str, kept: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1);
    let hole = completion_context(&document, offset).hole;
    let len = truncate_to_hole(&document, offset, inserted, hole);
    assert_eq!(&inserted[..len], kept, "{language}: {fixture} ({hole:?})");
    // What was kept is kept again.
    assert_eq!(truncate_to_hole(&document, offset, kept, hole), kept.len(), "{language}: {fixture} ({hole:?})");
}

#[test]
fn the_rest_of_a_line() {
    check_truncated("python", "x = <CURSOR>", "1\ny = 2\n", "1");
    check_truncated("python", "x = <CURSOR>", "foo(\n    1,\n)\ny = 2\n", "foo(\n    1,\n)");
    check_truncated("python", "x = <CURSOR>", "\"\"\"a\nb\"\"\"\ny = 2", "\"\"\"a\nb\"\"\"");
    check_truncated("python", "if <CURSOR>", "x:\n    y()\n\n    z()\nw()\n", "x:\n    y()\n\n    z()");
    check_truncated("python", "    if <CURSOR>", "x:\n        y()\n    else:\n", "x:\n        y()");
    check_truncated("python", "x = 1<CURSOR>", "\ny = 2", "");
    check_truncated("rust", "let x = <CURSOR>", "match y {\n    1 => 2,\n};\nlet z = 1;", "match y {\n    1 => 2,\n};");
    check_truncated("javascript", "const f = <CURSOR>", "() => {\n  a();\n};\nb();", "() => {\n  a();\n};");
    check_truncated(
        "javascript",
        "if <CURSOR>",
        "(a) {\n  b();\n} else {\n  c();\n}\nd();",
        "(a) {\n  b();\n} else {\n  c();\n}",
    );
    check_truncated("python", "# a <CURSOR>", "comment\nx = 1", "comment");
    check_truncated("c", "x = <CURSOR>", "y; // {\nz", "y; // {");
}

#[test]
fn a_block() {
    check_truncated(
        "python",
        "def f():\n    <CURSOR>",
        "x = 1\n    return x\n\ndef g():\n    pass\n",
        "x = 1\n    return x",
    );
    check_truncated(
        "python",
        "def f():\n    <CURSOR>",
        "if x:\n        y\n    return x\nz",
        "if x:\n        y\n    return x",
    );
    check_truncated("python", "def f():<CURSOR>", "\n    return 1\nx = f()\n", "\n    return 1");
    check_truncated("python", "if x:<CURSOR>", " return 1\nelse:\n", " return 1");
    check_truncated(
        "python",
        "def f():\n    <CURSOR>",
        "x = \"\"\"\na\n\"\"\"\n    return x\ny",
        "x = \"\"\"\na\n\"\"\"\n    return x",
    );
    check_truncated("python", "def f():\n    <CURSOR>", "x = [\n1,\n]\n    return x\ny", "x = [\n1,\n]\n    return x");
    check_truncated("rust", "fn f() {\n    <CURSOR>\n}\n", "let x = 1;\n    x\n}\n\nfn g() {}", "let x = 1;\n    x");
    check_truncated("rust", "fn f() {\n    <CURSOR>", "let x = 1;\n    x\n}\n\nfn g() {}", "let x = 1;\n    x\n}");
    check_truncated("rust", "fn f() {<CURSOR>}", "\n    1\n", "\n    1");
    check_truncated("javascript", "a(function () {\n  <CURSOR>\n});\n", "b();\n});\nc();", "b();");
    check_truncated("javascript", "a(function () {\n  <CURSOR>", "b();\n});\nc();", "b();\n});");
    check_truncated("go", "func f() {\n\t<CURSOR>\n}\n", "if x {\n\t\ty()\n\t}\n}\n", "if x {\n\t\ty()\n\t}");
    check_truncated("c", "void f(void) {\n    <CURSOR>\n}\n", "#if X\nint a;\n#endif\n    g();\n}\n", "#if X");
}

#[test]
fn statements() {
    check_truncated("python", "x = 1\n<CURSOR>", "def f():\n    pass\n\n\ndef g():\n    pass\n", "def f():\n    pass");
    check_truncated("python", "<CURSOR>", "import os\nimport sys\n\nx = 1\n", "import os\nimport sys");
    check_truncated(
        "python",
        "<CURSOR>",
        "# About f.\n\ndef f():\n    a\n\n    b\n\nc",
        "# About f.\n\ndef f():\n    a\n\n    b",
    );
    check_truncated("python", "def f():\n    x = 1\n    <CURSOR>\n", "return x\n\nprint(f())\n", "return x");
    check_truncated("python", "def f():\n    x = 1\n    <CURSOR>\n", "return x\nprint(f())\n", "return x");
    check_truncated("rust", "fn f() {\n    a();\n    <CURSOR>\n}\n", "b();\n}\n\nfn g() {}", "b();");
    check_truncated(
        "javascript",
        "a();\n<CURSOR>",
        "if (x) {\n  b();\n}\nelse {\n  c();\n}\n\nd();",
        "if (x) {\n  b();\n}\nelse {\n  c();\n}",
    );
    check_truncated("python", "<CURSOR>", "\n\nx = 1\n", "\n\nx = 1");
    check_truncated("python", "<CURSOR>", "", "");
}

/// `expected`: what the text becomes, with the balance applied and missing closers in `‹›`.
fn check_balanced(language: &str, fixture: &str, inserted: &str, expected: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1);
    let balance = balance_brackets(&document, offset, inserted);
    let missing = if balance.missing.is_empty() { String::new() } else { format!("‹{}›", balance.missing) };
    let result =
        format!("{}{}{missing}{}", &text[..offset], &inserted[..balance.keep], &text[offset + balance.overtype..]);
    assert_eq!(result, expected, "{language}: {fixture} + {inserted}: {balance:?}");
}

#[test]
fn brackets_stay_balanced() {
    check_balanced("python", "foo(<CURSOR>)", "a, b)", "foo(a, b)");
    check_balanced("python", "foo(<CURSOR>)", "a, b", "foo(a, b)");
    check_balanced("python", "foo(<CURSOR>", "a, b)", "foo(a, b)");
    check_balanced("python", "foo(<CURSOR>", "a, [b", "foo(a, [b‹]›");
    check_balanced("python", "def f(<CURSOR>):", "a, b):", "def f(a, b)::");
    check_balanced("python", "foo(<CURSOR>)", "a)[0]", "foo(a)[0]");
    check_balanced("python", "foo()<CURSOR>", ")", "foo()");
    check_balanced("python", "foo(bar(<CURSOR>))", "1))", "foo(bar(1))");
    check_balanced("python", "foo(bar(<CURSOR>))", "1)", "foo(bar(1))");
    check_balanced("python", "print(\"<CURSOR>\")", "hello\")", "print(\"hello\")");
    check_balanced("python", "print(\"<CURSOR>\")", "hello", "print(\"hello\")");
    check_balanced("python", "print(<CURSOR>)", "\"(\")", "print(\"(\")");
    check_balanced("python", "print(<CURSOR>)", "\"a", "print(\"a‹\"›)");
    check_balanced("python", "x = foo<CURSOR>)", "(a", "x = foo(a)");
    check_balanced("python", "foo(<CURSOR> + 1)", "a)", "foo(a + 1)");
    check_balanced("python", "x = f\"{<CURSOR>}\"", "a}\"", "x = f\"{a}\"");
    check_balanced("rust", "fn f() {\n    <CURSOR>\n}\n", "g();\n}", "fn f() {\n    g();\n}\n");
    check_balanced("rust", "fn f() {\n    <CURSOR>\n", "g();\n}", "fn f() {\n    g();\n}\n");
    check_balanced("rust", "let x = vec![<CURSOR>];", "1, 2];", "let x = vec![1, 2];;");
    check_balanced("javascript", "a(function () {<CURSOR>});", " b(); });", "a(function () { b(); });;");
    check_balanced("javascript", "// (<CURSOR>", ")", "// ()");
    check_balanced("javascript", "const t = `${<CURSOR>}`", "a(b", "const t = `${a(b‹)›}`");
    check_balanced("json", "{\"a\": [<CURSOR>]}", "1]", "{\"a\": [1]}");
}

#[test]
fn one_statement() {
    let between = "def f(x):\n    a = 1\n    <CURSOR>\n    return a\n";
    check_truncated("python", between, "b = 2\n    c = 3", "b = 2");
    check_truncated("python", between, "# Why.\n    b = 2\n    c = 3", "# Why.\n    b = 2");
    check_truncated(
        "python",
        between,
        "if b:\n        c()\n    else:\n        d()\n    e()",
        "if b:\n        c()\n    else:\n        d()",
    );
    check_truncated("python", between, "b = [\n        1,\n    ]\n    c", "b = [\n        1,\n    ]");
    check_truncated("python", between, "b = 2\nc = 3", "b = 2");
    check_truncated("python", "x = [\n    1,\n    <CURSOR>\n]\n", "2,\n    3,\n]", "2,");
    let between = "fn f() {\n    a();\n    <CURSOR>\n    z();\n}\n";
    check_truncated("rust", between, "let b = c\n        .d();\n    e();", "let b = c\n        .d();");
    check_truncated("rust", between, "if b {\n        c();\n    }\n    e();", "if b {\n        c();\n    }");
    check_truncated("rust", "fn a() {}\n\n<CURSOR>\n\nfn z() {}\n", "#[b]\nfn c() {}\n\nfn d() {}", "#[b]\nfn c() {}");
    check_truncated(
        "c",
        "int a;\n\n<CURSOR>\n\nint z;\n",
        "int f(void)\n{\n    b();\n}\n\nint g;",
        "int f(void)\n{\n    b();\n}",
    );
    check_truncated("c", "int f(void)\n{\n<CURSOR>\n    return 0;\n}\n", "    a();\n    b();", "    a();");
}

fn document_of(language: &str, fixture: &str) -> (Document, usize) {
    let (text, offset) = testkit::cursor(fixture);
    (Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1), offset)
}

#[test]
fn a_full_hole_stays_full() {
    let (document, offset) = document_of("python", "a = 1\n<CURSOR>\nb = 2\n");
    for (inserted, expected) in [
        ("x = 1", false),
        ("x = 1\n", false),
        ("x = 1\ny", true),
        ("if x:\n    y\nel", false),
        ("if x:\n    y\nz", true),
    ] {
        assert_eq!(fills_hole(&document, offset, inserted, Hole::Statement), expected, "{inserted:?}");
    }
}

#[test]
fn indentation_that_stands_there_already() {
    for (language, fixture, inserted, expected) in [
        ("python", "def f():\n    <CURSOR>", "    return 1", 4),
        ("python", "def f():\n    <CURSOR>", " return 1", 1),
        ("python", "def f():\n<CURSOR>", "    return 1", 0),
        ("python", "def f():\n    x = 1\n<CURSOR>", "    return x", 0),
        ("python", "def f():\n    x = 1\n<CURSOR>", "      return x", 2),
        ("python", "x = 1\n<CURSOR>", " y = 2", 1),
        ("python", "x = 1 <CURSOR>", "  + 2", 0),
        ("python", "\"\"\"\n    <CURSOR>", "    text", 0),
        ("rust", "fn f() {\n    <CURSOR>\n}", "    a();", 4),
        ("go", "func f() {\n\t<CURSOR>\n}", "\ta()", 1),
        ("yaml", "a:\n  b: 1\n<CURSOR>", "  c: 2", 0),
        ("yaml", "a:\n  b: 1\n  <CURSOR>", "  c: 2", 2),
    ] {
        let (document, offset) = document_of(language, fixture);
        assert_eq!(repeated_indent(&document, offset, inserted), expected, "{language}: {fixture:?} {inserted:?}");
    }
}

#[test]
fn statements_are_cut_between() {
    for (language, fixture, inserted, kept) in [
        ("python", "def f():\n    <CURSOR>", "a = 1\n    b = 2\n    c", "a = 1\n    b = 2"),
        ("python", "def f():\n    <CURSOR>", "a = 1\n    if b:\n        c", "a = 1"),
        ("python", "def f():\n    <CURSOR>", "a = 1\n    b = (c +\n        d", "a = 1"),
        ("python", "x = <CURSOR>", "[\n    1,\n    2", "[\n    1,"),
        ("python", "x = <CURSOR>", "f(a", ""),
        ("rust", "fn f() {\n    <CURSOR>\n}", "if a {\n        b();\n        c(", "if a {\n        b();"),
        ("rust", "fn f() {\n    <CURSOR>\n}", "a();\n    if b {\n        c(", "a();"),
        ("javascript", "<CURSOR>", "a = `\n${b}\n", ""),
    ] {
        let (document, offset) = document_of(language, fixture);
        let end = whole_statements_end(&document, offset, inserted);
        assert_eq!(&inserted[..end], kept, "{language}: {fixture:?} {inserted:?}");
    }
}

#[test]
fn what_was_balanced_stays_balanced() {
    for (language, fixture, over, inserted, expected) in [
        ("python", "f(<CURSOR>)", 1, "a)", true),
        ("python", "f(<CURSOR>)", 0, "a)", false),
        ("python", "f(<CURSOR>)", 0, "a", true),
        ("python", "f(<CURSOR>)", 0, "\"a", false),
        ("python", "f(<CURSOR>)", 0, "a # b", false),
        ("python", "f()<CURSOR>\n", 0, " # b (", true),
        ("python", "f(<CURSOR>\n", 0, "a)", true),
        ("python", "f(<CURSOR>\n", 0, "(", false),
        ("rust", "fn f() {\n    <CURSOR>\n}\n", 0, "if a {", false),
        ("rust", "fn f() {\n    <CURSOR>\n    }\n}\n", 0, "if a {", true),
        ("javascript", "a <CURSOR> / b / (c)\n", 0, "=", true),
        ("shellscript", "cat <CURSOR>\n'\n", 0, "<<A", true),
        ("shellscript", "cat <<A<CURSOR>\nx\nA\n", 0, "\"\"", false),
        ("python", "f(\"<CURSOR>\")\n", 0, "a\\", false),
        ("javascript", "a(<CURSOR>\n\"(\")\n", 0, "c", false),
    ] {
        let (document, offset) = document_of(language, fixture);
        let range = TextRange::new(offset, offset + over);
        let edited = document.edit(&[TextEdit { range, new_text: inserted.to_owned() }], 2);
        let before = document.text().slice(TextRange::new(0, offset));
        let is_kept = BracketCheck::new(&document, &before).keeps_balance(over, inserted);
        assert_eq!(is_kept, expected, "{language}: {fixture:?} {inserted:?}");
        let (before, after) = (unbalanced_brackets(&document), unbalanced_brackets(&edited));
        assert_eq!(is_kept, after <= before, "as the whole text says: {fixture:?} {inserted:?}");
    }
}

/// The opener's indentation, whether it is a bracket, and of each line: `s`tring, `c`omment or the code's `.`, then `o`
/// where it opens a block and `<` with its opener's indentation where it closes what was open before.
fn check_opened(language: &str, fixture: &str, inserted: &str, expected: Option<(&str, bool, &[&str])>) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1);
    let block = opened_block(&document, offset, inserted);
    let lines = block.iter().flat_map(|block| &block.lines).map(|line| {
        let within = match line.within {
            Within::Code => '.',
            Within::String => 's',
            Within::Comment => 'c',
        };
        let opens = if line.opens { "o" } else { "" };
        let closes = line.closes.as_ref().map_or(String::new(), |indent| format!("<{indent}"));
        format!("{within}{opens}{closes}")
    });
    let lines: Vec<String> = lines.collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = block.as_ref().map(|block| (block.indent.as_str(), block.in_bracket, lines.as_slice()));
    assert_eq!(found, expected, "{language}: {fixture} {inserted:?}");
}

#[test]
fn blocks_that_an_insertion_opens() {
    check_opened("javascript", "  if (a) {<CURSOR>}", "\nb();\n}", Some(("  ", true, &[".", ".<  "])));
    check_opened(
        "javascript",
        "  f(\n    () => {<CURSOR>})",
        "\na\n}\n)",
        Some(("    ", true, &[".", ".<    ", ".<  "])),
    );
    check_opened("javascript", "if (a)<CURSOR>", " {\nb();\n} else {\n}", Some(("", true, &[".", ".o<", "."])));
    check_opened("javascript", "f(<CURSOR>)", "\n`a\nb`,\n/*\n*/ {", Some(("", true, &[".", "s", ".", "co"])));
    check_opened("python", "  def f(a,\n        b):<CURSOR>", "\nif a:\nb", Some(("  ", false, &[".o", "."])));
    check_opened("python", "if a:<CURSOR>", " b()", None);
    check_opened("python", "x = 1<CURSOR>", "\ny = 2", None);
    check_opened("python", "x: <CURSOR>", "\ny = 2", None);
    check_opened("python", "x = '''a:<CURSOR>", "\ny", None);
    check_opened("python", "a[b:<CURSOR>", "\nc]", None);
    check_opened("css", "a {<CURSOR>", "\ncolor: red;", Some(("", true, &["."])));
}
