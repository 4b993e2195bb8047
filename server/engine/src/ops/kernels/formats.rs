//! The block layouts of ggml's quantized types, as the kernels see them: 8-bit codes, integer scales and offsets for
//! each 16 or 32 values, and one or two `f16` factors for the block. A weight is `factor * (code * scale - offset)` in
//! types with one factor and `factor * code * scale - minimum * offset` in types with two; the scale is 1 in blocks of
//! 32. How codes and scales come into registers is each instruction set's own: `avx2/codes.rs`, `wide/codes.rs`,
//! `neon/codes.rs`.
//!
//! Layouts: `ggml-common.h` and `ggml-quants.c` of the ggml project.
#![expect(unsafe_code, reason = "the bytes of a tensor are read where they lie; the callers check bounds")]

/// A block layout.
pub(super) trait Format {
    /// Bytes of a block.
    const BYTES: usize;
    /// Spans of 32 values in a block.
    const SPANS: usize = if Self::SCALED { 8 } else { 1 };
    /// The codes are signed bytes. Others have no sign and at most six bits.
    const SIGNED: bool = false;
    /// Each 16 or 32 values have an integer scale and an offset (types with blocks of 256).
    const SCALED: bool = false;
    /// The offset of all values, where it is not stored; in blocks with scales, times the scale.
    const OFFSET: i16 = 0;
    /// Where the factor is.
    const FACTOR_AT: usize = 0;
    /// Where the offsets' own factor is, if they have one, and whether its sign is turned.
    const MINIMUM_AT: Option<(usize, bool)> = None;
}

pub(super) struct Q4_0;

impl Format for Q4_0 {
    const BYTES: usize = 18;
    const OFFSET: i16 = 8;
}

pub(super) struct Q4_1;

impl Format for Q4_1 {
    const BYTES: usize = 20;
    const OFFSET: i16 = 1;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, true));
}

pub(super) struct Q5_0;

impl Format for Q5_0 {
    const BYTES: usize = 22;
    const OFFSET: i16 = 16;
}

pub(super) struct Q5_1;

impl Format for Q5_1 {
    const BYTES: usize = 24;
    const OFFSET: i16 = 1;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, true));
}

pub(super) struct Q8_0;

impl Format for Q8_0 {
    const BYTES: usize = 34;
    const SIGNED: bool = true;
}

pub(super) struct Q4K;

impl Format for Q4K {
    const BYTES: usize = 144;
    const SCALED: bool = true;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, false));
}

pub(super) struct Q5K;

impl Format for Q5K {
    const BYTES: usize = 176;
    const SCALED: bool = true;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, false));
}

pub(super) struct Q6K;

impl Format for Q6K {
    const BYTES: usize = 210;
    const SCALED: bool = true;
    const OFFSET: i16 = 32;
    const FACTOR_AT: usize = 208;
}

/// The eight 6-bit scales and minimums of Q4_K and Q5_K, from the first on in the bytes of a word.
#[inline(always)]
pub(super) unsafe fn six_bit_scales(packed: *const u8) -> (u64, u64) {
    // SAFETY: twelve bytes of the block.
    let [a, b, c] = unsafe { packed.cast::<[u32; 3]>().read_unaligned() };
    let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let scales = join(a & 0x3f3f_3f3f, (c & 0x0f0f_0f0f) | (((a >> 6) & 0x0303_0303) << 4));
    let minimums = join(b & 0x3f3f_3f3f, ((c >> 4) & 0x0f0f_0f0f) | (((b >> 6) & 0x0303_0303) << 4));
    (scales, minimums)
}
