//! How functions, parameters, calls and arguments look, per grammar. A grammar without a table has no signatures.

/// What a node in a parameter list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParameterShape {
    /// A parameter that is the node itself.
    Plain,
    /// A parameter whose pattern stands in this field (without one: is the first child).
    Around(Option<&'static str>, Default),
    /// Takes what positional arguments are left.
    Rest,
    /// Takes what keyword arguments are left.
    KeywordRest,
    /// What follows is given by keyword only.
    KeywordsFollow,
    /// What stands before is given by position only.
    PositionsEnd,
    /// Not given between the parentheses of a call.
    Receiver,
}

/// Whether a parameter may be left out at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Default {
    Always,
    Never,
    /// Where this field is there.
    With(&'static str),
}

/// What a node in an argument list is. Every other one is a positional argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArgumentShape {
    /// The keyword stands in this field.
    Keyword(&'static str),
    Spread,
    KeywordSpread,
}

/// The tables of one grammar.
#[derive(Debug)]
pub(super) struct Tables {
    /// Nodes with parameters in the field `parameters`.
    pub(super) functions: &'static [&'static str],
    /// Nodes that give the function in their field `value` the name in this field.
    pub(super) holders: &'static [(&'static str, &'static str)],
    /// Nodes around a definition that are no scope.
    pub(super) wrappers: &'static [&'static str],
    /// Nodes whose field `body` holds methods, and the field with their name.
    pub(super) classes: &'static [(&'static str, &'static str)],
    pub(super) parameters: &'static [(&'static str, ParameterShape)],
    /// Parameters can be given by name.
    pub(super) has_keywords: bool,
    /// The first parameter of a method is its receiver, unless it is decorated with this word.
    pub(super) first_is_receiver_unless: Option<&'static str>,
    /// A call with too few arguments is an error.
    pub(super) is_arity_checked: bool,
    /// Call nodes (their arguments are in the field `arguments`) and the field of what is called.
    pub(super) calls: &'static [(&'static str, &'static str)],
    /// Nodes with arguments between parentheses.
    pub(super) lists: &'static [&'static str],
    pub(super) arguments: &'static [(&'static str, ArgumentShape)],
    /// Member accesses: the fields of the receiver and of the name.
    pub(super) members: &'static [(&'static str, &'static str, &'static str)],
    /// Nodes around what is called that change nothing.
    pub(super) callee_wrappers: &'static [&'static str],
    /// What stands for the object of the method around, or its class.
    pub(super) receivers: &'static [&'static str],
    /// The method that a call of the class calls.
    pub(super) constructor: Option<&'static str>,
}

use ArgumentShape::{Keyword, KeywordSpread, Spread};
use ParameterShape::{Around, KeywordRest, KeywordsFollow, Plain, PositionsEnd, Receiver, Rest};

const PYTHON: Tables = Tables {
    functions: &["function_definition"],
    holders: &[],
    wrappers: &["decorated_definition"],
    classes: &[("class_definition", "name")],
    parameters: &[
        ("identifier", Plain),
        ("tuple_pattern", Plain),
        ("typed_parameter", Around(None, Default::Never)),
        ("default_parameter", Around(Some("name"), Default::Always)),
        ("typed_default_parameter", Around(Some("name"), Default::Always)),
        ("list_splat_pattern", Rest),
        ("dictionary_splat_pattern", KeywordRest),
        ("keyword_separator", KeywordsFollow),
        ("positional_separator", PositionsEnd),
    ],
    has_keywords: true,
    first_is_receiver_unless: Some("staticmethod"),
    is_arity_checked: true,
    calls: &[("call", "function")],
    lists: &["argument_list"],
    arguments: &[("keyword_argument", Keyword("name")), ("list_splat", Spread), ("dictionary_splat", KeywordSpread)],
    members: &[("attribute", "object", "attribute")],
    callee_wrappers: &[],
    receivers: &["self", "cls"],
    constructor: Some("__init__"),
};

const SCRIPT: Tables = Tables {
    functions: &[
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    ],
    holders: &[("variable_declarator", "name"), ("field_definition", "property"), ("public_field_definition", "name")],
    wrappers: &["export_statement", "lexical_declaration", "variable_declaration"],
    classes: &[("class_declaration", "name"), ("abstract_class_declaration", "name"), ("class", "name")],
    parameters: &[
        ("identifier", Plain),
        ("object_pattern", Plain),
        ("array_pattern", Plain),
        ("assignment_pattern", Around(Some("left"), Default::Always)),
        ("required_parameter", Around(Some("pattern"), Default::With("value"))),
        ("optional_parameter", Around(Some("pattern"), Default::Always)),
        ("rest_pattern", Rest),
        ("this", Receiver),
    ],
    has_keywords: false,
    first_is_receiver_unless: None,
    is_arity_checked: false,
    calls: &[("call_expression", "function"), ("new_expression", "constructor")],
    lists: &["arguments"],
    arguments: &[("spread_element", Spread)],
    members: &[("member_expression", "object", "property")],
    callee_wrappers: &["non_null_expression"],
    receivers: &["this"],
    constructor: Some("constructor"),
};

const RUST: Tables = Tables {
    functions: &["function_item"],
    holders: &[],
    wrappers: &[],
    classes: &[("impl_item", "type"), ("trait_item", "name")],
    parameters: &[
        ("parameter", Around(Some("pattern"), Default::Never)),
        ("self_parameter", Receiver),
        ("identifier", Plain),
    ],
    has_keywords: false,
    first_is_receiver_unless: None,
    is_arity_checked: true,
    calls: &[("call_expression", "function")],
    lists: &["arguments"],
    arguments: &[],
    members: &[("field_expression", "value", "field"), ("scoped_identifier", "path", "name")],
    callee_wrappers: &["generic_function"],
    receivers: &["self", "Self"],
    constructor: None,
};

/// The tables of a grammar, by its name in the registry.
pub(super) fn tables(grammar: &str) -> Option<&'static Tables> {
    match grammar {
        "python" => Some(&PYTHON),
        "javascript" | "typescript" | "tsx" => Some(&SCRIPT),
        "rust" => Some(&RUST),
        _ => None,
    }
}
