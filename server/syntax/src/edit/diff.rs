//! The difference of two texts as edits.
//!
//! Lines that occur once in both texts are matched first (patience diff), what lies between
//! two of them is compared by the greedy algorithm of E. Myers, "An O(ND) Difference Algorithm
//! and Its Variations" (1986), and what then differs is narrowed to characters.

use std::{collections::HashMap, ops::Range};

use crate::{TextEdit, TextRange};

/// Insertions plus deletions of lines, between two anchors, up to which the shortest script is
/// searched. The search takes memory and time quadratic in it: 1000 are 8 MB and some ms.
const MAX_LINE_CHANGES: usize = 1000;

pub(super) fn minimal_edits(old: &str, new: &str) -> Vec<TextEdit> {
    let (old_lines, new_lines) = (Lines::new(old), Lines::new(new));
    let mut ids = HashMap::new();
    let old_ids = old_lines.ids(&mut ids);
    let new_ids = new_lines.ids(&mut ids);
    let mut hunks = Hunks::default();
    diff_between_anchors(&old_ids, &new_ids, &mut hunks);
    hunks
        .0
        .into_iter()
        .map(|hunk| narrowed(old, new, old_lines.bytes(hunk.old), new_lines.bytes(hunk.new)))
        .filter(|edit| !edit.range.is_empty() || !edit.new_text.is_empty())
        .collect()
}

/// A text cut after each `\n`. (A lone `\r` does not need a cut of its own: the narrowing to
/// characters finds it.)
struct Lines<'a> {
    text: &'a str,
    /// Where each line starts, and the text's end.
    bounds: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let mut bounds = vec![0];
        for line in text.split_inclusive('\n') {
            bounds.push(bounds[bounds.len() - 1] + line.len());
        }
        Self { text, bounds }
    }

    /// One number for each line, equal for equal lines.
    fn ids(&self, ids: &mut HashMap<&'a str, usize>) -> Vec<usize> {
        self.text
            .split_inclusive('\n')
            .map(|line| {
                let next = ids.len();
                *ids.entry(line).or_insert(next)
            })
            .collect()
    }

    fn bytes(&self, lines: Range<usize>) -> Range<usize> {
        self.bounds[lines.start]..self.bounds[lines.end]
    }
}

/// Lines of the old text replaced by lines of the new one.
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

/// Hunks in ascending order; neighbours that touch are one.
#[derive(Default)]
struct Hunks(Vec<Hunk>);

impl Hunks {
    fn push(&mut self, old: Range<usize>, new: Range<usize>) {
        if old.is_empty() && new.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => self.0.push(Hunk { old, new }),
        }
    }
}

fn diff_between_anchors(old: &[usize], new: &[usize], hunks: &mut Hunks) {
    let (mut old_from, mut new_from) = (0, 0);
    for (old_at, new_at) in anchors(old, new) {
        diff_gap(old, new, old_from..old_at, new_from..new_at, hunks);
        (old_from, new_from) = (old_at + 1, new_at + 1);
    }
    diff_gap(old, new, old_from..old.len(), new_from..new.len(), hunks);
}

/// The longest ascending sequence of pairs of lines that occur once in each text.
fn anchors(old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
    /// How often a line occurs in the two texts, and where it did last.
    #[derive(Clone, Copy, Default)]
    struct Occurrence {
        in_old: usize,
        in_new: usize,
        new_at: usize,
    }
    let mut occurrences: HashMap<usize, Occurrence> = HashMap::new();
    for id in old {
        occurrences.entry(*id).or_default().in_old += 1;
    }
    for (at, id) in new.iter().enumerate() {
        let occurrence = occurrences.entry(*id).or_default();
        occurrence.in_new += 1;
        occurrence.new_at = at;
    }
    let unique = |id: &usize| Some(occurrences[id]).filter(|it| it.in_old == 1 && it.in_new == 1);
    let pairs: Vec<(usize, usize)> =
        old.iter().enumerate().filter_map(|(at, id)| Some((at, unique(id)?.new_at))).collect();

    // Patience sorting: `tails[n]` is the pair that ends the best sequence of n + 1 pairs.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (_, new_at)) in pairs.iter().enumerate() {
        let length = tails.partition_point(|tail| pairs[*tail].1 < *new_at);
        before.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(index);
        } else {
            tails[length] = index;
        }
    }
    let mut sequence = Vec::with_capacity(tails.len());
    let mut last = tails.last().copied();
    while let Some(index) = last {
        sequence.push(pairs[index]);
        last = before[index];
    }
    sequence.reverse();
    sequence
}

