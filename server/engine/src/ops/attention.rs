//! Causal attention over the KV cache, a block of positions at a time: no matrix of scores is ever built.
//!
//! The softmax is computed in one pass with a running maximum (Milakov and Gimelshein, arXiv 1805.02867). Blocks begin
//! at fixed positions, so a row's result does not depend on the other rows of the call.

#[cfg(target_arch = "x86_64")]
mod wide;

use super::cpu::{Level, vectorized};
use super::kv_cache::{self, Sequence};
use super::threads::{self, for_chunks_mut, for_each_mut};
use super::vector::{dot, exp, multiply_add};

/// Positions of a block: keys and values of a block in `f32` fit the first-level cache for usual head sizes.
const BLOCK: usize = 32;
const _: () = assert!(kv_cache::BLOCK.is_multiple_of(BLOCK), "a block of ours lies in one block of the cache");

/// Most rows that share a widened block.
const ROWS: usize = 8;
/// With AVX-512, where widening costs more and there is room for more.
#[cfg(target_arch = "x86_64")]
const WIDE_ROWS: usize = 32;

/// Largest head size; bounds the scratch on the stack.
pub(crate) const MAX_HEAD_SIZE: usize = 256;

/// Most query heads that may share a key-value head, likewise.
pub(crate) const MAX_GROUP: usize = 64;

/// Sizes of an attention layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AttentionShape {
    /// Query heads; a multiple of `kv_heads`, which they share in groups.
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_size: usize,
    /// Scores are multiplied by this, `1 / sqrt(head_size)` in most models.
    pub(crate) scale: f32,
    /// Positions that a row sees, itself included; `None` is all of them.
    pub(crate) window: Option<usize>,
}

impl AttentionShape {
    /// All positions, scaled as in *Attention Is All You Need* (arXiv 1706.03762).
    pub(crate) fn new(heads: usize, kv_heads: usize, head_size: usize) -> Self {
        Self { heads, kv_heads, head_size, scale: 1.0 / (head_size as f32).sqrt(), window: None }
    }

    /// Values of a row of queries.
    fn width(&self) -> usize {
        self.heads * self.head_size
    }

    /// Query heads that share a key-value head.
    fn group(&self) -> usize {
        self.heads / self.kv_heads
    }

    /// First position that the row at `position` sees.
    #[inline(always)]
    fn first_seen(&self, position: usize) -> usize {
        self.window.map_or(0, |window| (position + 1).saturating_sub(window))
    }
}

/// Rows of queries of one sequence at neighbouring positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Position of the first row.
    pub(crate) position: usize,
    pub(crate) rows: usize,
}

/// `out = softmax(scale * q K^T) V` for the rows of all parts, where a row sees the positions of its own sequence up to
/// itself. `q` and `out` are `(rows, heads, head_size)`; `sequence(i)` holds keys and values of part `i` up to its last
/// row.
pub(crate) fn attention<'a>(
    q: &[f32],
    parts: &[Part],
    sequence: impl Fn(usize) -> &'a Sequence + Sync,
    layer: usize,
    shape: AttentionShape,
    out: &mut [f32],
) {
    let level = Level::best();
    attention_at(level, q, parts, sequence, layer, shape, out);
}

fn attention_at<'a>(
    level: Option<Level>,
    q: &[f32],
    parts: &[Part],
    sequence: impl Fn(usize) -> &'a Sequence + Sync,
    layer: usize,
    shape: AttentionShape,
    out: &mut [f32],
) {
    let (attend, most_rows) = match level {
        #[cfg(target_arch = "x86_64")]
        Some(Level::Avx512) => (attend_wide as Attend, WIDE_ROWS),
        _ => (attend_group as Attend, ROWS),
    };
    let width = shape.width();
    let group = shape.group() * shape.head_size;
    let rows: usize = parts.iter().map(|part| part.rows).sum();
    assert_eq!((q.len(), out.len()), (rows * width, rows * width), "there is a query and a place for each row");
    let threads = threads::count();
    if rows < 2 * threads {
        // Too few rows: the threads share the heads of each, also those of one key-value head where there are few.
        let wanted = threads.div_ceil((rows * shape.kv_heads).max(1)).min(shape.group());
        let pieces = (wanted..=shape.group()).find(|pieces| shape.group().is_multiple_of(*pieces)).unwrap_or(1);
        let piece = group / pieces;
        for_chunks_mut(out, piece, 1, |index, out| {
            let kv_head = index / pieces % shape.kv_heads;
            let (part, position) = locate(parts, index / (pieces * shape.kv_heads));
            let heads = Heads { sequence: sequence(part), layer, kv_head, queries: shape.group() / pieces, shape };
            attend(&q[index * piece..], heads, position, out);
        });
        return;
    }
    let chunk = (rows / (2 * threads)).clamp(1, most_rows);
    let mut chunks = Vec::new();
    let (mut q, mut out) = (q, out);
    for (index, part) in parts.iter().enumerate() {
        for first in (0..part.rows).step_by(chunk) {
            let len = chunk.min(part.rows - first) * width;
            let out = out.split_off_mut(..len).expect("the sizes agree");
            chunks.push((index, part.position + first, &q[..len], out));
            q = &q[len..];
        }
    }
    for_each_mut(&mut chunks, 1, |_, (index, position, q, out)| {
        for kv_head in 0..shape.kv_heads {
            let start = kv_head * group;
            let heads = Heads { sequence: sequence(*index), layer, kv_head, queries: shape.group(), shape };
            attend(&q[start..], heads, *position, &mut out[start..]);
        }
    });
}

