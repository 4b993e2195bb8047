//! Phi-3, Phi-3.5 and Phi-4 with their small models: llama's blocks with Q, K, V in one tensor and gate, up in another.
//!
//! Source of the layout: llama.cpp, `conversion/phi.py` and `src/models/phi3.cpp` (architecture `phi3`); the model:
//! *Phi-3 Technical Report* (arXiv 2404.14219). Rope turns the two halves of a head or of its first part; models for long
//! contexts have two sets of factors for its frequencies (*LongRoPE*, arXiv 2402.13753). The 4k models attend to a window
//! of 2047 positions, as transformers does; llama.cpp (0c1e570) reads its size and attends to all of them.

use super::config::{Config, Keys};
use super::layer::{Norm, Projection, project};
use super::pass::Pass;
use super::runner::{Ends, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Pairing, Rope, silu_mul};

/// The model, in data-flow order.
struct Phi3 {
    ends: Ends,
    rope: [Rope; 1],
    attention: AttentionShape,
    layers: Vec<Layer>,
}

struct Layer {
    attention_norm: Norm,
    q: Projection,
    k: Projection,
    v: Projection,
    attention_output: Projection,
    feed_forward_norm: Norm,
    gate: Projection,
    up: Projection,
    down: Projection,
}

/// The model of a file.
pub(super) fn read(
    keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let output_norm = weights.rms_norm("output_norm", config)?; // (width)
    let attention = AttentionShape::new(config.heads, config.kv_heads, config.head_size);
    Ok(Box::new(Phi3 {
        ends: weights.ends(config, output_norm)?,
        rope: [weights.rope(config, Pairing::Halves)?],
        attention: AttentionShape { window: keys.sliding_window(), ..attention },
        layers: (0..config.n_layers).map(|index| Layer::read(weights, index, config)).collect::<Result<_, _>>()?,
    }))
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, config: &Config) -> Result<Self, EngineError> {
        let (width, hidden, q_width) = (config.width, config.hidden, config.heads * config.head_size);
        let mut block = weights.block(index);
        let [q, k, v] = block.qkv(config)?; // (heads or kv_heads * head_size, width)
        let [gate, up] = block.fused("ffn_up", width, [hidden, hidden])?; // (hidden, width)
        Ok(Self {
            attention_norm: block.rms_norm("attn_norm", config)?, // (width)
            q,
            k,
            v,
            attention_output: block.projection("attn_output", q_width, width)?, // (width, heads * head_size)
            feed_forward_norm: block.rms_norm("ffn_norm", config)?,             // (width)
            gate,
            up,
            down: block.projection("ffn_down", hidden, width)?, // (width, hidden)
        })
    }
}

impl Family for Phi3 {
    fn ends(&self) -> &Ends {
        &self.ends
    }

    fn ropes(&self) -> &[Rope] {
        &self.rope
    }

    fn block(&self, index: usize, pass: &mut Pass, spans: &mut [Span<'_>]) {
        let layer = &self.layers[index];

        layer.attention_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        project(
            &mut pass.input,
            [
                (&layer.q, &mut pass.q), // (rows, heads, head_size)
                (&layer.k, &mut pass.k), // (rows, kv_heads, head_size)
                (&layer.v, &mut pass.v), // (rows, kv_heads, head_size)
            ],
        );
        pass.rope(&self.rope, 0, self.attention);
        pass.attend(index, self.attention, spans); // (rows, heads, head_size)
        pass.add_projected(&layer.attention_output); // (rows, width)

        layer.feed_forward_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        project(
            &mut pass.input,
            [
                (&layer.gate, &mut pass.gate), // (rows, hidden)
                (&layer.up, &mut pass.up),     // (rows, hidden)
            ],
        );
        let hidden = layer.down.weight.inputs();
        silu_mul(&pass.gate, &pass.up, pass.input.start(pass.gate.len() / hidden, hidden)); // (rows, hidden)
        pass.add_projected(&layer.down); // (rows, width)
    }

    fn memory_bytes(&self) -> usize {
        let bytes = |layer: &Layer| -> usize {
            let Layer { q, k, v, attention_output, gate, up, down, .. } = layer;
            [q, k, v, attention_output, gate, up, down].map(Projection::memory_bytes).iter().sum()
        };
        self.layers.iter().map(bytes).sum()
    }
}
