//! Where a completion ends: with its line, its block or its statement.

use syntax::{Document, Language, TextRange};

use super::{SUFFIX_WINDOW, delta, suffix_closers, text_before};
use crate::{
    Hole,
    block::{columns, first_word, indent_of, line_start, opens_block},
    family::Family,
    lexer::{EventKind, Mode},
    openers::{OpenerKind, Openers},
    prefix::Prefix,
};

/// Words by which a line belongs to the statement above although it is as deep as that one.
const CONTINUING: &[&str] = &["catch", "done", "elif", "else", "elsif", "end", "esac", "except", "fi", "finally"];
/// Indentation deeper than that of any block that goes on.
const DEEP: &str = "                                                                                ";

/// A line of the inserted text.
struct Line<'a> {
    start: usize,
    /// Without the line end.
    text: &'a str,
    /// Without a comment at its end.
    code: &'a str,
    /// Brackets opened minus brackets closed since the cursor, at the line's start and end, and the lowest in between.
    depth: isize,
    depth_after: isize,
    lowest: isize,
    /// Brackets that the text before the line opened and left open.
    inside: isize,
    /// The line begins inside a string or comment.
    continues: bool,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty() && !self.continues
    }

    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Bytes of `inserted` to keep so that it ends with the line, block or statements that belong
/// into `hole` at `offset` of `document` (which does not hold the inserted text yet).
///
/// - `SingleLine`: the first line; when that opens a block or a bracket, up to where this ends.
/// - `Block`: up to the first line that is indented less than the block, or up to the bracket
///   that closes the block (kept only when nothing behind the cursor closes it).
/// - `Statement`: up to the next line that begins a statement: the first one with what stands above it (comments,
///   decorators) and what belongs to it (its block, an `else`).
/// - `Statements`: up to the first blank line behind code, or the first line that is indented less.
pub fn truncate_to_hole(document: &Document, offset: usize, inserted: &str, hole: Hole) -> usize {
    let before = text_before(document, offset);
    let prefix = Prefix::new(document.language(), &before);
    let site = Site::new(document, &prefix, inserted);
    site.end(hole)
}

/// True when `truncate_to_hole` keeps the same of `inserted` whatever is written behind it. To be asked where a line ends
/// or begins.
pub fn fills_hole(document: &Document, offset: usize, inserted: &str, hole: Hole) -> bool {
    let before = text_before(document, offset);
    let prefix = Prefix::new(document.language(), &before);
    let (whole, last) = inserted.split_at(inserted.rfind('\n').map_or(0, |end| end + 1));
    let probe = match last.trim() {
        "" if whole.is_empty() => return false,
        // If even a deeply indented line would be dropped, any line would.
        "" => format!("{whole}{DEEP}x"),
        // It may become the closing tag of what stands above.
        "<" => return false,
        word if word.chars().all(char::is_alphanumeric) && CONTINUING.iter().any(|it| it.starts_with(word)) => {
            return false;
        }
        _ => inserted.to_owned(),
    };
    Site::new(document, &prefix, &probe).end(hole) < probe.len()
}

/// Bytes of `inserted` to keep so that no statement is cut in the middle, when its writer was stopped somewhere in its
/// last line: up to the last line behind which only blocks of braces are open, else the last element of a list, else 0.
pub fn whole_statements_end(document: &Document, offset: usize, inserted: &str) -> usize {
    let before = text_before(document, offset);
    let prefix = Prefix::new(document.language(), &before);
    Site::new(document, &prefix, inserted).whole_statements_end()
}

/// Everything the three rules look at.
struct Site<'a> {
    document: &'a Document,
    prefix: &'a Prefix<'a>,
    line_prefix: &'a str,
    suffix: String,
    inserted: &'a str,
    lines: Vec<Line<'a>>,
}

impl<'a> Site<'a> {
    fn new(document: &'a Document, prefix: &'a Prefix<'a>, inserted: &'a str) -> Self {
        let offset = prefix.text.len();
        Self {
            document,
            prefix,
            line_prefix: &prefix.text[line_start(prefix.text, offset)..],
            suffix: document.text().slice(TextRange::new(offset, offset.saturating_add(SUFFIX_WINDOW))),
            inserted,
            lines: lines(prefix, inserted),
        }
    }

    /// Indentation of line `index` in columns; the first one stands behind what is there already.
    fn columns(&self, index: usize) -> usize {
        let line = &self.lines[index];
        match index {
            0 if self.line_prefix.trim().is_empty() => {
                columns(&format!("{}{}", self.line_prefix, indent_of(line.text)))
            }
            0 => columns(indent_of(self.line_prefix)),
            _ => columns(indent_of(line.text)),
        }
    }

    /// Bytes to keep.
    fn end(&self, hole: Hole) -> usize {
        let end = match hole {
            Hole::SingleLine => return self.single_line_end(),
            Hole::Block => self.block_end(),
            Hole::Statement => self.statement_end(),
            Hole::Statements => self.statements_end(),
        };
        self.inserted[..end].trim_end().len()
    }

