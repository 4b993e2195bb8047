//! The grammars of this build, by the names that `grammars/languages.toml` uses.
//!
//! One row for each grammar; the feature that brings it is named in `Cargo.toml`.

use tree_sitter::Language;

/// The grammar of that name, if this build has it.
pub(crate) fn by_name(name: &str) -> Option<Language> {
    let language = match name {
        #[cfg(feature = "bash")]
        "bash" => tree_sitter_bash::LANGUAGE,
        #[cfg(feature = "c")]
        "c" => tree_sitter_c::LANGUAGE,
        #[cfg(feature = "c-sharp")]
        "c-sharp" => tree_sitter_c_sharp::LANGUAGE,
        #[cfg(feature = "cpp")]
        "cpp" => tree_sitter_cpp::LANGUAGE,
        #[cfg(feature = "css")]
        "css" => tree_sitter_css::LANGUAGE,
        #[cfg(feature = "dart")]
        "dart" => tree_sitter_dart::LANGUAGE,
        #[cfg(feature = "elixir")]
        "elixir" => tree_sitter_elixir::LANGUAGE,
        #[cfg(feature = "go")]
        "go" => tree_sitter_go::LANGUAGE,
        #[cfg(feature = "haskell")]
        "haskell" => tree_sitter_haskell::LANGUAGE,
        #[cfg(feature = "html")]
        "html" => tree_sitter_html::LANGUAGE,
        #[cfg(feature = "java")]
        "java" => tree_sitter_java::LANGUAGE,
        #[cfg(feature = "javascript")]
        "javascript" => tree_sitter_javascript::LANGUAGE,
        #[cfg(feature = "json")]
        "json" => tree_sitter_json::LANGUAGE,
        #[cfg(feature = "julia")]
        "julia" => tree_sitter_julia::LANGUAGE,
        #[cfg(feature = "kotlin")]
        "kotlin" => tree_sitter_kotlin_ng::LANGUAGE,
        #[cfg(feature = "lua")]
        "lua" => tree_sitter_lua::LANGUAGE,
        #[cfg(feature = "markdown")]
        "markdown" => tree_sitter_md::LANGUAGE,
        #[cfg(feature = "ocaml")]
        "ocaml" => tree_sitter_ocaml::LANGUAGE_OCAML,
        #[cfg(feature = "php")]
        "php" => tree_sitter_php::LANGUAGE_PHP,
        #[cfg(feature = "python")]
        "python" => tree_sitter_python::LANGUAGE,
        #[cfg(feature = "r")]
        "r" => tree_sitter_r::LANGUAGE,
        #[cfg(feature = "ruby")]
        "ruby" => tree_sitter_ruby::LANGUAGE,
        #[cfg(feature = "rust")]
        "rust" => tree_sitter_rust::LANGUAGE,
        #[cfg(feature = "scala")]
        "scala" => tree_sitter_scala::LANGUAGE,
        #[cfg(feature = "sql")]
        "sql" => tree_sitter_sequel::LANGUAGE,
        #[cfg(feature = "swift")]
        "swift" => tree_sitter_swift::LANGUAGE,
        #[cfg(feature = "toml")]
        "toml" => tree_sitter_toml_ng::LANGUAGE,
        #[cfg(feature = "typescript")]
        "tsx" => tree_sitter_typescript::LANGUAGE_TSX,
        #[cfg(feature = "typescript")]
        "typescript" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        #[cfg(feature = "yaml")]
        "yaml" => tree_sitter_yaml::LANGUAGE,
        #[cfg(feature = "zig")]
        "zig" => tree_sitter_zig::LANGUAGE,
        _ => return None,
    };
    Some(language.into())
}

/// Whether a parse that reuses the tree of an earlier version gives what a parse from nothing gives.
///
/// Not so where the grammar's scanner decides by what the parser could take next whether a comment is
/// skipped on the way to the end of a statement without `;`: a reused node leaves the parser in another
/// state than its tokens would. After any edit of `let x = y // z` followed by a line, tree-sitter-javascript
/// 0.25.0 puts the comment outside of the declaration, and a parse from nothing inside.
pub(crate) fn is_incremental(name: &str) -> bool {
    !matches!(name, "javascript" | "scala")
}
