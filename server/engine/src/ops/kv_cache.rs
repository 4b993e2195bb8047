//! Keys and values of the positions that sequences have seen, in blocks that sequences share.
//!
//! A [`Sequence`] is a list of blocks, each with [`BLOCK`] positions of all layers. Two sequences that begin alike hold
//! the same blocks; a block is copied when one of them writes to it. That makes a fork cheap and frees memory block by
//! block, as in *Efficient Memory Management for Large Language Model Serving with PagedAttention* (arXiv 2309.06180).
//! What to keep and what to forget is not decided here.
//!
//! Stored as `f16`, which is what llama.cpp stores by default (0.5B model at 4096 positions: 48 MiB), or as `q8_0`, which
//! takes about half of that: blocks of 32 values with one scale.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::KvCacheType;

mod store;

/// Positions of a block.
pub(crate) const BLOCK: usize = 64;

/// What a position takes in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KvLayout {
    pub(crate) n_layers: usize,
    /// Key-value heads of a layer.
    pub(crate) heads: usize,
    pub(crate) head_size: usize,
    /// How a value is stored; `Q8_0` only where heads are whole blocks of 32 values.
    pub(crate) kind: KvCacheType,
}

impl KvLayout {
    /// Words (of 16 bits) of a head at one position.
    fn row_len(self) -> usize {
        store::words(self.kind, self.head_size)
    }

    /// Words of a block: `(layers, 2, heads, BLOCK, row)`, keys first.
    fn block_len(self) -> usize {
        self.n_layers * 2 * self.heads * BLOCK * self.row_len()
    }

    /// Bytes of a block.
    pub(crate) fn block_bytes(self) -> usize {
        self.block_len() * size_of::<u16>()
    }
}

/// Blocks that hold this many positions.
pub(crate) fn blocks_for(positions: usize) -> usize {
    positions.div_ceil(BLOCK)
}

/// Where blocks come from and return to. Cloning shares the pool.
#[derive(Clone, Debug)]
pub(crate) struct KvPool(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    layout: KvLayout,
    /// Most blocks that may exist.
    capacity: usize,
    state: Mutex<PoolState>,
}

#[derive(Debug, Default)]
struct PoolState {
    in_use: usize,
    /// Memory of blocks that were given back.
    free: Vec<Box<[u16]>>,
    sequences: u64,
}

/// The pool has no block left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolExhausted;

impl KvPool {
    /// A pool of at most `capacity` blocks; memory is taken as it is needed.
    pub(crate) fn new(layout: KvLayout, capacity: usize) -> Self {
        Self(Arc::new(Pool { layout, capacity, state: Mutex::default() }))
    }

    /// A sequence without positions.
    pub(crate) fn sequence(&self) -> Sequence {
        Sequence { id: self.0.next_id(), pool: self.clone(), blocks: Vec::new(), len: 0 }
    }

    /// Blocks that can still be had.
    pub(crate) fn available(&self) -> usize {
        self.0.capacity - self.0.with_state(|state| state.in_use)
    }

    /// Bytes of all blocks that may be in use.
    pub(crate) fn capacity_bytes(&self) -> u64 {
        (self.0.capacity as u64).saturating_mul(self.0.layout.block_bytes() as u64)
    }

    fn take(&self) -> Result<Arc<Block>, PoolExhausted> {
        let data = self.0.with_state(|state| {
            if state.in_use == self.0.capacity {
                return Err(PoolExhausted);
            }
            state.in_use += 1;
            Ok(state.free.pop())
        })?;
        let data = data.unwrap_or_else(|| vec![0; self.0.layout.block_len()].into_boxed_slice());
        Ok(Arc::new(Block { data, pool: Arc::clone(&self.0) }))
    }
}

impl Pool {
    fn with_state<T>(&self, change: impl FnOnce(&mut PoolState) -> T) -> T {
        // Nothing that can panic runs under the lock.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn next_id(&self) -> u64 {
        self.with_state(|state| {
            state.sequences += 1;
            state.sequences
        })
    }
}

/// Keys and values of [`BLOCK`] positions, in words: what they mean is `store.rs`'s matter.
#[derive(Debug)]
struct Block {
    data: Box<[u16]>,
    pool: Arc<Pool>,
}

impl Drop for Block {
    fn drop(&mut self) {
        let data = std::mem::take(&mut self.data);
        self.pool.with_state(|state| {
            state.in_use -= 1;
            state.free.push(data);
        });
    }
}

/// Keys or values.
#[derive(Clone, Copy)]
enum Half {
    Keys,
    Values,
}

/// The KV cache of one sequence. Dropping it gives back the blocks that it shares with no other.
#[derive(Debug)]
pub(crate) struct Sequence {
    id: u64,
    pool: KvPool,
    blocks: Vec<Arc<Block>>,
    len: usize,
}

