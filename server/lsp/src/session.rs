//! What `initialize` settles for the session: the position encoding and what the client can show.

use syntax::PositionEncoding;
use tower_lsp::ls_types::{ClientCapabilities, InsertTextMode, MarkupKind, PositionEncodingKind};

/// The client, as far as the server's answers depend on it. Every flag is what the client declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Session {
    /// How columns are counted, in both directions.
    pub(crate) encoding: PositionEncoding,
    /// Asks for diagnostics itself (`textDocument.diagnostic`): such a client is not pushed to, it would show both.
    pub(crate) pulls_diagnostics: bool,
    /// Shows ghost text (`textDocument.inlineCompletion`).
    pub(crate) inline_completion: bool,
    /// Takes `InsertReplaceEdit` in completion items.
    pub(crate) insert_replace: bool,
    /// Takes `insertTextMode: asIs` in completion items.
    pub(crate) insert_as_is: bool,
    /// Renders Markdown beside completion items.
    pub(crate) completion_markdown: bool,
    /// Renders Markdown in hovers.
    pub(crate) hover_markdown: bool,
    /// Shows other places of a diagnostic.
    pub(crate) related_information: bool,
    /// Takes `DocumentSymbol` trees.
    pub(crate) symbol_tree: bool,
    /// Shows progress the server begins.
    pub(crate) work_done_progress: bool,
    /// Answers `workspace/configuration`.
    pub(crate) configuration: bool,
}

impl Session {
    pub(crate) fn new(client: &ClientCapabilities) -> Self {
        let document = client.text_document.as_ref();
        let item = document.and_then(|it| it.completion.as_ref()).and_then(|it| it.completion_item.as_ref());
        let hover = document.and_then(|it| it.hover.as_ref());
        let pull = document.and_then(|it| it.diagnostic.as_ref());
        let push = document.and_then(|it| it.publish_diagnostics.as_ref());
        Self {
            encoding: negotiate(client),
            pulls_diagnostics: pull.is_some(),
            inline_completion: document.is_some_and(|it| it.inline_completion.is_some()),
            insert_replace: item.and_then(|it| it.insert_replace_support).unwrap_or(false),
            insert_as_is: item
                .and_then(|it| it.insert_text_mode_support.as_ref())
                .is_some_and(|it| it.value_set.contains(&InsertTextMode::AS_IS)),
            completion_markdown: accepts_markdown(item.and_then(|it| it.documentation_format.as_deref())),
            hover_markdown: accepts_markdown(hover.and_then(|it| it.content_format.as_deref())),
            // 3.18 declares it under `diagnostic`, older clients under `publishDiagnostics` for both ways.
            related_information: pull.and_then(|it| it.related_information).unwrap_or(false)
                || push.and_then(|it| it.related_information).unwrap_or(false),
            symbol_tree: document
                .and_then(|it| it.document_symbol.as_ref())
                .and_then(|it| it.hierarchical_document_symbol_support)
                .unwrap_or(false),
            work_done_progress: client.window.as_ref().and_then(|it| it.work_done_progress).unwrap_or(false),
            configuration: client.workspace.as_ref().and_then(|it| it.configuration).unwrap_or(false),
        }
    }
}

/// A client that says nothing gets Markdown, the common case; one that lists formats gets it only when it is listed.
fn accepts_markdown(formats: Option<&[MarkupKind]>) -> bool {
    formats.is_none_or(|formats| formats.is_empty() || formats.contains(&MarkupKind::Markdown))
}

/// utf-8 where it is offered (no conversion here), else utf-16, which the specification makes mandatory, unless the
/// client offers utf-32 alone.
fn negotiate(client: &ClientCapabilities) -> PositionEncoding {
    let offered = client.general.as_ref().and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) {
        PositionEncoding::Utf8
    } else if !offered.contains(&PositionEncodingKind::UTF16) && offered.contains(&PositionEncodingKind::UTF32) {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tower_lsp::ls_types::ClientCapabilities;

    use super::Session;

    fn encoding(offered: serde_json::Value) -> String {
        let capabilities: ClientCapabilities =
            serde_json::from_value(json!({ "general": { "positionEncodings": offered } })).expect("capabilities");
        format!("{:?}", Session::new(&capabilities).encoding)
    }

    #[test]
    fn encodings_are_negotiated() {
        assert_eq!(encoding(json!(null)), "Utf16");
        assert_eq!(encoding(json!([])), "Utf16");
        assert_eq!(encoding(json!(["utf-16"])), "Utf16");
        assert_eq!(encoding(json!(["utf-32"])), "Utf32");
        assert_eq!(encoding(json!(["utf-32", "utf-16"])), "Utf16");
        assert_eq!(encoding(json!(["utf-16", "utf-32", "utf-8"])), "Utf8");
        assert_eq!(encoding(json!(["utf-7"])), "Utf16");
    }
}
