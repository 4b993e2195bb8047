//! An index of the places where short byte strings occur.
//!
//! For each of a few lengths k, a hash table from the k bytes before a place to the last such place, and from each
//! place to the one before it (the chains of LZ77 compressors). Building is one pass; memory is 4 bytes per byte of
//! text and length. Hashes may collide: whoever asks compares the text itself.

use std::sync::Arc;

/// Lengths indexed, the longest first. The shortest is the shortest match that is worth anything.
pub(super) const GRAMS: [usize; 3] = [12, 6, 3];

/// A text and where its short byte strings occur.
pub(super) struct GramIndex {
    text: Arc<str>,
    chains: [Chains; GRAMS.len()],
}

struct Chains {
    /// Hash to the last place, 0 for none: a place is the offset behind the gram, so it is never 0.
    last: Box<[u32]>,
    /// Place to the one before it with the same hash.
    earlier: Box<[u32]>,
}

impl GramIndex {
    pub(super) fn new(text: Arc<str>) -> Self {
        let bytes = text.as_bytes();
        debug_assert!(u32::try_from(bytes.len()).is_ok(), "windows are a few megabytes at most");
        let bits = (usize::BITS - bytes.len().leading_zeros()).clamp(8, 18);
        let chains = GRAMS.map(|gram| {
            let mut last = vec![0_u32; 1 << bits].into_boxed_slice();
            let mut earlier = vec![0_u32; bytes.len() + 1].into_boxed_slice();
            for (start, window) in bytes.windows(gram).enumerate() {
                let place = start + gram;
                let slot = &mut last[hash(window, bits)];
                earlier[place] = *slot;
                *slot = place as u32;
            }
            Chains { last, earlier }
        });
        Self { text, chains }
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Places behind an occurrence (or a hash collision) of `gram`, the last one first. `level` is its index in [`GRAMS`].
    pub(super) fn places(&self, level: usize, gram: &[u8]) -> impl Iterator<Item = usize> {
        debug_assert_eq!(gram.len(), GRAMS[level]);
        let chains = &self.chains[level];
        let bits = chains.last.len().trailing_zeros();
        let first = chains.last[hash(gram, bits)];
        std::iter::successors(Some(first), |&place| Some(chains.earlier[place as usize]))
            .take_while(|&place| place != 0)
            .map(|place| place as usize)
    }
}

/// A multiplicative hash of 3 to 16 bytes to `bits` bits.
fn hash(gram: &[u8], bits: u32) -> usize {
    let mut low = [0; 8];
    let mut high = [0; 8];
    let cut = gram.len().min(8);
    low[..cut].copy_from_slice(&gram[..cut]);
    high[..gram.len() - cut].copy_from_slice(&gram[cut..]);
    // Odd constants from the fractional parts of the golden ratio and of the square root of 2.
    let mixed = u64::from_le_bytes(low).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ u64::from_le_bytes(high).wrapping_mul(0x6a09_e667_f3bc_c909);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - bits)) as usize
}
