//! The variables that functions declare for themselves.

use syntax::{Document, TextRange};

use super::bindings::Bindings;
use super::tables::{ScopeKind, tables};
use crate::SymbolKind;

/// A variable of a function. Parameters are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    /// The name where it is declared.
    pub(crate) name: TextRange,
    /// The node that declares it.
    pub(crate) declaration: TextRange,
    /// The outermost function around it.
    pub(crate) function: TextRange,
}

/// The local variables of a document, in order; none where the language's scopes are not known.
pub(crate) fn locals(document: &Document, text: &str) -> Vec<Local> {
    let Some(tables) = document.language().grammar_name().and_then(tables) else { return Vec::new() };
    let Some(tree) = document.tree() else { return Vec::new() };
    let Bindings { scopes, bindings } = Bindings::collect(document, tree, text, tables);
    let outermost_function = |scope: usize| {
        let mut function = None;
        let mut next = Some(scope);
        while let Some(scope) = next {
            let scope = &scopes[scope];
            if scope.kind == ScopeKind::Function {
                function = Some(scope.range);
            }
            next = scope.parent;
        }
        function
    };
    let is_local = |scope: usize| matches!(scopes[scope].kind, ScopeKind::Function | ScopeKind::Block);
    let own = bindings.iter().filter(|it| it.kind == SymbolKind::Variable && is_local(it.scope));
    own.filter_map(|binding| {
        let function = outermost_function(binding.scope)?;
        Some(Local { name: binding.selection_range, declaration: binding.range, function })
    })
    .collect()
}
