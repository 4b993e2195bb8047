//! Members: of classes, of enums, of namespaces, and of what is imported.

use std::collections::HashMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, JSXMemberExpressionObject, PropertyKey, TSTypeName};
use oxc_semantic::{NodeId, SymbolFlags, SymbolId};
use oxc_span::{GetSpan, Span};

use super::classes::{Classes, Known, MemberKey, private_span};
use super::{Table, range};
use crate::SymbolKind;
use crate::names::{Access, CouldBe, Guess, Level, MemberUse};

/// The members of a document while they are looked for.
#[derive(Default)]
struct Found {
    /// What enums and namespaces have, by their symbol and the name.
    qualified: HashMap<(usize, String), usize>,
    /// The symbols of the members of classes.
    of_class: HashMap<(usize, MemberKey), usize>,
}

impl Table<'_, '_> {
    /// Tells what members belong to.
    pub(super) fn members(&mut self) {
        let classes = Classes::of(self);
        let mut found = Found { qualified: self.qualified(), of_class: HashMap::new() };
        self.class_members(&classes, &mut found);
        for node in self.semantic.nodes().iter() {
            self.member_at(node.id(), node.kind(), &classes, &found);
        }
    }

    /// The members of enums, and what namespaces export.
    fn qualified(&mut self) -> HashMap<(usize, String), usize> {
        let (scoping, nodes) = (self.scoping(), self.semantic.nodes());
        let mut members: HashMap<(usize, String), usize> = HashMap::new();
        for id in scoping.symbol_ids() {
            for declaration in scoping.symbol_declarations(id) {
                let is_member = scoping.symbol_flags(id).intersects(SymbolFlags::EnumMember)
                    || matches!(nodes.parent_kind(declaration), AstKind::TSNamespaceDeclaration(_))
                    || self.is_exported(declaration);
                let owner = nodes.ancestor_kinds(declaration).find_map(|kind| match kind {
                    AstKind::TSEnumDeclaration(owner) => Some(Some(owner.id.symbol_id())),
                    AstKind::TSNamespaceDeclaration(owner) => Some(Some(owner.id.symbol_id())),
                    AstKind::FunctionBody(_) | AstKind::Class(_) | AstKind::Function(_) => Some(None),
                    _ => None,
                });
                let (true, Some(Some(owner))) = (is_member, owner) else { continue };
                let key = (owner.index(), scoping.symbol_name(id).to_owned());
                self.names.symbols[id.index()].level = Level::Member;
                self.names.symbols[id.index()].owners.push(owner.index());
                match members.get(&key) {
                    // The parts of a namespace have one name together.
                    Some(&first) => self.merge(first, id.index()),
                    None => {
                        members.insert(key, id.index());
                    }
                }
            }
        }
        members
    }

    /// Gives each member of a class a symbol; the classes of a hierarchy share it.
    fn class_members(&mut self, classes: &Classes, found: &mut Found) {
        let mut by_key: Vec<(MemberKey, Vec<usize>)> = Vec::new();
        let mut note = |key: MemberKey, class: usize| match by_key.iter_mut().find(|(known, _)| *known == key) {
            Some((_, of)) if !of.contains(&class) => of.push(class),
            Some(_) => {}
            None => by_key.push((key, vec![class])),
        };
        for (index, class) in classes.all.iter().enumerate() {
            for element in &class.elements {
                note(element.key.clone(), index);
            }
        }
        // What a class uses of those above or below it ties them together.
        for node in self.semantic.nodes().iter() {
            if let AstKind::StaticMemberExpression(access) = node.kind()
                && let Some(known) = classes.known(self, &access.object, node.id())
                && let Some((class, is_static)) = class_of(known)
            {
                let name = access.property.name.to_string();
                note(MemberKey { name, is_static, is_private: false }, class);
            }
        }
        for (key, of) in by_key {
            // Private names are their class's alone.
            let groups = match key.is_private {
                true => of.iter().map(|class| vec![*class]).collect(),
                false => classes.hierarchy.groups(&of),
            };
            for group in groups {
                self.join(&key, &group, classes, found);
            }
        }
    }

