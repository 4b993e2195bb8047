//! A scanner that tells code, strings and comments apart and yields brackets.
//!
//! It works on text alone, so it also works where there is no tree yet: on a completion
//! that was not inserted, or behind the point where the parser lost its way. It does not
//! know keywords or numbers. A scan can be stopped at any byte and resumed on other text.

mod quirks;
mod strings;
mod tables;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use syntax::{CommentTokens, Language, TextRange};

use crate::family::Family;
use tables::{CUSTOM, SCRIPT_PREFIX_WORDS, StringRule, string_rules};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// An opening bracket.
    Open(u8),
    /// A closing bracket.
    Close(u8),
    /// An opening string delimiter.
    StringStart,
    /// A closing string delimiter.
    StringEnd,
    /// The range of a string that its line's end cut off, from its opening delimiter on.
    StringBroken,
    /// Code begins inside a string.
    InterpolationStart(u8),
    /// Code inside a string ends.
    InterpolationEnd(u8),
    /// Code inside a string does not end before the string does; the range is empty.
    InterpolationBroken,
    /// A comment.
    Comment,
}

/// Something found, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    pub(crate) range: TextRange,
}

/// What surrounds the place where a scan stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surroundings {
    Code,
    String,
    Comment,
}

/// Something that is open where the scan stands.
#[derive(Clone, Debug)]
pub(crate) enum Mode {
    /// A string; `close` is set where the closing delimiter is not the rule's.
    String { rule: &'static StringRule, close: Option<Rc<str>>, start: TextRange },
    /// Code inside a string, with the number of brackets open in it that look like its end.
    Interpolation { close: u8, depth: usize },
    /// A comment up to the line's end that the text's end cut off.
    LineComment,
    /// A comment with a closing token.
    BlockComment { rule: usize, depth: usize, start: TextRange },
    /// An HTML tag: the only place of HTML where quotes mean something.
    Tag,
}

impl Mode {
    /// True when text behind this mode is read as behind the other one, wherever the two began.
    fn reads_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String { rule: a, close: x, .. }, Self::String { rule: b, close: y, .. }) => {
                std::ptr::eq(*a, *b) && x == y
            }
            (Self::Interpolation { close: a, depth: x }, Self::Interpolation { close: b, depth: y }) => {
                a == b && x == y
            }
            (Self::BlockComment { rule: a, depth: x, .. }, Self::BlockComment { rule: b, depth: y, .. }) => {
                a == b && x == y
            }
            (Self::LineComment, Self::LineComment) | (Self::Tag, Self::Tag) => true,
            _ => false,
        }
    }
}

/// The last thing of code that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    Nothing,
    /// A word; true when an expression begins behind it.
    Word(bool),
    Byte(u8),
}

/// A scan over a text.
#[derive(Clone)]
pub(crate) struct Lexer<'a> {
    family: Family,
    rules: &'static [StringRule],
    comments: &'static CommentTokens,
    text: &'a str,
    pos: usize,
    modes: Vec<Mode>,
    previous: Previous,
    opaque: &'a [TextRange],
    /// Closing delimiters of here-documents that begin on the next line.
    heredocs: Vec<(Rc<str>, bool)>,
    /// Open parentheses of a shell script: false for `(`, true for the word `case`.
    shell_parens: Vec<bool>,
}

impl<'a> Lexer<'a> {
    /// A scan from the start of `text`. The scan takes what lies in `opaque` (sorted, disjoint)
    /// for neither bracket, string nor comment.
    pub(crate) fn new(language: Language, text: &'a str, opaque: &'a [TextRange]) -> Self {
        let family = Family::of(language);
        Self {
            family,
            rules: string_rules(family),
            comments: language.comments(),
            text,
            pos: 0,
            modes: Vec::new(),
            previous: Previous::Nothing,
            opaque,
            heredocs: Vec::new(),
            shell_parens: Vec::new(),
        }
    }

