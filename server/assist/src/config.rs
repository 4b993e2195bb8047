//! Options of the features, passed explicitly.

use analysis::RuleSelection;

use crate::PathGlobs;

/// All options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssistConfig {
    /// Options of ghost text.
    pub inline_completion: InlineCompletionConfig,
    /// Rules chosen by code.
    pub lint: RuleSelection,
}

/// Options of ghost text.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineCompletionConfig {
    /// Off means: every request is answered with [`crate::SilenceReason::Disabled`].
    pub enabled: bool,
    /// Most tokens of a suggestion asked for automatically.
    pub max_tokens: usize,
    /// Most tokens of a suggestion the user asked for.
    pub max_tokens_invoked: usize,
    /// How long an automatic request may take, in milliseconds; what is there by then is shown.
    pub deadline_ms: u64,
    /// How long an invoked request may take, in milliseconds.
    pub deadline_invoked_ms: u64,
    /// Ghost text inside comments.
    pub in_comments: bool,
    /// Ghost text inside strings.
    pub in_strings: bool,
    /// Least confidence (0 to 1, that the first line is right) of a suggestion shown without being asked for.
    pub min_confidence: f32,
    /// Characters that a suggestion shown without being asked for has to bring on average; 0 shows all that are found,
    /// to measure how good they are.
    pub min_gain: f32,
    /// Text copied from the open documents and the workspace: mixed with the model, and alone where there is none.
    pub copies: bool,
    /// Most text of the workspace's files that is indexed to copy from, in megabytes (2²⁰ bytes; the index takes five
    /// times as much memory); 0 indexes none.
    pub workspace_mb: usize,
    /// Language ids without ghost text.
    pub disabled_languages: Vec<String>,
    /// Files without ghost text.
    pub disabled_globs: PathGlobs,
}

impl Default for InlineCompletionConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            max_tokens: 48,
            max_tokens_invoked: 128,
            deadline_ms: 1_500,
            deadline_invoked_ms: 5_000,
            in_comments: true,
            in_strings: true,
            min_confidence: 0.0,
            min_gain: 1.5,
            copies: true,
            workspace_mb: 8,
            disabled_languages: Vec::new(),
            disabled_globs: PathGlobs::default(),
        }
    }
}
