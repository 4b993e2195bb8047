//! Which words were changed, followed through the versions of one document.
//!
//! A version differs from the one before in one stretch (what is common at the beginning and the end is cut off). A
//! stretch inside one word is a change of that word: the word is followed from then on, with the text before, however
//! it goes on: typed character by character, undone, or changed again. What a place was then is told by going back
//! through the stretches.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use syntax::{Document, Text, TextRange};

use super::parameter_lists::ParameterLists;
use super::stretch::Stretch;
use super::{Lead, NameLead};
use crate::words::is_word;

/// Changed words that are followed; the least recently useful one is forgotten first.
const MAX_CHANGES: usize = 8;
/// A word that was changed so many versions ago is old news.
const MAX_VERSIONS: usize = 2000;

/// The changed words and parameter lists of a document.
#[derive(Default)]
pub(super) struct History {
    /// The version seen last.
    text: Option<Text>,
    changes: VecDeque<Change>,
    lists: ParameterLists,
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

impl History {
    /// Takes note of the next version.
    pub(super) fn see(&mut self, text: &Text) {
        let Some(older) = self.text.replace(text.clone()) else { return };
        let (old, new) = (older.to_string(), text.to_string());
        let Some(stretch) = Stretch::between(&old, &new) else { return };
        self.last = Some(stretch.new_range());
        self.lists.see(&older, &old, &new, stretch);
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

    /// What may have to follow on the line of `offset`: names first.
    pub(super) fn leads(&self, document: &Document, offset: usize) -> Vec<Lead> {
        let mut leads: Vec<Lead> = self.name_leads(document, offset).into_iter().map(Lead::Name).collect();
        let text = document.text();
        if !self.is_typing_on(text.line_range(text.line_of(offset))) {
            leads.extend(self.lists.leads(document, offset).into_iter().map(Lead::Call));
        }
        leads
    }

    /// Who is typing on a line wants to get on; a word under the cursor is another matter.
    fn is_typing_on(&self, line: TextRange) -> bool {
        self.last.is_some_and(|last| line.start <= last.end && last.start <= line.end)
    }

    /// The changes whose old name stands on the line of `offset`, the last one first.
    fn name_leads(&self, document: &Document, offset: usize) -> Vec<NameLead> {
        let text = document.text();
        let line = text.line_range(text.line_of(offset));
        let is_typing = self.is_typing_on(line);
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
            leads.push(NameLead {
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
pub(super) fn occurrences<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let places = line.match_indices(name).map(|(at, _)| at);
    places.filter(move |&at| word(line, TextRange::new(at, at + name.len())).is_some_and(|it| it.len() == name.len()))
}

#[cfg(test)]
mod tests {
    use super::occurrences;

    #[test]
    fn whole_words_only() {
        let at = |line: &'static str| occurrences(line, "foo").collect::<Vec<_>>();
        assert_eq!(at("foo = foo(food, a_foo, foo)"), [0, 6, 23]);
        assert_eq!(at("fo"), [] as [usize; 0]);
    }
}
