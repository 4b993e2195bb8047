//! `ropewalk model list|info`: which models are here, and what one says of itself.

use anyhow::Context;
use assist::model::{FimOrder, ModelInfo, ModelSource};
use serde::Serialize;

use crate::args::{ModelArgs, ModelCommand};
use crate::config::Config;
use crate::models::{self, ResolvedModel};
use crate::{output, wiring};

/// One row of `model list`.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    path: Option<String>,
    size_bytes: u64,
}

/// What `model info` prints.
#[derive(Debug, Serialize)]
struct Info {
    name: String,
    /// The server that has it.
    server: Option<String>,
    architecture: String,
    parameters: u64,
    quantization: String,
    context_length: usize,
    vocab_size: usize,
    layers: usize,
    embedding_length: usize,
    fill_in_the_middle: Option<&'static str>,
    memory_bytes: u64,
    load_ms: u64,
    checkpoint: Option<String>,
    step: Option<u64>,
    val_loss: Option<f32>,
}

/// Runs the subcommand.
pub(crate) fn run(config: &Config, args: &ModelArgs) -> anyhow::Result<u8> {
    match &args.command {
        ModelCommand::List { json } => list(*json),
        ModelCommand::Info { spec, json } => info(config, spec.as_deref(), *json),
    }
}

fn list(json: bool) -> anyhow::Result<u8> {
    let mut rows = vec![Row { name: builtin::NAME.to_owned(), path: None, size_bytes: builtin::GGUF.len() as u64 }];
    let folder = models::folder();
    if let Some(folder) = &folder {
        for (path, size_bytes) in models::in_folder(folder)? {
            let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            rows.push(Row { name, path: Some(path.display().to_string()), size_bytes });
        }
    }
    if json {
        output::print_json(&rows)?;
        return Ok(0);
    }
    let mut text = String::new();
    for row in &rows {
        let place = row.path.as_deref().unwrap_or("in this binary");
        text.push_str(&format!("{:<48} {:>9}  {place}\n", row.name, size(row.size_bytes)));
    }
    if let Some(folder) = folder {
        text.push_str(&format!("models folder: {}\n", folder.display()));
    }
    output::print(&text)?;
    Ok(0)
}

fn info(config: &Config, spec: Option<&str>, json: bool) -> anyhow::Result<u8> {
    let spec = spec.unwrap_or(&config.model);
    let source = match models::resolve(spec, config)? {
        ResolvedModel::Source(source) => source,
        ResolvedModel::None => anyhow::bail!("the configured model is `none`; name one"),
    };
    let file_bytes = match &source {
        ModelSource::File(path) => Some(std::fs::metadata(path).with_context(|| path.display().to_string())?.len()),
        ModelSource::Bytes { bytes, .. } => Some(bytes.len() as u64),
        ModelSource::Remote(_) | ModelSource::Scripted(_) => None,
    };
    let info = wiring::load(config, source).with_context(|| format!("model {spec}"))?;
    if json {
        output::print_json(&Info::from(info))?;
    } else {
        output::print(&describe(&info, file_bytes))?;
    }
    Ok(0)
}

impl From<ModelInfo> for Info {
    fn from(it: ModelInfo) -> Self {
        Self {
            fill_in_the_middle: it.fim.map(fim_name),
            name: it.name,
            server: it.server,
            architecture: it.architecture,
            parameters: it.parameters,
            quantization: it.quantization,
            context_length: it.context_length,
            vocab_size: it.vocab_size,
            layers: it.n_layers,
            embedding_length: it.embedding_length,
            memory_bytes: it.memory_bytes,
            load_ms: it.load_ms,
            checkpoint: it.checkpoint,
            step: it.step,
            val_loss: it.val_loss,
        }
    }
}

fn fim_name(order: FimOrder) -> &'static str {
    match order {
        FimOrder::Psm => "prefix-suffix-middle",
        FimOrder::Spm => "suffix-prefix-middle",
    }
}

fn describe(info: &ModelInfo, file_bytes: Option<u64>) -> String {
    let mut rows = vec![("name", info.name.clone())];
    if let Some(server) = &info.server {
        // What it does not tell is 0.
        rows.push(("server", server.clone()));
    }
    rows.push(("architecture", info.architecture.clone()));
    if info.parameters > 0 {
        rows.push(("parameters", format!("{:.1} million", info.parameters as f64 / 1e6)));
    }
    rows.push(("quantization", info.quantization.clone()));
    if let Some(bytes) = file_bytes {
        rows.push(("file", size(bytes)));
        rows.push(("memory", format!("{} with the KV cache", size(info.memory_bytes))));
    }
    rows.push(("context", format!("{} tokens", info.context_length)));
    if info.vocab_size > 0 {
        rows.push(("vocabulary", format!("{} tokens", info.vocab_size)));
    }
    if info.n_layers > 0 {
        rows.push(("layers", format!("{} of width {}", info.n_layers, info.embedding_length)));
    }
    rows.push(("fill in the middle", info.fim.map_or("no", fim_name).to_owned()));
    rows.push((if info.server.is_some() { "answers in" } else { "loads in" }, format!("{} ms", info.load_ms)));
    if let Some(checkpoint) = &info.checkpoint {
        rows.push(("checkpoint", checkpoint.clone()));
    }
    if let Some(step) = info.step {
        rows.push(("training step", step.to_string()));
    }
    if let Some(loss) = info.val_loss {
        rows.push(("validation loss", format!("{loss:.3} nats a token")));
    }
    rows.iter().map(|(name, value)| format!("{name:<20} {value}\n")).collect()
}

/// Bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => format!("{:.2} GiB", bytes as f64 / 1_073_741_824.0),
    }
}
