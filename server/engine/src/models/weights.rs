//! Taking tensors out of a file by name, with their shapes checked, and noticing those nobody took.

use std::collections::HashSet;

use super::config::Config;
use super::layer::{Norm, Projection};
use super::runner::Ends;
use crate::EngineError;
use crate::gguf::{GgufFile, TensorInfo};
use crate::ops::{Linear, dequantize};

/// The tensors of a file.
pub(super) struct Weights<'a> {
    file: &'a GgufFile,
    taken: HashSet<&'a str>,
    progress: &'a mut dyn FnMut(f32),
}

impl<'a> Weights<'a> {
    pub(super) fn new(file: &'a GgufFile, progress: &'a mut dyn FnMut(f32)) -> Self {
        Self { file, taken: HashSet::new(), progress }
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
        Ok(tensor.map(|tensor| Linear::new(self.file.data(tensor), tensor.dtype, inputs, outputs)))
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
        let Some(tensor) = self.take_shaped(name, &[len])? else { return Ok(None) };
        let mut values = vec![0.0; len];
        dequantize(tensor.dtype, &self.file.data(tensor), &mut values);
        Ok(Some(values))
    }

    /// A tensor that will be taken as an optional one, but has to be there.
    pub(super) fn require(&self, name: &str) -> Result<(), EngineError> {
        self.file.tensor(name).map(|_| ()).ok_or_else(|| missing(name))
    }

    /// Embedding, last norm (root mean square) and head, under the names that most families use.
    pub(super) fn ends(&mut self, config: &Config) -> Result<Ends, EngineError> {
        let embedding = self.embedding("token_embd.weight", config.width)?; // (vocabulary, width)
        let weight = self.vector("output_norm.weight", config.width)?; // (width)
        let head = self.optional_linear("output.weight", config.width, embedding.outputs())?; // (vocabulary, width)
        Ok(Ends { embedding, output_norm: Norm::Rms { weight, epsilon: config.norm_epsilon }, head })
    }

    /// The tensors of a block.
    pub(super) fn block(&mut self, index: usize) -> Block<'_, 'a> {
        Block { weights: self, index }
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

    /// A root-mean-square norm.
    pub(super) fn rms_norm(&mut self, part: &str, len: usize, epsilon: f32) -> Result<Norm, EngineError> {
        let weight = self.weights.vector(&self.name(&format!("{part}.weight")), len)?;
        Ok(Norm::Rms { weight, epsilon })
    }
}

fn missing(name: &str) -> EngineError {
    EngineError::BadModelFile(format!("the tensor {name:?} is missing"))
}
