//! Each step on its own, and all of them together on random documents.

use analysis::completion_context;
use proptest::prelude::*;
use proptest::sample::select;
use syntax::{Document, Language};

use super::*;
use crate::inline_completion::site::{IndentStyle, Site, line_end};
use crate::inline_completion::syntax_check::{accepted, sound_variant};

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
fn indentation_follows_the_file() {
    for (style, raw, expected) in [
        (IndentStyle::Tabs, "\n    a\n        b", "\n\ta\n\t\tb"),
        (IndentStyle::Tabs, "\n  a\n    b\n   c", "\n\ta\n\t\tb\n\t c"),
        (IndentStyle::Tabs, "\n        a", "\n\t\ta"),
        (IndentStyle::Tabs, "    a", "    a"),
        (IndentStyle::Spaces(4), "\n\ta\n\t\tb", "\n    a\n        b"),
        (IndentStyle::Spaces(2), "\n\ta\tb", "\n  a\tb"),
        (IndentStyle::Spaces(4), "\n  a", "\n  a"),
    ] {
        let mut text = raw.to_owned();
        clean::follow_indent_style(&mut text, style);
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
        lines::cut_repetition(&mut text);
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

/// Lines and fragments that random documents and completions are made of.
const FRAGMENTS: [&str; 29] = [
    "x = 1",
    "y = f(x)",
    "f(",
    ")",
    "]",
    "}",
    "{",
    "    ",
    "\t",
    "\n",
    "\n",
    "\n    ",
    "\n\n",
    "\"",
    "'",
    ";",
    ",",
    ":",
    " ",
    "return x",
    "def g(a):",
    "if (a) {",
    "});",
    "# no",
    "é😀",
    "\r",
    "\r\n",
    "<|end|>",
    "\u{7}",
];

fn text_of(fragments: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(select(&FRAGMENTS[..]), fragments).prop_map(|parts| parts.concat())
}

/// The line that holds `offset`, and the non-blank ones before and after it, without white space at their ends.
fn neighbours(text: &str, offset: usize) -> (Option<String>, String, Option<String>) {
    let start = text[..offset].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let end = text[offset..].find(['\n', '\r']).map_or(text.len(), |at| offset + at);
    let full = |line: &&str| !line.trim().is_empty();
    let lines = |part: &str| part.split(['\n', '\r']).map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    let above = lines(&text[..start]).iter().map(String::as_str).rev().find(full).map(str::to_owned);
    let below = lines(&text[end..]).iter().map(String::as_str).find(full).map(str::to_owned);
    (above, text[start..end].trim_end().to_owned(), below)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(3000), ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_repeats_nothing(
        language in select(&["python", "javascript", "rust", "json", "plaintext"][..]),
        before in text_of(0..8), after in text_of(0..8), raw in text_of(1..8),
        echo in any::<bool>(), cut_short in any::<bool>(),
    ) {
        prop_assume!(!(before.ends_with('\r') && after.starts_with('\n')), "no cursor stands within a line end");
        // Half of the models say what stands below.
        let raw = if echo { format!("{raw}{}", after.chars().take(12).collect::<String>()) } else { raw };
        let (document, offset, site) = site_of(language, &format!("{before}<CURSOR>{after}"));
        let Ok(fitted) = fit(&raw, cut_short, &document, offset, &site) else { return Ok(()) };
        let Some(fitted) = sound_variant(&document, offset, &site, fitted) else { return Ok(()) };
        let typed_over = &site.line_suffix[..fitted.overtyped];
        let text = &fitted.text;

        // Only closers are typed over, and each of them is typed.
        let mut typed = text.chars();
        for c in typed_over.chars().filter(|c| !c.is_whitespace()) {
            prop_assert!(")]}>\"'`;,:".contains(c), "{c:?} in {typed_over:?}");
            prop_assert!(typed.any(|typed| typed == c), "{c:?} is lost");
        }
        // Nothing a person would not type, no white space at the end.
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
        prop_assert!(!text.contains("<|end|>"));
        prop_assert_eq!(text.trim_end(), text.as_str());
        prop_assert!(!text.is_empty());
        // What parsed still parses.
        let edited = accepted(&document, offset, &fitted);
        prop_assert!(analysis::syntax_error_count(&edited) <= analysis::syntax_error_count(&document));
        // The last line stands once.
        let whole = format!("{before}{text}{}", &after[fitted.overtyped..]);
        prop_assert_eq!(edited.text().to_string(), whole.as_str());
        let (above, line, below) = neighbours(&whole, before.len() + text.len());
        prop_assert_ne!(above.as_deref(), Some(line.as_str()), "twice in {:?}", whole);
        prop_assert_ne!(below.as_deref(), Some(line.as_str()), "twice in {:?}", whole);
    }
}

#[test]
fn lines_end_as_the_first_one_does() {
    for (text, expected) in [("", "\n"), ("a", "\n"), ("a\nb\r\n", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb\n", "\r")] {
        assert_eq!(line_end(&syntax::Text::new(text)), expected, "{text:?}");
    }
}
