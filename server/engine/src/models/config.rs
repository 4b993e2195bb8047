//! The sizes of a model, from its file's metadata (`llama.*`, `phi3.*`, …: the families use the same names).

use crate::EngineError;
use crate::gguf::Metadata;
use crate::ops::{MAX_GROUP, MAX_HEAD_SIZE, RopeScalingType};

/// Beyond any real model; keeps sizes of buffers from overflowing.
const MAX_SIZE: usize = 1 << 20;

/// Options of other models that none of ours computes, with the value that means without. They change what is computed
/// but come with no tensor that would be noticed.
const OPTIONS: [(&str, f32); 9] = [
    ("embedding_scale", 1.0),
    ("residual_scale", 1.0),
    ("logit_scale", 1.0),
    ("attention.scale", 0.0),
    ("attention.clamp_kqv", 0.0),
    ("attention.max_alibi_bias", 0.0),
    ("attn_logit_softcapping", 0.0),
    ("rope.scaling.alpha", 0.0),
    ("rope.dimension_sections", 0.0),
];

/// The sizes of a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Config {
    /// Positions the model was made for.
    pub(super) trained_context: usize,
    /// Positions that a sequence can have: the file's number, or our limit where that is smaller.
    pub(super) context_length: usize,
    /// Width of the residual stream: `embedding_length`, llama.cpp's `n_embd`.
    pub(super) width: usize,
    /// Width of the feed-forward part: `feed_forward_length`, llama.cpp's `n_ff`.
    pub(super) hidden: usize,
    pub(super) n_layers: usize,
    /// Query heads.
    pub(super) heads: usize,
    /// Key and value heads; each serves `heads / kv_heads` query heads.
    pub(super) kv_heads: usize,
    pub(super) head_size: usize,
    /// Added to the mean square in norms.
    pub(super) norm_epsilon: f32,
    /// Values of a head that are turned.
    pub(super) rope_dimensions: usize,
    /// Base of the rope's frequencies.
    pub(super) rope_base: f32,
    /// How rope's frequencies are changed.
    pub(super) rope_scaling_type: RopeScalingType,
    /// What rope turns is multiplied by this.
    pub(super) rope_attn_factor: f32,
    /// Positions of the context before it was stretched.
    pub(super) original_context: usize,
}

impl Config {
    /// Reads what all families have.
    pub(super) fn read(keys: &Keys<'_>, max_context: usize) -> Result<Self, EngineError> {
        let width = keys.size("embedding_length")?;
        let heads = keys.size("attention.head_count")?;
        if keys.array("attention.head_count")
            || keys.array("attention.head_count_kv")
            || keys.array("feed_forward_length")
        {
            return Err(keys.unsupported("sizes that differ from layer to layer"));
        }
        if keys.u32("expert_count").is_some_and(|count| count > 0) {
            return Err(keys.unsupported("a mixture of experts"));
        }
        if keys.bool("attention.causal") == Some(false) {
            return Err(keys.unsupported("attention that is not causal"));
        }
        for (key, neutral) in OPTIONS {
            if keys.f32(key).is_some_and(|value| value != neutral) || keys.array(key) {
                return Err(keys.unsupported(&format!("a value for {key:?}")));
            }
        }
        let head_size = keys.optional_size("attention.key_length")?.unwrap_or(width / heads);
        let trained_context = keys.size("context_length")?;
        let original_context = keys.optional_size("rope.scaling.original_context_length")?.unwrap_or(trained_context);
        let config = Self {
            trained_context,
            context_length: trained_context.min(max_context).max(1),
            width,
            hidden: keys.size("feed_forward_length")?,
            n_layers: keys.size("block_count")?,
            heads,
            kv_heads: keys.optional_size("attention.head_count_kv")?.unwrap_or(heads),
            head_size,
            norm_epsilon: keys
                .f32("attention.layer_norm_rms_epsilon")
                .or_else(|| keys.f32("attention.layer_norm_epsilon"))
                .ok_or_else(|| keys.bad("attention.layer_norm_rms_epsilon", "is missing"))?,
            rope_dimensions: keys.optional_size("rope.dimension_count")?.unwrap_or(head_size),
            rope_base: keys.f32("rope.freq_base").unwrap_or(10_000.0),
            rope_scaling_type: rope_scaling_type(keys, original_context)?,
            rope_attn_factor: keys.f32("rope.scaling.attn_factor").unwrap_or(1.0),
            original_context,
        };
        config.check(keys)?;
        Ok(config)
    }

    fn check(&self, keys: &Keys<'_>) -> Result<(), EngineError> {
        if keys.optional_size("attention.value_length")?.is_some_and(|size| size != self.head_size) {
            return Err(keys.unsupported("keys and values of different sizes"));
        }
        if !self.heads.is_multiple_of(self.kv_heads) || self.heads / self.kv_heads > MAX_GROUP {
            return Err(
                keys.bad("attention.head_count_kv", "does not divide the number of heads into groups of 1 to 64")
            );
        }
        if !(2..=MAX_HEAD_SIZE).contains(&self.head_size) {
            return Err(keys.bad("attention.key_length", "is not a head size from 2 to 256"));
        }
        if !self.rope_dimensions.is_multiple_of(2) || self.rope_dimensions > self.head_size {
            return Err(keys.bad("rope.dimension_count", "is odd or larger than a head"));
        }
        // Written so that it is also true for a value that is not a number.
        if !(self.rope_base > 1.0 && self.rope_base.is_finite()) {
            return Err(keys.bad("rope.freq_base", "is not a number above 1"));
        }
        if !(self.rope_attn_factor > 0.0 && self.rope_attn_factor.is_finite()) {
            return Err(keys.bad("rope.scaling.attn_factor", "is not a number above 0"));
        }
        if !(0.0..1.0).contains(&self.norm_epsilon) {
            return Err(keys.bad("attention.layer_norm_rms_epsilon", "is not a number from 0 to 1"));
        }
        Ok(())
    }
}

