//! The classes of a JavaScript document, and what is known to be one or an object of one.

use std::collections::HashMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, ClassElement, Expression, PropertyKey, TSType, TSTypeAnnotation, TSTypeName};
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::{GetSpan, Span};

use super::Table;
use crate::names::hierarchy::Hierarchy;

/// The classes of a document.
#[derive(Debug, Default)]
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
    pub(super) hierarchy: Hierarchy,
    by_node: HashMap<NodeId, usize>,
    by_symbol: HashMap<usize, usize>,
}

/// A class.
#[derive(Debug)]
pub(super) struct Class {
    /// The symbol of its name.
    pub(super) symbol: Option<usize>,
    pub(super) elements: Vec<Element>,
    /// It extends or implements something that is not a class of the document.
    pub(super) has_stranger: bool,
}

/// A member of a class.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) key: MemberKey,
    pub(super) span: Span,
    /// `constructor(private a)`: the parameter that is the member as well.
    pub(super) parameter: Option<usize>,
}

/// What tells the members of a class from each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MemberKey {
    pub(super) name: String,
    pub(super) is_static: bool,
    pub(super) is_private: bool,
}

/// What an expression is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// A class itself.
    Class(usize),
    /// An object of a class.
    Object(usize),
    /// Something else with a symbol.
    Symbol(usize),
}

impl Classes {
    pub(super) fn of(table: &Table<'_, '_>) -> Self {
        let mut this = Self::default();
        let nodes = table.semantic.nodes();
        let mut heritage = Vec::new();
        for node in nodes.iter() {
            let AstKind::Class(class) = node.kind() else { continue };
            let index = this.all.len();
            this.by_node.insert(node.id(), index);
            let declared = class.id.as_ref().map(|name| name.symbol_id().index());
            // `const Shape = class {…}`
            let assigned = match nodes.parent_kind(node.id()) {
                AstKind::VariableDeclarator(declarator) => match &declarator.id {
                    BindingPattern::BindingIdentifier(name) if !table.scoping().symbol_is_mutated(name.symbol_id()) => {
                        Some(name.symbol_id().index())
                    }
                    _ => None,
                },
                _ => None,
            };
            for symbol in declared.iter().chain(&assigned) {
                this.by_symbol.insert(*symbol, index);
            }
            let elements = class.body.body.iter().flat_map(elements).collect();
            let has_stranger = !class.implements.is_empty();
            heritage.push(class.heritage.as_ref().map(|heritage| &heritage.expression));
            this.all.push(Class { symbol: declared.or(assigned), elements, has_stranger });
        }
        let mut bases = vec![Vec::new(); this.all.len()];
        for (index, base) in heritage.into_iter().enumerate() {
            let known = base.map(|base| match base {
                Expression::Identifier(name) => table.symbol_of(name).and_then(|symbol| this.by_symbol.get(&symbol)),
                _ => None,
            });
            match known {
                Some(Some(base)) => bases[index].push(*base),
                Some(None) => this.all[index].has_stranger = true,
                None => {}
            }
        }
        this.hierarchy = Hierarchy::new(&bases);
        this
    }

