//! Forward passes of any family: checks, the pool of threads, the memory of sequences, embedding and head.
//!
//! What happens between embedding and head is the family's; what happens between passes is the worker's.

use super::config::Config;
use super::layer::Norm;
use super::pass::Pass;
use crate::model::{LoadLimits, Memory, Model, Progress, Span, Stop};
use crate::ops::{KvLayout, KvPool, Linear, Rope, Threads, blocks_for, softcap};
use crate::{EngineError, KvCacheType};

/// What is particular to a family.
pub(super) trait Family: Send + Sync {
    /// What comes before the first block and behind the last.
    fn embedding_and_head(&self) -> &EmbeddingAndHead;
    /// The ropes that blocks turn by; [`Pass::rope`] takes an index into them.
    fn ropes(&self) -> &[Rope] {
        &[]
    }
    /// What is done to the embedded rows before the first block.
    fn embedded(&self, _pass: &mut Pass) {}
    /// Runs the rows through a block.
    fn block(&self, layer: usize, pass: &mut Pass, spans: &mut [Span<'_>]);
}

/// Embedding and head.
pub(super) struct EmbeddingAndHead {
    /// `(vocabulary, width)`
    pub(super) embedding: Linear,
    pub(super) output_norm: Norm,
    /// `(vocabulary, width)`; `None`: the embedding serves as the head too.
    pub(super) head: Option<Linear>,
    /// Logits are kept between minus this and this, softly.
    pub(super) logit_softcap: Option<f32>,
}

/// A loaded model.
pub(super) struct Runner {
    family: Box<dyn Family>,
    weight_bytes: u64,
    n_layers: usize,
    context_length: usize,
    pass: Pass,
    kv_pool: KvPool,
    threads: Threads,
}

impl Runner {
    /// A runner of a family whose tensors take `weight_bytes`.
    pub(super) fn new(
        family: Box<dyn Family>,
        config: &Config,
        weight_bytes: u64,
        limits: LoadLimits,
    ) -> Result<Self, EngineError> {
        let context_length = config.context_length;
        let layout = kv_layout(config, limits.kv_cache);
        let blocks = kv_blocks(limits.memory, layout, context_length, weight_bytes)?;
        let threads = Threads::new(limits.threads)
            .map_err(|error| EngineError::Unavailable(format!("no threads for the model: {error}")))?;
        Ok(Self {
            family,
            weight_bytes,
            n_layers: config.n_layers,
            context_length,
            pass: Pass::new(config.n_layers),
            kv_pool: KvPool::new(layout, blocks),
            threads,
        })
    }

    /// Finds out whether a pass can be made, and takes the memory for it.
    fn prepare(&self, spans: &mut [Span<'_>]) -> Result<(), EngineError> {
        for span in &*spans {
            if span.tokens.is_empty() {
                return Err(invalid("no tokens were given"));
            }
            if let Some(token) = span.tokens.iter().find(|&&token| token as usize >= self.vocab_size()) {
                return Err(invalid(&format!("{token} is no token of a vocabulary of {}", self.vocab_size())));
            }
            let len = span.sequence.len() + span.tokens.len();
            if len > self.context_length {
                return Err(EngineError::ContextTooLong { tokens: len, limit: self.context_length });
            }
            assert!(span.wanted <= span.tokens.len(), "logits are wanted of tokens of the pass");
        }
        for span in spans {
            let reserved = span.sequence.reserve(span.tokens.len());
            reserved.map_err(|_| EngineError::Unavailable("the KV cache has no room left".to_owned()))?;
        }
        Ok(())
    }
}

impl Model for Runner {
    fn vocab_size(&self) -> usize {
        self.family.embedding_and_head().embedding.outputs()
    }

    fn context_length(&self) -> usize {
        self.context_length
    }

    fn kv_pool(&self) -> &KvPool {
        &self.kv_pool
    }

    fn forward(
        &mut self,
        spans: &mut [Span<'_>],
        logits: &mut Vec<f32>,
        stop: Stop<'_>,
    ) -> Result<Progress, EngineError> {
        self.prepare(spans)?;
        let Self { family, pass, n_layers, threads, .. } = self;
        let progress = threads.install(|| {
            pass.start(spans, family.ropes());
            family.embedding_and_head().embed(spans, &mut pass.x); // (rows, width)
            family.embedded(pass);
            for layer in 0..*n_layers {
                if stop() {
                    return Progress::Stopped;
                }
                family.block(layer, pass, spans);
            }
            family.embedding_and_head().logits(pass, logits); // (wanted rows, vocabulary)
            Progress::Done
        });
        if progress == Progress::Done {
            for span in spans {
                span.sequence.advance(span.tokens.len());
            }
        }
        Ok(progress)
    }

    fn memory_bytes(&self) -> u64 {
        self.weight_bytes
    }
}

fn kv_layout(config: &Config, wanted: KvCacheType) -> KvLayout {
    let kind = match wanted {
        KvCacheType::Q8_0 if !config.head_size.is_multiple_of(32) => {
            tracing::warn!(head_size = config.head_size, "heads are not whole blocks of q8_0: the KV cache stays f16");
            KvCacheType::F16
        }
        wanted => wanted,
    };
    KvLayout { n_layers: config.n_layers, heads: config.kv_heads, head_size: config.head_size, kind }
}

/// Blocks of KV cache that the limit leaves; at least one sequence of full length must fit.
fn kv_blocks(memory: Memory, layout: KvLayout, context_length: usize, weights: u64) -> Result<usize, EngineError> {
    /// 1 MiB.
    const MIB: u64 = 1 << 20;
    let one = blocks_for(context_length);
    match memory {
        Memory::Sequences(count) => Ok(one * count.max(1)),
        Memory::AtMost(limit) => {
            let block_bytes = layout.block_bytes().max(1) as u64;
            let blocks = usize::try_from(limit.saturating_sub(weights) / block_bytes).unwrap_or(usize::MAX);
            if blocks >= one {
                return Ok(blocks);
            }
            let needed = weights + one as u64 * block_bytes;
            Err(EngineError::UnsupportedModel(format!(
                "the model needs {} MiB for its weights and a context of {context_length} tokens, but the memory limit is \
                 {} MiB; raise the limit or choose a smaller model",
                needed.div_ceil(MIB),
                limit / MIB
            )))
        }
    }
}

fn invalid(message: &str) -> EngineError {
    EngineError::InvalidRequest { field: "tokens", message: message.to_owned() }
}

impl EmbeddingAndHead {
    /// The rows of the embedding.
    fn embed(&self, spans: &[Span<'_>], x: &mut Vec<f32>) {
        let width = self.embedding.inputs();
        let tokens = spans.iter().flat_map(|span| span.tokens);
        x.resize(tokens.clone().count() * width, 0.0);
        for (x, &token) in x.chunks_exact_mut(width).zip(tokens) {
            self.embedding.row(token as usize, x); // (width)
        }
    }

    /// Logits of the rows that left the last block.
    fn logits(&self, pass: &mut Pass, logits: &mut Vec<f32>) {
        let head = self.head.as_ref().unwrap_or(&self.embedding);
        logits.resize(pass.x.len() / head.inputs() * head.outputs(), 0.0);
        if !logits.is_empty() {
            self.output_norm.forward(&pass.x, &mut pass.input); // (rows, width)
            head.forward(&mut pass.input, logits); // (rows, vocabulary)
            if let Some(cap) = self.logit_softcap {
                softcap(logits, cap);
            }
        }
    }
}