    fn single_line_end(&self) -> usize {
        let Some(first) = self.lines.first() else { return 0 };
        if first.is_blank() && self.line_prefix.trim_end().ends_with(['(', '[', '{']) {
            // What the bracket holds begins on the next line.
            return self.inserted[..self.block_end()].trim_end().len();
        }
        let base = self.columns(0);
        let head = format!("{}{}", self.line_prefix, first.code);
        let by_indent = first.depth_after <= 0
            && self.prefix.openers.last().is_none_or(|opener| opener.kind == OpenerKind::Bracket(b'{'))
            && !head.trim_end().ends_with('{')
            && opens_block(self.document.language(), &head);
        let mut end = first.end();
        for (index, line) in self.lines.iter().enumerate().skip(1) {
            let is_open = line.inside > 0 || line.continues;
            if is_open {
                // A block that never ends is cut where the indentation gives up.
                let leaves = line.depth_after > line.depth - line.inside
                    && !line.is_blank()
                    && self.columns(index) < base
                    && !line.continues;
                if leaves {
                    return end;
                }
                end = line.end();
            } else if by_indent && (line.is_blank() || self.columns(index) > base) {
                if !line.is_blank() {
                    end = line.end();
                }
            } else {
                return end;
            }
        }
        end
    }

    fn block_end(&self) -> usize {
        let prefix_is_blank = self.line_prefix.trim().is_empty();
        // A block on the opener's own line (`if x: return`) ends with it.
        let family = Family::of(self.document.language());
        if let Some(first) = self.lines.first()
            && !prefix_is_blank
            && !family.has_brace_blocks()
            && !first.code.trim().is_empty()
        {
            return self.single_line_end();
        }
        let first_line = (0..self.lines.len()).find(|&n| !self.lines[n].is_blank() && (n > 0 || prefix_is_blank));
        let block = first_line.map_or(0, |n| self.columns(n));
        let mut end = 0;
        for (index, line) in self.lines.iter().enumerate() {
            if line.lowest < 0 && line.depth >= 0 {
                return self.closing_line_end(index, end);
            }
            let is_start_of_line = index > 0 || prefix_is_blank;
            if is_start_of_line && !line.is_blank() && !line.continues && line.depth == 0 {
                let is_case = matches!(first_word(line.code), "case" | "default");
                let is_label =
                    family.has_brace_blocks() && !is_case && (line.code.ends_with(':') || line.code.starts_with('#'));
                if self.columns(index) < block && !is_label {
                    return end;
                }
            }
            end = line.end();
        }
        end
    }

    /// The line at which a bracket opened before the cursor is closed: kept up to its closers
    /// when the text behind the cursor does not close that bracket.
    fn closing_line_end(&self, index: usize, end_before: usize) -> usize {
        let line = &self.lines[index];
        let mut probe = Openers::default();
        let mut lexer = self.prefix.lexer.resume(line.text);
        let mut close_start = 0;
        // Brackets that the lines before left open are none here: the depth goes below zero on this line.
        let mut depth = line.depth;
        for event in lexer.by_ref() {
            probe.apply(event);
            depth += delta(event.kind);
            if depth < 0 {
                close_start = event.range.start;
                break;
            }
        }
        let closes = suffix_closers(self.prefix, &self.suffix);
        let innermost = self.prefix.openers.len().checked_sub(1);
        let closer = innermost.and_then(|level| closes.get(level).copied().flatten());
        // A closer that the cursor's line goes on with is typed over: it belongs to what is written here.
        let is_typed_over = closer.is_some_and(|closer| {
            self.suffix.get(..closer.start).is_some_and(|text| text.chars().all(|c| c.is_whitespace() && c != '\n'))
        });
        if innermost.is_none() || (closer.is_some() && !is_typed_over) {
            let kept = &line.text[..close_start];
            return if kept.trim().is_empty() { end_before } else { line.start + close_start };
        }
        let tail = line.text[close_start..].bytes().take_while(|b| b")]};,".contains(b)).count();
        line.start + close_start + tail
    }

    fn statement_end(&self) -> usize {
        let Some(first) = (0..self.lines.len()).find(|&n| !self.lines[n].is_blank()) else { return 0 };
        let base = self.columns(first);
        let family = Family::of(self.document.language());
        let mut end = 0;
        let mut has_statement = false;
        for (index, line) in self.lines.iter().enumerate().skip(first) {
            if line.lowest < 0 {
                return self.closing_line_end(index, end);
            }
            if line.is_blank() {
                continue;
            }
            let width = self.columns(index);
            let is_next = has_statement && width == base && !continues_statement(family, line.code);
            if index > first && line.depth == 0 && !line.continues && (width < base || is_next) {
                return end;
            }
            has_statement |= !leads_to_statement(family, line);
            end = line.end();
        }
        end
    }

