//! Ruff's rules as rows of our table.

use ruff_linter::RuleSelector;
use ruff_linter::registry::Rule as RuffRule;

use crate::diagnostics::Rule;

/// Every rule that ruff still has, by code.
pub(crate) fn rules() -> Vec<Rule> {
    let all = RuleSelector::All.all_rules().filter(|rule| !rule.is_removed());
    let mut rules: Vec<_> =
        all.map(|rule| Rule { code: code(rule), summary: summary(rule), url: rule.url() }).collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}

/// Ruff keeps a code in two halves. The table is made once, so what is leaked here is bounded by its length.
fn code(rule: RuffRule) -> &'static str {
    rule.noqa_code().to_string().leak()
}

/// "unused imports": the first sentence of the rule's documentation, else its name.
fn summary(rule: RuffRule) -> &'static str {
    let name = rule.name().as_str();
    let explanation = rule.explanation().unwrap_or_default();
    let Some((_, what)) = explanation.split_once("## What it does\n") else { return name };
    let paragraph = what.trim_start().split("\n\n").next().unwrap_or_default();
    let sentence = paragraph.split(". ").next().unwrap_or_default().trim_end_matches(['.', '\n', ':']);
    let sentence = sentence.strip_prefix("Checks for ").unwrap_or(sentence);
    if sentence.is_empty() {
        name
    } else if sentence.contains('\n') {
        sentence.replace('\n', " ").leak()
    } else {
        sentence
    }
}
