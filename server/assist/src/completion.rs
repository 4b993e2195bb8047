//! The completion menu: names in scope, keywords, and the inline suggestion as an item for editors without ghost text.

use engine::CancelToken;
use syntax::TextRange;

use crate::inline_completion::{InlineCompletionItem, InlineCompletionRequest, in_lane};
use crate::keywords::keywords;
use crate::parsing;
use crate::run_blocking::run_blocking;
use crate::workspace::Lane;
use crate::{Assist, AssistError, Snapshot};

/// Most items of one answer; typing on asks again.
const MAX_ITEMS: usize = 200;
/// Characters of a suggestion's label.
const LABEL: usize = 60;

/// What a completion item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompletionItemKind {
    /// The inline suggestion.
    Suggestion,
    /// A name in scope.
    Name(analysis::SymbolKind),
    /// A word of the language.
    Keyword,
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
    assist: &Assist,
    snapshot: &Snapshot,
    offset: usize,
    with_suggestion: bool,
    cancel: CancelToken,
) -> Result<(Vec<CompletionItem>, bool), AssistError> {
    let site = {
        let snapshot = snapshot.clone();
        run_blocking("completion", move || Site::new(&snapshot, offset)).await?
    };
    let mut items = Vec::new();
    if with_suggestion {
        let request = InlineCompletionRequest::automatic(site.word.end, cancel);
        // The menu is worth showing without it, whatever happened to it.
        match in_lane(assist, snapshot, request, Lane::Menu).await {
            Ok(answer) => items.extend(answer.items.into_iter().next().map(|item| site.suggestion(item))),
            Err(AssistError::Cancelled) => return Err(AssistError::Cancelled),
            Err(error) => tracing::debug!(%error, "no suggestion in the menu"),
        }
    } else if cancel.is_cancelled() {
        return Err(AssistError::Cancelled);
    }
    let is_incomplete = with_suggestion || site.words.len() > MAX_ITEMS;
    items.extend(site.words.into_iter().take(MAX_ITEMS));
    Ok((items, is_incomplete))
}

/// What is shown beside the menu for a name visible at `offset`: its definition's signature and doc, in Markdown.
/// Analysis only.
pub fn name_documentation(snapshot: &Snapshot, offset: usize, name: &str) -> Option<String> {
    let names = analysis::names_in_scope(snapshot.document(), offset);
    let definition = names.iter().find(|visible| visible.name == name)?.definition;
    Some(crate::hover(snapshot, definition.start)?.markdown)
}

/// What is worked out from the document alone.
struct Site {
    language: &'static str,
    /// The part of a word before the cursor.
    word: TextRange,
    prefix: String,
    /// The line before the cursor, without its indentation.
    line_prefix: String,
    /// Names and keywords.
    words: Vec<CompletionItem>,
}

impl Site {
    fn new(snapshot: &Snapshot, offset: usize) -> Self {
        let document = snapshot.document();
        parsing::parse(document);
        let context = analysis::completion_context(document, offset);
        let offset = context.offset;
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let before = context.line_prefix.trim_end_matches(is_word);
        let prefix = context.line_prefix[before.len()..].to_owned();
        let mut site = Self {
            language: document.language().id(),
            word: TextRange::new(offset - prefix.len(), offset),
            line_prefix: context.line_prefix.trim_start().to_owned(),
            prefix,
            words: Vec::new(),
        };
        // Behind a dot the members are meant, of which nothing is known here; in prose and strings any word may come.
        let is_member = before.ends_with(['.', '?']) || before.ends_with("->");
        let is_number = site.prefix.starts_with(|c: char| c.is_ascii_digit());
        if !(context.in_comment || context.in_string || is_member || is_number) {
            site.add_words(document);
        }
        site
    }

    fn add_words(&mut self, document: &syntax::Document) {
        for name in analysis::names_in_scope(document, self.word.start) {
            if self.offers(&name.name) {
                // Nearest scope first, as the analysis has them.
                let sort_text = format!("1{:04}", self.words.len());
                self.words.push(CompletionItem {
                    detail: name.signature,
                    ..self.word(&name.name, CompletionItemKind::Name(name.kind), sort_text)
                });
            }
        }
        for keyword in keywords(self.language) {
            let is_new = !self.words.iter().any(|item| item.label == keyword);
            if is_new && self.offers(keyword) {
                let sort_text = format!("2{keyword}");
                self.words.push(self.word(keyword, CompletionItemKind::Keyword, sort_text));
            }
        }
    }

    /// True for a word that begins with what is typed, whatever the case, and is more than that.
    fn offers(&self, word: &str) -> bool {
        let mut word_chars = word.chars();
        let begins = self
            .prefix
            .chars()
            .all(|typed| word_chars.next().is_some_and(|c| c.to_lowercase().eq(typed.to_lowercase())));
        begins && word != self.prefix
    }

    fn word(&self, word: &str, kind: CompletionItemKind, sort_text: String) -> CompletionItem {
        CompletionItem {
            label: word.to_owned(),
            kind,
            range: self.word,
            insert_text: word.to_owned(),
            filter_text: word.to_owned(),
            sort_text,
            detail: None,
            documentation: None,
            suggestion_id: None,
        }
    }

    /// The inline suggestion as an item: it replaces the word before the cursor too, because clients filter by the
    /// text in the range, and drop what does not match it.
    fn suggestion(&self, item: InlineCompletionItem) -> CompletionItem {
        let full = format!("{}{}", self.prefix, item.insert_text);
        let first = full.trim_start().lines().next().unwrap_or_default();
        let mut label: String = first.chars().take(LABEL).collect();
        if label.len() < full.trim().len() {
            label.push('…');
        }
        let filter = if self.prefix.is_empty() { &self.line_prefix } else { &self.prefix };
        let fence = if full.contains("```") { "````" } else { "```" };
        CompletionItem {
            label,
            kind: CompletionItemKind::Suggestion,
            range: TextRange::new(self.word.start, item.range.end),
            filter_text: filter.clone(),
            sort_text: "0".to_owned(),
            detail: Some("ropewalk".to_owned()),
            documentation: Some(format!(
                "{fence}{}\n{}{}\n{fence}",
                self.language,
                self.line_prefix_before_word(),
                full
            )),
            insert_text: full,
            suggestion_id: Some(item.id),
        }
    }

    fn line_prefix_before_word(&self) -> &str {
        self.line_prefix.strip_suffix(self.prefix.as_str()).unwrap_or(&self.line_prefix)
    }
}

#[cfg(test)]
mod tests;
