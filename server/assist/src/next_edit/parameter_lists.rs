//! Which parameter lists were changed, followed through the versions of one document.
//!
//! A stretch within the parentheses of what looks like a function's head begins a change of that list; what is typed
//! from the parenthesis to the end of the line until something is typed elsewhere goes on with it. Looks at text alone,
//! and at a few kilobytes of it: whether a list is one, the tree says when it matters ([`super::call_lead`]).

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use syntax::{Document, Text, TextRange};

use super::call_lead::CallLead;
use super::history::occurrences;
use super::stretch::Stretch;
use crate::words::is_word;

/// Lists that are followed; the one changed first is forgotten first.
const MAX_LISTS: usize = 8;
/// A list that was changed so many versions ago is old news.
const MAX_VERSIONS: usize = 2000;
/// Bytes looked at before and behind a change for the parentheses around it.
const MAX_LIST: usize = 4 << 10;
/// Bytes looked at before a list for the name of the function.
const MAX_HEAD: usize = 256;
/// Lines above the cursor's where a call that goes on there may begin.
const MAX_CALL_LINES: usize = 16;

/// Words before parentheses and a block that are no names of functions.
const CONTROL: &[&str] =
    &["if", "for", "while", "switch", "catch", "with", "elif", "match", "return", "await", "super"];
/// Words before the name of a function.
const KEYWORDS: &[&str] = &["def", "fn", "function"];

/// The changed parameter lists of a document, the last one at the end.
#[derive(Default)]
pub(super) struct ParameterLists {
    lists: VecDeque<ParameterList>,
    /// The last change was in the last list.
    is_open: bool,
}

struct ParameterList {
    /// The text before, and the list in it with the rest of its line.
    before: Text,
    at: TextRange,
    /// Where it is now.
    now: TextRange,
    /// What changed since, the change itself included.
    since: Vec<Stretch>,
    old: Arc<OnceLock<Option<analysis::Signature>>>,
}

impl ParameterLists {
    /// Takes note of a change of the text `older`, which is `old`, to `new`.
    pub(super) fn see(&mut self, older: &Text, old: &str, new: &str, stretch: Stretch) {
        let breaks_line = new[stretch.new_range().start..].starts_with(['\r', '\n']);
        let goes_on = self.is_open && self.lists.back().is_some_and(|last| last.holds(stretch, breaks_line));
        self.lists.retain_mut(|list| list.follow(stretch, breaks_line));
        if goes_on {
            return;
        }
        let begun = changed_list(old, stretch.old);
        self.is_open = begun.is_some();
        let Some(at) = begun else { return };
        let mut list = ParameterList { before: older.clone(), at, now: at, since: Vec::new(), old: Arc::default() };
        if list.follow(stretch, breaks_line) {
            self.lists.push_back(list);
        }
        if self.lists.len() > MAX_LISTS {
            self.lists.pop_front();
        }
    }

    /// The changed lists of functions that may be called on the line of `offset`, the last one first.
    pub(super) fn leads(&self, document: &Document, offset: usize) -> Vec<CallLead> {
        if self.lists.is_empty() {
            return Vec::new();
        }
        let text = document.text();
        let line = text.line_of(offset);
        let range = text.line_range(line);
        let first = text.line_range(line.saturating_sub(MAX_CALL_LINES));
        let window = text.slice(TextRange::new(first.start, range.end));
        let is_meant = |list: &&ParameterList| {
            let is_elsewhere = list.now.end < range.start || range.end < list.now.start;
            is_elsewhere && list.is_changed(text) && list.may_be_called_in(text, &window)
        };
        let lead = |list: &ParameterList| CallLead {
            before: list.before.clone(),
            at: list.at.start,
            now: list.now.start,
            since: list.since.clone(),
            old: Arc::clone(&list.old),
        };
        self.lists.iter().rev().filter(is_meant).map(lead).collect()
    }
}

impl ParameterList {
    /// Whether a stretch is behind the parenthesis, and no new line behind all of it.
    fn holds(&self, stretch: Stretch, breaks_line: bool) -> bool {
        let is_behind = breaks_line && stretch.old.start == self.now.end;
        self.now.start < stretch.old.start && stretch.old.end <= self.now.end && !is_behind
    }

    /// Follows the list through one more stretch; false when it is lost.
    fn follow(&mut self, stretch: Stretch, breaks_line: bool) -> bool {
        self.since.push(stretch);
        let moved = match self.holds(stretch, breaks_line) {
            true => {
                let end = self.now.end - stretch.old.len() + stretch.new_len;
                Some(TextRange::new(self.now.start, end))
            }
            false => stretch.forward(self.now),
        };
        self.now = moved.unwrap_or(self.now);
        moved.is_some() && self.since.len() <= MAX_VERSIONS
    }

    fn is_changed(&self, text: &Text) -> bool {
        self.now.len() != self.at.len() || text.slice(self.now) != self.before.slice(self.at)
    }

    /// Whether a call may stand in these lines. What is called by the name of its class or variable may be anywhere.
    fn may_be_called_in(&self, text: &Text, lines: &str) -> bool {
        let head = text.slice(TextRange::new(text.snap(self.now.start.saturating_sub(MAX_HEAD)), self.now.start));
        match head_name(&head) {
            Some(name) if !name.is_empty() && !["__init__", "constructor", "async"].contains(&name) => {
                occurrences(lines, name).next().is_some()
            }
            _ => lines.contains('('),
        }
    }
}

