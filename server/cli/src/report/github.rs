//! `--format github`: workflow commands, which GitHub Actions shows beside the lines of a change.
//!
//! The escaping is that of the actions toolkit: data and properties are percent-encoded as far as the runner decodes them.

use std::fmt::Write;

use assist::Severity;

use super::{Finding, Report};

/// One command a finding.
pub(crate) fn render(report: &Report) -> String {
    let mut out = String::new();
    for (file, finding) in report.findings() {
        let path = file.path.display().to_string();
        let _ =
            write!(out, "::{} title={}", command(finding.severity), property(&format!("ropewalk ({})", finding.code)));
        let _ = write!(out, ",file={},{}", property(&path), place(finding));
        let _ = writeln!(out, "::{}: {}", data(finding.code), data(&finding.message));
    }
    out
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "notice",
    }
}

/// Lines and columns from 1. GitHub takes columns only where both ends are on one line.
fn place(finding: &Finding) -> String {
    let (start, end) = (finding.place.start, finding.place.end);
    let lines = format!("line={},endLine={}", start.line + 1, end.line + 1);
    if start.line == end.line {
        format!("{lines},col={},endColumn={}", start.column + 1, end.column + 1)
    } else {
        lines
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
