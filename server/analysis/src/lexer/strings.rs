//! Strings: where they begin, what they hold, where they end.

use std::rc::Rc;

use syntax::TextRange;

use super::{
    Event, EventKind, Lexer, Mode, Previous,
    tables::{BASH_ANSI, CUSTOM, PYTHON_FORMAT, StringRule},
};
use crate::family::Family;

impl Lexer<'_> {
    pub(super) fn in_string(
        &mut self,
        rule: &'static StringRule,
        close: Option<&str>,
        start: TextRange,
    ) -> Option<Event> {
        let bytes = self.text.as_bytes();
        let close = close.unwrap_or(rule.close);
        let first = close.as_bytes()[0];
        while let Some(&byte) = bytes.get(self.pos) {
            if byte == b'\\' && rule.escapes {
                let crlf = bytes[self.pos + 1..].starts_with(b"\r\n");
                self.pos = (self.pos + if crlf { 3 } else { 2 }).min(bytes.len());
            } else if byte == first && self.starts_with(close) {
                self.modes.pop();
                self.previous = Previous::Byte(b'"');
                return Some(self.event(EventKind::StringEnd, close.len()));
            } else if (byte == b'\n' || byte == b'\r') && !rule.multiline {
                self.modes.pop();
                return Some(Event {
                    kind: EventKind::StringBroken,
                    range: TextRange::new(start.start.min(self.pos), self.pos),
                });
            } else if let Some(&(open, end)) = rule.interpolations.iter().find(|(open, _)| self.starts_with(open)) {
                if self.family == Family::Python && self.starts_with("{{") {
                    self.pos += 2;
                    continue;
                }
                self.modes.push(Mode::Interpolation { close: end, depth: 0 });
                self.previous = Previous::Nothing;
                return Some(self.event(EventKind::InterpolationStart(end), open.len()));
            } else {
                self.pos += 1;
            }
        }
        None
    }

    /// A string that begins here. The inner option is its event.
    pub(super) fn string_start(&mut self, byte: u8) -> Option<Event> {
        let bytes = self.text.as_bytes();
        match self.family {
            Family::Rust if byte == b'\'' => return None,
            // A quote directly behind a word is prose between JSX tags, not a string.
            Family::ScriptJsx if byte != b'`' && self.previous == Previous::Word(false) => return None,
            Family::C | Family::Cpp if byte == b'\'' && self.is_digit_separator() => return None,
            Family::Html if !matches!(self.modes.last(), Some(Mode::Tag)) => return None,
            _ => {}
        }
        let prefix_start = bytes[..self.pos].iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |n| n + 1);
        let prefix = &self.text[prefix_start..self.pos];
        if self.family == Family::Cpp && byte == b'"' && prefix.ends_with('R') && prefix.len() <= 3 {
            let delimiter_end = self.rest()[1..].iter().take(17).position(|&b| b == b'(')? + 1;
            let delimiter = &self.text[self.pos + 1..self.pos + delimiter_end];
            let close = Rc::from(format!("){delimiter}\""));
            return Some(self.push_string(&CUSTOM, Some(close), delimiter_end + 1));
        }
        if self.family == Family::Bash && byte == b'\'' && bytes[..self.pos].ends_with(b"$") {
            return Some(self.push_string(&BASH_ANSI, None, 1));
        }
        let is_format = self.family == Family::Python
            && prefix.len() <= 2
            && prefix.bytes().any(|b| b"fFtT".contains(&b))
            && prefix.bytes().all(|b| b"fFtTrR".contains(&b));
        let rules = if is_format { PYTHON_FORMAT } else { self.rules };
        let rule = rules.iter().find(|rule| self.starts_with(rule.open))?;
        Some(self.push_string(rule, None, rule.open.len()))
    }

    pub(super) fn push_string(&mut self, rule: &'static StringRule, close: Option<Rc<str>>, len: usize) -> Event {
        let event = self.event(EventKind::StringStart, len);
        self.modes.push(Mode::String { rule, close, start: event.range });
        event
    }

    pub(super) fn quote(&mut self, byte: u8) -> Option<Event> {
        // `f"{x"`: where no expression can begin, the quote ends the string around the code.
        if let [.., Mode::String { rule, close, .. }, Mode::Interpolation { .. }] = self.modes.as_slice() {
            let close = close.as_deref().unwrap_or(rule.close);
            let value_before = match self.previous {
                Previous::Nothing => false,
                Previous::Word(expression_follows) => !expression_follows,
                Previous::Byte(before) => b")]}\"".contains(&before),
            };
            if self.family != Family::Bash && value_before && self.starts_with(close) {
                // The quote itself is read next, as the string's.
                self.modes.pop();
                return Some(self.event(EventKind::InterpolationBroken, 0));
            }
        }
        if self.family == Family::Rust && byte == b'\'' {
            self.rust_apostrophe();
            return None;
        }
        let event = self.string_start(byte);
        if event.is_none() {
            self.pos += 1;
            self.previous = Previous::Byte(byte);
        }
        event
    }
}
