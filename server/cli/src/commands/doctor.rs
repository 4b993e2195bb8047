//! `ropewalk doctor`: what is here, what is missing, and what to do about each problem.

use std::path::PathBuf;

use assist::model::{ModelInfo, ModelSource};
use serde::Serialize;
use syntax::Language;

use crate::args::DoctorArgs;
use crate::config::Config;
use crate::models::{self, ResolvedModel};
use crate::{output, wiring};

/// Editors looked for on the PATH, and how each is wired.
const EDITORS: &[(&str, &str, &str)] = &[
    ("Neovim", "nvim", "copy editors/neovim into your runtime path, then `vim.lsp.enable('ropewalk')`"),
    ("Helix", "hx", "add the lines of editors/helix/languages.toml to your own languages.toml"),
    ("VS Code", "code", "install the extension built in editors/vscode"),
];

/// State of one thing looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    Note,
    Problem,
}

#[derive(Debug, Serialize)]
struct Finding {
    subject: &'static str,
    state: State,
    message: String,
    /// What to do about it.
    advice: Option<String>,
}

impl Finding {
    fn good(subject: &'static str, message: String) -> Self {
        Self { subject, state: State::Good, message, advice: None }
    }
}

/// Prints the findings; exit code 1 when one is a problem.
pub(crate) fn run(config: &Config, args: &DoctorArgs) -> anyhow::Result<u8> {
    let mut findings = vec![processor(), memory(), configuration(config), model(config), grammars()];
    findings.extend(EDITORS.iter().map(|(name, program, advice)| editor(name, program, advice)));
    if args.json {
        output::print_json(&findings)?;
    } else {
        let mut text = String::new();
        for it in &findings {
            let mark = match it.state {
                State::Good => "ok",
                State::Note => "note",
                State::Problem => "PROBLEM",
            };
            text.push_str(&format!("{mark:<8} {:<14} {}\n", it.subject, it.message));
            if let Some(advice) = &it.advice {
                text.push_str(&format!("{:<24}{advice}\n", ""));
            }
        }
        output::print(&text)?;
    }
    Ok(u8::from(findings.iter().any(|it| it.state == State::Problem)))
}

fn processor() -> Finding {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let features = processor_features();
    if features.is_empty() {
        return Finding {
            subject: "processor",
            state: State::Note,
            message: format!("{threads} threads, {}, no vector unit the model runner knows", std::env::consts::ARCH),
            advice: Some("the model runs on portable code, slower than it could be".to_owned()),
        };
    }
    Finding::good("processor", format!("{threads} threads, {}: {}", std::env::consts::ARCH, features.join(" ")))
}

#[cfg(target_arch = "x86_64")]
fn processor_features() -> Vec<&'static str> {
    let mut found = Vec::new();
    macro_rules! look {
        ($($name:tt)*) => { $( if std::arch::is_x86_feature_detected!($name) { found.push($name); } )* };
    }
    look!("avx2" "fma" "f16c" "avx512f" "avx512bw" "avx512vnni" "avxvnni");
    found
}

#[cfg(target_arch = "aarch64")]
fn processor_features() -> Vec<&'static str> {
    let mut found = Vec::new();
    macro_rules! look {
        ($($name:tt)*) => { $( if std::arch::is_aarch64_feature_detected!($name) { found.push($name); } )* };
    }
    look!("neon" "dotprod" "fp16" "i8mm");
    found
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn processor_features() -> Vec<&'static str> {
    Vec::new()
}

fn memory() -> Finding {
    let Some(available) = wiring::available_memory_bytes() else {
        return Finding {
            subject: "memory",
            state: State::Note,
            message: "this system does not tell how much is free".to_owned(),
            advice: None,
        };
    };
    let message = format!("{} available", super::model::size(available));
    if available < 512 * 1024 * 1024 {
        let advice = Some("close something, or keep to the built-in model".to_owned());
        return Finding { subject: "memory", state: State::Note, message, advice };
    }
    Finding::good("memory", message)
}

fn configuration(config: &Config) -> Finding {
    Finding::good(
        "configuration",
        config
            .file
            .as_ref()
            .map_or_else(|| "defaults (no ropewalk.toml found)".to_owned(), |it| it.display().to_string()),
    )
}

fn model(config: &Config) -> Finding {
    let problem = |message: String, advice: &str| Finding {
        subject: "model",
        state: State::Problem,
        message,
        advice: Some(advice.to_owned()),
    };
    let source = match models::resolve(&config.model, config) {
        Ok(ResolvedModel::Source(source)) => source,
        Ok(ResolvedModel::None) => {
            return Finding {
                subject: "model",
                state: State::Note,
                message: "none configured: ghost text comes from the open documents alone".to_owned(),
                advice: Some("`--model builtin` needs no download".to_owned()),
            };
        }
        Err(error) => return problem(format!("{error:#}"), "`ropewalk model list` shows what is here"),
    };
    if let ModelSource::Remote(_) = source {
        return model_server(wiring::load(config, source), &problem);
    }
    let built_in = matches!(source, ModelSource::Bytes { .. });
    match wiring::load(config, source) {
        Err(error) => problem(
            format!("{}: {error:#}", config.model),
            "try another file, or `--model builtin`, which is always there",
        ),
        Ok(info) if info.fim.is_none() => problem(
            format!("{} cannot fill in the middle: its file names no such tokens, or their check failed", info.name),
            "ghost text needs a model trained for fill-in-the-middle",
        ),
        Ok(info) => Finding::good(
            "model",
            format!(
                "{}{}: {}, {:.1} million parameters, {}, loaded in {} ms",
                info.name,
                if built_in { " (built in)" } else { "" },
                info.architecture,
                info.parameters as f64 / 1e6,
                info.quantization,
                info.load_ms
            ),
        ),
    }
}

fn model_server(loaded: anyhow::Result<ModelInfo>, problem: &dyn Fn(String, &str) -> Finding) -> Finding {
    match loaded {
        Err(error) => {
            problem(format!("{error:#}"), "start the server, or correct the address; `--model builtin` is always there")
        }
        Ok(ModelInfo { name, server, fim, context_length, load_ms, .. }) => {
            let server = server.unwrap_or_default();
            if fim.is_none() {
                return problem(
                    format!("{name}, {server}: the server does not fill in the middle with it"),
                    "name the model's markers below [remote] in your ropewalk.toml: \
                     fim = { prefix = \"…\", suffix = \"…\", middle = \"…\" }",
                );
            }
            Finding::good(
                "model",
                format!("{name}, {server}: a context of {context_length} tokens, answered in {load_ms} ms"),
            )
        }
    }
}

fn grammars() -> Finding {
    let with: Vec<_> = Language::all().filter(|it| it.grammar().is_some()).map(Language::id).collect();
    Finding::good("grammars", format!("{} of {} languages: {}", with.len(), Language::all().count(), with.join(" ")))
}

fn editor(name: &'static str, program: &str, advice: &str) -> Finding {
    match on_path(program) {
        Some(path) => Finding {
            subject: name,
            state: State::Good,
            message: path.display().to_string(),
            advice: Some(advice.to_owned()),
        },
        None => {
            Finding { subject: name, state: State::Note, message: format!("no `{program}` on the PATH"), advice: None }
        }
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|it| it.is_file())
}
