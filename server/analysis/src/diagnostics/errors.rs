//! What the tree still complains about once strings, brackets and lines are in order.
//!
//! For each error the token is looked for at which the grammar had to give up, and a few
//! repairs are tried around it: insert a token that was allowed there, insert an operand,
//! leave the token out. The one that removes most of the error says what is wrong.

mod candidates;
mod site;
mod tolerance;

use syntax::{Node, TextRange, Tree};

use super::{Diagnostic, expected::missing_kind_in_words, literals::insert, repair::Repair};
use crate::{
    block::{line_end, line_start},
    family::Family,
    tree::{ErrorCost, goto_next_outside, range_of},
};
use candidates::{Candidate, candidates};
use site::{ErrorSite, after, previous_leaf};
use tolerance::is_beyond_grammar;

/// Errors looked at, however many there are.
const MAX_ERRORS: usize = 300;

pub(super) fn check(repair: &mut Repair) {
    // Errors that begin before this offset are dealt with.
    let mut done = 0;
    for _ in 0..MAX_ERRORS {
        if repair.is_full() {
            return;
        }
        let document = repair.document().clone();
        let Some(tree) = document.tree() else { return };
        let Some(error) = next_error(tree, done) else { return };
        if error.is_missing() {
            done = report_missing(repair, tree, error);
            continue;
        }
        let text = repair.text();
        let site = ErrorSite::new(&document, tree, &text, error, done);
        if is_beyond_grammar(repair.family, &text, site.gap, site.token) {
            done = error.end_byte().max(line_end(&text, site.token.end)).max(done + 1);
            continue;
        }
        match best_candidate(repair, &text, &site, error) {
            Some((candidate, document, cost)) => {
                let Candidate { mut diagnostic, edits } = candidate;
                // What is left of the error on this line is the same mistake.
                let repaired = document.text().to_string();
                let place = site.gap.start.min(repaired.len());
                done = done.max(line_end(&repaired, place));
                let line = line_start(&repaired, place);
                let left = document.tree().and_then(|tree| next_error(tree, line));
                if left.is_some_and(|error| error.start_byte() < done) {
                    diagnostic.fixes.clear();
                }
                repair.report(diagnostic);
                repair.adopt(&edits, document, cost);
            }
            None => {
                repair.note_failure();
                if repair.family != Family::Html {
                    repair.report(site.unexpected());
                }
                done = error.end_byte().max(line_end(&text, site.token.end)).max(done + 1);
            }
        }
    }
}

/// The first ERROR or MISSING node that reaches behind `from`, not below another one.
fn next_error(tree: &Tree, from: usize) -> Option<Node<'_>> {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let is_error = node.is_error() || node.is_missing();
        if is_error && (node.start_byte() >= from || node.end_byte() > from) {
            return Some(node);
        }
        let may_hold_one = node.has_error() && !is_error && node.end_byte() >= from;
        if may_hold_one && cursor.goto_first_child() {
            continue;
        }
        if !goto_next_outside(&mut cursor) {
            return None;
        }
    }
}

