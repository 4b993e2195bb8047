//! A set of tokens as bits: what a grammar or a healed prompt allows next.

/// Token ids as bits, 32 a word, the lowest id in the lowest bit: the layout of llguidance's masks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenSet(Vec<u32>);

impl TokenSet {
    /// The set whose bits these are.
    pub(crate) fn from_words(words: Vec<u32>) -> Self {
        Self(words)
    }

    /// Adds a token.
    pub(crate) fn insert(&mut self, token: u32) {
        let word = token as usize / 32;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (token % 32);
    }

    /// Takes a token out.
    pub(crate) fn remove(&mut self, token: u32) {
        if let Some(word) = self.0.get_mut(token as usize / 32) {
            *word &= !(1 << (token % 32));
        }
    }

    /// Whether a token is in the set.
    pub(crate) fn contains(&self, token: u32) -> bool {
        self.0.get(token as usize / 32).is_some_and(|word| word >> (token % 32) & 1 == 1)
    }

    /// Whether no token is.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Makes every token outside the set impossible.
    pub(crate) fn restrict(&self, logits: &mut [f32]) {
        let words = self.0.iter().copied().chain(std::iter::repeat(0));
        for (logits, word) in logits.chunks_mut(32).zip(words) {
            match word {
                u32::MAX => {}
                0 => logits.fill(f32::NEG_INFINITY),
                _ => {
                    for (bit, logit) in logits.iter_mut().enumerate() {
                        *logit = if word >> bit & 1 == 1 { *logit } else { f32::NEG_INFINITY };
                    }
                }
            }
        }
    }
}

impl FromIterator<u32> for TokenSet {
    fn from_iter<Tokens: IntoIterator<Item = u32>>(tokens: Tokens) -> Self {
        let mut set = Self::default();
        for token in tokens {
            set.insert(token);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::TokenSet;

    #[test]
    fn a_row_keeps_what_is_in_the_set() {
        let tokens = [0, 5, 31, 32, 64, 65, 66, 67, 99, 150];
        let mut set: TokenSet = tokens.into_iter().chain(100..140).collect();
        let mut row: Vec<f32> = (0..200).map(|token| token as f32).collect();
        set.restrict(&mut row);
        for (token, logit) in (0_u32..).zip(&row) {
            let allowed = tokens.contains(&token) || (100..140).contains(&token);
            assert_eq!(*logit, if allowed { token as f32 } else { f32::NEG_INFINITY });
            assert_eq!(set.contains(token), allowed, "{token}");
        }
        for token in tokens.into_iter().chain(100..141) {
            set.remove(token);
        }
        assert!(set.is_empty());
        assert!(!set.contains(u32::MAX));
        set.remove(u32::MAX);
    }
}
