//! The completion menu: names in scope, keywords, and the inline suggestion as an item for editors without ghost text.

use engine::CancelToken;
use syntax::TextRange;

use crate::{Assist, AssistError, Snapshot};

/// What a completion item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompletionItemKind {
    /// The inline suggestion.
    Suggestion,
    /// A name in scope.
    Name(analysis::SymbolKind),
}

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionItem {
    /// What the menu shows.
    pub label: String,
    /// What it stands for.
    pub kind: CompletionItemKind,
    /// What is replaced.
    pub range: TextRange,
    /// What stands there afterwards.
    pub insert_text: String,
    /// What the client filters by.
    pub filter_text: String,
    /// What the client sorts by.
    pub sort_text: String,
    /// One line behind the label.
    pub detail: Option<String>,
    /// Markdown shown beside the menu (the whole suggestion, the definition's doc).
    pub documentation: Option<String>,
    /// Id of the inline suggestion, for reporting its acceptance.
    pub suggestion_id: Option<u64>,
}

/// Items at a cursor; the flag is true when typing on should ask again (`isIncomplete`).
/// With `with_suggestion` the model is asked too, with a short deadline.
///
/// # Errors
/// [`AssistError::Cancelled`].
pub async fn completion(
    _assist: &Assist,
    _snapshot: &Snapshot,
    _offset: usize,
    _with_suggestion: bool,
    _cancel: CancelToken,
) -> Result<(Vec<CompletionItem>, bool), AssistError> {
    unimplemented!()
}
