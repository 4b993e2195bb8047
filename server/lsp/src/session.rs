//! What `initialize` settles for the session: the position encoding and what the client can show.

use serde_json::Value;
use syntax::PositionEncoding;

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
    /// Takes `CodeAction`s, not commands alone.
    pub(crate) code_action_literals: bool,
    /// Takes edits that name the version they are for.
    pub(crate) versioned_edits: bool,
    /// Shows progress the server begins.
    pub(crate) work_done_progress: bool,
    /// Watches files when it is asked to (`workspace.didChangeWatchedFiles.dynamicRegistration`).
    pub(crate) watches_files: bool,
    /// Answers `workspace/configuration`.
    pub(crate) configuration: bool,
}

impl Session {
    /// Reads `ClientCapabilities`. What is missing or of another type than the specification's counts as not declared:
    /// clients in use send such things, and no field is worth refusing `initialize` for.
    pub(crate) fn new(client: &Value) -> Self {
        let declares = |path: &str| client.pointer(path).is_some_and(Value::is_object);
        let flag = |path: &str| client.pointer(path).and_then(Value::as_bool).unwrap_or(false);
        let list = |path: &str| client.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // A client that says nothing gets Markdown, the common case; one that lists formats gets it when it is listed.
        let markdown = |path: &str| list(path).is_empty() || list(path).iter().any(|format| format == "markdown");
        let as_is = Value::from(1);
        Self {
            encoding: negotiate(list("/general/positionEncodings")),
            pulls_diagnostics: declares("/textDocument/diagnostic"),
            inline_completion: declares("/textDocument/inlineCompletion"),
            insert_replace: flag("/textDocument/completion/completionItem/insertReplaceSupport"),
            insert_as_is: list("/textDocument/completion/completionItem/insertTextModeSupport/valueSet")
                .contains(&as_is),
            completion_markdown: markdown("/textDocument/completion/completionItem/documentationFormat"),
            hover_markdown: markdown("/textDocument/hover/contentFormat"),
            // 3.18 declares it under `diagnostic`, older clients under `publishDiagnostics` for both ways.
            related_information: flag("/textDocument/diagnostic/relatedInformation")
                || flag("/textDocument/publishDiagnostics/relatedInformation"),
            symbol_tree: flag("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            code_action_literals: declares("/textDocument/codeAction/codeActionLiteralSupport"),
            versioned_edits: flag("/workspace/workspaceEdit/documentChanges"),
            work_done_progress: flag("/window/workDoneProgress"),
            watches_files: flag("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: flag("/workspace/configuration"),
        }
    }
}

/// utf-8 where it is offered (no conversion here), else utf-16, which the specification makes mandatory, unless the
/// client offers utf-32 alone.
fn negotiate(offered: &[Value]) -> PositionEncoding {
    let offers = |encoding: &str| offered.iter().any(|offer| offer == encoding);
    if offers("utf-8") {
        PositionEncoding::Utf8
    } else if !offers("utf-16") && offers("utf-32") {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Session;

    fn encoding(offered: Value) -> String {
        format!("{:?}", Session::new(&json!({ "general": { "positionEncodings": offered } })).encoding)
    }

    #[test]
    fn encodings_are_negotiated() {
        assert_eq!(encoding(json!(null)), "Utf16");
        assert_eq!(encoding(json!([])), "Utf16");
        assert_eq!(encoding(json!(["utf-16"])), "Utf16");
        assert_eq!(encoding(json!(["utf-32"])), "Utf32");
        assert_eq!(encoding(json!(["utf-32", "utf-16"])), "Utf16");
        assert_eq!(encoding(json!(["utf-16", "utf-32", "utf-8"])), "Utf8");
        assert_eq!(encoding(json!(["utf-7", 8])), "Utf16");
    }

    #[test]
    fn odd_capabilities_are_none() {
        let odd = json!({
            "general": { "positionEncodings": "utf-8" },
            "window": { "workDoneProgress": 1 },
            "textDocument": { "diagnostic": null, "inlineCompletion": true, "documentSymbol": [] },
        });
        assert_eq!(Session::new(&odd), Session::new(&json!({})));
        assert_eq!(Session::new(&Value::Null), Session::new(&json!({})));
    }
}
