//! Two texts compared word by word and sign by sign: for languages without a grammar in this build.

use std::borrow::Cow;

use syntax::Language;

use super::{difference, without_white_space};

/// What may differ between a text and the same text formatted.
pub(in crate::formatting) struct TextRules {
    /// What strings are written between, longer ones before their beginnings. All count as the same.
    pub(in crate::formatting) quotes: &'static [&'static str],
    /// Signs that may come and go.
    pub(in crate::formatting) optional: &'static str,
    /// Capitals outside of strings mean nothing.
    pub(in crate::formatting) ignores_case: bool,
    /// Strings and comments can be told from the rest. Not so in markup, where an apostrophe is one.
    pub(in crate::formatting) has_strings: bool,
}

impl TextRules {
    /// For formatters and languages that nobody here knows.
    pub(in crate::formatting) const ANY: TextRules =
        TextRules { quotes: &[], optional: "\"'`,;()", ignores_case: false, has_strings: false };
}

pub(super) fn compare(before: &str, after: &str, language: Language, rules: &TextRules) -> Result<(), String> {
    let mut before = Tokens { rest: before, language, rules };
    let mut after = Tokens { rest: after, language, rules };
    loop {
        match (before.next(), after.next()) {
            (None, None) => return Ok(()),
            (a, b) if a == b => {}
            (a, b) => return Err(difference(a.as_deref(), b.as_deref())),
        }
    }
}

/// Words, strings, comments and signs.
struct Tokens<'a> {
    rest: &'a str,
    language: Language,
    rules: &'a TextRules,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        loop {
            self.rest = self.rest.trim_start();
            let first = self.rest.chars().next()?;
            if self.rules.has_strings {
                if let Some(comment) = self.comment() {
                    return Some(without_white_space(comment).into());
                }
                if let Some(string) = self.string() {
                    return Some(string.into());
                }
            }
            let is_word = |it: char| it.is_alphanumeric() || it == '_';
            let end = if is_word(first) {
                self.rest.find(|it| !is_word(it)).unwrap_or(self.rest.len())
            } else {
                first.len_utf8()
            };
            let token = self.take(end);
            if !self.rules.optional.contains(first) {
                let folded = self.rules.ignores_case.then(|| token.to_lowercase().into());
                return Some(folded.unwrap_or(token.into()));
            }
        }
    }
}

impl<'a> Tokens<'a> {
    fn take(&mut self, end: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    fn comment(&mut self) -> Option<&'a str> {
        let tokens = self.language.comments();
        let starts = |token: &str| !token.is_empty() && self.rest.starts_with(token);
        let end = if let Some((open, close)) = tokens.block.iter().find(|(open, _)| starts(open)) {
            let inner = &self.rest[open.len()..];
            inner.find(close.as_str()).map_or(self.rest.len(), |at| open.len() + at + close.len())
        } else if tokens.line.iter().any(|token| starts(token)) {
            self.rest.find('\n').unwrap_or(self.rest.len())
        } else {
            return None;
        };
        Some(self.take(end))
    }

    /// What is in a string, without the backslashes that only its quotes wanted.
    fn string(&mut self) -> Option<String> {
        let quote = self.rules.quotes.iter().find(|quote| self.rest.starts_with(**quote))?;
        let body = &self.rest[quote.len()..];
        let (mut at, bytes) = (0, body.as_bytes());
        while at < bytes.len() && !body[at..].starts_with(quote) {
            at += if bytes[at] == b'\\' { 1 } else { 0 };
            at += body.get(at..).and_then(|it| it.chars().next()).map_or(1, char::len_utf8);
        }
        let at = at.min(body.len());
        let inner = &body[..at];
        self.take((quote.len() + at + quote.len()).min(self.rest.len()));
        // Marked, so that no string is like a word.
        Some(format!("\"{}", inner.replace("\\'", "'").replace("\\\"", "\"")))
    }
}
