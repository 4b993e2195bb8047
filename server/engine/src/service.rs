//! A model ready for work: weights, tokenizer, prompt format and what is shown of it. Made from a [`ModelSource`].

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::constraint::Grammars;
use crate::cores;
use crate::gguf::GgufFile;
use crate::healing::SortedVocab;
use crate::model::{self, LoadLimits, Memory, Model, Span};
use crate::prompt::PromptFormat;
use crate::scripted::{self, Cue, ScriptedModel};
use crate::tokenizer::{self, Tokenizer};
use crate::{EngineConfig, EngineError, FimPrompt, ModelInfo, ModelSource, Prompt, Script};

/// Sequences of full length that the KV cache has room for, where no limit is given.
const KEPT_SEQUENCES: usize = 4;

/// A loaded model with everything needed to serve requests.
pub(crate) struct Service {
    pub(crate) model: Box<dyn Model>,
    pub(crate) tokenizer: Arc<Tokenizer>,
    pub(crate) format: PromptFormat,
    /// What constraints are compiled with.
    pub(crate) grammars: Arc<Grammars>,
    sorted_vocab: OnceLock<SortedVocab>,
    pub(crate) info: ModelInfo,
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
    pub(crate) fn load(
        source: &ModelSource,
        config: &EngineConfig,
        cue: Option<Cue>,
        progress: &mut dyn FnMut(f32),
    ) -> Result<Self, EngineError> {
        let start = Instant::now();
        let parts = match source {
            ModelSource::Scripted(script) => Parts::scripted(script, config, cue.unwrap_or_default())?,
            ModelSource::File(path) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                Parts::gguf(&GgufFile::open(path)?, &name, config, progress)?
            }
            ModelSource::Remote(_) => {
                return Err(EngineError::UnsupportedModel("a model on a server has no weights here".to_owned()));
            }
            ModelSource::Bytes { name, bytes } => Parts::gguf(&GgufFile::from_bytes(bytes)?, name, config, progress)?,
        };
        let mut service = Self::new(parts, source.clone())?;
        service.check()?;
        service.info.load_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(service)
    }

    fn new(parts: Parts, source: ModelSource) -> Result<Self, EngineError> {
        let Parts { model, tokenizer, format, info, cue } = parts;
        let (rows, tokens) = (model.vocab_size(), tokenizer.vocab().len());
        if tokens > rows {
            return Err(EngineError::BadModelFile(format!(
                "the vocabulary has {tokens} tokens, but the model only {rows} outputs"
            )));
        }
        // Some models have more outputs than tokens, for round numbers.
        let surplus = (0..).take(rows).skip(tokens);
        let silent = tokenizer.vocab().silent().filter(|id| !format.ends.contains(id));
        let masked: Vec<u32> = silent.chain(surplus).collect();
        let tokenizer = Arc::new(tokenizer);
        Ok(Self {
            info: ModelInfo {
                context_length: info.context_length.min(model.context_length()),
                fim: format.fim.as_ref().map(|fim| fim.order),
                ..info
            },
            masked_with_ends: [masked.as_slice(), &format.ends].concat(),
            masked,
            model,
            grammars: Arc::new(Grammars::new(Arc::clone(&tokenizer), format.ends.clone())),
            sorted_vocab: OnceLock::new(),
            tokenizer,
            format,
            cue,
            source,
        })
    }

    /// The vocabulary sorted for healing; the first request that heals pays for it.
    pub(crate) fn sorted_vocab(&self) -> &SortedVocab {
        self.sorted_vocab.get_or_init(|| SortedVocab::new(self.tokenizer.vocab()))
    }

    /// One forward pass over a sample prompt: a model that computes nonsense is refused here, not shown to anybody.
    fn check(&mut self) -> Result<(), EngineError> {
        let sample = match self.format.fim {
            Some(_) => {
                Prompt::Fim(FimPrompt { prefix: "a = ".to_owned(), suffix: "\n".to_owned(), ..FimPrompt::default() })
            }
            None => Prompt::Text("a = ".to_owned()),
        };
        let tokens = match self.format.encode(&sample, &self.tokenizer, self.info.context_length, 1) {
            // A vocabulary of symbols may lack some of the sample's: any token shows whether the numbers are sound.
            Err(EngineError::InvalidRequest { .. }) if self.tokenizer.is_symbols() => vec![0],
            tokens => tokens?,
        };
        let mut logits = Vec::new();
        let mut sequence = self.model.kv_pool().sequence();
        self.model.forward(
            &mut [Span { sequence: &mut sequence, tokens: &tokens, wanted: 1 }],
            &mut logits,
            &|| false,
        )?;
        if logits.len() == self.info.vocab_size && logits.iter().all(|logit| logit.is_finite()) {
            return Ok(());
        }
        Err(EngineError::BadModelFile("the model computes no finite numbers; the file is damaged".to_owned()))
    }
}