/// The list of a function's head around a range, from the parenthesis to the end of the line where it is closed, as far
/// as the text alone tells.
fn changed_list(text: &str, range: TextRange) -> Option<TextRange> {
    let first = text.floor_char_boundary(range.start.saturating_sub(MAX_LIST));
    let mut depth = 0usize;
    for (at, c) in text.get(first..range.start)?.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' => {
                let open = first + at;
                let list = closed_at(text, open).map(|end| TextRange::new(open, end))?;
                if range.end <= list.end && is_head(text, list) {
                    let behind = text[list.end..].find(['\r', '\n']).unwrap_or(text.len() - list.end);
                    return Some(TextRange::new(open, list.end + behind));
                }
            }
            _ => {}
        }
    }
    None
}

/// The end of the parentheses that open at an offset.
fn closed_at(text: &str, open: usize) -> Option<usize> {
    let end = text.ceil_char_boundary(open + MAX_LIST);
    let mut depth = 0usize;
    for (at, c) in text[open..end].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return (c == ')').then_some(open + at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether parentheses are those of a function's head: behind `def f`, `fn f` and the like, or before a block or `=>`.
fn is_head(text: &str, list: TextRange) -> bool {
    let before = &text[text.floor_char_boundary(list.start.saturating_sub(MAX_HEAD))..list.start];
    let Some(name) = head_name(before) else { return false };
    let name_at = name.as_ptr() as usize - before.as_ptr() as usize;
    let keyword = before[..name_at].trim_end().trim_end_matches('*').trim_end();
    if KEYWORDS.iter().any(|it| keyword.strip_suffix(it).is_some_and(|rest| !rest.ends_with(is_word))) {
        return true;
    }
    let behind = text[list.end..].trim_start();
    let is_block = !name.is_empty() && behind.starts_with('{') && !CONTROL.contains(&name);
    // A TypeScript result type stands between.
    let line = &behind[..behind.find('\n').unwrap_or(behind.len())];
    is_block || behind.starts_with("=>") || (line.starts_with(':') && (line.contains("=>") || line.ends_with('{')))
}

/// The word before a parameter list and its type parameters, perhaps none; `None` where the type parameters are broken.
fn head_name(before: &str) -> Option<&str> {
    let mut head = before.trim_end_matches(' ');
    if head.ends_with('>') && !head.ends_with("=>") {
        let mut depth = 0usize;
        let mut arrow = false;
        let mut open = None;
        for (at, c) in head.char_indices().rev() {
            match c {
                '>' => {
                    depth += 1;
                    arrow = true;
                    continue;
                }
                // `->` and `=>` within type parameters.
                '-' | '=' if arrow => depth -= 1,
                '<' => depth -= 1,
                _ => {}
            }
            arrow = false;
            if depth == 0 {
                open = Some(at);
                break;
            }
        }
        head = &head[..open?];
    }
    let start = head.char_indices().rev().take_while(|(_, c)| is_word(*c) || matches!(c, '$' | '#')).last();
    Some(start.map_or(&head[head.len()..], |(at, _)| &head[at..]))
}

#[cfg(test)]
mod tests {
    use super::changed_list;
    use syntax::TextRange;

    /// The parameter list around the cursor with the rest of its line.
    fn check(fixture: &str, expected: Option<&str>) {
        let (text, offset) = testkit::cursor(fixture);
        let list = changed_list(&text, TextRange::empty(offset)).map(|list| &text[list.start..list.end]);
        assert_eq!(list, expected, "{fixture}");
    }

    #[test]
    fn heads_of_functions() {
        for (fixture, expected) in [
            ("def f(a, <CURSOR>b):\n", Some("(a, b):")),
            ("def f(<CURSOR>):\n", Some("():")),
            ("def f(a=(1, <CURSOR>2), b={}):\n", Some("(a=(1, 2), b={}):")),
            ("def f<CURSOR>(a):\n", None),
            ("def f(a)<CURSOR>:\n", None),
            ("def f(a:\n    g(<CURSOR>b)\n", None),
            ("f(a, <CURSOR>b)\n", None),
            ("if (a <CURSOR>&& b) {\n", None),
            ("undef f(a<CURSOR>)\n", None),
            ("function* f(a<CURSOR>) {}", Some("(a) {}")),
            ("class A { f({ a, <CURSOR>b }) {} }", Some("({ a, b }) {} }")),
            ("const f = async (a<CURSOR>) => a", Some("(a) => a")),
            ("const f = (a<CURSOR>): T => a", Some("(a): T => a")),
            ("  f<T>(a<CURSOR>): Promise<T> {\n", Some("(a): Promise<T> {")),
            ("x = {a: f(<CURSOR>b): 1}\n", None),
            ("fn f<T: Fn(A) -> B, U>(a: T<CURSOR>) -> U {", Some("(a: T) -> U {")),
            ("f(() => { g(<CURSOR>) })", None),
            ("def f(ä<CURSOR>ö): pass", Some("(äö): pass")),
        ] {
            check(fixture, expected);
        }
    }
}