    fn join(&mut self, key: &MemberKey, group: &[usize], classes: &Classes, found: &mut Found) {
        let own = |class: &usize| classes.all[*class].elements.iter().filter(|element| element.key == *key);
        let elements: Vec<_> = group.iter().flat_map(own).collect();
        // `this.x = 1` defines a member too.
        let is_assigned = elements.is_empty() && !key.is_private && self.is_assigned(key, group, classes);
        if elements.is_empty() && !is_assigned {
            return;
        }
        let symbol = self.add(&key.name, SymbolKind::Field, Level::Member);
        for element in elements {
            match element.parameter {
                Some(parameter) => self.merge(symbol, parameter),
                None => self.place(symbol, element.span, Access::Definition),
            }
        }
        let has_stranger = group
            .iter()
            .any(|class| classes.hierarchy.line_of(*class).iter().any(|class| classes.all[*class].has_stranger));
        if has_stranger && !key.is_private {
            self.names.symbols[symbol].obstacle = Some(format!(
                "the class of `{}` extends or implements something that may have that member too",
                key.name
            ));
        }
        let owners = group.iter().filter_map(|class| classes.all[*class].symbol);
        self.names.symbols[symbol].owners = owners.collect();
        for class in group {
            found.of_class.insert((*class, key.clone()), symbol);
        }
    }

    fn is_assigned(&self, key: &MemberKey, group: &[usize], classes: &Classes) -> bool {
        self.semantic.nodes().iter().any(|node| match node.kind() {
            AstKind::StaticMemberExpression(access) if access.property.name == key.name.as_str() => {
                self.is_write(node.id())
                    && classes
                        .known(self, &access.object, node.id())
                        .and_then(class_of)
                        .is_some_and(|(class, is_static)| group.contains(&class) && is_static == key.is_static)
            }
            _ => false,
        })
    }

    fn is_write(&self, access: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        let span = nodes.kind(access).span();
        match nodes.parent_kind(access) {
            AstKind::AssignmentExpression(assignment) => assignment.left.span() == span,
            AstKind::UpdateExpression(_)
            | AstKind::ArrayAssignmentTarget(_)
            | AstKind::AssignmentTargetRest(_)
            | AstKind::AssignmentTargetPropertyProperty(_) => true,
            _ => false,
        }
    }

    fn member_at(&mut self, node: NodeId, kind: AstKind<'_>, classes: &Classes, found: &Found) {
        match kind {
            AstKind::StaticMemberExpression(access) => {
                let known = match &access.object {
                    Expression::StaticMemberExpression(outer) => {
                        self.member_symbol(&outer.object, &outer.property.name, found)
                    }
                    object => classes.known(self, object, node),
                };
                let access_kind = if self.is_write(node) { Access::Write } else { Access::Read };
                self.access(known, &access.property.name, access.property.span, access_kind, classes, found);
            }
            AstKind::TSQualifiedName(name) => {
                let known = match &name.left {
                    TSTypeName::IdentifierReference(left) => self.symbol_of(left).map(Known::Symbol),
                    _ => None,
                };
                self.access(known, &name.right.name, name.right.span, Access::Read, classes, found);
            }
            AstKind::JSXMemberExpression(name) => {
                let known = match &name.object {
                    JSXMemberExpressionObject::IdentifierReference(object) => self.symbol_of(object).map(Known::Symbol),
                    _ => None,
                };
                self.access(known, &name.property.name, name.property.span, Access::Read, classes, found);
            }
            AstKind::PrivateFieldExpression(access) => {
                let access_kind = if self.is_write(node) { Access::Write } else { Access::Read };
                self.private(node, &access.field.name, access.field.span, access_kind, classes, found);
            }
            AstKind::PrivateInExpression(access) => {
                self.private(node, &access.left.name, access.left.span, Access::Read, classes, found);
            }
            // What has a key of this name may be used as an object of the class.
            AstKind::BindingProperty(it) => self.key(&it.key),
            AstKind::ObjectProperty(it) => self.key(&it.key),
            AstKind::AssignmentTargetPropertyProperty(it) => self.key(&it.name),
            AstKind::TSPropertySignature(it) => self.key(&it.key),
            AstKind::TSMethodSignature(it) => self.key(&it.key),
            AstKind::AssignmentTargetPropertyIdentifier(it) => self.guess(&it.binding.name, it.binding.span),
            AstKind::ComputedMemberExpression(access) => {
                if let Expression::StringLiteral(name) = &access.expression {
                    self.guess(&name.value, Span::new(name.span.start + 1, name.span.end - 1));
                }
            }
            _ => {}
        }
    }

