//! User-defined tokens: text that is never split. They are cut out before anything else, the longest first wherever it
//! stands, as in llama.cpp.

use aho_corasick::AhoCorasick;

use crate::EngineError;

use super::vocab::{Token, TokenKind};

/// All user-defined tokens, longest first.
#[derive(Debug)]
pub(super) struct Fixed {
    tokens: Vec<(String, u32)>,
    /// Finds which of them a text has at all: vocabularies have up to thousands, texts few.
    search: AhoCorasick,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// A user-defined token.
    Token(u32),
    /// What stands between them; never empty.
    Text(&'t str),
}

impl Fixed {
    /// The user-defined ones among `tokens`.
    pub(super) fn new(tokens: &[Token]) -> Result<Self, EngineError> {
        let mut fixed: Vec<(String, u32)> = (0_u32..)
            .zip(tokens)
            .filter(|(_, token)| token.kind == TokenKind::UserDefined && !token.bytes.is_empty())
            .filter_map(|(id, token)| Some((String::from_utf8(token.bytes.clone()).ok()?, id)))
            .collect();
        fixed.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let search = AhoCorasick::new(fixed.iter().map(|(name, _)| name))
            .map_err(|error| EngineError::BadModelFile(format!("the vocabulary cannot be searched: {error}")))?;
        Ok(Self { tokens: fixed, search })
    }

    /// Takes care that no text becomes this token.
    pub(super) fn forbid(&mut self, id: u32) {
        for (_, fixed) in self.tokens.iter_mut().filter(|(_, fixed)| *fixed == id) {
            *fixed = FORBIDDEN;
        }
    }

    /// Hands out the parts of a text, in order.
    pub(super) fn cut<'t>(&self, text: &'t str, mut part: impl FnMut(Part<'t>)) {
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

    /// The texts between user-defined tokens.
    pub(super) fn between<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
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

/// The id of a token that is a marker by now.
const FORBIDDEN: u32 = u32::MAX;
