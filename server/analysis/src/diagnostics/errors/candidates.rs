//! Repairs worth a try around the token that does not fit.

use syntax::{TextEdit, TextRange};

use super::{ErrorSite, last_char};
use crate::{
    diagnostics::{Diagnostic, literals::insert, repair::Repair},
    family::Family,
};

/// A repair and what it would mean.
pub(super) struct Candidate {
    pub(super) diagnostic: Diagnostic,
    pub(super) edits: Vec<TextEdit>,
}

/// What a programmer may have left out, most likely first.
fn insertable_tokens(family: Family) -> &'static [&'static str] {
    match family {
        Family::Python => &[",", ":", "=", "in", "import"],
        Family::Script | Family::ScriptJsx => &[",", ";", ":", "=>", "=", "of", "from"],
        Family::Rust => &[",", ";", "->", "=>", ":", "=", "in", "::"],
        Family::Go => &[",", ":=", ":", "=", "range"],
        Family::Java | Family::C | Family::Cpp => &[";", ",", "=", ":"],
        Family::Json => &[",", ":"],
        Family::Css => &[":", ";", "}"],
        Family::Html => &[">", "\"", "="],
        Family::Bash => &["; then", "; do", "then", "do", "in", ";;"],
        Family::Other => &[",", ";", ":", "="],
    }
}

/// Operands that may stand for a missing expression.
fn placeholder(family: Family) -> &'static str {
    match family {
        Family::Json => "0",
        Family::Css => "inherit",
        _ => "x",
    }
}

/// Repairs for `site`, most likely first.
pub(super) fn candidates(repair: &Repair, text: &str, site: &ErrorSite<'_>) -> Vec<Candidate> {
    if !repair.can_parse() {
        return Vec::new();
    }
    let family = repair.family;
    let mut found = Vec::new();
    let token = &text[site.token.start..site.token.end];
    let before = last_char(text, site.gap.start);
    let assignment = [site.token, before].into_iter().find(|range| &text[range.start..range.end] == "=");
    if let Some(range) = assignment.filter(|range| !text[..range.start].ends_with(['=', '<', '>', '!', ':', '+', '-']))
    {
        found.push(comparison(range));
    }
    found.extend(trailing_comma(text, site));
    let expects_operand = site.expected.as_ref().is_some_and(|expected| expected.expression || expected.name);
    if expects_operand {
        found.push(operand(family, text, site));
    }
    for token in insertable_tokens(family) {
        // The shell's compound tokens are no symbols of the grammar.
        let is_possible = family == Family::Bash
            || site
                .expected
                .as_ref()
                .is_none_or(|expected| expected.tokens.is_empty() || expected.tokens.contains(*token));
        if is_possible {
            found.push(missing_token(text, token, site.gap, site.after()));
        }
    }
    if family == Family::Bash && site.token.is_empty() {
        for (closer, opener) in [("fi", "if"), ("done", "do"), ("esac", "case")] {
            found.push(missing_end(text, closer, &format!("`{closer}` to end `{opener}`"), site.gap.start));
        }
    }
    if let Some(name) = site.open_elements.last() {
        found.push(missing_end(
            text,
            &format!("</{name}>"),
            &format!("`</{name}>`: `<{name}>` is never closed"),
            site.gap.start,
        ));
    }
    if !site.token.is_empty() {
        found.push(superfluous(text, site));
    }
    if !expects_operand {
        found.push(operand(family, text, site));
    }
    if let Some(gap) = site.gap_before {
        for token in insertable_tokens(family).iter().take(3) {
            found.push(missing_token(text, token, gap, String::new()));
        }
    }
    found
}

fn comparison(range: TextRange) -> Candidate {
    let edits = vec![TextEdit { range, new_text: "==".to_owned() }];
    let diagnostic = Diagnostic::error("unexpected-token", range, "unexpected `=`: a comparison is written `==`")
        .fixed_by("Replace `=` by `==`", edits.clone());
    Candidate { diagnostic, edits }
}

/// A comma before a closing bracket, where the grammar does not allow it.
fn trailing_comma(text: &str, site: &ErrorSite<'_>) -> Option<Candidate> {
    let close = text[site.token.start..].chars().next().filter(|c| matches!(c, ')' | ']' | '}'))?;
    let range = last_char(text, site.gap.start);
    if &text[range.start..range.end] != "," {
        return None;
    }
    let edits = vec![TextEdit { range, new_text: String::new() }];
    let diagnostic = Diagnostic::error("unexpected-token", range, format!("unexpected `,` before `{close}`"))
        .fixed_by("Remove `,`", edits.clone());
    Some(Candidate { diagnostic, edits })
}

fn operand(family: Family, text: &str, site: &ErrorSite<'_>) -> Candidate {
    let is_name = site.expected.as_ref().is_some_and(|expected| expected.name);
    let what = match family {
        Family::Json | Family::Css => "a value",
        _ if is_name => "a name",
        _ => "an expression",
    };
    let range = last_char(text, site.gap.start);
    let diagnostic = Diagnostic::error("missing-expression", range, format!("expected {what}{}", site.after()));
    Candidate { diagnostic, edits: vec![insert(site.gap.start, format!(" {} ", placeholder(family)))] }
}

fn missing_token(text: &str, token: &str, gap: TextRange, after: String) -> Candidate {
    let is_word = token.chars().all(char::is_alphanumeric);
    let new_text = if is_word { format!(" {token} ") } else { token.to_owned() };
    let shown = token.trim_start_matches("; ");
    let diagnostic =
        Diagnostic::error("missing-token", last_char(text, gap.start), format!("expected `{shown}`{after}"))
            .fixed_by(format!("Insert `{shown}`"), vec![insert(gap.start, new_text.clone())]);
    Candidate { diagnostic, edits: vec![insert(gap.start, new_text)] }
}

fn missing_end(text: &str, closer: &str, what: &str, at: usize) -> Candidate {
    let edits = vec![insert(at, format!("\n{closer}"))];
    let diagnostic = Diagnostic::error("missing-token", last_char(text, at), format!("expected {what}"))
        .fixed_by(format!("Insert `{closer}`"), edits.clone());
    Candidate { diagnostic, edits }
}

/// The token left out.
fn superfluous(text: &str, site: &ErrorSite<'_>) -> Candidate {
    let edits = vec![TextEdit { range: site.token, new_text: String::new() }];
    let mut diagnostic = site.unexpected();
    let token = text[site.token.start..site.token.end].trim();
    if token.len() <= 30 && !token.contains('\n') {
        diagnostic = diagnostic.fixed_by(format!("Remove {}", site.quoted_token()), edits.clone());
    }
    Candidate { diagnostic, edits }
}
