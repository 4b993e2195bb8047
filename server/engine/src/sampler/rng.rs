//! The random numbers of the sampler: PCG32 (O'Neill 2014, XSH-RR 64/32), written out here so that a seed gives the
//! same text on every platform and with every version of a library. Not for secrets.

const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
/// Which of the generator's streams; any odd number.
const INCREMENT: u64 = 1_442_695_040_888_963_407;

/// A generator with 64 bits of state.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The generator of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Self(INCREMENT);
        rng.next();
        rng.0 = rng.0.wrapping_add(seed);
        rng.next();
        rng
    }

    fn next(&mut self) -> u32 {
        let state = self.0;
        self.0 = state.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        #[expect(clippy::cast_possible_truncation, reason = "the permutation keeps 32 of 64 bits")]
        let mixed = (((state >> 18) ^ state) >> 27) as u32;
        mixed.rotate_right((state >> 59) as u32)
    }

    /// Evenly distributed in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.next()) / 4_294_967_296.0
    }
}

/// The seed of the `index`-th of several answers, far from its neighbours' (the finalizer of SplitMix64: Steele, Lea
/// and Flood 2014); the first keeps the request's seed.
pub(crate) fn derive_seed(seed: u64, index: u64) -> u64 {
    if index == 0 {
        return seed;
    }
    let mut mixed = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
