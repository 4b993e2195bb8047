//! One matrix product by itself, for the benchmarks under `benches/`.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use crate::gguf::Bytes;
use crate::ops::{Activations, Linear, Threads};

/// A matrix in one of a file's formats, and the threads that share its products.
pub struct Product {
    matrix: Linear,
    threads: Threads,
    input: Activations,
    out: Vec<f32>,
}

impl Product {
    /// A matrix of `outputs` rows with `inputs` values each, rounded to a format such as `Q4_K`; `None` for a name that is
    /// none, a width that is no multiple of the format's block, and where the system has no threads.
    pub fn new(format: &str, inputs: usize, outputs: usize, threads: usize) -> Option<Self> {
        let dtype = dtype(format).filter(|it| inputs.is_multiple_of(it.block_size()))?;
        let values: Vec<f32> = (0..inputs * outputs).map(|index| noise(index as u64)).collect();
        let tensor = Tensor::from_vec(values, (outputs, inputs), &Device::Cpu).ok()?;
        let blocks = QTensor::quantize(&tensor, dtype).ok()?;
        let bytes = Bytes::copied(&blocks.data().ok()?);
        let all = 0..bytes.len();
        Some(Self {
            matrix: Linear::new(bytes.slice(all), dtype, inputs, outputs),
            threads: Threads::new(threads).ok()?,
            input: Activations::default(),
            out: Vec::new(),
        })
    }

    /// Multiplies `rows` new rows, rounding included, and gives one of the results.
    pub fn multiply(&mut self, rows: usize) -> f32 {
        let Self { matrix, threads, input, out } = self;
        for (index, value) in input.start(rows, matrix.inputs()).iter_mut().enumerate() {
            *value = noise(index as u64 + 1);
        }
        out.resize(rows * matrix.outputs(), 0.0);
        threads.install(|| matrix.forward(input, out));
        out[out.len() - 1]
    }
}

fn dtype(format: &str) -> Option<GgmlDType> {
    Some(match format {
        "F32" => GgmlDType::F32,
        "F16" => GgmlDType::F16,
        "BF16" => GgmlDType::BF16,
        "Q4_0" => GgmlDType::Q4_0,
        "Q4_1" => GgmlDType::Q4_1,
        "Q5_0" => GgmlDType::Q5_0,
        "Q5_1" => GgmlDType::Q5_1,
        "Q8_0" => GgmlDType::Q8_0,
        "Q2_K" => GgmlDType::Q2K,
        "Q3_K" => GgmlDType::Q3K,
        "Q4_K" => GgmlDType::Q4K,
        "Q5_K" => GgmlDType::Q5K,
        "Q6_K" => GgmlDType::Q6K,
        _ => return None,
    })
}

/// A number between -1 and 1 for each index (the finalizer of splitmix64).
fn noise(index: u64) -> f32 {
    let mut bits = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits >> 40) as f32 / (1 << 23) as f32 - 1.0
}
