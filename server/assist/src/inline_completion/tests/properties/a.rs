//! Counts words.

use std::collections::HashMap;
use std::fmt;

/// How often each word occurs.
#[derive(Debug, Clone, Default)]
pub struct Counts<'a> {
    counts: HashMap<&'a str, usize>,
    longest: Option<&'a str>,
}

impl<'a> Counts<'a> {
    pub fn read(text: &'a str) -> Self {
        let mut counts = Self::default();
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            if word.is_empty() {
                continue;
            }
            *counts.counts.entry(word).or_insert(0) += 1;
            counts.longest = match counts.longest {
                Some(longest) if longest.len() >= word.len() => Some(longest),
                _ => Some(word),
            };
        }
        counts
    }

    pub fn most(&self) -> Option<(&'a str, usize)> {
        self.counts
            .iter()
            .map(|(&word, &count)| (word, count))
            .max_by_key(|&(_, count)| count)
    }
}

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((word, count)) = self.most() else {
            return write!(f, "nothing");
        };
        writeln!(f, "{word}: {count} of {}", self.counts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn counts_are_right() {
        let counts = Counts::read("a b a 'c' \"d\"");
        assert_eq!(counts.most(), Some(("a", 2)));
    }
}
