//! Gemma 3: a scaled embedding, norms before and after each half-block and of every head, a GELU-gated feed-forward part,
//! and mostly layers that see a window of positions, with a rope of their own.
//!
//! Source of the layout: llama.cpp, `conversion/gemma.py` and `src/models/gemma3.cpp` (architecture `gemma3`); the model:
//! *Gemma 3 Technical Report* (arXiv 2503.19786). The converter has added the 1 to the weights of norms that the model
//! adds. Every sixth layer is global; only there positions are stretched. Text only: the vision part is another file.

use super::config::{Config, Keys};
use super::layer::{GatedMlp, InPlaceNorm, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Rope, RopeScalingType, RopeType, gelu_mul};

/// Of this many layers the last one is global, where the file says nothing else.
const PATTERN: usize = 6;
/// Layers of the 27B model, the only one whose queries are not scaled by the head size.
const LAYERS_27B: usize = 62;
/// Indexes into the ropes.
const GLOBAL: usize = 0;
const LOCAL: usize = 1;

/// The model, in data-flow order.
struct Gemma3 {
    embedding_and_head: EmbeddingAndHead,
    /// What the embedding is multiplied with.
    embedding_scale: f32,
    ropes: [Rope; 2],
    attention: [AttentionShape; 2],
    layers: Vec<Layer>,
}

struct Layer {
    /// `GLOBAL` or `LOCAL`.
    kind: usize,
    attention_norm: Norm,
    qkv: Qkv,
    q_norm: InPlaceNorm,
    k_norm: InPlaceNorm,
    attention_output: Projection,
    post_attention_norm: InPlaceNorm,
    feed_forward_norm: Norm,
    mlp: GatedMlp,
    post_feed_forward_norm: InPlaceNorm,
}

/// The model of a file.
pub(super) fn read(
    keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let window = keys.sliding_window();
    let kinds = kinds(keys, config.n_layers, window)?;
    let local_base = keys.f32("rope.freq_base_swa").unwrap_or(10_000.0);
    if !(local_base > 1.0 && local_base.is_finite()) {
        return Err(keys.bad("rope.freq_base_swa", "is not a number above 1"));
    }
    let local = Config { rope_base: local_base, rope_scaling_type: RopeScalingType::None, ..config.clone() };

    let plain = AttentionShape::new(config.heads, config.kv_heads, config.head_size);
    let per_head = config.width / config.heads;
    let scale = if config.n_layers == LAYERS_27B { 1.0 / (per_head as f32).sqrt() } else { plain.scale };
    let global = AttentionShape { scale, ..plain };

    let output_norm = weights.rms_norm("output_norm", config)?; // (width)
    let embedding_and_head = weights.embedding_and_head(config, output_norm)?;
    let layers = kinds.into_iter().enumerate();
    Ok(Box::new(Gemma3 {
        embedding_and_head: EmbeddingAndHead { logit_softcap: keys.logit_softcap()?, ..embedding_and_head },
        embedding_scale: (config.width as f32).sqrt(),
        ropes: [weights.rope(config, RopeType::Neox)?, weights.rope(&local, RopeType::Neox)?],
        attention: [global, AttentionShape { window, ..global }],
        layers: layers.map(|(index, kind)| Layer::read(weights, index, kind, config)).collect::<Result<_, _>>()?,
    }))
}

/// Which layers are global.
fn kinds(keys: &Keys<'_>, n_layers: usize, window: Option<usize>) -> Result<Vec<usize>, EngineError> {
    const KEY: &str = "attention.sliding_window_pattern";
    if window.is_none() {
        return Ok(vec![GLOBAL; n_layers]);
    }
    if let Some(local) = keys.bools(KEY) {
        if local.len() != n_layers {
            return Err(keys.bad(KEY, "has not one entry for each layer"));
        }
        return Ok(local.into_iter().map(|local| if local { LOCAL } else { GLOBAL }).collect());
    }
    let pattern = keys.optional_size(KEY)?.unwrap_or(PATTERN);
    Ok((1..=n_layers).map(|number| if number.is_multiple_of(pattern) { GLOBAL } else { LOCAL }).collect())
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, kind: usize, config: &Config) -> Result<Self, EngineError> {
        let mut block = weights.block(index);
        Ok(Self {
            kind,
            attention_norm: block.rms_norm("attn_norm", config)?, // (width)
            qkv: block.qkv(config)?,
            q_norm: block.head_rms_norm("attn_q_norm", config)?, // (head_size)
            k_norm: block.head_rms_norm("attn_k_norm", config)?, // (head_size)
            attention_output: block.attention_output(config)?,   // (width, heads * head_size)
            post_attention_norm: block.rms_norm_in_place("post_attention_norm", config)?, // (width)
            feed_forward_norm: block.rms_norm("ffn_norm", config)?, // (width)
            mlp: block.gated_mlp(config)?,
            post_feed_forward_norm: block.rms_norm_in_place("post_ffw_norm", config)?, // (width)
        })
    }
}

impl Family for Gemma3 {
    fn embedding_and_head(&self) -> &EmbeddingAndHead {
        &self.embedding_and_head
    }

    fn ropes(&self) -> &[Rope] {
        &self.ropes
    }

    fn embedded(&self, pass: &mut Pass) {
        for x in &mut pass.x {
            *x *= self.embedding_scale;
        }
    }

    fn block(&self, index: usize, pass: &mut Pass, spans: &mut [Span<'_>]) {
        let layer = &self.layers[index];
        let attention = self.attention[layer.kind];

        layer.attention_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.project(&layer.qkv); // (rows, heads or kv_heads, head_size)
        layer.q_norm.forward(&mut pass.q); // (rows, heads, head_size)
        layer.k_norm.forward(&mut pass.k); // (rows, kv_heads, head_size)
        pass.rope(&self.ropes, layer.kind, attention);
        pass.attend(index, attention, spans); // (rows, heads, head_size)
        layer.attention_output.forward(&mut pass.input, &mut pass.delta); // (rows, width)
        layer.post_attention_norm.forward(&mut pass.delta); // (rows, width)
        pass.add_delta();

        layer.feed_forward_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.gated_mlp(&layer.mlp, gelu_mul); // (rows, width)
        layer.post_feed_forward_norm.forward(&mut pass.delta); // (rows, width)
        pass.add_delta();
    }
}