/// Reports a MISSING node; returns where to go on.
fn report_missing(repair: &mut Repair, tree: &Tree, node: Node<'_>) -> usize {
    let text = repair.text();
    let before = previous_leaf(tree, &text, node.start_byte());
    let place = before.map_or(node.start_byte(), |leaf| leaf.end_byte());
    let after = after(&text, place);
    let range = last_char(&text, place);
    if is_beyond_grammar(repair.family, &text, range, TextRange::empty(node.start_byte())) {
        return node.end_byte() + 1;
    }
    let next = text[place..].trim_start().chars().next();
    let opener = opener_of(node).filter(|_| !node.is_named());
    let diagnostic = if let Some(opener) = opener {
        let token = node.kind();
        let open = &text[opener.start..opener.end];
        Diagnostic::error("unclosed-bracket", opener, format!("`{open}` is never closed"))
            .relates_to(TextRange::empty(place), format!("expected `{token}` here"))
            .fixed_by(format!("Insert `{token}`"), vec![insert(place, token.to_owned())])
    } else if node.is_named() {
        let what = missing_kind_in_words(node.kind());
        match (text[..place].chars().next_back(), next) {
            (Some(','), Some(close @ (']' | '}' | ')'))) => {
                let edit = syntax::TextEdit { range, new_text: String::new() };
                Diagnostic::error("unexpected-token", range, format!("unexpected `,` before `{close}`"))
                    .fixed_by("Remove `,`", vec![edit])
            }
            _ => Diagnostic::error("missing-expression", range, format!("expected {what}{after}")),
        }
    } else {
        let token = node.kind();
        let new_text = match token.starts_with(char::is_alphabetic) {
            true if repair.family == Family::Bash => format!("\n{token}"),
            true => format!(" {token}"),
            false => token.to_owned(),
        };
        Diagnostic::error("missing-token", range, format!("expected `{token}`{}", after_field(node).unwrap_or(after)))
            .fixed_by(format!("Insert `{token}`"), vec![insert(place, new_text)])
    };
    repair.report(diagnostic);
    node.end_byte() + 1
}

/// The bracket that a missing closing one belongs to.
fn opener_of(missing: Node<'_>) -> Option<TextRange> {
    let open = match missing.kind() {
        ")" => "(",
        "]" => "[",
        "}" => "{",
        _ => return None,
    };
    let mut cursor = missing.parent()?.walk();
    let mut found = Vec::new();
    if !cursor.goto_first_child() {
        return None;
    }
    while cursor.node().id() != missing.id() {
        let node = cursor.node();
        if node.kind() == open {
            found.push(range_of(node));
        } else if node.kind() == missing.kind() {
            found.pop();
        }
        if !cursor.goto_next_sibling() {
            break;
        }
    }
    found.pop().filter(|range| range.len() == 1)
}

/// " after the condition": what stands before a missing token, by the field it has in its parent.
fn after_field(node: Node<'_>) -> Option<String> {
    let parent = node.parent()?;
    let mut cursor = parent.walk();
    let mut words = None;
    if !cursor.goto_first_child() {
        return None;
    }
    while cursor.node().id() != node.id() {
        words = match cursor.field_name() {
            Some("condition") => Some("the condition"),
            Some("parameters") => Some("the parameters"),
            Some("return_type" | "result") => Some("the return type"),
            Some("arguments") => Some("the arguments"),
            _ => None,
        };
        if !cursor.goto_next_sibling() {
            break;
        }
    }
    words.map(|words| format!(" after {words}"))
}

/// The repair that removes most of the error; `None` when none removes at least half of it.
fn best_candidate(
    repair: &mut Repair,
    text: &str,
    site: &ErrorSite<'_>,
    error: Node<'_>,
) -> Option<(Candidate, syntax::Document, ErrorCost)> {
    let enough = ErrorCost(repair.cost().0.saturating_sub(ErrorCost::of_node(error).0 / 2));
    let mut best: Option<(Candidate, syntax::Document, ErrorCost)> = None;
    for candidate in candidates(repair, text, site) {
        let Some((document, cost)) = repair.try_edits(&candidate.edits) else { break };
        if cost < enough && best.as_ref().is_none_or(|(_, _, least)| cost < *least) {
            let is_clean = cost.0 == 0;
            best = Some((candidate, document, cost));
            // Candidates come in order of likelihood.
            if is_clean {
                break;
            }
        }
    }
    best
}

/// The last character before `place`: a range that can be seen, for what is missing at `place`.
fn last_char(text: &str, place: usize) -> TextRange {
    let len = text[..place].chars().next_back().filter(|c| !c.is_whitespace()).map_or(0, char::len_utf8);
    TextRange::new(place - len, place)
}
