//! Which nodes open a scope and which bind a name, per grammar.

use crate::SymbolKind;

/// What a scope means for the names in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// The whole document.
    Module,
    /// A function: what is inside sees its names, what is outside does not.
    Function,
    /// A part of a function.
    Block,
    /// A class whose members are used by their bare names inside it (Java, C++).
    OpenClass,
    /// A class whose members need a qualifier (`self.x`).
    ClosedClass,
}

/// Where the bound names stand in the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoundAt {
    /// Every name that the pattern in this field binds.
    Pattern(&'static str),
    /// Every name that the node as a pattern binds.
    Whole,
    /// The innermost of nested `declarator` fields.
    Declarator,
    /// The names that an import brings in.
    Import,
}

/// One way to bind a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binder {
    pub(super) node: &'static str,
    pub(super) kind: SymbolKind,
    pub(super) at: BoundAt,
    /// Visible in all of its scope, not only behind the definition.
    pub(super) is_hoisted: bool,
}

const fn hoisted(node: &'static str, kind: SymbolKind) -> Binder {
    Binder { node, kind, at: Pattern("name"), is_hoisted: true }
}

const fn local(node: &'static str, kind: SymbolKind, at: BoundAt) -> Binder {
    Binder { node, kind, at, is_hoisted: false }
}

const fn import(node: &'static str) -> Binder {
    Binder { node, kind: Module, at: BoundAt::Import, is_hoisted: true }
}

/// The tables of one grammar.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) scopes: &'static [(&'static str, ScopeKind)],
    pub(super) binders: &'static [Binder],
}

use BoundAt::{Declarator, Pattern, Whole};
use ScopeKind::{Block, ClosedClass, Function as FunctionScope, OpenClass};
use SymbolKind::{
    Class, Constant, Enum, EnumMember, Function, Interface, Method, Module, Parameter, Struct, TypeAlias, Variable,
};

const PYTHON: Tables = Tables {
    scopes: &[
        ("function_definition", FunctionScope),
        ("lambda", FunctionScope),
        ("class_definition", ClosedClass),
        ("list_comprehension", Block),
        ("set_comprehension", Block),
        ("dictionary_comprehension", Block),
        ("generator_expression", Block),
    ],
    binders: &[
        hoisted("function_definition", Function),
        hoisted("class_definition", Class),
        local("parameters", Parameter, Whole),
        local("lambda_parameters", Parameter, Whole),
        local("assignment", Variable, Pattern("left")),
        local("named_expression", Variable, Pattern("name")),
        local("for_statement", Variable, Pattern("left")),
        local("for_in_clause", Variable, Pattern("left")),
        local("as_pattern_target", Variable, Whole),
        local("type_alias_statement", TypeAlias, Pattern("left")),
        import("import_statement"),
        import("import_from_statement"),
    ],
};

const SCRIPT: Tables = Tables {
    scopes: &[
        ("function_declaration", FunctionScope),
        ("function_expression", FunctionScope),
        ("generator_function", FunctionScope),
        ("generator_function_declaration", FunctionScope),
        ("arrow_function", FunctionScope),
        ("method_definition", FunctionScope),
        ("function_signature", FunctionScope),
        ("method_signature", FunctionScope),
        ("abstract_method_signature", FunctionScope),
        ("call_signature", FunctionScope),
        ("construct_signature", FunctionScope),
        ("function_type", FunctionScope),
        ("constructor_type", FunctionScope),
        ("statement_block", Block),
        ("for_statement", Block),
        ("for_in_statement", Block),
        ("catch_clause", Block),
        ("class_body", ClosedClass),
    ],
    binders: &[
        hoisted("function_declaration", Function),
        hoisted("generator_function_declaration", Function),
        hoisted("function_signature", Function),
        hoisted("class_declaration", Class),
        hoisted("abstract_class_declaration", Class),
        hoisted("interface_declaration", Interface),
        hoisted("type_alias_declaration", TypeAlias),
        hoisted("enum_declaration", Enum),
        local("function_expression", Function, Pattern("name")),
        local("formal_parameters", Parameter, Whole),
        local("arrow_function", Parameter, Pattern("parameter")),
        local("catch_clause", Variable, Pattern("parameter")),
        local("variable_declarator", Variable, Pattern("name")),
        local("for_in_statement", Variable, Pattern("left")),
        import("import_clause"),
    ],
};