    /// The same scan, going on with `text`. Offsets of its events count from the start of `text`.
    pub(crate) fn resume<'b>(&self, text: &'b str) -> Lexer<'b> {
        Lexer {
            family: self.family,
            rules: self.rules,
            comments: self.comments,
            text,
            pos: 0,
            modes: self.modes.clone(),
            previous: self.previous,
            opaque: &[],
            heredocs: self.heredocs.clone(),
            shell_parens: self.shell_parens.clone(),
        }
    }

    /// What is open where the scan stands, outermost first.
    pub(crate) fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// True when `rest` is read the same by this scan as by the other one. May say false where it would be.
    pub(crate) fn reads_like(&self, other: &Lexer<'_>, rest: &str) -> bool {
        // A line's end ends a comment, and what stood before it seldom matters behind it.
        let line_ends = rest.is_empty() || rest.starts_with(['\n', '\r']);
        let modes = |modes: &'_ [Mode]| match modes {
            [outer @ .., Mode::LineComment] if line_ends => outer.len(),
            all => all.len(),
        };
        let (own, others) = (&self.modes[..modes(&self.modes)], &other.modes[..modes(&other.modes)]);
        // A slash divides or begins a regular expression, a quote begins a string or stands in prose, a word begins a
        // command or is an argument.
        let depends = match self.family {
            Family::Bash => !line_ends,
            _ => self.family.is_script() && rest.trim_start().starts_with(['/', '"', '\'']),
        };
        own.len() == others.len()
            && own.iter().zip(others).all(|(a, b)| a.reads_like(b))
            && self.heredocs == other.heredocs
            && self.shell_parens == other.shell_parens
            && (!depends || self.previous == other.previous)
    }

    /// True when what is read next may belong to a token that the text so far ends with.
    pub(crate) fn is_within_token(&self) -> bool {
        // The word that ends a here-document; a character whose backslash stands here.
        let backslashes = self.text.len() - self.text.trim_end_matches('\\').len();
        !self.heredocs.is_empty() || backslashes % 2 == 1
    }

    /// What surrounds the place where the scan stands.
    pub(crate) fn surroundings(&self) -> Surroundings {
        match self.modes.last() {
            Some(Mode::String { .. }) => Surroundings::String,
            Some(Mode::LineComment | Mode::BlockComment { .. }) => Surroundings::Comment,
            Some(Mode::Interpolation { .. } | Mode::Tag) | None => Surroundings::Code,
        }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.pos..]
    }

    fn starts_with(&self, token: &str) -> bool {
        !token.is_empty() && self.rest().starts_with(token.as_bytes())
    }

    fn event(&mut self, kind: EventKind, len: usize) -> Event {
        let start = self.pos;
        self.pos += len;
        Event { kind, range: TextRange::new(start, self.pos) }
    }

    /// The end of the line the scan stands in.
    fn line_end(&self) -> usize {
        self.rest().iter().position(|&b| b == b'\n' || b == b'\r').map_or(self.text.len(), |n| self.pos + n)
    }

    fn in_block_comment(&mut self, rule: usize, mut depth: usize, start: TextRange) -> Option<Event> {
        let (open, close) = &self.comments.block[rule];
        // Rust nests them; C and its heirs do not.
        let nests = self.family == Family::Rust;
        while self.pos < self.text.len() {
            if self.starts_with(close) {
                self.pos += close.len();
                depth -= 1;
                if depth == 0 {
                    self.modes.pop();
                    let range = TextRange::new(start.start.min(self.pos), self.pos);
                    return Some(Event { kind: EventKind::Comment, range });
                }
            } else if nests && self.starts_with(open) {
                self.pos += open.len();
                depth += 1;
            } else {
                self.pos += 1;
            }
        }
        if let Some(Mode::BlockComment { depth: stored, .. }) = self.modes.last_mut() {
            *stored = depth;
        }
        None
    }

    fn comment_start(&mut self) -> Option<Option<Event>> {
        let start = self.pos;
        if let Some(rule) = self.comments.block.iter().position(|(open, _)| self.starts_with(open)) {
            let len = self.comments.block[rule].0.len();
            self.pos += len;
            let range = TextRange::new(start, self.pos);
            self.modes.push(Mode::BlockComment { rule, depth: 1, start: range });
            return Some(None);
        }
        let token = self.comments.line.iter().find(|token| self.starts_with(token))?;
        if token.starts_with('#') && self.family == Family::Bash {
            // `$#`, `${a#b}` and `a#b` are no comments.
            let before = self.text.as_bytes()[..start].last();
            if !before.is_none_or(|b| b.is_ascii_whitespace() || b";()&|".contains(b)) {
                return None;
            }
        }
        let end = self.line_end();
        if end == self.text.len() {
            self.modes.push(Mode::LineComment);
        }
        Some(Some(self.event(EventKind::Comment, end - start)))
    }

    /// Reads a word; a raw string of Rust begins with one.
    fn word(&mut self) -> Option<Event> {
        let start = self.pos;
        let len = self.rest().iter().position(|&b| !is_word_byte(b)).unwrap_or(self.rest().len());
        self.pos += len;
        let word = &self.text[start..self.pos];
        match self.family {
            Family::Rust if matches!(word, "r" | "br" | "cr") => {
                let hashes = self.rest().iter().take_while(|&&b| b == b'#').count();
                if self.rest().get(hashes) == Some(&b'"') {
                    let close = Rc::from(format!("\"{}", "#".repeat(hashes)));
                    self.pos = start;
                    return Some(self.push_string(&CUSTOM, Some(close), len + hashes + 1));
                }
            }
            Family::Bash => self.shell_word(word),
            _ => {
                let is_prefix = self.family.is_script() && SCRIPT_PREFIX_WORDS.contains(&word);
                self.previous = Previous::Word(is_prefix);
            }
        }
        if self.family == Family::Rust {
            self.previous = Previous::Word(false);
        }
        None
    }

    /// Reads code up to the next thing worth an event.
    fn in_code(&mut self) -> Option<Event> {
        while let Some(&byte) = self.rest().first() {
            while self.opaque.first().is_some_and(|range| range.start < self.pos) {
                self.opaque = &self.opaque[1..];
            }
            if let Some(range) =
                self.opaque.first().filter(|range| range.start == self.pos && range.end <= self.text.len())
                && !range.is_empty()
            {
                self.pos = range.end;
                self.previous = Previous::Byte(b'"');
                continue;
            }
            if let Some(event) = self.comment_start() {
                return event;
            }
            match byte {
                b'\n' | b'\r' => {
                    if let Some(event) = self.newline() {
                        return Some(event);
                    }
                }
                b' ' | b'\t' => self.pos += 1,
                b'"' | b'\'' | b'`' => {
                    if let Some(event) = self.quote(byte) {
                        return Some(event);
                    }
                }
                b'(' | b'[' | b'{' => return self.open(byte),
                b')' | b']' | b'}' => {
                    if let Some(event) = self.close(byte) {
                        return Some(event);
                    }
                }
                b'/' if self.family.is_script() => {
                    let len = self.regex_len();
                    self.pos += len.unwrap_or(1);
                    self.previous = Previous::Byte(if len.is_some() { b'"' } else { b'/' });
                }
                b'\\' if self.family == Family::Bash => {
                    self.pos += 1 + self.text[self.pos + 1..].chars().next().map_or(0, char::len_utf8);
                    self.previous = Previous::Word(false);
                }
                b'<' if self.family == Family::Bash && self.rest().get(1) == Some(&b'<') => {
                    self.pos += self.heredoc_start();
                    self.previous = Previous::Byte(b'<');
                }
                b'<' if self.family == Family::Html => self.tag_start(),
                b'>' if matches!(self.modes.last(), Some(Mode::Tag)) => {
                    self.modes.pop();
                    self.pos += 1;
                }
                b'#' if matches!(self.family, Family::C | Family::Cpp) => self.directive(),
                _ if is_word_byte(byte) => {
                    if let Some(event) = self.word() {
                        return Some(event);
                    }
                }
                _ => {
                    self.pos += 1;
                    self.previous = Previous::Byte(byte);
                }
            }
        }
        None
    }

    fn newline(&mut self) -> Option<Event> {
        self.pos += if self.rest().starts_with(b"\r\n") { 2 } else { 1 };
        if self.family == Family::Bash {
            self.previous = Previous::Nothing;
            self.skip_heredocs();
        }
        // Code inside a one-line string does not go past its line.
        if let [.., Mode::String { rule, start, .. }, Mode::Interpolation { .. }] = self.modes.as_slice()
            && !rule.multiline
        {
            let (start, end) = (start.start, self.pos - 1);
            self.modes.truncate(self.modes.len() - 2);
            return Some(Event { kind: EventKind::StringBroken, range: TextRange::new(start.min(end), end) });
        }
        None
    }

    fn open(&mut self, byte: u8) -> Option<Event> {
        if let Some(Mode::Interpolation { close, depth }) = self.modes.last_mut()
            && closer_of(byte) == *close
        {
            *depth += 1;
        }
        if byte == b'(' && self.family == Family::Bash {
            self.shell_parens.push(false);
        }
        self.previous = Previous::Byte(byte);
        Some(self.event(EventKind::Open(byte), 1))
    }

    fn close(&mut self, byte: u8) -> Option<Event> {
        self.previous = Previous::Byte(byte);
        if let Some(Mode::Interpolation { close, depth }) = self.modes.last_mut()
            && byte == *close
        {
            if *depth == 0 {
                self.modes.pop();
                return Some(self.event(EventKind::InterpolationEnd(byte), 1));
            }
            *depth -= 1;
        }
        if byte == b')' && self.family == Family::Bash {
            if self.shell_parens.last() == Some(&true) {
                // The end of a pattern of `case`.
                self.pos += 1;
                return None;
            }
            self.shell_parens.pop();
        }
        Some(self.event(EventKind::Close(byte), 1))
    }
}

impl Iterator for Lexer<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while self.pos < self.text.len() {
            let event = match self.modes.last() {
                Some(Mode::String { rule, close, start }) => {
                    let (rule, close, start) = (*rule, close.clone(), *start);
                    self.in_string(rule, close.as_deref(), start)
                }
                Some(&Mode::BlockComment { rule, depth, start }) => self.in_block_comment(rule, depth, start),
                Some(Mode::LineComment) => {
                    self.pos = self.line_end();
                    if self.pos < self.text.len() {
                        self.modes.pop();
                    }
                    None
                }
                Some(Mode::Interpolation { .. } | Mode::Tag) | None => self.in_code(),
            };
            if event.is_some() {
                return event;
            }
        }
        None
    }
}

/// The bracket that closes `open`.
pub(crate) fn closer_of(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// A byte of an identifier; every byte of a character beyond ASCII counts.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
