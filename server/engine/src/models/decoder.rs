//! The decoder-only transformer that the llama and qwen2 families share, with the KV cache of one sequence.
//!
//! Pre-norm blocks of grouped-query attention and a SiLU-gated feed-forward part: *Llama 2* (arXiv 2307.09288). What the
//! families differ in is data here: biases that may be absent, and the way rope pairs values. No policy: sampling,
//! stopping and reuse of the cache are the worker's.

use rayon::ThreadPool;

use super::config::Config;
use super::layer::{Biases, Layer};
use super::weights::Weights;
use crate::EngineError;
use crate::model::{LoadLimits, Model};
use crate::ops::{Activations, AttentionShape, KvCache, Linear, Rope, add, attention, rms_norm, silu_mul};

/// A loaded model.
pub(super) struct Decoder {
    embedding: Linear,
    layers: Vec<Layer>,
    output_norm: Vec<f32>,
    /// `None`: the embedding serves as the head too.
    head: Option<Linear>,
    state: State,
    pool: ThreadPool,
}

/// Everything a forward pass writes to.
struct State {
    norm_epsilon: f32,
    shape: AttentionShape,
    kv_width: usize,
    hidden: usize,
    chunk: usize,
    rope: Rope,
    capacity: usize,
    /// Positions in the cache.
    len: usize,
    caches: Vec<KvCache>,
    scratch: Scratch,
}

/// Buffers of a pass, kept for the next one.
#[derive(Default)]
struct Scratch {
    /// The residual stream.
    x: Vec<f32>,
    input: Activations,
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
    /// What a half-block adds to the residual stream.
    delta: Vec<f32>,
}

impl Decoder {
    /// Takes the weights in data-flow order.
    pub(super) fn read(
        config: &Config,
        weights: &mut Weights<'_>,
        limits: LoadLimits,
        rope: Rope,
        biases: Biases,
    ) -> Result<Self, EngineError> {
        let embedding = weights.embedding("token_embd.weight", config.width)?; // (vocabulary, width)
        let layers: Vec<Layer> =
            (0..config.n_layers).map(|index| Layer::read(weights, index, config, biases)).collect::<Result<_, _>>()?;
        let output_norm = weights.vector("output_norm.weight", config.width)?; // (width)
        let head = weights.optional_linear("output.weight", config.width, embedding.outputs())?; // (vocabulary, width)

        let capacity = config.context_length.min(limits.max_context).max(1);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(limits.threads.max(1))
            .thread_name(|index| format!("model-{index}"))
            .build()
            .map_err(|error| EngineError::WorkerFailed(format!("cannot start threads: {error}")))?;
        let caches = layers.iter().map(|_| KvCache::new(config.kv_heads, config.head_size, capacity)).collect();
        let state = State {
            norm_epsilon: config.norm_epsilon,
            shape: AttentionShape { heads: config.heads, head_size: config.head_size },
            kv_width: config.kv_heads * config.head_size,
            hidden: config.hidden,
            chunk: limits.prefill_chunk.max(1),
            rope,
            capacity,
            len: 0,
            caches,
            scratch: Scratch::default(),
        };
        Ok(Self { embedding, layers, output_norm, head, state, pool })
    }
}

impl Model for Decoder {
    fn vocab_size(&self) -> usize {
        self.embedding.outputs()
    }

    fn context_length(&self) -> usize {
        self.state.capacity
    }

    fn len(&self) -> usize {
        self.state.len
    }

    fn truncate(&mut self, len: usize) {
        self.state.len = self.state.len.min(len);
    }

    fn forward(&mut self, tokens: &[u32], logits: &mut Vec<f32>) -> Result<(), EngineError> {
        let Self { embedding, layers, output_norm, head, state, pool } = self;
        if tokens.is_empty() {
            return Err(invalid("no tokens were given"));
        }
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= embedding.outputs()) {
            return Err(invalid(&format!("{token} is no token of a vocabulary of {}", embedding.outputs())));
        }
        if tokens.len() > state.capacity - state.len {
            return Err(EngineError::ContextTooLong { tokens: state.len + tokens.len(), limit: state.capacity });
        }
        pool.install(|| {
            let mut chunks = tokens.chunks(state.chunk).peekable();
            while let Some(tokens) = chunks.next() {
                state.embed(embedding, tokens);
                // Of all that leaves the last block only the last position's output is read.
                let wanted = usize::from(chunks.peek().is_none());
                state.run(layers, tokens.len(), wanted);
            }
            state.logits(output_norm, head.as_ref().unwrap_or(embedding), logits);
        });
        Ok(())
    }

    fn memory_bytes(&self) -> u64 {
        let layers = self.layers.iter().map(Layer::memory_bytes);
        let caches = self.state.caches.iter().map(KvCache::memory_bytes);
        let ends = self.embedding.memory_bytes() + self.head.as_ref().map_or(0, Linear::memory_bytes);
        (layers.sum::<usize>() + caches.sum::<usize>() + ends) as u64
    }
}

