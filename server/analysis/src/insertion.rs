//! Making inserted text fit: where a completion has to end, and which brackets it may close.
//!
//! Works on the text before the cursor, the text to insert and the text behind it; nothing is
//! parsed, because a completion is judged before it is complete.

#[cfg(test)]
mod tests;

use syntax::{Document, TextRange};

use crate::{
    Hole,
    block::{columns, first_word, indent_of, line_start, opens_block},
    family::Family,
    lexer::{EventKind, Mode, closer_of},
    openers::{Effect, OpenerKind, Openers},
    prefix::Prefix,
};

/// How far behind the cursor a closing bracket is looked for, in bytes.
const SUFFIX_WINDOW: usize = 64 * 1024;

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
/// - `Statements`: up to the first blank line behind code, or the first line that is indented less.
pub fn truncate_to_hole(document: &Document, offset: usize, inserted: &str, hole: Hole) -> usize {
    let text = document.text();
    let before = text.slice(TextRange::new(0, offset.min(text.len())));
    let offset = before.len();
    let prefix = Prefix::new(document.language(), &before);
    let lines = lines(&prefix, inserted);
    let line_start = line_start(&before, before.len());
    let site = Site {
        document,
        prefix: &prefix,
        line_prefix: &before[line_start..],
        suffix: text.slice(TextRange::new(offset, offset.saturating_add(SUFFIX_WINDOW))),
        lines,
    };
    let end = match hole {
        Hole::SingleLine => site.single_line_end(),
        Hole::Block => site.block_end(),
        Hole::Statements => site.statements_end(),
    };
    match hole {
        Hole::SingleLine => end,
        Hole::Block | Hole::Statements => inserted[..end].trim_end().len(),
    }
}

/// Everything the three rules look at.
struct Site<'a> {
    document: &'a Document,
    prefix: &'a Prefix<'a>,
    line_prefix: &'a str,
    suffix: String,
    lines: Vec<Line<'a>>,
}

impl Site<'_> {
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

    fn single_line_end(&self) -> usize {
        let Some(first) = self.lines.first() else { return 0 };
        let base = self.columns(0);
        let head = format!("{}{}", self.line_prefix, first.code);
        let by_indent = first.depth_after <= 0
            && self.prefix.openers.last().is_none_or(|opener| opener.kind == OpenerKind::Bracket(b'{'))
            && !head.trim_end().ends_with('{')
            && opens_block(self.document.language(), &head);
        let mut end = first.end();
        for (index, line) in self.lines.iter().enumerate().skip(1) {
            let is_open = line.depth > 0 || line.continues;
            if is_open {
                // A block that never ends is cut where the indentation gives up.
                let leaves = line.depth_after > 0 && !line.is_blank() && self.columns(index) < base && !line.continues;
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
                let is_label = family.has_brace_blocks() && (line.code.ends_with(':') || line.code.starts_with('#'));
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
        let is_closed = innermost.is_none_or(|level| closes.get(level).is_some_and(Option::is_some));
        if is_closed {
            let kept = &line.text[..close_start];
            return if kept.trim().is_empty() { end_before } else { line.start + close_start };
        }
        let tail = line.text[close_start..].bytes().take_while(|b| b")]};,".contains(b)).count();
        line.start + close_start + tail
    }

    fn statements_end(&self) -> usize {
        let Some(first) = (0..self.lines.len()).find(|&n| !self.lines[n].is_blank()) else { return 0 };
        let base = self.columns(first);
        let mut end = 0;
        let mut has_code = false;
        let mut after_blank = false;
        for (index, line) in self.lines.iter().enumerate() {
            if line.lowest < 0 && line.depth >= 0 {
                return end;
            }
            if line.is_blank() {
                after_blank = has_code;
                continue;
            }
            let at_statement = line.depth == 0 && !line.continues;
            let width = self.columns(index);
            if at_statement
                && index > first
                && (width < base || (after_blank && width == base))
                && !continues_statement(line)
            {
                return end;
            }
            after_blank = false;
            has_code |= !line.code.trim().is_empty();
            end = line.end();
        }
        end
    }
}

/// A line that belongs to the statement above although it is not indented.
fn continues_statement(line: &Line<'_>) -> bool {
    const WORDS: &[&str] = &["catch", "elif", "else", "elsif", "end", "except", "finally", "fi", "done", "esac"];
    WORDS.contains(&first_word(line.code)) || line.code.starts_with([')', ']', '}'])
}

fn delta(kind: EventKind) -> isize {
    match kind {
        EventKind::Open(_) | EventKind::InterpolationStart(_) => 1,
        EventKind::Close(_) | EventKind::InterpolationEnd(_) | EventKind::InterpolationBroken => -1,
        _ => 0,
    }
}

fn lines<'a>(prefix: &Prefix<'_>, inserted: &'a str) -> Vec<Line<'a>> {
    let mut lexer = prefix.lexer.resume(inserted);
    let mut lines = Vec::new();
    let mut events = lexer.by_ref().collect::<Vec<_>>().into_iter().peekable();
    let mut depth = 0;
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
        lines.push(line);
        start = end;
    }
    lines
}

/// For every opener of the prefix: the range in `suffix` that closes it, if any does.
fn suffix_closers(prefix: &Prefix<'_>, suffix: &str) -> Vec<Option<TextRange>> {
    let mut openers = prefix.openers.clone();
    let mut lowest = openers.len();
    let mut closers = vec![None; lowest];
    for event in prefix.lexer.resume(suffix) {
        if let Effect::Closed(level) = openers.apply(event)
            && level < lowest
        {
            closers[level] = Some(event.range);
        }
        lowest = lowest.min(openers.len());
        if lowest == 0 {
            break;
        }
    }
    closers
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
