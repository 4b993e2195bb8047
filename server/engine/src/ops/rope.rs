//! Rotary position embedding: pairs of a head's values turned by angles that grow with the position.
//!
//! Source: Su et al., *RoFormer* (arXiv 2104.09864); scaling and `rope_freqs` as llama.cpp reads them from GGUF files.

use super::cpu::vectorized;
use super::threads::for_chunks_mut;

/// Values that a thread turns at once.
const PIECE: usize = 1 << 13;

/// Which values form a pair: llama.cpp's `llama_rope_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RopeType {
    /// Neighbours: (0, 1), (2, 3), … GGUF files of the llama family are permuted for this.
    Norm,
    /// The two halves: (0, n/2), (1, n/2 + 1), … as in GPT-NeoX.
    Neox,
}

/// How angles are changed to stretch the context.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RopeScaling {
    pub(crate) scaling_type: RopeScalingType,
    /// Frequencies are divided by these, one for each pair (`rope_freqs` of Llama 3.1, LongRoPE's factors).
    pub(crate) frequency_factors: Option<Vec<f32>>,
    /// What is turned is also multiplied by this (`rope.scaling.attn_factor`; YaRN's paper calls it a temperature).
    pub(crate) attn_factor: f32,
}

impl Default for RopeScaling {
    fn default() -> Self {
        Self { scaling_type: RopeScalingType::None, frequency_factors: None, attn_factor: 1.0 }
    }
}

/// A rule for all frequencies: llama.cpp's `llama_rope_scaling_type`. LongRoPE, its fourth, is in the frequency factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RopeScalingType {
    None,
    /// Positions are divided by this: *Extending Context Window of Large Language Models via Positional Interpolation*
    /// (arXiv 2306.15595).
    Linear(f32),
    /// Slow pairs only, and more weight on what is turned: *YaRN* (arXiv 2309.00071).
    Yarn {
        factor: f32,
        /// Positions of the context before it was stretched.
        original_context: usize,
        /// Pairs that turn more often than this over the original context stay as they are.
        beta_fast: f32,
        /// Pairs that turn less often than this are divided like [`RopeScalingType::Linear`].
        beta_slow: f32,
    },
}

impl RopeScalingType {
    /// What the frequency of a pair is multiplied with.
    fn of_pair(self, pair: usize, dimensions: usize, base: f64) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Linear(factor) => 1.0 / f64::from(factor),
            Self::Yarn { factor, original_context, beta_fast, beta_slow } => {
                // The pair that turns this often; pairs are counted as real numbers.
                let pair_of = |turns: f32| {
                    let wave = original_context as f64 / (f64::from(turns) * std::f64::consts::TAU);
                    dimensions as f64 * wave.ln() / (2.0 * base.ln())
                };
                let low = pair_of(beta_fast).floor().max(0.0);
                let high = pair_of(beta_slow).ceil().min(dimensions as f64 - 1.0);
                let stretched = ((pair as f64 - low) / (high - low).max(0.001)).clamp(0.0, 1.0);
                stretched / f64::from(factor) + (1.0 - stretched)
            }
        }
    }

    fn attn_factor(self) -> f64 {
        match self {
            Self::Yarn { factor, .. } if factor > 1.0 => 0.1 * f64::from(factor).ln() + 1.0,
            Self::None | Self::Linear(_) | Self::Yarn { .. } => 1.0,
        }
    }
}

/// How a model turns its heads.
#[derive(Clone, Debug)]
pub(crate) struct Rope {
    rope_type: RopeType,
    /// Radians a position, one for each pair.
    frequencies: Vec<f64>,
    attn_factor: f64,
}

/// Cosine and sine of every pair, times the rope's attention factor, for the positions of a pass, a row after the other.
/// All layers turn by the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Angles(Vec<(f32, f32)>);

impl Rope {
    /// `dimensions` is the number of values at the start of a head that are turned.
    pub(crate) fn new(rope_type: RopeType, dimensions: usize, base: f32, scaling: &RopeScaling) -> Self {
        let base = f64::from(base);
        let frequencies = (0..dimensions / 2)
            .map(|pair| {
                let exponent = -2.0 * pair as f64 / dimensions as f64;
                let factor = scaling.frequency_factors.as_ref().map_or(1.0, |factors| f64::from(factors[pair]));
                base.powf(exponent) * scaling.scaling_type.of_pair(pair, dimensions, base) / factor
            })
            .collect();
        Self {
            rope_type,
            frequencies,
            attn_factor: f64::from(scaling.attn_factor) * scaling.scaling_type.attn_factor(),
        }
    }

    /// Writes the angles of rows at these positions.
    pub(crate) fn angles(&self, positions: impl Iterator<Item = usize>, angles: &mut Angles) {
        angles.0.clear();
        for position in positions {
            angles.0.extend(self.frequencies.iter().map(|frequency| {
                let (sin, cos) = (position as f64 * frequency).sin_cos();
                ((cos * self.attn_factor) as f32, (sin * self.attn_factor) as f32)
            }));
        }
    }

    /// Turns every head of every row, `(rows, heads, head_size)`; there are angles for each row.
    pub(crate) fn apply(&self, angles: &Angles, x: &mut [f32], heads: usize, head_size: usize) {
        let pairs = self.frequencies.len();
        assert_eq!(angles.0.len() * heads * head_size, x.len() * pairs, "there are angles for each row");
        let width = heads * head_size;
        let rows = (PIECE / width).max(1);
        for_chunks_mut(x, rows * width, 1, |index, x| {
            for (row, angles) in x.chunks_exact_mut(width).zip(angles.0[index * rows * pairs..].chunks_exact(pairs)) {
                turn(row, angles, self.rope_type, head_size);
            }
        });
    }
}