fn invalid(message: &str) -> EngineError {
    EngineError::InvalidRequest { field: "tokens", message: message.to_owned() }
}

impl State {
    fn embed(&mut self, embedding: &Linear, tokens: &[u32]) {
        let width = embedding.inputs();
        let x = &mut self.scratch.x;
        x.resize(tokens.len() * width, 0.0);
        for (x, &token) in x.chunks_exact_mut(width).zip(tokens) {
            embedding.row(token as usize, x); // (width)
        }
    }

    /// Runs the residual stream through all blocks and takes its positions into the cache. At the end the stream has
    /// the last `wanted` rows; the last block computes keys and values only for the others.
    fn run(&mut self, layers: &[Layer], rows: usize, wanted: usize) {
        self.rope.prepare(self.len, rows);
        for (index, layer) in layers.iter().enumerate() {
            let wanted = if index + 1 == layers.len() { wanted } else { rows };
            self.remember(index, layer, rows);
            if wanted > 0 {
                self.attend(index, layer, rows, wanted);
                self.feed_forward(layer, wanted);
            }
        }
        self.len += rows;
    }

    /// Puts keys and values of the rows into the cache, and leaves the normed rows in `input`.
    fn remember(&mut self, index: usize, layer: &Layer, rows: usize) {
        let Scratch { x, input, k, v, .. } = &mut self.scratch;
        let head_size = self.shape.head_size;

        rms_norm(x, &layer.attention_norm, self.norm_epsilon, input.start(rows, layer.attention_norm.len()));
        k.resize(rows * self.kv_width, 0.0);
        v.resize(rows * self.kv_width, 0.0);
        layer.k.forward(input, k); // (rows, kv_heads, head_size)
        layer.v.forward(input, v); // (rows, kv_heads, head_size)
        self.rope.apply(k, self.kv_width / head_size, head_size);
        self.caches[index].store(self.len, k, v);
    }

    /// Attention of the last `wanted` rows; `input` has all of them, normed.
    fn attend(&mut self, index: usize, layer: &Layer, rows: usize, wanted: usize) {
        let AttentionShape { heads, head_size } = self.shape;
        let Scratch { x, input, q, delta, .. } = &mut self.scratch;

        if wanted < rows {
            let width = layer.attention_norm.len();
            x.drain(..(rows - wanted) * width);
            rms_norm(x, &layer.attention_norm, self.norm_epsilon, input.start(wanted, width));
        }
        q.resize(wanted * heads * head_size, 0.0);
        layer.q.forward(input, q); // (wanted, heads, head_size)
        self.rope.apply(q, heads, head_size);
        let position = self.len + rows - wanted;
        attention(q, &self.caches[index], position, self.shape, input.start(wanted, heads * head_size));
        delta.resize(x.len(), 0.0);
        layer.attention_output.forward(input, delta); // (wanted, width)
        add(x, delta);
    }

    fn feed_forward(&mut self, layer: &Layer, rows: usize) {
        let Scratch { x, input, gate, up, delta, .. } = &mut self.scratch;

        rms_norm(x, &layer.feed_forward_norm, self.norm_epsilon, input.start(rows, layer.feed_forward_norm.len()));
        gate.resize(rows * self.hidden, 0.0);
        up.resize(rows * self.hidden, 0.0);
        layer.gate.forward(input, gate); // (rows, hidden)
        layer.up.forward(input, up); // (rows, hidden)
        silu_mul(gate, up, input.start(rows, self.hidden));
        layer.down.forward(input, delta); // (rows, width)
        add(x, delta);
    }

    /// Logits of the last position of the pass.
    fn logits(&mut self, output_norm: &[f32], head: &Linear, logits: &mut Vec<f32>) {
        let Scratch { x, input, .. } = &mut self.scratch;
        let last = &x[x.len() - output_norm.len()..];
        rms_norm(last, output_norm, self.norm_epsilon, input.start(1, output_norm.len()));
        logits.resize(head.outputs(), 0.0);
        head.forward(input, logits); // (vocabulary)
    }
}
