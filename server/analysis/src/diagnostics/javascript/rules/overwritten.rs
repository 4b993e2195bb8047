//! Values that are overwritten, or go away, before anything reads them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_ast_visit::Visit;
use oxc_semantic::{AstNode, NodeId, SymbolId};
use oxc_span::Span;

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::Ctx,
    flow::{Domain, Flow},
    places::{function_around, is_inside},
};

pub(super) const NO_USELESS_ASSIGNMENT: JsRule = JsRule {
    code: "no-useless-assignment",
    summary: "a value that is never read before it is overwritten or goes away",
    on: &[AstType::Program],
    run: no_useless_assignment,
    valid: &[
        "let a = 1; f(a); a = 2; f(a)",
        "function f() { let a = 1; return () => a }",
        "let a = 0; while (b) { f(a); a = 1 }",
    ],
    invalid: &["function f() { let a = 1; a = 2; return a }", "function f() { let a = 1; g(a); a = 2 }"],
    ..ESLINT
};

/// The assignments whose value each variable may have.
type Places = BTreeMap<SymbolId, BTreeSet<Span>>;

/// Where values come from: an assignment by its place.
struct Assignments<'c, 'a> {
    ctx: &'c Ctx<'a>,
    /// Variables that live in this function alone.
    followed: HashSet<SymbolId>,
    /// Assignments that were seen.
    seen: BTreeMap<Span, SymbolId>,
    /// Those whose value something reads.
    read: BTreeSet<Span>,
    /// Blocks of `try`.
    tries: Vec<Span>,
}

impl<'a> Domain<'a> for Assignments<'_, 'a> {
    type State = Places;
    const REPEATS: bool = true;

    fn join(into: &mut Self::State, other: Self::State) {
        for (symbol, places) in other {
            into.entry(symbol).or_default().extend(places);
        }
    }

    fn statement(&mut self, statement: &Statement<'a>, _reached: bool) {
        if let Statement::TryStatement(it) = statement {
            self.tries.push(it.block.span);
        }
    }

    fn leave(&mut self, node: AstKind<'a>, state: &mut Self::State) {
        match node {
            AstKind::IdentifierReference(it) => {
                let Some(id) = it.reference_id.get() else { return };
                let reference = self.ctx.scoping().get_reference(id);
                let Some(symbol) = reference.symbol_id() else { return };
                if !reference.is_write() || reference.is_read() {
                    self.read.extend(state.get(&symbol).into_iter().flatten());
                }
            }
            AstKind::VariableDeclarator(it) if it.init.is_some() => {
                for name in it.id.get_binding_identifiers() {
                    if let Some(symbol) = name.symbol_id.get() {
                        self.assign(symbol, name.span, it.id.is_destructuring_pattern(), state);
                    }
                }
            }
            AstKind::AssignmentExpression(it) => self.assign_all(&it.left, false, state),
            AstKind::UpdateExpression(it) => {
                if let SimpleAssignmentTarget::AssignmentTargetIdentifier(name) = &it.argument {
                    self.assign_name(name, false, state);
                }
            }
            _ => {}
        }
    }
}

impl<'a> Assignments<'_, 'a> {
    fn assign(&mut self, symbol: SymbolId, place: Span, in_pattern: bool, state: &mut Places) {
        if self.followed.contains(&symbol) {
            self.seen.insert(place, symbol);
            let places = state.entry(symbol).or_default();
            // The parts of a pattern are assigned one by one: a default may assign another before it.
            if !in_pattern {
                places.clear();
            }
            places.insert(place);
        }
    }

    fn assign_name(&mut self, name: &IdentifierReference<'a>, in_pattern: bool, state: &mut Places) {
        if let Some(symbol) = name.reference_id.get().and_then(|id| self.ctx.scoping().get_reference(id).symbol_id()) {
            self.assign(symbol, name.span, in_pattern, state);
        }
    }

    fn assign_all(&mut self, target: &AssignmentTarget<'a>, in_pattern: bool, state: &mut Places) {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(name) => self.assign_name(name, in_pattern, state),
            AssignmentTarget::ArrayAssignmentTarget(it) => {
                for element in it.elements.iter().flatten() {
                    self.assign_element(element, state);
                }
                if let Some(rest) = &it.rest {
                    self.assign_all(&rest.target, true, state);
                }
            }
            AssignmentTarget::ObjectAssignmentTarget(it) => {
                for property in &it.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
                            self.assign_name(&it.binding, true, state);
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
                            self.assign_element(&it.binding, state);
                        }
                    }
                }
                if let Some(rest) = &it.rest {
                    self.assign_all(&rest.target, true, state);
                }
            }
            _ => {}
        }
    }

    fn assign_element(&mut self, element: &AssignmentTargetMaybeDefault<'a>, state: &mut Places) {
        match element {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => self.assign_all(&it.binding, true, state),
            other => {
                if let Some(target) = other.as_assignment_target() {
                    self.assign_all(target, true, state);
                }
            }
        }
    }
}

