//! Brackets and strings: what an insertion may close, what it has to close, and whether all is as balanced as before.

use syntax::{Document, Language, TextRange};

use super::{SUFFIX_WINDOW, suffix_closers};
use crate::{
    family::Family,
    lexer::{Event, EventKind, Lexer, closer_of},
    openers::{Effect, OpenerKind, Openers},
    prefix::Prefix,
};

/// Bytes behind an insertion that show whether what follows depends on the token before it.
const LOOK_AHEAD: usize = 64;

/// What to do so that brackets and strings stay balanced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BracketBalance {
    /// Bytes of the inserted text to keep.
    pub keep: usize,
    /// Bytes behind the cursor to replace as well: closers that the inserted text types again.
    pub overtype: usize,
    /// Closers of what the kept text opens and nothing closes. Empty for complete code.
    pub missing: String,
}

/// What to keep, replace and add so that brackets and strings that are balanced around `offset`
/// stay so when `inserted` is put there.
///
/// A closer in `inserted` that the line behind the cursor repeats (an editor closed the bracket
/// already) replaces that one. A closer whose opener is closed further down, or that has no
/// opener at all, ends the insertion.
pub fn balance_brackets(document: &Document, offset: usize, inserted: &str) -> BracketBalance {
    let text = document.text();
    let before = text.slice(TextRange::new(0, offset.min(text.len())));
    let offset = before.len();
    let suffix = text.slice(TextRange::new(offset, offset.saturating_add(SUFFIX_WINDOW)));
    let line_suffix = suffix.split(['\n', '\r']).next().unwrap_or_default();
    let prefix = Prefix::new(document.language(), &before);
    let closers = suffix_closers(&prefix, &suffix);
    let mut openers = prefix.openers.clone();
    let mut lowest = openers.len();
    let mut balance = BracketBalance { keep: inserted.len(), ..BracketBalance::default() };
    for event in prefix.lexer.resume(inserted) {
        let cut = match openers.apply(event) {
            Effect::Stray => event.kind != EventKind::StringEnd,
            Effect::Closed(level) if level < lowest => match closers[level] {
                Some(close) => {
                    let between = line_suffix.get(balance.overtype..close.start);
                    let is_repeated =
                        between.is_some_and(|text| text.chars().all(|c| c.is_whitespace() || ")]}\"'`;,".contains(c)));
                    if is_repeated {
                        balance.overtype = close.end;
                    }
                    !is_repeated
                }
                None => false,
            },
            Effect::Closed(_) | Effect::None => false,
        };
        lowest = lowest.min(openers.len());
        if cut {
            let kept = inserted[..event.range.start].trim_end_matches([' ', '\t']);
            balance.keep = kept.trim_end_matches(['\n', '\r']).len();
            return balance;
        }
    }
    // What the insertion leaves open may be closed by what follows on the line.
    let spare = spare_closers(&prefix, line_suffix);
    for opener in openers.as_slice()[lowest..].iter().rev().skip(spare) {
        match opener.kind {
            OpenerKind::Bracket(open) => balance.missing.push(char::from(closer_of(open))),
            OpenerKind::Interpolation(close) => balance.missing.push(char::from(close)),
            OpenerKind::String => {
                let quote = inserted[opener.at..].chars().next().unwrap_or('"');
                balance.missing.push(quote);
            }
        }
    }
    balance
}

/// Number of closers on `line_suffix` that nothing before the cursor opened.
fn spare_closers(prefix: &Prefix<'_>, line_suffix: &str) -> usize {
    let mut openers = prefix.openers.clone();
    prefix.lexer.resume(line_suffix).filter(|&event| openers.apply(event) == Effect::Stray).count()
}

/// Whether insertions at one place leave brackets and strings as balanced as they are. The text before the place is
/// scanned once.
pub struct BracketCheck<'a> {
    document: &'a Document,
    prefix: Prefix<'a>,
}

impl<'a> BracketCheck<'a> {
    /// For insertions behind `before`, the beginning of the document's text.
    pub fn new(document: &'a Document, before: &'a str) -> Self {
        Self { document, prefix: Prefix::new(document.language(), before) }
    }

    /// True when putting `inserted` there, in the place of `overtyped` bytes, leaves no more brackets and strings open, or
    /// closed without having been opened, than there are now.
    ///
    /// Where the text behind the insertion is read as before, only the insertion is scanned; else all that follows is, or
    /// where tokens may run together, all of the text.
    pub fn keeps_balance(&self, overtyped: usize, inserted: &str) -> bool {
        if Family::of(self.document.language()) == Family::Html {
            // Brackets between tags are prose.
            return true;
        }
        let text = self.document.text();
        let offset = self.prefix.text.len();
        let end = (offset + overtyped).min(text.len());
        let old = text.slice(TextRange::new(offset, end));
        let behind = text.slice(TextRange::new(end, (end + LOOK_AHEAD).min(text.len())));
        let (was, is) = (Balance::after(&self.prefix, &old), Balance::after(&self.prefix, inserted));
        if self.prefix.lexer.is_within_token() || is.lexer.is_within_token() {
            let rest = text.slice(TextRange::new(end, text.len()));
            let whole = format!("{}{inserted}{rest}", self.prefix.text);
            return unbalanced_in(self.document.language(), &whole) <= unbalanced_brackets(self.document);
        }
        if was.is_same_stack(&is) && is.lexer.reads_like(&was.lexer, &behind) {
            return is.faults <= was.faults;
        }
        let rest = text.slice(TextRange::new(end, text.len()));
        is.faults_with(&rest) <= was.faults_with(&rest)
    }
}

/// Brackets and strings that are open at the end of the document, closed without having been opened, or cut off.
/// None in HTML, where they are prose.
pub fn unbalanced_brackets(document: &Document) -> usize {
    unbalanced_in(document.language(), &document.text().to_string())
}

fn unbalanced_in(language: Language, text: &str) -> usize {
    if Family::of(language) == Family::Html {
        return 0;
    }
    let start = Prefix::new(language, "");
    Balance::after(&start, "").faults_with(text)
}

/// Where a scan stands, and what it found wrong since the cursor.
struct Balance<'a> {
    openers: Openers,
    lexer: Lexer<'a>,
    faults: usize,
}

impl<'a> Balance<'a> {
    fn after(prefix: &Prefix<'_>, text: &'a str) -> Self {
        let mut balance = Self { openers: prefix.openers.clone(), lexer: prefix.lexer.resume(text), faults: 0 };
        for event in balance.lexer.by_ref() {
            balance.faults += faults_of(&mut balance.openers, event);
        }
        balance
    }

    fn is_same_stack(&self, other: &Self) -> bool {
        let kinds = |openers: &Openers| openers.as_slice().iter().map(|it| it.kind).collect::<Vec<_>>();
        kinds(&self.openers) == kinds(&other.openers)
    }

    /// Faults of the insertion, of the text behind it, and what is open at the end.
    fn faults_with(&self, rest: &str) -> usize {
        let mut openers = self.openers.clone();
        let mut lexer = self.lexer.resume(rest);
        let found: usize = lexer.by_ref().map(|event| faults_of(&mut openers, event)).sum();
        self.faults + found + openers.len()
    }
}

/// Closers without an opener, openers that a closer around them leaves open, strings that their line's end cuts off.
fn faults_of(openers: &mut Openers, event: Event) -> usize {
    let open = openers.len();
    match openers.apply(event) {
        Effect::Stray => 1,
        Effect::Closed(level) => open - level - 1,
        Effect::None => usize::from(event.kind == EventKind::StringBroken),
    }
}
