//! Attention with AVX-512: four queries at once against a block of positions.
//!
//! A block's keys are turned round, so that a register holds one value of sixteen positions and a score is added up in
//! a lane of its own, in the order of the values; weighted values are added up in the order of the positions. So what
//! comes out for a query does not depend on the queries beside it.
#![expect(unsafe_code, reason = "vector instructions; slices are cut to the sizes that all pointers rely on")]
#![expect(clippy::needless_range_loop, reason = "the loops over registers are unrolled, and run over several arrays")]

use std::arch::x86_64::*;
use std::cell::RefCell;

use super::Heads;
use crate::ops::kv_cache::BLOCK;

/// Numbers of a register.
const LANES: usize = 16;
/// Registers for the scores of a block.
const PARTS: usize = BLOCK / LANES;
/// Queries at once.
const TILE: usize = 4;

/// Buffers that a thread keeps.
#[derive(Default)]
struct Scratch {
    /// Keys and values of a block that is not stored as `f16`, `(positions, head_size)`.
    plain_keys: Vec<f32>,
    plain_values: Vec<f32>,
    /// Keys of a block, turned round: `(head_size, BLOCK)`.
    keys: Vec<f32>,
    /// Values of a block: `(BLOCK, padded head_size)`.
    values: Vec<f32>,
    /// Results so far: `(queries, padded head_size)`.
    out: Vec<f32>,
    /// Of each query: the largest score so far, and the sums of the weights relative to it in sixteen parts.
    maxima: Vec<f32>,
    sums: Vec<__m512>,
}

/// Rows of these heads from `position` on, as many as `out` has; rows are `width` apart.
///
/// # Safety
/// The processor has the instructions of `Level::Avx512`.
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn attend(q: &[f32], heads: Heads<'_>, position: usize, out: &mut [f32]) {
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::default();
    }
    let shape = heads.shape;
    let (size, group, width) = (shape.head_size, heads.queries, shape.width());
    let rows = out.len().div_ceil(width);
    let queries = rows * group;
    let padded = size.next_multiple_of(LANES);
    assert!(q.len() > (rows - 1) * width && q.len() >= (rows - 1) * width + group * size, "there is a query for each");
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.keys.resize(size * BLOCK, 0.0);
        scratch.values.resize(BLOCK * padded, 0.0);
        scratch.out.clear();
        scratch.out.resize(queries * padded, 0.0);
        scratch.maxima.clear();
        scratch.maxima.resize(queries, f32::NEG_INFINITY);
        scratch.sums.clear();
        scratch.sums.resize(queries, _mm512_setzero_ps());
        let end = position + rows;
        let first_block = shape.first_seen(position) / BLOCK;
        for block in first_block..end.div_ceil(BLOCK) {
            let start = block * BLOCK;
            let count = BLOCK.min(end - start);
            let stored = heads.sequence.block(heads.layer, heads.kv_head, block);
            if stored.is_none() {
                let positions = start..start + count;
                scratch.plain_keys.resize(count * size, 0.0);
                scratch.plain_values.resize(count * size, 0.0);
                heads.sequence.keys(heads.layer, heads.kv_head, positions.clone(), &mut scratch.plain_keys);
                heads.sequence.values(heads.layer, heads.kv_head, positions, &mut scratch.plain_values);
            }
            // SAFETY: the cache's slices and the buffers have the sizes that their shapes say; each query lies inside
            // `q`, as checked above.
            unsafe {
                if let Some((keys, values)) = stored {
                    turn(keys, size, count, &mut scratch.keys);
                    widen(values, size, count, &mut scratch.values);
                } else {
                    turn(&scratch.plain_keys, size, count, &mut scratch.keys);
                    widen(&scratch.plain_values, size, count, &mut scratch.values);
                }
                let mut query = 0;
                while query < queries {
                    let tile = TILE.min(queries - query);
                    let context = Context { q, heads, position, start, query, size, padded };
                    match tile {
                        1 => context.attend::<1>(scratch),
                        2 => context.attend::<2>(scratch),
                        3 => context.attend::<3>(scratch),
                        _ => context.attend::<TILE>(scratch),
                    }
                    query += tile;
                }
            }
        }
        for query in 0..queries {
            let sum = _mm512_reduce_add_ps(scratch.sums[query]);
            let out = &mut out[query / group * width + query % group * size..][..size];
            for (out, value) in out.iter_mut().zip(&scratch.out[query * padded..]) {
                *out = value / sum;
            }
        }
    });
}

