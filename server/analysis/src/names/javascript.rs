//! The names of a JavaScript or TypeScript document, by oxc's scopes.
//!
//! [`modules`] tells what comes from other documents and what goes to them, [`members`] what belongs to a class, an
//! enum or a namespace. Text that oxc's parser gives up on has no names here.

mod classes;
mod members;
mod modules;

use std::collections::HashMap;

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, TSTypePredicateName};
use oxc_parser::Parser;
use oxc_semantic::{NodeId, Scoping, Semantic, SemanticBuilder, SymbolFlags, SymbolId};
use oxc_span::{GetSpan, SourceType, Span};
use syntax::TextRange;

use super::{Access, BoundName, Form, FreeName, Level, Names, Place};
use crate::SymbolKind;

/// The names of this text; `None` where the parser gives up.
pub(super) fn names(text: &str, grammar: &str) -> Option<Names> {
    u32::try_from(text.len()).ok()?;
    let source_type = match grammar {
        "typescript" => SourceType::ts(),
        "tsx" => SourceType::tsx(),
        _ => SourceType::unambiguous().with_jsx(true),
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if parsed.panicked {
        return None;
    }
    let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
    let mut table = Table::new(text, &semantic);
    table.symbols();
    table.labels();
    table.modules();
    table.members();
    Some(table.finish())
}

fn range(span: Span) -> TextRange {
    TextRange::new(span.start as usize, span.end as usize)
}

/// The names as they are collected.
struct Table<'a, 's> {
    text: &'a str,
    semantic: &'s Semantic<'a>,
    names: Names,
    /// What names say besides what they stand for, by where they start.
    forms: HashMap<u32, Form>,
    /// The symbol that each was merged into.
    merged: Vec<usize>,
}

impl<'a, 's> Table<'a, 's> {
    fn new(text: &'a str, semantic: &'s Semantic<'a>) -> Self {
        Self { text, semantic, names: Names::default(), forms: forms(semantic), merged: Vec::new() }
    }

    fn scoping(&self) -> &'s Scoping {
        self.semantic.scoping()
    }

    fn add(&mut self, name: &str, kind: SymbolKind, level: Level) -> usize {
        let symbol = BoundName {
            name: name.to_owned(),
            kind,
            level,
            places: Vec::new(),
            parameter_of: None,
            owners: Vec::new(),
            obstacle: None,
        };
        self.names.symbols.push(symbol);
        self.merged.push(self.names.symbols.len() - 1);
        self.names.symbols.len() - 1
    }

    fn place(&mut self, symbol: usize, span: Span, access: Access) {
        let form = self.forms.get(&span.start).copied().unwrap_or(Form::Plain);
        self.names.symbols[symbol].places.push(Place { range: range(span), access, form });
    }

    /// oxc's symbols, each under its own number.
    fn symbols(&mut self) {
        let scoping = self.scoping();
        for id in scoping.symbol_ids() {
            let flags = scoping.symbol_flags(id);
            let is_root = scoping.symbol_scope_id(id) == scoping.root_scope_id();
            let level = if is_root { Level::Document } else { Level::Local };
            let kind = self.kind(id, flags);
            let symbol = self.add(scoping.symbol_name(id), kind, level);
            self.place(symbol, scoping.symbol_span(id), Access::Definition);
            for again in scoping.symbol_redeclarations(id) {
                self.place(symbol, again.span, Access::Definition);
            }
            for reference in scoping.get_resolved_references(id) {
                let access = if reference.is_write() { Access::Write } else { Access::Read };
                self.place(symbol, self.semantic.reference_span(reference), access);
            }
        }
        for (name, references) in scoping.root_unresolved_references() {
            for reference in references {
                let reference = scoping.get_reference(*reference);
                let at = range(self.semantic.reference_span(reference));
                self.names.free.push(FreeName { name: name.as_str().to_owned(), range: at });
                if name.as_str() == "eval" {
                    self.in_reach_of_eval(reference.node_id());
                }
            }
        }
        for node in self.semantic.nodes().iter() {
            // `x is string`
            if let AstKind::TSTypePredicate(predicate) = node.kind()
                && let TSTypePredicateName::Identifier(name) = &predicate.parameter_name
                && let Some(id) = scoping.find_binding(node.scope_id(), name.name)
            {
                self.place(id.index(), name.span, Access::Read);
            }
        }
    }

    fn kind(&self, id: SymbolId, flags: SymbolFlags) -> SymbolKind {
        let is_parameter = || {
            let declaration = self.scoping().symbol_declaration(id);
            matches!(
                self.semantic.nodes().kind(declaration),
                AstKind::FormalParameter(_) | AstKind::FormalParameters(_) | AstKind::FormalParameterRest(_)
            )
        };
        match flags {
            _ if flags.intersects(SymbolFlags::Function) => SymbolKind::Function,
            _ if flags.intersects(SymbolFlags::Class) => SymbolKind::Class,
            _ if flags.intersects(SymbolFlags::EnumMember) => SymbolKind::EnumMember,
            _ if flags.intersects(SymbolFlags::Enum) => SymbolKind::Enum,
            _ if flags.intersects(SymbolFlags::Interface) => SymbolKind::Interface,
            _ if flags.intersects(SymbolFlags::TypeAlias | SymbolFlags::TypeParameter) => SymbolKind::TypeAlias,
            _ if flags.intersects(SymbolFlags::NamespaceModule | SymbolFlags::ValueModule) => SymbolKind::Module,
            _ if is_parameter() => SymbolKind::Parameter,
            _ if flags.intersects(SymbolFlags::ConstVariable) => SymbolKind::Constant,
            _ => SymbolKind::Variable,
        }
    }

    /// A direct `eval` sees the names around it.
    fn in_reach_of_eval(&mut self, eval: NodeId) {
        let scoping = self.scoping();
        let scopes: Vec<_> = scoping.scope_ancestors(self.semantic.nodes().get_node(eval).scope_id()).collect();
        for id in scoping.symbol_ids().filter(|id| scopes.contains(&scoping.symbol_scope_id(*id))) {
            let symbol = &mut self.names.symbols[id.index()];
            symbol.obstacle = Some(format!("`{}` is in reach of `eval`, which reads names from strings", symbol.name));
        }
    }

    fn labels(&mut self) {
        let nodes = self.semantic.nodes();
        let mut labels: HashMap<NodeId, usize> = HashMap::new();
        for node in nodes.iter() {
            let (label, access) = match node.kind() {
                AstKind::LabeledStatement(labeled) => {
                    let symbol = self.add(&labeled.label.name, SymbolKind::Variable, Level::Local);
                    labels.insert(node.id(), symbol);
                    (Some((&labeled.label, Some(symbol))), Access::Definition)
                }
                AstKind::BreakStatement(jump) => (jump.label.as_ref().map(|label| (label, None)), Access::Read),
                AstKind::ContinueStatement(jump) => (jump.label.as_ref().map(|label| (label, None)), Access::Read),
                _ => continue,
            };
            let Some((label, own)) = label else { continue };
            let around = || {
                nodes.ancestors(node.id()).find_map(|outer| match outer.kind() {
                    AstKind::LabeledStatement(it) if it.label.name == label.name => labels.get(&outer.id()).copied(),
                    _ => None,
                })
            };
            if let Some(symbol) = own.or_else(around) {
                self.place(symbol, label.span, access);
            }
        }
    }

    /// Two symbols are one.
    fn merge(&mut self, into: usize, other: usize) {
        let (into, other) = (self.root(into), self.root(other));
        if into != other {
            let places = std::mem::take(&mut self.names.symbols[other].places);
            let obstacle = self.names.symbols[other].obstacle.take();
            let symbol = &mut self.names.symbols[into];
            symbol.places.extend(places);
            symbol.obstacle = symbol.obstacle.take().or(obstacle);
            self.merged[other] = into;
        }
    }

    fn root(&self, mut symbol: usize) -> usize {
        while self.merged[symbol] != symbol {
            symbol = self.merged[symbol];
        }
        symbol
    }

    fn finish(self) -> Names {
        let roots: Vec<usize> = (0..self.merged.len()).map(|symbol| self.root(symbol)).collect();
        self.names.compact(&roots).finish()
    }
}

/// Where a name says more than what it stands for.
fn forms(semantic: &Semantic<'_>) -> HashMap<u32, Form> {
    let mut forms = HashMap::new();
    for node in semantic.nodes().iter() {
        match node.kind() {
            AstKind::ObjectProperty(property) if property.shorthand => {
                forms.insert(property.value.span().start, Form::Shorthand);
            }
            AstKind::BindingProperty(property) if property.shorthand => {
                let name = match &property.value {
                    BindingPattern::AssignmentPattern(pattern) => pattern.left.span(),
                    pattern => pattern.span(),
                };
                forms.insert(name.start, Form::Shorthand);
            }
            AstKind::AssignmentTargetPropertyIdentifier(property) => {
                forms.insert(property.binding.span.start, Form::Shorthand);
            }
            AstKind::ImportSpecifier(specifier) if specifier.imported.span() == specifier.local.span => {
                forms.insert(specifier.local.span.start, Form::Import);
            }
            AstKind::ExportSpecifier(specifier) if specifier.local.span() == specifier.exported.span() => {
                forms.insert(specifier.local.span().start, Form::Export);
            }
            _ => {}
        }
    }
    forms
}
