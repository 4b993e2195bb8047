//! Tiny models with random weights, as GGUF images.

use candle_core::quantized::GgmlDType;

use crate::gguf::testing::GgufBuilder;
#[cfg(test)]
use crate::{
    KvCacheType,
    model::{LoadLimits, Memory},
    raw::RawModel,
};

/// A pseudo-random sequence (xorshift64*), the same on every machine.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Values of about the given size, on average 0.
    pub(crate) fn values(&mut self, count: usize, size: f32) -> Vec<f32> {
        // A sum of four even distributions is near enough to a normal one.
        let mut even = || (self.bits() >> 40) as f32 / (1u64 << 24) as f32 - 0.5;
        (0..count).map(|_| (even() + even() + even() + even()) * size * 1.732).collect()
    }
}

/// Sizes of a test model.
#[derive(Clone, Debug)]
pub(crate) struct Tiny {
    pub(crate) architecture: &'static str,
    pub(crate) dtype: GgmlDType,
    /// Store the quantized matrices as `f32`, rounded as the type rounds them.
    pub(crate) as_f32: bool,
    /// What not all models of the family have: see [`Tiny::parts`].
    pub(crate) options: bool,
    pub(crate) vocabulary: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) n_layers: usize,
    pub(crate) context: u32,
}

/// The tensors of a file, in order.
#[derive(Default)]
struct Parts {
    /// Names without `.weight`, inputs and outputs.
    matrices: Vec<(String, usize, usize)>,
    /// Names, shape and average.
    vectors: Vec<(String, Vec<usize>, f32)>,
}

impl Parts {
    fn matrix(&mut self, name: impl Into<String>, inputs: usize, outputs: usize) {
        self.matrices.push((name.into(), inputs, outputs));
    }

    fn vector(&mut self, name: impl Into<String>, len: usize, mean: f32) {
        self.vectors.push((name.into(), vec![len], mean));
    }
}

impl Tiny {
    /// Two layers of width 64 with grouped heads; six for gemma3, whose last one is different.
    pub(crate) fn new(architecture: &'static str, dtype: GgmlDType) -> Self {
        let (width, hidden) = if dtype.block_size() == 256 { (256, 512) } else { (64, 128) };
        Self {
            architecture,
            dtype,
            as_f32: false,
            options: false,
            vocabulary: 100,
            width,
            hidden,
            heads: 4,
            kv_heads: if architecture == "starcoder" { 1 } else { 2 },
            n_layers: if architecture == "gemma3" { 6 } else { 2 },
            context: 160,
        }
    }

    fn head_size(&self) -> usize {
        self.width / self.heads
    }

    /// Metadata but for the vocabulary.
    fn metadata(&self) -> GgufBuilder {
        let key = |name: &str| format!("{}.{name}", self.architecture);
        let epsilon = if self.layer_norm() { "layer_norm_epsilon" } else { "layer_norm_rms_epsilon" };
        let file = GgufBuilder::new()
            .str("general.architecture", self.architecture)
            .u32(&key("context_length"), self.context)
            .u32(&key("embedding_length"), self.width as u32)
            .u32(&key("feed_forward_length"), self.hidden as u32)
            .u32(&key("block_count"), self.n_layers as u32)
            .u32(&key("attention.head_count"), self.heads as u32)
            .u32(&key("attention.head_count_kv"), self.kv_heads as u32)
            .f32(&key(&format!("attention.{epsilon}")), 1e-6)
            .f32(&key("rope.freq_base"), 10_000.0);
        match (self.architecture, self.options) {
            ("stablelm", _) => file.u32(&key("rope.dimension_count"), self.head_size() as u32 / 4),
            ("phi3", false) => file.u32(&key("attention.sliding_window"), 20),
            ("phi3", true) => {
                file.u32(&key("rope.scaling.original_context_length"), 40).f32(&key("rope.scaling.attn_factor"), 1.2)
            }
            ("gemma3", false) => file.u32(&key("attention.sliding_window"), 20),
            ("gemma3", true) => file
                .u32(&key("attention.sliding_window"), 40)
                .bools(&key("attention.sliding_window_pattern"), &[true, false, true, true, false, true])
                .f32(&key("rope.scaling.factor"), 8.0)
                .f32(&key("final_logit_softcapping"), 3.0),
            ("gpt", true) => file
                .bool(&key("embedding_norm"), true)
                .bool(&key("attention.qk_norm"), true)
                .f32(&key("final_logit_softcapping"), 3.0),
            ("qwen2", true) => file
                .str(&key("rope.scaling.type"), "yarn")
                .f32(&key("rope.scaling.factor"), 4.0)
                .u32(&key("rope.scaling.original_context_length"), 40),
            _ => file,
        }
    }

    fn layer_norm(&self) -> bool {
        matches!(self.architecture, "starcoder" | "starcoder2" | "stablelm")
    }

