//! Two tiles unpacked to bytes, for products with several inputs.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]
#![expect(clippy::needless_range_loop, reason = "the loops over registers are unrolled, and run over several arrays")]

use std::arch::x86_64::*;

use super::super::product::{Product, advance};
use super::super::quantize::GROUP;
use super::ahead::Ahead;
use super::codes::{Scaling, Sums, Wide, join};
use super::{TILE, add_block, distances, factors, fixed_offset, lanes};

/// Tiles of a panel.
const TILES: usize = 2;
/// Rows of a panel.
pub(super) const PANEL_ROWS: usize = TILES * TILE;

/// A part of two tiles, unpacked: in every register sixteen rows, in 32-bit lanes; always one register for each tile.
#[derive(Default)]
pub(super) struct Panel {
    blocks: usize,
    /// Of a block.
    spans: usize,
    /// Of all values, where the type stores none.
    offset: i32,
    /// Codes of four neighbours of each row, eight a span.
    codes: Vec<[__m512i; TILES]>,
    /// Scales of the first and of the second 16 values of a span; for `Scaling::Span` the second is not used.
    scales: Vec<[[__m512i; TILES]; 2]>,
    /// Both offsets of a span, in 16 bits.
    offsets: Vec<[__m512i; TILES]>,
    /// For each block.
    factors: Vec<[(__m512, __m512); TILES]>,
}

impl Panel {
    /// Takes `blocks` blocks of the rows, of `row_bytes` each, from the block `start` on.
    #[inline(never)]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub(super) unsafe fn unpack<F: Wide>(
        &mut self,
        rows: &[*const u8; PANEL_ROWS],
        row_bytes: usize,
        start: usize,
        blocks: usize,
    ) {
        // SAFETY: the blocks lie inside the rows; the vectors are made long enough first.
        unsafe {
            let zero = _mm512_setzero_si512();
            (self.blocks, self.spans, self.offset) = (blocks, F::SPANS, fixed_offset::<F>());
            let spans = blocks * F::SPANS;
            grow(&mut self.codes, spans * 8, [zero; TILES]);
            grow(&mut self.factors, blocks, [(_mm512_setzero_ps(), _mm512_setzero_ps()); TILES]);
            if F::SCALED {
                grow(&mut self.scales, spans, [[zero; TILES]; 2]);
                grow(&mut self.offsets, spans, [zero; TILES]);
            }
            for (tile, rows) in rows.as_chunks::<TILE>().0.iter().enumerate() {
                let distances = distances(rows);
                let ahead = Ahead::new(rows, row_bytes);
                for block in 0..blocks {
                    let here = advance(rows, (start + block) * F::BYTES);
                    ahead.ask::<F>(&here, start + block);
                    self.factors[block][tile] = factors::<F>(here[0], distances);
                    for span in 0..F::SPANS {
                        let mut pairs = [zero; 8];
                        for (pair, [a, b]) in pairs.iter_mut().zip(PAIRS) {
                            *pair = F::two_blocks(here[a], here[b], span);
                        }
                        let columns = columns(pairs);
                        let at = self.codes.as_mut_ptr().add((block * F::SPANS + span) * 8);
                        for (group, column) in columns.into_iter().enumerate() {
                            (*at.add(group))[tile] = column;
                        }
                    }
                    if F::SCALED {
                        self.unpack_scales::<F>(&here, block, tile);
                    }
                }
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn unpack_scales<F: Wide>(&mut self, rows: &[*const u8; TILE], block: usize, tile: usize) {
        unsafe {
            let (mut scales, mut offsets) = ([_mm512_setzero_si512(); 8], [_mm512_setzero_si512(); 8]);
            for (pair, [a, b]) in PAIRS.into_iter().enumerate() {
                let (a, b) = (F::scales(rows[a]), F::scales(rows[b]));
                (scales[pair], offsets[pair]) = (join(a.0, b.0), join(a.1, b.1));
            }
            let (scales, offsets) = (columns(scales), columns(offsets));
            for span in 0..F::SPANS {
                let at = block * F::SPANS + span;
                self.offsets[at][tile] = offsets[span];
                let first = _mm512_srai_epi32::<16>(_mm512_slli_epi32::<16>(scales[span]));
                self.scales[at][0][tile] = first;
                self.scales[at][1][tile] = _mm512_srai_epi32::<16>(scales[span]);
            }
        }
    }

    /// The part, which begins at the block `start`, times `N` inputs from `row` on. Results of earlier parts are taken
    /// from the output and added to. Of the panel's rows, which begin with `first`, `valid` are there. Returns `N`.
    #[inline(never)]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub(super) unsafe fn multiply<S: Sums, const N: usize>(
        &self,
        product: &Product<'_>,
        start: usize,
        row: usize,
        first: usize,
        valid: usize,
    ) -> usize {
        // SAFETY: the part lies inside the inputs, `unpack` has filled the vectors for all its blocks, and of the
        // output only what is there is touched.
        unsafe {
            let inputs = product.matrix.inputs;
            let input = product.input(row);
            let (codes, scales, sums) = (
                input.codes.add(start * self.spans * 32),
                input.scales.add(start),
                input.sums.add(start * self.spans * 32 / GROUP),
            );
            let masks: [__mmask16; TILES] = std::array::from_fn(|tile| lanes(valid.saturating_sub(tile * TILE)));
            let out: [*mut f32; N] = std::array::from_fn(|n| product.out(row + n, first));
            let mut total = [[_mm512_setzero_ps(); TILES]; N];
            if start > 0 {
                for n in 0..N {
                    for tile in 0..TILES {
                        total[n][tile] = _mm512_maskz_loadu_ps(masks[tile], out[n].wrapping_add(tile * TILE));
                    }
                }
            }
            for block in 0..self.blocks {
                let codes = codes.add(block * self.spans * 32);
                let sums = sums.add(block * self.spans * 32 / GROUP);
                let at = block * self.spans;
                let (products, offsets) = if S::SCALING != Scaling::Not {
                    let products = self.scaled::<S, N>(at, codes, inputs);
                    let mut offsets = [[_mm512_setzero_si512(); TILES]; N];
                    for span in 0..self.spans {
                        let weights = *self.offsets.as_ptr().add(at + span);
                        for n in 0..N {
                            let x = everywhere(sums.add(n * (inputs / GROUP) + span * 2));
                            for tile in 0..TILES {
                                offsets[n][tile] = _mm512_dpwssd_epi32(offsets[n][tile], weights[tile], x);
                            }
                        }
                    }
                    (products, offsets)
                } else {
                    let mut products = [[_mm512_setzero_si512(); TILES]; N];
                    self.add_products::<N>(&mut products, at * 8, 8, codes, inputs);
                    let mut offsets = [[_mm512_setzero_si512(); TILES]; N];
                    for n in 0..N {
                        offsets[n] = [super::offsets(self.offset, sums.add(n * (inputs / GROUP))); TILES];
                    }
                    (products, offsets)
                };
                let factors = *self.factors.as_ptr().add(block);
                for n in 0..N {
                    let scale = *scales.add(n * product.blocks + block);
                    for tile in 0..TILES {
                        total[n][tile] =
                            add_block::<S>(total[n][tile], products[n][tile], offsets[n][tile], factors[tile], scale);
                    }
                }
            }
            for n in 0..N {
                for tile in 0..TILES {
                    _mm512_mask_storeu_ps(out[n].wrapping_add(tile * TILE), masks[tile], total[n][tile]);
                }
            }
        }
        N
    }

    /// The products of a block of 256 values, with their scales.
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn scaled<S: Sums, const N: usize>(
        &self,
        first_span: usize,
        codes: *const i8,
        inputs: usize,
    ) -> [[__m512i; TILES]; N] {
        unsafe {
            let parts = if S::SCALING == Scaling::Span { 1 } else { 2 };
            let groups = 8 / parts;
            let mut sums = [[_mm512_setzero_si512(); TILES]; N];
            for span in 0..self.spans {
                let scales = self.scales.as_ptr().add(first_span + span);
                for part in 0..parts {
                    let mut products = [[_mm512_setzero_si512(); TILES]; N];
                    let at = (first_span + span) * 8 + part * groups;
                    let codes = codes.add(span * 32 + part * groups * 4);
                    self.add_products::<N>(&mut products, at, groups, codes, inputs);
                    let scales = (*scales)[part];
                    for n in 0..N {
                        for tile in 0..TILES {
                            let (sum, products, scale) = (sums[n][tile], products[n][tile], scales[tile]);
                            sums[n][tile] = if S::SCALING == Scaling::HalfIn16 {
                                // The scale's upper half is zero: it takes off the lower half's sign.
                                _mm512_dpwssd_epi32(sum, products, scale)
                            } else {
                                _mm512_add_epi32(sum, _mm512_mullo_epi32(products, scale))
                            };
                        }
                    }
                }
            }
            sums
        }
    }

    /// Adds the products of `groups` groups of four values.
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn add_products<const N: usize>(
        &self,
        sums: &mut [[__m512i; TILES]; N],
        at: usize,
        groups: usize,
        codes: *const i8,
        inputs: usize,
    ) {
        unsafe {
            for group in 0..groups {
                let weights = *self.codes.as_ptr().add(at + group);
                for n in 0..N {
                    let x = everywhere(codes.add(n * inputs + group * 4));
                    for tile in 0..TILES {
                        sums[n][tile] = _mm512_dpbusd_epi32(sums[n][tile], weights[tile], x);
                    }
                }
            }
        }
    }
}

/// Makes room for `len` entries; what was there may be overwritten.
fn grow<T: Copy>(entries: &mut Vec<T>, len: usize, zero: T) {
    if entries.len() < len {
        entries.resize(len, zero);
    }
}

/// Four bytes, or two 16-bit numbers, in every lane.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn everywhere<T>(pointer: *const T) -> __m512i {
    unsafe { _mm512_set1_epi32(pointer.cast::<i32>().read_unaligned()) }
}