/// Some queries and a block of positions.
#[derive(Clone, Copy)]
struct Context<'a> {
    q: &'a [f32],
    heads: Heads<'a>,
    /// Of the first row.
    position: usize,
    /// First position of the block.
    start: usize,
    /// The first query, counted over rows and heads.
    query: usize,
    size: usize,
    padded: usize,
}

impl Context<'_> {
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn attend<const N: usize>(self, scratch: &mut Scratch) {
        let shape = self.heads.shape;
        let (group, width) = (self.heads.queries, shape.width());
        let mut q = [self.q.as_ptr(); N];
        // Of the block, the positions that a query sees.
        let mut seen = [(0, 0); N];
        for n in 0..N {
            let row = (self.query + n) / group;
            q[n] = self.q[row * width + (self.query + n) % group * self.size..].as_ptr();
            let position = self.position + row;
            let first = shape.first_seen(position).saturating_sub(self.start);
            seen[n] = (first.min(BLOCK), (position + 1).saturating_sub(self.start).min(BLOCK));
        }
        let until = seen.iter().map(|seen| seen.1).max().unwrap_or(0);
        if seen.iter().all(|(first, until)| first >= until) {
            return;
        }
        // SAFETY: queries have `size` values and the buffers the sizes that their shapes say.
        unsafe {
            let mut weights = [[0f32; BLOCK]; N];
            let scores = scores::<N>(q, &scratch.keys, self.size);
            for n in 0..N {
                if seen[n].0 >= seen[n].1 {
                    continue;
                }
                let at = self.query + n;
                let out = &mut scratch.out[at * self.padded..][..self.padded];
                let (maximum, sum) = (&mut scratch.maxima[at], &mut scratch.sums[at]);
                weights[n] = soften(scores[n], seen[n], shape.scale, maximum, sum, out);
            }
            let out = scratch.out[self.query * self.padded..][..N * self.padded].as_mut_ptr();
            let mut column = 0;
            while column < self.padded {
                let values = scratch.values[column..].as_ptr();
                match (self.padded - column) / LANES {
                    1 => add_weighted::<N, 1>(&weights, until, values, self.padded, out.add(column)),
                    2 => add_weighted::<N, 2>(&weights, until, values, self.padded, out.add(column)),
                    3 => add_weighted::<N, 3>(&weights, until, values, self.padded, out.add(column)),
                    _ => add_weighted::<N, 4>(&weights, until, values, self.padded, out.add(column)),
                }
                column += 4 * LANES;
            }
        }
    }
}

/// The products of the queries with all keys of a block.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn scores<const N: usize>(q: [*const f32; N], keys: &[f32], size: usize) -> [[__m512; PARTS]; N] {
    let mut sums = [[_mm512_setzero_ps(); PARTS]; N];
    for index in 0..size {
        // SAFETY: queries have `size` values, the keys `size` times `BLOCK`.
        unsafe {
            let keys = keys.as_ptr().add(index * BLOCK);
            let mut parts = [_mm512_setzero_ps(); PARTS];
            for part in 0..PARTS {
                parts[part] = _mm512_loadu_ps(keys.add(part * LANES));
            }
            for n in 0..N {
                let q = _mm512_set1_ps(*q[n].add(index));
                for part in 0..PARTS {
                    sums[n][part] = _mm512_fmadd_ps(q, parts[part], sums[n][part]);
                }
            }
        }
    }
    sums
}

