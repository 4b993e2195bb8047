//! Where models are: the built-in one, files named by the user, and the models folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use assist::model::{ApiKey, ModelSource, RemoteSource};

use crate::config::{Config, user_folder};

/// What the specs of models on servers begin with.
const REMOTE: &str = "openai:";
/// Where keys of model servers are taken from, and from nowhere else: a key in a file or on a command line is seen by
/// others.
const KEY_VARIABLES: [&str; 2] = ["ROPEWALK_REMOTE_API_KEY", "OPENAI_API_KEY"];

/// A model spec, resolved.
#[derive(Clone, Debug)]
pub(crate) enum ResolvedModel {
    /// `none`: everything that needs no model works.
    None,
    /// Something to load.
    Source(ModelSource),
}

/// The folder `ropewalk model list` shows: `$ROPEWALK_MODELS`, else below the user's data folder.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("ROPEWALK_MODELS")
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
        .or_else(|| user_folder("XDG_DATA_HOME", ".local/share").map(|it| it.join("models")))
}

/// GGUF files of the models folder with their sizes in bytes, sorted by name. A missing folder holds none.
///
/// # Errors
/// When the folder is there but cannot be read.
pub(crate) fn in_folder(folder: &Path) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("models folder {}", folder.display())),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("models folder {}", folder.display()))?.path();
        if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("gguf"))
            && let Ok(metadata) = std::fs::metadata(&path)
            && metadata.is_file()
        {
            found.push((path, metadata.len()));
        }
    }
    found.sort();
    Ok(found)
}

/// The spec names a server: text leaves this process, and perhaps this machine.
pub(crate) fn is_remote(spec: &str) -> bool {
    spec.starts_with(REMOTE)
}

fn remote(url: &str, config: &Config) -> ModelSource {
    let key = KEY_VARIABLES.iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()));
    ModelSource::Remote(Box::new(RemoteSource {
        api_key: key.map(|key| ApiKey::new(key.trim())),
        fim: config.remote.fim.clone(),
        context_length: config.remote.context_length,
        ..RemoteSource::new(url)
    }))
}

/// What a spec means: `builtin`, `none`, `openai:URL`, an existing file, or a name in the models folder (with or without
/// `.gguf`).
///
/// # Errors
/// When nothing goes by that name; the message lists what does.
pub(crate) fn resolve(spec: &str, config: &Config) -> anyhow::Result<ResolvedModel> {
    if let Some(url) = spec.strip_prefix(REMOTE) {
        return Ok(ResolvedModel::Source(remote(url, config)));
    }
    match spec {
        "none" => return Ok(ResolvedModel::None),
        "builtin" => return Ok(ResolvedModel::Source(builtin_source())),
        _ => {}
    }
    let path = Path::new(spec);
    if path.is_file() {
        return Ok(ResolvedModel::Source(ModelSource::File(path.to_path_buf())));
    }
    let folder = folder();
    if let Some(folder) = &folder {
        for name in [spec.to_owned(), format!("{spec}.gguf")] {
            let candidate = folder.join(name);
            if candidate.is_file() {
                return Ok(ResolvedModel::Source(ModelSource::File(candidate)));
            }
        }
    }
    let known = folder.as_deref().map(in_folder).transpose()?.unwrap_or_default();
    let names: Vec<_> =
        known.iter().filter_map(|(path, _)| path.file_name()).map(|it| it.to_string_lossy().into_owned()).collect();
    let place = folder.map_or_else(|| "the models folder".to_owned(), |it| it.display().to_string());
    if names.is_empty() {
        bail!("model {spec}: no such file, and {place} holds no model; give a GGUF file, `builtin` or `none`");
    }
    bail!("model {spec}: no such file; {place} holds {}; or give `builtin` or `none`", names.join(", "));
}

/// The model in this binary.
pub(crate) fn builtin_source() -> ModelSource {
    ModelSource::Bytes { name: builtin::NAME.to_owned(), bytes: builtin::GGUF }
}
