//! Products of quantized rows with vector instructions, for the types people use. Other types and processors use candle's.
//!
//! A *tile* is eight rows of weights (AVX2) or sixteen (AVX-512); a result register has one row in each lane. A *block*
//! is the type's own, of 32 or 256 values; a *span* is 32 values of it. Within a block everything is exact integer
//! arithmetic, and blocks are added up in their order, so the product of a row with an input is the same to the last bit
//! at every [`Level`] and in both kernels of each: one input at a time, reading the weights where they lie (decode), and
//! several inputs, for which a tile is first unpacked (prefill).
//!
//! Entry: [`Kernel::find`], [`FloatKernel::find`].

#[cfg(target_arch = "x86_64")]
mod float;
#[cfg(target_arch = "x86_64")]
mod formats;
#[cfg(target_arch = "x86_64")]
mod panel;
#[cfg(target_arch = "x86_64")]
mod product;
mod quantize;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod tile;
#[cfg(target_arch = "x86_64")]
mod wide;

#[cfg(target_arch = "x86_64")]
use std::ops::Range;

use candle_core::quantized::GgmlDType;

use super::cpu::Level;
#[cfg(target_arch = "x86_64")]
use super::threads;
pub(super) use quantize::Quantized;

/// A matrix in its file's layout.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "no kernel reads it"))]
pub(super) struct Matrix<'a> {
    pub(super) weights: &'a [u8],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// One product with everything it needs, to be computed in pieces by any threads. Nothing here on other processors.
#[cfg(target_arch = "x86_64")]
pub(super) struct Job<'a> {
    product: product::Product<'a>,
    /// Pieces: tiles or panels.
    pieces: usize,
    /// Multiplications of a piece.
    work: usize,
    run: unsafe fn(&product::Product<'_>, Range<usize>),
}

/// There are kernels for x86-64 only.
#[cfg(not(target_arch = "x86_64"))]
pub(super) struct Job<'a>(std::marker::PhantomData<&'a mut [f32]>);

type Prepare = for<'a> fn(Matrix<'a>, &'a Quantized, &'a mut [f32]) -> Job<'a>;

/// How one type is multiplied.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    block: usize,
    prepare: Prepare,
}

impl Kernel {
    /// The fastest kernel for a type, where there is one and this processor can run it.
    pub(super) fn find(dtype: GgmlDType) -> Option<Self> {
        Self::at_level(Level::best()?, dtype)
    }

    /// The kernel of a level that this processor has.
    #[cfg(target_arch = "x86_64")]
    fn at_level(level: Level, dtype: GgmlDType) -> Option<Self> {
        /// The function of the level for a format.
        macro_rules! prepare {
            ($($type:ident)*) => {
                match (dtype, level) {
                    $((GgmlDType::$type, Level::Avx2) => tile::prepare::<formats::$type>,
                    (GgmlDType::$type, Level::Avx512) => wide::prepare::<formats::$type>,)*
                    _ => return None,
                }
            };
        }
        let prepare: Prepare = prepare!(Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q4K Q5K Q6K);
        Some(Self { block: dtype.block_size(), prepare })
    }

    /// There are kernels for x86-64 only.
    #[cfg(not(target_arch = "x86_64"))]
    fn at_level(level: Level, _dtype: GgmlDType) -> Option<Self> {
        match level {}
    }

    /// Values of a block of the input that belongs to this type: 32 or 256.
    pub(super) fn block(&self) -> usize {
        self.block
    }

    /// The product with the rows of `input`, which has been rounded in blocks of `block`. `out` gets a row of `outputs`
    /// values for each when the job is run.
    pub(super) fn job<'a>(&self, matrix: Matrix<'a>, input: &'a Quantized, out: &'a mut [f32]) -> Job<'a> {
        (self.prepare)(matrix, input, out)
    }
}

/// Multiplications below which another thread costs more than it brings.
#[cfg(target_arch = "x86_64")]
const SERIAL: usize = 1 << 16;

/// Computes products; the threads share all of them as one.
#[cfg(target_arch = "x86_64")]
pub(super) fn run(jobs: &[Job<'_>]) {
    let pieces: usize = jobs.iter().map(|job| job.pieces).sum();
    let work: usize = jobs.iter().map(|job| job.pieces * job.work).sum();
    let least = (SERIAL * pieces).div_ceil(work.max(1));
    threads::for_ranges(pieces, least, |range| {
        let mut first = 0;
        for job in jobs {
            let here = range.start.max(first)..range.end.min(first + job.pieces);
            if !here.is_empty() {
                #[expect(unsafe_code, reason = "vector instructions")]
                // SAFETY: `prepare` is handed out by `Kernel::at_level` for the levels of this processor only, and each
                // piece of a product is computed by one thread.
                unsafe {
                    (job.run)(&job.product, here.start - first..here.end - first);
                }
            }
            first += job.pieces;
        }
    });
}

/// There are kernels for x86-64 only.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn run(_jobs: &[Job<'_>]) {}

/// Multiplies a row of weights, as bytes, with inputs of the same length: one product each.
pub(super) type DotRows = fn(&[u8], &[f32], &mut [f32]);

/// Multiplies rows of inputs, each of the given length, with all rows of weights, as bytes; the last argument gets a row
/// of products for each input.
pub(super) type MultiplyFloats = fn(&[u8], usize, &[f32], &mut [f32]);

/// How weights that are not quantized are multiplied.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "there are kernels for x86-64 only"))]
pub(super) enum FloatKernel {
    /// A row of weights at a time.
    Rows(DotRows),
    /// All of them.
    Whole(MultiplyFloats),
}

impl FloatKernel {
    /// The fastest kernel for a type, where there is one and this processor can run it.
    pub(super) fn find(dtype: GgmlDType) -> Option<Self> {
        Self::at_level(Level::best()?, dtype)
    }

    /// The kernel of a level that this processor has.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn at_level(level: Level, dtype: GgmlDType) -> Option<Self> {
        fn whole<T: wide::float::Float>(weights: &[u8], inputs: usize, x: &[f32], out: &mut [f32]) {
            #[expect(unsafe_code, reason = "code for a processor feature is called after asking for it")]
            // SAFETY: handed out for the level that the processor has.
            unsafe {
                wide::float::multiply::<T>(weights, inputs, x, out);
            }
        }
        Some(match (level, dtype) {
            (Level::Avx512, GgmlDType::F32) => Self::Whole(whole::<f32>),
            (Level::Avx512, GgmlDType::F16) => Self::Whole(whole::<half::f16>),
            (Level::Avx512, GgmlDType::BF16) => Self::Whole(whole::<half::bf16>),
            (Level::Avx2, GgmlDType::F32) => Self::Rows(float::dot_rows::<f32>),
            (Level::Avx2, GgmlDType::F16) => Self::Rows(float::dot_rows::<half::f16>),
            (Level::Avx2, GgmlDType::BF16) => Self::Rows(float::dot_rows::<half::bf16>),
            _ => return None,
        })
    }

    /// There are kernels for x86-64 only.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn at_level(level: Level, _dtype: GgmlDType) -> Option<Self> {
        match level {}
    }
}