/// Weights, and the KV cache when it is full.
fn memory_bytes(model: &dyn Model) -> u64 {
    model.memory_bytes() + model.kv_pool().capacity_bytes()
}

/// What each kind of source has to bring.
struct Parts {
    model: Box<dyn Model>,
    tokenizer: Tokenizer,
    format: PromptFormat,
    /// `context_length` is the engine's limit, `fim` and `load_ms` are not filled in yet.
    info: ModelInfo,
    cue: Option<Cue>,
}

impl Parts {
    fn scripted(script: &Script, config: &EngineConfig, cue: Cue) -> Result<Self, EngineError> {
        cue.clear();
        let tokenizer = scripted::tokenizer(script)?;
        let format = scripted::format(&tokenizer);
        let model = Box::new(ScriptedModel::new(script, &tokenizer, cue.clone()));
        let info = ModelInfo {
            name: "scripted".to_owned(),
            architecture: "scripted".to_owned(),
            parameters: 0,
            quantization: "none".to_owned(),
            context_length: config.max_context,
            vocab_size: model.vocab_size(),
            n_layers: 0,
            embedding_length: 0,
            memory_bytes: memory_bytes(&*model),
            server: None,
            fim: None,
            checkpoint: None,
            step: None,
            val_loss: None,
            load_ms: 0,
        };
        Ok(Self { model, tokenizer, format, info, cue: Some(cue) })
    }

    fn gguf(
        file: &GgufFile,
        name: &str,
        config: &EngineConfig,
        progress: &mut dyn FnMut(f32),
    ) -> Result<Self, EngineError> {
        let metadata = file.metadata();
        let mut described = tokenizer::read(metadata)?;
        let format = PromptFormat::read(metadata, &mut described)?;
        let limits = LoadLimits {
            max_context: config.max_context,
            threads: config.threads.unwrap_or_else(cores::physical).max(1),
            memory: config.max_memory_bytes.map_or(Memory::Sequences(KEPT_SEQUENCES), Memory::AtMost),
            kv_cache: config.kv_cache,
        };
        let model = model::load(file, limits, progress)?;
        let architecture = metadata.str("general.architecture").unwrap_or_default().to_owned();
        let size = |key: &str| metadata.u64(&format!("{architecture}.{key}")).unwrap_or_default();
        let size = |key: &str| usize::try_from(size(key)).unwrap_or(usize::MAX);
        let info = ModelInfo {
            name: metadata.str("general.name").filter(|name| !name.is_empty()).unwrap_or(name).to_owned(),
            parameters: file.parameters(),
            quantization: file.quantization(),
            context_length: config.max_context,
            vocab_size: model.vocab_size(),
            n_layers: size("block_count"),
            embedding_length: size("embedding_length"),
            memory_bytes: memory_bytes(&*model),
            server: None,
            fim: None,
            checkpoint: metadata.str("ropewalk.training.checkpoint").map(str::to_owned),
            step: metadata.u64("ropewalk.training.step"),
            val_loss: metadata.f32("ropewalk.training.val_loss"),
            load_ms: 0,
            architecture,
        };
        Ok(Self { model, tokenizer: described.tokenizer, format, info, cue: None })
    }
}
