//! Formatting of a part: whole statements that a selection touches, and nothing around them.

use std::path::Path;

use ruff_python_formatter::format_range as format_python_range;
use ruff_text_size::TextSize;
use syntax::{Document, Node, TextEdit, TextRange, apply_edits};

use super::edits::small_edits;
use super::style::Envelope;
use super::{
    Failure, FormatDefect, FormatError, FormatOptions, Formatter, Request, check_formatted, format, guarded, python,
};
use crate::{family::Family, tree::path_to, tree::range_of};

/// The edits that lay out the statements that `range` touches.
///
/// Empty where they are laid out already, and where no part of the change can be made without the rest of it.
///
/// # Errors
/// As [`format`](super::format()).
pub fn format_range(
    document: &Document,
    path: Option<&Path>,
    range: TextRange,
    options: &FormatOptions,
) -> Result<Vec<TextEdit>, FormatError> {
    let text = document.text().to_string();
    let edits = if Family::of(document.language()) == Family::Python && !text.contains('\r') {
        let formatted = python_statements(document, &text, path, range, options)?;
        small_edits(&text, &formatted)
    } else {
        let formatted = format(document, path, options)?;
        let wanted = statements(document, &text, range);
        let edits = formatted.edits(document);
        edits.into_iter().filter(|it| wanted.start <= it.range.start && it.range.end <= wanted.end).collect()
    };
    if edits.is_empty() {
        return Ok(edits);
    }
    match check_formatted(document, &apply_edits(&text, &edits), super::formatter_of(document.language()).unwrap_or(""))
    {
        Ok(()) => Ok(edits),
        Err(FormatError::Defect { defect: FormatDefect::ChangedMeaning(_), .. }) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

/// The text with the statements laid out by ruff, which knows how to format some of a module.
fn python_statements(
    document: &Document,
    text: &str,
    path: Option<&Path>,
    range: TextRange,
    options: &FormatOptions,
) -> Result<String, FormatError> {
    let formatter = Formatter::of(document.language()).ok_or(FormatError::NoFormatter(document.language()))?;
    formatter.accepts(document, text)?;
    let (envelope, inner) = Envelope::open(text);
    let mark = text.len() - inner.len();
    let size = |offset: usize| TextSize::try_from(offset).unwrap_or_default();
    let range = snapped(document, range);
    let inner_range =
        ruff_text_size::TextRange::new(size(range.start.saturating_sub(mark)), size(range.end.saturating_sub(mark)));
    let request = Request::new(&inner, document.language(), path, options);
    let printed = guarded(|| {
        format_python_range(&inner, inner_range, python::options(&request))
            .map_err(|error| Failure::from(python::refusal(error)))
    })
    .unwrap_or(Err(Failure::Defect(FormatDefect::Panicked)))
    .map_err(|failure| formatter.error(failure, document, text, envelope))?;
    let place = printed.source_range();
    Ok(format!(
        "{}{}{}{}",
        &text[..mark],
        &inner[..place.start().to_usize()],
        printed.as_code(),
        &inner[place.end().to_usize()..]
    ))
}

/// The range without half characters.
fn snapped(document: &Document, range: TextRange) -> TextRange {
    TextRange::new(document.text().snap(range.start), document.text().snap(range.end))
}

/// The lines of `range`, made larger until they hold whole statements.
fn statements(document: &Document, text: &str, range: TextRange) -> TextRange {
    let range = snapped(document, range);
    let selected = &text[range.start..range.end];
    let start = range.start + (selected.len() - selected.trim_start().len());
    let end = range.end - (selected.len() - selected.trim_end().len());
    let (start, end) = if start < end { (start, end) } else { (range.start, range.start) };
    let lines = |from: usize, to: usize| {
        let from = text[..from].rfind('\n').map_or(0, |at| at + 1);
        TextRange::new(from, text[to..].find('\n').map_or(text.len(), |at| to + at))
    };
    let mut wanted = lines(start, end);
    let Some(tree) = document.tree() else { return wanted };
    // The innermost node around the selection whose children are statements; those that the selection touches.
    let around = path_to(tree, start).into_iter().rev().find(|node| node.end_byte() >= end && holds_statements(*node));
    if let Some(around) = around {
        let mut cursor = around.walk();
        for child in around.children(&mut cursor).filter(|it| it.is_named()).map(range_of) {
            if child.start < wanted.end && wanted.start < child.end {
                let whole = lines(child.start, child.end.max(child.start));
                wanted = TextRange::new(wanted.start.min(whole.start), wanted.end.max(whole.end));
            }
        }
    }
    wanted
}

/// Whether a node is a list of statements, members, rules or elements.
fn holds_statements(node: Node<'_>) -> bool {
    const KINDS: &[&str] = &[
        "array",
        "block",
        "block_mapping",
        "block_sequence",
        "class_body",
        "document",
        "element",
        "enum_body",
        "flow_mapping",
        "flow_sequence",
        "fragment",
        "interface_body",
        "keyframe_block_list",
        "object",
        "object_type",
        "program",
        "statement_block",
        "stylesheet",
        "switch_body",
    ];
    node.parent().is_none() || KINDS.contains(&node.kind())
}
