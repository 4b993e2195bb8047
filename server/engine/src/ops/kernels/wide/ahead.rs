//! Asking for memory before it is needed: weights come from further away than the caches, and are read once a pass.

use std::arch::x86_64::*;

use super::TILE;
use super::codes::Wide;

/// Bytes of a line of the caches.
const LINE: usize = 64;
/// How far ahead memory is asked for, in bytes: what hides its latency. Found by measuring.
const AHEAD: usize = 20 << 10;
/// Likewise, where sixteen long rows are read side by side and the processor sees each of them coming.
const AHEAD_IN_ROW: usize = 512;

/// What a tile asks for while it is read.
#[derive(Clone, Copy)]
pub(super) enum Ahead {
    /// Short rows: tiles that follow in the file, in the order of memory. Where they begin.
    Tiles(*const u8),
    /// Long rows: what follows in each.
    Rows,
}

impl Ahead {
    /// For a tile with these rows, of `row_bytes` each.
    pub(super) fn new(rows: &[*const u8; TILE], row_bytes: usize) -> Self {
        let tile_bytes = TILE * row_bytes;
        if tile_bytes <= 2 * AHEAD {
            Self::Tiles(rows[0].wrapping_add(tile_bytes * AHEAD.div_ceil(tile_bytes)))
        } else {
            Self::Rows
        }
    }

    /// Asks for as much as a block of all rows, which begin at `here`. A hint reads nothing: it may name any address.
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub(super) fn ask<F: Wide>(self, here: &[*const u8; TILE], block: usize) {
        match self {
            Self::Tiles(start) => {
                for line in (0..TILE * F::BYTES).step_by(LINE) {
                    _mm_prefetch::<_MM_HINT_T1>(start.wrapping_add(block * TILE * F::BYTES + line).cast());
                }
            }
            // Not more often than a line is used up.
            Self::Rows if F::BYTES < LINE && !block.is_multiple_of(LINE / F::BYTES) => {}
            Self::Rows => {
                for row in here {
                    for line in (0..F::BYTES).step_by(LINE) {
                        _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(AHEAD_IN_ROW + line).cast());
                    }
                }
            }
        }
    }
}
