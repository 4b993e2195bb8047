//! Matrix products with weights as they lie in the file: `y = W x`, for every row `x` of the input.

use std::cell::RefCell;
use std::sync::OnceLock;

use candle_core::quantized::k_quants::{
    BlockQ2K, BlockQ3K, BlockQ4_0, BlockQ4_1, BlockQ4K, BlockQ5_0, BlockQ5_1, BlockQ5K, BlockQ6K, BlockQ8_0,
};
use candle_core::quantized::{GgmlDType, GgmlType};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::accelerator::{Accelerator, DeviceMatrix};
use super::activations::Activations;
use super::blocks::blocks;
use super::dequantize;
use super::kernels::{FloatKernel, Job, Kernel, Matrix, run};
use super::threads::for_chunks_mut;
use super::vector::dot_rows;
use crate::gguf::Slice;

/// A matrix of `outputs` rows with `inputs` values each.
pub(crate) struct Linear {
    weights: Slice,
    kernel: Option<Kernel>,
    float_kernel: Option<FloatKernel>,
    dtype: GgmlDType,
    inputs: usize,
    outputs: usize,
    /// Where products are computed rather than here.
    accelerator: Option<Accelerator>,
    /// The copy there, made with the first product; `None` where there is no memory left for it.
    copy: OnceLock<Option<DeviceMatrix>>,
}

impl Linear {
    /// `weights` holds `inputs * outputs` values of the type.
    pub(crate) fn new(weights: Slice, dtype: GgmlDType, inputs: usize, outputs: usize) -> Self {
        assert_eq!(
            weights.len(),
            inputs / dtype.block_size() * dtype.type_size() * outputs,
            "the shape fits the bytes"
        );
        Self {
            weights,
            kernel: Kernel::find(dtype),
            float_kernel: FloatKernel::find(dtype),
            dtype,
            inputs,
            outputs,
            accelerator: None,
            copy: OnceLock::new(),
        }
    }

    /// The same matrix, multiplied elsewhere.
    pub(crate) fn on(self, accelerator: Option<Accelerator>) -> Self {
        Self { accelerator, ..self }
    }

