//! Formats as snapshots over one small report.

use std::path::PathBuf;
use std::time::Duration;

use annotate_snippets::Renderer;
use annotate_snippets::renderer::DecorStyle;
use assist::{Diagnostic, Fix, RelatedRange, Severity};
use expect_test::expect;
use syntax::{TextEdit, TextRange};

use super::{FileReport, Report, json, text};

fn report() -> Report {
    let diagnostic = Diagnostic {
        range: TextRange::new(13, 14),
        severity: Severity::Error,
        code: "unclosed-bracket",
        message: "this `(` is never closed".to_owned(),
        related: vec![RelatedRange { range: TextRange::new(15, 16), message: "expected `)` here".to_owned() }],
        fixes: vec![Fix {
            title: "Insert `)`".to_owned(),
            edits: vec![TextEdit { range: TextRange::empty(15), new_text: ")".to_owned() }],
            safe: false,
        }],
    };
    let unreadable = Diagnostic {
        range: TextRange::empty(0),
        severity: Severity::Error,
        code: "unreadable-file",
        message: "cannot be checked: not UTF-8 (first bad byte at offset 3)".to_owned(),
        related: Vec::new(),
        fixes: Vec::new(),
    };
    let file = |path: &str, text: &str, diagnostics| FileReport {
        path: PathBuf::from(path),
        text: text.to_owned(),
        diagnostics,
    };
    Report {
        reports: vec![
            file("a.py", "é = 1\nprint(1\n", vec![diagnostic]),
            file("b.py", "", vec![unreadable]),
            file("c.py", "x = 1\n", Vec::new()),
        ],
        files: 3,
        elapsed: Duration::from_millis(12),
    }
}

#[test]
fn text_format() {
    let renderer = Renderer::plain().decor_style(DecorStyle::Ascii);
    expect![[""]].assert_eq(&text::render_with(&report(), &renderer));
}

#[test]
fn json_format() {
    let text = serde_json::to_string_pretty(&json::render(&report())).unwrap();
    expect![[""]].assert_eq(&text);
}
