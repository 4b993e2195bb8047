//! The configuration: `ropewalk.toml` with the command line's flags laid over it. Ready values only; raw arguments are `args`'.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use assist::model::{FimMarkers, KvCacheType};
use assist::{AssistConfig, InlineCompletionConfig, PathGlobs, RuleSelection};
use serde::Deserialize;

use crate::args::GlobalArgs;
use crate::models;

/// Name of the file looked for upwards from the working directory.
const FILE_NAME: &str = "ropewalk.toml";

/// What every command may need.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// Model spec: a path, a name, `builtin`, `none` or `openai:URL`.
    pub(crate) model: String,
    /// Threads for the model; `None` = the engine decides.
    pub(crate) threads: Option<usize>,
    /// Most memory for weights and KV cache, in MiB; `None` = the engine decides.
    pub(crate) max_memory_mb: Option<u32>,
    /// How the KV cache is stored.
    pub(crate) kv_cache: KvCacheType,
    /// What model servers do not say of their models.
    pub(crate) remote: RemoteConfig,
    /// Log filter.
    pub(crate) log: String,
    /// Options of the features.
    pub(crate) assist: AssistConfig,
    /// The file these came from.
    pub(crate) file: Option<PathBuf>,
    /// What in it was left out because it makes no sense, one sentence each. What would change the meaning of the
    /// rest is an error instead.
    pub(crate) warnings: Vec<String>,
}

/// What model servers do not say of their models.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RemoteConfig {
    /// How the model wants to be asked to fill a hole.
    pub(crate) fim: Option<FimMarkers>,
    /// Tokens of context.
    pub(crate) context_length: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: "builtin".to_owned(),
            threads: None,
            max_memory_mb: None,
            kv_cache: KvCacheType::default(),
            remote: RemoteConfig::default(),
            log: "warn".to_owned(),
            assist: AssistConfig::default(),
            file: None,
            warnings: Vec::new(),
        }
    }
}

impl Config {
    /// The command line that gives another run of this program the same configuration.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--model".to_owned(), self.model.clone(), "--log".to_owned(), self.log.clone()];
        let mut option = |name: &str, value: Option<String>| {
            arguments.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        option("--config", self.file.as_ref().map(|file| file.display().to_string()));
        option("--threads", self.threads.map(|threads| threads.to_string()));
        option("--max-memory-mb", self.max_memory_mb.map(|limit| limit.to_string()));
        arguments
    }
}

/// The file as written. Unknown keys are errors: a misspelt option must not be lost silently.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    model: Option<String>,
    threads: Option<u16>,
    max_memory_mb: Option<u32>,
    kv_cache: Option<KvCacheName>,
    log: Option<String>,
    remote: Option<RemoteFile>,
    inline_completion: Option<InlineCompletionFile>,
    lint: Option<LintFile>,
}

