//! The block that inserted text writes behind the line that opens it: what its lines' indentation has to follow.
//!
//! Says what each line is, from the brackets and the words at the lines' ends. How deep a line is to stand is decided by
//! who asks.

use syntax::Document;

use super::text_before;
use crate::{
    block::{indent_of, line_start, opens_block},
    family::Family,
    lexer::{EventKind, Surroundings},
    openers::{Effect, OpenerKind},
    prefix::Prefix,
};

/// A block that begins behind the first line of an insertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedBlock {
    /// Indentation of the statement whose line opens the block.
    pub indent: String,
    /// A bracket at the line's end opens it: indentation does not say where it ends.
    pub in_bracket: bool,
    /// The lines of the insertion behind its first.
    pub lines: Vec<BlockLine>,
}

/// A line of such an insertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockLine {
    /// What the line's start lies in.
    pub within: Within,
    /// Where the line begins with the closer of a bracket that was open behind the insertion's first line: the indentation
    /// of the line that opened it.
    pub closes: Option<String>,
    /// A block, or a list in brackets, begins behind the line.
    pub opens: bool,
}

/// What the start of a line lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Code.
    Code,
    /// A string that began on a line above: its white space is part of the program.
    String,
    /// A comment that began on a line above.
    Comment,
}

/// The block that `inserted` at `offset` begins; `None` when its first line, behind what stands there, opens none.
pub fn opened_block(document: &Document, offset: usize, inserted: &str) -> Option<OpenedBlock> {
    let (first, rest) = inserted.split_once('\n')?;
    let language = document.language();
    let mut head = text_before(document, offset);
    head.push_str(first);
    head.push('\n');
    let prefix = Prefix::new(language, &head);
    let end = head.len() - 1;
    let start = line_start(&head, end);
    let code = prefix.code_line(start, end);
    if prefix.lexer.surroundings() != Surroundings::Code || code.trim().is_empty() {
        return None;
    }
    let innermost = prefix.openers.last();
    let in_bracket = innermost.is_some_and(|opener| {
        matches!(opener.kind, OpenerKind::Bracket(_)) && opener.at + 1 == start + code.trim_end().len()
    });
    let in_braces = Family::of(language) != Family::Python
        && innermost.is_some_and(|opener| opener.kind == OpenerKind::Bracket(b'{'));
    if !in_bracket && !((innermost.is_none() || in_braces) && opens_block(language, code)) {
        return None;
    }
    let indent = prefix.statement_indent(syntax::TextRange::new(start, end)).to_owned();
    let lines = lines(document, &prefix, rest, in_bracket.then_some(&indent));
    Some(OpenedBlock { indent, in_bracket, lines })
}

/// What the lines of `rest` are, which follows `prefix`. `block_indent` is that of the block's opening bracket.
fn lines(document: &Document, prefix: &Prefix<'_>, rest: &str, block_indent: Option<&String>) -> Vec<BlockLine> {
    let mut openers = prefix.openers.clone();
    let mut lexer = prefix.lexer.resume(rest);
    let mut events = lexer.by_ref().collect::<Vec<_>>().into_iter().peekable();
    // Brackets of the prefix that are still open.
    let mut outer = openers.len();
    let mut comment_end = 0;
    let mut start = 0;
    let mut lines = Vec::new();
    for piece in rest.split_inclusive('\n') {
        let text = piece.trim_end_matches(['\n', '\r']);
        let end = start + piece.len();
        let in_string = openers.as_slice().iter().any(|opener| opener.kind == OpenerKind::String);
        let mut line = BlockLine {
            within: match (in_string, comment_end > start) {
                (true, _) => Within::String,
                (_, true) => Within::Comment,
                _ => Within::Code,
            },
            closes: None,
            opens: false,
        };
        let first = start + indent_of(text).len();
        let mut code = text;
        while let Some(event) = events.next_if(|event| event.range.start < end) {
            if event.kind == EventKind::Comment {
                comment_end = event.range.end;
                if comment_end >= start + text.len() {
                    code = &rest[start..event.range.start.max(start)];
                }
            }
            if let Effect::Closed(level) = openers.apply(event)
                && level < outer
            {
                if event.range.start == first {
                    let innermost = block_indent.filter(|_| level + 1 == prefix.openers.len());
                    let opener = prefix.openers.as_slice()[level];
                    line.closes = Some(innermost.cloned().unwrap_or_else(|| prefix.indent_at(opener.at).to_owned()));
                }
                outer = level;
            }
        }
        let code = code.trim_end();
        line.opens = code.ends_with(['(', '[', '{']) || opens_block(document.language(), code);
        lines.push(line);
        start = end;
    }
    lines
}
