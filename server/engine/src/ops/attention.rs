//! Causal attention over the KV cache, a block of positions at a time: no matrix of scores is ever built.
//!
//! The softmax is computed in one pass with a running maximum (Milakov and Gimelshein, arXiv 1805.02867). Blocks begin
//! at fixed positions, so a row's result does not depend on the other rows of the call.

use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use super::cpu::vectorized;
use super::kv_cache::KvCache;
use super::vector::{dot, exp};

/// Positions of a block: keys and values of a block in `f32` fit the first-level cache for usual head sizes.
const BLOCK: usize = 32;

/// Rows that share a widened block.
const ROWS: usize = 8;

/// Largest head size; bounds the scratch on the stack.
pub(crate) const MAX_HEAD_SIZE: usize = 256;

/// Most query heads that may share a key-value head, likewise.
pub(crate) const MAX_GROUP: usize = 64;

/// Sizes of an attention layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttentionShape {
    /// Query heads; a multiple of the cache's heads, which they share in groups.
    pub(crate) heads: usize,
    pub(crate) head_size: usize,
}

/// For rows of queries at the positions from `position` on: `out = softmax(q K^T / sqrt(head_size)) V`, where row `i`
/// sees the positions up to `position + i`. `q` and `out` are `(rows, heads, head_size)`.
pub(crate) fn attention(q: &[f32], cache: &KvCache, position: usize, shape: AttentionShape, out: &mut [f32]) {
    let width = shape.heads * shape.head_size;
    let group = width / cache.heads();
    if q.len() == width {
        // One row: the threads share its heads.
        out.par_chunks_mut(group).enumerate().for_each(|(kv_head, out)| {
            attend_group(&q[kv_head * group..], cache, kv_head, position, shape, width, out);
        });
        return;
    }
    out.par_chunks_mut(ROWS * width).enumerate().for_each(|(chunk, out)| {
        let q = &q[chunk * ROWS * width..];
        for kv_head in 0..cache.heads() {
            let start = kv_head * group;
            attend_group(&q[start..], cache, kv_head, position + chunk * ROWS, shape, width, &mut out[start..]);
        }
    });
}

/// Softmax of one row and head so far.
#[derive(Clone, Copy)]
struct Running {
    maximum: f32,
    /// Of the weights, which are relative to the maximum.
    sum: f32,
}

vectorized! {
    /// The heads that share `kv_head`, for as many rows as `out` has; rows are `width` apart.
    fn attend_group(
        q: &[f32],
        cache: &KvCache,
        kv_head: usize,
        position: usize,
        shape: AttentionShape,
        width: usize,
        out: &mut [f32],
    ) {
        let size = shape.head_size;
        let group = shape.heads / cache.heads();
        let rows = out.len().div_ceil(width);
        let mut running = [[Running { maximum: f32::NEG_INFINITY, sum: 0.0 }; MAX_GROUP]; ROWS];
        let mut keys = [0f32; BLOCK * MAX_HEAD_SIZE];
        let mut values = [0f32; BLOCK * MAX_HEAD_SIZE];
        for row in 0..rows {
            out[row * width..][..group * size].fill(0.0);
        }
        for start in (0..position + rows).step_by(BLOCK) {
            let count = BLOCK.min(position + rows - start);
            cache.keys(kv_head, start, count).convert_to_f32_slice(&mut keys[..count * size]);
            cache.values(kv_head, start, count).convert_to_f32_slice(&mut values[..count * size]);
            for (row, running) in running.iter_mut().enumerate().take(rows) {
                let visible = (position + row + 1).saturating_sub(start).min(count);
                if visible == 0 {
                    continue;
                }
                for (head, running) in running.iter_mut().enumerate().take(group) {
                    let at = row * width + head * size;
                    let (keys, values) = (&keys[..visible * size], &values[..visible * size]);
                    attend_block(&q[at..at + size], keys, values, running, &mut out[at..at + size]);
                }
            }
        }
        for (row, running) in running.iter().enumerate().take(rows) {
            for (head, running) in running.iter().enumerate().take(group) {
                for out in &mut out[row * width + head * size..][..size] {
                    *out /= running.sum;
                }
            }
        }
    }
}

