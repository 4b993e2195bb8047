//! What only one language does to its strings: lifetimes, regular expressions, here-documents.

use std::rc::Rc;

use syntax::TextRange;

use super::{CUSTOM, Lexer, Mode, Previous};

impl Lexer<'_> {
    /// `1'000` of C++14 and C23.
    pub(super) fn is_digit_separator(&self) -> bool {
        let before = &self.text.as_bytes()[..self.pos];
        let start = before.iter().rposition(|b| !b.is_ascii_alphanumeric() && *b != b'\'').map_or(0, |n| n + 1);
        before[start..].first().is_some_and(u8::is_ascii_digit)
    }

    /// Skips a character literal or a lifetime of Rust.
    pub(super) fn rust_apostrophe(&mut self) {
        let rest = &self.text[self.pos + 1..];
        let mut chars = rest.char_indices();
        match chars.next() {
            Some((_, '\\')) => {
                // `'\''`: the escaped character is never the end.
                let body = &rest[2.min(rest.len())..];
                let len = body.bytes().take(12).position(|b| b == b'\'');
                self.pos += 1 + len.map_or(1, |len| 3 + len);
            }
            Some((_, first)) if first != '\n' => {
                let is_char = chars.next().is_some_and(|(_, second)| second == '\'');
                self.pos += 1 + if is_char { first.len_utf8() + 1 } else { 0 };
            }
            _ => self.pos += 1,
        }
        self.pos = self.pos.min(self.text.len());
        while !self.text.is_char_boundary(self.pos) {
            self.pos += 1;
        }
        self.previous = Previous::Byte(b'"');
    }

    /// Length of the regular expression that begins here; `None` where `/` divides.
    pub(super) fn regex_len(&self) -> Option<usize> {
        let is_value = match self.previous {
            Previous::Nothing => false,
            Previous::Word(expression_follows) => !expression_follows,
            Previous::Byte(byte) => b")]}\"".contains(&byte),
        };
        // `</p>` and `<br />`
        if is_value || self.previous == Previous::Byte(b'<') || self.rest().get(1) == Some(&b'>') {
            return None;
        }
        let mut in_class = false;
        let mut bytes = self.rest().iter().enumerate().skip(1);
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' => drop(bytes.next()),
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => return Some(at + 1),
                b'\n' | b'\r' => return None,
                _ => {}
            }
        }
        None
    }

    /// Notes the here-document that `<<` announces.
    pub(super) fn heredoc_start(&mut self) -> usize {
        let rest = self.rest();
        if rest.starts_with(b"<<<") {
            return 3;
        }
        let strips_tabs = rest.get(2) == Some(&b'-');
        let line = &self.text[self.pos + 2 + usize::from(strips_tabs)..self.line_end()];
        let word = line.trim_start_matches([' ', '\t']).trim_start_matches(['\'', '"', '\\']);
        let word: String = word.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // `1 << 2` in arithmetic
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
            return 2;
        }
        let len = self.text[self.pos..].find(&word).map_or(2, |at| at + word.len());
        self.heredocs.push((Rc::from(word), strips_tabs));
        len + usize::from(self.rest().get(len).is_some_and(|b| b"'\"".contains(b)))
    }

    /// Skips the here-documents that begin on this line; called at its start.
    pub(super) fn skip_heredocs(&mut self) {
        for (word, strips_tabs) in std::mem::take(&mut self.heredocs) {
            loop {
                let end = self.line_end();
                let mut line = &self.text[self.pos..end];
                if strips_tabs {
                    line = line.trim_start_matches('\t');
                }
                let found = *line == *word;
                if end == self.text.len() {
                    if !found {
                        let start = TextRange::empty(self.pos);
                        self.modes.push(Mode::String {
                            rule: &CUSTOM,
                            close: Some(Rc::from(format!("\n{word}"))),
                            start,
                        });
                    }
                    self.pos = end;
                    return;
                }
                self.pos = end + 1;
                if found {
                    break;
                }
            }
        }
    }

    /// Keeps track of `case … esac` and of where a command begins.
    pub(super) fn shell_word(&mut self, word: &str) {
        let is_command = match self.previous {
            Previous::Nothing => true,
            Previous::Word(command_follows) => command_follows,
            Previous::Byte(byte) => b";&|({`)".contains(&byte),
        };
        match word {
            "case" if is_command => self.shell_parens.push(true),
            "esac" => {
                if let Some(at) = self.shell_parens.iter().rposition(|&is_case| is_case) {
                    self.shell_parens.truncate(at);
                }
            }
            _ => {}
        }
        self.previous = Previous::Word(matches!(word, "then" | "do" | "else" | "in"));
    }

    /// `<` of HTML: a tag when a name follows; the text of scripts and styles is skipped.
    pub(super) fn tag_start(&mut self) {
        let rest = &self.text[self.pos..];
        let after = rest[1..].trim_start_matches('/').chars().next();
        for name in ["script", "style"] {
            if rest[1..].get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name))
                && let Some(open_end) = rest.find('>')
                && !rest[..open_end].contains(['"', '\''])
                && let Some(close) = rest.find(&format!("</{name}"))
            {
                self.pos += close;
                return;
            }
        }
        self.pos += 1;
        if after.is_some_and(char::is_alphabetic) {
            self.modes.push(Mode::Tag);
        }
    }

    /// A preprocessor directive: `#error` and its like hold prose.
    pub(super) fn directive(&mut self) {
        let line = &self.text[self.pos..self.line_end()];
        let word = line[1..].trim_start();
        let is_prose = ["error", "warning", "pragma"].iter().any(|name| word.starts_with(name));
        self.pos += if is_prose { line.len() } else { 1 };
        self.previous = Previous::Byte(b'#');
    }
}
