//! Rules run on their own samples, comments that switch them, what only oxc sees, and text that is not JavaScript.

use std::path::Path;

use syntax::{Document, Language, apply_edits};

use super::{check, rules::ALL};
use crate::diagnostics::{Diagnostic, diagnostics, syntax_diagnostics};
use crate::lint_settings::{JavaScriptSettings, LintSettings};

fn document(name: &str, text: &str) -> Document {
    Document::new(text, Language::from_path(Path::new(name)).expect("a known ending"), 1)
}

/// What one rule finds.
fn found_by(rule: &str, name: &str, text: &str) -> Vec<Diagnostic> {
    let settings = JavaScriptSettings::new(Some(vec![rule.to_owned()]), Vec::new(), Vec::new(), Vec::new());
    let checked = check(&document(name, text), Some(Path::new(name)), &settings).expect("not nested deeply");
    assert!(checked.parses, "{rule}: {text}: {:?}", checked.diagnostics);
    checked.diagnostics
}

/// Everything that a user sees, one line a finding.
fn found(name: &str, text: &str) -> Vec<String> {
    diagnostics(&document(name, text), Some(Path::new(name)), &LintSettings::default())
        .into_iter()
        .map(|it| format!("{}..{} {}", it.range.start, it.range.end, it.code))
        .collect()
}

#[test]
fn rules_find_what_their_samples_say() {
    for rule in ALL {
        for valid in rule.valid {
            let found = found_by(rule.code, "a.js", valid);
            assert!(found.is_empty(), "{}: {valid}: {found:?}", rule.code);
        }
        for invalid in rule.invalid {
            let found = found_by(rule.code, "a.js", invalid);
            assert_eq!(found.len(), 1, "{}: {invalid}: {found:?}", rule.code);
            assert_eq!(found[0].code, rule.code);
        }
        assert!(!rule.invalid.is_empty() && !rule.valid.is_empty(), "{} has no samples", rule.code);
    }
}

#[test]
fn fixes_leave_nothing_to_find_and_text_that_parses() {
    for rule in ALL {
        for invalid in rule.invalid {
            for fix in found_by(rule.code, "a.js", invalid).into_iter().flat_map(|it| it.fixes) {
                let fixed = apply_edits(invalid, &fix.edits);
                let settings =
                    JavaScriptSettings::new(Some(vec![rule.code.to_owned()]), Vec::new(), Vec::new(), Vec::new());
                let checked = check(&document("a.js", &fixed), None, &settings).expect("not nested deeply");
                assert!(checked.parses, "{}: {invalid} became {fixed}", rule.code);
                assert!(checked.diagnostics.is_empty(), "{}: {invalid} became {fixed}", rule.code);
            }
        }
    }
}

#[test]
fn the_table_is_sorted_and_says_what_it_finds() {
    assert!(ALL.is_sorted_by_key(|rule| rule.code));
    for rule in ALL {
        assert!(!rule.summary.is_empty() && !rule.summary.ends_with('.') && !rule.on.is_empty(), "{}", rule.code);
    }
}

#[test]
fn comments_switch_rules() {
    let lines = |text: &str| found("a.js", text);
    assert_eq!(lines("debugger;"), ["0..9 no-debugger"]);
    for quiet in [
        "/* eslint-disable */ debugger;",
        "/* eslint-disable no-debugger -- for now */ debugger;",
        "debugger; // eslint-disable-line no-debugger",
        "debugger; /* eslint-disable-line */",
        "// eslint-disable-next-line no-debugger, no-empty\ndebugger;",
        "/* eslint no-debugger: off */ debugger;",
        "/* eslint \"no-debugger\": [0, { a: 1 }] */ debugger;",
        "/* global foo, bar: writable */ foo(bar);",
    ] {
        assert_eq!(lines(quiet), [""; 0], "{quiet}");
    }
    assert_eq!(lines("/* eslint-disable no-empty */ debugger;"), ["30..39 no-debugger"]);
    assert_eq!(lines("/* eslint-disable */ /* eslint-enable */ debugger;"), ["41..50 no-debugger"]);
    assert_eq!(lines("/* eslint-disable */ /* eslint-enable no-debugger */ debugger;"), ["53..62 no-debugger"]);
    assert_eq!(lines("// eslint-disable-next-line\n\ndebugger;"), ["29..38 no-debugger"]);
}

