//! Each step on its own. All of them together: the golden cases and the properties in `inline_completion/tests`.

use analysis::completion_context;
use syntax::{Document, Language};

use super::*;
use crate::inline_completion::site::{IndentStyle, Site, line_end};

fn site_of(language: &str, fixture: &str) -> (Document, usize, Site) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("in the registry"), 1);
    let site = Site::new(&document, &completion_context(&document, offset));
    (document, offset, site)
}

#[test]
fn characters_nobody_types_are_dropped() {
    for (raw, expected) in [
        ("plain", "plain"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u{0}b\u{8}c\u{7f}\td", "abc\td"),
        ("x <fim_middle> y", "x "),
        ("x</s>", "x"),
        ("a\u{202e}b\u{feff}\u{fffd}", "ab"),
        ("x <|fim_pad|> y", "x "),
        ("f <| x |> g", "f <| x |> g"),
        ("a <|> b", "a <|> b"),
        ("a <|unfinished", "a <|unfinished"),
    ] {
        assert_eq!(clean::clean(raw), expected);
    }
}

#[test]
fn a_space_stands_once() {
    for (prefix, raw, expected) in
        [("x = ", " 1", "1"), ("x =", " 1", " 1"), ("    ", " 1", " 1"), ("x = ", "\n 1", "\n 1"), ("", " 1", " 1")]
    {
        let mut text = raw.to_owned();
        clean::drop_doubled_space(&mut text, prefix);
        assert_eq!(text, expected, "{prefix:?}");
    }
}

#[test]
fn a_code_fence_is_taken_off() {
    for (raw, expected) in [
        ("```python\nx = 1\n```", "x = 1\n"),
        ("\n```\nx = 1\n```\nThat is it.", "x = 1\n"),
        ("```js\nx", "x"),
        ("x = 1\n```", "x = 1\n"),
        ("x = `a`", "x = `a`"),
        ("x = ```a```", "x = ```a```"),
    ] {
        let mut text = raw.to_owned();
        clean::unwrap_fence(&mut text);
        assert_eq!(text, expected, "{raw:?}");
    }
}

#[test]
fn the_beginning_of_the_line_stands_once() {
    for (prefix, raw, expected) in [
        ("    return ", "return x", "x"),
        ("    return ", "    return x", "x"),
        ("x = f(", "x = f(1)", "1)"),
        ("max(", "max(1, 2), 3)", "max(1, 2), 3)"),
        ("resul", "result = 1", "t = 1"),
        ("self.valu", "value = 1", "e = 1"),
        ("re", "reduce()", "reduce()"),
        ("foo", "foo", "foo"),
        ("", "x", "x"),
        ("    ", "    x", "    x"),
    ] {
        let mut text = raw.to_owned();
        clean::drop_repeated_prefix(&mut text, prefix);
        assert_eq!(text, expected, "{prefix:?} {raw:?}");
    }
}

#[test]
fn surplus_indentation_goes_from_all_lines_or_from_the_first() {
    for (prefix, raw, surplus, expected) in [
        ("    ", "    a\n    b", 4, "a\n    b"),
        ("    ", "    a\n        b", 4, "a\n    b"),
        ("    ", "    a\n\n        b\n            c", 4, "a\n\n    b\n        c"),
        ("", " a", 1, "a"),
        ("", "    a", 0, "    a"),
    ] {
        let mut text = raw.to_owned();
        clean::drop_indent(&mut text, surplus, prefix);
        assert_eq!(text, expected, "{prefix:?} {raw:?}");
    }
}

#[test]
fn an_answer_is_decided_as_soon_as_it_can_be() {
    let check = |language: &str, fixture: &str, raw: &str, expected: bool| {
        let (document, offset, site) = site_of(language, fixture);
        assert_eq!(is_decided(raw, &document, offset, &site), expected, "{fixture:?} {raw:?}");
    };
    let between = "def f(x):\n    a = 1\n    <CURSOR>\n    return a\n";
    check("python", between, "b = 2", false);
    check("python", between, "b = 2\n    z", true);
    // It may become `catch`.
    check("python", between, "b = 2\n    c", false);
    check("python", between, "if b:\n", false);
    check("python", between, "if b:\n        c()\n    e", false);
    check("python", between, "if b:\n        c()\n    else", false);
    check("python", between, "if b:\n        c()\n    z", true);
    check("python", between, "b = 2<|endoftext|>", true);
    check("python", "def f():\n    <CURSOR>\n", "a = 1\n    a = 1\n", true);
    check("python", "def f():\n    <CURSOR>\n", "a = 1\n    b = 1\n", false);
    check("python", "def f():\n    <CURSOR>\n", "a = 1\nb", true);
    check("python", "x = <CURSOR>", "f(1)\n", true);
    check("python", "x = <CURSOR>", "f(\n", false);
    check("javascript", "f(() => {\n  <CURSOR>\n});\n", "a();\n}", true);
    check("javascriptreact", "x = (\n  <p>\n    <CURSOR>\n  </p>\n);\n", "<b>\n      a\n    <", false);
}

#[test]
fn spaces_of_a_model_become_tabs_by_their_levels() {
    for (prefix, raw, expected) in [
        ("\t\t", "a {\n      b\n    }", "a {\n\t\t\tb\n\t\t}"),
        ("\t", "a {\n        b\n    }", "a {\n\t\tb\n\t}"),
        ("\t", "a {\n                b\n        }", "a {\n\t\tb\n\t}"),
        ("\t", "a {\n\t\tb\n\t}", "a {\n\t\tb\n\t}"),
    ] {
        let mut text = raw.to_owned();
        clean::follow_indent_style(&mut text, IndentStyle::Tabs, prefix);
        assert_eq!(text, expected, "{raw:?}");
    }
}

#[test]
fn indentation_follows_the_file() {
    for (style, raw, expected) in [
        (IndentStyle::Tabs, "\n    a\n        b", "\n\ta\n\t\tb"),
        (IndentStyle::Tabs, "\n  a\n    b\n   c", "\n\ta\n\t\tb\n\t c"),
        (IndentStyle::Tabs, "\n        a", "\n\ta"),
        (IndentStyle::Tabs, "    a", "    a"),
        (IndentStyle::Spaces(4), "\n\ta\n\t\tb", "\n    a\n        b"),
        (IndentStyle::Spaces(2), "\n\ta\tb", "\n  a\tb"),
        (IndentStyle::Spaces(4), "\n  a", "\n  a"),
    ] {
        let mut text = raw.to_owned();
        clean::follow_indent_style(&mut text, style, "");
        assert_eq!(text, expected, "{style:?}");
    }
}

#[test]
fn the_files_indentation_is_what_most_lines_have() {
    for (language, fixture, expected) in [
        ("python", "<CURSOR>", IndentStyle::Spaces(4)),
        ("go", "<CURSOR>", IndentStyle::Tabs),
        ("python", "if a:\n\tb\n<CURSOR>", IndentStyle::Tabs),
        ("javascript", "if (a) {\n   b\n}\n<CURSOR>", IndentStyle::Spaces(3)),
        ("go", "if a {\n    b\n}\n<CURSOR>", IndentStyle::Spaces(4)),
        ("python", "class A:\n        x = 1\n<CURSOR>", IndentStyle::Spaces(4)),
    ] {
        assert_eq!(site_of(language, fixture).2.indent_style, expected, "{language} {fixture:?}");
    }
}

#[test]
fn half_a_line_is_dropped_where_whole_ones_are_left() {
    for (raw, expected) in [("a\nb\nhal", "a\nb"), ("hal", "hal"), ("\n    hal", "\n    hal"), ("a\n", "a")] {
        let mut text = raw.to_owned();
        lines::drop_half_line(&mut text);
        assert_eq!(text, expected);
    }
}

#[test]
fn loops_are_cut() {
    for (raw, expected) in [
        ("a\nb\nc", "a\nb\nc"),
        ("a\na", "a"),
        ("a\n\na\n", "a\n"),
        ("a\nb\na\nb", "a\nb"),
        ("a\nb\na\nc", "a\nb\na\nc"),
        ("  }\n}", "  }\n}"),
        ("x\na\nb\nc\na\nb\nc\nd", "x\na\nb\nc"),
    ] {
        let mut text = raw.to_owned();
        lines::cut_repetition(&mut text, "");
        assert_eq!(text, expected, "{raw:?}");
    }
}

#[test]
fn lines_that_stand_below_are_cut() {
    for (fixture, raw, expected) in [
        ("<CURSOR>\nreturn total\n", "x = 1\nreturn total", "x = 1"),
        ("<CURSOR>\nreturn total\n", "x = 1\nreturn total\nmore = 2", "x = 1"),
        ("<CURSOR>\nreturn total\n", "return total", ""),
        ("<CURSOR>\nx2 = f(2)\n", "x1 = f(1)", "x1 = f(1)"),
        ("    a\n    <CURSOR>\n    b()\n", "c()\n    b()", "c()"),
        ("if a {\n    <CURSOR>\n}\n", "b\n}", "b"),
        ("<CURSOR>\n}\n", "if b {\n}\nelse {\n}", "if b {\n}\nelse {"),
        (
            "<CURSOR>\nlet first_value = compute(1);\nlet second_value = compute(2);\n",
            "start();\nlet first_value = compute(1);\nlet second_valu = compute(2);",
            "start();",
        ),
        ("return total<CURSOR>\nreturn total\n", "\nx", "\nx"),
    ] {
        let (_, _, site) = site_of("plaintext", fixture);
        let mut text = raw.to_owned();
        lines::cut_following_lines(&mut text, &site);
        assert_eq!(text, expected, "{fixture:?} {raw:?}");
    }
}

#[test]
fn the_rest_of_the_line_is_not_repeated() {
    for (suffix, raw, expected) in [
        ("", "a", "a"),
        (")", "a)", "a)"),
        (", b)", "a, b)", "a"),
        (", b)", "a,", "a"),
        (", b)", "a, ", "a"),
        (" + 1", "x + 1", "x "),
        (" + 1", "x +", "x"),
        (", b) {", "a, b) {\n", "a"),
        (", b)", "a,b)", "a"),
        ("value", "self.value", "self."),
        ("value", "revalue", "revalue"),
        ("value()", "a.value", "a."),
        ("x", "y x", "y "),
        ("x", "x y", "x y"),
        ("(b)", "foo(", "foo"),
    ] {
        let mut text = raw.to_owned();
        overlap::cut_overlap(&mut text, suffix);
        assert_eq!(text, expected, "{suffix:?} {raw:?}");
    }
}

#[test]
fn punctuation_at_the_end_is_typed_over() {
    for (text, rest, expected) in
        [("a;", ";", 1), ("a", ";", 0), ("a,", " , b", 2), ("a;", "; // end", 1), ("a", "", 0), ("a:", ",", 0)]
    {
        assert_eq!(overlap::retyped_end(text, rest), expected, "{text:?} {rest:?}");
    }
}

#[test]
fn lines_end_as_the_first_one_does() {
    for (text, expected) in [("", "\n"), ("a", "\n"), ("a\nb\r\n", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb\n", "\r")] {
        assert_eq!(line_end(&syntax::Text::new(text)), expected, "{text:?}");
    }
}

#[test]
fn the_files_step_is_what_a_block_is_deeper_by() {
    for (language, fixture, expected) in [
        ("python", "    if x:\n      return 1\n<CURSOR>", IndentStyle::Spaces(2)),
        ("javascript", "function f() {\n    a();\n}\n<CURSOR>", IndentStyle::Spaces(4)),
        ("javascript", "\tif (a) {<CURSOR>}", IndentStyle::Tabs),
        ("python", "def f(a,\n      b):<CURSOR>", IndentStyle::Spaces(4)),
    ] {
        assert_eq!(site_of(language, fixture).2.indent_style, expected, "{language} {fixture:?}");
    }
}
