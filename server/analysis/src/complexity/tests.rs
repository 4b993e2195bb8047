//! Published values, and a case for each grammar.
//!
//! The fixtures hold functions of our own; the comment above a function says its cyclomatic and cognitive complexity, as
//! the tools measured them that the fixture's first line names (radon 6, cognitive_complexity 1.3, complexipy,
//! eslint 9 with eslint-plugin-sonarjs, lizard, clang-tidy's `readability-function-cognitive-complexity`), with the
//! reason where a tool and the definition differ.

use syntax::{Document, Language, TextRange};

use super::{ComplexityReport, complexity};

fn report(language: &str, text: &str) -> ComplexityReport {
    let language = Language::from_name(language).expect("in the registry");
    let document = Document::new(text, language, 1);
    complexity(&document, TextRange::new(0, text.len())).expect("has a table")
}

/// Every function below a comment with values has them; gives how many there were.
fn check_published(language: &str, text: &str) -> usize {
    let report = report(language, text);
    let mut checked = 0;
    for (number, line) in text.lines().enumerate() {
        let Some((_, values)) = line.split_once("cyclomatic ") else { continue };
        let Some((cyclomatic, rest)) = values.split_once(", cognitive ") else { continue };
        let cognitive = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let expected: (u32, u32) = (cyclomatic.parse().expect("a number"), cognitive.parse().expect("a number"));
        let start: usize = text.lines().take(number + 1).map(|line| line.len() + 1).sum();
        let own = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let function = report
            .functions
            .iter()
            .find(|it| (start..own).contains(&it.range.start))
            .unwrap_or_else(|| panic!("{language}: no function in line {}", number + 2));
        let found = (function.complexity.cyclomatic, function.complexity.cognitive);
        assert_eq!(found, expected, "{language}: {}", &text[start..own]);
        checked += 1;
    }
    checked
}

#[test]
fn published_values() {
    let checked = [
        check_published("python", include_str!("fixtures/python.py")),
        check_published("javascript", include_str!("fixtures/javascript.js")),
        check_published("typescript", include_str!("fixtures/javascript.js")),
        check_published("java", include_str!("fixtures/java.java")),
        check_published("c", include_str!("fixtures/c.c")),
        check_published("cpp", include_str!("fixtures/c.c")),
        check_published("go", include_str!("fixtures/go.go")),
        check_published("rust", include_str!("fixtures/rust.txt")),
    ];
    assert_eq!(checked, [20, 14, 14, 6, 6, 6, 4, 6]);
}