#[test]
fn what_only_oxc_sees_is_a_syntax_error_once() {
    for (name, text, expected) in [
        ("a.js", "let a = 1; let a = 2; f(a);", "4..5 syntax-error"),
        ("a.js", "break;", "0..6 syntax-error"),
        ("a.mjs", "delete a;", "7..8 syntax-error"),
        ("a.js", "a: a: f();", "0..1 syntax-error"),
        ("a.js", "class A { f() { this.#b } }", "21..23 syntax-error"),
    ] {
        assert_eq!(found(name, text), [expected], "{text}");
    }
}

#[test]
fn broken_text_gets_no_rules() {
    let codes = found("a.js", "debugger; if (a {");
    assert!(!codes.is_empty() && codes.iter().all(|it| !it.contains("no-")), "{codes:?}");
}

#[test]
fn the_stricter_parser_is_right_about_sound_text() {
    // tree-sitter's grammar does not know this; oxc does.
    let text = "import source a from \"b\"; export { a }";
    assert!(!syntax_diagnostics(&document("a.mjs", text)).is_empty());
    assert_eq!(found("a.mjs", text), [""; 0]);
}

#[test]
fn typescript_is_left_to_its_compiler_where_that_knows_better() {
    assert_eq!(found("a.ts", "export const a: Foo = bar;"), [""; 0]);
    assert_eq!(found("a.ts", "import { A } from 'b'; export const c: A = {};"), [""; 0]);
    let types = "export type A = (a: string) => void; export let b: new (c: A) => A, d = (e: (f: A) => A) => e";
    assert_eq!(found("a.ts", types), [""; 0]);
    assert_eq!(found("a.d.ts", "declare function f(a: number): void; declare let x: string;"), [""; 0]);
    assert_eq!(
        found("a.ts", "export function f(a: string): void; export function f(b: unknown) { return b }"),
        [""; 0]
    );
}

/// What can be nested: how it begins and ends.
const NESTED: [(&str, &str); 12] = [
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("a(", ")"),
    ("!", ""),
    ("a?b:", ""),
    ("a=>", ""),
    ("f(function(){", "})"),
    ("if(a);else ", ""),
    ("`${", "}`"),
    ("<a>", "</a>"),
    ("a+", ""),
];

#[test]
fn nesting_does_not_end_the_process() {
    for (open, close) in NESTED {
        for text in [format!("{}a{}", open.repeat(20_000), close.repeat(20_000)), open.repeat(20_000)] {
            diagnostics(&document("a.js", &text), None, &LintSettings::default());
        }
    }
}

#[test]
fn what_is_checked_fits_a_small_stack() {
    // Threads of tests have 2 MiB, like those of the language server.
    for (open, close) in NESTED {
        for depth in [50, 90, 130, 190, 260, 390, 780] {
            for text in [format!("{}a{}", open.repeat(depth), close.repeat(depth)), open.repeat(depth)] {
                diagnostics(&document("a.js", &text), None, &LintSettings::default());
            }
        }
        let text = format!("{}a{}", open.repeat(50), close.repeat(50));
        assert!(check(&document("a.js", &text), None, &JavaScriptSettings::default()).is_some(), "{open}");
    }
}

/// Code with something of everything.
const SAMPLE: &str = "import a, { b as c } from 'd';\nclass E extends F { #g = 1; constructor(h = {}, ...i) { super(h); \
    this.#g ??= i?.[0]?.j(`k${l}m`); } static { for (const n of o) { if (p) continue; else break } } }\n\
    try { switch (q) { case 1: r(); default: s = /[t-u]+(?<v>w)\\k<v>/gu.test(x) } } catch ({ y }) { throw y } \
    finally { z: do { a++ } while (!c) }\nexport default async function* () { yield* await { a, get b() { return 1 } } }";

