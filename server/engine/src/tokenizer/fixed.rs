//! Tokens that are found in text by their names, before anything else: user-defined ones, which are text that is never
//! split, and in rendered chat templates markers. The longest is cut out first wherever it stands, as in llama.cpp.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::EngineError;

/// Names of tokens, longest first.
#[derive(Debug)]
pub(crate) struct Fixed {
    tokens: Vec<(String, u32)>,
    /// Tokens that take the white space behind them along.
    rstrip: BTreeSet<u32>,
    /// Finds which of them a text has at all: vocabularies have up to thousands, texts few.
    search: AhoCorasick,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// A token.
    Token(u32),
    /// What stands between them; never empty.
    Text(&'t str),
}

impl Fixed {
    /// Finds these names.
    pub(crate) fn new(mut fixed: Vec<(String, u32)>) -> Result<Self, EngineError> {
        fixed.retain(|(name, _)| !name.is_empty());
        fixed.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let search = search(fixed.iter().map(|(name, _)| name.as_str()), MatchKind::Standard)?;
        Ok(Self { tokens: fixed, rstrip: BTreeSet::new(), search })
    }

    /// Takes care that no text becomes this token.
    pub(crate) fn forbid(&mut self, id: u32) {
        for (_, fixed) in self.tokens.iter_mut().filter(|(_, fixed)| *fixed == id) {
            *fixed = FORBIDDEN;
        }
    }

    /// Takes care that white space behind a token is left out: the attribute `rstrip` of the `tokenizers` library.
    pub(crate) fn strip_behind(&mut self, id: u32) {
        self.rstrip.insert(id);
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(|(name, _)| name.as_str())
    }

    /// Where names begin in a text, overlapping ones too.
    pub(crate) fn occurrences(&self, text: &str) -> impl Iterator<Item = usize> {
        self.search.find_overlapping_iter(text).map(|found| found.start())
    }

    /// Hands out the parts of a text, in order.
    pub(crate) fn cut<'t>(&self, text: &'t str, mut part: impl FnMut(Part<'t>)) {
        let mut present: Vec<usize> = Vec::new();
        for found in self.search.find_overlapping_iter(text) {
            let index = found.pattern().as_usize();
            if self.tokens[index].1 != FORBIDDEN
                && let Err(at) = present.binary_search(&index)
            {
                present.insert(at, index);
            }
        }
        self.cut_at(text, &present, &mut part);
    }

    /// The texts between names.
    pub(crate) fn between<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let mut texts = Vec::new();
        self.cut(text, |part| {
            if let Part::Text(text) = part {
                texts.push(text);
            }
        });
        texts.into_iter()
    }

    /// Cuts at every occurrence of the first of `present`, what lies between at those of the next, and so on. The work is
    /// kept in a list: a text may hold thousands of names, and a stack has not room for as many calls.
    fn cut_at<'t>(&self, text: &'t str, present: &[usize], part: &mut impl FnMut(Part<'t>)) {
        // The parts still to be handed out, the next one last; a text with the number of names that it was cut at.
        let mut rest = vec![(Part::Text(text), 0)];
        while let Some((next, cuts)) = rest.pop() {
            let Part::Text(text) = next else {
                part(next);
                continue;
            };
            let first = (cuts..present.len()).find(|rank| text.contains(self.tokens[present[*rank]].0.as_str()));
            let Some(rank) = first else {
                if !text.is_empty() {
                    part(next);
                }
                continue;
            };
            let (name, id) = &self.tokens[present[rank]];
            let start = rest.len();
            for (index, between) in text.split(name.as_str()).enumerate() {
                if index > 0 {
                    rest.push((Part::Token(*id), 0));
                }
                let is_stripped = index > 0 && self.rstrip.contains(id);
                let between = if is_stripped { between.trim_start_matches(is_space) } else { between };
                rest.push((Part::Text(between), rank + 1));
            }
            rest[start..].reverse();
        }
    }
}

/// White space of the C locale, which is what llama.cpp strips.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// Most bytes of names: the largest vocabularies have less than a hundred thousand. An automaton takes up to fifty times as
/// much.
const MOST_BYTES: usize = 1 << 18;

/// An automaton that finds names.
pub(super) fn search<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
    matches: MatchKind,
) -> Result<AhoCorasick, EngineError> {
    let bytes: usize = names.clone().map(str::len).sum();
    if bytes > MOST_BYTES {
        return Err(EngineError::BadModelFile(format!("the names of the vocabulary's tokens have {bytes} bytes")));
    }
    AhoCorasick::builder()
        .match_kind(matches)
        // The size of the others depends on the names in unpleasant ways.
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        // What this kind has in the end. On the way to it the default is one more, and tens of megabytes for names of
        // tens of kilobytes.
        .dense_depth(2)
        .build(names)
        .map_err(|error| EngineError::BadModelFile(format!("the vocabulary cannot be searched: {error}")))
}

/// The id of a token that is a marker by now.
const FORBIDDEN: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::{Fixed, Part};

    /// The parts of a text, tokens by number; 2 takes the white space behind it along.
    fn check(names: &[&str], text: &str, expected: &str) {
        let mut fixed = Fixed::new(names.iter().map(ToString::to_string).zip(0..).collect()).unwrap();
        fixed.strip_behind(2);
        let mut parts = Vec::new();
        fixed.cut(text, |part| {
            parts.push(match part {
                Part::Token(id) => id.to_string(),
                Part::Text(text) => format!("{text:?}"),
            })
        });
        assert_eq!(parts.join(" "), expected, "{text:?}");
    }

    #[test]
    fn the_longest_name_is_cut_out_first() {
        check(&["ab", "abc", "<s>"], "", "");
        check(&["ab", "abc", "<s>"], "xabcabx", r#""x" 1 0 "x""#);
        check(&["ab", "bcd", "<s>"], "abcd", r#""a" 1"#);
        check(&["aa"], "aaa", r#"0 "a""#);
    }

    #[test]
    fn white_space_behind_some_names_is_left_out() {
        check(&["<a>", "<b>", "<s>"], "<a> x<s> \n\x0b\t x <s>", r#"0 " x" 2 "x " 2"#);
        check(&["<a>", "<b>", "<s>"], "<s> \n<a>\n", r#"2 0 "\n""#);
        // Not all that Unicode calls white space.
        check(&["<a>", "<b>", "<s>"], "<s>\u{a0}x", r#"2 "\u{a0}x""#);
    }

    #[test]
    fn thousands_of_names_in_a_text_take_no_stack() {
        let names: Vec<String> = (0..5000).map(|index| format!("<{index}>")).collect();
        let cut = move || {
            let fixed = Fixed::new(names.iter().cloned().zip(0..).collect()).unwrap();
            let mut ids = Vec::new();
            fixed.cut(&names.concat(), |part| match part {
                Part::Token(id) => ids.push(id),
                Part::Text(text) => panic!("{text:?} is no name"),
            });
            ids
        };
        let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(cut).unwrap();
        assert_eq!(thread.join().unwrap(), (0..5000).collect::<Vec<u32>>());
    }
}