    /// The matrix as several: the first rows, the next ones, and so on.
    pub(crate) fn split<const N: usize>(self, outputs: [usize; N]) -> [Self; N] {
        assert_eq!(outputs.iter().sum::<usize>(), self.outputs, "the parts make up the matrix");
        let row_bytes = self.row_bytes();
        let mut first = 0;
        outputs.map(|outputs| {
            let weights = self.weights.slice(first * row_bytes..(first + outputs) * row_bytes);
            first += outputs;
            Self::new(weights, self.dtype, self.inputs, outputs).on(self.accelerator.clone())
        })
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    fn row_bytes(&self) -> usize {
        self.inputs / self.dtype.block_size() * self.dtype.type_size()
    }

    /// The weights of one output, as `f32`: an embedding row.
    pub(crate) fn row(&self, index: usize, out: &mut [f32]) {
        let size = self.row_bytes();
        dequantize(self.dtype, &self.weights[index * size..(index + 1) * size], out);
    }

    /// Multiplies every row of `input`; `out` gets `input.rows()` rows of `outputs` values.
    pub(crate) fn forward(&self, input: &mut Activations, out: &mut [f32]) {
        assert_eq!(input.width(), self.inputs, "the input has the matrix's width");
        assert_eq!(out.len(), input.rows() * self.outputs, "the output has the matrix's height");
        if self.forward_elsewhere(input.values(), out) {
            return;
        }
        if let Some(kernel) = self.kernel {
            input.round(kernel.block());
            run(&[self.job(kernel, input, out)]);
            return;
        }
        match self.float_kernel {
            Some(FloatKernel::Whole(multiply)) => return multiply(&self.weights, self.inputs, input.values(), out),
            Some(FloatKernel::Rows(dot_rows)) => {
                return self.columns(input.rows(), out, |row, out| dot_rows(row, input.values(), out));
            }
            None => {}
        }
        match self.dtype {
            GgmlDType::F32 => self.columns(input.rows(), out, |row, out| dot_rows(blocks(row), input.values(), out)),
            GgmlDType::F16 => self.widened(input, out, |row, wide| blocks::<f16>(row).convert_to_f32_slice(wide)),
            GgmlDType::BF16 => self.widened(input, out, |row, wide| blocks::<bf16>(row).convert_to_f32_slice(wide)),
            GgmlDType::Q4_0 => self.by_candle::<BlockQ4_0>(input.q8_0(), out),
            GgmlDType::Q4_1 => self.by_candle::<BlockQ4_1>(input.q8_1(), out),
            GgmlDType::Q5_0 => self.by_candle::<BlockQ5_0>(input.q8_0(), out),
            GgmlDType::Q5_1 => self.by_candle::<BlockQ5_1>(input.q8_1(), out),
            GgmlDType::Q8_0 => self.by_candle::<BlockQ8_0>(input.q8_0(), out),
            GgmlDType::Q2K => self.by_candle::<BlockQ2K>(input.q8k(), out),
            GgmlDType::Q3K => self.by_candle::<BlockQ3K>(input.q8k(), out),
            GgmlDType::Q4K => self.by_candle::<BlockQ4K>(input.q8k(), out),
            GgmlDType::Q5K => self.by_candle::<BlockQ5K>(input.q8k(), out),
            GgmlDType::Q6K => self.by_candle::<BlockQ6K>(input.q8k(), out),
            GgmlDType::Q8_1 | GgmlDType::Q8K => unreachable!("the file reader refuses {:?}", self.dtype),
        }
    }

    /// True when another processor has computed the product. What fails there is computed here.
    fn forward_elsewhere(&self, x: &[f32], out: &mut [f32]) -> bool {
        let Some(accelerator) = &self.accelerator else { return false };
        let copy = self.copy.get_or_init(|| {
            let copy = accelerator.upload(&self.weights, self.dtype, self.inputs, self.outputs);
            copy.inspect_err(|error| tracing::warn!(%error, "a matrix stays on the CPU")).ok()
        });
        let Some(copy) = copy else { return false };
        let product = copy.forward(x, out);
        product.inspect_err(|error| tracing::warn!(%error, "a product was computed on the CPU")).is_ok()
    }

    fn job<'a>(&'a self, kernel: Kernel, input: &'a Activations, out: &'a mut [f32]) -> Job<'a> {
        let matrix = Matrix { weights: &self.weights, inputs: self.inputs, outputs: self.outputs };
        kernel.job(matrix, input.rounded(kernel.block()), out)
    }

    /// Half-precision weights, widened a row at a time.
    fn widened(&self, input: &Activations, out: &mut [f32], widen: impl Fn(&[u8], &mut [f32]) + Sync) {
        thread_local! {
            static ROW: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
        }
        self.columns(input.rows(), out, |row, out| {
            ROW.with_borrow_mut(|wide| {
                wide.resize(self.inputs, 0.0);
                widen(row, wide);
                dot_rows(wide, input.values(), out);
            });
        });
    }

    fn by_candle<B: GgmlType>(&self, input: &[B::VecDotType], out: &mut [f32]) {
        let width = self.inputs / B::VecDotType::BLCK_SIZE;
        let multiply = candles_dot::<B>();
        self.columns(input.len() / width, out, |row, out| {
            for (x, out) in input.chunks_exact(width).zip(out) {
                *out = multiply(self.inputs, blocks(row), x);
            }
        });
    }

    /// Calls `multiply` with each row of the matrix and the place for its products with all `rows` inputs.
    fn columns(&self, rows: usize, out: &mut [f32], multiply: impl Fn(&[u8], &mut [f32]) + Sync) {
        let row_bytes = self.row_bytes();
        let run = |columns: &mut [f32]| {
            for_chunks_mut(columns, rows, 8, |index, column| {
                multiply(&self.weights[index * row_bytes..(index + 1) * row_bytes], column);
            });
        };
        if rows == 1 {
            return run(out);
        }
        let mut columns = vec![0.0; out.len()]; // (outputs, rows)
        run(&mut columns);
        for (row, out) in out.chunks_exact_mut(self.outputs).enumerate() {
            for (out, column) in out.iter_mut().zip(columns.chunks_exact(rows)) {
                *out = column[row];
            }
        }
    }
}

/// Candle's product of a row of blocks with an input.
fn candles_dot<B: GgmlType>() -> fn(usize, &[B], &[B::VecDotType]) -> f32 {
    // Its fast code for aarch64 is made of dot product instructions and does not ask whether there are any.
    #[cfg(target_arch = "aarch64")]
    if super::cpu::Level::best() != Some(super::cpu::Level::NeonDot) {
        return B::vec_dot_unopt;
    }
    B::vec_dot
}

