//! What ESLint's options of `no-unused-vars` leave out.

use oxc_ast::AstKind;
use oxc_ast::ast::{ClassElement, VariableDeclarationKind};
use oxc_semantic::{AstNode, SymbolId};
use regex::Regex;

use crate::diagnostics::javascript::{context::Ctx, places::span_of};

/// The options, read once a file.
pub(super) struct Ignored {
    /// Variables of a script's outermost scope.
    pub(super) globals: bool,
    /// Parameters before one that is used are reported as well.
    pub(super) all_parameters: bool,
    /// Names that a pattern leaves out are reported when they are used.
    pub(super) report_used: bool,
    parameters: bool,
    caught_errors: bool,
    rest_siblings: bool,
    classes_with_static_block: bool,
    using_declarations: bool,
    variable: Option<Regex>,
    parameter: Option<Regex>,
    caught_error: Option<Regex>,
    array_element: Option<Regex>,
}

/// How a name is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    Variable,
    Parameter,
    CaughtError,
}

impl Ignored {
    pub(super) fn of(ctx: &Ctx<'_>) -> Self {
        let options = ctx.options();
        let vars = options.word().or_else(|| options.text("vars"));
        let is_script = !ctx.semantic.source_type().is_module() && !ctx.semantic.source_type().is_commonjs();
        Self {
            globals: vars == Some("local") && is_script,
            all_parameters: options.text("args") == Some("all"),
            report_used: options.flag("reportUsedIgnorePattern", false),
            parameters: options.text("args") == Some("none"),
            caught_errors: options.text("caughtErrors") == Some("none"),
            rest_siblings: options.flag("ignoreRestSiblings", false),
            classes_with_static_block: options.flag("ignoreClassWithStaticInitBlock", false),
            using_declarations: options.flag("ignoreUsingDeclarations", false),
            variable: options.pattern("varsIgnorePattern"),
            parameter: options.pattern("argsIgnorePattern"),
            caught_error: options.pattern("caughtErrorsIgnorePattern"),
            array_element: options.pattern("destructuredArrayIgnorePattern"),
        }
    }

    /// What the pattern is about that leaves the name out.
    pub(super) fn pattern_of(&self, ctx: &Ctx<'_>, symbol: SymbolId) -> Option<&'static str> {
        let name = ctx.scoping().symbol_name(symbol);
        let matches = |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|it| it.is_match(name));
        if matches(&self.array_element) && is_in_array(ctx, symbol) {
            return Some("this element");
        }
        match declared(ctx, symbol) {
            Declared::CaughtError if !self.caught_errors => matches(&self.caught_error).then_some("this error"),
            Declared::Parameter if !self.parameters => matches(&self.parameter).then_some("this parameter"),
            Declared::Variable => matches(&self.variable).then_some("this variable"),
            _ => None,
        }
    }

    /// True for an unused name that another option leaves out.
    pub(super) fn covers(&self, ctx: &Ctx<'_>, symbol: SymbolId) -> bool {
        let scoping = ctx.scoping();
        let is_top = scoping.symbol_scope_id(symbol) == scoping.root_scope_id();
        let declaration = ctx.nodes().get_node(scoping.symbol_declaration(symbol));
        let is_using = || match ctx.parent_kind(declaration.id()) {
            AstKind::VariableDeclaration(it) => {
                matches!(it.kind, VariableDeclarationKind::Using | VariableDeclarationKind::AwaitUsing)
            }
            _ => false,
        };
        let has_static_block = || match declaration.kind() {
            AstKind::Class(it) => it.body.body.iter().any(|element| matches!(element, ClassElement::StaticBlock(_))),
            _ => false,
        };
        (self.globals && is_top)
            || match declared(ctx, symbol) {
                Declared::CaughtError => self.caught_errors,
                Declared::Parameter => self.parameters,
                Declared::Variable => false,
            }
            || (self.classes_with_static_block && has_static_block())
            || (self.using_declarations && is_using())
            || (self.rest_siblings && has_rest_sibling(ctx, symbol))
    }
}

fn declared(ctx: &Ctx<'_>, symbol: SymbolId) -> Declared {
    let declaration = ctx.scoping().symbol_declaration(symbol);
    match ctx.nodes().kind(declaration) {
        AstKind::CatchParameter(_) => Declared::CaughtError,
        AstKind::FormalParameter(_) | AstKind::FormalParameters(_) | AstKind::FormalParameterRest(_) => {
            Declared::Parameter
        }
        AstKind::BindingRestElement(_)
            if ctx.nodes().ancestor_kinds(declaration).any(|kind| matches!(kind, AstKind::FormalParameters(_))) =>
        {
            Declared::Parameter
        }
        _ => Declared::Variable,
    }
}

/// The identifier that declares a name.
fn binding<'a>(ctx: &Ctx<'a>, symbol: SymbolId) -> Option<&'a AstNode<'a>> {
    ctx.nodes()
        .iter()
        .find(|node| matches!(node.kind(), AstKind::BindingIdentifier(it) if it.symbol_id.get() == Some(symbol)))
}

/// True for an element of an array that is taken apart, where the name is declared or where it is assigned.
fn is_in_array(ctx: &Ctx<'_>, symbol: SymbolId) -> bool {
    let is_array = |kind: AstKind<'_>| matches!(kind, AstKind::ArrayPattern(_) | AstKind::ArrayAssignmentTarget(_));
    binding(ctx, symbol).is_some_and(|node| is_array(ctx.parent_kind(node.id())))
        || ctx.scoping().get_resolved_references(symbol).any(|it| is_array(ctx.parent_kind(it.node_id())))
}

/// True for a property taken out of an object so that the rest is without it.
fn has_rest_sibling(ctx: &Ctx<'_>, symbol: SymbolId) -> bool {
    let declared = binding(ctx, symbol).is_some_and(|node| {
        let property = ctx.parent(node.id());
        matches!(property.kind(), AstKind::BindingProperty(_))
            && matches!(ctx.parent_kind(property.id()), AstKind::ObjectPattern(it) if it.rest.is_some())
    });
    declared
        || ctx.scoping().get_resolved_references(symbol).any(|reference| {
            let place = span_of(ctx, reference);
            let around = ctx.nodes().ancestor_kinds(reference.node_id()).take(2);
            around.into_iter().any(|kind| match kind {
                AstKind::ObjectAssignmentTarget(it) => it
                    .rest
                    .as_ref()
                    .is_some_and(|rest| !crate::diagnostics::javascript::places::is_inside(place, rest.span)),
                _ => false,
            })
        })
}
