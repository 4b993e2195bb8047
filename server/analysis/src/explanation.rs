//! What a piece of code does, in plain sentences composed from its tree. No model, nothing guessed.
//!
//! Python, JavaScript and TypeScript are told statement by statement (`explanation::python`, `explanation::script`); of
//! other languages the definitions and the measures are told, and that the rest is not. Sentences quote code rather than
//! paraphrase it: a quote cannot be wrong.

mod facts;
mod phrase;
mod python;
mod script;
mod summary;
#[cfg(test)]
mod tests;

use syntax::{Document, Language, Node, TextRange};

use crate::{
    complexity::{Complexity, complexity},
    family::Family,
    growth::{Growth, growth},
    outline::{Symbol, outline},
    tree::{path_to, range_of},
};
use facts::Facts;
use phrase::code;

/// How much an explanation tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailLevel {
    /// One or two sentences.
    Low,
    /// The steps.
    #[default]
    Medium,
    /// Every statement, then names, calls, exceptions, side effects and measures.
    High,
}

/// What is known about a piece of code.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What was explained: the statements or the definition that the asked range lies in.
    pub range: TextRange,
    /// Markdown.
    pub markdown: String,
    /// Measures; none where the language has no control flow.
    pub complexity: Option<Complexity>,
    /// How the time grows; none where that is not sure.
    pub growth: Option<Growth>,
    /// The definitions in it, outer ones first.
    pub symbols: Vec<Symbol>,
}

/// Steps that the outline of a medium explanation has at most, all levels together.
const MEDIUM_STEPS: usize = 40;
/// The same for a high one: what is longer is read in the code itself.
const HIGH_STEPS: usize = 400;

/// Whether the language's code is told statement by statement.
pub fn tells_statements(language: Language) -> bool {
    let family = Family::of(language);
    family == Family::Python || family.is_script()
}

/// Explains the statements that `range` touches. An empty range means the definition around it, else its statement.
pub fn explanation(document: &Document, range: TextRange, detail: DetailLevel) -> Explanation {
    let text = document.text().to_string();
    let range = TextRange { start: range.start.min(text.len()), end: range.end.min(text.len()) };
    let statements = statements(document, &text, range);
    let range = match (statements.first(), statements.last()) {
        (Some(first), Some(last)) => TextRange { start: first.start_byte(), end: last.end_byte() },
        _ if range.is_empty() => TextRange::new(0, text.len()),
        _ => range,
    };
    let report = complexity(document, range);
    let growth = growth(document, range);
    let mut symbols = outline(document);
    keep_inside(&mut symbols, range);
    let whole = report.as_ref().map(|report| report.whole);
    let family = Family::of(document.language());
    let steps = match family {
        Family::Python => Some(python::steps(&text, &statements)),
        _ if family.is_script() => Some(script::steps(&text, &statements)),
        _ => None,
    };
    let facts = Facts::of(family, &text, &statements);
    let mut markdown = match (&steps, detail) {
        (None, _) => summary::of_definitions(document, range, &symbols, detail),
        (Some(steps), DetailLevel::Low) => summary::of_steps(steps, &facts),
        (Some(steps), DetailLevel::Medium) => phrase::outline(&summary::merged(steps), MEDIUM_STEPS),
        (Some(steps), DetailLevel::High) => phrase::outline(steps, HIGH_STEPS),
    };
    if markdown.trim().is_empty() {
        "There is no code here.".clone_into(&mut markdown);
    }
    if detail == DetailLevel::High {
        if steps.is_some() {
            markdown.push_str(&facts.markdown());
        }
        if let Some(whole) = whole {
            markdown.push_str(&summary::of_measures(&whole, growth.as_ref()));
        }
    }
    Explanation { range, markdown, complexity: whole, growth, symbols }
}

/// The definitions that lie in `range`; of one that reaches out of it, those inside.
fn keep_inside(symbols: &mut Vec<Symbol>, range: TextRange) {
    let all = std::mem::take(symbols);
    for mut symbol in all {
        if range.contains(symbol.range) {
            symbols.push(symbol);
        } else {
            keep_inside(&mut symbol.children, range);
            symbols.append(&mut symbol.children);
        }
    }
}

/// The statements that `range` touches, siblings all of them.
fn statements<'tree>(document: &'tree Document, text: &str, range: TextRange) -> Vec<Node<'tree>> {
    let Some(tree) = document.tree() else { return Vec::new() };
    let slice = &text[snap(text, range.start)..snap(text, range.end)];
    let start = range.start + (slice.len() - slice.trim_start().len());
    let end = (range.start + slice.trim_end().len()).max(start);
    if range.is_empty() || start == end {
        return at(tree, text, range.start).into_iter().collect();
    }
    // Down to the last block whose statements hold all of the range.
    let path = path_to(tree, start);
    let block = path.iter().rev().find(|node| is_block(**node) && node.start_byte() <= start && node.end_byte() >= end);
    let block = block.copied().unwrap_or_else(|| tree.root_node());
    let mut cursor = block.walk();
    block.named_children(&mut cursor).filter(|it| it.end_byte() > start && it.start_byte() < end).collect()
}

fn snap(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

/// The innermost function or class around `offset`, else the statement there.
fn at<'tree>(tree: &'tree syntax::Tree, text: &str, offset: usize) -> Option<Node<'tree>> {
    // From the beginning of a line its first statement is meant.
    let line_end = text[snap(text, offset)..].find('\n').map_or(text.len(), |end| offset + end);
    let rest = &text[snap(text, offset)..snap(text, line_end)];
    let offset = if rest.trim().is_empty() { offset } else { offset + (rest.len() - rest.trim_start().len()) };
    let path = path_to(tree, offset);
    let is_definition = |node: &&Node<'_>| {
        let kind = node.kind();
        (kind.contains("function") || kind.contains("method") || kind.starts_with("class"))
            && (kind.ends_with("definition") || kind.ends_with("declaration") || kind.ends_with("_item"))
    };
    if let Some(definition) = path.iter().rev().find(is_definition) {
        let decorated =
            path.iter().find(|it| it.kind() == "decorated_definition" && it.end_byte() == definition.end_byte());
        return Some(*decorated.unwrap_or(definition));
    }
    let block = path.iter().rposition(|node| is_block(*node))?;
    path.get(block + 1).copied()
}

/// Holds statements.
fn is_block(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "module"
            | "program"
            | "block"
            | "statement_block"
            | "class_body"
            | "source_file"
            | "translation_unit"
            | "declaration_list"
            | "compound_statement"
    ) && node.is_named()
}

/// The node's text.
fn slice<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    let range = range_of(node);
    text.get(range.start..range.end).unwrap_or_default()
}

/// The node's text as quoted code.
fn quoted(text: &str, node: Node<'_>) -> String {
    code(slice(text, node))
}
