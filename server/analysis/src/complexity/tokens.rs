//! Tokens as operators and operands, and lines by what is on them.

use std::collections::HashSet;

use syntax::{Node, TextRange};

use crate::complexity::{Halstead, LineCounts};

/// What a leaf is for Halstead's counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Operator,
    Operand,
}

/// What `node` is as a token: a leaf, or a literal that is taken whole.
pub(super) fn token(node: Node<'_>) -> Option<Token> {
    let kind = node.kind();
    if is_comment(node) || node.is_missing() || node.start_byte() == node.end_byte() {
        return None;
    }
    if node.child_count() > 0 {
        return (is_text_literal(kind) && !has_interpolation(node)).then_some(Token::Operand);
    }
    if !node.is_named() {
        // A word that stands for a value.
        let is_value = matches!(kind, "this" | "self" | "super" | "true" | "false" | "null" | "nil");
        let is_closing = matches!(kind, ")" | "]" | "}" | "end" | "fi" | "done" | "esac");
        return match (is_value, is_closing) {
            (true, _) => Some(Token::Operand),
            (_, true) => None,
            _ => Some(Token::Operator),
        };
    }
    let is_operator = kind.contains("operator") || kind.starts_with("keyword_");
    Some(if is_operator { Token::Operator } else { Token::Operand })
}

pub(super) fn is_comment(node: Node<'_>) -> bool {
    node.is_extra() && node.kind().contains("comment")
        || matches!(node.kind(), "comment" | "line_comment" | "block_comment")
}

fn is_text_literal(kind: &str) -> bool {
    (kind.contains("string") || kind.contains("char") || kind == "regex" || kind == "rune_literal")
        && !kind.contains("concatenated")
}

fn has_interpolation(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).any(|child| {
        let kind = child.kind();
        kind.contains("interpol") || kind.contains("substitution") || kind.contains("expansion")
    })
}

/// The tokens of a piece of code.
#[derive(Default)]
pub(super) struct Tokens<'a> {
    operators: HashSet<&'a str>,
    operands: HashSet<&'a str>,
    all_operators: u32,
    all_operands: u32,
}

impl<'a> Tokens<'a> {
    pub(super) fn add(&mut self, token: Token, text: &'a str) {
        match token {
            Token::Operator => {
                self.operators.insert(text);
                self.all_operators += 1;
            }
            Token::Operand => {
                self.operands.insert(text);
                self.all_operands += 1;
            }
        }
    }

    pub(super) fn counts(&self) -> Halstead {
        let len = |set: &HashSet<&str>| u32::try_from(set.len()).unwrap_or(u32::MAX);
        Halstead {
            distinct_operators: len(&self.operators),
            distinct_operands: len(&self.operands),
            operators: self.all_operators,
            operands: self.all_operands,
        }
    }
}

/// What the lines of a text hold, as far as its tokens have been told.
pub(super) struct Lines {
    starts: Vec<usize>,
    kinds: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    Comment,
    Code,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let starts: Vec<usize> =
            std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        let kinds = vec![Line::Blank; starts.len()];
        Self { starts, kinds }
    }

    /// Takes the lines of a token or a comment for what it is.
    pub(super) fn mark(&mut self, text: &str, range: TextRange, is_comment: bool) {
        let (first, last) = (self.line_of(range.start), self.line_of(range.end.max(range.start + 1) - 1));
        for line in first..=last {
            let start = self.starts[line];
            let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
            let inner = text.get(start.max(range.start)..end.min(range.end)).unwrap_or_default();
            if inner.trim().is_empty() {
                continue;
            }
            if !is_comment {
                self.kinds[line] = Line::Code;
            } else if self.kinds[line] == Line::Blank {
                self.kinds[line] = Line::Comment;
            }
        }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The lines that `range` touches; a line that begins at its end is none of them.
    pub(super) fn count(&self, range: TextRange) -> LineCounts {
        if range.is_empty() {
            return LineCounts::default();
        }
        let kinds = &self.kinds[self.line_of(range.start)..=self.line_of(range.end - 1)];
        let count = |kind| u32::try_from(kinds.iter().filter(|&&it| it == kind).count()).unwrap_or(u32::MAX);
        let (code, comment, blank) = (count(Line::Code), count(Line::Comment), count(Line::Blank));
        LineCounts { total: code + comment + blank, code, comment, blank }
    }
}