/// Storage types by the names that they have in llama.cpp's options.
#[derive(Clone, Copy, Debug, Deserialize)]
enum KvCacheName {
    #[serde(rename = "f16")]
    F16,
    #[serde(rename = "q8_0")]
    Q8,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoteFile {
    fim: Option<FimFile>,
    context_length: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FimFile {
    prefix: String,
    suffix: String,
    middle: String,
    file_separator: Option<String>,
    repository: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InlineCompletionFile {
    enabled: Option<bool>,
    max_tokens: Option<usize>,
    max_tokens_invoked: Option<usize>,
    deadline_ms: Option<u64>,
    deadline_invoked_ms: Option<u64>,
    in_comments: Option<bool>,
    in_strings: Option<bool>,
    min_confidence: Option<f32>,
    copies: Option<bool>,
    workspace_mb: Option<u16>,
    disabled_languages: Option<Vec<String>>,
    disabled_globs: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LintFile {
    select: Option<Vec<String>>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    extend_select: Vec<String>,
}

impl Config {
    /// The file named, else the nearest `ropewalk.toml`, else the user's, else the defaults.
    ///
    /// # Errors
    /// When the named file is missing, or the one used cannot be read or is malformed.
    pub(crate) fn read(named: Option<&Path>) -> anyhow::Result<Self> {
        let found = named.map(|path| (path.to_path_buf(), Owner::User)).or_else(find);
        match found {
            None => Ok(Self::default()),
            Some((path, owner)) => {
                let text =
                    std::fs::read_to_string(&path).with_context(|| format!("configuration {}", path.display()))?;
                Self::parse(&text, &path, owner)
            }
        }
    }

    fn parse(text: &str, path: &Path, owner: Owner) -> anyhow::Result<Self> {
        let place = || format!("configuration {}", path.display());
        let file: ConfigFile = toml::from_str(text).with_context(place)?;
        if file.threads == Some(0) {
            bail!("{}: threads must be at least 1", place());
        }
        if file.max_memory_mb == Some(0) {
            bail!("{}: max_memory_mb must be at least 1", place());
        }
        if owner == Owner::Project && file.model.as_deref().is_some_and(models::is_remote) {
            bail!(
                "{}: a file that came with a project must not say where its text is sent; give the model server as \
                 --model, as ROPEWALK_MODEL, or in your own configuration",
                place()
            );
        }
        let default = Self::default();
        let (inline_completion, problems) = file.inline_completion.unwrap_or_default().over_defaults();
        Ok(Self {
            model: file.model.unwrap_or(default.model),
            threads: file.threads.map(usize::from),
            max_memory_mb: file.max_memory_mb,
            kv_cache: match file.kv_cache {
                None => default.kv_cache,
                Some(KvCacheName::F16) => KvCacheType::F16,
                Some(KvCacheName::Q8) => KvCacheType::Q8_0,
            },
            remote: file.remote.unwrap_or_default().ready().with_context(place)?,
            log: file.log.unwrap_or(default.log),
            assist: AssistConfig {
                inline_completion,
                lint: file.lint.unwrap_or_default().ready().with_context(place)?,
            },
            file: Some(path.to_path_buf()),
            warnings: problems.iter().map(|problem| format!("{}: {problem}", place())).collect(),
        })
    }

    /// The same with the command line's options in place of the file's.
    pub(crate) fn overridden_by(mut self, args: &GlobalArgs) -> Self {
        if let Some(model) = &args.model {
            self.model.clone_from(model);
        }
        if let Some(threads) = args.threads {
            self.threads = Some(usize::from(threads));
        }
        if let Some(limit) = args.max_memory_mb {
            self.max_memory_mb = Some(limit);
        }
        if let Some(log) = &args.log {
            self.log.clone_from(log);
        }
        self
    }
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// The user named it, or it lies in the user's configuration folder.
    User,
    /// It was found upwards from the working directory: somebody else may have written it.
    Project,
}

impl RemoteFile {
    fn ready(self) -> anyhow::Result<RemoteConfig> {
        let fim = self.fim.map(|it| FimMarkers {
            prefix: it.prefix,
            suffix: it.suffix,
            middle: it.middle,
            file_separator: it.file_separator,
            repository: it.repository,
        });
        if fim.as_ref().is_some_and(|it| [&it.prefix, &it.suffix, &it.middle].iter().any(|it| it.trim().is_empty())) {
            bail!("remote.fim: prefix, suffix and middle must not be empty");
        }
        Ok(RemoteConfig { fim, context_length: self.context_length })
    }
}

impl LintFile {
    fn ready(self) -> anyhow::Result<RuleSelection> {
        let selection = RuleSelection { select: self.select, ignore: self.ignore, extend_select: self.extend_select };
        if let Some(code) = selection.unknown().next() {
            bail!("lint: there is no rule {code}");
        }
        Ok(selection)
    }
}

impl InlineCompletionFile {
    /// The options, and what is wrong with parts of them.
    fn over_defaults(self) -> (InlineCompletionConfig, Vec<String>) {
        let default = InlineCompletionConfig::default();
        let globs = self.disabled_globs.unwrap_or_default();
        let (disabled_globs, problems) = PathGlobs::new(globs.iter().map(String::as_str));
        let problems = problems.into_iter().map(|it| format!("inline_completion.disabled_globs: {it}")).collect();
        let config = InlineCompletionConfig {
            enabled: self.enabled.unwrap_or(default.enabled),
            max_tokens: self.max_tokens.unwrap_or(default.max_tokens),
            max_tokens_invoked: self.max_tokens_invoked.unwrap_or(default.max_tokens_invoked),
            deadline_ms: self.deadline_ms.unwrap_or(default.deadline_ms),
            deadline_invoked_ms: self.deadline_invoked_ms.unwrap_or(default.deadline_invoked_ms),
            in_comments: self.in_comments.unwrap_or(default.in_comments),
            in_strings: self.in_strings.unwrap_or(default.in_strings),
            min_confidence: self.min_confidence.unwrap_or(default.min_confidence),
            min_gain: default.min_gain,
            copies: self.copies.unwrap_or(default.copies),
            workspace_mb: self.workspace_mb.map_or(default.workspace_mb, usize::from),
            disabled_languages: self.disabled_languages.unwrap_or(default.disabled_languages),
            disabled_globs,
        };
        (config, problems)
    }
}

/// The nearest file upwards from the working directory, else the user's.
fn find() -> Option<(PathBuf, Owner)> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| (folder.join(FILE_NAME), Owner::Project))
        .chain(user_folder("XDG_CONFIG_HOME", ".config").map(|folder| (folder.join(FILE_NAME), Owner::User)))
        .find(|(path, _)| path.is_file())
}

/// Our folder below an XDG base directory, or below its default in the home folder.
pub(crate) fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let base = std::env::var_os(variable)
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(below_home)))?;
    Some(base.join("ropewalk"))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expect: Expect) {
        let answer = match Config::parse(text, Path::new("ropewalk.toml"), Owner::Project) {
            Ok(config) => format!(
                "model={} threads={:?} max_memory_mb={:?} log={} max_tokens={} enabled={}",
                config.model,
                config.threads,
                config.max_memory_mb,
                config.log,
                config.assist.inline_completion.max_tokens,
                config.assist.inline_completion.enabled
            ),
            Err(error) => format!("{error:#}"),
        };
        expect.assert_eq(&answer);
    }

    #[test]
    fn empty_file_is_all_defaults() {
        check("", expect!["model=builtin threads=None max_memory_mb=None log=warn max_tokens=48 enabled=true"]);
    }

    #[test]
    fn keys_replace_defaults() {
        check(
            "model = 'none'\nthreads = 2\nmax_memory_mb = 900\n[inline_completion]\nmax_tokens = 7\nenabled = false\n",
            expect!["model=none threads=Some(2) max_memory_mb=Some(900) log=warn max_tokens=7 enabled=false"],
        );
    }

    #[test]
    fn a_wrong_key_is_named() {
        check(
            "modle = 'none'\n",
            expect![[r#"
                configuration ropewalk.toml: TOML parse error at line 1, column 1
                  |
                1 | modle = 'none'
                  | ^^^^^
                unknown field `modle`, expected one of `model`, `threads`, `max_memory_mb`, `kv_cache`, `log`, `remote`, `inline_completion`, `lint`
            "#]],
        );
    }

    #[test]
    fn rules_are_chosen_by_code() {
        let text = "[lint]\nselect = ['F']\nignore = ['F401']\nextend-select = ['UP006']\n";
        let error =
            Config::parse("[lint]\nignore = ['F4O1']\n", Path::new("ropewalk.toml"), Owner::Project).unwrap_err();
        assert_eq!(format!("{error:#}"), "configuration ropewalk.toml: lint: there is no rule F4O1");
        let config = Config::parse(text, Path::new("ropewalk.toml"), Owner::Project).unwrap();
        assert_eq!(config.assist.lint.select.as_deref(), Some(["F".to_owned()].as_slice()));
        assert_eq!(config.assist.lint.extend_select, ["UP006"]);
    }

    #[test]
    fn the_kv_cache_has_two_types() {
        let kind = |text: &str| {
            Config::parse(text, Path::new("ropewalk.toml"), Owner::User).map(|config| config.kv_cache).ok()
        };
        assert_eq!(kind("kv_cache = 'q8_0'"), Some(KvCacheType::Q8_0));
        assert_eq!(kind("kv_cache = 'f16'"), Some(KvCacheType::F16));
        assert_eq!(kind("kv_cache = 'q4_0'"), None);
    }

    #[test]
    fn no_threads_and_no_memory_are_errors() {
        check("threads = 0\n", expect!["configuration ropewalk.toml: threads must be at least 1"]);
        check("max_memory_mb = 0\n", expect!["configuration ropewalk.toml: max_memory_mb must be at least 1"]);
    }

    #[test]
    fn a_project_does_not_say_where_its_text_is_sent() {
        let text = "model = 'openai:http://127.0.0.1:1'\n[remote]\ncontext_length = 2048\n\
                    fim = { prefix = 'a', suffix = 'b', middle = 'c' }\n";
        check(
            text,
            expect![
                "configuration ropewalk.toml: a file that came with a project must not say where its text is sent; give the model server as --model, as ROPEWALK_MODEL, or in your own configuration"
            ],
        );
        let config = Config::parse(text, Path::new("ropewalk.toml"), Owner::User).unwrap();
        assert_eq!(config.model, "openai:http://127.0.0.1:1");
        assert_eq!((config.remote.context_length, config.remote.fim.unwrap().middle.as_str()), (Some(2048), "c"));
        check(
            "[remote]\nfim = { prefix = 'a', suffix = ' ', middle = 'c' }\n",
            expect!["configuration ropewalk.toml: remote.fim: prefix, suffix and middle must not be empty"],
        );
    }

    #[test]
    fn a_bad_glob_is_named_and_the_rest_applies() {
        let text = "[inline_completion]\nmax_tokens = 7\ndisabled_globs = ['{a', '*.py']\n";
        let config = Config::parse(text, Path::new("ropewalk.toml"), Owner::Project).unwrap();
        assert_eq!(config.assist.inline_completion.max_tokens, 7);
        assert_eq!(config.assist.inline_completion.disabled_globs, PathGlobs::new(["*.py"]).0);
        expect![[r#"
            configuration ropewalk.toml: inline_completion.disabled_globs: "{a": unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)"#]]
        .assert_eq(&config.warnings.join("\n"));
    }

    #[test]
    fn flags_win() {
        let config =
            Config::parse("model = 'none'\nlog = 'info'\n", Path::new("ropewalk.toml"), Owner::Project).unwrap();
        let args =
            GlobalArgs { model: Some("builtin".to_owned()), threads: Some(3), max_memory_mb: Some(64), log: None };
        let config = config.overridden_by(&args);
        assert_eq!((config.model.as_str(), config.threads, config.log.as_str()), ("builtin", Some(3), "info"));
        assert_eq!(config.max_memory_mb, Some(64));
    }
}
