//! Imports of JavaScript and TypeScript in order, and nothing that could change what the program does.
//!
//! Imports that follow each other without a blank line are sorted by their module, packages before files of the
//! project; those of one module become one, names in braces are sorted, names that nothing uses are left out where that
//! is sure ([`used`]). An import without names runs a module for what that does: it stays where it is, and nothing moves
//! across it. So does one whose attributes or comments say more than which names it brings. Comments move with the import
//! below them; those at the beginning of the file stay.
//!
//! Not here: exports, `require`, and how long a line may be.

mod line;
#[cfg(test)]
mod tests;
mod used;

use std::path::Path;

use oxc_ast::ast::{ImportDeclaration, Program, Statement};
use oxc_semantic::Semantic;
use syntax::{Document, TextEdit, minimal_edits};

use self::{line::Line, used::Used};
use crate::diagnostics::javascript::source::with_semantic;

/// What a comment begins with that is about more than the line below it: nothing moves across it.
const ABOUT_MORE: [&str; 8] = [
    "eslint-disable",
    "eslint-enable",
    "oxlint-disable",
    "oxlint-enable",
    "prettier-ignore-start",
    "prettier-ignore-end",
    "#region",
    "#endregion",
];

/// What a comment begins with that is about the next line, and goes where that goes.
const ABOUT_NEXT: [&str; 8] = [
    "eslint-disable-next-line",
    "oxlint-disable-next-line",
    "prettier-ignore",
    "biome-ignore",
    "@ts-ignore",
    "@ts-expect-error",
    "istanbul ignore next",
    "c8 ignore next",
];

/// The edits that put the imports in order. Empty on text that does not parse.
pub(super) fn organize_imports(document: &Document, path: Option<&Path>) -> Vec<TextEdit> {
    let Some(organized) = with_semantic(document, path, organized) else { return Vec::new() };
    let old = document.text().to_string();
    if organized == old {
        return Vec::new();
    }
    // What parsed before parses afterwards.
    let after = Document::new(&organized, document.language(), 0);
    if with_semantic(&after, path, |_, _| ()).is_none() {
        return Vec::new();
    }
    minimal_edits(&old, &organized)
}

fn organized(semantic: &Semantic<'_>, text: &str) -> String {
    let mut organized = text.to_owned();
    let program = semantic.nodes().program();
    let used = Used::of(semantic, program, text);
    // From the end, so that the places before stay right.
    for run in runs(semantic, program, text).iter().rev() {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let lines = rendered(semantic, &used, text, run);
        let end = if lines.is_empty() { end_of_gap(text, first.start, last.end) } else { last.end };
        organized.replace_range(first.start..end, &lines);
    }
    organized
}

/// Behind the line break, and behind the blank line that would be the second one then.
fn end_of_gap(text: &str, start: usize, end: usize) -> usize {
    let next = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let is_alone = text[..start].is_empty() || text[..start].ends_with("\n\n") || text[..start].ends_with("\n\r\n");
    let blank = text[next..].find('\n').map(|at| next + at + 1).filter(|blank| text[next..*blank].trim().is_empty());
    blank.filter(|_| is_alone).unwrap_or(next)
}

/// An import with what moves with it.
struct Import<'a> {
    node: &'a ImportDeclaration<'a>,
    /// The beginning of its line, or of those of the comments above.
    start: usize,
    /// The end of its line without the line break.
    end: usize,
}

/// Imports that may change places: neighbours on lines of their own.
fn runs<'a>(semantic: &Semantic<'a>, program: &'a Program<'a>, text: &str) -> Vec<Vec<Import<'a>>> {
    let mut runs: Vec<Vec<Import<'a>>> = Vec::new();
    let mut before: Option<usize> = None;
    for statement in &program.body {
        let joins = before.take();
        let Statement::ImportDeclaration(node) = statement else { continue };
        let Some((line_start, end)) = own_lines(semantic, text, node) else { continue };
        let follows = joins.filter(|before| !has_blank_line(&text[*before..line_start]));
        let start = match follows {
            Some(before) => line_after(text, before),
            None => comments_above(semantic, text, line_start),
        };
        if !is_movable(node) || says_more(semantic, text, start..line_start) {
            continue;
        }
        let import = Import { node, start, end };
        match runs.last_mut().filter(|_| follows.is_some()) {
            Some(run) => run.push(import),
            None => runs.push(vec![import]),
        }
        before = Some(end);
    }
    runs
}

