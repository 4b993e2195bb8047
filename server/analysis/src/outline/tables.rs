//! Which nodes define something, per grammar.

use crate::SymbolKind;

/// Where a definition's name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameAt {
    /// In this field.
    Field(&'static str),
    /// In the innermost of nested `declarator` fields (C: `int *f(void)`).
    Declarator,
    /// In the first child of one of these kinds.
    Child(&'static [&'static str]),
    /// In this field, with the text of another before it (`impl Display for Point`).
    FieldWith(&'static str, &'static str),
    /// It is the node.
    Itself,
    /// Every identifier in this field (`var a, b = 1, 2`, `let {a, b} = c`).
    Pattern(&'static str),
}

/// When a row applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    Always,
    /// At the top level of the file or directly in a class, a module or an interface.
    TopLevel,
    /// Directly in a class or an interface.
    InClass,
    /// Directly below a node of this kind.
    ChildOf(&'static str),
    /// When the node has this field.
    WithField(&'static str),
    /// When this field holds a node of one of these kinds.
    FieldIs(&'static str, &'static [&'static str]),
    /// At the top level of the file, and a child of the document itself.
    DocumentKey,
}

/// One kind of definition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The node's kind.
    pub(crate) node: &'static str,
    /// What it defines.
    pub(crate) kind: SymbolKind,
    pub(crate) name: NameAt,
    /// The field where the head ends.
    pub(crate) body: Option<&'static str>,
    pub(crate) only: Only,
}

const fn row(node: &'static str, kind: SymbolKind, body: Option<&'static str>) -> Row {
    Row { node, kind, name: Field("name"), body, only: Only::Always }
}

impl Row {
    const fn named(self, name: NameAt) -> Self {
        Self { name, ..self }
    }

    const fn only(self, only: Only) -> Self {
        Self { only, ..self }
    }
}

use NameAt::{Child, Declarator, Field, FieldWith, Pattern};
use Only::{FieldIs, InClass, TopLevel, WithField};
use SymbolKind::{
    Class, Constant, Constructor, Enum, EnumMember, Field as FieldKind, Function, Interface, Method, Module, Property,
    Struct, TypeAlias, Variable,
};

const BODY: Option<&str> = Some("body");

const PYTHON: &[Row] = &[
    row("function_definition", Function, BODY),
    row("class_definition", Class, BODY),
    row("assignment", Variable, Some("right")).named(Pattern("left")).only(TopLevel),
    row("type_alias_statement", TypeAlias, None).named(Field("left")),
];

const FUNCTION_VALUES: &[&str] = &["arrow_function", "function_expression", "generator_function", "function"];
const SCRIPT: &[Row] = &[
    row("function_declaration", Function, BODY),
    row("generator_function_declaration", Function, BODY),
    row("class_declaration", Class, BODY),
    row("method_definition", Method, BODY),
    row("variable_declarator", Function, None).only(FieldIs("value", FUNCTION_VALUES)),
    row("variable_declarator", Variable, Some("value")).named(Pattern("name")).only(TopLevel),
    row("field_definition", Property, Some("value")).named(Field("property")),
];
const TYPESCRIPT: &[Row] = &[
    row("function_declaration", Function, BODY),
    row("generator_function_declaration", Function, BODY),
    row("function_signature", Function, None),
    row("class_declaration", Class, BODY),
    row("abstract_class_declaration", Class, BODY),
    row("method_definition", Method, BODY),
    row("method_signature", Method, None),
    row("abstract_method_signature", Method, None),
    row("variable_declarator", Function, None).only(FieldIs("value", FUNCTION_VALUES)),
    row("variable_declarator", Variable, Some("value")).named(Pattern("name")).only(TopLevel),
    row("public_field_definition", Property, Some("value")),
    row("property_signature", Property, None).only(InClass),
    row("interface_declaration", Interface, BODY),
    row("type_alias_declaration", TypeAlias, None),
    row("enum_declaration", Enum, BODY),
    row("enum_assignment", EnumMember, None),
    row("property_identifier", EnumMember, None).named(NameAt::Itself).only(Only::ChildOf("enum_body")),
    row("internal_module", Module, BODY),
    row("module", Module, BODY).only(WithField("body")),
];

const RUST: &[Row] = &[
    row("function_item", Function, BODY),
    row("function_signature_item", Function, None),
    row("struct_item", Struct, BODY),
    row("union_item", Struct, BODY),
    row("enum_item", Enum, BODY),
    row("enum_variant", EnumMember, None),
    row("field_declaration", FieldKind, None),
    row("trait_item", Interface, BODY),
    row("impl_item", Class, BODY).named(FieldWith("type", "trait")),
    row("mod_item", Module, BODY),
    row("const_item", Constant, Some("value")),
    row("static_item", Variable, Some("value")),
    row("type_item", TypeAlias, None),
    row("associated_type", TypeAlias, None),
    row("macro_definition", Function, None),
];

const GO: &[Row] = &[
    row("function_declaration", Function, BODY),
    row("method_declaration", Method, BODY),
    row("type_spec", Struct, Some("type")).only(FieldIs("type", &["struct_type"])),
    row("type_spec", Interface, Some("type")).only(FieldIs("type", &["interface_type"])),
    row("type_spec", TypeAlias, None),
    row("type_alias", TypeAlias, None),
    row("field_declaration", FieldKind, None).only(WithField("name")),
    row("method_elem", Method, None),
    row("const_spec", Constant, None).only(TopLevel),
    row("var_spec", Variable, None).only(TopLevel),
];

const JAVA: &[Row] = &[
    row("class_declaration", Class, BODY),
    row("record_declaration", Class, BODY),
    row("interface_declaration", Interface, BODY),
    row("annotation_type_declaration", Interface, BODY),
    row("enum_declaration", Enum, BODY),
    row("enum_constant", EnumMember, BODY),
    row("method_declaration", Method, BODY),
    row("constructor_declaration", Constructor, BODY),
    row("compact_constructor_declaration", Constructor, BODY),
    row("field_declaration", FieldKind, None).named(Declarator),
    row("constant_declaration", Constant, None).named(Declarator),
];

const C: &[Row] = &[
    row("function_definition", Function, BODY).named(Declarator),
    row("declaration", Variable, None).named(Declarator).only(TopLevel),
    row("struct_specifier", Struct, BODY).only(WithField("body")),
    row("union_specifier", Struct, BODY).only(WithField("body")),
    row("enum_specifier", Enum, BODY).only(WithField("body")),
    row("enumerator", EnumMember, None),
    row("field_declaration", FieldKind, None).named(Declarator),
    row("type_definition", TypeAlias, None).named(Declarator),
    row("preproc_def", Constant, None),
    row("preproc_function_def", Function, Some("value")),
];
const CPP: &[Row] = &[
    row("function_definition", Function, BODY).named(Declarator),
    row("declaration", Variable, None).named(Declarator).only(TopLevel),
    row("class_specifier", Class, BODY).only(WithField("body")),
    row("struct_specifier", Struct, BODY).only(WithField("body")),
    row("union_specifier", Struct, BODY).only(WithField("body")),
    row("enum_specifier", Enum, BODY).only(WithField("body")),
    row("enumerator", EnumMember, None),
    row("field_declaration", FieldKind, None).named(Declarator),
    row("type_definition", TypeAlias, None).named(Declarator),
    row("alias_declaration", TypeAlias, None),
    row("concept_definition", Interface, None),
    row("namespace_definition", Module, BODY),
    row("preproc_def", Constant, None),
    row("preproc_function_def", Function, Some("value")),
];

const BASH: &[Row] =
    &[row("function_definition", Function, BODY), row("variable_assignment", Variable, Some("value")).only(TopLevel)];

const CSS: &[Row] = &[
    row("rule_set", Module, None).named(Child(&["selectors"])),
    row("keyframes_statement", Module, None).named(Child(&["keyframes_name"])),
    row("media_statement", Module, None).named(Child(&["feature_query", "keyword_query", "binary_query"])),
];

const JSON: &[Row] = &[row("pair", Property, Some("value")).named(Field("key")).only(Only::DocumentKey)];

/// Rows that many grammars share, for those without a table of their own.
const OTHER: &[Row] = &[
    row("function_definition", Function, BODY),
    row("function_declaration", Function, BODY),
    row("method_definition", Method, BODY),
    row("method_declaration", Method, BODY),
    row("method", Method, BODY),
    row("singleton_method", Method, BODY),
    row("class_definition", Class, BODY),
    row("class_declaration", Class, BODY),
    row("class", Class, BODY),
    row("object_definition", Class, BODY),
    row("trait_definition", Interface, BODY),
    row("interface_declaration", Interface, BODY),
    row("enum_declaration", Enum, BODY),
    row("struct_declaration", Struct, BODY),
    row("module", Module, BODY),
    row("namespace_declaration", Module, BODY),
];

/// The rows for a grammar, by its name in the registry.
pub(crate) fn rows(grammar: &str) -> &'static [Row] {
    match grammar {
        "python" => PYTHON,
        "javascript" => SCRIPT,
        "typescript" | "tsx" => TYPESCRIPT,
        "rust" => RUST,
        "go" => GO,
        "java" => JAVA,
        "c" => C,
        "cpp" => CPP,
        "bash" => BASH,
        "css" => CSS,
        "json" => JSON,
        "html" => &[],
        _ => OTHER,
    }
}

/// Nodes in which `TopLevel` rows apply besides the root: they hold definitions without being one,
/// or are the bodies of those that are.
pub(crate) const TRANSPARENT: &[&str] = &[
    "ambient_declaration",
    "block",
    "class_body",
    "const_declaration",
    "declaration_list",
    "decorated_definition",
    "ERROR",
    "export_statement",
    "expression_statement",
    "extern_crate_declaration",
    "field_declaration_list",
    "interface_body",
    "lexical_declaration",
    "linkage_specification",
    "object",
    "object_type",
    "preproc_elif",
    "preproc_else",
    "preproc_if",
    "preproc_ifdef",
    "statement_block",
    "var_declaration",
    "var_spec_list",
    "variable_declaration",
    "template_declaration",
    "if_statement",
    "try_statement",
    "except_clause",
    "else_clause",
    "declaration",
    "program",
    "document",
];
