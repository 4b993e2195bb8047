//! The files to check, and what is done with each of them, in parallel.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::Renderer;
use anyhow::Context;
use assist::{Diagnostic, Fix, LintConfig, LintConfigProblem, LintSettings, RuleSelection, Severity, Snapshot};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use syntax::{Language, Text, TextRange};

use super::UNREADABLE;
use super::select::Selection;
use crate::args::{CheckArgs, ReportFormat};
use crate::config::Config;
use crate::project::Disk;
use crate::report::{self, FileReport, Finding};
use crate::unified_diff::unified_diff;
use crate::{atomic_file, files};

/// Stack of a worker. Parsers and rules are recursive; only what is used of it takes memory.
const STACK_BYTES: usize = 64 << 20;

/// What a file is checked with.
pub(super) struct Checker {
    selection: Selection,
    /// Settings of the files' projects.
    lint: LintConfig,
    /// What the command line and `ropewalk.toml` choose.
    rules: RuleSelection,
    /// Draws findings, where they are printed for people.
    renderer: Option<Renderer>,
    fixing: Option<Fixing>,
}

/// What is done about what can be fixed.
struct Fixing {
    with_unsafe: bool,
    /// Nothing is written.
    is_dry: bool,
    /// The fixed text is printed, not written to a file.
    keeps_text: bool,
}

impl Checker {
    pub(super) fn new(config: &Config, args: &CheckArgs, selection: Selection) -> Self {
        let renderer = (args.format == ReportFormat::Text).then(report::text::renderer);
        let fixing = (args.fix || args.diff).then(|| Fixing {
            with_unsafe: args.unsafe_fixes,
            is_dry: args.diff,
            keeps_text: args.paths.iter().any(|it| it.as_os_str() == "-"),
        });
        let mut rules = config.assist.lint.clone();
        // A rule that is named runs, also where it is not in the default set.
        if !args.select.is_empty() {
            rules = RuleSelection { select: Some(args.select.clone()), ..RuleSelection::default() };
        }
        rules.ignore.extend(args.ignore.iter().cloned());
        Self { selection, lint: LintConfig::new(Some(Arc::new(Disk))), rules, renderer, fixing }
    }

    /// Settings files that made no sense.
    pub(super) fn problems(&self) -> Vec<LintConfigProblem> {
        self.lint.problems()
    }

    /// The findings in a text.
    pub(super) fn check(&self, path: &Path, text: &str, language: Language) -> FileReport {
        let snapshot = snapshot(path, text, language);
        let found = assist::diagnostics(&snapshot, &self.settings(&snapshot));
        self.report(path, snapshot.document().text(), found)
    }

    /// What the rules are told about a file.
    fn settings(&self, snapshot: &Snapshot) -> Arc<LintSettings> {
        self.lint.settings(snapshot.path().map(PathBuf::as_path), &self.rules)
    }

    fn check_file(&self, path: &Path, language: Language) -> FileReport {
        match files::read_text(path) {
            Ok(text) => self.check_or_fix(path, &text, language, |fixed| atomic_file::replace(path, &text, fixed)),
            Err(error) => self.unreadable(path, &format!("{error:#}")),
        }
    }

    /// The findings in a text; where fixes were asked for, those that are left when `write` took the fixed text.
    pub(super) fn check_or_fix(
        &self,
        path: &Path,
        text: &str,
        language: Language,
        write: impl FnOnce(&str) -> anyhow::Result<()>,
    ) -> FileReport {
        let Some(fixing) = &self.fixing else { return self.check(path, text, language) };
        let snapshot = snapshot(path, text, language);
        let accepts =
            |problem: &Diagnostic, fix: &Fix| self.selection.reports(problem.code) && (fix.safe || fixing.with_unsafe);
        let edits = assist::fix_where(&snapshot, &self.settings(&snapshot), accepts);
        let fixed = syntax::apply_edits(text, &edits);
        if fixed == text {
            let fixed_text = fixing.keeps_text.then_some(fixed);
            return FileReport { fixed_text, ..self.check(path, text, language) };
        }
        if fixing.is_dry {
            let diff = unified_diff(&path.display().to_string(), text, &fixed);
            return FileReport { diff: Some(diff), ..FileReport::new(path.to_path_buf(), Vec::new()) };
        }
        let before = self.check(path, text, language);
        match write(&fixed) {
            Ok(()) => {
                let after = self.check(path, &fixed, language);
                let removed = before.findings.len().saturating_sub(after.findings.len());
                FileReport { fixed: removed, fixed_text: Some(fixed).filter(|_| fixing.keeps_text), ..after }
            }
            Err(error) => FileReport { note: Some(format!("{} was not fixed: {error:#}", path.display())), ..before },
        }
    }

    fn unreadable(&self, path: &Path, reason: &str) -> FileReport {
        let message = format!("cannot be checked: {reason}");
        let diagnostic = Diagnostic::new(Severity::Error, UNREADABLE, TextRange::empty(0), message);
        self.report(path, &Text::new(""), vec![diagnostic])
    }

    fn report(&self, path: &Path, text: &Text, found: Vec<Diagnostic>) -> FileReport {
        let found = found.into_iter().filter(|it| self.selection.reports(it.code));
        let findings = found.map(|it| Finding::new(it, path, text, self.renderer.as_ref())).collect();
        FileReport::new(path.to_path_buf(), findings)
    }
}

/// The text under its whole path: that is what patterns in settings are about.
fn snapshot(path: &Path, text: &str, language: Language) -> Snapshot {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Snapshot::of_text(text, language, Some(&absolute))
}

/// The files below the named paths.
pub(super) struct Work {
    /// Those of a known language, sorted by path.
    files: Vec<(PathBuf, Language)>,
    /// Folders that could not be read, and why.
    unreadable: Vec<(PathBuf, String)>,
    /// What to say about named files that are not checked.
    pub(super) skipped: Vec<String>,
}

impl Work {
    /// # Errors
    /// When a named path does not exist.
    pub(super) fn collect(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let found = files::collect(paths)?;
        let (mut work, mut skipped) = (Vec::new(), Vec::new());
        for path in found.files {
            match language(&path) {
                Some(language) => work.push((path, language)),
                None if paths.contains(&path) => {
                    skipped.push(format!("{}: no language goes by that name; not checked", path.display()));
                }
                None => {}
            }
        }
        Ok(Self { files: work, unreadable: found.unreadable, skipped })
    }

    /// Checks everything.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub(super) fn run(self, checker: &Checker, threads: Option<usize>) -> anyhow::Result<Vec<FileReport>> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.unwrap_or_default())
            .stack_size(STACK_BYTES)
            .thread_name(|index| format!("ropewalk-check-{index}"))
            .build()
            .context("starting threads")?;
        let progress = progress_bar(self.files.len());
        // `collect` keeps the order of the sorted paths, whatever thread was first.
        let mut reports: Vec<_> = pool.install(|| {
            let files = self.files.par_iter().with_max_len(1);
            let check = |(path, language): &(PathBuf, Language)| {
                let report = checker.check_file(path, *language);
                progress.inc(1);
                report
            };
            files.map(check).collect()
        });
        progress.finish_and_clear();
        reports.extend(self.unreadable.iter().map(|(path, reason)| checker.unreadable(path, reason)));
        reports.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(reports)
    }
}

/// The language of a file, where there is something to check it with.
pub(super) fn language(path: &Path) -> Option<Language> {
    Language::from_path(path).filter(|it| it.grammar().is_some())
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(files: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} files").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(files as u64).with_style(style)
}
