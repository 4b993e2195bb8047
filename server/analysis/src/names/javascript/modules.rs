//! What a JavaScript document imports and exports.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, ExportDefaultDeclarationKind, Expression, ImportDeclarationSpecifier, ModuleExportName,
    StringLiteral, VariableDeclarator,
};
use oxc_semantic::NodeId;
use oxc_span::GetSpan;
use syntax::TextRange;

use super::{Table, range};
use crate::names::{Export, Exported, Import, Imported};

impl Table<'_, '_> {
    /// Notes imports and exports.
    pub(super) fn modules(&mut self) {
        for node in self.semantic.nodes().iter() {
            match node.kind() {
                AstKind::ImportDeclaration(import) => {
                    for specifier in import.specifiers.iter().flatten() {
                        self.import(&import.source, specifier);
                    }
                }
                AstKind::ExportFromDeclaration(export) => {
                    for specifier in &export.specifiers {
                        let (local, exported) = (&specifier.local, &specifier.exported);
                        let is_unaliased = local.span() == exported.span();
                        let alias = (!is_unaliased).then(|| name_range(exported));
                        self.names.imports.push(Import {
                            module: export.source.value.to_string(),
                            module_range: quoted(&export.source),
                            what: Imported::Name(local.name().to_string()),
                            range: name_range(local),
                            symbol: None,
                            is_unaliased,
                            exported_as: Some(Exported { name: exported.name().to_string(), range: alias }),
                        });
                    }
                }
                AstKind::ExportAllDeclaration(export) => {
                    let exported = export.exported.as_ref();
                    let exported_as = exported.map(|exported| Exported {
                        name: exported.name().to_string(),
                        range: Some(name_range(exported)),
                    });
                    let what = if exported_as.is_some() { Imported::Module } else { Imported::All };
                    self.names.imports.push(Import {
                        module: export.source.value.to_string(),
                        module_range: quoted(&export.source),
                        what,
                        range: empty(export.source.span.start),
                        symbol: None,
                        is_unaliased: false,
                        exported_as,
                    });
                }
                AstKind::ExportNamedDeclaration(export) => {
                    for specifier in &export.specifiers {
                        let is_own_name = specifier.local.span() == specifier.exported.span();
                        let alias = (!is_own_name).then(|| name_range(&specifier.exported));
                        if let ModuleExportName::IdentifierReference(local) = &specifier.local
                            && let Some(symbol) = self.symbol_of(local)
                        {
                            let name = specifier.exported.name().to_string();
                            self.names.exports.push(Export { name, symbol, is_own_name, alias });
                        }
                    }
                }
                AstKind::ExportDefaultDeclaration(export) => {
                    let name = match &export.declaration {
                        ExportDefaultDeclarationKind::FunctionDeclaration(function) => function.id.as_ref(),
                        ExportDefaultDeclarationKind::ClassDeclaration(class) => class.id.as_ref(),
                        ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => Some(&interface.id),
                        _ => None,
                    };
                    let declared = name.map(|name| name.symbol_id().index());
                    let used = match &export.declaration {
                        ExportDefaultDeclarationKind::Identifier(name) => self.symbol_of(name),
                        _ => None,
                    };
                    if let Some(symbol) = declared.or(used) {
                        let name = "default".to_owned();
                        self.names.exports.push(Export { name, symbol, is_own_name: false, alias: None });
                    }
                }
                AstKind::VariableDeclarator(declarator) => self.require(declarator),
                _ => {}
            }
        }
        self.exported_declarations();
    }

    fn import(&mut self, source: &StringLiteral<'_>, specifier: &ImportDeclarationSpecifier<'_>) {
        let (what, at, local, is_unaliased) = match specifier {
            ImportDeclarationSpecifier::ImportSpecifier(it) => {
                let is_unaliased = it.imported.span() == it.local.span;
                (Imported::Name(it.imported.name().to_string()), name_range(&it.imported), &it.local, is_unaliased)
            }
            ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => {
                (Imported::Name("default".to_owned()), empty(it.local.span.start), &it.local, false)
            }
            ImportDeclarationSpecifier::ImportNamespaceSpecifier(it) => {
                (Imported::Module, empty(it.local.span.start), &it.local, false)
            }
        };
        self.names.imports.push(Import {
            module: source.value.to_string(),
            module_range: quoted(source),
            what,
            range: at,
            symbol: Some(local.symbol_id().index()),
            is_unaliased,
            exported_as: None,
        });
    }