fn no_useless_assignment<'a>(ctx: &Ctx<'a>, _: &'a AstNode<'a>) {
    let mut functions: Vec<_> = followed(ctx).into_iter().collect();
    functions.sort_by_key(|(function, _)| *function);
    for (function, followed) in functions {
        check_function(ctx, ctx.nodes().get_node(function), followed);
    }
}

fn check_function<'a>(ctx: &Ctx<'a>, function: &'a AstNode<'a>, followed: HashSet<SymbolId>) {
    let domain = Assignments { ctx, followed, seen: BTreeMap::new(), read: BTreeSet::new(), tries: Vec::new() };
    let mut flow = Flow::new(domain, BTreeMap::new());
    match function.kind() {
        AstKind::Program(it) => flow.visit_statements(&it.body),
        AstKind::StaticBlock(it) => flow.visit_statements(&it.body),
        AstKind::Function(it) => {
            flow.visit_formal_parameters(&it.params);
            if let Some(body) = &it.body {
                flow.visit_statements(&body.statements);
            }
        }
        AstKind::ArrowFunctionExpression(it) => {
            flow.visit_formal_parameters(&it.params);
            match &it.body {
                ArrowFunctionBody::FunctionBody(body) => flow.visit_statements(&body.statements),
                body => {
                    if let Some(value) = body.as_expression() {
                        flow.visit_expression(value);
                    }
                }
            }
        }
        _ => return,
    }
    if flow.gave_up {
        return;
    }
    let Assignments { seen, read, tries, .. } = flow.domain;
    for (place, symbol) in seen {
        // What happens in a `try` block can be seen from `catch` and `finally` at any moment.
        if !read.contains(&place) && !tries.iter().any(|block| is_inside(place, *block)) {
            ctx.report(place, format!("this value of `{}` is never read", ctx.scoping().symbol_name(symbol)));
        }
    }
}

/// Variables that are read in the function they belong to and nowhere else, by that function: written at least once
/// after their declaration, and not exported.
fn followed(ctx: &Ctx<'_>) -> HashMap<NodeId, HashSet<SymbolId>> {
    let scoping = ctx.scoping();
    let mut found: HashMap<NodeId, HashSet<SymbolId>> = HashMap::new();
    for symbol in scoping.symbol_ids() {
        let flags = scoping.symbol_flags(symbol);
        let is_value = flags.is_variable() || flags.is_function() || flags.is_class();
        if !is_value || !scoping.symbol_is_mutated(symbol) {
            continue;
        }
        let declaration = scoping.symbol_declaration(symbol);
        let function = function_of(ctx, declaration);
        let mut reads = scoping.get_resolved_references(symbol).filter(|reference| reference.is_read()).peekable();
        let is_local = reads.peek().is_some()
            && reads.all(|reference| {
                function_of(ctx, reference.node_id()) == function
                    && !matches!(ctx.parent_kind(reference.node_id()), AstKind::ExportSpecifier(_))
            });
        let is_exported = ctx
            .nodes()
            .ancestor_kinds(declaration)
            .take(2)
            .any(|kind| matches!(kind, AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_)));
        let name = scoping.symbol_name(symbol);
        let is_global = scoping.symbol_scope_id(symbol) == scoping.root_scope_id();
        if is_local && !is_exported && !(is_global && ctx.directives.exported.iter().any(|other| other == name)) {
            found.entry(function).or_default().insert(symbol);
        }
    }
    found
}

/// The function that a node runs in. A function's name is declared around it, its parameters inside.
fn function_of(ctx: &Ctx<'_>, id: NodeId) -> NodeId {
    function_around(ctx, id).id()
}