/// Turns scores into weights relative to the largest score so far; what was added up before is brought down to it.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn soften(
    scores: [__m512; PARTS],
    (first, until): (usize, usize),
    scale: f32,
    maximum: &mut f32,
    sum: &mut __m512,
    out: &mut [f32],
) -> [f32; BLOCK] {
    let visible = (u64::MAX >> (BLOCK - until)) & (u64::MAX << first);
    let none = _mm512_set1_ps(f32::NEG_INFINITY);
    let mut scaled = [none; PARTS];
    let mut highest = none;
    for part in 0..PARTS {
        let mask = (visible >> (part * LANES)) as __mmask16;
        scaled[part] = _mm512_mask_mul_ps(none, mask, scores[part], _mm512_set1_ps(scale));
        highest = _mm512_max_ps(highest, scaled[part]);
    }
    let highest = _mm512_reduce_max_ps(highest);
    if highest > *maximum {
        let shrink = exp(_mm512_set1_ps(*maximum - highest));
        *maximum = highest;
        *sum = _mm512_mul_ps(*sum, shrink);
        for out in out.as_chunks_mut::<LANES>().0 {
            // SAFETY: a chunk has the numbers of a register.
            unsafe { _mm512_storeu_ps(out.as_mut_ptr(), _mm512_mul_ps(_mm512_loadu_ps(out.as_ptr()), shrink)) };
        }
    }
    let mut weights = [0f32; BLOCK];
    for part in 0..PARTS {
        let mask = (visible >> (part * LANES)) as __mmask16;
        let weight = _mm512_maskz_mov_ps(mask, exp(_mm512_sub_ps(scaled[part], _mm512_set1_ps(*maximum))));
        *sum = _mm512_add_ps(*sum, weight);
        // SAFETY: there is room for all parts.
        unsafe { _mm512_storeu_ps(weights.as_mut_ptr().add(part * LANES), weight) };
    }
    weights
}

/// Adds the first `until` rows of `values`, each times its weight, to `W` registers of each query's result.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add_weighted<const N: usize, const W: usize>(
    weights: &[[f32; BLOCK]; N],
    until: usize,
    values: *const f32,
    padded: usize,
    out: *mut f32,
) {
    // SAFETY: the caller's rows of values and results are `padded` long, `W` registers of it from here on.
    unsafe {
        let mut sums = [[_mm512_setzero_ps(); W]; N];
        for n in 0..N {
            for part in 0..W {
                sums[n][part] = _mm512_loadu_ps(out.add(n * padded + part * LANES));
            }
        }
        for position in 0..until {
            let values = values.add(position * padded);
            let mut parts = [_mm512_setzero_ps(); W];
            for part in 0..W {
                parts[part] = _mm512_loadu_ps(values.add(part * LANES));
            }
            for n in 0..N {
                let weight = _mm512_set1_ps(weights[n][position]);
                for part in 0..W {
                    sums[n][part] = _mm512_fmadd_ps(weight, parts[part], sums[n][part]);
                }
            }
        }
        for n in 0..N {
            for part in 0..W {
                _mm512_storeu_ps(out.add(n * padded + part * LANES), sums[n][part]);
            }
        }
    }
}

/// A number that keys and values are read from.
trait Stored {
    /// As many of sixteen as the mask says, as `f32`, and zeros.
    unsafe fn load(numbers: *const Self, mask: __mmask16) -> __m512;
}

/// The bits of an `f16`.
impl Stored for u16 {
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn load(numbers: *const Self, mask: __mmask16) -> __m512 {
        unsafe { _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, numbers.cast())) }
    }
}

impl Stored for f32 {
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn load(numbers: *const Self, mask: __mmask16) -> __m512 {
        unsafe { _mm512_maskz_loadu_ps(mask, numbers) }
    }
}

/// Widens `count` rows of `size` values to rows of a multiple of sixteen, and clears the others: what a block holds
/// behind its positions is anything.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn widen<T: Stored>(numbers: &[T], size: usize, count: usize, out: &mut [f32]) {
    let padded = size.next_multiple_of(LANES);
    assert!(count * size <= numbers.len() && count * padded <= out.len(), "the rows fit");
    for row in 0..count {
        for column in (0..size).step_by(LANES) {
            let mask = (u32::MAX >> (32 - LANES.min(size - column))) as __mmask16;
            // SAFETY: the masked lanes lie inside the row, and all of them inside the padded row.
            unsafe {
                let numbers = T::load(numbers.as_ptr().add(row * size + column), mask);
                _mm512_storeu_ps(out.as_mut_ptr().add(row * padded + column), numbers);
            }
        }
    }
    out[count * padded..].fill(0.0);
}

