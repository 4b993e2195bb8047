//! How deeply a Python text can be nested at most, told from its tokens: enough to know that ruff's recursive parser and
//! rules are safe on it, at a fraction of the time that a tree takes.

mod scan;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;

use crate::diagnostics::guard::MAX_DEPTH;

/// Levels of a tree that an indented block can add: the statement, its clause, the block.
const PER_INDENT: usize = 3;

/// Levels that a bracket adds besides those of its tokens: what it is an argument of, and a tuple.
const PER_BRACKET: usize = 2;

/// Brackets that are never closed and that are taken to end at a statement below. More would cost ruff's parser, which does
/// the same, a time that grows with the square of their number.
const MAX_RECOVERIES: usize = 16;

/// No tree of the text is deeper than this, be it sound or not.
///
/// A level of an expression takes a token, and what stands on both sides of a comma is on one level; only a lambda goes
/// on behind the commas of its parameters. A line that begins with a word no expression can hold ends all brackets.
pub(super) fn nesting_bound(text: &str) -> usize {
    // Brackets that are never closed are for the lexer.
    let scanned = scan::nesting_bound(text).filter(|bound| *bound <= MAX_DEPTH);
    scanned.unwrap_or_else(|| bound(text, MAX_RECOVERIES))
}

/// The same from the tokens themselves, where every bracket is believed.
#[cfg(test)]
fn lexed_bound(text: &str) -> usize {
    bound(text, 0)
}

/// The same from the tokens, where so many brackets may end at a statement below.
fn bound(text: &str, max_recoveries: usize) -> usize {
    let mut lexer = lex(text, Mode::Module);
    let (mut indent, mut lambdas, mut deepest) = (0_usize, 0, 0);
    // Of the logical line: its open brackets with their tokens since the last comma, and the sum of all of them.
    let (mut open, mut tokens) = (vec![0_usize], 0_usize);
    let (mut begins_line, mut recoveries) = (true, 0);
    loop {
        let kind = lexer.next_token();
        let is_first = begins_line;
        begins_line = matches!(kind, TokenKind::Newline | TokenKind::NonLogicalNewline);
        if is_first && begins_statement(kind) {
            if open.len() > 1 && recoveries < max_recoveries {
                open.truncate(1);
                // Inside of brackets the lexer knows no indentation.
                indent = if recoveries == 0 { indent.max(deepest_margin(text)) } else { indent };
                recoveries += 1;
            }
            if open.len() == 1 {
                (open[0], tokens, lambdas) = (0, 0, 0);
            }
        }
        let top = open.len() - 1;
        match kind {
            TokenKind::EndOfFile => return deepest,
            TokenKind::Indent => indent += 1,
            TokenKind::Dedent if recoveries == 0 => indent = indent.saturating_sub(1),
            TokenKind::Dedent | TokenKind::Comment | TokenKind::NonLogicalNewline => {}
            TokenKind::Newline => {
                open = vec![0];
                (tokens, lambdas) = (0, 0);
            }
            TokenKind::Comma => tokens -= std::mem::take(&mut open[top]),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if top > 0 => {
                tokens -= open.pop().unwrap_or_default();
            }
            kind => {
                lambdas += usize::from(kind == TokenKind::Lambda);
                open[top] += 1;
                tokens += 1;
                if matches!(kind, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace) {
                    open.push(0);
                }
            }
        }
        deepest = deepest.max(tokens + lambdas + PER_BRACKET * open.len() + PER_INDENT * indent);
    }
}

/// Words that begin a statement and that no expression holds.
fn begins_statement(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Assert
            | TokenKind::Break
            | TokenKind::Class
            | TokenKind::Continue
            | TokenKind::Def
            | TokenKind::Del
            | TokenKind::Except
            | TokenKind::Finally
            | TokenKind::Global
            | TokenKind::Import
            | TokenKind::Nonlocal
            | TokenKind::Pass
            | TokenKind::Raise
            | TokenKind::Return
            | TokenKind::Try
            | TokenKind::While
            | TokenKind::With
    )
}

/// The most blanks that a line begins with: no more blocks can be around it.
fn deepest_margin(text: &str) -> usize {
    text.lines().map(|line| line.len() - line.trim_start().len()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language};

    use super::nesting_bound;

    /// Levels of the tree, the file and its statement not counted.
    fn depth(text: &str) -> usize {
        let document = Document::new(text, Language::from_name("python").expect("in the registry"), 0);
        let mut cursor = document.tree().expect("a tree").walk();
        let (mut depth, mut deepest) = (0_usize, 0);
        loop {
            deepest = deepest.max(depth);
            if cursor.goto_first_child() {
                depth += 1;
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return deepest.saturating_sub(2);
                }
                depth -= 1;
            }
        }
    }

    #[test]
    fn no_tree_is_deeper() {
        for pattern in [
            "(",
            "[1, ",
            "f(",
            "-",
            "not ",
            "a.",
            "a + ",
            "a, ",
            "{1: ",
            "lambda a, b: ",
            "x if y else ",
            "await ",
            "[a for b, c in ",
            "f'{",
            "a[",
            "\"\" ",
        ] {
            for count in [1, 10, 300] {
                let text = format!("x = {}1\n", pattern.repeat(count));
                assert!(
                    nesting_bound(&text) >= depth(&text),
                    "{pattern:?}: {} of {}",
                    nesting_bound(&text),
                    depth(&text)
                );
            }
        }
        let blocks = |head: &str| (0..100).map(|level| format!("{}{head}\n", " ".repeat(level))).collect::<String>();
        for head in ["if x:", "def f():", "class A:", "while x:", "with a, b:"] {
            let text = format!("{}{}pass\n", blocks(head), " ".repeat(100));
            assert!(nesting_bound(&text) >= depth(&text), "{head}");
        }
    }

    #[test]
    fn ordinary_text_is_far_below_the_limit() {
        let table = format!("x = {{\n{}}}\n", "    'key': [1, 2, (3, 4)],\n".repeat(10_000));
        assert!(nesting_bound(&table) < 40, "{}", nesting_bound(&table));
        let statements = "if a:\n    b = f(c)[d].e + 1\n".repeat(10_000);
        assert!(nesting_bound(&statements) < 40, "{}", nesting_bound(&statements));
    }
}
