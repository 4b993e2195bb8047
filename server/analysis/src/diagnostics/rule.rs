//! The table of rules: every code that a diagnostic can carry, and what is known about it.
//!
//! One table for the editor, the bridge and the command line: `--select`, documentation links and reports read it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::guard::RULES_FAILED;
use super::{javascript, python, settings_file, unreachable, unused_locals};

/// What is known about one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The code that diagnostics carry.
    pub code: &'static str,
    /// What it finds, one line without full stop.
    pub summary: &'static str,
    /// A page about it.
    pub url: Option<String>,
}

impl Rule {
    const fn of_syntax(code: &'static str, summary: &'static str) -> Self {
        Self { code, summary, url: None }
    }
}

/// Found in any language, in text that parses.
const GENERAL: &[Rule] = &[
    Rule::of_syntax("duplicate-key", "a key that occurs twice in one place"),
    Rule::of_syntax(settings_file::INVALID_SETTINGS, "settings of rules that make no sense"),
    Rule::of_syntax(RULES_FAILED, "text that the rules of its language could not be run on"),
    Rule::of_syntax(unreachable::CODE, "statements behind one that always leaves"),
    Rule::of_syntax(unused_locals::CODE, "a local variable that nothing uses"),
];

/// What does not parse, in any language.
const SYNTAX: &[Rule] = &[
    Rule::of_syntax("indentation-error", "a line whose indentation does not fit"),
    Rule::of_syntax("mismatched-bracket", "a bracket closed by one of another kind"),
    Rule::of_syntax("missing-expression", "a place where an expression is expected"),
    Rule::of_syntax("missing-token", "a word or sign that is expected"),
    Rule::of_syntax("syntax-error", "text that does not parse"),
    Rule::of_syntax("unclosed-bracket", "a bracket that is never closed"),
    Rule::of_syntax("unexpected-closing-bracket", "a closing bracket that nothing opened"),
    Rule::of_syntax("unexpected-token", "a word or sign where it cannot stand"),
    Rule::of_syntax("unterminated-comment", "a comment that is never closed"),
    Rule::of_syntax("unterminated-string", "a string that is never closed"),
];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = [GENERAL, SYNTAX].concat();
    rules.extend(python::rules());
    rules.extend(javascript::rules());
    rules
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static Rule>> =
    LazyLock::new(|| RULES.iter().map(|rule| (rule.code, rule)).collect());

/// Every rule: those of any language, then language by language.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The rule with this code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    BY_CODE.get(code).copied()
}

/// Whether the code says that a text does not parse.
pub fn is_syntax_code(code: &str) -> bool {
    SYNTAX.iter().any(|rule| rule.code == code)
}
