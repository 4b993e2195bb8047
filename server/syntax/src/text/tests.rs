//! Tests of `text`.

use std::ops::Range;

use super::*;

const ENCODINGS: [PositionEncoding; 3] = [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];

/// Characters of one to four bytes, every line end, and what other tools take for one.
const ALPHABET: [char; 7] = ['a', 'é', '€', '𝄞', '\r', '\n', '\u{2028}'];

/// Every string of at most `max_chars` characters of the alphabet.
fn strings(max_chars: u32) -> impl Iterator<Item = String> {
    (0..=max_chars).flat_map(|length| {
        (0..ALPHABET.len().pow(length)).map(move |mut number| {
            let mut string = String::new();
            for _ in 0..length {
                string.push(ALPHABET[number % ALPHABET.len()]);
                number /= ALPHABET.len();
            }
            string
        })
    })
}

/// The rules of the module doc, written down a second time and as plainly as can be.
struct Model<'a> {
    text: &'a str,
    /// Where each line starts, and where its end (`\n`, `\r\n`, `\r`) starts.
    lines: Vec<(usize, usize)>,
}

impl<'a> Model<'a> {
    fn new(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut at = 0;
        while at < text.len() {
            let terminator = match &text.as_bytes()[at..] {
                [b'\r', b'\n', ..] => 2,
                [b'\r' | b'\n', ..] => 1,
                _ => 0,
            };
            if terminator > 0 {
                lines.push((start, at));
                start = at + terminator;
            }
            at += terminator.max(1);
        }
        lines.push((start, text.len()));
        Self { text, lines }
    }

    fn units(c: char, encoding: PositionEncoding) -> usize {
        match encoding {
            PositionEncoding::Utf8 => c.len_utf8(),
            PositionEncoding::Utf16 => c.len_utf16(),
            PositionEncoding::Utf32 => 1,
        }
    }

