//! Shortens a fill-in-the-middle prompt to what a server's context holds. There is no tokenizer here, so lengths are
//! estimated in bytes, on the safe side.
//!
//! The order is the local engine's (`prompt/budget.rs`), and so are the cuts (`prompt/cut.rs`): other files go first, the last ones before the others; then the
//! suffix's far end, down to a quarter of the room; then the prefix's far end, in steps, because a prompt that begins
//! elsewhere finds nothing in the server's cache. Texts are cut at line ends.

use crate::FimPrompt;
use crate::prompt::cut::{SUFFIX_SHARE, line_start};

/// Bytes that a token stands for at least, in text that somebody wrote: code has three to five bytes a token.
const BYTES_PER_TOKEN: usize = 3;
/// The prefix's beginning moves in this share of the room (one n-th).
const STEP_SHARE: usize = 8;

/// Tokens that a text has at most, by its length.
pub(super) fn estimated_tokens(bytes: usize) -> usize {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// Bytes that a number of tokens holds at least.
pub(super) fn estimated_bytes(tokens: usize) -> usize {
    tokens.saturating_mul(BYTES_PER_TOKEN)
}

/// Shortens until the texts have at most `room` bytes.
pub(super) fn fit(mut prompt: FimPrompt, room: usize) -> FimPrompt {
    let mut files: usize = prompt.context.iter().map(|file| file.path.len() + file.text.len()).sum();
    while prompt.prefix.len() + prompt.suffix.len() + files > room
        && let Some(file) = prompt.context.pop()
    {
        files -= file.path.len() + file.text.len();
    }
    let room = room - files.min(room);
    let over = |prompt: &FimPrompt| prompt.prefix.len() + prompt.suffix.len() > room;
    let step = (room / STEP_SHARE).max(1);
    if over(&prompt) {
        // Room for the prefix in whole steps, so that typing does not move the suffix's end.
        let rest = room.saturating_sub(prompt.prefix.len().next_multiple_of(step));
        let end = line_end(&prompt.suffix, rest.max(room / SUFFIX_SHARE));
        prompt.suffix.truncate(end);
    }
    if over(&prompt) {
        let surplus = prompt.prefix.len() - (room - prompt.suffix.len());
        let start = line_start(&prompt.prefix, surplus.next_multiple_of(step));
        prompt.prefix.drain(..start);
    }
    prompt
}

/// The last line end at or before a place; the place itself where the first line is longer.
fn line_end(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    if at == text.len() { at } else { text[..at].rfind('\n').map_or(at, |newline| newline + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContextFile;

    fn prompt(files: usize, prefix_lines: usize, suffix_lines: usize) -> FimPrompt {
        let file = |i| ContextFile { path: format!("{i}.py"), text: "x".repeat(96) };
        FimPrompt {
            context: (0..files).map(file).collect(),
            prefix: "let a = 1\n".repeat(prefix_lines),
            suffix: "let b = 2\n".repeat(suffix_lines),
            ..FimPrompt::default()
        }
    }

    fn check(prompt: FimPrompt, room: usize, files: usize, prefix: usize, suffix: usize) {
        let fitted = fit(prompt.clone(), room);
        assert_eq!((fitted.context.len(), fitted.prefix.len(), fitted.suffix.len()), (files, prefix, suffix));
        assert!(prompt.prefix.ends_with(&fitted.prefix) && prompt.suffix.starts_with(&fitted.suffix));
    }

    #[test]
    fn what_goes_first() {
        check(prompt(3, 10, 10), 500, 3, 100, 100);
        check(prompt(3, 10, 10), 499, 2, 100, 100);
        check(prompt(3, 10, 10), 200, 0, 100, 100);
        // The suffix gives way to the prefix down to a quarter, then the prefix is cut in steps.
        check(prompt(1, 10, 10), 160, 0, 100, 60);
        check(prompt(0, 10, 10), 80, 0, 60, 20);
        check(prompt(0, 10, 10), 0, 0, 0, 0);
        check(prompt(1, 10, 10), usize::MAX, 1, 100, 100);
    }

    #[test]
    fn the_beginning_moves_in_steps_while_somebody_types() {
        let room = 8000;
        let mut begins = Vec::new();
        for typed in 0..2000 {
            let mut prompt = prompt(0, 1000, 10);
            prompt.prefix.push_str(&"y".repeat(typed));
            let whole = prompt.prefix.len();
            let fitted = fit(prompt, room);
            assert!(fitted.prefix.len() + fitted.suffix.len() <= room);
            begins.push(whole - fitted.prefix.len());
        }
        begins.dedup();
        assert!(begins.len() <= 4, "{begins:?}");
    }

    #[test]
    fn characters_stay_whole() {
        for room in 0..40 {
            let long = FimPrompt { prefix: "é😀".repeat(5), suffix: "ö\n".repeat(5), ..FimPrompt::default() };
            let fitted = fit(long, room);
            assert!(fitted.prefix.len() + fitted.suffix.len() <= room);
        }
    }

    #[test]
    fn estimates() {
        assert_eq!((estimated_tokens(0), estimated_tokens(1), estimated_tokens(7)), (0, 1, 3));
        assert_eq!(estimated_bytes(usize::MAX), usize::MAX);
    }
}
