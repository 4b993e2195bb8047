//! The language registry: `grammars/languages.toml`, compiled in.
//!
//! The shape of that file is `language::registry`'s; what the words in it mean is said at its top.

mod registry;

use std::path::Path;

use registry::{Entry, REGISTRY};

/// How comments are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentTokens {
    /// Line comment tokens, the usual one first.
    pub line: Vec<String>,
    /// Block comment tokens (open, close), the usual pair first.
    pub block: Vec<(String, String)>,
}

/// The usual indentation of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indentation {
    /// One tab a level.
    Tabs,
    /// This many spaces a level.
    Spaces(u8),
}

/// A language of the registry. Copy; compares by identity.
#[derive(Clone, Copy)]
pub struct Language(&'static Entry);

impl Language {
    /// Every language, sorted by name.
    pub fn all() -> impl Iterator<Item = Language> {
        REGISTRY.entries().iter().map(Language)
    }

    /// The entry for text that is no programming language.
    pub fn plain_text() -> Language {
        Language(REGISTRY.plain_text())
    }

    /// By LSP language id, name, alias or file extension (with or without dot), case-insensitively.
    ///
    /// A name is tried before an extension, unless it starts with a dot: `v` is the language V, `.v` a Verilog file.
    pub fn from_name(name: &str) -> Option<Language> {
        REGISTRY.by_name(name).map(Language)
    }

    /// By file name or extension. Looks at nothing but the path's text.
    pub fn from_path(path: &Path) -> Option<Language> {
        REGISTRY.by_file_name(&path.file_name()?.to_string_lossy()).map(Language)
    }

    /// By the interpreter that a text's first line names, such as `#!/usr/bin/env python3`.
    pub fn from_shebang(first_line: &str) -> Option<Language> {
        REGISTRY.by_shebang(first_line).map(Language)
    }

    /// LSP language id, such as `python` or `typescriptreact`.
    pub fn id(self) -> &'static str {
        &self.0.id
    }

    /// Name for people, such as `C++`.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// Other names it goes by.
    pub fn aliases(self) -> &'static [String] {
        &self.0.aliases
    }

    /// File extensions without dot, the usual one first.
    pub fn extensions(self) -> &'static [String] {
        &self.0.extensions
    }

    /// File names that are this language whatever their extension, such as `makefile`. Lower case.
    pub fn filenames(self) -> &'static [String] {
        &self.0.filenames
    }

    /// Comment tokens.
    pub fn comments(self) -> &'static CommentTokens {
        &self.0.comments
    }

    /// Usual indentation.
    pub fn indentation(self) -> Indentation {
        self.0.indentation
    }

    /// The built-in grammar, if this build has one.
    pub fn grammar(self) -> Option<&'static tree_sitter::Language> {
        self.0.grammar.as_ref()
    }

    /// Whether a tree of this language may be parsed from that of an earlier version.
    pub(crate) fn is_incremental(self) -> bool {
        self.0.is_incremental
    }

    /// The name of the grammar that fits this language, whether or not this build has it. Several languages may share one.
    pub fn grammar_name(self) -> Option<&'static str> {
        self.0.grammar_name.as_deref()
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Language {}

impl std::hash::Hash for Language {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Language({})", self.id())
    }
}

#[cfg(test)]
mod tests;
