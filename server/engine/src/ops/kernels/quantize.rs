//! Rounding inputs to 8 bits, as llama.cpp rounds them, so that both compute the same products.

use half::f16;

use crate::ops::cpu::vectorized;
use crate::ops::threads::for_each_mut;

/// Values that share an entry of `sums`.
pub(super) const GROUP: usize = 16;

/// Values that a thread rounds at once.
const PIECE: usize = 1 << 14;

/// Rows of `f32` rounded to 8 bits with one scale for each block of 32 or 256.
#[derive(Default)]
pub(in crate::ops) struct Quantized {
    pub(super) codes: Vec<i8>,
    /// One for each block.
    pub(super) scales: Vec<f32>,
    /// Sums of the codes of 16 neighbours: what a weight's offset is multiplied with.
    pub(super) sums: Vec<i16>,
}

impl Quantized {
    /// Rounds whole rows; their width is a multiple of `block`, which is 32 or 256.
    pub(in crate::ops) fn update(&mut self, values: &[f32], block: usize) {
        self.codes.resize(values.len(), 0);
        self.scales.resize(values.len() / block, 0.0);
        self.sums.resize(values.len() / GROUP, 0);
        let round = if block == 32 { round_by_32 } else { round_by_256 };
        if values.len() <= PIECE {
            round(values, &mut self.codes, &mut self.scales);
            add_up(&self.codes, &mut self.sums);
            return;
        }
        let codes = self.codes.chunks_mut(PIECE);
        let scales = self.scales.chunks_mut(PIECE / block);
        let mut pieces: Vec<_> = codes.zip(scales).zip(self.sums.chunks_mut(PIECE / GROUP)).collect();
        for_each_mut(&mut pieces, 1, |piece, ((codes, scales), sums)| {
            round(&values[piece * PIECE..][..codes.len()], codes, scales);
            add_up(codes, sums);
        });
    }
}

/// Nearest whole number, ties to even, for small values; the addition leaves it in the low bits.
#[inline(always)]
fn round(x: f32) -> i8 {
    (x + 12_582_912.0).to_bits() as i8
}

/// The largest size among the values.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let mut lanes = [0f32; 8];
    for values in values.as_chunks::<8>().0 {
        for (highest, value) in lanes.iter_mut().zip(values) {
            let size = value.abs();
            *highest = if size > *highest { size } else { *highest };
        }
    }
    lanes.iter().fold(0f32, |a, &b| a.max(b))
}

vectorized! {
    /// As ggml's `quantize_row_q8_0`: the scale is stored in half precision, but not used so for rounding.
    fn round_by_32(values: &[f32], codes: &mut [i8], scales: &mut [f32]) {
        let blocks = values.as_chunks::<32>().0.iter().zip(codes.as_chunks_mut::<32>().0);
        for ((values, codes), scale) in blocks.zip(scales) {
            let size = largest(values);
            *scale = f16::from_f32(size / 127.0).to_f32();
            let inverse = if size > 0.0 { 127.0 / size } else { 0.0 };
            for (code, value) in codes.iter_mut().zip(values) {
                *code = round(value * inverse);
            }
        }
    }
}

vectorized! {
    /// As ggml's `quantize_row_q8_K`: the value of the largest size becomes -127.
    fn round_by_256(values: &[f32], codes: &mut [i8], scales: &mut [f32]) {
        let blocks = values.as_chunks::<256>().0.iter().zip(codes.as_chunks_mut::<256>().0);
        for ((values, codes), scale) in blocks.zip(scales) {
            let size = largest(values);
            let Some(highest) = values.iter().find(|value| value.abs() == size).filter(|_| size > 0.0) else {
                *scale = 0.0;
                codes.fill(0);
                continue;
            };
            let inverse = -127.0 / highest;
            *scale = 1.0 / inverse;
            for (code, value) in codes.iter_mut().zip(values) {
                *code = round(value * inverse);
            }
        }
    }
}

vectorized! {
    fn add_up(codes: &[i8], sums: &mut [i16]) {
        for (codes, sum) in codes.as_chunks::<GROUP>().0.iter().zip(sums) {
            *sum = codes.iter().map(|&code| i16::from(code)).sum();
        }
    }
}
