//! `ropewalk eval`: how good the completions are, on code that the model has not seen.
//!
//! Holes are cut into the files of a folder, always the same ones for a seed; each is filled as an editor would have it
//! filled, with other files of its project open beside it. The figures judge the whole pipeline, not the model alone.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use assist::generation::CancelToken;
use assist::{Assist, DocumentId, InlineCompletionRequest, Severity, Snapshot, Trigger};
use syntax::Language;

use crate::args::EvalArgs;
use crate::config::Config;
use crate::{files, output, wiring};

mod cases;
mod random;
mod replay;
mod report;
mod score;
mod source;

use cases::Case;
use score::Outcome;
use source::Project;

/// Nobody is typing, and the answer must not depend on the clock.
const DEADLINE_MS: u64 = 60 * 1000;
/// Other files of a project that are open beside the one with the hole.
const OPEN_FILES: usize = 32;

/// Prints the figures.
pub(crate) fn run(config: &Config, args: &EvalArgs) -> anyhow::Result<u8> {
    let language = args.lang.as_deref();
    let language =
        language.map(|name| Language::from_name(name).with_context(|| format!("--lang {name}: no such language")));
    let language = language.transpose()?;
    if args.replay {
        return type_again(config, args, language);
    }
    let (projects, cases) = holes(args, language)?;
    ensure!(
        !cases.is_empty(),
        "no place for a hole: no file is code in a language with a grammar, or they are too small"
    );
    let mut config = config.clone();
    config.assist.inline_completion.deadline_ms = DEADLINE_MS;
    let (assist, load) = wiring::start(&config)?;
    if let Some(load) = load {
        load.blocking_finished().with_context(|| format!("model {}", config.model))?;
    }
    let runtime = wiring::runtime()?;
    let mut out = match &args.out {
        Some(path) => Some(std::fs::File::create(path).with_context(|| path.display().to_string())?),
        None => None,
    };
    let mut outcomes = Vec::with_capacity(cases.len());
    let mut open: Option<(usize, Vec<DocumentId>)> = None;
    for case in &cases {
        if open.as_ref().map(|(project, _)| *project) != case.project {
            close_all(&assist, open.take());
            open = case.project.map(|project| (project, open_all(&assist, &projects[project])));
        }
        let outcome = runtime.block_on(fill(&assist, case))?;
        if let Some(out) = &mut out {
            serde_json::to_writer(&mut *out, &outcome)?;
            out.write_all(b"\n")?;
        }
        outcomes.push(outcome);
    }
    let report = report::Report::new(&config.model, args.seed, &outcomes);
    if args.json {
        output::print_json(&report)?;
    } else {
        output::print(&report.describe())?;
    }
    Ok(0)
}

/// A typing session through the language server.
fn type_again(config: &Config, args: &EvalArgs, language: Option<Language>) -> anyhow::Result<u8> {
    let projects = source::collect(&args.paths, language)?;
    let choose = |language| replay::typist::choose(&projects, language, args.files as usize, args.seed);
    let stretches: Vec<_> = languages(&projects).into_iter().flat_map(choose).collect();
    ensure!(!stretches.is_empty(), "nothing to type: no file is long enough, and in a language with a grammar");
    let summary = replay::replay(&config.arguments(), &stretches)?.summary();
    if args.json {
        output::print_json(&summary)?;
    } else {
        output::print(&summary.describe())?;
    }
    Ok(0)
}

/// The languages of the files, by id.
fn languages(projects: &[Project]) -> Vec<Language> {
    let mut languages: Vec<_> = projects.iter().flat_map(|project| &project.files).map(|file| file.language).collect();
    languages.sort_by_key(|language| language.id());
    languages.dedup();
    languages
}

/// The holes, and the projects that they are in.
fn holes(args: &EvalArgs, language: Option<Language>) -> anyhow::Result<(Vec<Project>, Vec<Case>)> {
    if let Some(file) = &args.infilling {
        let text = files::read_text(file).with_context(|| file.display().to_string())?;
        return Ok((Vec::new(), cases::infilling(&text, language).with_context(|| file.display().to_string())?));
    }
    let projects = source::collect(&args.paths, language)?;
    let cut = |language| cases::cut(&projects, language, args.cases as usize, args.seed);
    let cases = languages(&projects).into_iter().flat_map(cut).collect();
    Ok((projects, cases))
}

fn open_all(assist: &Assist, project: &Project) -> Vec<DocumentId> {
    let open = |file: &source::SourceFile| {
        let id = document_id(&file.path);
        assist.workspace().open(id.clone(), file.language.id(), 1, &file.text);
        id
    };
    project.files.iter().take(OPEN_FILES).map(open).collect()
}

fn close_all(assist: &Assist, open: Option<(usize, Vec<DocumentId>)>) {
    for id in open.into_iter().flat_map(|(_, ids)| ids) {
        // It is open: nobody else closes anything here.
        let _ = assist.workspace().close(&id);
    }
}

fn document_id(path: &Path) -> DocumentId {
    let path = path.to_string_lossy().replace('\\', "/");
    DocumentId::new(&format!("file:///{}", path.trim_start_matches('/')))
}

/// Has one hole filled.
async fn fill(assist: &Assist, case: &Case) -> anyhow::Result<Outcome> {
    let id = document_id(&case.path);
    let whole = assist.workspace().snapshot(&id).map(|open| open.document().text().to_string());
    assist.workspace().open(id.clone(), case.language.id(), 2, &case.text);
    let snapshot = assist.workspace().snapshot(&id).context("the document was opened just now")?;
    let request = InlineCompletionRequest {
        offset: case.offset,
        trigger: Trigger::Automatic,
        selected: None,
        max_tokens: None,
        sampling: None,
        stop: Vec::new(),
        cancel: CancelToken::new(),
    };
    let started = Instant::now();
    let answer = assist::inline_completion(assist, &snapshot, request).await?;
    let elapsed = started.elapsed();
    match whole {
        // The next hole may be in another file of this project.
        Some(text) => assist.workspace().open(id, case.language.id(), 3, &text),
        None => assist.workspace().close(&id)?,
    }
    Ok(score::score(case, &answer, elapsed, is_sound))
}

/// Whether a text has no syntax error.
fn is_sound(case: &Case, text: &str) -> bool {
    let snapshot = Snapshot::of_text(text, case.language, None);
    assist::diagnostics(&snapshot).iter().all(|it| it.severity != Severity::Error)
}