    /// The class around a node that `this` is of, and whether it is the class itself.
    pub(super) fn this_at(&self, table: &Table<'_, '_>, node: NodeId) -> Option<Known> {
        let nodes = table.semantic.nodes();
        let known = |class: NodeId, is_static: bool| {
            let class = *self.by_node.get(&nodes.parent_id(nodes.parent_id(class)))?;
            Some(if is_static { Known::Class(class) } else { Known::Object(class) })
        };
        for outer in nodes.ancestors(node) {
            match outer.kind() {
                AstKind::MethodDefinition(method) => return known(outer.id(), method.r#static),
                AstKind::PropertyDefinition(property) => return known(outer.id(), property.r#static),
                AstKind::AccessorProperty(property) => return known(outer.id(), property.r#static),
                AstKind::StaticBlock(_) => return known(outer.id(), true),
                AstKind::Function(_) if !matches!(nodes.parent_kind(outer.id()), AstKind::MethodDefinition(_)) => {
                    return None;
                }
                AstKind::Class(_) | AstKind::Program(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// The innermost class around a node that declares this private name.
    pub(super) fn private_at(&self, table: &Table<'_, '_>, node: NodeId, name: &str) -> Option<usize> {
        table.semantic.nodes().ancestors(node).find_map(|outer| {
            let class = *self.by_node.get(&outer.id())?;
            let mut elements = self.all[class].elements.iter();
            elements.any(|element| element.key.is_private && element.key.name == name).then_some(class)
        })
    }

    /// What an expression is.
    pub(super) fn known(&self, table: &Table<'_, '_>, expression: &Expression<'_>, node: NodeId) -> Option<Known> {
        match expression.get_inner_expression() {
            Expression::Identifier(name) => self.known_symbol(table, table.symbol_of(name)?),
            Expression::ThisExpression(_) | Expression::Super(_) => self.this_at(table, node),
            Expression::NewExpression(new) => match &new.callee {
                Expression::Identifier(name) => {
                    self.by_symbol.get(&table.symbol_of(name)?).map(|class| Known::Object(*class))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn known_symbol(&self, table: &Table<'_, '_>, symbol: usize) -> Option<Known> {
        if let Some(class) = self.by_symbol.get(&symbol) {
            return Some(Known::Class(*class));
        }
        let id = SymbolId::from_usize(symbol);
        let nodes = table.semantic.nodes();
        let (pattern, annotation, init) = match nodes.kind(table.scoping().symbol_declaration(id)) {
            AstKind::VariableDeclarator(it) => (&it.id, &it.type_annotation, it.init.as_ref()),
            AstKind::FormalParameter(it) => (&it.pattern, &it.type_annotation, it.initializer.as_deref()),
            _ => return Some(Known::Symbol(symbol)),
        };
        if !matches!(pattern, BindingPattern::BindingIdentifier(_)) {
            return Some(Known::Symbol(symbol));
        }
        if let Some(annotation) = annotation {
            let class = self.annotated(table, annotation);
            return Some(class.map_or(Known::Symbol(symbol), Known::Object));
        }
        let object = match init {
            Some(Expression::NewExpression(new)) if !table.scoping().symbol_is_mutated(id) => match &new.callee {
                Expression::Identifier(name) => table.symbol_of(name).and_then(|class| self.by_symbol.get(&class)),
                _ => None,
            },
            _ => None,
        };
        Some(object.map_or(Known::Symbol(symbol), |class| Known::Object(*class)))
    }

    /// The class that a type names.
    fn annotated(&self, table: &Table<'_, '_>, annotation: &TSTypeAnnotation<'_>) -> Option<usize> {
        match &annotation.type_annotation {
            TSType::TSTypeReference(reference) => match &reference.type_name {
                TSTypeName::IdentifierReference(name) => self.by_symbol.get(&table.symbol_of(name)?).copied(),
                _ => None,
            },
            _ => None,
        }
    }
}

fn elements(element: &ClassElement<'_>) -> Vec<Element> {
    let (key, is_static) = match element {
        ClassElement::MethodDefinition(method) if method.kind.is_constructor() => {
            let parameters =
                method.value.params.items.iter().filter(|parameter| {
                    parameter.accessibility.is_some() || parameter.readonly || parameter.r#override
                });
            let names = parameters.filter_map(|parameter| parameter.pattern.get_binding_identifier());
            return names
                .map(|name| Element {
                    key: MemberKey { name: name.name.to_string(), is_static: false, is_private: false },
                    span: name.span,
                    parameter: Some(name.symbol_id().index()),
                })
                .collect();
        }
        ClassElement::MethodDefinition(method) => (&method.key, method.r#static),
        ClassElement::PropertyDefinition(property) => (&property.key, property.r#static),
        ClassElement::AccessorProperty(property) => (&property.key, property.r#static),
        ClassElement::StaticBlock(_) | ClassElement::TSIndexSignature(_) => return Vec::new(),
    };
    let (name, span, is_private) = match key {
        PropertyKey::StaticIdentifier(name) => (name.name.to_string(), name.span(), false),
        PropertyKey::PrivateIdentifier(name) => (name.name.to_string(), private_span(name.span), true),
        _ => return Vec::new(),
    };
    vec![Element { key: MemberKey { name, is_static, is_private }, span, parameter: None }]
}

/// The name behind the `#`.
pub(super) fn private_span(span: Span) -> Span {
    Span::new(span.start + 1, span.end)
}
