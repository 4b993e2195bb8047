//! Repairs worth a try around the token that does not fit.

use syntax::{TextEdit, TextRange};

use super::{ErrorSite, after, last_char};
use crate::{
    block::{first_word, indent_of, line_start},
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
        Family::Script | Family::ScriptJsx => &[":", ",", ";", "=>", "=", "of", "from"],
        Family::Rust => &[":", ",", ";", "->", "=>", "=", "in", "::"],
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
    if expects_operand && can_be_operand(family, text, site) {
        found.push(operand(family, text, site));
    }
    if family == Family::Json {
        found.extend(json_string(text, site));
    }
    if family == Family::Bash {
        found.extend(shell_header(text, site));
    }
    for token in insertable_tokens(family) {
        // The shell's compound tokens are no symbols of the grammar.
        let is_possible = family == Family::Bash
            || site
                .expected
                .as_ref()
                .is_none_or(|expected| expected.tokens.is_empty() || expected.tokens.contains(*token));
        // A statement ends where its line does.
        let gap = site.gap_before.filter(|before| {
            *token == ";"
                && text[before.start..before.end].contains('\n')
                && !text[site.gap.start..site.gap.end].contains('\n')
        });
        if let Some(gap) = gap {
            found.push(missing_token(text, token, gap));
        }
        if is_possible {
            found.push(missing_token(text, token, site.gap));
        }
    }
    if family == Family::Python && !text[site.gap.start..site.gap.end].contains('\n') && !site.token.is_empty() {
        found.push(two_statements(text, site));
    }
    if family == Family::Bash && site.token.is_empty() {
        for (closer, opener) in [("fi", "if"), ("done", "do"), ("esac", "case")] {
            found.push(missing_end(text, closer, &format!("`{closer}` to end `{opener}`"), site.gap.start));
        }
    }
    if family == Family::Html && token.starts_with("</") {
        found.push(stray_end_tag(site.token, token));
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
        found.extend(operand_behind(family, text, site));
        if matches!(family, Family::Script | Family::ScriptJsx | Family::Rust | Family::Css | Family::Json) {
            found.push(missing_token(text, ":", TextRange::empty(site.token.end)));
        }
        if family != Family::Html {
            found.push(superfluous(text, site));
        }
    }
    if !expects_operand && can_be_operand(family, text, site) {
        found.push(operand(family, text, site));
    }
    if let Some(gap) = site.gap_before.filter(|_| matches!(family, Family::Css | Family::Json)) {
        found.push(missing_token(text, ":", gap));
    }
    found
}

/// Words and quotes of other languages where JSON wants a string in double quotes.
fn json_string(text: &str, site: &ErrorSite<'_>) -> Option<Candidate> {
    let start = site.token.start;
    let rest = &text[start..];
    let (len, content) = if let Some(body) = rest.strip_prefix('\'') {
        let len = body.find(['\'', '\n'])?;
        (len + 2, &body[..len])
    } else {
        let len = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '-')).unwrap_or(rest.len());
        (len, &rest[..len])
    };
    if len == 0 || start + len > text.len() || content.contains('"') {
        return None;
    }
    let range = TextRange::new(start, start + len);
    let edits = vec![TextEdit { range, new_text: format!("\"{content}\"") }];
    let message = format!("unexpected `{}`: names and strings stand in double quotes", &text[range.start..range.end]);
    let diagnostic =
        Diagnostic::error("unexpected-token", range, message).fixed_by("Put it in double quotes", edits.clone());
    Some(Candidate { diagnostic, edits })
}

