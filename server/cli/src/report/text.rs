//! `--format text`: findings drawn into their source lines, and a closing count. Lines and columns are counted from 1.

use std::fmt::Write;
use std::io::IsTerminal;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use assist::{Diagnostic, Severity};
use syntax::{PositionEncoding, Text};

use super::{FileReport, Report, severity_name};

/// Source lines longer than this are not drawn: a minified file would flood the terminal.
const MAX_DRAWN_LINE: usize = 400;

/// The report for people.
pub(crate) fn render(report: &Report) -> String {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    render_with(report, &renderer)
}

/// The same with a given renderer.
pub(crate) fn render_with(report: &Report, renderer: &Renderer) -> String {
    let mut out = String::new();
    for file in report.reports.iter().filter(|it| !it.diagnostics.is_empty()) {
        let text = Text::new(&file.text);
        for diagnostic in &file.diagnostics {
            out.push_str(&diagnostic_text(file, &text, diagnostic, renderer));
            out.push_str("\n\n");
        }
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let _ = writeln!(
        out,
        "{}, {} in {}",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(report.files, "file")
    );
    out
}

fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn diagnostic_text(file: &FileReport, text: &Text, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let path = file.path.display().to_string();
    let first = text.line_of(diagnostic.range.start);
    if file.text.is_empty() || text.line_range(first).len() > MAX_DRAWN_LINE {
        let at = text.position(diagnostic.range.start, PositionEncoding::Utf32);
        let severity = severity_name(diagnostic.severity);
        return format!(
            "{path}:{}:{}: {severity}[{}]: {}",
            at.line + 1,
            at.character + 1,
            diagnostic.code,
            diagnostic.message
        );
    }
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO,
        Severity::Hint => Level::HELP,
    };
    let mut snippet = Snippet::source(&file.text)
        .path(&path)
        .fold(true)
        .annotation(AnnotationKind::Primary.span(diagnostic.range.into()));
    for related in &diagnostic.related {
        snippet = snippet.annotation(AnnotationKind::Context.span(related.range.into()).label(&related.message));
    }
    let mut report = vec![level.primary_title(&diagnostic.message).id(diagnostic.code).element(snippet)];
    if let Some(fix) = diagnostic.fixes.first() {
        report.push(annotate_snippets::Group::with_title(Level::HELP.secondary_title(&fix.title)));
    }
    renderer.render(&report)
}
