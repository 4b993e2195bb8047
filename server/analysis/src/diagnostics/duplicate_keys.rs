//! Keys that occur twice in one JSON object: readers disagree on which value counts (RFC 8259, section 4).

use std::collections::HashMap;

use syntax::{Document, TextRange, Tree};

use super::{Diagnostic, MAX_DIAGNOSTICS, Severity};
use crate::tree::{Walk, range_of};

pub(super) fn duplicate_keys(document: &Document, tree: &Tree) -> Vec<Diagnostic> {
    let text = document.text();
    let mut found = Vec::new();
    // One map of keys for each object around the cursor, with the object's depth in the tree.
    let mut objects: Vec<(usize, HashMap<String, TextRange>)> = Vec::new();
    let mut walk = Walk::new(tree.root_node());
    loop {
        let node = walk.node();
        let depth = walk.depth();
        while objects.last().is_some_and(|(object, _)| *object >= depth) {
            objects.pop();
        }
        match node.kind() {
            "object" => objects.push((depth, HashMap::new())),
            "pair" => {
                if let Some(key) = node.child_by_field_name("key")
                    && let Some((_, keys)) = objects.last_mut()
                    && !key.is_missing()
                {
                    let range = range_of(key);
                    let written = text.slice(range);
                    if let Some(first) = keys.get(&written) {
                        let message = format!("the key {written} occurs twice: most readers keep only the last value");
                        let mut diagnostic = Diagnostic::error("duplicate-key", range, message)
                            .relates_to(*first, "it occurs here first");
                        diagnostic.severity = Severity::Warning;
                        found.push(diagnostic);
                    } else {
                        keys.insert(written, range);
                    }
                }
            }
            _ => {}
        }
        let is_container = matches!(node.kind(), "document" | "object" | "array" | "pair" | "ERROR");
        if found.len() >= MAX_DIAGNOSTICS {
            return found;
        }
        if !walk.advance(is_container) {
            return found;
        }
    }
}