/// Widens and turns round `count` rows of `size` values: `(size, BLOCK)`, with zeros for the other positions.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn turn<T: Stored>(numbers: &[T], size: usize, count: usize, out: &mut [f32]) {
    assert!(count * size <= numbers.len() && size * BLOCK <= out.len(), "the rows fit");
    for first in (0..BLOCK).step_by(LANES) {
        for column in (0..size).step_by(LANES) {
            let columns = LANES.min(size - column);
            let mask = (u32::MAX >> (32 - columns)) as __mmask16;
            let mut rows = [_mm512_setzero_ps(); LANES];
            for row in 0..LANES.min(count.saturating_sub(first)) {
                // SAFETY: the masked lanes lie inside the row.
                rows[row] = unsafe { T::load(numbers.as_ptr().add((first + row) * size + column), mask) };
            }
            let turned = transpose(rows);
            for index in 0..columns {
                // SAFETY: the column is one of `size`, and `first` a position of the block.
                unsafe { _mm512_storeu_ps(out.as_mut_ptr().add((column + index) * BLOCK + first), turned[index]) };
            }
        }
    }
}

/// Turns sixteen rows of sixteen numbers into columns.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
fn transpose(rows: [__m512; LANES]) -> [__m512; LANES] {
    let mut fours = [_mm512_setzero_ps(); LANES];
    for four in (0..LANES).step_by(4) {
        let (a, b, c, d) = (rows[four], rows[four + 1], rows[four + 2], rows[four + 3]);
        let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
        fours[four] = _mm512_shuffle_ps::<0b01_00_01_00>(ab_low, cd_low);
        fours[four + 1] = _mm512_shuffle_ps::<0b11_10_11_10>(ab_low, cd_low);
        fours[four + 2] = _mm512_shuffle_ps::<0b01_00_01_00>(ab_high, cd_high);
        fours[four + 3] = _mm512_shuffle_ps::<0b11_10_11_10>(ab_high, cd_high);
    }
    // `fours[4 r + c]` has in its quarter `k` column `4 k + c` of the rows from `4 r` on.
    let mut columns = [_mm512_setzero_ps(); LANES];
    for c in 0..4 {
        let (r0, r1, r2, r3) = (fours[c], fours[4 + c], fours[8 + c], fours[12 + c]);
        let (even01, odd01) =
            (_mm512_shuffle_f32x4::<0b10_00_10_00>(r0, r1), _mm512_shuffle_f32x4::<0b11_01_11_01>(r0, r1));
        let (even23, odd23) =
            (_mm512_shuffle_f32x4::<0b10_00_10_00>(r2, r3), _mm512_shuffle_f32x4::<0b11_01_11_01>(r2, r3));
        columns[c] = _mm512_shuffle_f32x4::<0b10_00_10_00>(even01, even23);
        columns[4 + c] = _mm512_shuffle_f32x4::<0b10_00_10_00>(odd01, odd23);
        columns[8 + c] = _mm512_shuffle_f32x4::<0b11_01_11_01>(even01, even23);
        columns[12 + c] = _mm512_shuffle_f32x4::<0b11_01_11_01>(odd01, odd23);
    }
    columns
}

/// `e^x`: the method of `vector::exp`, in registers.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
fn exp(x: __m512) -> __m512 {
    let x = _mm512_max_ps(x, _mm512_set1_ps(-87.0));
    let n = _mm512_roundscale_ps::<0>(_mm512_mul_ps(x, _mm512_set1_ps(std::f32::consts::LOG2_E)));
    let r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693_359_4), x);
    let r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.121_944_4e-4), r);
    let mut p = _mm512_set1_ps(1.0 / 720.0);
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(coefficient));
    }
    _mm512_scalef_ps(p, n)
}