    /// `const {a, b: c} = require('./m')`. The names stay keys of an object: a rename changes them here only.
    fn require(&mut self, declarator: &VariableDeclarator<'_>) {
        let Some(Expression::CallExpression(call)) = &declarator.init else { return };
        let Some(source) = call.common_js_require() else { return };
        let mut push = |what, at, symbol: usize| {
            self.names.imports.push(Import {
                module: source.value.to_string(),
                module_range: quoted(source),
                what,
                range: at,
                symbol: Some(symbol),
                is_unaliased: false,
                exported_as: None,
            });
        };
        match &declarator.id {
            BindingPattern::BindingIdentifier(name) => {
                push(Imported::Module, empty(name.span.start), name.symbol_id().index());
            }
            BindingPattern::ObjectPattern(pattern) => {
                for property in &pattern.properties {
                    if let (Some(key), Some(name)) =
                        (property.key.static_name(), property.value.get_binding_identifier())
                    {
                        let at = if property.shorthand { empty(name.span.start) } else { range(property.key.span()) };
                        push(Imported::Name(key.to_string()), at, name.symbol_id().index());
                    }
                }
            }
            _ => {}
        }
    }

    /// `export const a`, `export function f() {}`, `exports.a = a`, `module.exports = {a}`.
    fn exported_declarations(&mut self) {
        let scoping = self.scoping();
        for id in scoping.symbol_ids() {
            let is_exported = scoping.symbol_scope_id(id) == scoping.root_scope_id()
                && scoping.symbol_declarations(id).any(|declaration| self.is_exported(declaration));
            if is_exported {
                let name = scoping.symbol_name(id).to_owned();
                self.names.exports.push(Export { name, symbol: id.index(), is_own_name: true, alias: None });
            }
        }
        for node in self.semantic.nodes().iter() {
            let AstKind::AssignmentExpression(assignment) = node.kind() else { continue };
            let Some(target) = assignment.left.as_member_expression() else { continue };
            let object = target.object().span();
            let object = &self.text[object.start as usize..object.end as usize];
            match (object, target.static_property_name(), &assignment.right) {
                ("exports" | "module.exports", Some(name), Expression::Identifier(value)) => {
                    self.common_js_export(name, value);
                }
                ("module", Some("exports"), Expression::ObjectExpression(exports)) => {
                    for property in exports.properties.iter().filter_map(|property| property.as_property()) {
                        if let (Some(name), Expression::Identifier(value)) =
                            (property.key.static_name(), &property.value)
                        {
                            self.common_js_export(&name, value);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn common_js_export(&mut self, name: &str, value: &oxc_ast::ast::IdentifierReference<'_>) {
        if let Some(symbol) = self.symbol_of(value) {
            // The key is an object's: what the value is called is nobody else's business.
            self.names.exports.push(Export { name: name.to_owned(), symbol, is_own_name: false, alias: None });
        }
    }

    /// Whether a declaration is the one of an `export` in its own scope.
    pub(super) fn is_exported(&self, declaration: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        for kind in nodes.ancestor_kinds(declaration) {
            match kind {
                AstKind::ExportDeclaration(_) => return true,
                AstKind::VariableDeclarator(_)
                | AstKind::VariableDeclaration(_)
                | AstKind::ObjectPattern(_)
                | AstKind::ArrayPattern(_)
                | AstKind::BindingProperty(_)
                | AstKind::AssignmentPattern(_)
                | AstKind::BindingRestElement(_) => {}
                _ => return false,
            }
        }
        false
    }

    /// The symbol of a name.
    pub(super) fn symbol_of(&self, name: &oxc_ast::ast::IdentifierReference<'_>) -> Option<usize> {
        let reference = name.reference_id.get()?;
        Some(self.scoping().get_reference(reference).symbol_id()?.index())
    }
}

fn empty(at: u32) -> TextRange {
    TextRange::new(at as usize, at as usize)
}

/// A name at an import or export, without quotes.
fn name_range(name: &ModuleExportName<'_>) -> TextRange {
    match name {
        ModuleExportName::StringLiteral(string) => quoted(string),
        name => range(name.span()),
    }
}

fn quoted(string: &StringLiteral<'_>) -> TextRange {
    TextRange::new(string.span.start as usize + 1, string.span.end as usize - 1)
}
