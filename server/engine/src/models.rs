//! The model families. A family file says what is computed, in data-flow order; the passes that all families make alike
//! are in `runner` and `pass`, the parts of a block in `layer`.
//!
//! Entry: [`load`], through `model::load`.

mod config;
mod gemma3;
mod gpt;
mod layer;
mod llama;
mod pass;
mod phi3;
mod qwen2;
mod qwen3;
mod runner;
mod stablelm;
mod starcoder;
mod starcoder2;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod weights;

use crate::EngineError;
use crate::gguf::GgufFile;
use crate::model::{LoadLimits, Model};
use crate::ops::Accelerator;
use config::{Config, Keys};
use runner::{Family, Runner};
use weights::Weights;

/// Reads a family's options and weights.
type Read = fn(&Keys<'_>, &Config, &mut Weights<'_>) -> Result<Box<dyn Family>, EngineError>;

/// The families by the names that files have in `general.architecture`.
const FAMILIES: [(&str, Read); 9] = [
    ("llama", llama::read),
    ("qwen2", qwen2::read),
    ("qwen3", qwen3::read),
    ("starcoder", starcoder::read),
    ("starcoder2", starcoder2::read),
    ("stablelm", stablelm::read),
    ("phi3", phi3::read),
    ("gemma3", gemma3::read),
    ("gpt", gpt::read),
];

/// Chooses the family by `general.architecture`; products are computed on a graphics processor where there is one that
/// this build can use.
pub(crate) fn load(
    file: &GgufFile,
    limits: LoadLimits,
    progress: &mut dyn FnMut(f32),
) -> Result<Box<dyn Model>, EngineError> {
    load_on(file, limits, Accelerator::find(), progress)
}

fn load_on(
    file: &GgufFile,
    limits: LoadLimits,
    accelerator: Option<Accelerator>,
    progress: &mut dyn FnMut(f32),
) -> Result<Box<dyn Model>, EngineError> {
    let architecture = file.metadata().str("general.architecture").unwrap_or("none");
    let Some((_, read)) = FAMILIES.iter().find(|(name, _)| *name == architecture) else {
        let known: Vec<&str> = FAMILIES.iter().map(|(name, _)| *name).collect();
        return Err(EngineError::UnsupportedModel(format!(
            "the architecture {architecture:?} is not supported; supported are {}",
            known.join(", ")
        )));
    };
    let keys = Keys::new(file.metadata(), architecture);
    let config = Config::read(&keys, limits.max_context)?;
    // Before anything is as long as the file says that the model is deep.
    if config.n_layers > file.tensors().len() {
        return Err(keys.bad("block_count", &format!("is {}, more than there are tensors", config.n_layers)));
    }
    let mut weights = Weights::new(file, accelerator, progress);
    let family = read(&keys, &config, &mut weights)?;
    weights.refuse_unused()?;
    Ok(Box::new(Runner::new(family, &config, weights.bytes(), limits)?))
}
