//! Rotary position embedding: pairs of a head's values turned by angles that grow with the position.
//!
//! Source: Su et al., *RoFormer* (arXiv 2104.09864); scaling and `rope_freqs` as llama.cpp reads them from GGUF files.

/// Which values form a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairing {
    /// Neighbours: (0, 1), (2, 3), … GGUF files of the llama family are permuted for this.
    Interleaved,
    /// The two halves: (0, n/2), (1, n/2 + 1), … as in GPT-NeoX.
    Halves,
}

/// How angles are changed to stretch the context.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RopeScaling {
    /// Positions are divided by this; `None` is 1.
    pub(crate) linear: Option<f32>,
    /// Frequencies are divided by these, one for each pair (the `rope_freqs` tensor).
    pub(crate) frequency_factors: Option<Vec<f32>>,
}

/// How a model turns its heads.
#[derive(Clone, Debug)]
pub(crate) struct Rope {
    pairing: Pairing,
    /// Radians a position, one for each pair.
    frequencies: Vec<f64>,
}

/// Cosine and sine of every pair for the positions of a pass, a row after the other. All layers turn by the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Angles(Vec<(f32, f32)>);

impl Rope {
    /// `dimensions` is the number of values at the start of a head that are turned.
    pub(crate) fn new(pairing: Pairing, dimensions: usize, base: f32, scaling: &RopeScaling) -> Self {
        let stretch = f64::from(scaling.linear.unwrap_or(1.0));
        let frequencies = (0..dimensions / 2)
            .map(|pair| {
                let exponent = -2.0 * pair as f64 / dimensions as f64;
                let factor = scaling.frequency_factors.as_ref().map_or(1.0, |factors| f64::from(factors[pair]));
                f64::from(base).powf(exponent) / stretch / factor
            })
            .collect();
        Self { pairing, frequencies }
    }

    /// Writes the angles of rows at these positions.
    pub(crate) fn angles(&self, positions: impl Iterator<Item = usize>, angles: &mut Angles) {
        angles.0.clear();
        for position in positions {
            angles.0.extend(self.frequencies.iter().map(|frequency| {
                let (sin, cos) = (position as f64 * frequency).sin_cos();
                (cos as f32, sin as f32)
            }));
        }
    }

    /// Turns every head of every row, `(rows, heads, head_size)`; there are angles for each row.
    pub(crate) fn apply(&self, angles: &Angles, x: &mut [f32], heads: usize, head_size: usize) {
        let pairs = self.frequencies.len();
        assert_eq!(angles.0.len() * heads * head_size, x.len() * pairs, "there are angles for each row");
        for (row, angles) in x.chunks_exact_mut(heads * head_size).zip(angles.0.chunks_exact(pairs)) {
            for head in row.chunks_exact_mut(head_size) {
                match self.pairing {
                    Pairing::Interleaved => {
                        for (pair, &(cos, sin)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                            *pair = [pair[0] * cos - pair[1] * sin, pair[0] * sin + pair[1] * cos];
                        }
                    }
                    Pairing::Halves => {
                        let (first, second) = head[..2 * pairs].split_at_mut(pairs);
                        for ((a, b), &(cos, sin)) in first.iter_mut().zip(second).zip(angles) {
                            (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Angles, Pairing, Rope, RopeScaling};

    fn turned(pairing: Pairing, dimensions: usize, scaling: &RopeScaling, position: usize, x: &[f32]) -> Vec<f32> {
        let rope = Rope::new(pairing, dimensions, 100.0, scaling);
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
        check(&turned(Pairing::Interleaved, 4, &plain, 3, &x), &[a.cos(), a.sin(), -b.sin(), b.cos(), 7.0]);
        check(&turned(Pairing::Halves, 4, &plain, 3, &x), &[a.cos(), -b.sin(), a.sin(), b.cos(), 7.0]);
        check(&turned(Pairing::Halves, 4, &plain, 0, &x), &[1.0, 0.0, 0.0, 1.0, 7.0]);
    }

    #[test]
    fn scaling_changes_the_angles() {
        let x = [1.0, 0.0, 1.0, 0.0];
        let linear = RopeScaling { linear: Some(2.0), frequency_factors: None };
        let (a, b) = (1.5f64, 0.15f64);
        check(&turned(Pairing::Interleaved, 4, &linear, 3, &x), &[a.cos(), a.sin(), b.cos(), b.sin()]);
        let factors = RopeScaling { linear: None, frequency_factors: Some(vec![1.0, 3.0]) };
        let (a, b) = (3f64, 0.1f64);
        check(&turned(Pairing::Interleaved, 4, &factors, 3, &x), &[a.cos(), a.sin(), b.cos(), b.sin()]);
    }

    #[test]
    fn rows_have_positions_of_their_own() {
        let rope = Rope::new(Pairing::Halves, 2, 100.0, &RopeScaling::default());
        let mut angles = Angles::default();
        rope.angles([5, 6].into_iter(), &mut angles);
        let mut x = [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 2.0, 0.0];
        rope.apply(&angles, &mut x, 2, 2);
        let (a, b) = (5f64, 6f64);
        let expected = [a.cos(), a.sin(), 2.0 * a.cos(), 2.0 * a.sin(), b.cos(), b.sin(), 2.0 * b.cos(), 2.0 * b.sin()];
        check(&x, &expected);
    }
}