/// The rows that share a register before [`columns`] and in `one`.
pub(super) const PAIRS: [[usize; 2]; 8] = [[0, 4], [1, 5], [2, 6], [3, 7], [8, 12], [9, 13], [10, 14], [11, 15]];

/// Turns sixteen rows of eight 32-bit numbers, two in a register as [`PAIRS`] says, into columns.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn columns(pairs: [__m512i; 8]) -> [__m512i; 8] {
    unsafe {
        let [a, b, c, d, e, f, g, h] = pairs;
        // Column `i` of rows 0 to 3, column `i + 4` of them, and both of rows 4 to 7; and so for rows 8 to 15.
        let (upper, lower) = (quarters([a, b, c, d]), quarters([e, f, g, h]));
        let mut columns = [_mm512_setzero_si512(); 8];
        for column in 0..4 {
            columns[column] = _mm512_shuffle_i32x4::<0b10_00_10_00>(upper[column], lower[column]);
            columns[column + 4] = _mm512_shuffle_i32x4::<0b11_01_11_01>(upper[column], lower[column]);
        }
        columns
    }
}

/// Turns four rows of four 32-bit numbers into columns, in each quarter of the registers.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn quarters([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (ab_low, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (cd_low, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab_low, cd_low),
        _mm512_unpackhi_epi64(ab_low, cd_low),
        _mm512_unpacklo_epi64(ab_high, cd_high),
        _mm512_unpackhi_epi64(ab_high, cd_high),
    ]
}
