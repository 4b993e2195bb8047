//! `ropewalk eval`: how good the completions are, on code that the model has not seen.
//!
//! Holes are cut into the files of a folder, always the same ones for a seed; each is filled as an editor would have it
//! filled. The figures judge the whole pipeline, not the model alone; [`compare`] tells what each part of it is worth.
//! With `--replay` the files are typed through the language server instead ([`replay`]).

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Serialize;
use syntax::Language;

use crate::args::EvalArgs;
use crate::config::Config;
use crate::{files, output};

mod cases;
mod compare;
mod fill;
mod pipeline;
mod random;
mod replay;
mod report;
mod score;
mod source;
mod taken;

use cases::Case;
use pipeline::Pipeline;
use source::Project;

/// Prints the figures.
pub(crate) fn run(config: &Config, args: &EvalArgs) -> anyhow::Result<u8> {
    let language = args.lang.as_deref();
    let language =
        language.map(|name| Language::from_name(name).with_context(|| format!("--lang {name}: no such language")));
    let language = language.transpose()?;
    if args.compare {
        ensure!(config.model != "none", "--compare needs a model to compare with, and the configured one is `none`");
    }
    let pipelines: &[Pipeline] = match (args.compare, args.without_copies) {
        (true, _) => &Pipeline::ALL,
        (false, true) => &[Pipeline::ModelAlone],
        (false, false) => &[Pipeline::Blended],
    };
    if args.replay {
        type_again(config, args, language, pipelines)
    } else {
        fill_holes(config, args, language, pipelines)
    }
}

/// Holes, filled by each of the pipelines.
fn fill_holes(
    config: &Config,
    args: &EvalArgs,
    language: Option<Language>,
    pipelines: &[Pipeline],
) -> anyhow::Result<u8> {
    let (projects, cases) = holes(args, language)?;
    ensure!(
        !cases.is_empty(),
        "no place for a hole: no file is code in a language with a grammar, or they are too small"
    );
    let mut out = match &args.out {
        Some(path) => Some(std::fs::File::create(path).with_context(|| path.display().to_string())?),
        None => None,
    };
    let mut config = config.clone();
    if args.show_all {
        config.assist.inline_completion.min_confidence = 0.0;
        config.assist.inline_completion.min_gain = 0.0;
    }
    let mut runs = Vec::new();
    for &pipeline in pipelines {
        let out = out.as_mut().map(|file| file as &mut dyn Write);
        runs.push(fill::fill(&config, pipeline, &projects, &cases, out)?);
    }
    if args.compare {
        let comparison = compare::Comparison::new(&config.model, args.seed, &runs);
        return print(args, &comparison, compare::Comparison::describe);
    }
    print(args, &report::Report::new(&config.model, args.seed, &runs.concat()), report::Report::describe)
}

/// A typing session through the language server with each of the pipelines, and through other servers beside it.
fn type_again(
    config: &Config,
    args: &EvalArgs,
    language: Option<Language>,
    pipelines: &[Pipeline],
) -> anyhow::Result<u8> {
    let projects = source::collect(&args.paths, language)?;
    let choose = |language| replay::typist::choose(&projects, language, args.files as usize, args.seed);
    let stretches: Vec<_> = languages(&projects).into_iter().flat_map(choose).collect();
    ensure!(!stretches.is_empty(), "nothing to type: no file is long enough, and in a language with a grammar");
    let mut servers = Vec::new();
    for &pipeline in pipelines {
        let name = if args.compare { pipeline.to_string() } else { "ropewalk".to_owned() };
        servers.push(replay::Server::own(name, &pipeline.of(config))?);
    }
    for command in &args.server {
        servers.push(replay::Server::other(command)?);
    }
    let figures = replay::replay(&servers, &stretches, Duration::from_millis(args.key_ms), args.seed)?;
    print(args, &figures, replay::Replay::describe)
}

fn print<T: Serialize>(args: &EvalArgs, figures: &T, describe: impl Fn(&T) -> String) -> anyhow::Result<u8> {
    if args.json {
        output::print_json(figures)?;
    } else {
        output::print(&describe(figures))?;
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
