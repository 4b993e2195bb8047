//! Renaming by the syntax's scopes alone, for languages without exact ones: names of one function only.

use syntax::{Document, TextEdit, TextRange};

use super::{Refusal, nothing_to_rename};
use crate::SymbolKind;
use crate::family::Family;
use crate::scope::{References, definition_at, references};
use crate::syntax_error_count;
use crate::tree::path_to;

/// Nodes that hold what is local.
const FUNCTIONS: &[&str] = &[
    "function_definition",
    "function_item",
    "function_declaration",
    "method_declaration",
    "constructor_declaration",
    "func_literal",
    "lambda_expression",
    "closure_expression",
    "arrow_function",
    "function_expression",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
    "lambda",
];

/// The name at `offset` with every place that names it, where all of them are in one function.
///
/// # Errors
/// Why it cannot be renamed.
pub fn renamable_in_scope(document: &Document, offset: usize) -> Result<References, Refusal> {
    let refused = || nothing_to_rename(document, offset);
    let found = references(document, offset).ok_or_else(refused)?;
    let definition = definition_at(document, found.definition.start).ok_or_else(refused)?;
    let language = document.language().name();
    let is_local = matches!(definition.kind, SymbolKind::Variable | SymbolKind::Parameter | SymbolKind::Constant)
        && is_in_function(document, found.definition);
    if !is_local {
        return Err(format!("in {language} only parameters and local variables are renamed"));
    }
    Ok(found)
}

/// The edits that give the local name at `offset` a new one.
///
/// # Errors
/// Why it cannot be renamed.
pub fn rename_in_scope(document: &Document, offset: usize, new: &str) -> Result<Vec<TextEdit>, Refusal> {
    let found = renamable_in_scope(document, offset)?;
    let old = document.text().slice(found.definition);
    let new = super::new_name(document.language(), &old, new)?;
    if new == old {
        return Ok(Vec::new());
    }
    let edits = found.places.iter().map(|place| {
        let new_text = place.renamed(&old, &new)?;
        Some(TextEdit { range: place.range, new_text })
    });
    let edits: Vec<TextEdit> = edits.collect::<Option<_>>().ok_or_else(|| format!("`{old}` is imported"))?;
    let after = document.edit(&edits, document.version());
    if syntax_error_count(&after) > syntax_error_count(document) {
        return Err(format!("with `{new}` there would be a syntax error"));
    }
    let moved = super::Moved::new(&edits, &new);
    let starts: Vec<usize> = found.places.iter().map(|place| moved.start(place.range)).collect();
    let now = references(&after, moved.start(found.definition));
    let now: Vec<usize> = now.iter().flat_map(|now| &now.places).map(|place| place.range.start).collect();
    if now != starts {
        return Err(format!("`{new}` already stands for something else there"));
    }
    Ok(edits)
}

fn is_in_function(document: &Document, definition: TextRange) -> bool {
    let family = Family::of(document.language());
    let Some(tree) = document.tree().filter(|_| family != Family::Bash) else { return false };
    path_to(tree, definition.start).iter().any(|node| FUNCTIONS.contains(&node.kind()))
}
