//! Where the texts around a hole may be cut, and the names that a prompt with other files gives to what has none: shared
//! by the prompts that are written here as tokens (`prompt/budget.rs`, `prompt.rs`) and those that a server writes
//! (`remote/fit.rs`, `remote/body/fim.rs`), so that both keep the same text. How much fits is theirs to know.

/// The suffix keeps at least this share of the room (one n-th).
pub(crate) const SUFFIX_SHARE: usize = 4;
/// Name of the repository in a prompt with other files' text; the models want one, and theirs is not known here.
pub(crate) const REPOSITORY: &str = "workspace";
/// Path of a file that has none yet, in the same prompts.
pub(crate) const UNTITLED: &str = "untitled";

/// The prefix up to where its last line starts, or up to its last `primer` bytes where those are more, and the rest: in a
/// prompt that has the suffix behind the prefix, what somebody types belongs behind the suffix.
pub(crate) fn split_primer(prefix: &str, primer: usize) -> (&str, &str) {
    let last_line = prefix.rfind('\n').map_or(0, |newline| newline + 1);
    let primer = prefix.floor_char_boundary(prefix.len().saturating_sub(primer));
    prefix.split_at(last_line.min(primer))
}

/// The first line start at or behind a place; the place itself where no further line begins.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    let at = text.ceil_char_boundary(at.min(text.len()));
    if at == 0 || text[..at].ends_with('\n') {
        return at;
    }
    match text[at..].find('\n') {
        Some(newline) if at + newline + 1 < text.len() => at + newline + 1,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::{line_start, split_primer};

    #[test]
    fn what_is_being_written_is_apart() {
        assert_eq!(split_primer("a\n  b", 0), ("a\n", "  b"));
        assert_eq!(split_primer("a\n", 0), ("a\n", ""));
        assert_eq!(split_primer("a", 0), ("", "a"));
        // The last line always is; more of it where asked for, in whole characters.
        assert_eq!(split_primer("a\nb\nc", 1), ("a\nb\n", "c"));
        assert_eq!(split_primer("a\nb\nc", 3), ("a\n", "b\nc"));
        assert_eq!(split_primer("a\né\nc", 3), ("a\n", "é\nc"));
        assert_eq!(split_primer("a\nb", 99), ("", "a\nb"));
    }

    #[test]
    fn lines_and_characters_stay_whole() {
        // Bytes: `é` 0..2, newline 2, `b` 3, newline 4, `😀` 5..9.
        let text = "é\nb\n😀";
        let starts: Vec<usize> = (0..=10).map(|at| line_start(text, at)).collect();
        assert_eq!(starts, [0, 3, 3, 3, 5, 5, 9, 9, 9, 9, 9]);
        // No line begins behind the last line end.
        assert_eq!((line_start("a\n", 1), line_start("", 3)), (1, 0));
    }
}
