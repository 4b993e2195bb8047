//! Which words were changed, followed through the versions of one document.
//!
//! A version differs from the one before in one stretch (what is common at the beginning and the end is cut off). A
//! stretch inside one word is a change of that word: the word is followed from then on, with the text before, however
//! it goes on: typed character by character, undone, or changed again. What a place was then is told by going back
//! through the stretches.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use syntax::{Document, Text, TextRange};

use super::Lead;

use crate::words::is_word;

/// Changed words that are followed; the least recently useful one is forgotten first.
const MAX_CHANGES: usize = 8;
/// A word that was changed so many versions ago is old news.
const MAX_VERSIONS: usize = 2000;

/// The changed words of a document.
#[derive(Default)]
pub(super) struct History {
    /// The version seen last.
    text: Option<Text>,
    changes: VecDeque<Change>,
    /// Where the last version differs from the one before.
    last: Option<TextRange>,
}

/// A word that was changed.
struct Change {
    /// The text before, and the word in it: empty for a word that was not there.
    before: Text,
    at: TextRange,
    /// Where it is now.
    now: TextRange,
    /// What changed since, the change itself included.
    since: Vec<Stretch>,
    references: Arc<OnceLock<Option<analysis::References>>>,
}

/// Where two versions differ: a range of the older one, and the length of what stands there in the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    old: TextRange,
    new_len: usize,
}

impl Stretch {
    fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let start = old.floor_char_boundary(start);
        let rest = a.len().min(b.len()) - start;
        let tail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let end = old.ceil_char_boundary(old.len() - tail);
        Some(Self { old: TextRange::new(start, end), new_len: new.len() - (old.len() - end) - start })
    }

    fn new_range(self) -> TextRange {
        TextRange::new(self.old.start, self.old.start + self.new_len)
    }

    /// Where a range of the older version is in the newer one; `None` when it was changed.
    fn forward(self, range: TextRange) -> Option<TextRange> {
        if self.old.end <= range.start {
            let by = |at: usize| at - self.old.len() + self.new_len;
            Some(TextRange::new(by(range.start), by(range.end)))
        } else {
            (range.end <= self.old.start).then_some(range)
        }
    }

    /// Where a range of the newer version was in the older one; `None` when it is new.
    fn back(self, range: TextRange) -> Option<TextRange> {
        Self { old: self.new_range(), new_len: self.old.len() }.forward(range)
    }
}

impl History {
    /// Takes note of the next version.
    pub(super) fn see(&mut self, text: &Text) {
        let Some(older) = self.text.replace(text.clone()) else { return };
        let (old, new) = (older.to_string(), text.to_string());
        let Some(stretch) = Stretch::between(&old, &new) else { return };
        self.last = Some(stretch.new_range());
        let words = word(&old, stretch.old).zip(word(&new, stretch.new_range()));
        let mut is_known = false;
        self.changes.retain_mut(|change| {
            is_known |= words.is_some_and(|(old, _)| change.now.contains(old));
            change.follow(stretch, words)
        });
        let Some((at, now)) = words.filter(|_| !is_known) else { return };
        if at.is_empty() {
            // A new word: followed only so that its next characters are not taken for a change of it.
            self.changes.retain(|change| !change.at.is_empty());
        }
        let change = Change { before: older, at, now, since: vec![stretch], references: Arc::default() };
        self.changes.push_back(change);
        if self.changes.len() > MAX_CHANGES {
            self.changes.pop_front();
        }
    }

    /// The changes whose old name stands on the line of `offset`, the last one first.
    pub(super) fn leads(&mut self, document: &Document, offset: usize) -> Vec<Lead> {
        let text = document.text();
        let line = text.line_range(text.line_of(offset));
        // Who is typing on this line wants to get on; the word under the cursor is another matter.
        let is_typing = self.last.is_some_and(|last| line.start <= last.end && last.start <= line.end);
        let names: Vec<_> = self.changes.iter().map(|change| change.names(text)).collect();
        let mut leads = Vec::new();
        for (index, change) in self.changes.iter().enumerate().rev() {
            let Some((old_name, new_name)) = &names[index] else { continue };
            if change.now.touches(offset) {
                continue;
            }
            let places: Vec<_> = occurrences(&text.slice(line), old_name)
                .map(|at| TextRange::new(line.start + at, line.start + at + old_name.len()))
                .filter(|place| !is_typing || place.touches(offset))
                .filter_map(|place| Some((place, change.back(place)?)))
                .collect();
            if places.is_empty() {
                continue;
            }
            let before = change.before.to_string();
            leads.push(Lead {
                before: Document::new(&before, document.language(), 0),
                at: change.at,
                new_name: new_name.clone(),
                places,
                is_repeated: names.iter().filter(|it| **it == names[index]).count() > 1,
                references: Arc::clone(&change.references),
            });
        }
        leads
    }
}

