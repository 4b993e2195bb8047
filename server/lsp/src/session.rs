//! What `initialize` settles for the session: the position encoding and what the client can show.

use assist::DiagnosticTag;
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
    /// Fades code that is marked as unnecessary.
    tag_unnecessary: bool,
    /// Strikes out code that is marked as deprecated.
    tag_deprecated: bool,
    /// Links the code of a diagnostic to a page about it.
    pub(crate) code_descriptions: bool,
    /// Sends a diagnostic's `data` back with the request for its code actions.
    pub(crate) diagnostic_data: bool,
    /// Asks for diagnostics again when it is told to (`workspace/diagnostic/refresh`).
    pub(crate) refreshes_diagnostics: bool,
    /// Asks for a code action's edit when the user chose it.
    pub(crate) resolves_code_action_edits: bool,
    /// Takes `DocumentSymbol` trees.
    pub(crate) symbol_tree: bool,
    /// Folds whole lines only.
    pub(crate) folds_lines_only: bool,
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
        // 3.18 declares what a diagnostic may hold under `diagnostic`, older clients under `publishDiagnostics` for both ways.
        let shows = |what: &str| {
            flag(&format!("/textDocument/diagnostic/{what}"))
                || flag(&format!("/textDocument/publishDiagnostics/{what}"))
        };
        let tag = |tag: i32| {
            let lists =
                ["diagnostic", "publishDiagnostics"].map(|it| format!("/textDocument/{it}/tagSupport/valueSet"));
            lists.iter().any(|path| list(path).contains(&Value::from(tag)))
        };
        Self {
            encoding: negotiate(list("/general/positionEncodings")),
            pulls_diagnostics: declares("/textDocument/diagnostic"),
            inline_completion: declares("/textDocument/inlineCompletion"),
            insert_replace: flag("/textDocument/completion/completionItem/insertReplaceSupport"),
            insert_as_is: list("/textDocument/completion/completionItem/insertTextModeSupport/valueSet")
                .contains(&as_is),
            completion_markdown: markdown("/textDocument/completion/completionItem/documentationFormat"),
            hover_markdown: markdown("/textDocument/hover/contentFormat"),
            related_information: shows("relatedInformation"),
            tag_unnecessary: tag(1),
            tag_deprecated: tag(2),
            code_descriptions: shows("codeDescriptionSupport"),
            diagnostic_data: shows("dataSupport"),
            // The name in the specification's text, and the one in its meta model.
            refreshes_diagnostics: flag("/workspace/diagnostics/refreshSupport")
                || flag("/workspace/diagnostic/refreshSupport"),
            resolves_code_action_edits: flag("/textDocument/codeAction/dataSupport")
                && list("/textDocument/codeAction/resolveSupport/properties").iter().any(|it| it == "edit"),
            symbol_tree: flag("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            code_action_literals: declares("/textDocument/codeAction/codeActionLiteralSupport"),
            folds_lines_only: flag("/textDocument/foldingRange/lineFoldingOnly"),
            versioned_edits: flag("/workspace/workspaceEdit/documentChanges"),
            work_done_progress: flag("/window/workDoneProgress"),
            watches_files: flag("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: flag("/workspace/configuration"),
        }
    }

    /// Whether the client draws code with this tag in its own way.
    pub(crate) fn shows_tag(&self, tag: DiagnosticTag) -> bool {
        match tag {
            DiagnosticTag::Unnecessary => self.tag_unnecessary,
            DiagnosticTag::Deprecated => self.tag_deprecated,
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