fn rope_scaling_type(keys: &Keys<'_>, original_context: usize) -> Result<RopeScalingType, EngineError> {
    let number = |key: &str, number: Option<f32>| match number {
        Some(number) if !(number > 0.0 && number.is_finite()) => Err(keys.bad(key, "is not a number above 0")),
        number => Ok(number),
    };
    // The second name is from before there were other kinds; 0 stands for none.
    let factor = keys.f32("rope.scaling.factor").or_else(|| keys.f32("rope.scale_linear"));
    let factor = number("rope.scaling.factor", factor.filter(|&factor| factor != 0.0))?;
    match (keys.str("rope.scaling.type").unwrap_or("linear"), factor) {
        // LongRoPE is in the factors for frequencies, which the file has as tensors.
        ("none" | "longrope", _) | ("linear" | "yarn", None) => Ok(RopeScalingType::None),
        ("linear", Some(factor)) => Ok(RopeScalingType::Linear(factor)),
        ("yarn", Some(factor)) => {
            for key in ["ext_factor", "attn_factor", "log_multiplier"] {
                let default = if key == "log_multiplier" { 0.0 } else { 1.0 };
                let key = format!("rope.scaling.yarn_{key}");
                if keys.f32(&key).is_some_and(|value| value != default) {
                    return Err(keys.unsupported(&format!("a value of its own for {key:?}")));
                }
            }
            let beta = |key: &str, default| Ok(number(key, keys.f32(key))?.unwrap_or(default));
            Ok(RopeScalingType::Yarn {
                factor,
                original_context,
                beta_fast: beta("rope.scaling.yarn_beta_fast", 32.0)?,
                beta_slow: beta("rope.scaling.yarn_beta_slow", 1.0)?,
            })
        }
        (kind, _) => Err(keys.unsupported(&format!("rope scaling of the kind {kind:?}"))),
    }
}

/// Metadata with the architecture's prefix.
pub(super) struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: &'a str,
}

impl<'a> Keys<'a> {
    pub(super) fn new(metadata: &'a Metadata, architecture: &'a str) -> Self {
        Self { metadata, architecture }
    }

    fn name(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture)
    }

    pub(super) fn u32(&self, key: &str) -> Option<u32> {
        self.metadata.u32(&self.name(key))
    }

    pub(super) fn f32(&self, key: &str) -> Option<f32> {
        self.metadata.f32(&self.name(key))
    }

    pub(super) fn str(&self, key: &str) -> Option<&str> {
        self.metadata.str(&self.name(key))
    }

    pub(super) fn bool(&self, key: &str) -> Option<bool> {
        self.metadata.bool(&self.name(key))
    }

    pub(super) fn bools(&self, key: &str) -> Option<Vec<bool>> {
        self.metadata.bools(&self.name(key))
    }

    /// Positions that a row of attention sees, where the file limits them; 0 stands for no limit.
    pub(super) fn sliding_window(&self) -> Option<usize> {
        self.u32("attention.sliding_window").filter(|&window| window > 0).map(|window| window as usize)
    }

    /// Between which values logits are kept; 0 stands for no limit.
    pub(super) fn logit_softcap(&self) -> Result<Option<f32>, EngineError> {
        match self.f32("final_logit_softcapping").filter(|&cap| cap != 0.0) {
            Some(cap) if !(cap > 0.0 && cap.is_finite()) => {
                Err(self.bad("final_logit_softcapping", "is not a number above 0"))
            }
            cap => Ok(cap),
        }
    }

    fn array(&self, key: &str) -> bool {
        self.metadata.u32s(&self.name(key)).is_some()
    }

    pub(super) fn optional_size(&self, key: &str) -> Result<Option<usize>, EngineError> {
        match self.u32(key) {
            None => Ok(None),
            Some(size) if (1..=MAX_SIZE).contains(&(size as usize)) => Ok(Some(size as usize)),
            Some(size) => Err(self.bad(key, &format!("is {size}, which cannot be"))),
        }
    }

    pub(super) fn size(&self, key: &str) -> Result<usize, EngineError> {
        self.optional_size(key)?.ok_or_else(|| self.bad(key, "is missing"))
    }

    pub(super) fn bad(&self, key: &str, problem: &str) -> EngineError {
        EngineError::BadModelFile(format!("the metadata entry {:?} {problem}", self.name(key)))
    }

    pub(super) fn unsupported(&self, what: &str) -> EngineError {
        EngineError::UnsupportedModel(format!("the {} model has {what}, which is not supported", self.architecture))
    }
}
