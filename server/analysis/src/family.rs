//! Languages grouped by how their code is laid out: what the tables of this crate are keyed by.
//!
//! A language outside this list is [`Family::Other`]: everything still works on it, from its
//! registry entry and its tree alone, only with fewer words.

use syntax::Language;

/// Languages that share their tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Python,
    /// JavaScript and TypeScript without JSX.
    Script,
    /// JavaScript and TypeScript with JSX.
    ScriptJsx,
    Rust,
    Go,
    Java,
    C,
    Cpp,
    Json,
    Html,
    Css,
    Bash,
    Other,
}

impl Family {
    /// The family of `language`.
    pub(crate) fn of(language: Language) -> Self {
        match language.grammar_name().unwrap_or_else(|| language.id()) {
            "python" => Self::Python,
            "typescript" => Self::Script,
            // The JavaScript grammar reads JSX as well.
            "javascript" | "tsx" => Self::ScriptJsx,
            "rust" => Self::Rust,
            "go" => Self::Go,
            "java" => Self::Java,
            "c" => Self::C,
            "cpp" => Self::Cpp,
            "json" => Self::Json,
            "html" => Self::Html,
            "css" => Self::Css,
            "bash" => Self::Bash,
            _ => Self::Other,
        }
    }

    /// True for JavaScript and TypeScript, with or without JSX.
    pub(crate) fn is_script(self) -> bool {
        matches!(self, Self::Script | Self::ScriptJsx)
    }

    /// True when `{` opens a block of statements.
    pub(crate) fn has_brace_blocks(self) -> bool {
        !matches!(self, Self::Python | Self::Json | Self::Html)
    }
}
