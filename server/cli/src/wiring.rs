//! Engine and features, put together from the configuration.

use std::sync::Arc;

use anyhow::Context;
use assist::Assist;
use assist::model::{Engine, EngineConfig, Load, ModelInfo, ModelSource};

use crate::config::Config;
use crate::models::{self, ResolvedModel};
use crate::project::Disk;

/// Features over an engine that loads the configured model in the background, and that load (`None` without a model).
///
/// # Errors
/// When the model spec names nothing.
pub(crate) fn start(config: &Config) -> anyhow::Result<(Assist, Option<Load>)> {
    let model = models::resolve(&config.model, config)?;
    Ok(start_with(config, model))
}

/// The same, for a server: a spec that names nothing is told in the log, and everything that needs no model works.
pub(crate) fn start_server(config: &Config) -> Assist {
    let model = models::resolve(&config.model, config).unwrap_or_else(|error| {
        tracing::error!("{error:#}; serving without a model");
        // Fails to load, and so the reason stands in every status, where a person looks for it.
        ResolvedModel::Source(ModelSource::File(config.model.clone().into()))
    });
    start_with(config, model).0
}

/// Features over an engine whose model is loaded.
///
/// # Errors
/// When there is no model, or it does not load.
pub(crate) fn start_loaded(config: &Config) -> anyhow::Result<Assist> {
    let (assist, load) = start(config)?;
    let load = load.context("this command needs a model, and the configured one is `none`; give --model")?;
    load.blocking_finished().with_context(|| format!("model {}", config.model))?;
    Ok(assist)
}

fn start_with(config: &Config, model: ResolvedModel) -> (Assist, Option<Load>) {
    let engine = Engine::start(engine_config(config));
    let load = match model {
        ResolvedModel::None => None,
        ResolvedModel::Source(source) => Some(engine.load(source)),
    };
    (Assist::with_project(engine, config.assist.clone(), Some(Arc::new(Disk))), load)
}

fn engine_config(config: &Config) -> EngineConfig {
    let max_memory_bytes = config.max_memory_mb.map(|limit| u64::from(limit) << 20);
    EngineConfig { threads: config.threads, max_memory_bytes, kv_cache: config.kv_cache, ..EngineConfig::default() }
}

/// A runtime for the servers. Feature work is short and the model has its own thread, so a few threads are enough.
///
/// # Errors
/// When the system refuses threads.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("ropewalk-io")
        .build()
        .context("starting the runtime")
}

/// Loads a model in an engine of its own and says what it is.
///
/// # Errors
/// Why it does not load.
pub(crate) fn load(config: &Config, source: ModelSource) -> anyhow::Result<ModelInfo> {
    let engine = Engine::start(engine_config(config));
    Ok(engine.load(source).blocking_finished()?)
}

/// Largest resident memory of this process so far, where the system tells (Linux: `VmHWM`).
pub(crate) fn peak_rss_bytes() -> Option<u64> {
    kib_field("/proc/self/status", "VmHWM:")
}

/// Memory that can be had without swapping, where the system tells (Linux: `MemAvailable`).
pub(crate) fn available_memory_bytes() -> Option<u64> {
    kib_field("/proc/meminfo", "MemAvailable:")
}

fn kib_field(file: &str, field: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
