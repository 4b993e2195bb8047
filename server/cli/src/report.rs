//! Findings of many files, and the formats they are printed in. A format is a pure function from a [`Report`] to text.
//!
//! A finding holds what any format says about it and nothing of its file: texts are dropped as soon as their file is
//! checked, so that memory does not grow with the number of files.

use std::path::PathBuf;
use std::time::Duration;

use assist::Severity;

mod finding;
pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod sarif;
pub(crate) mod text;

pub(crate) use finding::{Finding, Place, Point, Replacement};

/// Findings of one file.
#[derive(Debug)]
pub(crate) struct FileReport {
    pub(crate) path: PathBuf,
    /// Sorted by offset.
    pub(crate) findings: Vec<Finding>,
    /// Findings that were removed by their fixes.
    pub(crate) fixed: usize,
    /// What fixes would change, where that was asked for.
    pub(crate) diff: Option<String>,
    /// The text with its fixes, where it was read from standard input.
    pub(crate) fixed_text: Option<String>,
    /// What to say about the file beside the report.
    pub(crate) note: Option<String>,
}

impl FileReport {
    /// A report without fixes.
    pub(crate) fn new(path: PathBuf, findings: Vec<Finding>) -> Self {
        Self { path, findings, fixed: 0, diff: None, fixed_text: None, note: None }
    }
}

/// Findings of a run, sorted by path.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) reports: Vec<FileReport>,
    /// Files checked, those without findings included.
    pub(crate) files: usize,
    pub(crate) elapsed: Duration,
}

impl Report {
    /// How many findings have this severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|(_, it)| it.severity == severity).count()
    }

    /// Every finding with its file, in order.
    pub(crate) fn findings(&self) -> impl Iterator<Item = (&FileReport, &Finding)> {
        self.reports.iter().flat_map(|file| file.findings.iter().map(move |finding| (file, finding)))
    }

    /// Findings that were removed by their fixes.
    pub(crate) fn fixed(&self) -> usize {
        self.reports.iter().map(|it| it.fixed).sum()
    }
}

/// The contract's words for severities.
pub(crate) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
        Severity::Hint => "hint",
    }
}

#[cfg(test)]
mod tests;
