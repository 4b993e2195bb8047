//! Comments that switch a rule off for a line: `# noqa: F401`, `// eslint-disable-next-line no-undef`.

use syntax::{Document, TextEdit, TextRange, Tree};

use super::{Diagnostic, Fix, is_syntax_code, rule};
use crate::family::Family;
use crate::tree::path_to;

/// The comment that keeps a problem from being reported; `None` where there is no such comment or no place for it.
pub fn suppression(document: &Document, diagnostic: &Diagnostic) -> Option<Fix> {
    let code = diagnostic.code;
    let tree = document.tree()?;
    let is_rule = rule(code).is_some_and(|it| it.url.is_some()) && !is_syntax_code(code);
    let edit = match Family::of(document.language()) {
        Family::Python if is_rule => noqa(document, tree, diagnostic.range, code)?,
        Family::Script | Family::ScriptJsx if is_rule => disable_next_line(document, tree, diagnostic.range, code)?,
        _ => return None,
    };
    Some(Fix { title: format!("Disable {code} for this line"), edits: vec![edit], safe: false })
}

/// `# noqa` at the end of the line, or of the line on which a string ends that begins there.
fn noqa(document: &Document, tree: &Tree, problem: TextRange, code: &str) -> Option<TextEdit> {
    let text = document.text();
    let mut line = text.line_range(text.line_of(problem.start));
    while let Some(string) = path_to(tree, line.end).into_iter().find(|it| it.kind() == "string")
        && string.start_byte() < line.end
        && string.end_byte() > line.end
    {
        line = text.line_range(text.line_of(string.end_byte()));
    }
    let content = text.slice(line);
    if content.ends_with('\\') {
        return None;
    }
    let comment =
        path_to(tree, line.end).into_iter().find(|it| it.kind() == "comment" && it.start_byte() >= line.start);
    if let Some(comment) = comment {
        let start = comment.start_byte() - line.start;
        let listed = content[start..].to_lowercase().find("noqa:").map(|at| start + at + "noqa:".len());
        if let Some(listed) = listed {
            let codes = content[listed..].find(|c: char| !c.is_ascii_alphanumeric() && !", \t".contains(c));
            let end = listed + codes.unwrap_or(content.len() - listed);
            let end = line.start + content[..end].trim_end().len();
            return Some(TextEdit { range: TextRange::empty(end), new_text: format!(", {code}") });
        }
    }
    let range = TextRange::new(line.start + content.trim_end().len(), line.end);
    Some(TextEdit { range, new_text: format!("  # noqa: {code}") })
}

/// A comment on a line of its own before the line.
fn disable_next_line(document: &Document, tree: &Tree, problem: TextRange, code: &str) -> Option<TextEdit> {
    const COMMENT: &str = "// eslint-disable-next-line";
    let text = document.text();
    let number = text.line_of(problem.start);
    let line = text.line_range(number);
    // Between the tags of JSX and within a string a comment is text.
    let around = path_to(tree, line.start);
    let place = around.iter().rev().find(|it| {
        let is_inside = it.start_byte() < line.start && line.start < it.end_byte();
        is_inside
            && (it.kind().starts_with("jsx")
                || matches!(it.kind(), "template_string" | "template_substitution" | "string" | "comment"))
    });
    if place.is_some_and(|it| !matches!(it.kind(), "jsx_expression" | "template_substitution")) {
        return None;
    }
    if let Some(before) = number.checked_sub(1) {
        let range = text.line_range(before);
        let above = text.slice(range);
        if above.trim_start().starts_with(COMMENT) && !above.contains("--") {
            let end = range.start + above.trim_end().len();
            return Some(TextEdit { range: TextRange::empty(end), new_text: format!(", {code}") });
        }
    }
    let content = text.slice(line);
    let indent = &content[..content.len() - content.trim_start().len()];
    let line_end = if text.slice(TextRange::new(line.end, line.end + 2)) == "\r\n" { "\r\n" } else { "\n" };
    Some(TextEdit { range: TextRange::empty(line.start), new_text: format!("{indent}{COMMENT} {code}{line_end}") })
}
