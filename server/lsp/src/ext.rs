//! Methods and commands the framework does not declare, and their parameters.

use serde::{Deserialize, Serialize};
use tower_lsp::ls_types::{InlineCompletionItem, Position, Range, TextDocumentIdentifier, Uri};

/// Ghost text (LSP 3.18).
pub(crate) const INLINE_COMPLETION: &str = "textDocument/inlineCompletion";
/// The text the server holds.
pub(crate) const VIEW_TEXT: &str = "ropewalk/viewText";
/// The tree the server holds.
pub(crate) const VIEW_SYNTAX_TREE: &str = "ropewalk/viewSyntaxTree";
/// The client showed a suggestion (the notification of the Copilot language server).
pub(crate) const DID_SHOW_COMPLETION: &str = "textDocument/didShowCompletion";
/// The user took a part of a suggestion (likewise).
pub(crate) const DID_PARTIALLY_ACCEPT_COMPLETION: &str = "textDocument/didPartiallyAcceptCompletion";

/// Prints the server's state.
pub(crate) const STATUS: &str = "ropewalk.status";
/// Records that a suggestion was accepted: the command of every suggestion.
pub(crate) const ACCEPTED: &str = "ropewalk.accepted";
/// Loads another model.
pub(crate) const LOAD_MODEL: &str = "ropewalk.loadModel";

/// Explains code of an open document, in Markdown.
pub(crate) const EXPLAIN: &str = "ropewalk.explain";

/// The commands of `workspace/executeCommand`.
pub(crate) const COMMANDS: [&str; 4] = [STATUS, ACCEPTED, LOAD_MODEL, EXPLAIN];

/// Parameters of [`VIEW_TEXT`] and [`VIEW_SYNTAX_TREE`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ViewParams {
    /// The document. Read at the arrival of the request; here so that its absence is an error.
    #[serde(rename = "textDocument")]
    pub(crate) _text_document: TextDocumentIdentifier,
}

/// Parameters of [`DID_SHOW_COMPLETION`].
#[derive(Debug, Deserialize)]
pub(crate) struct DidShowCompletionParams {
    /// The item as it was sent.
    pub(crate) item: InlineCompletionItem,
}

/// Parameters of [`DID_PARTIALLY_ACCEPT_COMPLETION`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidPartiallyAcceptCompletionParams {
    /// The item as it was sent.
    pub(crate) item: InlineCompletionItem,
    /// How much of its text was taken, in UTF-16 code units.
    pub(crate) accepted_length: usize,
}

/// What a menu item carries for `completionItem/resolve`: the server remembers no menu.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CompletionItemData {
    /// The document.
    pub(crate) uri: String,
    /// Its version when the menu was made.
    pub(crate) version: i32,
    /// The cursor.
    pub(crate) position: Position,
}

/// What a code action carries for `codeAction/resolve`: the server remembers no menu.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CodeActionData {
    /// The document.
    pub(crate) uri: Uri,
    /// Its version when the action was listed.
    pub(crate) version: i32,
    /// What the edit does.
    pub(crate) task: Task,
}

/// Work that is done when an action is resolved.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Task {
    /// Every safe fix, until none is left.
    FixAll,
    /// The imports in order.
    OrganizeImports,
    /// The fixes of one rule.
    FixCode {
        /// The rule.
        code: String,
    },
}

/// Argument of [`ACCEPTED`].
#[derive(Debug, Deserialize)]
pub(crate) struct AcceptedArgument {
    /// Number of the suggestion.
    pub(crate) id: u64,
}

/// Argument of [`LOAD_MODEL`].
#[derive(Debug, Deserialize)]
pub(crate) struct LoadModelArgument {
    /// A GGUF file.
    pub(crate) path: std::path::PathBuf,
}

/// Argument of [`EXPLAIN`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainArgument {
    /// The document. Read at the arrival of the request; here so that its absence is an error.
    #[serde(rename = "textDocument")]
    pub(crate) _text_document: TextDocumentIdentifier,
    /// What is explained; of an empty range the definition around it. Without one, the whole document.
    pub(crate) range: Option<Range>,
    /// How much is told.
    #[serde(default)]
    pub(crate) detail_level: DetailLevelArgument,
    /// It is shown as a message besides being answered with: most editors do nothing with a command's answer.
    #[serde(default)]
    pub(crate) show: bool,
}

/// The levels, as in the bridge.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DetailLevelArgument {
    Low,
    #[default]
    Medium,
    High,
}