    /// The tensors. Options: Q, K and V in one tensor (llama), YaRN (qwen2), norms of heads and parallel halves
    /// (stablelm), a tied head and LongRoPE (phi3), all the metadata of gpt and gemma3.
    fn parts(&self) -> Parts {
        let Self { architecture, options, width, hidden, heads, kv_heads, .. } = *self;
        let (layer_norm, head_size) = (self.layer_norm(), self.head_size());
        let kv_width = head_size * kv_heads;
        let mut parts = Parts::default();
        let norm = |parts: &mut Parts, name: String| {
            parts.vector(format!("{name}.weight"), width, 1.0);
            if layer_norm {
                parts.vector(format!("{name}.bias"), width, 0.0);
            }
        };
        parts.matrix("token_embd", width, self.vocabulary);
        if architecture == "starcoder" {
            parts.matrix("position_embd", width, self.context as usize);
        }
        if matches!((architecture, options), ("llama" | "stablelm" | "gpt", _) | ("phi3", false)) {
            parts.matrix("output", width, self.vocabulary);
        }
        if architecture != "gpt" {
            norm(&mut parts, "output_norm".to_owned());
        }
        if architecture == "phi3" && options {
            parts.vector("rope_factors_long.weight", head_size / 2, 4.0);
            parts.vector("rope_factors_short.weight", head_size / 2, 1.0);
        }
        for layer in 0..self.n_layers {
            let name = |part: &str| format!("blk.{layer}.{part}");
            if matches!((architecture, options), ("starcoder" | "phi3", _) | ("llama", true)) {
                parts.matrix(name("attn_qkv"), width, width + 2 * kv_width);
            } else {
                parts.matrix(name("attn_q"), width, width);
                parts.matrix(name("attn_k"), width, kv_width);
                parts.matrix(name("attn_v"), width, kv_width);
            }
            parts.matrix(name("attn_output"), width, width);
            match architecture {
                "starcoder" | "starcoder2" | "gpt" => parts.matrix(name("ffn_up"), width, hidden),
                "phi3" => parts.matrix(name("ffn_up"), width, 2 * hidden),
                _ => {
                    parts.matrix(name("ffn_gate"), width, hidden);
                    parts.matrix(name("ffn_up"), width, hidden);
                }
            }
            parts.matrix(name("ffn_down"), hidden, width);
            if architecture != "gpt" {
                norm(&mut parts, name("attn_norm"));
            }
            if architecture != "gpt" && !(architecture == "stablelm" && options) {
                norm(&mut parts, name("ffn_norm"));
            }
            let mut vector = |part: &str, len, mean| parts.vector(name(part), len, mean);
            match architecture {
                "qwen2" | "starcoder2" => {
                    vector("attn_q.bias", width, 0.0);
                    vector("attn_k.bias", kv_width, 0.0);
                    vector("attn_v.bias", kv_width, 0.0);
                }
                "starcoder" => vector("attn_qkv.bias", width + 2 * kv_width, 0.0),
                "qwen3" | "gemma3" => {
                    vector("attn_q_norm.weight", head_size, 1.0);
                    vector("attn_k_norm.weight", head_size, 1.0);
                }
                _ => {}
            }
            if matches!(architecture, "starcoder" | "starcoder2") {
                vector("attn_output.bias", width, 0.0);
                vector("ffn_up.bias", hidden, 0.0);
                vector("ffn_down.bias", width, 0.0);
            }
            if architecture == "gemma3" {
                vector("post_attention_norm.weight", width, 1.0);
                vector("post_ffw_norm.weight", width, 1.0);
            }
            if architecture == "stablelm" && options {
                for (part, heads) in [("attn_q_norm", heads), ("attn_k_norm", kv_heads)] {
                    parts.vectors.push((name(&format!("{part}.weight")), vec![head_size, heads], 1.0));
                }
            }
        }
        parts
    }

    /// The model's image, to which a vocabulary may be added.
    pub(crate) fn builder(&self) -> GgufBuilder {
        let mut noise = Noise::new(7);
        let mut file = self.metadata();
        let Parts { matrices, vectors } = self.parts();
        for (name, inputs, outputs) in matrices {
            let values = noise.values(inputs * outputs, 2.0 / (inputs as f32).sqrt());
            let (name, dimensions) = (format!("{name}.weight"), [inputs as u64, outputs as u64]);
            file = if self.as_f32 {
                file.rounded_tensor(&name, &dimensions, self.dtype, &values)
            } else {
                file.tensor(&name, &dimensions, self.dtype, &values)
            };
        }
        for (name, shape, mean) in vectors {
            let values: Vec<f32> = noise.values(shape.iter().product(), 0.1).iter().map(|value| mean + value).collect();
            let dimensions: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
            file = file.tensor(&name, &dimensions, GgmlDType::F32, &values);
        }
        file
    }

    /// The model, loaded with two threads and the given prefill chunk.
    #[cfg(test)]
    pub(crate) fn load(&self, prefill_chunk: usize) -> RawModel {
        let limits =
            LoadLimits { max_context: 4096, threads: 2, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
        RawModel::load(&self.builder().open(), limits, prefill_chunk).expect("the model is sound")
    }
}