vectorized! {
    /// Turns every head of a row.
    fn turn(row: &mut [f32], angles: &[(f32, f32)], rope_type: RopeType, head_size: usize) {
        for head in row.chunks_exact_mut(head_size) {
            match rope_type {
                RopeType::Norm => {
                    for (pair, &(cos, sin)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                        *pair = [pair[0] * cos - pair[1] * sin, pair[0] * sin + pair[1] * cos];
                    }
                }
                RopeType::Neox => {
                    let (first, second) = head[..2 * angles.len()].split_at_mut(angles.len());
                    for ((a, b), &(cos, sin)) in first.iter_mut().zip(second).zip(angles) {
                        (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Angles, Rope, RopeScaling, RopeScalingType, RopeType};

    fn turned(rope_type: RopeType, dimensions: usize, scaling: &RopeScaling, position: usize, x: &[f32]) -> Vec<f32> {
        let rope = Rope::new(rope_type, dimensions, 100.0, scaling);
        let mut x = x.to_vec();
        let mut angles = Angles::default();
        rope.angles(std::iter::once(position), &mut angles);
        let size = x.len();
        rope.apply(&angles, &mut x, 1, size);
        x
    }

    fn check(got: &[f32], expected: &[f64]) {
        for (got, expected) in got.iter().zip(expected) {
            assert!((f64::from(*got) - expected).abs() < 1e-6, "{got} for {expected}");
        }
        assert_eq!(got.len(), expected.len());
    }

    #[test]
    fn pairs_turn_by_their_angles() {
        let x = [1.0, 0.0, 0.0, 1.0, 7.0];
        // Two pairs of the first four values; the frequencies are 1 and 1/10.
        let (a, b) = (3f64, 0.3f64);
        let plain = RopeScaling::default();
        check(&turned(RopeType::Norm, 4, &plain, 3, &x), &[a.cos(), a.sin(), -b.sin(), b.cos(), 7.0]);
        check(&turned(RopeType::Neox, 4, &plain, 3, &x), &[a.cos(), -b.sin(), a.sin(), b.cos(), 7.0]);
        check(&turned(RopeType::Neox, 4, &plain, 0, &x), &[1.0, 0.0, 0.0, 1.0, 7.0]);
    }

    #[test]
    fn scaling_changes_the_angles() {
        let x = [1.0, 0.0, 1.0, 0.0];
        let linear = RopeScaling { scaling_type: RopeScalingType::Linear(2.0), ..RopeScaling::default() };
        let (a, b) = (1.5f64, 0.15f64);
        check(&turned(RopeType::Norm, 4, &linear, 3, &x), &[a.cos(), a.sin(), b.cos(), b.sin()]);
        let factors = RopeScaling { frequency_factors: Some(vec![1.0, 3.0]), ..RopeScaling::default() };
        let (a, b) = (3f64, 0.1f64);
        check(&turned(RopeType::Norm, 4, &factors, 3, &x), &[a.cos(), a.sin(), b.cos(), b.sin()]);
    }

    #[test]
    fn attention_factors_are_multiplied() {
        let scaling = RopeScaling { attn_factor: 1.5, ..RopeScaling::default() };
        let (a, b) = (3f64, 0.3f64);
        let expected = [1.5 * a.cos(), 1.5 * a.sin(), -1.5 * b.sin(), 1.5 * b.cos(), 7.0];
        check(&turned(RopeType::Norm, 4, &scaling, 3, &[1.0, 0.0, 0.0, 1.0, 7.0]), &expected);
    }

    #[test]
    fn yarn_stretches_slow_pairs() {
        // 16 pairs from 1 down to 100^(-15/16); over 200 positions the first one turns 31.8 times, the last one 0.42 times.
        let scaling_type = RopeScalingType::Yarn { factor: 4.0, original_context: 200, beta_fast: 8.0, beta_slow: 1.0 };
        let rope = Rope::new(RopeType::Neox, 32, 100.0, &RopeScaling { scaling_type, ..RopeScaling::default() });
        // Where a pair turns 8 times: 16 ln(200 / 16 pi) / ln 100 = 4.8; once: 16 ln(200 / 2 pi) / ln 100 = 12.02.
        let (low, high) = (4.0, 13.0);
        for (pair, frequency) in rope.frequencies.iter().enumerate() {
            let plain = 100f64.powf(-(pair as f64) / 16.0);
            let part = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
            let expected = plain * (1.0 - part) + plain / 4.0 * part;
            assert!((frequency - expected).abs() < 1e-12, "{pair}: {frequency} {expected}");
        }
        assert_eq!((rope.frequencies[0], rope.frequencies[15]), (1.0, 100f64.powf(-15.0 / 16.0) / 4.0));
        assert!((rope.attn_factor - 1.138_629_436).abs() < 1e-9, "0.1 ln 4 + 1, not {}", rope.attn_factor);
    }

    #[test]
    fn rows_have_positions_of_their_own() {
        let rope = Rope::new(RopeType::Neox, 2, 100.0, &RopeScaling::default());
        let mut angles = Angles::default();
        rope.angles([5, 6].into_iter(), &mut angles);
        let mut x = [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 2.0, 0.0];
        rope.apply(&angles, &mut x, 2, 2);
        let (a, b) = (5f64, 6f64);
        let expected = [a.cos(), a.sin(), 2.0 * a.cos(), 2.0 * a.sin(), b.cos(), b.sin(), 2.0 * b.cos(), 2.0 * b.sin()];
        check(&x, &expected);
    }
}
