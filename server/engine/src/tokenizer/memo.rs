//! Remembers the tokens of words: code says the same words over and over, and the same prompt comes with every
//! keystroke.

use std::collections::HashMap;
use std::sync::{Mutex, TryLockError};

/// Longest word that is remembered, in bytes: longer ones are rare, and seldom come again.
const LONGEST: usize = 64;
/// Most words. With their texts and tokens they take 4 MiB at most, usually one.
const CAPACITY: usize = 1 << 15;

/// Words and their tokens.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<Remembered>);

/// What is remembered; one thread at a time has it.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Where each word's tokens are.
    words: HashMap<Box<str>, (u32, u32)>,
    tokens: Vec<u32>,
}

impl Memo {
    /// Runs `encode` with what is remembered; with nothing while another thread has it.
    pub(super) fn with<R>(&self, encode: impl FnOnce(&mut Remembered) -> R) -> R {
        match self.0.try_lock() {
            Ok(mut remembered) => encode(&mut remembered),
            Err(TryLockError::Poisoned(poisoned)) => encode(&mut poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => encode(&mut Remembered::default()),
        }
    }
}

impl Remembered {
    /// Appends the tokens of `word`; `encode` is asked for those that are not known yet.
    pub(super) fn append(&mut self, word: &str, tokens: &mut Vec<u32>, encode: impl FnOnce(&mut Vec<u32>)) {
        if word.len() > LONGEST {
            encode(tokens);
            return;
        }
        if let Some((from, to)) = self.words.get(word) {
            tokens.extend_from_slice(&self.tokens[*from as usize..*to as usize]);
            return;
        }
        let before = tokens.len();
        encode(tokens);
        if self.words.len() >= CAPACITY {
            *self = Self::default();
        }
        let index = |at: usize| u32::try_from(at).expect("32,768 words of 64 bytes have 2 million tokens at most");
        let from = index(self.tokens.len());
        self.tokens.extend_from_slice(&tokens[before..]);
        self.words.insert(word.into(), (from, index(self.tokens.len())));
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, Memo};

    #[test]
    fn words_are_encoded_once_and_forgotten_in_time() {
        let memo = Memo::default();
        let mut asked = 0;
        let mut encode = |word: &str| {
            let mut tokens = Vec::new();
            memo.with(|it| {
                it.append(word, &mut tokens, |tokens| {
                    asked += 1;
                    tokens.extend(word.bytes().map(u32::from));
                });
            });
            assert_eq!(tokens, word.bytes().map(u32::from).collect::<Vec<_>>());
            asked
        };
        assert_eq!((encode("a"), encode("bc"), encode("a"), encode("bc")), (1, 2, 2, 2));
        let long = "x".repeat(100);
        assert_eq!((encode(&long), encode(&long)), (3, 4));
        for word in 2..=CAPACITY {
            encode(&word.to_string());
        }
        memo.with(|it| assert_eq!(it.words.len(), 1));
    }
}
