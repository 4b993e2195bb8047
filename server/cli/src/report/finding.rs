//! A diagnostic with everything that was looked up in its file's text: places in lines and columns, the line's
//! fingerprint, the drawing for people.

use std::path::Path;

use annotate_snippets::Renderer;
use assist::{Diagnostic, Severity};
use syntax::{PositionEncoding, Text, TextRange};

use super::text;

/// One finding.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) place: Place,
    /// Other places and what they have to do with it.
    pub(crate) related: Vec<(Place, String)>,
    /// Ways out, best first.
    pub(crate) fixes: Vec<FindingFix>,
    /// The line it begins on, without its indentation and with blanks run together, as a hash: it stays when the line
    /// moves.
    pub(crate) line_hash: u64,
    /// For people, where a format for people was asked for.
    pub(crate) drawn: Option<String>,
}

/// A way out.
#[derive(Clone, Debug)]
pub(crate) struct FindingFix {
    pub(crate) title: String,
    pub(crate) is_safe: bool,
    pub(crate) edits: Vec<Replacement>,
}

/// A stretch of text and what stands there afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    pub(crate) place: Place,
    pub(crate) new_text: String,
}

/// A range, counted in every way that a format asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: Point,
    pub(crate) end: Point,
    /// In bytes of the file's text.
    pub(crate) bytes: TextRange,
}

/// An end of a range; everything is counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) line: u32,
    /// UTF-16 code units before it on its line.
    pub(crate) utf16: u32,
    /// Characters (Unicode scalar values) before it on its line.
    pub(crate) column: u32,
}

impl Place {
    fn new(text: &Text, range: TextRange) -> Self {
        let point = |offset| {
            let units = text.position(offset, PositionEncoding::Utf16);
            let column = match text.is_ascii() {
                true => units.character,
                false => text.position(offset, PositionEncoding::Utf32).character,
            };
            Point { line: units.line, utf16: units.character, column }
        };
        let start = point(range.start);
        Self { start, end: if range.is_empty() { start } else { point(range.end) }, bytes: range }
    }
}

impl Finding {
    /// What there is to say about a diagnostic of this text. Drawn where a renderer is given.
    pub(crate) fn new(diagnostic: Diagnostic, path: &Path, text: &Text, renderer: Option<&Renderer>) -> Self {
        let drawn = renderer.map(|renderer| text::draw(&diagnostic, path, text, renderer));
        let Diagnostic { range, severity, code, message, related, fixes, tags: _ } = diagnostic;
        let replacement =
            |edit: syntax::TextEdit| Replacement { place: Place::new(text, edit.range), new_text: edit.new_text };
        let place = Place::new(text, range);
        Self {
            code,
            severity,
            message,
            place,
            related: related.into_iter().map(|it| (Place::new(text, it.range), it.message)).collect(),
            fixes: fixes
                .into_iter()
                .map(|fix| FindingFix {
                    title: fix.title,
                    is_safe: fix.safe,
                    edits: fix.edits.into_iter().map(replacement).collect(),
                })
                .collect(),
            line_hash: line_hash(&text.line(place.start.line as usize)),
            drawn,
        }
    }

    /// Whether `--fix` removes it.
    pub(crate) fn is_fixable(&self) -> bool {
        self.fixes.iter().any(|fix| fix.is_safe)
    }
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits: written to files, so it must never change as the standard library's hash may.
fn line_hash(line: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let words = line.split_whitespace().flat_map(|word| word.bytes().chain([b' ']));
    words.fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::line_hash;

    #[test]
    fn a_line_s_hash_does_not_depend_on_its_blanks() {
        assert_eq!(line_hash("    x  =\t1"), line_hash("x = 1"));
        assert_ne!(line_hash("x = 1"), line_hash("x =1"));
        // The published value of an empty text.
        assert_eq!(line_hash(""), 0xcbf2_9ce4_8422_2325);
    }
}
