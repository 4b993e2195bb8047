//! `ropewalk check PATH…`: diagnostics of many files on all cores, in an order that never changes. Uses no model.
//!
//! A file's text lives as long as the file is worked on: what is kept of it is its findings, with everything that a
//! report says about them.

mod baseline;
mod select;
mod work;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::args::{CheckArgs, ReportFormat};
use crate::config::Config;
use crate::report::{self, FileReport, Report};
use crate::{files, output};
use baseline::Baseline;
use select::Selection;
use work::{Checker, Work};

/// Code of a file that could not be read as text.
const UNREADABLE: &str = "unreadable-file";

/// Prints the findings; exit code 0 none, 1 some, 2 when a named path does not exist.
pub(crate) fn run(config: &Config, args: &CheckArgs) -> anyhow::Result<u8> {
    let started = Instant::now();
    let selection = Selection::new(&args.select, &args.ignore)?;
    // A baseline that cannot be read is told before the work, not after it.
    let known = match &args.baseline {
        Some(file) if !args.write_baseline => Some(Baseline::read(file)?),
        _ => None,
    };
    let checker = Checker::new(config, args, selection);
    let mut reports = if args.paths == [PathBuf::from("-")] {
        vec![stdin(&checker, args)?]
    } else {
        ensure!(!args.paths.iter().any(|it| it.as_os_str() == "-"), "`-` cannot be combined with other paths");
        let work = Work::collect(&args.paths)?;
        work.skipped.iter().for_each(|it| output::note(it));
        work.run(&checker, config.threads)?
    };
    for problem in checker.problems() {
        output::note(&format!("{}: {}; the default rules were run", problem.path.display(), problem.message));
    }
    if args.write_baseline
        && let Some(file) = &args.baseline
    {
        let written = Baseline::of(file, &reports)?;
        written.write(file)?;
        let count = report::text::counted(written.len(), "finding");
        output::note(&format!("{count} written to {}", file.display()));
        return Ok(0);
    }
    for note in reports.iter().filter_map(|it| it.note.as_ref()) {
        output::note(note);
    }
    if args.diff {
        return print_diffs(&reports);
    }
    let files = reports.len();
    if let Some(known) = known {
        known.subtract(&mut reports).iter().for_each(|it| output::note(it));
    }
    let report = Report { reports, files, elapsed: started.elapsed() };
    if let Some(fixed) = report.reports.first().and_then(|it| it.fixed_text.as_ref()) {
        // The text goes where the next program of the pipe reads it, so the report has to go elsewhere.
        output::print(fixed)?;
        output::note(&report::text::summary(&report));
        return Ok(u8::from(report.findings().next().is_some()));
    }
    print(&report, args.format)
}

/// Prints what fixes would change; 1 when that is something.
fn print_diffs(reports: &[FileReport]) -> anyhow::Result<u8> {
    let diffs: String = reports.iter().filter_map(|it| it.diff.as_deref()).collect();
    output::print(&diffs)?;
    let changed = reports.iter().filter(|it| it.diff.is_some()).count();
    if changed > 0 {
        output::note(&format!("{} would change", report::text::counted(changed, "file")));
    }
    Ok(u8::from(changed > 0))
}

/// Prints the report; returns the exit code it means.
fn print(report: &Report, format: ReportFormat) -> anyhow::Result<u8> {
    let exit_code = u8::from(report.findings().next().is_some());
    match format {
        ReportFormat::Text => output::print(&report::text::render(report))?,
        ReportFormat::Json => output::print_json(&report::json::render(report))?,
        ReportFormat::Sarif => {
            let here = std::env::current_dir().context("the working directory")?;
            output::print_json(&report::sarif::render(report, &here, exit_code))?;
        }
        ReportFormat::Github => output::print(&report::github::render(report))?,
        ReportFormat::Junit => output::print(&report::junit::render(report))?,
    }
    Ok(exit_code)
}

fn stdin(checker: &Checker, args: &CheckArgs) -> anyhow::Result<FileReport> {
    let name = args.stdin_filename.as_deref().context("`-` needs --stdin-filename to know the language")?;
    let language = work::language(name)
        .with_context(|| format!("--stdin-filename {}: no language goes by that name", name.display()))?;
    Ok(checker.check_or_fix(name, &files::read_stdin()?, language, |_fixed| Ok(())))
}

/// Whether some finding can have this code.
fn is_known_code(code: &str) -> bool {
    assist::rule(code).is_some() || select::FILE_CODES.contains(&code)
}
