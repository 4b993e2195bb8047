//! The model families: one file each, with what differs; what they share is in `decoder`.

use crate::EngineError;
use crate::gguf::GgufFile;
use crate::model::{LoadLimits, Model};

/// Chooses the family by `general.architecture`.
pub(crate) fn load(
    file: &GgufFile,
    _limits: LoadLimits,
    _progress: &mut dyn FnMut(f32),
) -> Result<Box<dyn Model>, EngineError> {
    let architecture = file.metadata().str("general.architecture").unwrap_or("none");
    Err(EngineError::UnsupportedModel(format!(
        "the architecture {architecture:?} is not supported; supported are \"llama\" and \"qwen2\""
    )))
}
