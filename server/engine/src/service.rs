//! A model ready for work: weights, tokenizer, prompt format and what is shown of it. Made from a [`ModelSource`].

use std::sync::Arc;
use std::time::Instant;

use crate::model::Model;
use crate::prompt::{FimFormat, PromptFormat};
use crate::scripted::{self, Cue, ScriptedModel};
use crate::tokenizer::Tokenizer;
use crate::{EngineConfig, EngineError, FimOrder, ModelInfo, ModelSource};

/// A loaded model with everything needed to serve requests.
pub(crate) struct Service {
    pub(crate) model: Box<dyn Model>,
    pub(crate) tokenizer: Arc<Tokenizer>,
    pub(crate) format: PromptFormat,
    pub(crate) info: ModelInfo,
    /// The tokens in the model's KV cache.
    pub(crate) cached: Vec<u32>,
    /// Tokens that the sampler must not choose.
    pub(crate) masked: Vec<u32>,
    /// These and the tokens that end an answer.
    pub(crate) masked_with_ends: Vec<u32>,
    /// What the scripted model has to be told; `None` for a real one.
    pub(crate) cue: Option<Cue>,
    /// Where it came from: a worker that failed starts it again.
    pub(crate) source: ModelSource,
}

impl Service {
    /// Loads a model. Takes as long as it takes: call it on a thread that may wait.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub(crate) fn load(source: &ModelSource, config: &EngineConfig, cue: Option<Cue>) -> Result<Self, EngineError> {
        let start = Instant::now();
        let mut service = match source {
            ModelSource::Scripted(script) => {
                let tokenizer = scripted::tokenizer(script)?;
                let cue = cue.unwrap_or_default();
                let model = ScriptedModel::new(script, &tokenizer, cue.clone());
                let context_length = model.context_length().min(config.max_context);
                let info = ModelInfo {
                    name: "scripted".to_owned(),
                    architecture: "scripted".to_owned(),
                    parameters: 0,
                    quantization: "none".to_owned(),
                    context_length,
                    vocab_size: model.vocab_size(),
                    n_layers: 0,
                    embedding_length: 0,
                    memory_bytes: model.memory_bytes(),
                    fim: Some(FimOrder::Spm),
                    checkpoint: None,
                    step: None,
                    val_loss: None,
                    load_ms: 0,
                };
                let id = |name: &str| tokenizer.vocab().named(name).unwrap_or_default();
                let [end, prefix, suffix, middle] = scripted::MARKERS.map(id);
                let fim = FimFormat { prefix, suffix, middle, order: FimOrder::Spm };
                let format = PromptFormat { bos: None, eos: end, ends: vec![end], fim: Some(fim) };
                Self {
                    model: Box::new(model),
                    tokenizer: Arc::new(tokenizer),
                    format,
                    info,
                    cached: Vec::new(),
                    masked: Vec::new(),
                    masked_with_ends: Vec::new(),
                    cue: Some(cue),
                    source: source.clone(),
                }
            }
            ModelSource::File(_) | ModelSource::Bytes { .. } => {
                return Err(EngineError::UnsupportedModel("GGUF files are not supported yet".to_owned()));
            }
        };
        service.masked = service.tokenizer.vocab().silent().filter(|id| !service.format.ends.contains(id)).collect();
        service.masked_with_ends = [service.masked.as_slice(), &service.format.ends].concat();
        service.info.load_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(service)
    }
}
