//! Tokens that are found in text by their names, before anything else: user-defined ones, which are text that is never
//! split, and in rendered chat templates markers. The longest is cut out first wherever it stands, as in llama.cpp.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::EngineError;

/// Names of tokens, longest first.
#[derive(Debug)]
pub(crate) struct Fixed {
    tokens: Vec<(String, u32)>,
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
        Ok(Self { tokens: fixed, search })
    }

    /// Takes care that no text becomes this token.
    pub(crate) fn forbid(&mut self, id: u32) {
        for (_, fixed) in self.tokens.iter_mut().filter(|(_, fixed)| *fixed == id) {
            *fixed = FORBIDDEN;
        }
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

    /// Cuts at every occurrence of the first of `present`, what lies between at those of the next, and so on.
    fn cut_at<'t>(&self, text: &'t str, present: &[usize], part: &mut impl FnMut(Part<'t>)) {
        let Some((first, shorter)) = present.split_first() else {
            if !text.is_empty() {
                part(Part::Text(text));
            }
            return;
        };
        let (name, id) = &self.tokens[*first];
        for (index, between) in text.split(name.as_str()).enumerate() {
            if index > 0 {
                part(Part::Token(*id));
            }
            if !between.is_empty() {
                self.cut_at(between, shorter, part);
            }
        }
    }
}

/// Most bytes of names: the largest vocabularies have some ten thousand. An automaton takes up to a hundred times as much.
const MOST_BYTES: usize = 1 << 20;

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
        .build(names)
        .map_err(|error| EngineError::BadModelFile(format!("the vocabulary cannot be searched: {error}")))
}

/// The id of a token that is a marker by now.
const FORBIDDEN: u32 = u32::MAX;
