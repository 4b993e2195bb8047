//! Formats as snapshots over one small report.

use std::path::PathBuf;
use std::time::Duration;

use annotate_snippets::Renderer;
use annotate_snippets::renderer::DecorStyle;
use assist::{Diagnostic, Fix, RelatedRange, Severity};
use expect_test::expect;
use syntax::{Text, TextEdit, TextRange};

use super::{FileReport, Finding, Report, json, text};

fn report() -> Report {
    let diagnostic = Diagnostic {
        range: TextRange::new(12, 13),
        severity: Severity::Error,
        code: "unclosed-bracket",
        message: "this `(` is never closed".to_owned(),
        related: vec![RelatedRange { range: TextRange::new(14, 15), message: "expected `)` here".to_owned() }],
        fixes: vec![Fix {
            title: "Insert `)`".to_owned(),
            edits: vec![TextEdit { range: TextRange::empty(14), new_text: ")".to_owned() }],
            safe: false,
        }],
        tags: Vec::new(),
    };
    let message = "cannot be checked: not UTF-8 (first bad byte at offset 3)";
    let unreadable = Diagnostic::new(Severity::Error, "unreadable-file", TextRange::empty(0), message);
    let renderer = Renderer::plain().decor_style(DecorStyle::Ascii);
    let file = |path: &str, text: &str, diagnostics: Vec<Diagnostic>| {
        let (path, text) = (PathBuf::from(path), Text::new(text));
        let findings = diagnostics.into_iter().map(|it| Finding::new(it, &path, &text, Some(&renderer))).collect();
        FileReport::new(path, findings)
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
    expect![[r#"
        error[unclosed-bracket]: this `(` is never closed
         --> a.py:2:6
          |
        2 | print(1
          |      ^ - expected `)` here
          |
        help: Insert `)`

        b.py:1:1: error[unreadable-file]: cannot be checked: not UTF-8 (first bad byte at offset 3)

        2 errors, 0 warnings in 3 files
    "#]]
    .assert_eq(&text::render(&report()));
}

#[test]
fn json_format() {
    let text = serde_json::to_string_pretty(&json::render(&report())).unwrap();
    expect![[r#"
        {
          "diagnostics": [
            {
              "path": "a.py",
              "range": {
                "start": {
                  "line": 1,
                  "character": 5
                },
                "end": {
                  "line": 1,
                  "character": 6
                }
              },
              "severity": "error",
              "code": "unclosed-bracket",
              "message": "this `(` is never closed",
              "fixes": [
                {
                  "title": "Insert `)`",
                  "edits": [
                    {
                      "range": {
                        "start": {
                          "line": 1,
                          "character": 7
                        },
                        "end": {
                          "line": 1,
                          "character": 7
                        }
                      },
                      "newText": ")"
                    }
                  ]
                }
              ]
            },
            {
              "path": "b.py",
              "range": {
                "start": {
                  "line": 0,
                  "character": 0
                },
                "end": {
                  "line": 0,
                  "character": 0
                }
              },
              "severity": "error",
              "code": "unreadable-file",
              "message": "cannot be checked: not UTF-8 (first bad byte at offset 3)",
              "fixes": []
            }
          ],
          "summary": {
            "files": 3,
            "errors": 2,
            "warnings": 0,
            "elapsed_ms": 12
          }
        }"#]]
    .assert_eq(&text);
}
