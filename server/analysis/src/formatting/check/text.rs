//! Two texts compared word by word and sign by sign: for languages without a grammar in this build.

use std::borrow::Cow;

use syntax::Language;

use super::{comments, difference, number};

/// What may differ between a text and the same text formatted.
pub(in crate::formatting) struct TextRules {
    /// What strings are written between, longer ones before their beginnings. All count as the same.
    pub(in crate::formatting) quotes: &'static [&'static str],
    /// Signs that may come and go.
    pub(in crate::formatting) optional: &'static str,
    /// Capitals outside of strings mean nothing.
    pub(in crate::formatting) ignores_case: bool,
    /// The spelling of numbers may change.
    pub(in crate::formatting) numbers: bool,
    /// Selectors of style sheets: white space joins two of them, and the value of an attribute may be quoted.
    pub(in crate::formatting) selectors: bool,
    /// Strings and comments can be told from the rest. Not so in markup, where an apostrophe is one.
    pub(in crate::formatting) has_strings: bool,
}

impl TextRules {
    /// For formatters and languages that nobody here knows.
    pub(in crate::formatting) const ANY: TextRules = TextRules { optional: "\"'`,;()", ..TextRules::NONE };

    /// Every word and every sign counts.
    pub(in crate::formatting) const NONE: TextRules = TextRules {
        quotes: &[],
        optional: "",
        ignores_case: false,
        numbers: false,
        selectors: false,
        has_strings: false,
    };
}

pub(super) fn compare(before: &str, after: &str, language: Language, rules: &TextRules) -> Result<(), String> {
    let tokens = |rest| Tokens { rest, language, rules, previous: None, in_attribute: false };
    let (mut before, mut after) = (tokens(before), tokens(after));
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
    /// The last character of the token before.
    previous: Option<char>,
    /// Behind the `=` of a selector's `[a=b]`.
    in_attribute: bool,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        loop {
            let from = self.rest;
            self.rest = from.trim_start();
            let first = self.rest.chars().next()?;
            let is_spaced = self.rest.len() < from.len();
            if self.rules.has_strings {
                if let Some(comment) = self.comment() {
                    return Some(comments::words(comment).into());
                }
                if let Some(string) = self.string() {
                    (self.previous, self.in_attribute) = (Some('"'), false);
                    return Some(string.into());
                }
            }
            if self.rules.selectors {
                if is_spaced && self.joins_selectors(first) {
                    // Once: what follows is looked at again without the white space before it.
                    self.previous = None;
                    return Some(" ".into());
                }
                if self.in_attribute
                    && let Some(value) = self.attribute()
                {
                    return Some(format!("\"{value}").into());
                }
            }
            let token = self.word(first);
            self.in_attribute = first == '=' || (self.in_attribute && !matches!(first, ']' | '{' | ';'));
            self.previous = token.chars().next_back();
            if !self.rules.optional.contains(first) {
                if self.rules.numbers && number::length(token) > 0 {
                    return Some(number::canonical(token).into());
                }
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

    /// The word, number or sign that the text goes on with.
    fn word(&mut self, first: char) -> &'a str {
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        let number = if self.rules.numbers { number::length(self.rest) } else { 0 };
        let end = if number > 0 || is_word(first) {
            number + self.rest[number..].find(|it| !is_word(it)).unwrap_or(self.rest.len() - number)
        } else {
            first.len_utf8()
        };
        self.take(end)
    }

    /// Whether white space before `next` says that what matches it lies inside of what stands before.
    fn joins_selectors(&self, next: char) -> bool {
        matches!(next, '.' | '#' | '[')
            && number::length(self.rest) == 0
            && self.previous.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | ')' | ']' | '*' | '&'))
    }

    /// The value of an attribute without quotes.
    fn attribute(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|it: char| it == ']' || it.is_whitespace())?;
        let value = &self.rest[..end];
        self.in_attribute = false;
        let is_name = !value.is_empty() && value.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
        is_name.then(|| self.take(end))
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
