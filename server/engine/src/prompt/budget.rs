//! Shortens a fill-in-the-middle prompt to what fits.
//!
//! What goes first: other files, the last ones first; then the suffix's far end, down to a quarter of the room; then
//! the prefix's far end, of which the landmarks stay. Texts are cut at line ends. The places do not move with each keystroke but in blocks, because
//! a prompt that begins elsewhere finds nothing in the KV cache.

use super::cut::{SUFFIX_SHARE, line_start, split_primer};
use crate::tokenizer::Tokenizer;
use crate::{FimOrder, FimPrompt, Landmark};

/// Tokens by which the beginning of a prefix moves, where the room allows.
const BLOCK: usize = 512;
/// Landmarks take at most this share of the prefix's room (one n-th).
const HEAD_SHARE: usize = 4;
/// Text further away than this many bytes for each token of the room is not even looked at: code has three to five
/// bytes a token, and a whole file would be tokenized with each keystroke.
const FAR: usize = 12;
/// That limit moves in this share of itself (one n-th), for a prefix.
const FAR_SHARE: usize = 4;

/// Other files' text as tokens.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Before the first file.
    pub(super) opening: Vec<u32>,
    /// One entry a file.
    pub(super) parts: Vec<Vec<u32>>,
    /// Behind the last file.
    pub(super) closing: Vec<u32>,
    /// Behind the prefix marker.
    pub(super) title: Vec<u32>,
}

/// The parts of a prompt that fit.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) files: Vec<u32>,
    /// Behind the prefix marker.
    pub(super) title: Vec<u32>,
    /// Before the hole, without what stands behind the middle marker; nothing where the suffix comes first.
    pub(super) prefix: Vec<u32>,
    /// Behind the middle marker: all of the prefix, or what is being written of it.
    pub(super) primer: Vec<u32>,
    pub(super) suffix: Vec<u32>,
}

/// Shortens until `room` tokens are enough.
pub(super) fn fit(prompt: &FimPrompt, mut files: Files, tokenizer: &Tokenizer, order: FimOrder, room: usize) -> Fitted {
    let start = near_end(&prompt.prefix, room);
    let mut prefix = Prefix::new(prompt, start, room / HEAD_SHARE, order, tokenizer);
    let near = near_start(&prompt.suffix, room);
    // No space in front: Code Llama's and Codestral's own code takes care of that too.
    let mut suffix = tokenizer.encode_continuation(near);

    let outer = files.opening.len() + files.closing.len() + files.title.len();
    let mut inner: usize = files.parts.iter().map(Vec::len).sum();
    while !files.parts.is_empty() && prefix.len() + suffix.len() + outer + inner > room {
        inner -= files.parts.pop().map_or(0, |part| part.len());
    }
    let (files, title) = if files.parts.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        ([files.opening, files.parts.concat(), files.closing].concat(), files.title)
    };

    let room = room - files.len() - title.len();
    let block = BLOCK.min(room / SUFFIX_SHARE).max(1);
    if prefix.len() + suffix.len() > room {
        // In whole blocks of the prefix, so that typing does not shorten the suffix token by token.
        let rest = room.saturating_sub(prefix.len().next_multiple_of(block));
        suffix = shorten_suffix(near, suffix, tokenizer, rest.max(room / SUFFIX_SHARE));
        prefix = prefix.shorten(room - suffix.len(), block);
    }
    let (prefix, primer) = prefix.parts();
    Fitted { files, title, prefix, primer, suffix }
}

/// A prefix as text and as tokens.
struct Prefix<'a> {
    hole: &'a FimPrompt,
    /// Where the part that is shown begins.
    start: usize,
    order: FimOrder,
    tokenizer: &'a Tokenizer,
    /// The landmarks of what is not shown.
    head: Vec<u32>,
    before: Vec<u32>,
    primer: Vec<u32>,
}

impl<'a> Prefix<'a> {
    /// The prefix from `start` on, behind at most `head_room` tokens of landmarks.
    fn new(hole: &'a FimPrompt, start: usize, head_room: usize, order: FimOrder, tokenizer: &'a Tokenizer) -> Self {
        let head = head(hole, start, head_room, tokenizer);
        let encode = |text: &str| {
            if head.is_empty() { tokenizer.encode_plain(text) } else { tokenizer.encode_continuation(text) }
        };
        let text = &hole.prefix[start..];
        let (before, primer) = match order {
            FimOrder::Spm => (Vec::new(), encode(text)),
            FimOrder::Psm => {
                let (before, written) = split_primer(text, hole.primer);
                (encode(before), tokenizer.encode_continuation(written))
            }
        };
        Self { hole, start, order, tokenizer, head, before, primer }
    }

    fn len(&self) -> usize {
        self.head.len() + self.before.len() + self.primer.len()
    }

