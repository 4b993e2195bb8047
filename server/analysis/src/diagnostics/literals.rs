//! Strings and comments that never end.

use syntax::{TextEdit, TextRange};

use super::{Diagnostic, MAX_DIAGNOSTICS, Suspicion, repair::Repair};
use crate::{
    block::{PYTHON_COMPOUND, first_word, line_end, line_start},
    family::Family,
    lexer::{Event, EventKind, Lexer, Mode, closer_of},
    tree::literals,
};

/// Strings over several lines that are tried as the one that should have ended earlier.
const MAX_CULPRITS: usize = 5;

pub(super) fn check(repair: &mut Repair) {
    let text = repair.text();
    let halves = half_quotes(repair.family, &text);
    repair.judge(halves.into_iter().map(|suspicion| vec![suspicion]).collect(), false);
    let text = repair.text();
    let opaque = repair.tree().map(|tree| literals(tree, repair.family)).unwrap_or_default();
    let events: Vec<Event> = Lexer::new(repair.document().language(), &text, &opaque).collect();
    let broken = events.iter().enumerate().filter(|(_, event)| event.kind == EventKind::StringBroken);
    let broken = broken.take(MAX_DIAGNOSTICS);
    let set: Vec<_> =
        broken.map(|(at, event)| broken_string(repair.family, &text, &events[..at], event.range)).collect();
    // The quote may be the end of a string whose own opening quote is missing.
    let unopened = match set.as_slice() {
        [only] => unopened_string(&text, only.diagnostic.range.start),
        _ => None,
    };
    repair.judge(vec![set, unopened.into_iter().collect()], false);
    check_end(repair);
}

/// What is still open at the end of the text.
fn check_end(repair: &mut Repair) {
    let text = repair.text();
    let mut opaque = repair.tree().map(|tree| literals(tree, repair.family)).unwrap_or_default();
    // A string over several lines may be one that took the next one's quote for its end.
    opaque.retain(|range| !text[range.start..range.end].contains('\n'));
    let mut lexer = Lexer::new(repair.document().language(), &text, &opaque);
    let events: Vec<Event> = lexer.by_ref().collect();
    // An HTML tag around it is no problem of its own.
    let outermost = lexer.modes().iter().find(|mode| !matches!(mode, Mode::Tag));
    match outermost {
        Some(Mode::BlockComment { rule, start, .. }) => {
            let close = &repair.document().language().comments().block[*rule].1;
            let edit = insert(line_end(&text, start.end), format!(" {close}"));
            let diagnostic = Diagnostic::error("unterminated-comment", *start, "this comment is never closed")
                .fixed_by(format!("Insert `{close}`"), vec![edit]);
            repair.judge(vec![vec![Suspicion::with_fix_as_repair(diagnostic)]], true);
        }
        Some(Mode::String { rule, close, start }) => {
            let close = close.as_deref().unwrap_or(rule.close);
            let open_code = lexer.modes().iter().filter_map(|mode| match mode {
                Mode::Interpolation { close, .. } => Some(char::from(*close)),
                _ => None,
            });
            let close = format!("{}{close}", open_code.collect::<String>());
            let close = close.as_str();
            let sets = endless_string(repair.family, &text, &events, *start, close);
            repair.judge(sets, false);
        }
        _ => {}
    }
}

/// A string that runs into the end of the text. When the language's strings may span lines, the
/// culprit is often an earlier one that took the opening quote of the next for its end.
fn endless_string(family: Family, text: &str, events: &[Event], last: TextRange, close: &str) -> Vec<Vec<Suspicion>> {
    let mut culprits = vec![last];
    let mut open = None;
    for event in events {
        match event.kind {
            EventKind::StringStart => open = Some(event.range),
            EventKind::StringEnd => {
                if let Some(range) = open.take()
                    && text[range.end..event.range.start].contains('\n')
                    && text[event.range.start..event.range.end] == *close
                    && culprits.len() < MAX_CULPRITS
                {
                    culprits.push(range);
                }
            }
            _ => {}
        }
    }
    let suspicion = |start: TextRange| {
        let tag_end = text[start.end..].find('>').filter(|_| family == Family::Html);
        let edit = if let Some(len) = tag_end {
            insert(start.end + len, close.to_owned())
        } else if close.len() < 3 {
            let end = line_end(text, start.end);
            let place = end - trailing_closers(family, text, events, TextRange::new(start.start, end));
            insert(place.max(start.end), close.to_owned())
        } else {
            // Triple quotes and here-documents are meant to hold the lines that follow.
            insert(text.trim_end().len().max(start.end), close.to_owned())
        };
        let title = format!("Insert `{}`", close.trim());
        let diagnostic = Diagnostic::error("unterminated-string", start, "this string is never closed");
        vec![Suspicion::with_fix_as_repair(diagnostic.fixed_by(title, vec![edit]))]
    };
    culprits.into_iter().map(suspicion).collect()
}

