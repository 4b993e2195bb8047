//! The language registry: `grammars/languages.toml`, compiled in.

use std::path::Path;

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
pub struct Language(());

impl Language {
    /// Every language, sorted by name.
    pub fn all() -> impl Iterator<Item = Language> {
        std::iter::empty()
    }
    /// The entry for text that is no programming language.
    pub fn plain_text() -> Language {
        unimplemented!()
    }
    /// By LSP language id, name, alias or file extension (with or without dot), case-insensitively.
    pub fn from_name(_name: &str) -> Option<Language> {
        unimplemented!()
    }
    /// By file name or extension.
    pub fn from_path(_path: &Path) -> Option<Language> {
        unimplemented!()
    }
    /// LSP language id, such as `python` or `typescriptreact`.
    pub fn id(self) -> &'static str {
        unimplemented!()
    }
    /// Name for people, such as `C++`.
    pub fn name(self) -> &'static str {
        unimplemented!()
    }
    /// Other names it goes by.
    pub fn aliases(self) -> &'static [String] {
        unimplemented!()
    }
    /// File extensions without dot, the usual one first.
    pub fn extensions(self) -> &'static [String] {
        unimplemented!()
    }
    /// Comment tokens.
    pub fn comments(self) -> &'static CommentTokens {
        unimplemented!()
    }
    /// Usual indentation.
    pub fn indentation(self) -> Indentation {
        unimplemented!()
    }
    /// The built-in grammar, if this build has one.
    pub fn grammar(self) -> Option<&'static tree_sitter::Language> {
        unimplemented!()
    }
}