    fn whole_statements_end(&self) -> usize {
        let language = self.document.language();
        let has_braces = Family::of(language).has_brace_blocks();
        let mut openers = Openers::default();
        let mut lexer = self.prefix.lexer.resume(self.inserted);
        let mut events = lexer.by_ref().collect::<Vec<_>>().into_iter().peekable();
        let (mut whole, mut element) = (0, 0);
        for (index, line) in self.lines.iter().enumerate() {
            let next = self.lines.get(index + 1);
            while let Some(event) = events.next_if(|event| next.is_none_or(|next| event.range.start < next.start)) {
                openers.apply(event);
            }
            let Some(next) = next else { break };
            if next.continues || line.code.trim().is_empty() {
                continue;
            }
            let in_blocks = openers.as_slice().iter().all(|it| has_braces && it.kind == OpenerKind::Bracket(b'{'));
            let head = if index == 0 { format!("{}{}", self.line_prefix, line.code) } else { line.code.to_owned() };
            if in_blocks && !opens_block(language, &head) && !wants_more(language, line.code) {
                whole = line.end();
            } else if line.code.ends_with(',') {
                element = line.end();
            }
        }
        if whole > 0 { whole } else { element }
    }

    fn statements_end(&self) -> usize {
        let Some(first) = (0..self.lines.len()).find(|&n| !self.lines[n].is_blank()) else { return 0 };
        let base = self.columns(first);
        let family = Family::of(self.document.language());
        let mut end = 0;
        let mut has_code = false;
        let mut after_blank = false;
        for (index, line) in self.lines.iter().enumerate() {
            if line.lowest < 0 {
                return self.closing_line_end(index, end);
            }
            if line.is_blank() {
                after_blank = has_code;
                continue;
            }
            let width = self.columns(index);
            let is_next = after_blank && width == base && !continues_statement(family, line.code);
            if index > first && line.depth == 0 && !line.continues && (width < base || is_next) {
                return end;
            }
            after_blank = false;
            has_code |= !line.code.trim().is_empty();
            end = line.end();
        }
        end
    }
}

/// A line that belongs to the statement above although it is as deep as that one.
fn continues_statement(family: Family, code: &str) -> bool {
    let is_chain = code.trim_start().starts_with(['.', '?'])
        && matches!(family, Family::Script | Family::ScriptJsx | Family::Rust | Family::Java | Family::Cpp);
    let code = code.trim_start();
    CONTINUING.contains(&first_word(code))
        || code.starts_with([')', ']', '}', '{'])
        || code.starts_with("</")
        || is_chain
}

/// A line that is no statement yet: a comment, a decorator, an attribute.
fn leads_to_statement(family: Family, line: &Line<'_>) -> bool {
    let code = line.code.trim();
    code.is_empty()
        || (code.starts_with('@')
            && matches!(family, Family::Python | Family::Java | Family::Script | Family::ScriptJsx))
        || (family == Family::Rust && (code.starts_with("#[") || code.starts_with("#![")))
        || (family == Family::Cpp && code.starts_with("template") && code.ends_with('>'))
        || line.continues
}

/// True when the line's last sign says that its statement goes on.
fn wants_more(language: Language, code: &str) -> bool {
    const SIGNS: &[&str] = &["=", "+", "-", "*", "&&", "||", "|", "&", "\\", "(", "[", ".", "?", ",", "=>", "->", "<"];
    let code = code.trim_end();
    let is_list = Family::of(language) == Family::Json;
    let steps = code.ends_with("++") || code.ends_with("--") || code.ends_with("*/");
    !is_list && !steps && SIGNS.iter().any(|sign| code.ends_with(sign)) && !code.trim_start().starts_with(['@', '#'])
}

fn lines<'a>(prefix: &Prefix<'_>, inserted: &'a str) -> Vec<Line<'a>> {
    let mut lexer = prefix.lexer.resume(inserted);
    let mut lines = Vec::new();
    let mut events = lexer.by_ref().collect::<Vec<_>>().into_iter().peekable();
    let (mut depth, mut least) = (0, 0);
    let mut start = 0;
    // End of the string or comment that was entered last.
    let mut inside_until = 0;
    let is_string = |mode: &&Mode| matches!(mode, Mode::String { .. });
    let mut open_strings = prefix.lexer.modes().iter().filter(is_string).count();
    for piece in inserted.split_inclusive('\n') {
        let text = piece.trim_end_matches(['\n', '\r']);
        let end = start + piece.len();
        let mut line = Line {
            start,
            text,
            code: text,
            depth,
            depth_after: depth,
            lowest: depth,
            inside: depth - least,
            continues: start > 0 && (inside_until > start || open_strings > 0),
        };
        while let Some(event) = events.next_if(|event| event.range.start < end) {
            depth += delta(event.kind);
            line.lowest = line.lowest.min(depth);
            match event.kind {
                EventKind::StringStart => open_strings += 1,
                EventKind::StringEnd | EventKind::StringBroken => open_strings = open_strings.saturating_sub(1),
                EventKind::Comment => {
                    inside_until = event.range.end;
                    if event.range.end >= start + text.len() {
                        line.code = &inserted[start..event.range.start.max(start)];
                    }
                }
                _ => {}
            }
        }
        line.code = line.code.trim_end();
        line.depth_after = depth;
        least = least.min(line.lowest);
        lines.push(line);
        start = end;
    }
    lines
}