    fn snap(&self, offset: usize) -> usize {
        (0..=offset.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap()
    }

    fn line_of(&self, offset: usize) -> usize {
        self.lines.iter().rposition(|(start, _)| *start <= self.snap(offset)).unwrap()
    }

    fn position(&self, offset: usize, encoding: PositionEncoding) -> Position {
        let line = self.line_of(offset);
        let (start, end) = self.lines[line];
        let column: usize =
            self.text[start..self.snap(offset).min(end)].chars().map(|c| Self::units(c, encoding)).sum();
        Position { line: line as u32, character: column as u32 }
    }

    fn offset(&self, position: Position, encoding: PositionEncoding) -> Option<usize> {
        let (start, end) = *self.lines.get(position.line as usize)?;
        let mut column = 0;
        for (at, c) in self.text[start..end].char_indices() {
            column += Self::units(c, encoding);
            if column > position.character as usize {
                return Some(start + at);
            }
        }
        Some(end)
    }
}

/// Compares everything that `Text` says of a range of the string with what the model says.
fn check_against_model(string: &str, offsets: Range<usize>) {
    let (text, model) = (Text::new(string), Model::new(string));
    assert_eq!(text.to_string(), string);
    assert_eq!(text.len(), string.len());
    assert_eq!(text.line_count(), model.lines.len(), "{string:?}");
    for (line, (start, end)) in model.lines.iter().enumerate() {
        assert_eq!(text.line_range(line), TextRange::new(*start, *end), "{string:?} line {line}");
    }
    assert_eq!(text.line_range(model.lines.len()), TextRange::empty(string.len()));
    for offset in offsets.clone() {
        let snapped = model.snap(offset);
        assert_eq!(text.snap(offset), snapped, "{string:?} at {offset}");
        assert_eq!(text.line_of(offset), model.line_of(offset), "{string:?} at {offset}");
        assert_eq!(text.char_at(offset), string[snapped..].chars().next(), "{string:?} at {offset}");
        assert_eq!(text.char_before(offset), string[..snapped].chars().next_back(), "{string:?} at {offset}");
        for encoding in ENCODINGS {
            let position = text.position(offset, encoding);
            assert_eq!(position, model.position(offset, encoding), "{string:?} at {offset} in {encoding:?}");
            // There and back: only the place between `\r` and `\n` has no position of its own.
            let end_of_line = model.lines[position.line as usize].1;
            assert_eq!(text.offset(position, encoding), snapped.min(end_of_line), "{string:?} at {offset}");
        }
    }
    let lines = text.line_of(offsets.start) as u32..text.line_of(offsets.end) as u32 + 3;
    for line in lines {
        let width = model.lines.get(line as usize).map_or(0, |(start, end)| end - start) as u32;
        for character in (0..width + 3).chain([u32::MAX]) {
            for encoding in ENCODINGS {
                let position = Position { line, character };
                let expected = model.offset(position, encoding);
                assert_eq!(text.checked_offset(position, encoding), expected, "{string:?} {position:?} {encoding:?}");
                assert_eq!(text.offset(position, encoding), expected.unwrap_or(string.len()));
            }
        }
    }
}

#[test]
fn positions_of_all_small_strings() {
    for string in strings(4) {
        check_against_model(&string, 0..string.len() + 2);
    }
}

#[test]
fn positions_where_the_rope_is_cut() {
    // Long enough for several pieces, which then end inside what is repeated, at each of its places.
    for piece in ["a\r\n", "é\r\n\r", "𝄞\n", "\r\n", "\r", "€\u{2028}\r\n"] {
        for shift in 0..4 {
            let string = "x".repeat(shift) + &piece.repeat(3000 / piece.len());
            let mut cut = 0;
            for chunk in Text::new(&string).chunks() {
                cut += chunk.len();
                check_against_model(&string, cut.saturating_sub(6)..cut + 6);
            }
            assert_eq!(cut, string.len());
        }
    }
}

#[test]
fn only_cr_and_lf_end_a_line() {
    let text = Text::new("a\u{2028}b\u{2029}c\u{b}d\u{c}e\u{85}f\u{1c}g\nh\ri\r\nj");
    assert_eq!(text.line_count(), 4);
    assert_eq!((text.line(1), text.line(2), text.line(3)), ("h".to_owned(), "i".to_owned(), "j".to_owned()));
}

#[test]
fn slices_snap_to_characters() {
    let text = Text::new("a𝄞b");
    assert_eq!(text.slice(TextRange::new(0, 3)), "a");
    assert_eq!(text.slice(TextRange::new(2, 5)), "𝄞");
    assert_eq!(text.slice(TextRange::new(5, 99)), "b");
    assert_eq!(text.slice(TextRange { start: 5, end: 1 }), "𝄞");
    assert_eq!(text.slice(TextRange::new(77, 99)), "");
}

#[test]
fn the_byte_order_mark_is_text() {
    let text = Text::new("\u{feff}a");
    assert_eq!(text.len(), 4);
    assert_eq!(text.position(3, PositionEncoding::Utf16), Position { line: 0, character: 1 });
}

#[test]
fn chunks_are_the_text() {
    let string = "é\r\n𝄞".repeat(1000);
    let text = Text::new(&string);
    assert!(text.chunks().count() > 1);
    assert_eq!(text.chunks().collect::<String>(), string);
    assert_eq!(text.chunks_in(TextRange::new(2, 4004)).collect::<String>(), string[2..4004]);
    let mut at = 0;
    while !text.chunk_from(at).is_empty() {
        assert!(string[at..].starts_with(text.chunk_from(at)));
        at += text.chunk_from(at).len();
    }
    assert_eq!(at, string.len());
}

#[test]
fn points_are_tree_sitters() {
    for string in strings(4) {
        let text = Text::new(&string);
        for offset in (0..=string.len()).filter(|offset| string.is_char_boundary(*offset)) {
            let Some(point) = text.point(offset) else {
                assert!(string.replace("\r\n", "").contains('\r'));
                continue;
            };
            let before = &string[..offset];
            let row_start = before.rfind('\n').map_or(0, |at| at + 1);
            assert_eq!((point.row, point.column), (before.matches('\n').count(), offset - row_start), "{string:?}");
        }
    }
}

#[test]
fn a_replaced_text_knows_its_lone_carriage_returns() {
    for string in strings(3) {
        for new_text in ["", "\r", "\n", "\r\n", "a"] {
            for start in (0..=string.len()).filter(|at| string.is_char_boundary(*at)) {
                for end in (start..=string.len()).filter(|at| string.is_char_boundary(*at)) {
                    let mut expected = string.clone();
                    expected.replace_range(start..end, new_text);
                    let text = Text::new(&string).replaced(TextRange::new(start, end), new_text);
                    assert_eq!(text, *expected);
                    assert!(text.has_lone_cr || !contains_lone_cr(&expected), "{string:?} {start}..{end} {new_text:?}");
                }
            }
        }
    }
}