    /// `N.x`, `E.A`: what a member of a name is.
    fn member_symbol(&self, object: &Expression<'_>, name: &str, found: &Found) -> Option<Known> {
        let Expression::Identifier(object) = object else { return None };
        let owner = self.symbol_of(object)?;
        found.qualified.get(&(owner, name.to_owned())).map(|symbol| Known::Symbol(*symbol))
    }

    fn access(
        &mut self,
        known: Option<Known>,
        name: &str,
        span: Span,
        access: Access,
        classes: &Classes,
        found: &Found,
    ) {
        let class = known.and_then(class_of);
        let of_class = class.and_then(|(class, is_static)| {
            let key = MemberKey { name: name.to_owned(), is_static, is_private: false };
            let mut line = classes.hierarchy.line_of(class).iter();
            line.find_map(|class| found.of_class.get(&(*class, key.clone())).copied())
        });
        let symbol = match known {
            Some(Known::Symbol(symbol)) => Some(symbol),
            Some(Known::Class(class)) => classes.all[class].symbol,
            _ => None,
        };
        let qualified = symbol.and_then(|symbol| found.qualified.get(&(symbol, name.to_owned())).copied());
        let is_import = |symbol: &usize| {
            let is_symbol = *symbol < self.scoping().symbols_len();
            is_symbol
                && self
                    .scoping()
                    .symbol_flags(SymbolId::from_usize(*symbol))
                    .intersects(SymbolFlags::Import | SymbolFlags::TypeImport)
        };
        match (of_class.or(qualified), symbol.filter(is_import)) {
            (Some(member), _) => {
                let member = self.root(member);
                self.place(member, span, access);
            }
            (None, Some(symbol)) => self.names.members.push(MemberUse {
                symbol,
                path: Vec::new(),
                name: name.to_owned(),
                range: range(span),
                is_write: access == Access::Write,
            }),
            _ => self.guess(name, span),
        }
    }

    fn private(&mut self, node: NodeId, name: &str, span: Span, access: Access, classes: &Classes, found: &Found) {
        let Some(class) = classes.private_at(self, node, name) else { return };
        let key = |is_static| MemberKey { name: name.to_owned(), is_static, is_private: true };
        let member = found.of_class.get(&(class, key(false))).or_else(|| found.of_class.get(&(class, key(true))));
        if let Some(&member) = member {
            self.place(member, private_span(span), access);
        }
    }

    fn key(&mut self, key: &PropertyKey<'_>) {
        match key {
            PropertyKey::StaticIdentifier(name) => self.guess(&name.name, name.span),
            PropertyKey::StringLiteral(name) => {
                self.guess(&name.value, Span::new(name.span.start + 1, name.span.end - 1));
            }
            _ => {}
        }
    }

    fn guess(&mut self, name: &str, span: Span) {
        self.names.guesses.push(Guess { name: name.to_owned(), range: range(span), could_be: CouldBe::Member });
    }
}

/// The class that something is, or is an object of.
fn class_of(known: Known) -> Option<(usize, bool)> {
    match known {
        Known::Class(class) => Some((class, true)),
        Known::Object(class) => Some((class, false)),
        Known::Symbol(_) => None,
    }
}
