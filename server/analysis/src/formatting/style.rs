//! What all formatters share: the indentation a text is written with, and what lies around its lines (byte order mark,
//! line ends, the last line's end).

use syntax::{Indentation, Language};

use super::{EndOfLine, FormatOptions};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Columns where nobody said otherwise: Prettier's.
const LINE_WIDTH: u16 = 80;

/// The layout's measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) indentation: Indentation,
    pub(super) line_width: u16,
}

impl Style {
    pub(super) fn new(text: &str, language: Language, options: &FormatOptions) -> Self {
        let said = options.indentation.or_else(|| indentation_of(text)).or(options.editor_indentation);
        let indentation = match said.unwrap_or_else(|| language.indentation()) {
            Indentation::Spaces(width) => Indentation::Spaces(width.clamp(1, 16)),
            tabs => tabs,
        };
        Self { indentation, line_width: options.line_width.unwrap_or(LINE_WIDTH).clamp(20, 1000) }
    }

    pub(super) fn use_tabs(self) -> bool {
        self.indentation == Indentation::Tabs
    }

    /// Columns of one level.
    pub(super) fn indent_width(self) -> u8 {
        match self.indentation {
            Indentation::Spaces(width) => width,
            Indentation::Tabs => 4,
        }
    }
}

/// How a text is indented, by most of the lines that are indented deeper than the one above; `None` where none is.
fn indentation_of(text: &str) -> Option<Indentation> {
    /// Widths that anybody indents by.
    const WIDTHS: usize = 9;
    let (mut tabs, mut widths) = (0_usize, [0_usize; WIDTHS]);
    let mut above = 0;
    for line in text.lines() {
        let code = line.trim_start_matches([' ', '\t']);
        // A block comment's lines are indented by one column more than its first.
        if code.is_empty() || code.starts_with('*') {
            continue;
        }
        let indent = &line[..line.len() - code.len()];
        if indent.starts_with('\t') {
            tabs += 1;
            continue;
        }
        let width = indent.len();
        if width > above && (2..WIDTHS).contains(&(width - above)) {
            widths[width - above] += 1;
        }
        above = width;
    }
    // Of two widths that are as frequent, the smaller: the other may be two levels at once.
    let (width, lines) = widths.iter().enumerate().rev().max_by_key(|(_, lines)| **lines)?;
    if tabs > 0 && tabs >= *lines {
        return Some(Indentation::Tabs);
    }
    (*lines > 0).then(|| Indentation::Spaces(u8::try_from(width).expect("below WIDTHS")))
}

/// What lies around a text's lines and is put back around the formatted ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    has_mark: bool,
    /// What the first line ends with, as ruff and git decide it.
    end_of_line: EndOfLine,
}

impl Envelope {
    /// The envelope, and the text without it: every line ends with `\n`.
    pub(super) fn open(text: &str) -> (Self, String) {
        let without_mark = text.strip_prefix(BYTE_ORDER_MARK);
        let text_after = without_mark.unwrap_or(text);
        let first_end = text_after.find('\n');
        let is_crlf = first_end.is_some_and(|at| text_after[..at].ends_with('\r'));
        let end_of_line = if is_crlf { EndOfLine::CrLf } else { EndOfLine::Lf };
        (Self { has_mark: without_mark.is_some(), end_of_line }, text_after.replace("\r\n", "\n"))
    }

    /// The place in the original of a place in the text without envelope.
    pub(super) fn offset_in(self, original: &str, offset: usize) -> usize {
        let start = if self.has_mark { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        let mut left = offset;
        for (at, character) in original[start..].char_indices() {
            if left == 0 {
                return start + at;
            }
            if character != '\r' || !original[start + at..].starts_with("\r\n") {
                left = left.saturating_sub(character.len_utf8());
            }
        }
        original.len()
    }

    /// A formatted text in its envelope.
    pub(super) fn close(self, text: &str, original: &str, options: &FormatOptions) -> String {
        let keeps_open_end = options.insert_final_newline == Some(false) && !original.ends_with('\n');
        let text = if keeps_open_end { text.trim_end_matches('\n') } else { text };
        let text = match options.end_of_line.unwrap_or(self.end_of_line) {
            EndOfLine::Lf => text.to_owned(),
            EndOfLine::CrLf => text.replace('\n', "\r\n"),
        };
        if self.has_mark { format!("{BYTE_ORDER_MARK}{text}") } else { text }
    }
}