    /// The same prefix with a later beginning, such that at most `most` tokens are left. Blocks are counted from the
    /// beginning, which does not move while somebody types at the end.
    fn shorten(self, most: usize, block: usize) -> Self {
        if self.len() <= most {
            return self;
        }
        let head_room = most / HEAD_SHARE;
        let reserve = head(self.hole, self.hole.prefix.len(), head_room, self.tokenizer).len().max(self.head.len());
        let surplus = (self.before.len() + self.primer.len() + reserve).saturating_sub(most);
        let dropped = surplus.next_multiple_of(block);
        let text = &self.hole.prefix;
        let mut start = line_start(text, self.start + self.bytes_of_first(dropped));
        loop {
            let shorter = Self::new(self.hole, start, head_room, self.order, self.tokenizer);
            let over = shorter.len().saturating_sub(most);
            if over == 0 {
                return shorter;
            }
            // Cut apart, a text may have a few tokens more, and its landmarks may be others; the last line may be longer
            // than all that fits.
            start = line_start(text, start + shorter.bytes_of_first(over.next_multiple_of(block)).max(1));
        }
    }

    fn bytes_of_first(&self, tokens: usize) -> usize {
        bytes_of(self.before.iter().chain(&self.primer).take(tokens), self.tokenizer)
    }

    /// What stands before the suffix of a prefix-first prompt, and what stands behind the middle marker.
    fn parts(mut self) -> (Vec<u32>, Vec<u32>) {
        match self.order {
            FimOrder::Psm => {
                self.head.extend(self.before);
                (self.head, self.primer)
            }
            FimOrder::Spm => {
                self.head.extend(self.primer);
                (Vec::new(), self.head)
            }
        }
    }
}

/// The landmarks that explain the prefix from `start` on and lie before, in at most `most` tokens: the last ones, which
/// are the innermost heads.
fn head(hole: &FimPrompt, start: usize, most: usize, tokenizer: &Tokenizer) -> Vec<u32> {
    let goes_on = |landmark: &Landmark| landmark.until > start || landmark.until == hole.prefix.len();
    let explains = |landmark: &&Landmark| landmark.range.end <= start && goes_on(landmark);
    let mut lines: Vec<&str> =
        hole.landmarks.iter().filter(explains).filter_map(|landmark| hole.prefix.get(landmark.range.clone())).collect();
    loop {
        let tokens = if lines.is_empty() { Vec::new() } else { tokenizer.encode_plain(&lines.concat()) };
        if tokens.len() <= most {
            return tokens;
        }
        lines.remove(0);
    }
}

/// The beginning of a suffix, such that at most `most` tokens are left.
fn shorten_suffix(text: &str, tokens: Vec<u32>, tokenizer: &Tokenizer, most: usize) -> Vec<u32> {
    let mut tokens = tokens;
    let mut end = text.len();
    while tokens.len() > most {
        let kept = bytes_of(tokens.iter().take(most), tokenizer).min(end.saturating_sub(1));
        let kept = text.floor_char_boundary(kept);
        // A line of which nothing fits is cut inside.
        end = text[..kept].rfind('\n').map_or(kept, |newline| newline + 1);
        tokens = tokenizer.encode_continuation(&text[..end]);
    }
    tokens
}

fn bytes_of<'a>(tokens: impl Iterator<Item = &'a u32>, tokenizer: &Tokenizer) -> usize {
    tokens.map(|token| tokenizer.vocab().written(*token).len()).sum()
}

/// Where the end of a text begins that could fit, and a little later: the place moves in steps counted from the beginning.
fn near_end(text: &str, room: usize) -> usize {
    let far = room.saturating_mul(FAR);
    match text.len().checked_sub(far) {
        None | Some(0) => 0,
        Some(surplus) => line_start(text, surplus.next_multiple_of((far / FAR_SHARE).max(1))),
    }
}

/// As much of the beginning of a text as could fit.
fn near_start(text: &str, room: usize) -> &str {
    &text[..text.floor_char_boundary(room.saturating_mul(FAR))]
}

#[cfg(test)]
mod tests {
    use super::{near_end, near_start};

    #[test]
    fn far_text_is_left_out_in_steps() {
        let line = "let x = 1;\n";
        let mut starts = Vec::new();
        for lines in 0..1000 {
            let text = line.repeat(lines);
            let near = &text[near_end(&text, 100)..];
            assert!(text.ends_with(near) && near.starts_with(line) == (lines > 0));
            // Nine bytes a token are still there.
            assert!(near.len() >= text.len().min(900 - line.len()) && near.len() <= 1200, "{lines}: {}", near.len());
            starts.push(text.len() - near.len());
        }
        starts.dedup();
        assert!((30..=35).contains(&starts.len()), "{starts:?}");
        assert_eq!(near_start(&"é".repeat(1000), 100).len(), 1200);
        assert_eq!((near_start("é", 100), near_end("é", 100), near_end("é", 0)), ("é", 0, 2));
    }
}