const RUST: Tables = Tables {
    scopes: &[
        ("function_item", FunctionScope),
        ("closure_expression", FunctionScope),
        ("block", Block),
        ("for_expression", Block),
        ("while_expression", Block),
        ("if_expression", Block),
        ("match_arm", Block),
        ("impl_item", ClosedClass),
        ("trait_item", ClosedClass),
        ("field_declaration_list", ClosedClass),
    ],
    binders: &[
        hoisted("function_item", Function),
        hoisted("function_signature_item", Function),
        hoisted("struct_item", Struct),
        hoisted("union_item", Struct),
        hoisted("enum_item", Enum),
        hoisted("trait_item", Interface),
        hoisted("type_item", TypeAlias),
        hoisted("const_item", Constant),
        hoisted("static_item", Variable),
        hoisted("mod_item", Module),
        hoisted("macro_definition", Function),
        hoisted("type_parameter", TypeAlias),
        local("parameter", Parameter, Pattern("pattern")),
        local("self_parameter", Parameter, Whole),
        local("closure_parameters", Parameter, Whole),
        local("let_declaration", Variable, Pattern("pattern")),
        local("let_condition", Variable, Pattern("pattern")),
        local("for_expression", Variable, Pattern("pattern")),
        local("match_arm", Variable, Pattern("pattern")),
        import("use_declaration"),
    ],
};

const GO: Tables = Tables {
    scopes: &[
        ("function_declaration", FunctionScope),
        ("method_declaration", FunctionScope),
        ("func_literal", FunctionScope),
        ("block", Block),
        ("if_statement", Block),
        ("for_statement", Block),
        ("expression_switch_statement", Block),
        ("type_switch_statement", Block),
        ("expression_case", Block),
        ("type_case", Block),
        ("communication_case", Block),
    ],
    binders: &[
        hoisted("function_declaration", Function),
        hoisted("type_spec", Struct),
        hoisted("type_alias", TypeAlias),
        local("parameter_declaration", Parameter, Pattern("name")),
        local("variadic_parameter_declaration", Parameter, Pattern("name")),
        local("short_var_declaration", Variable, Pattern("left")),
        local("var_spec", Variable, Pattern("name")),
        local("const_spec", Constant, Pattern("name")),
        local("range_clause", Variable, Pattern("left")),
        local("type_switch_statement", Variable, Pattern("alias")),
        import("import_spec"),
    ],
};

const JAVA: Tables = Tables {
    scopes: &[
        ("method_declaration", FunctionScope),
        ("constructor_declaration", FunctionScope),
        ("lambda_expression", FunctionScope),
        ("block", Block),
        ("for_statement", Block),
        ("enhanced_for_statement", Block),
        ("catch_clause", Block),
        ("try_with_resources_statement", Block),
        ("class_body", OpenClass),
        ("interface_body", OpenClass),
        ("enum_body", OpenClass),
    ],
    binders: &[
        hoisted("class_declaration", Class),
        hoisted("record_declaration", Class),
        hoisted("interface_declaration", Interface),
        hoisted("enum_declaration", Enum),
        hoisted("enum_constant", EnumMember),
        hoisted("method_declaration", Method),
        local("formal_parameter", Parameter, Pattern("name")),
        local("spread_parameter", Parameter, Whole),
        local("inferred_parameters", Parameter, Whole),
        local("lambda_expression", Parameter, Pattern("parameters")),
        local("catch_formal_parameter", Variable, Pattern("name")),
        local("resource", Variable, Pattern("name")),
        local("enhanced_for_statement", Variable, Pattern("name")),
        local("variable_declarator", Variable, Pattern("name")),
        import("import_declaration"),
    ],
};

const C: Tables = Tables {
    scopes: &[
        ("function_definition", FunctionScope),
        ("lambda_expression", FunctionScope),
        ("compound_statement", Block),
        ("for_statement", Block),
        ("for_range_loop", Block),
        ("catch_clause", Block),
        ("field_declaration_list", OpenClass),
    ],
    binders: &[
        Binder { node: "function_definition", kind: Function, at: Declarator, is_hoisted: true },
        hoisted("struct_specifier", Struct),
        hoisted("union_specifier", Struct),
        hoisted("class_specifier", Class),
        hoisted("enum_specifier", Enum),
        hoisted("enumerator", EnumMember),
        hoisted("alias_declaration", TypeAlias),
        hoisted("concept_definition", Interface),
        hoisted("namespace_definition", Module),
        hoisted("preproc_def", Constant),
        hoisted("preproc_function_def", Function),
        local("type_definition", TypeAlias, Declarator),
        local("declaration", Variable, Declarator),
        local("field_declaration", SymbolKind::Field, Declarator),
        local("parameter_declaration", Parameter, Declarator),
        local("optional_parameter_declaration", Parameter, Declarator),
        local("for_range_loop", Variable, Declarator),
    ],
};

const BASH: Tables = Tables {
    scopes: &[],
    binders: &[
        hoisted("function_definition", Function),
        local("variable_assignment", Variable, Pattern("name")),
        local("for_statement", Variable, Pattern("variable")),
    ],
};

/// The tables of a grammar, by its name in the registry; `None` where only the words are known.
pub(super) fn tables(grammar: &str) -> Option<&'static Tables> {
    match grammar {
        "python" => Some(&PYTHON),
        "javascript" | "typescript" | "tsx" => Some(&SCRIPT),
        "rust" => Some(&RUST),
        "go" => Some(&GO),
        "java" => Some(&JAVA),
        "c" | "cpp" => Some(&C),
        "bash" => Some(&BASH),
        _ => None,
    }
}
