//! The ropewalk program: reads arguments and configuration, wires engine and features, runs one command.
//!
//! No feature logic here: a command calls `assist`, `lsp` or `bridge` and prints.

mod args;
mod atomic_file;
mod commands;
mod config;
mod files;
mod logging;
mod memory;
mod models;
mod output;
mod project;
mod report;
mod unified_diff;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::config::Config;

/// Exit code of a command that could not run (`server/cli` contract: 0 fine, 1 findings, 2 could not run).
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(code) => ExitCode::from(code),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error_line(&error);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

fn run(args: Args) -> anyhow::Result<u8> {
    let read = Config::read(args.config.as_deref());
    // An editor must get its server in spite of a mistake in the file; elsewhere the mistake is the answer.
    let (config, mistake) = match (read, &args.command) {
        (Err(mistake), Command::Lsp(_)) => (Config::default(), Some(mistake)),
        (read, _) => (read?, None),
    };
    let config = config.overridden_by(&args.global());
    logging::start(&config, args.log_file.as_deref())?;
    if let Some(mistake) = &mistake {
        tracing::error!("{mistake:#}; going on with the defaults");
    }
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    match args.command {
        Command::Lsp(it) => {
            let mistakes = mistake.iter().map(output::in_one_line).chain(config.warnings.iter().cloned());
            commands::lsp::run(&config, &it, mistakes.collect())
        }
        Command::Serve(it) => commands::serve::run(&config, &it),
        Command::Complete(it) => commands::complete::run(&config, &it),
        Command::Check(it) => commands::check::run(&config, &it),
        Command::Explain(it) => commands::explain::run(&it),
        Command::Format(it) => commands::format::run(&it),
        Command::Model(it) => commands::model::run(&config, &it),
        Command::Bench(it) => commands::bench::run(&config, &it),
        Command::Eval(it) => commands::eval::run(&config, &it),
        Command::Doctor(it) => commands::doctor::run(&config, &it),
        Command::Completions(it) => commands::completions::run(&it),
    }
}
