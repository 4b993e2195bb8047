//! `--format text`: findings drawn into their source lines, and a closing count. Lines and columns are counted from 1.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use assist::{Diagnostic, Severity};
use syntax::{PositionEncoding, Text, TextRange};

use super::{Finding, Report, severity_name};

/// Source lines longer than this are not drawn: a minified file would flood the terminal.
const MAX_DRAWN_LINE: usize = 400;
/// Other places further away than this are named, not drawn into the same excerpt.
const MAX_DRAWN_LINES: usize = 200;

/// How findings are drawn on the standard output of this process.
pub(crate) fn renderer() -> Renderer {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    if colour { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii)
}

/// The report for people, from findings that were drawn.
pub(crate) fn render(report: &Report) -> String {
    let mut out = String::new();
    for (_, finding) in report.findings() {
        out.push_str(finding.drawn.as_deref().unwrap_or_default());
        out.push_str("\n\n");
    }
    let _ = writeln!(out, "{}", summary(report));
    out
}

/// The closing line.
pub(crate) fn summary(report: &Report) -> String {
    let mut out = format!(
        "{}, {}",
        counted(report.count(Severity::Error), "error"),
        counted(report.count(Severity::Warning), "warning")
    );
    for (severity, noun) in [(Severity::Information, "note"), (Severity::Hint, "hint")] {
        let count = report.count(severity);
        if count > 0 {
            let _ = write!(out, ", {}", counted(count, noun));
        }
    }
    let _ = write!(out, " in {}", counted(report.files, "file"));
    let fixable = report.findings().filter(|(_, it)| Finding::is_fixable(it)).count();
    match report.fixed() {
        0 => {}
        fixed => {
            let _ = write!(out, "; {fixed} fixed");
        }
    }
    if fixable > 0 {
        let _ = write!(out, "; --fix removes {fixable}");
    }
    out
}

pub(crate) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// One finding, without the line end behind it.
pub(super) fn draw(diagnostic: &Diagnostic, path: &Path, text: &Text, renderer: &Renderer) -> String {
    let path = path.display().to_string();
    let Some(excerpt) = Excerpt::around(diagnostic, text) else {
        let at = text.position(diagnostic.range.start, PositionEncoding::Utf32);
        let severity = severity_name(diagnostic.severity);
        let (line, column) = (at.line + 1, at.character + 1);
        return format!("{path}:{line}:{column}: {severity}[{}]: {}", diagnostic.code, diagnostic.message);
    };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO,
        Severity::Hint => Level::INFO.with_name("hint"),
    };
    let mut snippet = Snippet::source(&excerpt.source)
        .line_start(excerpt.first_line + 1)
        .path(&path)
        .fold(true)
        .annotation(AnnotationKind::Primary.span(excerpt.span(diagnostic.range)));
    for related in diagnostic.related.iter().filter(|it| excerpt.range.contains(it.range)) {
        snippet = snippet.annotation(AnnotationKind::Context.span(excerpt.span(related.range)).label(&related.message));
    }
    let mut report = vec![level.primary_title(&diagnostic.message).id(diagnostic.code).element(snippet)];
    for related in diagnostic.related.iter().filter(|it| !excerpt.range.contains(it.range)) {
        let line = text.line_of(related.range.start) + 1;
        let title = format!("line {line}: {}", related.message);
        report.push(Group::with_title(Level::NOTE.secondary_title(title)));
    }
    if let Some(fix) = diagnostic.fixes.first() {
        report.push(Group::with_title(Level::HELP.secondary_title(&fix.title)));
    }
    renderer.render(&report)
}

/// The lines that a finding is drawn into. Only these are handed to the renderer, which looks at every line it gets.
struct Excerpt {
    source: String,
    range: TextRange,
    first_line: usize,
}

impl Excerpt {
    /// `None` where there is nothing worth drawing.
    fn around(diagnostic: &Diagnostic, text: &Text) -> Option<Self> {
        let own = text.line_of(diagnostic.range.start);
        let (mut first, mut last) = (own, text.line_of(diagnostic.range.end));
        for related in &diagnostic.related {
            let (start, end) = (text.line_of(related.range.start), text.line_of(related.range.end));
            if last.max(end) - first.min(start) <= MAX_DRAWN_LINES {
                (first, last) = (first.min(start), last.max(end));
            }
        }
        let is_long = |line| text.line_range(line).len() > MAX_DRAWN_LINE;
        if text.is_empty() || (first..=last.min(first + MAX_DRAWN_LINES)).any(is_long) {
            return None;
        }
        let range = TextRange::new(text.line_range(first).start, text.line_range(last).end);
        Some(Self { source: text.slice(range), range, first_line: first })
    }

    fn span(&self, range: TextRange) -> std::ops::Range<usize> {
        range.start - self.range.start..range.end - self.range.start
    }
}
