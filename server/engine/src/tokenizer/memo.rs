//! Remembers the tokens of pieces of text, because the same prefix and suffix come with every keystroke: cutting text
//! into words runs at about a megabyte a second (measured 2026-11), which is too slow for whole files.
//!
//! Text is cut where all pre-tokenizers of `pre.rs` begin a new word, whatever comes before and behind (some look at
//! what follows white space), so the tokens are those of the uncut text; a test compares them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Pieces are at least this long, in bytes, where the text has places to cut.
const PIECE: usize = 512;
/// Most bytes of text that are remembered.
const CAPACITY: usize = 1 << 20;

/// Pieces and their tokens.
#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    pieces: HashMap<Box<str>, Box<[u32]>>,
    bytes: usize,
}

impl Memo {
    /// Appends the tokens of `text`; `encode` is asked for the pieces that are not known yet.
    pub(crate) fn encode(&self, text: &str, tokens: &mut Vec<u32>, encode: impl Fn(&str, &mut Vec<u32>)) {
        for piece in pieces(text) {
            // The last piece changes with each keystroke, and short ones are cheap.
            if piece.len() < PIECE {
                encode(piece, tokens);
                continue;
            }
            if let Some(known) = self.lock().pieces.get(piece) {
                tokens.extend_from_slice(known);
                continue;
            }
            let from = tokens.len();
            encode(piece, tokens);
            let mut remembered = self.lock();
            if remembered.bytes + piece.len() > CAPACITY {
                *remembered = Remembered::default();
            }
            remembered.bytes += piece.len();
            remembered.pieces.insert(piece.into(), tokens[from..].into());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cuts a text at the first possible place behind every `PIECE` bytes.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, behind) = rest.split_at(cut(rest));
        rest = behind;
        Some(piece)
    })
}

fn cut(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_cut = |at: &usize| match bytes[*at] {
        // Behind a word; behind a sign the line end might belong to it.
        b'\n' | b'\r' => bytes[at - 1].is_ascii_alphanumeric(),
        // Behind a line end that is all the white space there is.
        byte => byte.is_ascii_graphic() && bytes[at - 1] == b'\n' && bytes[at - 2].is_ascii_graphic(),
    };
    (PIECE..text.len()).find(is_cut).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{PIECE, pieces};

    #[test]
    fn pieces_end_with_lines_and_lose_nothing() {
        let text = "def f():\n    return (1)\n\n\nx()\n".repeat(100);
        let cut: Vec<&str> = pieces(&text).collect();
        assert!(cut.len() > 3 && cut.iter().all(|piece| piece.len() < PIECE + 40), "{cut:?}");
        assert!(cut[1..].iter().all(|piece| piece.starts_with("def") || piece.starts_with('\n')), "{cut:?}");
        assert_eq!(cut.concat(), text);
        // Nowhere to cut.
        let indented = "    x;\n".repeat(500);
        assert_eq!(pieces(&indented).collect::<Vec<_>>(), [indented.as_str()]);
        assert_eq!(pieces("").count(), 0);
    }
}
