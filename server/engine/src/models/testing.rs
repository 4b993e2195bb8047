//! Tiny models with random weights, as GGUF images.

use candle_core::quantized::GgmlDType;

use crate::KvCacheType;
use crate::gguf::testing::GgufBuilder;
use crate::model::{LoadLimits, Memory};
use crate::raw::RawModel;

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
    pub(crate) vocabulary: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) n_layers: usize,
    pub(crate) context: u32,
}

impl Tiny {
    /// Two layers of width 64 with grouped heads; a qwen2 model is tied, a llama model is not.
    pub(crate) fn new(architecture: &'static str, dtype: GgmlDType) -> Self {
        let (width, hidden) = if dtype.block_size() == 256 { (256, 512) } else { (64, 128) };
        Self {
            architecture,
            dtype,
            as_f32: false,
            vocabulary: 100,
            width,
            hidden,
            heads: 4,
            kv_heads: 2,
            n_layers: 2,
            context: 160,
        }
    }

    /// The model's image, to which a vocabulary may be added.
    pub(crate) fn builder(&self) -> GgufBuilder {
        let Self { architecture, dtype, as_f32, vocabulary, width, hidden, heads, kv_heads, n_layers, context } = *self;
        let mut noise = Noise::new(7);
        let key = |name: &str| format!("{architecture}.{name}");
        let mut file = GgufBuilder::new()
            .str("general.architecture", architecture)
            .u32(&key("context_length"), context)
            .u32(&key("embedding_length"), width as u32)
            .u32(&key("feed_forward_length"), hidden as u32)
            .u32(&key("block_count"), n_layers as u32)
            .u32(&key("attention.head_count"), heads as u32)
            .u32(&key("attention.head_count_kv"), kv_heads as u32)
            .f32(&key("attention.layer_norm_rms_epsilon"), 1e-6)
            .f32(&key("rope.freq_base"), 10_000.0);
        let mut matrix = |file: GgufBuilder, name: &str, inputs: usize, outputs: usize| {
            let values = noise.values(inputs * outputs, 2.0 / (inputs as f32).sqrt());
            let dimensions = [inputs as u64, outputs as u64];
            if as_f32 {
                file.rounded_tensor(name, &dimensions, dtype, &values)
            } else {
                file.tensor(name, &dimensions, dtype, &values)
            }
        };
        file = matrix(file, "token_embd.weight", width, vocabulary);
        if architecture == "llama" {
            file = matrix(file, "output.weight", width, vocabulary);
        }
        let kv_width = width / heads * kv_heads;
        for layer in 0..n_layers {
            let name = |part: &str| format!("blk.{layer}.{part}.weight");
            file = matrix(file, &name("attn_q"), width, width);
            file = matrix(file, &name("attn_k"), width, kv_width);
            file = matrix(file, &name("attn_v"), width, kv_width);
            file = matrix(file, &name("attn_output"), width, width);
            file = matrix(file, &name("ffn_gate"), width, hidden);
            file = matrix(file, &name("ffn_up"), width, hidden);
            file = matrix(file, &name("ffn_down"), hidden, width);
        }
        let mut vector = |file: GgufBuilder, name: &str, len: usize, mean: f32| {
            let values: Vec<f32> = noise.values(len, 0.1).iter().map(|value| mean + value).collect();
            file.tensor(name, &[len as u64], GgmlDType::F32, &values)
        };
        file = vector(file, "output_norm.weight", width, 1.0);
        for layer in 0..n_layers {
            file = vector(file, &format!("blk.{layer}.attn_norm.weight"), width, 1.0);
            file = vector(file, &format!("blk.{layer}.ffn_norm.weight"), width, 1.0);
            if architecture == "qwen2" {
                file = vector(file, &format!("blk.{layer}.attn_q.bias"), width, 0.0);
                file = vector(file, &format!("blk.{layer}.attn_k.bias"), kv_width, 0.0);
                file = vector(file, &format!("blk.{layer}.attn_v.bias"), kv_width, 0.0);
            }
        }
        file
    }

    /// The model, loaded with two threads and the given prefill chunk.
    pub(crate) fn load(&self, prefill_chunk: usize) -> RawModel {
        let limits =
            LoadLimits { max_context: 4096, threads: 2, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
        RawModel::load(&self.builder().open(), limits, prefill_chunk).expect("the model is sound")
    }
}
