//! The model families. A family file holds what is particular to it; the transformer that llama and qwen2 share is
//! in `decoder`, its weights in `layer`.
//!
//! Entry: [`load`], through `model::load`.

mod config;
mod decoder;
mod layer;
mod llama;
mod qwen2;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod weights;

use crate::EngineError;
use crate::gguf::GgufFile;
use crate::model::{LoadLimits, Model};
use config::Config;
use weights::Weights;

/// Chooses the family by `general.architecture`.
pub(crate) fn load(
    file: &GgufFile,
    limits: LoadLimits,
    progress: &mut dyn FnMut(f32),
) -> Result<Box<dyn Model>, EngineError> {
    let architecture = file.metadata().str("general.architecture").unwrap_or("none");
    let family = match architecture {
        "llama" => llama::decoder,
        "qwen2" => qwen2::decoder,
        _ => {
            return Err(EngineError::UnsupportedModel(format!(
                "the architecture {architecture:?} is not supported; supported are \"llama\" and \"qwen2\""
            )));
        }
    };
    let config = Config::read(file.metadata(), architecture)?;
    let mut weights = Weights::new(file, progress);
    let decoder = family(&config, &mut weights, limits)?;
    weights.refuse_unused()?;
    Ok(Box::new(decoder))
}
