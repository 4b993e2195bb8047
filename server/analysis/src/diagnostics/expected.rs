//! Grammar symbols in words, and what the grammar can go on with at a place.

use std::collections::BTreeSet;

use syntax::{Document, Node};

/// What can follow at a place.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// Tokens written as themselves.
    pub(super) tokens: BTreeSet<String>,
    /// An operand can follow: a name as well as a literal.
    pub(super) expression: bool,
    /// Of the words, only names can follow.
    pub(super) name: bool,
}

impl Expected {
    /// In words, when they are few: "`,` or `)`", "an expression".
    pub(super) fn in_words(&self) -> Option<String> {
        if self.expression {
            return Some("an expression".to_owned());
        }
        let mut words: Vec<String> = self.tokens.iter().map(|token| format!("`{token}`")).collect();
        if self.name {
            words.insert(0, "a name".to_owned());
        }
        match words.len() {
            0 | 4.. => None,
            1 => words.pop(),
            _ => {
                let last = words.pop()?;
                Some(format!("{} or {last}", words.join(", ")))
            }
        }
    }
}

/// The parse state behind `leaf`, where the tree knows it.
pub(super) fn state_after(document: &Document, leaf: Option<Node<'_>>) -> Option<u16> {
    // State 1 is where every parse begins; 0 stands for an error and the maximum for none.
    let Some(leaf) = leaf else { return Some(1) };
    let is_known = |state: &u16| *state != 0 && *state != u16::MAX;
    let state = leaf.next_parse_state();
    if is_known(&state) {
        return Some(state);
    }
    let before = Some(leaf.parse_state()).filter(is_known)?;
    Some(document.language().grammar()?.next_state(before, leaf.grammar_id())).filter(is_known)
}

/// True when the grammar can go on with `token` in `state`.
pub(super) fn accepts(document: &Document, state: u16, token: Node<'_>) -> bool {
    let lookahead = document.language().grammar().and_then(|grammar| grammar.lookahead_iterator(state));
    lookahead.is_none_or(|mut symbols| symbols.any(|symbol| symbol == token.grammar_id()))
}

/// What the grammar can go on with in `state`.
pub(super) fn expected_in(document: &Document, state: u16) -> Expected {
    let mut expected = Expected::default();
    let Some(grammar) = document.language().grammar() else { return expected };
    let Some(symbols) = grammar.lookahead_iterator(state) else { return expected };
    let (mut name, mut literal) = (false, false);
    for symbol in symbols {
        let Some(kind) = grammar.node_kind_for_id(symbol) else { continue };
        if grammar.node_kind_is_named(symbol) {
            name |= is_name(kind);
            literal |= is_literal(kind);
        } else if grammar.node_kind_is_visible(symbol)
            && !matches!(kind, "end" | "\n" | "")
            && !kind.starts_with('_')
            && !kind.contains("_token")
        {
            literal |= matches!(kind, "\"" | "'");
            expected.tokens.insert(kind.to_owned());
        }
    }
    expected.expression = name && literal;
    expected.name = name && !literal;
    expected
}

fn is_name(kind: &str) -> bool {
    kind.ends_with("identifier") || matches!(kind, "word" | "tag_name" | "property_name" | "variable_name")
}

fn is_literal(kind: &str) -> bool {
    matches!(
        kind,
        "number"
            | "integer"
            | "float"
            | "integer_literal"
            | "float_literal"
            | "int_literal"
            | "number_literal"
            | "string_start"
            | "decimal_integer_literal"
            | "true"
            | "integer_value"
    )
}

/// What a MISSING node of this kind stands for, in words.
pub(super) fn missing_kind_in_words(kind: &str) -> &'static str {
    match kind {
        "identifier" | "field_identifier" | "property_identifier" | "variable_name" | "word" | "package_identifier" => {
            "a name"
        }
        "type_identifier" | "primitive_type" => "a type",
        "tag_name" => "a tag name",
        "attribute_value" => "an attribute value",
        "number" | "string" | "string_content" => "a value",
        "property_name" => "a property name",
        "class_name" | "id_name" => "a class or id name",
        _ => "an expression",
    }
}