/// `then` or `do` behind the condition of the shell's compound command above.
fn shell_header(text: &str, site: &ErrorSite<'_>) -> Option<Candidate> {
    let line_start = |at: usize| line_start(text, at);
    let mut start = line_start(site.gap.start);
    loop {
        let line = text[start..].lines().next().unwrap_or_default();
        let word = match first_word(line) {
            "if" | "elif" => "then",
            "while" | "until" | "for" => "do",
            _ if start == 0 => return None,
            _ => {
                start = line_start(start - 1);
                continue;
            }
        };
        let has_word = line.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
        let at = start + line.trim_end().len();
        let ends = line.split_whitespace().any(|part| matches!(part, "done" | "fi"));
        return (!has_word && !ends).then(|| {
            let edits = vec![insert(at, format!("; {word}"))];
            let message = format!("expected `{word}` after the condition");
            let diagnostic = Diagnostic::error("missing-token", last_char(text, at), message)
                .fixed_by(format!("Insert `{word}`"), edits.clone());
            Candidate { diagnostic, edits }
        });
    }
}

fn stray_end_tag(range: TextRange, tag: &str) -> Candidate {
    let name = tag.trim_start_matches("</").trim_end_matches('>').trim();
    let edits = vec![TextEdit { range, new_text: String::new() }];
    let diagnostic = Diagnostic::error("unexpected-token", range, format!("unexpected `{tag}`: no `<{name}>` is open"))
        .fixed_by(format!("Remove `{tag}`"), edits.clone());
    Candidate { diagnostic, edits }
}

/// Two statements of Python on one line.
fn two_statements(text: &str, site: &ErrorSite<'_>) -> Candidate {
    let line_start = line_start(text, site.gap.start);
    let indent = indent_of(&text[line_start..]);
    let edits = vec![TextEdit { range: site.gap, new_text: format!("\n{indent}") }];
    let message = format!("unexpected {}: a new statement begins on a new line", site.quoted_token());
    let diagnostic =
        Diagnostic::error("unexpected-token", site.token, message).fixed_by("Begin a new line", edits.clone());
    Candidate { diagnostic, edits }
}

/// An operand behind the token: `let x: = 5`, `<a href=>`.
fn operand_behind(family: Family, text: &str, site: &ErrorSite<'_>) -> Option<Candidate> {
    let token = &text[site.token.start..site.token.end];
    let is_operator = !token.is_empty() && token.chars().all(|c| "-=<>!&|+*/%:.,".contains(c));
    if !is_operator {
        return None;
    }
    let what = operand_in_words(family, token, false);
    let diagnostic = Diagnostic::error("missing-expression", site.token, format!("expected {what} after `{token}`"));
    Some(Candidate { diagnostic, edits: vec![insert(site.token.end, format!(" {} ", placeholder(family)))] })
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

/// HTML has operands only where an attribute waits for its value.
fn can_be_operand(family: Family, text: &str, site: &ErrorSite<'_>) -> bool {
    family != Family::Html || text[..site.gap.start].ends_with('=')
}

/// What is missing behind `before`.
fn operand_in_words(family: Family, before: &str, is_name: bool) -> &'static str {
    match family {
        Family::Json | Family::Css => "a value",
        Family::Html => "an attribute value",
        Family::Rust if before.ends_with("->") => "a type",
        Family::Script | Family::ScriptJsx | Family::Rust if before.ends_with(':') && !before.ends_with("::") => {
            "a type"
        }
        _ if is_name => "a name",
        _ => "an expression",
    }
}

fn operand(family: Family, text: &str, site: &ErrorSite<'_>) -> Candidate {
    let is_name = site.expected.as_ref().is_some_and(|expected| expected.name);
    let what = operand_in_words(family, &text[..site.gap.start], is_name);
    let range = last_char(text, site.gap.start);
    let diagnostic = Diagnostic::error("missing-expression", range, format!("expected {what}{}", site.after()));
    Candidate { diagnostic, edits: vec![insert(site.gap.start, format!(" {} ", placeholder(family)))] }
}

fn missing_token(text: &str, token: &str, gap: TextRange) -> Candidate {
    let is_word = token.chars().all(char::is_alphanumeric);
    let new_text = if is_word { format!(" {token} ") } else { token.to_owned() };
    let shown = token.trim_start_matches("; ");
    let after = after(text, gap.start);
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
