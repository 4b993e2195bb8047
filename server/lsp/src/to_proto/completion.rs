//! Suggestions and menu items.

use assist::{CompletionItem, CompletionItemKind, InlineCompletionItem, Snapshot, SymbolKind};
use serde_json::json;
use syntax::{PositionEncoding, TextRange};
use tower_lsp::ls_types as lsp;

use super::{markup, range};
use crate::ext::{self, CompletionItemData};
use crate::session::Session;

/// A suggestion, with the command that reports its acceptance.
pub(crate) fn inline_completion_item(
    item: InlineCompletionItem,
    snapshot: &Snapshot,
    encoding: PositionEncoding,
) -> lsp::InlineCompletionItem {
    lsp::InlineCompletionItem {
        insert_text: item.insert_text,
        // Clients would filter by the text already typed; the server has done that.
        filter_text: None,
        range: Some(range(item.range, snapshot, encoding)),
        command: Some(accepted(json!({ "id": item.id, "source": item.source.code() }))),
        insert_text_format: None,
    }
}

/// A menu item for the cursor at `offset`.
pub(crate) fn completion_item(
    item: CompletionItem,
    offset: usize,
    snapshot: &Snapshot,
    session: &Session,
) -> lsp::CompletionItem {
    let is_suggestion = item.kind == CompletionItemKind::Suggestion;
    // A suggestion shows itself; what stands behind a name is looked up when the user looks at it.
    let data = matches!(item.kind, CompletionItemKind::Name(_)).then(|| {
        let (uri, version) = (snapshot.id().as_str().to_owned(), snapshot.document().version());
        let position = range(TextRange::empty(offset), snapshot, session.encoding).start;
        json!(CompletionItemData { uri, version, position })
    });
    lsp::CompletionItem {
        label: item.label,
        kind: Some(kind(item.kind)),
        detail: item.detail,
        documentation: item.documentation.map(|markdown| documentation(markdown, session)),
        sort_text: Some(item.sort_text),
        filter_text: Some(item.filter_text),
        // The suggestion's lines carry their indentation already.
        insert_text_mode: (is_suggestion && session.insert_as_is).then_some(lsp::InsertTextMode::AS_IS),
        text_edit: Some(text_edit(item.range, item.insert_text, offset, snapshot, session)),
        command: item.suggestion_id.map(|id| accepted(json!({ "id": id }))),
        data,
        ..lsp::CompletionItem::default()
    }
}

/// What is shown beside the menu.
pub(crate) fn documentation(markdown: String, session: &Session) -> lsp::Documentation {
    lsp::Documentation::MarkupContent(markup(markdown, session.completion_markdown))
}

/// The edit of a menu item. "It must be a single line and it must contain the position at which completion was
/// requested" (LSP 3.18, `CompletionItem.textEdit`).
fn text_edit(
    replaced: TextRange,
    new_text: String,
    offset: usize,
    snapshot: &Snapshot,
    session: &Session,
) -> lsp::CompletionTextEdit {
    let text = snapshot.document().text();
    let line = text.line_range(text.line_of(offset));
    let start = replaced.start.clamp(line.start, offset);
    let replace = TextRange { start, end: replaced.end.clamp(offset, line.end.max(offset)) };
    let on_wire = |part| range(part, snapshot, session.encoding);
    if session.insert_replace {
        let insert = on_wire(TextRange { start, end: offset });
        lsp::CompletionTextEdit::InsertAndReplace(lsp::InsertReplaceEdit {
            new_text,
            insert,
            replace: on_wire(replace),
        })
    } else {
        lsp::CompletionTextEdit::Edit(lsp::TextEdit { range: on_wire(replace), new_text })
    }
}

/// The command a client runs when the user takes a suggestion.
fn accepted(argument: lsp::LSPAny) -> lsp::Command {
    lsp::Command::new("Accepted".to_owned(), ext::ACCEPTED.to_owned(), Some(vec![argument]))
}

fn kind(kind: CompletionItemKind) -> lsp::CompletionItemKind {
    match kind {
        CompletionItemKind::Suggestion => lsp::CompletionItemKind::SNIPPET,
        CompletionItemKind::Keyword => lsp::CompletionItemKind::KEYWORD,
        CompletionItemKind::Name(kind) => match kind {
            SymbolKind::Module => lsp::CompletionItemKind::MODULE,
            SymbolKind::Class | SymbolKind::TypeAlias => lsp::CompletionItemKind::CLASS,
            SymbolKind::Method => lsp::CompletionItemKind::METHOD,
            SymbolKind::Property => lsp::CompletionItemKind::PROPERTY,
            SymbolKind::Field => lsp::CompletionItemKind::FIELD,
            SymbolKind::Constructor => lsp::CompletionItemKind::CONSTRUCTOR,
            SymbolKind::Enum => lsp::CompletionItemKind::ENUM,
            SymbolKind::EnumMember => lsp::CompletionItemKind::ENUM_MEMBER,
            SymbolKind::Interface => lsp::CompletionItemKind::INTERFACE,
            SymbolKind::Function => lsp::CompletionItemKind::FUNCTION,
            SymbolKind::Variable | SymbolKind::Parameter => lsp::CompletionItemKind::VARIABLE,
            SymbolKind::Constant => lsp::CompletionItemKind::CONSTANT,
            SymbolKind::Struct => lsp::CompletionItemKind::STRUCT,
        },
    }
}
