//! Keys and values of the positions seen so far, one buffer for each layer, allocated once.
//!
//! Stored as `f16`, which halves the memory (0.5B model at 4096 positions: 48 MiB) and the traffic of attention, and is
//! what llama.cpp stores by default; they are widened to `f32` a block at a time where they are used.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// The cache of one layer: `(heads, capacity, head_size)` each for keys and values.
#[derive(Debug)]
pub(crate) struct KvCache {
    keys: Vec<f16>,
    values: Vec<f16>,
    heads: usize,
    head_size: usize,
    capacity: usize,
}

impl KvCache {
    pub(crate) fn new(heads: usize, head_size: usize, capacity: usize) -> Self {
        let size = heads * capacity * head_size;
        Self { keys: vec![f16::ZERO; size], values: vec![f16::ZERO; size], heads, head_size, capacity }
    }

    /// Stores rows of `heads * head_size` values from `position` on, over what may be there.
    pub(crate) fn store(&mut self, position: usize, keys: &[f32], values: &[f32]) {
        let width = self.heads * self.head_size;
        assert!(position + keys.len() / width <= self.capacity, "the caller has checked the capacity");
        for (cache, rows) in [(&mut self.keys, keys), (&mut self.values, values)] {
            for (row, x) in rows.chunks_exact(width).enumerate() {
                for (head, x) in x.chunks_exact(self.head_size).enumerate() {
                    let at = (head * self.capacity + position + row) * self.head_size;
                    cache[at..at + self.head_size].convert_from_f32_slice(x);
                }
            }
        }
    }

    /// Keys of `count` positions of a head, `(count, head_size)`.
    pub(super) fn keys(&self, head: usize, position: usize, count: usize) -> &[f16] {
        let at = (head * self.capacity + position) * self.head_size;
        &self.keys[at..at + count * self.head_size]
    }

    /// Values, likewise.
    pub(super) fn values(&self, head: usize, position: usize, count: usize) -> &[f16] {
        let at = (head * self.capacity + position) * self.head_size;
        &self.values[at..at + count * self.head_size]
    }

    pub(super) fn heads(&self) -> usize {
        self.heads
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of_val(&self.keys[..]) + size_of_val(&self.values[..])
    }
}
