//! Document symbols: a tree, or a flat list for clients that know no tree.

use assist::{Snapshot, Symbol, SymbolKind};
use tower_lsp::ls_types::{self as lsp, DocumentSymbolResponse, Uri};

use super::range;
use crate::session::Session;

/// A document's definitions.
pub(crate) fn symbols(
    symbols: Vec<Symbol>,
    uri: &Uri,
    snapshot: &Snapshot,
    session: &Session,
) -> DocumentSymbolResponse {
    if session.symbol_tree {
        DocumentSymbolResponse::Nested(symbols.into_iter().map(|symbol| nested(symbol, snapshot, session)).collect())
    } else {
        let mut list = Vec::new();
        flatten(symbols, None, &mut list, uri, snapshot, session);
        DocumentSymbolResponse::Flat(list)
    }
}

fn nested(symbol: Symbol, snapshot: &Snapshot, session: &Session) -> lsp::DocumentSymbol {
    let children: Vec<_> = symbol.children.into_iter().map(|child| nested(child, snapshot, session)).collect();
    #[expect(deprecated, reason = "the struct cannot be written without its deprecated field")]
    lsp::DocumentSymbol {
        name: symbol.name,
        detail: Some(symbol.signature),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: range(symbol.range, snapshot, session.encoding),
        selection_range: range(symbol.selection_range, snapshot, session.encoding),
        children: (!children.is_empty()).then_some(children),
    }
}

fn flatten(
    symbols: Vec<Symbol>,
    container: Option<&str>,
    list: &mut Vec<lsp::SymbolInformation>,
    uri: &Uri,
    snapshot: &Snapshot,
    session: &Session,
) {
    for symbol in symbols {
        let place = range(symbol.range, snapshot, session.encoding);
        #[expect(deprecated, reason = "the struct cannot be written without its deprecated field")]
        list.push(lsp::SymbolInformation {
            name: symbol.name.clone(),
            kind: kind(symbol.kind),
            tags: None,
            deprecated: None,
            location: lsp::Location { uri: uri.clone(), range: place },
            container_name: container.map(str::to_owned),
        });
        flatten(symbol.children, Some(&symbol.name), list, uri, snapshot, session);
    }
}

fn kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Module => lsp::SymbolKind::MODULE,
        SymbolKind::Class | SymbolKind::TypeAlias => lsp::SymbolKind::CLASS,
        SymbolKind::Method => lsp::SymbolKind::METHOD,
        SymbolKind::Property => lsp::SymbolKind::PROPERTY,
        SymbolKind::Field => lsp::SymbolKind::FIELD,
        SymbolKind::Constructor => lsp::SymbolKind::CONSTRUCTOR,
        SymbolKind::Enum => lsp::SymbolKind::ENUM,
        SymbolKind::EnumMember => lsp::SymbolKind::ENUM_MEMBER,
        SymbolKind::Interface => lsp::SymbolKind::INTERFACE,
        SymbolKind::Function => lsp::SymbolKind::FUNCTION,
        SymbolKind::Variable | SymbolKind::Parameter => lsp::SymbolKind::VARIABLE,
        SymbolKind::Constant => lsp::SymbolKind::CONSTANT,
        SymbolKind::Struct => lsp::SymbolKind::STRUCT,
    }
}