/// Language, text, and the cyclomatic and cognitive complexity, nesting and functions' names of all of it.
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (language, text, expected) in cases {
        // Most builds carry the usual grammars only.
        if Language::from_name(language).is_none_or(|it| it.grammar().is_none()) {
            continue;
        }
        let report = report(language, text);
        let names: Vec<_> = report.functions.iter().map(|it| it.name.as_deref().unwrap_or("-")).collect();
        let whole = report.whole;
        let found = format!("{} {} {} {}", whole.cyclomatic, whole.cognitive, whole.max_nesting, names.join(","));
        if found != *expected {
            wrong.push(format!("{language}: {text}\n  found {found}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_grammar_has_branches_loops_and_cases() {
    check(&[
        ("bash", "f() {\n  if a && b; then\n    c\n  elif d; then\n    e\n  else\n    g\n  fi\n}\n", "4 4 1 f"),
        ("bash", "for x in 1 2; do case $x in 1) a ;; *) b ;; esac; done\n", "3 3 2 "),
        (
            "csharp",
            "class A { int F(int a) { if (a > 1 && a < 3) { return 1; } else if (a > 2) { return 2; } foreach (var b in c) { a ??= b; } return a; } }",
            "5 4 1 F",
        ),
        ("dart", "int f(int a) { if (a > 1 && a < 3) { return 1; } else { while (true) { a++; } } }", "4 5 2 f"),
        (
            "elixir",
            "defmodule A do\n  def f(a) do\n    if a && b do\n      1\n    else\n      2\n    end\n  end\nend\n",
            "3 3 1 f",
        ),
        (
            "go",
            "package a\nfunc f(a int) int {\n\tswitch a {\n\tcase 1: return 1\n\tdefault: return 2\n\t}\n}\n",
            "2 1 1 f",
        ),
        ("haskell", "f x = if x > 1 && x < 3 then 1 else 2\n", "3 3 1 f"),
        (
            "julia",
            "function f(a)\n  if a > 1 && a < 3\n    1\n  elseif a == 4\n    2\n  else\n    3\n  end\nend\n",
            "4 4 1 f",
        ),
        (
            "kotlin",
            "fun f(a: Int): Int { if (a > 1 && a < 3) { return 1 } else if (a > 4) { return 2 }\n when (a) { 1 -> g()\n else -> h() }\n return 3 }",
            "5 4 1 f",
        ),
        (
            "lua",
            "function f(a)\n  if a and b then\n    return 1\n  elseif c then\n    return 2\n  else\n    return 3\n  end\nend\n",
            "4 4 1 f",
        ),
        ("ocaml", "let f x = if x > 1 && x < 3 then 1 else 2\nlet y = 3\n", "3 3 1 f"),
        (
            "php",
            "<?php function f($a) { if ($a && $b) { return 1; } elseif ($c) { return 2; } else { return 3; } }",
            "4 4 1 f",
        ),
        ("r", "f <- function(a) { if (a > 1 && a < 3) { 1 } else { for (b in a) print(b) } }\n", "4 5 2 f"),
        ("ruby", "def f(a)\n  if a && b\n    1\n  elsif c\n    2\n  else\n    3\n  end\n  d if e\nend\n", "5 5 1 f"),
        ("scala", "def f(a: Int): Int = if (a > 1 && a < 3) 1 else a match { case 1 => 2; case _ => 3 }\n", "4 5 2 f"),
        ("sql", "SELECT CASE WHEN a > 1 AND a < 3 THEN 1 ELSE 2 END FROM t;\n", "3 2 1 "),
        (
            "swift",
            "func f(a: Int) -> Int { guard a > 1 else { return 0 }\n if a > 2 && a < 5 { return 1 } else { return 2 } }",
            "4 4 1 f",
        ),
        ("zig", "fn f(a: u32) u32 { if (a > 1 and a < 3) { return 1; } else { while (true) {} } }", "4 5 2 f"),
    ]);
}

#[test]
fn recursion_costs_one_for_each_function_in_the_cycle() {
    check(&[
        (
            "python",
            "def even(n):\n    return odd(n - 1)\ndef odd(n):\n    return even(n - 1)\ndef other(n):\n    return even(n)\n",
            "3 2 0 even,odd,other",
        ),
        (
            "python",
            "class A:\n    def f(self):\n        return self.f()\n    def g(self):\n        return f()\n",
            "2 1 0 f,g",
        ),
        ("java", "class A { int f(int n) { return f(n - 1); } }", "1 1 0 f"),
        ("javascript", "class A { f() { return this.f(); } g() { return other.g(); } }", "2 1 0 f,g"),
    ]);
}

#[test]
fn nesting_is_of_control_structures() {
    check(&[
        ("python", "for a in b:\n    try:\n        if c:\n            pass\n    except E:\n        pass\n", "4 5 3 "),
        ("javascript", "if (a) {} else if (b) {} else if (c) { for (;;) {} }", "5 5 2 "),
        // What only holds other functions does not nest them.
        ("javascript", "(function () { function f(a) { if (a) { g(); } } })();", "3 1 1 -,f"),
        ("python", "class A:\n    def f(self):\n        if self:\n            pass\n", "2 1 1 f"),
    ]);
}

#[test]
fn a_part_is_measured_as_if_it_stood_alone() {
    let text = "def f(a):\n    for b in a:\n        if b:\n            c()\n";
    let document = Document::new(text, Language::from_name("python").expect("in the registry"), 1);
    let start = text.find("if b").expect("is there");
    let report = complexity(&document, TextRange::new(start, text.len())).expect("has a table");
    assert_eq!((report.whole.cyclomatic, report.whole.cognitive, report.whole.lines.total), (2, 1, 2));
    assert_eq!(report.functions, []);
}

#[test]
fn halstead_counts_tokens() {
    let halstead = report("python", "total = total + width * 2\n").whole.halstead;
    let counts = (halstead.distinct_operators, halstead.distinct_operands, halstead.operators, halstead.operands);
    // `=`, `+`, `*`; total (twice), width, 2.
    assert_eq!(counts, (3, 3, 3, 4));
    assert!((halstead.volume() - 7.0 * 6f64.log2()).abs() < 1e-9);
    assert!((halstead.difficulty() - 1.5 * 4.0 / 3.0).abs() < 1e-9);
    assert!((halstead.effort() - halstead.volume() * 2.0).abs() < 1e-9);
    assert_eq!(report("python", "").whole.halstead.volume(), 0.0);
    // Brackets are a pair, a string one operand.
    let halstead = report("javascript", "f('a b', [1]);").whole.halstead;
    assert_eq!((halstead.operators, halstead.operands), (4, 3));
}

#[test]
fn lines_are_told_apart() {
    let text = "# a comment\n\ndef f():\n    \"\"\"Doc\n\n    string.\"\"\"\n    return 1  # one\n";
    let lines = report("python", text).whole.lines;
    assert_eq!((lines.total, lines.code, lines.comment, lines.blank), (7, 4, 1, 2));
    let lines = report("c", "/* a\n b */\nint a; /* c\n d */\n").whole.lines;
    assert_eq!((lines.total, lines.code, lines.comment, lines.blank), (4, 1, 3, 0));
}

#[test]
fn markup_has_no_flow() {
    for name in ["json", "html", "css", "markdown", "yaml", "toml", "plaintext"] {
        let document = Document::new("a", Language::from_name(name).expect("in the registry"), 1);
        assert!(complexity(&document, TextRange::new(0, 1)).is_none(), "{name}");
    }
}
