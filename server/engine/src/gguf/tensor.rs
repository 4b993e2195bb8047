//! What a file says of one tensor: name, shape, type and place.

use std::ops::Range;

use candle_core::quantized::GgmlDType;

use super::reader::{Reader, bad};
use crate::EngineError;

/// Most dimensions of a tensor, by the specification.
const MAX_DIMENSIONS: u32 = 4;

/// A tensor's entry. The first dimension is the one that lies contiguous in memory: a matrix that maps `k` values to
/// `n` has the shape `[k, n]`.
#[derive(Clone, Debug)]
pub(crate) struct TensorInfo {
    pub(crate) name: String,
    pub(crate) dtype: GgmlDType,
    dimensions: Vec<u64>,
    /// Bytes after the start of the tensor data.
    offset: u64,
    size: u64,
    range: Range<usize>,
}

impl TensorInfo {
    pub(super) fn read(reader: &mut Reader<'_>, index: u64, alignment: u64) -> Result<Self, EngineError> {
        let name = reader.string(&format!("the name of tensor {index}"))?.to_owned();
        let what = format!("the entry of the tensor {name:?}");
        let n_dimensions = reader.u32(&what)?;
        if n_dimensions > MAX_DIMENSIONS {
            return Err(bad(format!(
                "the tensor {name:?} has {n_dimensions} dimensions, more than {MAX_DIMENSIONS}; the file is damaged"
            )));
        }
        let mut dimensions = Vec::with_capacity(n_dimensions as usize);
        for _ in 0..n_dimensions {
            dimensions.push(reader.u64(&what)?);
        }
        let dtype = tensor_type(reader.u32(&what)?, &name)?;
        let offset = reader.u64(&what)?;
        if !offset.is_multiple_of(alignment) {
            return Err(bad(format!(
                "the tensor {name:?} starts at {offset}, which is not aligned to {alignment} bytes; the file is damaged"
            )));
        }
        let size = byte_size(&name, &dimensions, dtype)?;
        Ok(Self { name, dtype, dimensions, offset, size, range: 0..0 })
    }

    /// Fixes where the data lie, once it is known where they begin.
    pub(super) fn place(&mut self, data_start: u64, file_size: u64) -> Result<(), EngineError> {
        let start = data_start.checked_add(self.offset);
        let end = start.and_then(|start| start.checked_add(self.size));
        match (start, end) {
            (Some(start), Some(end)) if end <= file_size => {
                self.range = start as usize..end as usize;
                Ok(())
            }
            _ => Err(bad(format!(
                "the tensor {:?} ({} bytes at offset {} of the data) lies outside the file of {file_size} bytes; \
                 it is cut off or damaged, download it again",
                self.name, self.size, self.offset,
            ))),
        }
    }

    /// Shape, contiguous dimension first.
    pub(crate) fn dimensions(&self) -> &[u64] {
        &self.dimensions
    }

    /// Number of values.
    pub(crate) fn elements(&self) -> u64 {
        // Cannot overflow: `byte_size` has multiplied the same numbers.
        self.dimensions.iter().product()
    }

    /// Place in the file.
    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The type as people write it.
    pub(crate) fn type_name(&self) -> &'static str {
        TYPES.iter().find(|(_, _, dtype)| *dtype == Some(self.dtype)).map_or("unknown", |(_, name, _)| name)
    }
}

/// Bytes of a tensor, with every step checked for overflow.
fn byte_size(name: &str, dimensions: &[u64], dtype: GgmlDType) -> Result<u64, EngineError> {
    let (block, type_size) = (dtype.block_size() as u64, dtype.type_size() as u64);
    let row = dimensions.first().copied().unwrap_or(1);
    if !row.is_multiple_of(block) {
        return Err(bad(format!(
            "the rows of the tensor {name:?} have {row} values, not a multiple of the block size {block} of its type"
        )));
    }
    dimensions
        .iter()
        .try_fold(1u64, |product, &dimension| product.checked_mul(dimension))
        .and_then(|elements| (elements / block).checked_mul(type_size))
        .ok_or_else(|| bad(format!("the tensor {name:?} has the absurd shape {dimensions:?}; the file is damaged")))
}

fn tensor_type(number: u32, name: &str) -> Result<GgmlDType, EngineError> {
    match TYPES.iter().find(|(known, _, _)| *known == number) {
        Some((_, _, Some(dtype))) => Ok(*dtype),
        Some((_, type_name, None)) => Err(EngineError::UnsupportedModel(format!(
            "the tensor {name:?} has the type {type_name}, which is not supported; \
             get the model as Q4_K_M, Q5_K_M, Q6_K, Q8_0 or F16"
        ))),
        None => Err(EngineError::UnsupportedModel(format!(
            "the tensor {name:?} has the unknown type {number}; get the model as Q4_K_M, Q5_K_M, Q6_K, Q8_0 or F16"
        ))),
    }
}

/// The number of a type, for writing test files.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn type_number(dtype: GgmlDType) -> u32 {
    TYPES.iter().find(|(_, _, known)| *known == Some(dtype)).expect("the type is in the table").0
}

/// ggml's type numbers, names, and candle's type where we compute with it (`enum ggml_type` in `ggml.h`).
const TYPES: &[(u32, &str, Option<GgmlDType>)] = &[
    (0, "F32", Some(GgmlDType::F32)),
    (1, "F16", Some(GgmlDType::F16)),
    (2, "Q4_0", Some(GgmlDType::Q4_0)),
    (3, "Q4_1", Some(GgmlDType::Q4_1)),
    (6, "Q5_0", Some(GgmlDType::Q5_0)),
    (7, "Q5_1", Some(GgmlDType::Q5_1)),
    (8, "Q8_0", Some(GgmlDType::Q8_0)),
    (9, "Q8_1", None),
    (10, "Q2_K", Some(GgmlDType::Q2K)),
    (11, "Q3_K", Some(GgmlDType::Q3K)),
    (12, "Q4_K", Some(GgmlDType::Q4K)),
    (13, "Q5_K", Some(GgmlDType::Q5K)),
    (14, "Q6_K", Some(GgmlDType::Q6K)),
    (15, "Q8_K", None),
    (16, "IQ2_XXS", None),
    (17, "IQ2_XS", None),
    (18, "IQ3_XXS", None),
    (19, "IQ1_S", None),
    (20, "IQ4_NL", None),
    (21, "IQ3_S", None),
    (22, "IQ2_S", None),
    (23, "IQ4_XS", None),
    (24, "I8", None),
    (25, "I16", None),
    (26, "I32", None),
    (27, "I64", None),
    (28, "F64", None),
    (29, "IQ1_M", None),
    (30, "BF16", Some(GgmlDType::BF16)),
    (34, "TQ1_0", None),
    (35, "TQ2_0", None),
    (39, "MXFP4", None),
];
