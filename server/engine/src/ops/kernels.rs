//! Products of quantized rows with vector instructions, for the types people use. Other types and processors use candle's.
//!
//! A *tile* is eight rows of weights (AVX2, NEON) or sixteen (AVX-512); a result register has a row in each lane. A
//! *block* is the type's own, of 32 or 256 values; a *span* is 32 values of it. Within a block everything is exact
//! integer arithmetic, and blocks are added up in their order, so the product of a row with an input is the same to the
//! last bit at every [`Level`], on every processor, and in both kernels of each: one input at a time, reading the weights
//! where they lie (decode), and several inputs, for which a tile is first unpacked (prefill).
//!
//! Entry: [`Kernel::find`], [`FloatKernel::find`].
//!
//! The kernels of the other processor run in an emulator; here those for aarch64, with `-cpu cortex-a72` for processors
//! without dot product instructions:
//!
//! ```sh
//! export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
//! export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu'
//! cargo test -p engine --target aarch64-unknown-linux-gnu kernels
//! ```
#![cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    expect(dead_code, reason = "there are kernels for x86-64 and aarch64 only")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
mod float;
mod formats;
#[cfg(target_arch = "aarch64")]
mod neon;
mod product;
mod quantize;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod wide;

use std::ops::Range;

use candle_core::quantized::GgmlDType;

use super::cpu::Level;
use super::threads;
pub(super) use quantize::Quantized;

/// A matrix in its file's layout.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub(super) weights: &'a [u8],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// One product with everything it needs, to be computed in pieces by any threads.
pub(super) struct Job<'a> {
    product: product::Product<'a>,
    /// Pieces: tiles or panels.
    pieces: usize,
    /// Multiplications of a piece.
    work: usize,
    run: unsafe fn(&product::Product<'_>, Range<usize>),
}

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
    fn at_level(level: Level, dtype: GgmlDType) -> Option<Self> {
        /// The function of the level for a format.
        macro_rules! prepare {
            ($($type:ident)*) => {
                match (dtype, level) {
                    $(
                        #[cfg(target_arch = "x86_64")]
                        (GgmlDType::$type, Level::Avx2) => Some(avx2::prepare::<formats::$type>),
                        #[cfg(target_arch = "x86_64")]
                        (GgmlDType::$type, Level::Avx512) => Some(wide::prepare::<formats::$type>),
                        #[cfg(target_arch = "aarch64")]
                        (GgmlDType::$type, Level::Neon) => Some(neon::prepare::<formats::$type, neon::Baseline>),
                        #[cfg(target_arch = "aarch64")]
                        (GgmlDType::$type, Level::NeonDot) => Some(neon::prepare::<formats::$type, neon::Sdot>),
                    )*
                    _ => None,
                }
            };
        }
        let prepare: Option<Prepare> = prepare!(Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q4K Q5K Q6K);
        prepare.map(|prepare| Self { block: dtype.block_size(), prepare })
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
const SERIAL: usize = 1 << 16;

/// Computes products; the threads share all of them as one.
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

/// Multiplies a row of weights, as bytes, with inputs of the same length: one product each.
pub(super) type DotRows = fn(&[u8], &[f32], &mut [f32]);

/// Multiplies rows of inputs, each of the given length, with all rows of weights, as bytes; the last argument gets a row
/// of products for each input.
pub(super) type MultiplyFloats = fn(&[u8], usize, &[f32], &mut [f32]);

/// How weights that are not quantized are multiplied.
#[derive(Clone, Copy)]
pub(super) enum FloatKernel {
    /// A row of weights at a time.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "AVX2 alone has too few registers for more"))]
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
    pub(super) fn at_level(level: Level, dtype: GgmlDType) -> Option<Self> {
        /// The function of the level for a type.
        macro_rules! kernel {
            ($($type:ident = $float:ty),*) => {
                match (dtype, level) {
                    $(
                        #[cfg(target_arch = "x86_64")]
                        (GgmlDType::$type, Level::Avx2) => Some(Self::Rows(avx2::float::dot_rows::<$float>)),
                        #[cfg(target_arch = "x86_64")]
                        (GgmlDType::$type, Level::Avx512) => {
                            Some(Self::Whole(whole::<wide::float::Register, $float>))
                        }
                        #[cfg(target_arch = "aarch64")]
                        (GgmlDType::$type, Level::Neon | Level::NeonDot) => {
                            Some(Self::Whole(whole::<neon::float::Register, $float>))
                        }
                    )*
                    _ => None,
                }
            };
        }
        kernel!(F32 = f32, F16 = half::f16, BF16 = half::bf16)
    }
}

fn whole<V: float::Vector, T: float::Float<V>>(weights: &[u8], inputs: usize, x: &[f32], out: &mut [f32]) {
    #[expect(unsafe_code, reason = "code for a processor feature is called after asking for it")]
    // SAFETY: handed out for levels that the processor has.
    unsafe {
        float::multiply::<V, T>(weights, inputs, x, out);
    }
}
