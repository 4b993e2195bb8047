//! What the cursor stands in: decides whether and how much an inline completion may write.
//!
//! Decided from the text before the cursor (scanned from its start, so that strings and
//! comments are known) and, where the text alone cannot tell, from the tree. Trimming a
//! finished completion to the hole is `insertion`'s.

#[cfg(test)]
mod tests;

use syntax::{Document, TextRange};

use crate::{
    block::{columns, indent_of, opens_block},
    family::Family,
    lexer::Surroundings,
    openers::OpenerKind,
    prefix::Prefix,
};

/// How far below the cursor's line the next one is looked for, in bytes.
const BELOW: usize = 4 << 10;

/// How much text fits at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// The rest of the line.
    SingleLine,
    /// A block: several lines, deeper than the cursor line's indentation.
    Block,
    /// One statement with its block: others follow at this indentation.
    Statement,
    /// Whole statements at this indentation (the end of a block or of the file).
    Statements,
}

/// The surroundings of a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionContext {
    /// Byte offset of the cursor.
    pub offset: usize,
    /// The cursor's line, without its line end.
    pub line: TextRange,
    /// White space at the start of the line.
    pub indent: String,
    /// Text of the line before the cursor, indentation included.
    pub line_prefix: String,
    /// Text of the line after the cursor.
    pub line_suffix: String,
    /// The character before the cursor and the one after it both belong to a word.
    pub mid_word: bool,
    /// What follows on the line is only closing brackets, quotes, `;`, `,` or `:` (as an editor's auto-close leaves it), or nothing.
    pub suffix_is_closers: bool,
    /// The cursor is in a comment.
    pub in_comment: bool,
    /// The cursor is in a string.
    pub in_string: bool,
    /// How much fits here.
    pub hole: Hole,
}

/// The surroundings of `offset`, which is moved down to a character's start and clamped to the text.
pub fn completion_context(document: &Document, offset: usize) -> CompletionContext {
    let text = document.text();
    let before = text.slice(TextRange::new(0, offset.min(text.len())));
    let offset = before.len();
    let line = text.line_range(text.line_of(offset));
    // Between `\r` and `\n` the offset lies behind the line.
    let line = TextRange::new(line.start, line.end.max(offset));
    let line_prefix = before[line.start..].to_owned();
    let line_suffix = text.slice(TextRange::new(offset, line.end));
    let indent = indent_of(&line_prefix).to_owned();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mid_word =
        line_prefix.chars().next_back().is_some_and(is_word) && line_suffix.chars().next().is_some_and(is_word);
    let suffix_is_closers = line_suffix.chars().all(|c| c.is_whitespace() || ")]}\"'`;,:>".contains(c));

    let prefix = Prefix::new(document.language(), &before);
    let surroundings = match prefix.lexer.surroundings() {
        Surroundings::String if is_prose(document, offset) => Surroundings::Code,
        surroundings => surroundings,
    };
    let hole = match surroundings {
        Surroundings::Code if suffix_is_closers => hole(document, &prefix, line, &line_prefix),
        _ => Hole::SingleLine,
    };
    CompletionContext {
        offset,
        line,
        indent,
        line_prefix,
        line_suffix,
        mid_word,
        suffix_is_closers,
        in_comment: surroundings == Surroundings::Comment,
        in_string: surroundings == Surroundings::String,
        hole,
    }
}

/// True in text between tags, where a quote opens no string.
fn is_prose(document: &Document, offset: usize) -> bool {
    let node = document.tree().and_then(|tree| tree.root_node().descendant_for_byte_range(offset, offset));
    node.is_some_and(|node| matches!(node.kind(), "jsx_text" | "text"))
}

fn hole(document: &Document, prefix: &Prefix<'_>, line: TextRange, line_prefix: &str) -> Hole {
    let language = document.language();
    let innermost = prefix.openers.last();
    // Braces hold statements, except in Python.
    let is_python = Family::of(language) == Family::Python;
    let is_block = |kind: OpenerKind| kind == OpenerKind::Bracket(b'{') && !is_python;
    if !line_prefix.trim().is_empty() {
        let in_brackets = innermost.is_some_and(|opener| !is_block(opener.kind));
        let opens = !in_brackets && opens_block(language, prefix.code_line(line.start, prefix.text.len()));
        return if opens { Hole::Block } else { Hole::SingleLine };
    }
    let follows = || if is_followed(document, line, line_prefix) { Hole::Statement } else { Hole::Statements };
    let Some(above) = prefix.last_code_line(line.start) else { return follows() };
    let code = prefix.code_line(above.start, above.end);
    let indent_above = prefix.statement_indent(above);
    let is_deeper = line_prefix.len() > indent_above.len();
    if let Some(opener) = innermost
        && !is_block(opener.kind)
        && prefix.indent_at(opener.at).len() < line_prefix.len()
    {
        // In the middle of a list there is room for one more element.
        return if opener.at >= above.start { Hole::Block } else { Hole::Statement };
    }
    let ends_with_brace = code.trim_end().ends_with('{');
    if opens_block(language, code) && (is_deeper || ends_with_brace) && follows() == Hole::Statements {
        return Hole::Block;
    }
    follows()
}

/// True when the next line with text is as deep as the cursor's line or deeper, and is no closer.
fn is_followed(document: &Document, line: TextRange, line_prefix: &str) -> bool {
    let text = document.text();
    let below = text.slice(TextRange::new(line.end, (line.end + BELOW).min(text.len())));
    let next = below.split(['\n', '\r']).find(|line| !line.trim().is_empty());
    next.is_some_and(|next| {
        let is_closer = next.trim_start().starts_with([')', ']', '}']) || next.trim_start().starts_with("</");
        !is_closer && columns(indent_of(next)) >= columns(line_prefix)
    })
}