/// Triple quotes of Python of which one quote is missing, at the start or the end of a docstring.
fn half_quotes(family: Family, text: &str) -> Vec<Suspicion> {
    let mut found = Vec::new();
    if family != Family::Python {
        return found;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim();
        let at = start + line.len() - line.trim_start().len();
        for quote in ["\"\"", "''"] {
            let third = &quote[..1];
            let begins = code
                .strip_prefix(quote)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == ' '));
            let is_triple = code.len() >= 3 && code.ends_with(quote) && code[..code.len() - 2].ends_with(third);
            let before = code.strip_suffix(quote).and_then(|rest| rest.chars().next_back());
            let is_prose = before
                .is_some_and(|c| matches!(c, '.' | '!' | '?') || (c.is_alphanumeric() && code.starts_with(quote)));
            let ends = code.len() > 3 && is_prose && !is_triple;
            let edge = if begins {
                Some(at)
            } else if ends {
                Some(at + code.len() - 2)
            } else {
                None
            };
            if let Some(edge) = edge.filter(|_| found.len() < MAX_CULPRITS) {
                let range = TextRange::new(edge, edge + 2);
                let diagnostic = Diagnostic::error("unterminated-string", range, format!("expected `{quote}{third}`"))
                    .fixed_by(format!("Insert `{third}`"), vec![insert(edge, third.to_owned())]);
                found.push(Suspicion::with_fix_as_repair(diagnostic));
            }
        }
        start += line.len();
    }
    found
}

/// `hello"`: the string that ends at `quote` and begins nowhere.
fn unopened_string(text: &str, quote: usize) -> Option<Suspicion> {
    let is_outside = |c: char| c.is_whitespace() || "([{,=".contains(c);
    let start = text[..quote].rfind(is_outside).map_or(0, |at| at + 1);
    if start == quote || !text.is_char_boundary(start) {
        return None;
    }
    let mark = text[quote..].chars().next()?;
    let range = TextRange::new(start, quote + mark.len_utf8());
    let diagnostic = Diagnostic::error("unterminated-string", range, "this string is never opened")
        .fixed_by(format!("Insert `{mark}`"), vec![insert(start, mark.to_string())]);
    Some(Suspicion::with_fix_as_repair(diagnostic))
}

/// A string that its line's end cuts off.
fn broken_string(family: Family, text: &str, before: &[Event], range: TextRange) -> Suspicion {
    let quote = text[range.start..].chars().next().unwrap_or('"');
    let range = TextRange::new(range.start, range.start + text[range.start..range.end].trim_end().len());
    // The value of a JSX attribute ends before its tag does.
    let is_attribute = family == Family::ScriptJsx
        && text[..range.start].strip_suffix('=').is_some_and(|name| name.ends_with(char::is_alphanumeric));
    let tag_end = text[range.start..range.end].find('>').filter(|_| is_attribute);
    let range = TextRange::new(range.start, tag_end.map_or(range.end, |len| range.start + len));
    let place = (range.end - trailing_closers(family, text, before, range)).max(range.start + quote.len_utf8());
    let open_code = events_from(before, range.start + 1).iter().fold(0usize, |open, event| match event.kind {
        EventKind::InterpolationStart(_) => open + 1,
        EventKind::InterpolationEnd(_) => open.saturating_sub(1),
        _ => open,
    });
    let close = format!("{}{quote}", "}".repeat(open_code));
    let diagnostic =
        Diagnostic::error("unterminated-string", TextRange::new(range.start, place), "this string is never closed")
            .fixed_by(format!("Insert `{close}`"), vec![insert(place, close.clone())]);
    Suspicion::with_fix_as_repair(diagnostic)
}

/// The last of `events` that begin at `start` or behind it.
fn events_from(events: &[Event], start: usize) -> &[Event] {
    let count = events.iter().rev().take_while(|event| event.range.start >= start).count();
    &events[events.len() - count..]
}

/// Length of what ends the line of a string that was not closed, but does not belong to the
/// string: brackets that are open on that line, `;`, the colon of a block.
fn trailing_closers(family: Family, text: &str, before: &[Event], string: TextRange) -> usize {
    let line_start = line_start(text, string.start);
    let mut open = Vec::new();
    for event in events_from(before, line_start).iter().filter(|event| event.range.start < string.start) {
        match event.kind {
            EventKind::Open(byte) => open.push(closer_of(byte)),
            EventKind::Close(_) => drop(open.pop()),
            _ => {}
        }
    }
    let ends_header = family == Family::Python && PYTHON_COMPOUND.contains(&first_word(&text[line_start..]));
    let body = &text.as_bytes()[string.start..string.end];
    let mut len = 0;
    // The innermost bracket is closed first, so from the right the outermost comes first.
    let mut outermost = open.into_iter();
    let mut expected = outermost.next();
    for &byte in body.iter().rev() {
        let belongs_outside = match byte {
            b';' => family != Family::Python,
            b',' => true,
            b':' => ends_header,
            b'{' => family.has_brace_blocks() && family != Family::Bash,
            b' ' => true,
            _ if Some(byte) == expected => {
                expected = outermost.next();
                true
            }
            _ => false,
        };
        if !belongs_outside {
            break;
        }
        len += 1;
    }
    // Blanks belong to the string's side.
    let blanks = body[body.len() - len..].iter().take_while(|&&b| b == b' ').count();
    len - blanks
}

pub(super) fn insert(at: usize, text: String) -> TextEdit {
    TextEdit { range: TextRange::empty(at), new_text: text }
}