/// Multiplies one input with several matrices, as [`Linear::forward`] does; the threads share all products as one.
pub(crate) fn forward_all<const N: usize>(input: &mut Activations, outputs: [(&Linear, &mut [f32]); N]) {
    if outputs.iter().any(|(linear, _)| linear.kernel.is_none() || linear.accelerator.is_some()) {
        for (linear, out) in outputs {
            linear.forward(input, out);
        }
        return;
    }
    for (linear, out) in &outputs {
        assert_eq!(input.width(), linear.inputs, "the input has the matrix's width");
        assert_eq!(out.len(), input.rows() * linear.outputs, "the output has the matrix's height");
        if let Some(kernel) = linear.kernel {
            input.round(kernel.block());
        }
    }
    let input = &*input;
    let jobs: Vec<Job<'_>> = outputs
        .into_iter()
        .filter_map(|(linear, out)| linear.kernel.map(|kernel| linear.job(kernel, input, out)))
        .collect();
    run(&jobs);
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::GgmlDType;

    use super::Linear;
    use crate::gguf::testing::GgufBuilder;
    use crate::models::testing::Noise;
    use crate::ops::{Accelerator, Activations};

    /// The product of every type, by our kernels where there are some and by portable code, beside that of the exact weights.
    fn check(dtype: GgmlDType, rows: usize, tolerance: f32) {
        let (inputs, outputs) = (512, 40);
        let mut noise = Noise::new(rows as u64);
        let values = noise.values(inputs * outputs, 0.05);
        let dimensions = [inputs as u64, outputs as u64];
        let file = GgufBuilder::new()
            .tensor("w", &dimensions, dtype, &values)
            .rounded_tensor("exact", &dimensions, dtype, &values)
            .open();
        let linear = |name: &str| {
            let tensor = file.tensor(name).expect("it has just been written");
            Linear::new(file.data(tensor), tensor.dtype, inputs, outputs)
        };
        let x = noise.values(rows * inputs, 1.0);
        let product = |linear: Linear| {
            let mut input = Activations::default();
            input.start(rows, inputs).copy_from_slice(&x);
            let mut out = vec![f32::NAN; rows * outputs];
            linear.forward(&mut input, &mut out);
            out
        };
        let exact = product(linear("exact"));
        let size = exact.iter().map(|x| x * x).sum::<f32>().sqrt();
        let portable = Linear { kernel: None, float_kernel: None, ..linear("w") };
        let elsewhere = linear("w").on(Some(Accelerator::stand_in()));
        for out in [product(linear("w")), product(portable), product(elsewhere)] {
            let error = out.iter().zip(&exact).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt() / size;
            assert!(error < tolerance, "{dtype:?}, {rows} rows: {error}");
        }

        let mut row = vec![f32::NAN; inputs];
        let mut exact_row = row.clone();
        linear("w").row(outputs - 1, &mut row);
        linear("exact").row(outputs - 1, &mut exact_row);
        assert_eq!(row, exact_row);
    }

    #[test]
    fn every_type_computes_the_product() {
        use GgmlDType::{BF16, F16, F32, Q2K, Q3K, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
        for rows in [1, 6] {
            for dtype in [F32, F16, BF16] {
                check(dtype, rows, 1e-6);
            }
            // What rounding the inputs to 8 bits costs.
            for dtype in [Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2K, Q3K, Q4K, Q5K, Q6K] {
                check(dtype, rows, 0.02);
            }
        }
    }

    #[test]
    fn parts_of_a_matrix_compute_their_part() {
        let (inputs, outputs) = (64, 12);
        let mut noise = Noise::new(2);
        let values = noise.values(inputs * outputs, 1.0);
        let x = noise.values(inputs, 1.0);
        for dtype in [GgmlDType::F32, GgmlDType::Q8_0, GgmlDType::Q5_0] {
            let file = GgufBuilder::new().tensor("w", &[inputs as u64, outputs as u64], dtype, &values).open();
            let tensor = file.tensor("w").expect("it has just been written");
            let whole = || Linear::new(file.data(tensor), tensor.dtype, inputs, outputs);
            let product = |linear: Linear| {
                let mut input = Activations::default();
                input.start(1, inputs).copy_from_slice(&x);
                let mut out = vec![f32::NAN; linear.outputs()];
                linear.forward(&mut input, &mut out);
                out
            };
            let parts = whole().split([5, 1, 6]).map(product);
            assert_eq!(parts.concat(), product(whole()), "{dtype:?}");
        }
    }
}
