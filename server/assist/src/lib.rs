//! Editor-neutral features: analysis and model over a snapshot of the open documents.
//!
//! The API boundary: front-ends (`lsp`, `bridge`, `cli`) call one function a feature and
//! convert wire types at their own edge. Arguments and results are plain data in editors'
//! words; there is no JSON, LSP or HTTP type here.
//!
//! Entry: [`Assist`] (shared state), [`Workspace`] (open documents), [`Snapshot`] (what a request sees).

mod completion;
mod config;
mod context;
mod copy_engine;
mod diagnostics;
mod error;
mod explanation;
#[cfg(any(test, feature = "fit"))]
#[doc(hidden)]
pub mod fit;
mod fix;
mod formatting;
mod hover;
mod inline_completion;
mod keywords;
mod lint_config;
mod navigation;
mod next_edit;
mod outline;
mod parsing;
mod path_globs;
mod project;
mod record;
mod rename;
mod run_blocking;
mod secret_files;
mod state;
mod sync;
mod waiting;
mod words;
mod workspace;

/// The engine's vocabulary, for front-ends that serve plain generation.
pub mod generation {
    pub use engine::{
        CancelToken, ContextFile, Event, FimPrompt, Finish, FinishReason, GenerateRequest, Generation, Piece, Priority,
        Prompt, SamplingParams, Usage,
    };
}

/// The engine's options and state, for the program that wires everything.
pub mod model {
    pub use engine::{
        ApiKey, Engine, EngineConfig, EngineError, EngineStatus, FimMarkers, FimOrder, KvCacheType, Load, ModelInfo,
        ModelSource, ModelState, QueueStatus, RemoteSource, Script, ScriptClock,
    };
}

pub use analysis::{
    Complexity, DetailLevel, Diagnostic, DiagnosticTag, EndOfLine, Explanation, Fix, Fold, FoldKind, FormatError,
    FormatOptions, Formatted, Growth, LintSettings, RelatedRange, Rule, RuleSelection, Severity, Symbol, SymbolKind,
    formatter_of, is_syntax_code, rule, rules, syntax_diagnostics,
};
pub use completion::{CompletionItem, CompletionItemKind, completion, name_documentation};
pub use config::{AssistConfig, InlineCompletionConfig};
pub use diagnostics::{
    INTERNAL_ERROR, UNPARSED_FILE, diagnostics, diagnostics_unless, fix_all, organize_imports, suppression,
};
pub use error::AssistError;
pub use explanation::{explainable, explanation};
pub use fix::fix_where;
pub use formatting::{format, formatting, on_type_formatting, range_formatting};
pub use hover::{Hover, hover};
pub use inline_completion::{
    InlineCompletion, InlineCompletionItem, InlineCompletionRequest, SilenceReason, Source, Trigger, complete_text,
    inline_completion,
};
pub use lint_config::{LintConfig, LintConfigProblem};
pub use navigation::{FileView, Highlight, Location, definition, folds, highlights, references, selection_ranges};
pub use outline::outline;
pub use path_globs::PathGlobs;
pub use project::{FileStamp, ProjectFiles};
pub use rename::{FileEdits, RenameError, RenameTarget, prepare_rename, rename};
pub use run_blocking::run_blocking;
pub use secret_files::is_secret;
pub use state::{AcceptanceCounts, Assist, AssistStatus, KeptCounts, LastSilence, generate};
pub use waiting::Waiting;
pub use workspace::{DocumentId, Snapshot, Workspace, WorkspaceError, file_path};