fn diff_gap(old: &[usize], new: &[usize], old_gap: Range<usize>, new_gap: Range<usize>, hunks: &mut Hunks) {
    let (old_lines, new_lines) = (&old[old_gap.clone()], &new[new_gap.clone()]);
    let prefix = old_lines.iter().zip(new_lines).take_while(|(a, b)| a == b).count();
    let (old_lines, new_lines) = (&old_lines[prefix..], &new_lines[prefix..]);
    let suffix = old_lines.iter().rev().zip(new_lines.iter().rev()).take_while(|(a, b)| a == b).count();
    let old_lines = &old_lines[..old_lines.len() - suffix];
    let new_lines = &new_lines[..new_lines.len() - suffix];
    let (old_start, new_start) = (old_gap.start + prefix, new_gap.start + prefix);
    let Some(matches) = longest_common(old_lines, new_lines) else {
        hunks.push(old_start..old_start + old_lines.len(), new_start..new_start + new_lines.len());
        return;
    };
    let (mut old_from, mut new_from) = (0, 0);
    for (old_at, new_at) in matches.into_iter().chain([(old_lines.len(), new_lines.len())]) {
        hunks.push(old_start + old_from..old_start + old_at, new_start + new_from..new_start + new_at);
        (old_from, new_from) = (old_at + 1, new_at + 1);
    }
}

/// The pairs of a longest common subsequence, ascending; `None` when the search got too long.
fn longest_common(old: &[usize], new: &[usize]) -> Option<Vec<(usize, usize)>> {
    if old.is_empty() || new.is_empty() {
        return Some(Vec::new());
    }
    // `furthest[k]` is how far in `old` a path on diagonal `k - offset` (old minus new) gets with d changes.
    let limit = (old.len() + new.len()).min(MAX_LINE_CHANGES);
    let offset = limit + 1;
    let mut furthest = vec![0_usize; 2 * offset + 1];
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let down = |furthest: &[usize], k: usize, low: usize, high: usize| {
        k == low || (k != high && furthest[k - 1] < furthest[k + 1])
    };
    let mut found = false;
    'search: for d in 0..=limit {
        rounds.push(furthest[offset - d..=offset + d].to_vec());
        for k in (offset - d..=offset + d).step_by(2) {
            let mut x = if down(&furthest, k, offset - d, offset + d) { furthest[k + 1] } else { furthest[k - 1] + 1 };
            let mut y = x + offset - k;
            while x < old.len() && y < new.len() && old[x] == new[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[k] = x;
            if x >= old.len() && y >= new.len() {
                found = true;
                break 'search;
            }
        }
    }
    if !found {
        return None;
    }
    // Backwards along the path, one round for each change.
    let mut pairs = Vec::new();
    let (mut x, mut y) = (old.len(), new.len());
    for (d, round) in rounds.iter().enumerate().rev() {
        let at = |k: usize| round[k - (offset - d)];
        let k = x + offset - y;
        let (low, high) = (offset - d, offset + d);
        let (start_x, previous) = if d == 0 {
            (0, (0, 0))
        } else if k == low || (k != high && at(k - 1) < at(k + 1)) {
            let previous_x = at(k + 1);
            (previous_x, (previous_x, previous_x + offset - (k + 1)))
        } else {
            let previous_x = at(k - 1);
            (previous_x + 1, (previous_x, previous_x + offset - (k - 1)))
        };
        while x > start_x {
            (x, y) = (x - 1, y - 1);
            pairs.push((x, y));
        }
        (x, y) = previous;
    }
    pairs.reverse();
    Some(pairs)
}

/// The edit that replaces `old_range` of `old` by `new_range` of `new`, without the characters
/// that the two have in common at their ends.
fn narrowed(old: &str, new: &str, old_range: Range<usize>, new_range: Range<usize>) -> TextEdit {
    let (before, after) = (&old[old_range.clone()], &new[new_range]);
    let mut prefix = common_prefix(before, after);
    if splits_crlf(old, old_range.start + prefix) {
        prefix -= 1;
    }
    let mut suffix = common_suffix(&before[prefix..], &after[prefix..]);
    if splits_crlf(old, old_range.end - suffix) {
        suffix -= 1;
    }
    TextEdit {
        range: TextRange::new(old_range.start + prefix, old_range.end - suffix),
        new_text: after[prefix..after.len() - suffix].to_owned(),
    }
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn common_suffix(a: &str, b: &str) -> usize {
    a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn splits_crlf(text: &str, offset: usize) -> bool {
    let bytes = text.as_bytes();
    0 < offset && offset < bytes.len() && bytes[offset - 1] == b'\r' && bytes[offset] == b'\n'
}
