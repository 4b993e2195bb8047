//! Operations on whole vectors of `f32`.

use super::cpu::vectorized;

/// Values computed side by side; a multiple of every vector register's width.
const LANES: usize = 32;

/// Scalar product.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
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

vectorized! {
    /// Root-mean-square norm of each row of `x`, scaled by `weight`.
    pub(crate) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
        for (x, out) in x.chunks_exact(weight.len()).zip(out.chunks_exact_mut(weight.len())) {
            let mean_square = dot(x, x) / x.len() as f32;
            let scale = 1.0 / (mean_square + epsilon).sqrt();
            for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
                *out = x * scale * weight;
            }
        }
    }
}

vectorized! {
    /// `out = silu(gate) * up`, with `silu(x) = x / (1 + e^-x)`.
    pub(crate) fn silu_mul(gate: &[f32], up: &[f32], out: &mut [f32]) {
        for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
            *out = gate / (1.0 + exp(-gate)) * up;
        }
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
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    // The low bits of the shifted number are `n`; a cast would be checked for overflow lane by lane.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    p * f32::from_bits(n.wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::{add, dot, exp, rms_norm, silu_mul};

    #[test]
    fn exp_is_accurate() {
        for step in -86_000..88_000 {
            let x = step as f32 / 1000.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 3e-7, "exp({x}): relative error {error}");
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
        assert!(exp(1000.0) > 1e38);
    }

    #[test]
    fn sums_of_any_length() {
        for len in [0, 1, 31, 32, 33, 100] {
            let a: Vec<f32> = (0..len).map(|x| x as f32).collect();
            let ones = vec![1.0; len];
            assert_eq!(dot(&a, &ones), (len * len.saturating_sub(1) / 2) as f32);
            let mut y = a.clone();
            add(&mut y, &ones);
            assert_eq!(y.last().copied(), (len > 0).then_some(len as f32));
        }
    }

    #[test]
    fn norm_and_gate() {
        let mut out = [0.0; 4];
        rms_norm(&[3.0, 4.0, 0.0, 2.0], &[1.0, 2.0], 0.0, &mut out);
        let expected = [3.0 / 12.5f32.sqrt(), 8.0 / 12.5f32.sqrt(), 0.0, 2.0 * 2f32.sqrt()];
        for (out, expected) in out.iter().zip(expected) {
            assert!((out - expected).abs() < 1e-6);
        }
        silu_mul(&[0.0, 1.0, -200.0, 200.0], &[5.0, 2.0, 1.0, 0.5], &mut out);
        let expected = [0.0, 2.0 / (1.0 + (-1f32).exp()), 0.0, 100.0];
        for (out, expected) in out.iter().zip(expected) {
            assert!((out - expected).abs() < 1e-6, "{out} {expected}");
        }
    }
}
