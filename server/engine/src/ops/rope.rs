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

/// The angles of one model.
#[derive(Clone, Debug)]
pub(crate) struct Rope {
    pairing: Pairing,
    /// Radians a position, one for each pair.
    frequencies: Vec<f64>,
    /// Cosine and sine of every pair for the positions in use, a position after the other.
    angles: Vec<(f32, f32)>,
}

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
        Self { pairing, frequencies, angles: Vec::new() }
    }

    /// Prepares `rows` positions from `position` on; all layers turn by the same angles.
    pub(crate) fn prepare(&mut self, position: usize, rows: usize) {
        self.angles.clear();
        for position in position..position + rows {
            self.angles.extend(self.frequencies.iter().map(|frequency| {
                let (sin, cos) = (position as f64 * frequency).sin_cos();
                (cos as f32, sin as f32)
            }));
        }
    }

    /// Turns every head of every row; `x` holds the rows prepared.
    pub(crate) fn apply(&self, x: &mut [f32], heads: usize, head_size: usize) {
        let pairs = self.frequencies.len();
        for (row, angles) in x.chunks_exact_mut(heads * head_size).zip(self.angles.chunks_exact(pairs)) {
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
