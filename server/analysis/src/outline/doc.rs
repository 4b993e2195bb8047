//! Documentation of a definition: a docstring, or the comment directly above.

use syntax::{Language, Node};

use crate::{block, family::Family};

/// The documentation of the definition `node`, which with its decorators is `whole`.
pub(super) fn of(text: &str, language: Language, whole: Node<'_>, node: Node<'_>) -> Option<String> {
    let docstring = match Family::of(language) {
        Family::Python => docstring(text, node),
        Family::Json | Family::Html | Family::Css => return None,
        _ => None,
    };
    docstring.or_else(|| comment_above(text, language, whole.start_byte())).filter(|doc| !doc.trim().is_empty())
}

/// The string that a Python body begins with (PEP 257).
fn docstring(text: &str, node: Node<'_>) -> Option<String> {
    let statement = node.child_by_field_name("body")?.named_child(0)?;
    let string = match statement.kind() {
        "expression_statement" => statement.named_child(0).filter(|child| child.kind() == "string")?,
        "string" => statement,
        _ => return None,
    };
    let literal = text.get(string.start_byte()..string.end_byte())?;
    let literal = literal.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let body = ["\"\"\"", "'''", "\"", "'"]
        .iter()
        .find_map(|quote| literal.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)))?;
    let (first, rest) = body.split_once('\n').unwrap_or((body, ""));
    let rest = dedent(rest.lines().collect());
    let gap = if body
        .split_once('\n')
        .is_some_and(|(_, rest)| rest.lines().next().is_some_and(|line| line.trim().is_empty()))
    {
        "\n\n"
    } else {
        "\n"
    };
    Some([first.trim(), &rest].join(gap).trim().to_owned())
}

/// The comment that ends on the line above `start`; attributes in between do not count.
fn comment_above(text: &str, language: Language, start: usize) -> Option<String> {
    let comments = language.comments();
    let line_start = block::line_start(text, start);
    if !text[line_start..start].trim().is_empty() {
        return None;
    }
    let mut rest = &text[..line_start];
    let mut lines: Vec<&str> = Vec::new();
    loop {
        let content = rest.strip_suffix('\n').unwrap_or(rest);
        let above = content.rfind('\n').map_or(0, |n| n + 1);
        let line = content[above..].trim();
        if line.is_empty() || rest.is_empty() {
            break;
        }
        let is_inner = line.starts_with("//!") || line.starts_with("#!") && !line.starts_with("#![");
        if let Some(stripped) =
            comments.line.iter().find_map(|token| strip_line_comment(line, token)).filter(|_| !is_inner)
        {
            // The registry names `#` for Rust nowhere, so `#[…]` never comes here.
            lines.push(stripped);
        } else if let Some((open, close)) = comments.block.iter().find(|(_, close)| line.ends_with(close.as_str())) {
            if !lines.is_empty() {
                break;
            }
            let at = content.rfind(open.as_str())?;
            let before = block::line_start(content, at);
            if !content[before..at].trim().is_empty() {
                return None;
            }
            let body = &content[at + open.len()..content.trim_end().len() - close.len()];
            return Some(block_comment(body));
        } else if !lines.is_empty() || !(line.starts_with("#[") || line.starts_with('@')) {
            break;
        }
        rest = &rest[..above];
    }
    lines.reverse();
    (!lines.is_empty()).then(|| dedent(lines))
}

/// A line comment without its marker, its doubled or tripled form included.
fn strip_line_comment<'a>(line: &'a str, token: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(token)?;
    let last = token.chars().next_back()?;
    Some(rest.trim_start_matches(last))
}

/// A block comment without the stars that lead its lines.
fn block_comment(body: &str) -> String {
    let body = body.trim_start_matches(['*', '!']);
    let lines = body.lines().map(|line| {
        let trimmed = line.trim_start();
        trimmed.strip_prefix('*').map_or(line, |rest| rest)
    });
    dedent(lines.collect())
}

/// The lines without the indentation they share, and without blank lines around them.
fn dedent(lines: Vec<&str>) -> String {
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(shared..).unwrap_or_default().trim_end()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
