//! What somebody who knows what is to be written takes of a suggestion.

/// A suggestion that saves fewer characters is not worth a look.
const MIN_TAKEN: usize = 3;

/// What is taken of a suggestion, in bytes of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Nothing,
    /// Its first line, without the line's end.
    FirstLine(usize),
    Whole(usize),
}

impl Taken {
    /// What is right of `suggestion`, where `rest` is to be written. White space at its end counts for nothing.
    pub(super) fn of(suggestion: &str, rest: &str) -> Self {
        // Only the last character of a word is a word's end.
        let ends_well = |text: &str| {
            let next = rest[text.len()..].chars().next();
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !(is_word(text.chars().next_back()) && is_word(next))
        };
        let is_right = |text: &str| text.chars().count() >= MIN_TAKEN && rest.starts_with(text) && ends_well(text);
        let suggestion = suggestion.trim_end();
        let first_line = suggestion.lines().next().unwrap_or_default();
        if is_right(suggestion) {
            Self::Whole(suggestion.len())
        } else if first_line.len() < suggestion.len() && is_right(first_line) {
            Self::FirstLine(first_line.len())
        } else {
            Self::Nothing
        }
    }

    /// Its length in bytes.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::FirstLine(length) | Self::Whole(length) => length,
        }
    }
}

/// Characters that need no key when this text is taken: the key that takes it counts as one.
pub(super) fn saved_characters(taken: &str) -> usize {
    taken.chars().count().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::{Taken, saved_characters};

    fn check(suggestion: &str, expected: Taken) {
        let rest = "os.path\n    é = 1\nprint(value)";
        assert_eq!(Taken::of(suggestion, rest), expected, "{suggestion:?}");
    }

    #[test]
    fn what_is_taken() {
        check("os.path", Taken::Whole(7));
        check("os.path\n    é = 1", Taken::Whole(18));
        check("os.path\n    f = 1", Taken::FirstLine(7));
        check("os.pa", Taken::Nothing);
        check("os", Taken::Nothing);
        check("os.", Taken::Whole(3));
        check("sys.path", Taken::Nothing);
        assert_eq!((saved_characters("é = 1"), saved_characters("")), (4, 0));
    }
}