impl Sequence {
    /// A number that no other sequence of the pool has.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Positions it holds.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets every position from `len` on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.blocks.truncate(blocks_for(self.len));
    }

    /// Another sequence with the first `len` positions of this one. No value is copied before either writes.
    pub(crate) fn fork(&self, len: usize) -> Self {
        let len = self.len.min(len);
        let blocks = self.blocks[..blocks_for(len)].to_vec();
        Self { id: self.pool.0.next_id(), pool: self.pool.clone(), blocks, len }
    }

    /// Blocks that [`Sequence::reserve`] would take from the pool.
    pub(crate) fn blocks_to_reserve(&self, count: usize) -> usize {
        let copied = self.last_is_shared() && !self.len.is_multiple_of(BLOCK) && count > 0;
        blocks_for(self.len + count).saturating_sub(self.blocks.len()) + usize::from(copied)
    }

    /// Blocks that no other sequence shares: dropping this one frees them.
    pub(crate) fn own_blocks(&self) -> usize {
        self.blocks.iter().filter(|block| Arc::strong_count(block) == 1).count()
    }

    fn last_is_shared(&self) -> bool {
        self.blocks.last().is_some_and(|block| Arc::strong_count(block) > 1)
    }

    /// Makes room for `count` positions after the present ones, in blocks of this sequence's own.
    ///
    /// # Errors
    /// When the pool has no block left; what was reserved until then stays reserved.
    pub(crate) fn reserve(&mut self, count: usize) -> Result<(), PoolExhausted> {
        // Reserved by a pass that then failed, possibly.
        self.blocks.truncate(blocks_for(self.len));
        if count > 0 && !self.len.is_multiple_of(BLOCK) && self.last_is_shared() {
            let mut own = self.pool.take()?;
            let shared = self.blocks.pop().expect("a shared block is the last one");
            Arc::get_mut(&mut own).expect("nobody else has it yet").data.copy_from_slice(&shared.data);
            self.blocks.push(own);
        }
        while self.blocks.len() < blocks_for(self.len + count) {
            self.blocks.push(self.pool.take()?);
        }
        Ok(())
    }

    /// Counts `count` more positions: what has been stored for them is part of the sequence now.
    pub(crate) fn advance(&mut self, count: usize) {
        assert!(blocks_for(self.len + count) <= self.blocks.len(), "the positions were reserved");
        self.len += count;
    }

    /// Stores rows of `heads * head_size` values of a layer after the present positions, for which room is reserved.
    pub(crate) fn store(&mut self, layer: usize, keys: &[f32], values: &[f32]) {
        let KvLayout { heads, head_size, kind: stored_as, .. } = self.pool.0.layout;
        for (half, rows) in [(Half::Keys, keys), (Half::Values, values)] {
            let mut position = self.len;
            let mut rows = rows.chunks_exact(heads * head_size).peekable();
            while rows.peek().is_some() {
                let here = BLOCK - position % BLOCK;
                let block = Arc::get_mut(&mut self.blocks[position / BLOCK]).expect("a reserved block is not shared");
                for row in rows.by_ref().take(here) {
                    for (head, x) in row.chunks_exact(head_size).enumerate() {
                        let at = place(self.pool.0.layout, half, layer, head, position % BLOCK, 1);
                        store::narrow(stored_as, x, &mut block.data[at]);
                    }
                    position += 1;
                }
            }
        }
    }

    /// The bits of a head's keys and values of a block's positions, `(BLOCK, head_size)` each, where they are stored as
    /// `f16`. What lies behind the sequence's positions is anything.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "no kernel reads it"))]
    pub(super) fn block(&self, layer: usize, head: usize, block: usize) -> Option<(&[u16], &[u16])> {
        if self.pool.0.layout.kind != KvCacheType::F16 {
            return None;
        }
        let data = &self.blocks[block].data;
        let of = |half| &data[place(self.pool.0.layout, half, layer, head, 0, BLOCK)];
        Some((of(Half::Keys), of(Half::Values)))
    }

    fn widen(&self, half: Half, layer: usize, head: usize, positions: Range<usize>, out: &mut [f32]) {
        let at = place(self.pool.0.layout, half, layer, head, positions.start % BLOCK, positions.len());
        store::widen(self.pool.0.layout.kind, &self.blocks[positions.start / BLOCK].data[at], out);
    }

    /// Writes a head's keys of positions inside one block, `(positions, head_size)`.
    #[inline(always)]
    pub(super) fn keys(&self, layer: usize, head: usize, positions: Range<usize>, out: &mut [f32]) {
        self.widen(Half::Keys, layer, head, positions, out);
    }

    /// Values, likewise.
    #[inline(always)]
    pub(super) fn values(&self, layer: usize, head: usize, positions: Range<usize>, out: &mut [f32]) {
        self.widen(Half::Values, layer, head, positions, out);
    }
}

/// Where `count` positions of a head lie in a block.
fn place(layout: KvLayout, half: Half, layer: usize, head: usize, offset: usize, count: usize) -> Range<usize> {
    assert!(offset + count <= BLOCK, "the positions are in one block");
    let plane = (layer * 2 + half as usize) * layout.heads + head;
    let start = (plane * BLOCK + offset) * layout.row_len();
    start..start + count * layout.row_len()
}

#[cfg(test)]
mod tests;
