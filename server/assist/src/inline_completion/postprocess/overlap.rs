//! Text after the cursor on its line, where it is more than closers: nothing of it is written again.

use super::Fitted;
use crate::inline_completion::site::Site;
use crate::words::is_word;

/// What an editor's auto-close, or the end of a statement, leaves behind the cursor.
fn is_closer_or_punctuation(c: char) -> bool {
    c.is_whitespace() || matches!(c, ')' | ']' | '}' | '"' | '\'' | '`' | ';' | ',' | ':' | '>')
}

/// Nothing is typed over that the completion does not type: a `;` between closers, say, would be lost.
pub(super) fn type_over_closers_only(fitted: &mut Fitted, line_suffix: &str) {
    let mut typed = fitted.text.chars();
    let over = line_suffix[..fitted.overtyped].chars().filter(|c| !c.is_whitespace());
    let is_lossless = over.into_iter().all(|c| typed.any(|typed| typed == c));
    if !is_lossless {
        let kept = fitted.text.trim_end_matches(is_closer_or_punctuation).len();
        fitted.text.truncate(kept);
        fitted.overtyped = 0;
    }
}

/// A block written between a bracket and its auto-closed closer: the closer moves to a line of its own.
pub(crate) fn move_closer_down(fitted: &mut Fitted, site: &Site) {
    let closer = site.line_suffix.trim_start().chars().next();
    let pair = match site.line_prefix.trim_end().chars().next_back() {
        Some('{') => Some('}'),
        Some('[') => Some(']'),
        Some('(') => Some(')'),
        _ => None,
    };
    let is_block = fitted.text.starts_with('\n') && fitted.overtyped == 0 && fitted.unclosed.is_empty();
    if let Some(closer) = closer.filter(|_| is_block && closer == pair) {
        let indent = &site.line_prefix[..site.indent()];
        fitted.text.truncate(fitted.text.trim_end().len());
        fitted.text.push_str(&format!("\n{indent}{closer}"));
        fitted.overtyped = site.line_suffix.find(closer).map_or(0, |at| at + closer.len_utf8());
    }
}

/// Cuts the completion where it begins to repeat the rest of the line. Closers alone are typed over instead.
pub(super) fn cut_overlap(text: &mut String, line_suffix: &str) {
    let rest = line_suffix.trim();
    if rest.is_empty() || rest.chars().all(is_closer_or_punctuation) {
        return;
    }
    let end = text.trim_end().len();
    let found =
        whole(&text[..end], rest).or_else(|| respaced(&text[..end], rest)).or_else(|| partial(text, line_suffix));
    if let Some(at) = found {
        text.truncate(at);
    }
}

/// Where the whole rest stands in the completion, as tokens of its own. A single letter must be the end.
fn whole(text: &str, rest: &str) -> Option<usize> {
    let must_end = rest.chars().count() == 1;
    let alone = |&at: &usize| {
        let end = at + rest.len();
        (!must_end || end == text.len()) && token_edge(text, at) && token_edge(text, end)
    };
    text.match_indices(rest).map(|(at, _)| at).find(alone)
}

/// Where the whole rest stands at the end of the completion with other white space between its tokens.
fn respaced(text: &str, rest: &str) -> Option<usize> {
    let mut start = text.len();
    let mut written = text.char_indices().rev().filter(|(_, c)| !c.is_whitespace());
    for c in rest.chars().rev().filter(|c| !c.is_whitespace()) {
        let (at, found) = written.next()?;
        if found != c {
            return None;
        }
        start = at;
    }
    token_edge(text, start).then_some(start)
}

/// Where the longest end of the completion begins that is also the start of the rest, cut between tokens.
fn partial(text: &str, suffix: &str) -> Option<usize> {
    let trimmed = suffix.trim_start();
    [suffix, trimmed]
        .into_iter()
        .filter_map(|rest| {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).collect::<Vec<_>>();
            ends.into_iter().rev().find_map(|length| {
                let shared = &rest[..length];
                let at = text.strip_suffix(shared)?.len();
                let fits = !shared.trim().is_empty() && token_edge(text, at) && token_edge(rest, length);
                fits.then_some(at)
            })
        })
        .min()
}

/// True unless `at` is inside a word.
fn token_edge(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back().is_some_and(is_word);
    let after = text[at..].chars().next().is_some_and(is_word);
    !(before && after)
}

