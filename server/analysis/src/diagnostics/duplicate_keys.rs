//! Keys that occur twice in one place of a data file, where only one of them can count.
//!
//! JSON: readers disagree on which value counts (RFC 8259, section 4). TOML: "Defining a key multiple times is invalid".
//! YAML: keys are unique (YAML 1.2.2, section 3.2.1.3), and many readers keep the last one without a word. CSS: custom
//! properties alone, for of the others an earlier one may be meant for browsers that do not know the later.

use std::collections::HashMap;

use syntax::{Document, Node, TextRange, Tree};

use super::{Diagnostic, MAX_DIAGNOSTICS, Severity};
use crate::tree::{KindSet, Walk, range_of};

/// How keys are written in a grammar.
struct Keys {
    /// Nodes in which a key occurs once.
    containers: &'static [&'static str],
    /// Nodes that give a key a value; the key is the field `key`, else the first child.
    pairs: &'static [&'static str],
    severity: Severity,
    consequence: &'static str,
}

const JSON: Keys = Keys {
    containers: &["object"],
    pairs: &["pair"],
    severity: Severity::Warning,
    consequence: "most readers keep only the last value",
};

const YAML: Keys = Keys {
    containers: &["block_mapping", "flow_mapping"],
    pairs: &["block_mapping_pair", "flow_pair"],
    severity: Severity::Warning,
    consequence: "readers refuse this or keep only the last value",
};

const TOML: Keys = Keys {
    containers: &["document", "table", "table_array_element", "inline_table"],
    pairs: &["pair"],
    severity: Severity::Error,
    consequence: "readers refuse this",
};

const CSS: Keys = Keys {
    containers: &["block"],
    pairs: &["declaration"],
    severity: Severity::Warning,
    consequence: "only the last value counts",
};

fn keys(grammar: &str) -> Option<&'static Keys> {
    match grammar {
        "json" => Some(&JSON),
        "yaml" => Some(&YAML),
        "toml" => Some(&TOML),
        "css" => Some(&CSS),
        _ => None,
    }
}

/// Keys that occur twice. In text that does not parse, those of JSON alone: where its objects begin and end is certain
/// even then.
pub(super) fn duplicate_keys(document: &Document, tree: &Tree) -> Vec<Diagnostic> {
    let Some(grammar) = document.language().grammar_name() else { return Vec::new() };
    let Some(table) = keys(grammar) else { return Vec::new() };
    if grammar != "json" && tree.root_node().has_error() {
        return Vec::new();
    }
    let containers = KindSet::new(document.language(), table.containers.iter().copied());
    let pairs = KindSet::new(document.language(), table.pairs.iter().copied());
    let text = document.text();
    let mut found = Vec::new();
    // One map of keys for each container around the cursor, with the container's depth in the tree.
    let mut around: Vec<(usize, HashMap<String, TextRange>)> = Vec::new();
    let mut walk = Walk::new(tree.root_node());
    loop {
        let node = walk.node();
        let depth = walk.depth();
        while around.last().is_some_and(|(container, _)| *container >= depth) {
            around.pop();
        }
        if containers.contains(node) {
            around.push((depth, HashMap::new()));
        } else if pairs.contains(node)
            && let Some(key) = key_of(node, grammar)
            && let Some((_, keys)) = around.last_mut()
        {
            let range = range_of(key);
            let written = text.slice(range);
            let name = normalized(&written, grammar);
            if let Some(first) = keys.get(&name) {
                let message = format!("the key {written} occurs twice: {}", table.consequence);
                let mut diagnostic =
                    Diagnostic::error("duplicate-key", range, message).relates_to(*first, "it occurs here first");
                diagnostic.severity = table.severity;
                found.push(diagnostic);
            } else if is_certain(node, &written, grammar) {
                keys.insert(name, range);
            }
        }
        if found.len() >= MAX_DIAGNOSTICS {
            return found;
        }
        let is_json_leaf =
            grammar == "json" && !matches!(node.kind(), "document" | "object" | "array" | "pair" | "ERROR");
        if !walk.advance(!is_json_leaf) {
            return found;
        }
    }
}

fn key_of<'tree>(pair: Node<'tree>, grammar: &str) -> Option<Node<'tree>> {
    let key = pair.child_by_field_name("key").or_else(|| (grammar != "json").then(|| pair.named_child(0)).flatten())?;
    (!key.is_missing() && key.end_byte() > key.start_byte()).then_some(key)
}

/// TOML's `a`, `"a"` and `'a'` are one key, and blanks around its dots mean nothing.
fn normalized(written: &str, grammar: &str) -> String {
    if grammar != "toml" || written.contains('\\') {
        return written.to_owned();
    }
    let part = |part: &str| {
        let part = part.trim();
        let quoted = part.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        quoted.or_else(|| part.strip_prefix('\'').and_then(|it| it.strip_suffix('\''))).unwrap_or(part).to_owned()
    };
    // A dot in quotes separates nothing.
    if written.contains(['"', '\'']) && written.contains('.') {
        return written.to_owned();
    }
    written.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// Whether a second key of this name would be wrong.
fn is_certain(pair: Node<'_>, written: &str, grammar: &str) -> bool {
    match grammar {
        "css" => {
            let mut cursor = pair.walk();
            written.starts_with("--") && !pair.children(&mut cursor).any(|child| child.kind() == "important")
        }
        // A merge may be written several times, and a key that is not a name on one line is compared by nobody.
        "yaml" => written != "<<" && !written.starts_with(['?', '{', '[', '*', '!', '&']) && !written.contains('\n'),
        _ => true,
    }
}