fn is_movable(node: &ImportDeclaration<'_>) -> bool {
    node.specifiers.as_ref().is_some_and(|it| !it.is_empty()) && node.phase.is_none() && node.with_clause.is_none()
}

/// The beginning and the end of the import's lines; `None` where other code stands on them.
fn own_lines(semantic: &Semantic<'_>, text: &str, node: &ImportDeclaration<'_>) -> Option<(usize, usize)> {
    let (from, to) = (node.span.start as usize, node.span.end as usize);
    let start = line_start(text, from);
    let line_end = text[to..].find('\n').map_or(text.len(), |at| to + at);
    let mut code = to;
    for comment in semantic.comments_range(node.span.end..line_end as u32) {
        if !text[code..comment.span.start as usize].trim().is_empty() || comment.span.end as usize > line_end {
            return None;
        }
        code = comment.span.end as usize;
    }
    let is_alone = text[start..from].trim().is_empty() && text[code..line_end].trim().is_empty();
    is_alone.then(|| (start, to.max(text[..line_end].trim_end().len())))
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

fn line_after(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |at| offset + at + 1)
}

/// True when a line of the gap between two imports, whose first line belongs to the first of them, is blank.
fn has_blank_line(gap: &str) -> bool {
    let rest = gap.split_once('\n').map_or("", |(_, rest)| rest);
    rest.lines().any(|line| line.trim().is_empty())
}

/// The beginning of the comments that end on the line before `line`; `line` itself where they are the file's first,
/// but for what is said of the next line.
fn comments_above(semantic: &Semantic<'_>, text: &str, line: usize) -> usize {
    let mut first = line;
    let mut nearest = None;
    for comment in semantic.comments_range(..line as u32).rev() {
        let (from, to) = (comment.span.start as usize, comment.span.end as usize);
        let gap = text.get(to..first).unwrap_or("\n\n");
        let start = line_start(text, from);
        if !gap.trim().is_empty() || gap.matches('\n').count() != 1 || !text[start..from].trim().is_empty() {
            break;
        }
        first = start;
        nearest.get_or_insert((start, comment.content_span()));
    }
    let hashbang = semantic.nodes().program().hashbang.as_ref().map_or(0, |it| it.span.end as usize);
    if !text[hashbang.min(first)..first].trim().is_empty() {
        return first;
    }
    let about_next = nearest.filter(|(_, content)| begins_with(text, *content, &ABOUT_NEXT));
    about_next.map_or(line, |(start, _)| start)
}

/// True when a comment there is about more than one import.
fn says_more(semantic: &Semantic<'_>, text: &str, place: std::ops::Range<usize>) -> bool {
    semantic.comments_range(place.start as u32..place.end as u32).any(|comment| {
        let content = comment.content_span();
        begins_with(text, content, &ABOUT_MORE) && !begins_with(text, content, &ABOUT_NEXT)
    })
}

fn begins_with(text: &str, content: oxc_span::Span, words: &[&str]) -> bool {
    let content = text[content.start as usize..content.end as usize].trim_start_matches(['*', ' ', '\t']);
    words.iter().any(|word| {
        let rest = content.strip_prefix(word);
        // `prettier-ignore-start` is not `prettier-ignore`.
        rest.is_some_and(|rest| !rest.starts_with(|sign: char| sign.is_alphanumeric() || sign == '-'))
    })
}

/// The imports of a run as they will be written.
fn rendered(semantic: &Semantic<'_>, used: &Used<'_, '_>, text: &str, run: &[Import<'_>]) -> String {
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<Line<'_>> = Vec::new();
    for import in run {
        let Some(mut line) = Line::of(semantic, used, text, import) else { continue };
        line = match lines.iter_mut().find(|other| other.takes(&line)) {
            Some(other) => {
                other.merge(line);
                continue;
            }
            None => line,
        };
        lines.push(line);
    }
    lines.sort_by_cached_key(|line| (line.module.starts_with('.'), line.module.to_lowercase(), line.module.to_owned()));
    lines.iter().map(|line| line.text(line_break)).collect::<Vec<_>>().join(line_break)
}