/// Bytes at the start of `rest` (blanks and `;` `,` `:` `>` only) that the end of the completion types again.
pub(super) fn retyped_end(text: &str, rest: &str) -> usize {
    let mut best = 0;
    for (at, c) in rest.trim_end().char_indices() {
        match c {
            ' ' | '\t' => continue,
            ';' | ',' | ':' | '>' => {}
            _ => break,
        }
        let end = at + c.len_utf8();
        let typed: String = rest[..end].split_whitespace().collect();
        if text.trim_end().ends_with(&typed) {
            best = end;
        }
    }
    best
}

/// Bytes at the start of a rest of closers that prose types again: at its end, or where it closes what is open before it.
pub(super) fn retyped_closers(text: &str, rest: &str) -> usize {
    let rest = rest.trim_end();
    if !rest.chars().all(is_closer_or_punctuation) {
        return 0;
    }
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).collect::<Vec<_>>();
    let at_its_end = ends.into_iter().rev().find(|&end| text.trim_end().ends_with(&rest[..end]));
    at_its_end.unwrap_or_else(|| retyped_brackets(text, rest))
}

/// Bytes of closing brackets at the start of the rest, and of quotes before them, that the text types again, closing what
/// is open before it.
pub(super) fn retyped_brackets(text: &str, rest: &str) -> usize {
    let mut surplus = surplus_closers(text).peekable();
    let quotes = rest.len() - rest.trim_start_matches(['"', '\'', '`']).len();
    let are_typed = surplus.peek().is_some_and(|&(at, _)| text[..at].ends_with(&rest[..quotes]));
    let brackets = rest[quotes..].chars().zip(surplus.map(|(_, closer)| closer));
    let typed: usize =
        brackets.take_while(|(behind, typed)| behind == typed).map(|(behind, _)| behind.len_utf8()).sum();
    if are_typed && typed > 0 { quotes + typed } else { 0 }
}

/// Cuts a comment's text before a bracket that closes nothing, neither in it nor on the line before it: where it was copied
/// from stood code.
pub(super) fn cut_foreign_closers(text: &mut String, line_prefix: &str, rest: &str) {
    let mut open: Vec<char> = Vec::new();
    for c in line_prefix.chars() {
        match c {
            '(' | '[' | '{' => open.push(closer_of(c)),
            _ if open.last() == Some(&c) => drop(open.pop()),
            _ => {}
        }
    }
    let mut rest = rest.trim_start().chars();
    let foreign = surplus_closers(text).find(|&(_, closer)| match open.pop() {
        Some(expected) => expected != closer,
        None => rest.next() != Some(closer),
    });
    if let Some((at, _)) = foreign {
        let kept = text[..at].trim_end_matches(['"', '\'', '`', ' ', ';']).len();
        text.truncate(kept);
    }
}

/// Closing brackets in `text` that nothing in it opens, with their offsets.
fn surplus_closers(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut open = Vec::new();
    text.char_indices().filter(move |&(_, c)| match c {
        '(' | '[' | '{' => {
            open.push(closer_of(c));
            false
        }
        ')' | ']' | '}' if open.last() == Some(&c) => {
            open.pop();
            false
        }
        ')' | ']' | '}' => true,
        _ => false,
    })
}

fn closer_of(opener: char) -> char {
    match opener {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// True when the completion ends with all that is behind it, which is more than closers.
pub(super) fn ends_with_rest(text: &str, rest: &str) -> bool {
    let (text, rest) = (text.trim_end(), rest.trim());
    rest.contains(is_word) && text.strip_suffix(rest).is_some_and(|before| token_edge(text, before.len()))
}

/// True when a word at the end of the completion would run together with the word behind it. With the cursor inside a
/// word that is what was asked for.
pub(super) fn runs_together(text: &str, line_prefix: &str, rest: &str) -> bool {
    rest.starts_with(is_word) && text.ends_with(is_word) && !line_prefix.ends_with(is_word)
}

/// True when the completion begins with the word or operator that the text behind it begins with: it writes again what
/// is there, and goes another way afterwards.
pub(super) fn begins_like(text: &str, rest: &str) -> bool {
    let is_operator = |c: char| "=+-*/<>|&^%!~".contains(c);
    let first = |text: &str| -> String {
        let text = text.trim_start();
        match text.chars().next() {
            Some(c) if is_word(c) => text.chars().take_while(|c| is_word(*c)).collect(),
            Some(c) if is_operator(c) => text.chars().take_while(|c| is_operator(*c)).collect(),
            _ => String::new(),
        }
    };
    let first_behind = first(rest);
    !first_behind.is_empty() && first(text) == first_behind
}