impl Change {
    /// Follows the word through one more stretch; false when it is lost.
    fn follow(&mut self, stretch: Stretch, words: Option<(TextRange, TextRange)>) -> bool {
        self.since.push(stretch);
        self.now = match words {
            Some((old, new)) if old.contains(self.now) => new,
            _ if self.now.contains(stretch.old) && !stretch.old.is_empty()
                || (self.now.start < stretch.old.start && stretch.old.end < self.now.end) =>
            {
                TextRange::new(self.now.start, self.now.end - stretch.old.len() + stretch.new_len)
            }
            _ => match stretch.forward(self.now) {
                Some(moved) => moved,
                None => return false,
            },
        };
        self.since.len() <= MAX_VERSIONS
    }

    /// The old and the new name; `None` for a word that was not there before, is as it was, or is no name now.
    fn names(&self, text: &Text) -> Option<(String, String)> {
        let (old, new) = (self.before.slice(self.at), text.slice(self.now));
        let is_inside = |next: Option<char>| next.is_some_and(is_word);
        let is_whole = !is_inside(text.char_before(self.now.start)) && !is_inside(text.char_at(self.now.end));
        // `b.r` in place of `foo` is no other name of it.
        let goes_on = text.char_at(self.now.end) == Some('.') && self.before.char_at(self.at.end) != Some('.');
        (is_name(&old) && is_name(&new) && is_whole && !goes_on && old != new).then_some((old, new))
    }

    /// Where a place of the text now was in the text before; `None` when it was changed.
    fn back(&self, place: TextRange) -> Option<TextRange> {
        self.since.iter().rev().try_fold(place, |place, stretch| stretch.back(place))
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_word) && !text.starts_with(|c: char| c.is_numeric())
}

/// The word around a range; `None` when the range holds something else than characters of words.
fn word(text: &str, range: TextRange) -> Option<TextRange> {
    if !text.get(range.start..range.end)?.chars().all(is_word) {
        return None;
    }
    let length = |chars: &mut dyn Iterator<Item = char>| chars.take_while(|c| is_word(*c)).map(char::len_utf8).sum();
    let before: usize = length(&mut text[..range.start].chars().rev());
    let after: usize = length(&mut text[range.end..].chars());
    Some(TextRange::new(range.start - before, range.end + after))
}

/// Where a line has a name as a whole word.
fn occurrences<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let places = line.match_indices(name).map(|(at, _)| at);
    places.filter(move |&at| word(line, TextRange::new(at, at + name.len())).is_some_and(|it| it.len() == name.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Stretch, occurrences};
    use syntax::TextRange;

    #[test]
    fn whole_words_only() {
        let at = |line: &'static str| occurrences(line, "foo").collect::<Vec<_>>();
        assert_eq!(at("foo = foo(food, a_foo, foo)"), [0, 6, 23]);
        assert_eq!(at("fo"), [] as [usize; 0]);
    }

    #[test]
    fn a_stretch_leads_from_one_version_to_the_next() {
        proptest!(|(old in "[aé\\n]{0,12}", new in "[aé\\n]{0,12}")| {
            let Some(stretch) = Stretch::between(&old, &new) else {
                prop_assert_eq!(old, new);
                return Ok(());
            };
            let mut changed = old.clone();
            let range = stretch.new_range();
            changed.replace_range(stretch.old.start..stretch.old.end, &new[range.start..range.end]);
            prop_assert_eq!(&changed, &new);
            // Outside of the stretch both directions agree.
            for start in 0..=old.len() {
                for end in start..=old.len() {
                    let place = TextRange::new(start, end);
                    if let Some(moved) = stretch.forward(place).filter(|_| !place.is_empty()) {
                        prop_assert_eq!(stretch.back(moved), Some(place));
                        prop_assert_eq!(&old.as_bytes()[start..end], &new.as_bytes()[moved.start..moved.end]);
                    }
                }
            }
        });
    }
}
