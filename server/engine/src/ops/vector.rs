//! Operations on whole vectors of `f32`.

use super::cpu::vectorized;

/// Values computed side by side; a multiple of every vector register's width.
const LANES: usize = 32;

/// `a * b + c`, rounded once where all processors of the kind have an instruction for it. On others it would be a call.
#[inline(always)]
pub(super) fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(target_arch = "aarch64") { a.mul_add(b, c) } else { a * b + c }
}

/// Scalar product.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum = multiply_add(*a, *b, *sum);
        }
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
    }
    sums[0] + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

vectorized! {
    /// The scalar product of `weights` with each row of `x`.
    pub(super) fn dot_rows(weights: &[f32], x: &[f32], out: &mut [f32]) {
        for (x, out) in x.chunks_exact(weights.len()).zip(out) {
            *out = dot(weights, x);
        }
    }
}

vectorized! {
    /// `y += x`.
    pub(crate) fn add(y: &mut [f32], x: &[f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y += x;
        }
    }
}

/// What a row is multiplied with in a root-mean-square norm.
#[inline(always)]
fn rms_scale(x: &[f32], epsilon: f32) -> f32 {
    let mean_square = dot(x, x) / x.len() as f32;
    1.0 / (mean_square + epsilon).sqrt()
}

vectorized! {
    /// Root-mean-square norm of each row of `x`, scaled by `weight`.
    pub(crate) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
        for (x, out) in x.chunks_exact(weight.len()).zip(out.chunks_exact_mut(weight.len())) {
            let scale = rms_scale(x, epsilon);
            for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
                *out = x * scale * weight;
            }
        }
    }
}

vectorized! {
    /// Root-mean-square norm of each row of `x`, in its place.
    pub(crate) fn rms_norm_in_place(x: &mut [f32], weight: &[f32], epsilon: f32) {
        for x in x.chunks_exact_mut(weight.len()) {
            let scale = rms_scale(x, epsilon);
            for (x, weight) in x.iter_mut().zip(weight) {
                *x = *x * scale * weight;
            }
        }
    }
}

/// Mean of a row, and what its differences from it are multiplied with in a layer norm.
#[inline(always)]
fn moments(x: &[f32], epsilon: f32) -> (f32, f32) {
    let size = x.len() as f32;
    // Sums lane by lane, in an order that does not depend on the processor.
    let sum = |term: fn(f32, f32) -> f32, mean: f32| {
        let (chunks, rest) = x.as_chunks::<LANES>();
        let mut sums = [0f32; LANES];
        for chunk in chunks {
            for (sum, x) in sums.iter_mut().zip(chunk) {
                *sum += term(*x, mean);
            }
        }
        sums.iter().sum::<f32>() + rest.iter().map(|x| term(*x, mean)).sum::<f32>()
    };
    let mean = sum(|x, _| x, 0.0) / size;
    let variance = sum(|x, mean| (x - mean) * (x - mean), mean) / size;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

vectorized! {
    /// Layer norm of each row of `x`, scaled by `weight` and moved by `bias`, which are as long as a row.
    pub(crate) fn layer_norm(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32]) {
        for (x, out) in x.chunks_exact(weight.len()).zip(out.chunks_exact_mut(weight.len())) {
            let (mean, scale) = moments(x, epsilon);
            for (((out, x), weight), bias) in out.iter_mut().zip(x).zip(weight).zip(bias) {
                *out = (x - mean) * scale * weight + bias;
            }
        }
    }
}

vectorized! {
    /// Layer norm without bias of each `size` values of `x`, in their place. `weight` has values for one or more such
    /// groups, which take turns.
    pub(crate) fn layer_norm_in_place(x: &mut [f32], size: usize, weight: &[f32], epsilon: f32) {
        for x in x.chunks_exact_mut(weight.len()) {
            for (x, weight) in x.chunks_exact_mut(size).zip(weight.chunks_exact(size)) {
                let (mean, scale) = moments(x, epsilon);
                for (x, weight) in x.iter_mut().zip(weight) {
                    *x = (*x - mean) * scale * weight;
                }
            }
        }
    }
}

/// `silu(x) = x / (1 + e^-x)`: *Gaussian Error Linear Units* (arXiv 1606.08415), section 4.
#[inline(always)]
fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// The approximation of GELU that these models were trained with (arXiv 1606.08415, section 2),
/// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`, with `(1 + tanh(y)) / 2 = 1 / (1 + e^-2y)`.
#[inline(always)]
fn gelu_tanh(x: f32) -> f32 {
    /// `2 sqrt(2 / pi)`
    const SLOPE: f32 = 1.595_769_2;
    x / (1.0 + exp(-SLOPE * (x + 0.044_715 * x * x * x)))
}

vectorized! {
    /// `out = silu(gate) * up`.
    pub(crate) fn silu_mul(gate: &[f32], up: &[f32], out: &mut [f32]) {
        for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
            *out = silu(*gate) * up;
        }
    }
}

vectorized! {
    /// `out = gelu(gate) * up`, with the approximation by `tanh`.
    pub(crate) fn gelu_mul(gate: &[f32], up: &[f32], out: &mut [f32]) {
        for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
            *out = gelu_tanh(*gate) * up;
        }
    }
}

vectorized! {
    /// `out = gelu(x)`, with the approximation by `tanh`.
    pub(crate) fn gelu(x: &[f32], out: &mut [f32]) {
        for (out, x) in out.iter_mut().zip(x) {
            *out = gelu_tanh(*x);
        }
    }
}

vectorized! {
    /// `out = max(x, 0)^2`: *Primer* (arXiv 2109.08668).
    pub(crate) fn squared_relu(x: &[f32], out: &mut [f32]) {
        for (out, x) in out.iter_mut().zip(x) {
            let positive = x.max(0.0);
            *out = positive * positive;
        }
    }
}

/// Keeps values between `-cap` and `cap`, softly: `x = cap * tanh(x / cap)`.
pub(crate) fn softcap(x: &mut [f32], cap: f32) {
    for x in x {
        *x = cap * (*x / cap).tanh();
    }
}

/// `e^x` to about 2 units in the last place, without branches so that loops over it become vector code.
///
/// Method: `x = n ln 2 + r` with a whole `n` and `|r| <= ln 2 / 2`, then a polynomial for `e^r` and `n` added to the
/// exponent (Cody and Waite, *Software Manual for the Elementary Functions*).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// Adding and subtracting 1.5 * 2^23 rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts: the product of the first with a small whole number is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // Beyond these the result is 0 or infinite for all purposes here.
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut p = 1.0 / 5040.0;
    p = multiply_add(p, r, 1.0 / 720.0);
    p = multiply_add(p, r, 1.0 / 120.0);
    p = multiply_add(p, r, 1.0 / 24.0);
    p = multiply_add(p, r, 1.0 / 6.0);
    p = multiply_add(p, r, 0.5);
    p = multiply_add(p, r, 1.0);
    p = multiply_add(p, r, 1.0);
    // The low bits of the shifted number are `n`; a cast would be checked for overflow lane by lane.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    p * f32::from_bits(n.wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests;