/// Numbers that look random and are the same in every run.
fn numbers() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1u64), |state| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1)))
        .map(|state| (state >> 33) as usize)
}

#[test]
fn mutated_code_never_panics() {
    let pieces = [
        "", "(", ")", "{", "}", "[", "]", "`", "'", "/", "*/", "=>", "?.", "async ", "\n", "#a", "...", "\u{e9}",
        "await ",
    ];
    let mut numbers = numbers();
    let mut next = |below: usize| numbers.next().expect("endless") % below;
    for _ in 0..300 {
        let mut text = SAMPLE.to_owned();
        for _ in 0..=next(5) {
            let at = next(text.len() + 1);
            let end = (at + next(12)).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, pieces[next(pieces.len())]);
            }
        }
        for name in ["a.js", "a.tsx"] {
            let document = document(name, &text);
            assert!(check(&document, Some(Path::new(name)), &JavaScriptSettings::default()).is_some(), "{text}");
            for finding in diagnostics(&document, None, &LintSettings::default()) {
                assert!(finding.range.end <= text.len(), "{text}");
            }
        }
    }
}

/// A text of pieces of the rules' samples: whole ones, cut ones, repeated ones, and pairs that changed places.
fn mixed(samples: &[&str], next: &mut impl FnMut(usize) -> usize) -> String {
    let cut = |text: &str, next: &mut dyn FnMut(usize) -> usize| {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (a, b) = (places[next(places.len())], places[next(places.len())]);
        text[a.min(b)..a.max(b)].to_owned()
    };
    let mut pieces: Vec<String> = (0..=next(3)).map(|_| samples[next(samples.len())].to_owned()).collect();
    for _ in 0..next(3) {
        let (a, b) = (next(pieces.len()), next(pieces.len()));
        match next(4) {
            0 => pieces[a] = cut(&pieces[a], next),
            1 => pieces.push(pieces[a].clone()),
            2 => pieces.swap(a, b),
            _ => {
                // One inside the other.
                let inner = pieces[b].clone();
                let places: Vec<usize> = pieces[a].char_indices().map(|(at, _)| at).chain([pieces[a].len()]).collect();
                let at = places[next(places.len())];
                pieces[a].insert_str(at, &inner);
            }
        }
    }
    pieces.join(if next(2) == 0 { "\n" } else { ";" })
}

#[test]
fn findings_in_any_text_lie_in_it_and_fixes_keep_it_sound() {
    let samples: Vec<&str> = ALL.iter().flat_map(|rule| rule.valid.iter().chain(rule.invalid)).copied().collect();
    let all = JavaScriptSettings::new(Some(vec!["ALL".to_owned()]), Vec::new(), Vec::new(), Vec::new());
    let mut numbers = numbers();
    let mut next = |below: usize| numbers.next().expect("endless") % below;
    let (mut parsed, mut fixes) = (0, 0);
    for _ in 0..2_000 {
        let text = mixed(&samples, &mut next);
        for name in ["a.js", "a.mjs", "a.tsx"] {
            let path = Some(Path::new(name));
            let Some(checked) = check(&document(name, &text), path, &all) else { panic!("a rule failed: {text}") };
            parsed += usize::from(checked.parses);
            for finding in checked.diagnostics {
                let range = finding.range;
                assert!(text.get(range.start..range.end).is_some(), "{}: {text}", finding.code);
                for fix in finding.fixes.iter().filter(|_| checked.parses) {
                    let fixed = apply_edits(&text, &fix.edits);
                    let again = check(&document(name, &fixed), path, &all);
                    assert!(again.is_some_and(|it| it.parses), "{}: {text}\nbecame\n{fixed}", finding.code);
                    fixes += 1;
                }
            }
        }
    }
    assert!(parsed > 1_000 && fixes > 500, "{parsed} {fixes}");
}
