//! Taking tensors out of a file by name, with their shapes checked, and noticing those nobody took.

use std::collections::HashSet;

use super::config::Config;
use super::layer::{GatedMlp, InPlaceNorm, Mlp, Norm, Projection, Qkv};
use super::runner::EmbeddingAndHead;
use crate::EngineError;
use crate::gguf::{GgufFile, TensorInfo};
use crate::ops::{Accelerator, Linear, Rope, RopeScaling, RopeType, dequantize};

/// The tensors of a file.
pub(super) struct Weights<'a> {
    file: &'a GgufFile,
    /// Where products are computed, if not here.
    accelerator: Option<Accelerator>,
    taken: HashSet<&'a str>,
    progress: &'a mut dyn FnMut(f32),
}

impl<'a> Weights<'a> {
    pub(super) fn new(file: &'a GgufFile, accelerator: Option<Accelerator>, progress: &'a mut dyn FnMut(f32)) -> Self {
        Self { file, accelerator, taken: HashSet::new(), progress }
    }

    fn take(&mut self, name: &str) -> Option<&'a TensorInfo> {
        let tensor = self.file.tensor(name)?;
        self.taken.insert(&tensor.name);
        (self.progress)(self.taken.len() as f32 / self.file.tensors().len() as f32);
        Some(tensor)
    }

    fn take_shaped(&mut self, name: &str, shape: &[usize]) -> Result<Option<&'a TensorInfo>, EngineError> {
        let Some(tensor) = self.take(name) else { return Ok(None) };
        if !tensor.dimensions().iter().copied().eq(shape.iter().map(|&size| size as u64)) {
            return Err(EngineError::BadModelFile(format!(
                "the tensor {name:?} has the shape {:?}, expected {shape:?}",
                tensor.dimensions()
            )));
        }
        Ok(Some(tensor))
    }

    /// A matrix that maps `inputs` values to `outputs`.
    pub(super) fn linear(&mut self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, EngineError> {
        self.optional_linear(name, inputs, outputs)?.ok_or_else(|| missing(name))
    }

    pub(super) fn optional_linear(
        &mut self,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Option<Linear>, EngineError> {
        let tensor = self.take_shaped(name, &[inputs, outputs])?;
        let linear = |tensor: &TensorInfo| Linear::new(self.file.data(tensor), tensor.dtype, inputs, outputs);
        Ok(tensor.map(|tensor| linear(tensor).on(self.accelerator.clone())))
    }

    /// The embedding: as many rows as the vocabulary has tokens.
    pub(super) fn embedding(&mut self, name: &str, width: usize) -> Result<Linear, EngineError> {
        let tensor = self.file.tensor(name).ok_or_else(|| missing(name))?;
        match *tensor.dimensions() {
            [_, vocabulary] if vocabulary > 0 => self.linear(name, width, vocabulary as usize),
            ref shape => Err(EngineError::BadModelFile(format!(
                "the tensor {name:?} has the shape {shape:?}, expected a matrix"
            ))),
        }
    }

    /// A vector, as `f32`.
    pub(super) fn vector(&mut self, name: &str, len: usize) -> Result<Vec<f32>, EngineError> {
        self.optional_vector(name, len)?.ok_or_else(|| missing(name))
    }

    pub(super) fn optional_vector(&mut self, name: &str, len: usize) -> Result<Option<Vec<f32>>, EngineError> {
        self.optional_values(name, &[len])
    }

    /// All values of a small tensor; the shape has the contiguous dimension first.
    fn optional_values(&mut self, name: &str, shape: &[usize]) -> Result<Option<Vec<f32>>, EngineError> {
        let Some(tensor) = self.take_shaped(name, shape)? else { return Ok(None) };
        // Quantized ones would take many times their size here; no converter writes them.
        if tensor.dtype.block_size() > 1 {
            return Err(EngineError::UnsupportedModel(format!(
                "the tensor {name:?} has the type {}; vectors have to be F32, F16 or BF16",
                tensor.type_name()
            )));
        }
        let mut values = vec![0.0; shape.iter().product()];
        dequantize(tensor.dtype, &self.file.data(tensor), &mut values);
        Ok(Some(values))
    }

    /// Embedding and head, under the names that all families use.
    pub(super) fn embedding_and_head(
        &mut self,
        config: &Config,
        output_norm: Norm,
    ) -> Result<EmbeddingAndHead, EngineError> {
        let embedding = self.embedding("token_embd.weight", config.width)?; // (vocabulary, width)
        let head = self.optional_linear("output.weight", config.width, embedding.outputs())?; // (vocabulary, width)
        Ok(EmbeddingAndHead { embedding, output_norm, head, logit_softcap: None })
    }

    /// A root-mean-square norm of the residual stream, by the part of its name before `.weight`.
    pub(super) fn rms_norm(&mut self, name: &str, config: &Config) -> Result<Norm, EngineError> {
        let weight = self.vector(&format!("{name}.weight"), config.width)?;
        Ok(Norm::Rms { weight, epsilon: config.norm_epsilon })
    }

    /// A layer norm of the residual stream.
    pub(super) fn layer_norm(&mut self, name: &str, config: &Config) -> Result<Norm, EngineError> {
        let weight = self.vector(&format!("{name}.weight"), config.width)?;
        let bias = self.vector(&format!("{name}.bias"), config.width)?;
        Ok(Norm::Layer { weight, bias, epsilon: config.norm_epsilon })
    }

    /// The rope, with factors for its frequencies where the file has them: `rope_freqs`, or LongRoPE's two sets, of
    /// which the one for contexts longer than the original one is taken when ours may be longer.
    pub(super) fn rope(&mut self, config: &Config, rope_type: RopeType) -> Result<Rope, EngineError> {
        let pairs = config.rope_dimensions / 2;
        let long = self.optional_vector("rope_factors_long.weight", pairs)?;
        let short = self.optional_vector("rope_factors_short.weight", pairs)?;
        let frequency_factors = match self.optional_vector("rope_freqs.weight", pairs)? {
            Some(factors) => Some(factors),
            None if config.context_length > config.original_context => long,
            None => short,
        };
        if frequency_factors.iter().flatten().any(|&factor| !(factor > 0.0 && factor.is_finite())) {
            return Err(EngineError::BadModelFile(
                "a factor for rope's frequencies is not a number above 0".to_owned(),
            ));
        }
        let scaling = RopeScaling {
            scaling_type: config.rope_scaling_type,
            frequency_factors,
            attn_factor: config.rope_attn_factor,
        };
        Ok(Rope::new(rope_type, config.rope_dimensions, config.rope_base, &scaling))
    }

    /// The tensors of a block.
    pub(super) fn block(&mut self, index: usize) -> Block<'_, 'a> {
        Block { weights: self, index }
    }

    /// Bytes of all tensors taken so far.
    pub(super) fn bytes(&self) -> u64 {
        let taken = self.file.tensors().iter().filter(|tensor| self.taken.contains(tensor.name.as_str()));
        taken.map(|tensor| tensor.range().len() as u64).sum()
    }

    /// A model with weights that nobody used would silently compute something else than its authors meant.
    pub(super) fn refuse_unused(&self) -> Result<(), EngineError> {
        match self.file.tensors().iter().find(|tensor| !self.taken.contains(tensor.name.as_str())) {
            None => Ok(()),
            Some(tensor) => Err(EngineError::UnsupportedModel(format!(
                "the tensor {:?} is not a part of the architecture as it is known here",
                tensor.name
            ))),
        }
    }
}

/// The tensors of one block, by the part of their name after `blk.N.` and before `.weight` or `.bias`.
pub(super) struct Block<'b, 'a> {
    weights: &'b mut Weights<'a>,
    index: usize,
}

impl Block<'_, '_> {
    fn name(&self, part: &str) -> String {
        format!("blk.{}.{part}", self.index)
    }

    /// A matrix, with a bias where the file has one.
    pub(super) fn projection(&mut self, part: &str, inputs: usize, outputs: usize) -> Result<Projection, EngineError> {
        let weight = self.weights.linear(&self.name(&format!("{part}.weight")), inputs, outputs)?;
        let bias = self.weights.optional_vector(&self.name(&format!("{part}.bias")), outputs)?;
        Ok(Projection { weight, bias })
    }

    /// Several projections of the same input that are one tensor in the file.
    pub(super) fn fused<const N: usize>(
        &mut self,
        part: &str,
        inputs: usize,
        outputs: [usize; N],
    ) -> Result<[Projection; N], EngineError> {
        let Projection { weight, bias } = self.projection(part, inputs, outputs.iter().sum())?;
        let mut first = 0;
        Ok(weight.split(outputs).map(|weight| {
            let range = first..first + weight.outputs();
            first = range.end;
            Projection { bias: bias.as_ref().map(|bias| bias[range].to_vec()), weight }
        }))
    }

    /// Q, K and V, which a file has as one tensor or as three.
    pub(super) fn qkv(&mut self, config: &Config) -> Result<Qkv, EngineError> {
        let (q_width, kv_width) = (config.heads * config.head_size, config.kv_heads * config.head_size);
        if self.has("attn_qkv.weight") {
            let [q, k, v] = self.fused("attn_qkv", config.width, [q_width, kv_width, kv_width])?;
            return Ok(Qkv { q, k, v });
        }
        Ok(Qkv {
            q: self.projection("attn_q", config.width, q_width)?,
            k: self.projection("attn_k", config.width, kv_width)?,
            v: self.projection("attn_v", config.width, kv_width)?,
        })
    }

    /// What the heads' results are projected with, `(width, heads * head_size)`.
    pub(super) fn attention_output(&mut self, config: &Config) -> Result<Projection, EngineError> {
        self.projection("attn_output", config.heads * config.head_size, config.width)
    }

    /// The feed-forward part of a family whose has no gate.
    pub(super) fn mlp(&mut self, config: &Config) -> Result<Mlp, EngineError> {
        Ok(Mlp {
            up: self.projection("ffn_up", config.width, config.hidden)?,
            down: self.projection("ffn_down", config.hidden, config.width)?,
        })
    }

    /// The feed-forward part of the others. A file has gate and up projection as one tensor or as two.
    pub(super) fn gated_mlp(&mut self, config: &Config) -> Result<GatedMlp, EngineError> {
        let (width, hidden) = (config.width, config.hidden);
        let [gate, up] = if self.has("ffn_gate.weight") {
            [self.projection("ffn_gate", width, hidden)?, self.projection("ffn_up", width, hidden)?]
        } else {
            self.fused("ffn_up", width, [hidden, hidden])?
        };
        Ok(GatedMlp { gate, up, down: self.projection("ffn_down", hidden, width)? })
    }

    /// Whether the file has a tensor.
    pub(super) fn has(&self, part: &str) -> bool {
        self.weights.file.tensor(&self.name(part)).is_some()
    }

    /// A tensor that will be taken as an optional one, but has to be there.
    pub(super) fn require(&self, part: &str) -> Result<(), EngineError> {
        if self.has(part) { Ok(()) } else { Err(missing(&self.name(part))) }
    }

    /// A root-mean-square norm of the residual stream.
    pub(super) fn rms_norm(&mut self, part: &str, config: &Config) -> Result<Norm, EngineError> {
        self.weights.rms_norm(&self.name(part), config)
    }

    /// A layer norm of the residual stream.
    pub(super) fn layer_norm(&mut self, part: &str, config: &Config) -> Result<Norm, EngineError> {
        self.weights.layer_norm(&self.name(part), config)
    }

    /// A root-mean-square norm of every head, the same for all of them.
    pub(super) fn head_rms_norm(&mut self, part: &str, config: &Config) -> Result<InPlaceNorm, EngineError> {
        let weight = self.weights.vector(&self.name(&format!("{part}.weight")), config.head_size)?;
        Ok(InPlaceNorm::Rms { weight, epsilon: config.norm_epsilon })
    }

    /// A root-mean-square norm of what a half-block adds to the residual stream.
    pub(super) fn rms_norm_in_place(&mut self, part: &str, config: &Config) -> Result<InPlaceNorm, EngineError> {
        let weight = self.weights.vector(&self.name(&format!("{part}.weight")), config.width)?;
        Ok(InPlaceNorm::Rms { weight, epsilon: config.norm_epsilon })
    }

    /// Layer norms without bias, one for each head, where the file has them.
    pub(super) fn head_layer_norms(
        &mut self,
        part: &str,
        heads: usize,
        config: &Config,
    ) -> Result<Option<InPlaceNorm>, EngineError> {
        let (size, epsilon) = (config.head_size, config.norm_epsilon);
        let name = self.name(&format!("{part}.weight"));
        let weight = self.weights.optional_values(&name, &[size, heads])?; // (heads, head_size)
        Ok(weight.map(|weight| InPlaceNorm::Layer { weight, size, epsilon }))
    }
}

fn missing(name: &str) -> EngineError {
    EngineError::BadModelFile(format!("the tensor {name:?} is missing"))
}
