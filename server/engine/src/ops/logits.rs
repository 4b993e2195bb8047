//! Passes over a whole row of logits, in chunks of [`CHUNK`]: a vocabulary of 150,000 is read twice for each token, and
//! what a sampler does after that looks at few chunks. No policy here.

/// Logits that are summed up as one value; the last chunk may be shorter.
pub(crate) const CHUNK: usize = 256;

/// Values computed side by side.
const LANES: usize = 32;

/// Defines a function that runs `$body`, safe code over slices, compiled for the widest vectors that the processor has.
/// Its constant parameter says whether a fused multiply-add is an instruction.
macro_rules! widest {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) = $body:ident) => {
        $(#[$meta])*
        $vis fn $name($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn wide_512($($arg: $type),*) {
                    $body::<true>($($arg),*);
                }
                #[target_feature(enable = "avx2,fma")]
                fn wide_256($($arg: $type),*) {
                    $body::<true>($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                {
                    #[expect(unsafe_code, reason = "code for a processor feature is called after asking for it")]
                    // SAFETY: the features that the function is compiled for have just been found.
                    return unsafe { wide_512($($arg),*) };
                }
                if super::cpu::has_avx2() {
                    #[expect(unsafe_code, reason = "code for a processor feature is called after asking for it")]
                    // SAFETY: the features that the function is compiled for have just been found.
                    return unsafe { wide_256($($arg),*) };
                }
            }
            $body::<{ cfg!(target_arch = "aarch64") }>($($arg),*);
        }
    };
}

widest! {
    /// The largest logit of each chunk. NaN counts for nothing; a chunk of nothing else has negative infinity.
    pub(crate) fn chunk_maxima(logits: &[f32], maxima: &mut [f32]) = maxima_body
}

widest! {
    /// The sum of `e^(scale * (logit - reference))` over the logits of each chunk that are at least `least`. NaN counts
    /// for nothing. Powers are accurate to 3e-7 and saturate at 2^-126 and 2^126.
    pub(crate) fn chunk_sums(logits: &[f32], least: f32, reference: f32, scale: f32, sums: &mut [f32]) = sums_body
}

#[inline(always)]
fn maxima_body<const FUSED: bool>(logits: &[f32], maxima: &mut [f32]) {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    for (chunk, maximum) in logits.chunks(CHUNK).zip(maxima) {
        let (groups, rest) = chunk.as_chunks::<LANES>();
        let mut lanes = [f32::NEG_INFINITY; LANES];
        for group in groups {
            for (lane, logit) in lanes.iter_mut().zip(group) {
                *lane = larger(*lane, *logit);
            }
        }
        *maximum = rest.iter().fold(fold(lanes, larger), |maximum, logit| larger(maximum, *logit));
    }
}

#[inline(always)]
fn sums_body<const FUSED: bool>(logits: &[f32], least: f32, reference: f32, scale: f32, sums: &mut [f32]) {
    let scale = scale * std::f32::consts::LOG2_E;
    let power = |logit: f32| {
        let power = exp2::<FUSED>(scale * (logit - reference));
        // NaN fails the comparison.
        if logit >= least { power } else { 0.0 }
    };
    for (chunk, sum) in logits.chunks(CHUNK).zip(sums) {
        let (groups, rest) = chunk.as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for group in groups {
            for (lane, logit) in lanes.iter_mut().zip(group) {
                *lane += power(*logit);
            }
        }
        *sum = rest.iter().fold(fold(lanes, |a, b| a + b), |sum, logit| sum + power(*logit));
    }
}

/// `2^x`, without branches: `x = n + f` with a whole `n` and `|f| <= 1/2`, a polynomial for `2^f`, and `n` added to the
/// exponent. The coefficients minimise the relative error (least squares over Chebyshev nodes).
#[inline(always)]
fn exp2<const FUSED: bool>(x: f32) -> f32 {
    /// Adding and subtracting 1.5 * 2^23 rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    const COEFFICIENTS: [f32; 6] = [1.326_697_1e-3, 9.675_46e-3, 5.550_742_5e-2, 0.240_221_22, 0.693_146_94, 1.0];
    let x = x.clamp(-126.0, 126.0);
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    let mut power: f32 = 0.0;
    for coefficient in COEFFICIENTS {
        power = if FUSED { power.mul_add(f, coefficient) } else { power * f + coefficient };
    }
    // The low bits of the shifted number are `n`; a cast would be checked for overflow lane by lane.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    power * f32::from_bits(n.wrapping_add(127) << 23)
}

/// Lanes to one value, always in the same order.
#[inline(always)]
fn fold(mut lanes: [f32; LANES], combine: impl Fn(f32, f32) -> f32) -> f32 {
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            lanes[lane] = combine(lanes[lane], lanes[lane + width]);
        }
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, chunk_maxima, chunk_sums, exp2};

    #[test]
    fn powers_are_accurate() {
        for step in -126_000..126_000 {
            let x = step as f32 / 1000.0;
            for power in [exp2::<false>(x), exp2::<true>(x)] {
                let exact = f64::from(x).exp2();
                assert!((f64::from(power) / exact - 1.0).abs() < 3e-7, "2^{x}: {power}");
            }
        }
        assert!(exp2::<false>(f32::NEG_INFINITY) < 1e-37 && exp2::<true>(200.0) > 1e37);
    }

    #[test]
    fn chunks_of_any_length() {
        for len in [0, 1, 31, 32, 255, 256, 257, 800] {
            let logits: Vec<f32> = (0..len).map(|x| ((x * 37) % 101) as f32 / 10.0 - 5.0).collect();
            let chunks = logits.len().div_ceil(CHUNK);
            let (mut maxima, mut sums) = (vec![0.0; chunks], vec![0.0; chunks]);
            for least in [f32::MIN, -1.0, 4.95] {
                chunk_maxima(&logits, &mut maxima);
                chunk_sums(&logits, least, 3.0, 0.5, &mut sums);
                for (index, chunk) in logits.chunks(CHUNK).enumerate() {
                    assert_eq!(maxima[index], chunk.iter().copied().fold(f32::NEG_INFINITY, f32::max));
                    let counted = chunk.iter().filter(|logit| **logit >= least);
                    let exact: f64 = counted.map(|logit| f64::from((logit - 3.0) * 0.5).exp()).sum();
                    assert!((f64::from(sums[index]) - exact).abs() <= exact * 1e-6, "{} {exact}", sums[index]);
                }
            }
        }
    }

    #[test]
    fn what_is_no_number() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let check = |logits: &[f32], maximum: f32, expected: f32| {
            let (mut maxima, mut sums) = ([0.0], [0.0]);
            chunk_maxima(logits, &mut maxima);
            chunk_sums(logits, f32::MIN, 0.0, 1.0, &mut sums);
            assert_eq!((maxima[0], sums[0] > 1e37 || sums[0] == expected), (maximum, true), "{logits:?} {sums:?}");
        };
        check(&[nan, 0.0, nan], 0.0, 1.0);
        check(&[nan; 20], -inf, 0.0);
        check(&[-inf; 40], -inf, 0.0);
        check(&[0.0, inf], inf, inf);
    }
}