/// One row and head over the positions of a block.
#[inline(always)]
fn attend_block(q: &[f32], keys: &[f32], values: &[f32], running: &mut Running, out: &mut [f32]) {
    let size = q.len();
    let scale = 1.0 / (size as f32).sqrt();
    let mut weights = [f32::NEG_INFINITY; BLOCK];
    for (score, key) in weights.iter_mut().zip(keys.chunks_exact(size)) {
        *score = dot(q, key) * scale;
    }
    let maximum = weights.iter().fold(running.maximum, |a, &b| if b > a { b } else { a });
    if maximum > running.maximum {
        let shrink = exp(running.maximum - maximum);
        running.maximum = maximum;
        running.sum *= shrink;
        for out in out.iter_mut() {
            *out *= shrink;
        }
    }
    for weight in &mut weights {
        *weight = exp(*weight - maximum);
    }
    let weights = &weights[..keys.len() / size];
    running.sum += weights.iter().sum::<f32>();
    add_weighted(out, weights, values);
}

/// Adds the rows of `values`, each times its weight. Sums stay in registers over all rows.
#[inline(always)]
fn add_weighted(out: &mut [f32], weights: &[f32], values: &[f32]) {
    const LANES: usize = 32;
    let size = out.len();
    let whole = size / LANES * LANES;
    for column in (0..whole).step_by(LANES) {
        let mut sums = [0f32; LANES];
        sums.copy_from_slice(&out[column..column + LANES]);
        for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
            for (sum, value) in sums.iter_mut().zip(&value[column..column + LANES]) {
                *sum += weight * value;
            }
        }
        out[column..column + LANES].copy_from_slice(&sums);
    }
    for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
        for (out, value) in out[whole..].iter_mut().zip(&value[whole..]) {
            *out += weight * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::{AttentionShape, attention};
    use crate::models::testing::Noise;
    use crate::ops::KvCache;

    /// Attention written out, in `f64`.
    fn naive(
        q: &[f32],
        keys: &[f32],
        values: &[f32],
        kv_heads: usize,
        position: usize,
        shape: AttentionShape,
    ) -> Vec<f32> {
        let AttentionShape { heads, head_size } = shape;
        let mut out = Vec::new();
        for (row, q) in q.chunks_exact(heads * head_size).enumerate() {
            for (head, q) in q.chunks_exact(head_size).enumerate() {
                let at = |x: &[f32], position: usize, index: usize| {
                    let x = x[(position * kv_heads + head / (heads / kv_heads)) * head_size + index];
                    f16::from_f32(x).to_f64()
                };
                let weights: Vec<f64> = (0..=position + row)
                    .map(|position| (0..head_size).map(|i| f64::from(q[i]) * at(keys, position, i)).sum::<f64>())
                    .map(|score| (score / (head_size as f64).sqrt()).exp())
                    .collect();
                let sum: f64 = weights.iter().sum();
                for i in 0..head_size {
                    let value = weights.iter().enumerate().map(|(position, weight)| weight * at(values, position, i));
                    out.push((value.sum::<f64>() / sum) as f32);
                }
            }
        }
        out
    }

    fn check(heads: usize, kv_heads: usize, head_size: usize, position: usize, rows: usize) {
        let shape = AttentionShape { heads, head_size };
        let mut noise = Noise::new(1);
        let total = position + rows;
        let keys = noise.values(total * kv_heads * head_size, 1.0);
        let values = noise.values(total * kv_heads * head_size, 1.0);
        let q = noise.values(rows * heads * head_size, 2.0);
        let mut cache = KvCache::new(kv_heads, head_size, total + 3);
        // What an earlier, longer run left behind must not be seen.
        cache.store(0, &vec![9.0; (total + 3) * kv_heads * head_size], &vec![9.0; (total + 3) * kv_heads * head_size]);
        cache.store(0, &keys, &values);
        let mut out = vec![f32::NAN; q.len()];
        attention(&q, &cache, position, shape, &mut out);
        for (out, expected) in out.iter().zip(naive(&q, &keys, &values, kv_heads, position, shape)) {
            assert!(
                (out - expected).abs() < 1e-5,
                "{heads} {kv_heads} {head_size} {position} {rows}: {out} {expected}"
            );
        }
    }

    #[test]
    fn attention_is_what_the_formula_says() {
        check(4, 2, 16, 0, 1);
        check(4, 4, 16, 31, 1);
        check(14, 2, 64, 32, 1);
        check(4, 1, 16, 0, 20);
        check(6, 2, 10, 75, 33);
        check(2, 2, 256, 5, 9);
    }
}
