//! `ropewalk check PATH…`: diagnostics of many files on all cores, in an order that never changes. Uses no model.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use assist::{Diagnostic, LintSettings, Severity, Snapshot};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use syntax::{Language, TextRange};

use crate::args::{CheckArgs, ReportFormat};
use crate::report::{FileReport, Report};
use crate::{files, output, report};

/// Code of a file that could not be read as text.
const UNREADABLE: &str = "unreadable-file";

/// Prints the findings; exit code 0 none, 1 some, 2 when a named path does not exist.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let started = Instant::now();
    for code in args.select.iter().chain(&args.ignore) {
        let known = || assist::rules().iter().map(|it| it.code).chain([assist::UNPARSED_FILE, UNREADABLE]);
        let list = || known().collect::<Vec<_>>().join(", ");
        ensure!(known().any(|it| it == code), "no diagnostic has the code {code}; there are {}", list());
    }
    let mut reports = if args.paths == [PathBuf::from("-")] { vec![stdin(args)?] } else { check_files(args)? };
    let files = reports.len();
    for file in &mut reports {
        file.diagnostics.retain(|it| selected(args, it));
    }
    let report = Report { files, elapsed: started.elapsed(), reports };
    match args.format {
        ReportFormat::Text => output::print(&report::text::render(&report))?,
        ReportFormat::Json => output::print_json(&report::json::render(&report))?,
    }
    Ok(u8::from(report.reports.iter().any(|it| !it.diagnostics.is_empty())))
}

fn selected(args: &CheckArgs, diagnostic: &Diagnostic) -> bool {
    let named = |codes: &[String]| codes.iter().any(|it| it == diagnostic.code);
    (args.select.is_empty() || named(&args.select)) && !named(&args.ignore)
}

fn stdin(args: &CheckArgs) -> anyhow::Result<FileReport> {
    let name = args.stdin_filename.as_deref().context("`-` needs --stdin-filename to know the language")?;
    let language = Language::from_path(name)
        .with_context(|| format!("--stdin-filename {}: no language goes by that name", name.display()))?;
    Ok(check_text(name, files::read_stdin()?, language))
}

fn check_files(args: &CheckArgs) -> anyhow::Result<Vec<FileReport>> {
    ensure!(!args.paths.iter().any(|it| it.as_os_str() == "-"), "`-` cannot be combined with other paths");
    let found = files::collect(&args.paths)?;
    let work: Vec<_> = found
        .files
        .iter()
        .filter_map(|path| {
            Language::from_path(path).filter(|it| it.grammar().is_some()).map(|language| (path, language))
        })
        .collect();
    let progress = progress_bar(work.len());
    // `collect` keeps the order of the sorted paths, whatever thread was first.
    let mut reports: Vec<_> = work
        .into_par_iter()
        .map(|(path, language)| {
            let report = match files::read_text(path) {
                Ok(text) => check_text(path, text, language),
                Err(error) => unreadable(path, &error),
            };
            progress.inc(1);
            report
        })
        .collect();
    progress.finish_and_clear();
    reports.extend(found.unreadable.iter().map(|(path, reason)| unreadable(path, &anyhow::anyhow!("{reason}"))));
    reports.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(reports)
}

fn check_text(path: &Path, text: String, language: Language) -> FileReport {
    let snapshot = Snapshot::of_text(&text, language, Some(path));
    FileReport { path: path.to_path_buf(), diagnostics: assist::diagnostics(&snapshot, &LintSettings::default()), text }
}

fn unreadable(path: &Path, error: &anyhow::Error) -> FileReport {
    let message = format!("cannot be checked: {error:#}");
    let diagnostic = Diagnostic::new(Severity::Error, UNREADABLE, TextRange::empty(0), message);
    FileReport { path: path.to_path_buf(), diagnostics: vec![diagnostic], text: String::new() }
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
