//! Command-line arguments as typed, and their help texts. What they mean together with the configuration file is `config`'s.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// A local code assistant for every editor.
#[derive(Debug, Parser)]
#[command(
    name = "ropewalk",
    version,
    about,
    after_help = "\
Examples:
  ropewalk complete src/app.py:12:8        one completion with the built-in model
  ropewalk check src                       syntax errors of a folder, exit 1 when there are any
  ropewalk serve --port 8000               the HTTP bridge on this machine
  ropewalk doctor                          what is here, and how to wire your editor"
)]
pub(crate) struct Args {
    /// Configuration file; without it, `ropewalk.toml` is looked for upwards from here, then in the user's configuration folder
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Model: a GGUF file, a name in the models folder, `builtin`, `none`, or `openai:URL` for one on a server
    #[arg(long, global = true, value_name = "SPEC", env = "ROPEWALK_MODEL")]
    model: Option<String>,
    /// Threads for the model
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Most memory for the model's weights and KV cache, in MiB [default: the weights and four contexts of full length]
    #[arg(long, global = true, env = "MAX_MEMORY_MB", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_memory_mb: Option<u32>,
    /// Log level: error, warn, info, debug, trace, or a filter such as `engine=debug`
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
    /// Write the log to this file instead of standard error
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options every command has; a flag wins over the configuration file.
#[derive(Debug, Default)]
pub(crate) struct GlobalArgs {
    pub(crate) model: Option<String>,
    pub(crate) threads: Option<u16>,
    pub(crate) max_memory_mb: Option<u32>,
    pub(crate) log: Option<String>,
}

impl Args {
    pub(crate) fn global(&self) -> GlobalArgs {
        GlobalArgs {
            model: self.model.clone(),
            threads: self.threads,
            max_memory_mb: self.max_memory_mb,
            log: self.log.clone(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The language server, on standard input and output
    Lsp(LspArgs),
    /// The HTTP bridge
    Serve(ServeArgs),
    /// One completion on standard output
    Complete(CompleteArgs),
    /// Problems in files and folders; exit 0 none, 1 some, 2 could not run
    Check(CheckArgs),
    /// What code does, in plain sentences
    Explain(ExplainArgs),
    /// Lay out files in place; exit 0 done, 1 something to do (--check, --diff), 2 could not format
    Format(FormatArgs),
    /// Models on this machine
    Model(ModelArgs),
    /// Speed of the model on this machine
    Bench(BenchArgs),
    /// Quality of the completions on a folder of code
    Eval(EvalArgs),
    /// What is here, what is missing, and what to do about it
    Doctor(DoctorArgs),
    /// A completion script for a shell
    Completions(CompletionsArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk lsp                             what an editor starts
  ropewalk lsp --http 127.0.0.1:8000       the same, with the HTTP bridge on the same engine
  ropewalk lsp --tcp 127.0.0.1:9257        one client over a socket, for debugging")]
pub(crate) struct LspArgs {
    /// Speak over standard input and output (the default; editors add this flag)
    #[arg(long, conflicts_with = "tcp")]
    pub(crate) stdio: bool,
    /// Listen on this address and serve one client
    #[arg(long, value_name = "ADDR")]
    pub(crate) tcp: Option<SocketAddr>,
    /// Open the HTTP bridge on this loopback address, on the same engine
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk serve
  ropewalk serve --port 8080 --model qwen2.5-coder-0.5b-q4_k_m.gguf
  API_KEYS=secret:ann:100 ropewalk serve --host 0.0.0.0

Environment: HOST, PORT, MAX_CONCURRENT_JOBS, API_KEYS=key:user:limit,… (limit: requests a minute, `free` or `pro`)")]
pub(crate) struct ServeArgs {
    /// Address to listen on
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 8000)]
    pub(crate) port: u16,
    /// Longest time of one request, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) request_timeout: u64,
    /// Model jobs that run at once; a bounded number of further ones wait
    #[arg(long, env = "MAX_CONCURRENT_JOBS", value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) max_jobs: u16,
    /// Let pages of this origin call the bridge from a browser (can be given several times)
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Proxy network whose X-Forwarded-For counts (can be given several times)
    #[arg(long, value_name = "CIDR")]
    pub(crate) trusted_proxy: Vec<String>,
    /// Listen on a non-loopback address without any key
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Keys, from the environment alone so that they show up in no process list
    #[arg(long, env = "API_KEYS", hide = true, hide_env_values = true)]
    pub(crate) api_keys: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk complete src/app.py:12:8
  ropewalk complete src/app.py:12:8 --json
  printf 'def add(a, b):\\n    ' | ropewalk complete - --lang python")]
pub(crate) struct CompleteArgs {
    /// FILE:LINE:COLUMN, both counted from 1 (columns in characters); `-` reads standard input and completes at its end
    #[arg(value_name = "FILE:LINE:COLUMN")]
    pub(crate) place: String,
    /// Language of standard input: a name, alias or file extension
    #[arg(long)]
    pub(crate) lang: Option<String>,
    /// Most tokens to write
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) max_tokens: u16,
    /// Print text, timing and token counts as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How much `explain` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Detail {
    /// One or two sentences
    Low,
    /// The steps
    Medium,
    /// Every statement, then names, calls, exceptions, side effects and measures
    High,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk explain src/app.py              the whole file
  ropewalk explain src/app.py:12           the function or class around line 12
  ropewalk explain src/app.py:12 --detail high
  pbpaste | ropewalk explain - --lang python --json")]
pub(crate) struct ExplainArgs {
    /// FILE or FILE:LINE, counted from 1; `-` reads standard input
    #[arg(value_name = "FILE[:LINE]")]
    pub(crate) place: String,
    /// Language of standard input or of a file without a telling name: a name, alias or file extension
    #[arg(long)]
    pub(crate) lang: Option<String>,
    /// How much is told
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Detail::Medium)]
    pub(crate) detail: Detail,
    /// Print the answer of the bridge's `POST /api/v1/explanations`
    #[arg(long)]
    pub(crate) json: bool,
}

/// Output formats of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// JUnit's XML, for test dashboards
    Junit,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk check .
  ropewalk check src --format json > report.json
  ropewalk check src --fix                 what is safe to fix is fixed; --diff shows it first
  ropewalk check src --select F,E9 --ignore F401
  ropewalk check . --baseline known.json --write-baseline   from then on: check . --baseline known.json
  cat app.py | ropewalk check - --stdin-filename app.py")]
pub(crate) struct CheckArgs {
    /// Files and folders; `-` reads standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Report only these codes; families as ruff has them (`F`, `S1`) and `ALL` are taken too
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Leave these codes out
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Apply fixes that cannot change what a program does; report what is left
    #[arg(long)]
    pub(crate) fix: bool,
    /// Print the changes that --fix would make, change nothing
    #[arg(long)]
    pub(crate) diff: bool,
    /// Apply fixes too that may change what a program does (with --fix or --diff)
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Leave out the findings that this file knows
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the findings of this run to the baseline instead of reporting them
    #[arg(long, requires = "baseline")]
    pub(crate) write_baseline: bool,
    /// Name that decides the language of standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk format .                        every file of the folder that there is a formatter for
  ropewalk format --check src              exit 1 when something is to do; changes nothing
  ropewalk format --diff src/app.py        what would change, as a unified diff
  cat app.ts | ropewalk format - --stdin-filename app.ts
  ropewalk format - --lang python < snippet.txt

In folders, what .gitignore or .ignore name is left out, and so are lock files, minified files and node_modules.
What does not parse is left alone and told.")]
pub(crate) struct FormatArgs {
    /// Files and folders; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing; exit 1 when something is to do
    #[arg(long)]
    pub(crate) check: bool,
    /// Change nothing; print what would change; exit 1 when something is to do
    #[arg(long)]
    pub(crate) diff: bool,
    /// Name that decides the language of standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// Language of standard input: a name, alias or file extension
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    pub(crate) command: ModelCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// The built-in model and those in the models folder
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// What a model file says of itself, and whether it loads
    Info {
        /// A GGUF file, a name in the models folder, `builtin`, or `openai:URL`; the configured model when left out
        spec: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk bench
  ropewalk bench --model qwen2.5-coder-0.5b-q4_k_m.gguf --threads 2 --json")]
pub(crate) struct BenchArgs {
    /// Tokens of the prefill measurement [default: 512, or what the context holds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) prefill: Option<u32>,
    /// Tokens of the decode measurement
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) decode: u32,
    /// Tokens already in the KV cache when decode is measured [default: 512, or what the context holds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) depth: Option<u32>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk eval ~/projects                 holes cut into the files there, filled and compared
  ropewalk eval ~/projects --model none    the same from the open files alone, without a model
  ropewalk eval ~/projects --compare       the model mixed with the copy engine, beside each of them alone
  ropewalk eval ~/projects --replay        a typing session through the language server
  ropewalk eval --infilling HumanEval-SingleLineInfilling.jsonl --json")]
pub(crate) struct EvalArgs {
    /// Files and folders; each folder right below a named one counts as a project
    #[arg(required_unless_present = "infilling", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// JSON lines with `prompt`, `suffix` and `canonical_solution`, as in HumanEval-Infilling
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub(crate) infilling: Option<PathBuf>,
    /// Only this language; with --infilling the language of all lines [default there: python]
    #[arg(long)]
    pub(crate) lang: Option<String>,
    /// Holes of each language
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) cases: u32,
    /// Leave the copy engine out: the model alone
    #[arg(long)]
    pub(crate) without_copies: bool,
    /// Do everything three times: as configured, with the model alone, and with the copy engine alone; tell how they differ
    #[arg(long, conflicts_with = "without_copies")]
    pub(crate) compare: bool,
    /// Show every suggestion that is found, also those that are not worth a look: with --out, to see how often
    /// suggestions of what confidence are right
    #[arg(long, conflicts_with = "replay")]
    pub(crate) show_all: bool,
    /// Type stretches of the files through the language server instead, and count what its suggestions save
    #[arg(long, conflicts_with_all = ["infilling", "cases", "out"])]
    pub(crate) replay: bool,
    /// Files of each language that a stretch is typed in, with --replay
    #[arg(long, value_name = "N", default_value_t = 20, requires = "replay", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) files: u32,
    /// Another language server to type through as well, in turns: a program and its arguments (can be given several times)
    #[arg(long, value_name = "COMMAND", requires = "replay")]
    pub(crate) server: Vec<String>,
    /// With --replay, press a key every so many milliseconds: suggestions that come later are never seen
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "replay", hide_default_value = true, value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pub(crate) key_ms: u64,
    /// Other seeds choose other places
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write every hole and what came to stand there to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ropewalk completions bash > ~/.local/share/bash-completion/completions/ropewalk
  ropewalk completions fish > ~/.config/fish/completions/ropewalk.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn the_argument_table_is_sound() {
        Args::command().debug_assert();
    }
}
