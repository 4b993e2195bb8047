//! Findings of many files, and the formats they are printed in. A format is a pure function from a [`Report`] to text.

use std::path::PathBuf;
use std::time::Duration;

use assist::{Diagnostic, Severity};

pub(crate) mod json;
pub(crate) mod text;

/// Findings of one file.
#[derive(Debug)]
pub(crate) struct FileReport {
    pub(crate) path: PathBuf,
    /// The file's text: places are byte offsets into it.
    pub(crate) text: String,
    /// Sorted by offset.
    pub(crate) diagnostics: Vec<Diagnostic>,
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
        self.reports.iter().flat_map(|it| &it.diagnostics).filter(|it| it.severity == severity).count()
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