/// Computes rows of some heads from a position on, as many as the output has; rows are the shape's width apart.
type Attend = fn(&[f32], Heads<'_>, usize, &mut [f32]);

#[cfg(target_arch = "x86_64")]
fn attend_wide(q: &[f32], heads: Heads<'_>, position: usize, out: &mut [f32]) {
    #[expect(unsafe_code, reason = "code for a processor feature is called after asking for it")]
    // SAFETY: `attention_at` gets no level that this processor does not have.
    unsafe {
        wide::attend(q, heads, position, out);
    }
}

/// Part and position of a row.
fn locate(parts: &[Part], mut row: usize) -> (usize, usize) {
    for (index, part) in parts.iter().enumerate() {
        if row < part.rows {
            return (index, part.position + row);
        }
        row -= part.rows;
    }
    unreachable!("the row is part of a part")
}

/// Query heads that share a key-value head: all of its group, or some.
#[derive(Clone, Copy)]
struct Heads<'a> {
    sequence: &'a Sequence,
    layer: usize,
    kv_head: usize,
    /// How many they are.
    queries: usize,
    shape: AttentionShape,
}

/// Softmax of one row and head so far.
#[derive(Clone, Copy)]
struct Running {
    maximum: f32,
    /// Of the weights, which are relative to the maximum.
    sum: f32,
}

vectorized! {
    /// Rows of these heads from `position` on, as many as `out` has; rows are `width` apart.
    fn attend_group(q: &[f32], heads: Heads<'_>, position: usize, out: &mut [f32]) {
        let Heads { sequence, layer, kv_head, queries: group, shape } = heads;
        let (size, width) = (shape.head_size, shape.width());
        let rows = out.len().div_ceil(width);
        let mut running = [[Running { maximum: f32::NEG_INFINITY, sum: 0.0 }; MAX_GROUP]; ROWS];
        let mut keys = [0f32; BLOCK * MAX_HEAD_SIZE];
        let mut values = [0f32; BLOCK * MAX_HEAD_SIZE];
        for row in 0..rows {
            out[row * width..][..group * size].fill(0.0);
        }
        let end = position + rows;
        for start in (shape.first_seen(position) / BLOCK * BLOCK..end).step_by(BLOCK) {
            let count = BLOCK.min(end - start);
            sequence.keys(layer, kv_head, start..start + count, &mut keys[..count * size]);
            sequence.values(layer, kv_head, start..start + count, &mut values[..count * size]);
            for (row, running) in running.iter_mut().enumerate().take(rows) {
                let first = shape.first_seen(position + row).saturating_sub(start);
                let visible = (position + row + 1).saturating_sub(start).min(count);
                if first >= visible {
                    continue;
                }
                for (head, running) in running.iter_mut().enumerate().take(group) {
                    let at = row * width + head * size;
                    let (keys, values) = (&keys[first * size..visible * size], &values[first * size..visible * size]);
                    attend_block(&q[at..at + size], keys, values, shape.scale, running, &mut out[at..at + size]);
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
fn attend_block(q: &[f32], keys: &[f32], values: &[f32], scale: f32, running: &mut Running, out: &mut [f32]) {
    let size = q.len();
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
                *sum = multiply_add(*weight, *value, *sum);
            }
        }
        out[column..column + LANES].copy_from_slice(&sums);
    }
    for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
        for (out, value) in out[whole..].iter_mut().zip(&value[whole..]) {
            *out = multiply_add(*weight, *value, *out);
        }
    }
}

#[cfg(test)]
mod tests;
