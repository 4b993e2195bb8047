//! Tests of `language`.

use std::collections::HashSet;

use super::*;
use registry::Registry;

/// The languages of the StarCoder models (BigCode's The Stack), under the names of that data set, with an extension each.
const STARCODER: &[(&str, &str)] = &[
    ("ada", "adb"),
    ("agda", "agda"),
    ("alloy", "als"),
    ("antlr", "g4"),
    ("applescript", "applescript"),
    ("assembly", "asm"),
    ("augeas", "aug"),
    ("awk", "awk"),
    ("batchfile", "bat"),
    ("bluespec", "bsv"),
    ("c", "c"),
    ("c-sharp", "cs"),
    ("c++", "cpp"),
    ("clojure", "clj"),
    ("cmake", "cmake"),
    ("coffeescript", "coffee"),
    ("common-lisp", "lisp"),
    ("css", "css"),
    ("cuda", "cu"),
    ("dart", "dart"),
    ("dockerfile", "dockerfile"),
    ("elixir", "ex"),
    ("elm", "elm"),
    ("emacs-lisp", "el"),
    ("erlang", "erl"),
    ("f-sharp", "fs"),
    ("fortran", "f90"),
    ("glsl", "glsl"),
    ("go", "go"),
    ("groovy", "groovy"),
    ("haskell", "hs"),
    ("html", "html"),
    ("idris", "idr"),
    ("isabelle", "thy"),
    ("java", "java"),
    ("java-server-pages", "jsp"),
    ("javascript", "js"),
    ("json", "json"),
    ("julia", "jl"),
    ("kotlin", "kt"),
    ("lean", "lean"),
    ("literate-agda", "lagda"),
    ("literate-coffeescript", "litcoffee"),
    ("literate-haskell", "lhs"),
    ("lua", "lua"),
    ("makefile", "mk"),
    ("maple", "mpl"),
    ("markdown", "md"),
    ("mathematica", "wl"),
    ("matlab", "m"),
    ("ocaml", "ml"),
    ("pascal", "pas"),
    ("perl", "pl"),
    ("php", "php"),
    ("powershell", "ps1"),
    ("prolog", "pro"),
    ("protocol-buffer", "proto"),
    ("python", "py"),
    ("r", "r"),
    ("racket", "rkt"),
    ("restructuredtext", "rst"),
    ("rmarkdown", "rmd"),
    ("ruby", "rb"),
    ("rust", "rs"),
    ("sas", "sas"),
    ("scala", "scala"),
    ("scheme", "scm"),
    ("shell", "sh"),
    ("smalltalk", "st"),
    ("solidity", "sol"),
    ("sparql", "sparql"),
    ("sql", "sql"),
    ("stan", "stan"),
    ("standard-ml", "sml"),
    ("stata", "do"),
    ("systemverilog", "sv"),
    ("tcl", "tcl"),
    ("tcsh", "tcsh"),
    ("tex", "tex"),
    ("thrift", "thrift"),
    ("typescript", "ts"),
    ("verilog", "v"),
    ("vhdl", "vhdl"),
    ("visual-basic", "vb"),
    ("xslt", "xsl"),
    ("yacc", "y"),
    ("yaml", "yaml"),
    ("zig", "zig"),
];

/// Language ids of LSP 3.18, `TextDocumentItem`.
const LSP_IDS: &[&str] = &[
    "abap",
    "bat",
    "bibtex",
    "c",
    "clojure",
    "coffeescript",
    "cpp",
    "csharp",
    "css",
    "d",
    "dart",
    "diff",
    "dockerfile",
    "elixir",
    "erlang",
    "fsharp",
    "git-commit",
    "git-rebase",
    "go",
    "groovy",
    "handlebars",
    "haskell",
    "html",
    "ini",
    "java",
    "javascript",
    "javascriptreact",
    "json",
    "latex",
    "less",
    "lua",
    "makefile",
    "markdown",
    "objective-c",
    "objective-cpp",
    "pascal",
    "perl",
    "perl6",
    "php",
    "plaintext",
    "powershell",
    "pug",
    "python",
    "r",
    "razor",
    "ruby",
    "rust",
    "sass",
    "scala",
    "scss",
    "shaderlab",
    "shellscript",
    "sql",
    "swift",
    "tex",
    "typescript",
    "typescriptreact",
    "vb",
    "xml",
    "xsl",
    "yaml",
];

/// A line of code for each grammar.
const SAMPLES: &[(&str, &str)] = &[
    ("bash", "for f in *.txt; do echo \"$f\"; done\n"),
    ("c", "int main(void) { return 0; }\n"),
    ("c-sharp", "class A { int F(int x) => x + 1; }\n"),
    ("cpp", "template <typename T> T f(T x) { return x; }\n"),
    ("css", "a:hover { color: #fff; }\n"),
    ("dart", "int f(int x) => x + 1;\n"),
    ("elixir", "defmodule A do\n  def f(x), do: x + 1\nend\n"),
    ("go", "package a\n\nfunc f(x int) int { return x }\n"),
    ("haskell", "f :: Int -> Int\nf x = x + 1\n"),
    ("html", "<p class=\"a\">text<br></p>\n"),
    ("java", "class A { int f(int x) { return x; } }\n"),
    ("javascript", "const f = (x) => <a href=\"b\">{x ?? 1}</a>;\n"),
    ("json", "{\"a\": [1, null]}\n"),
    ("julia", "f(x) = x + 1\n"),
    ("kotlin", "fun f(x: Int): Int = x + 1\n"),
    ("lua", "local function f(x) return x + 1 end\n"),
    ("markdown", "# Title\n\nText with `code`.\n"),
    ("ocaml", "let f x = x + 1\n"),
    ("php", "<?php function f(int $x): int { return $x; }\n"),
    ("python", "def f(x: int) -> int: return x\n"),
    ("r", "f <- function(x) x + 1\n"),
    ("ruby", "def f(x) = x + 1\n"),
    ("rust", "fn f<'a>(x: &'a str) -> &'a str { x }\n"),
    ("scala", "def f(x: Int): Int = x + 1\n"),
    ("sql", "SELECT a, count(*) FROM b WHERE c = 1 GROUP BY a;\n"),
    ("swift", "func f(_ x: Int) -> Int { return x + 1 }\n"),
    ("toml", "[a]\nb = [1, \"c\"]\n"),
    ("tsx", "const f = (x: number) => <a>{x}</a>;\n"),
    ("typescript", "function f<T>(x: T): T { return <T>x; }\n"),
    ("yaml", "a:\n  - b: 1\n"),
    ("zig", "fn f(x: u8) u8 {\n    return x;\n}\n"),
];

fn id(name: &str) -> Option<&'static str> {
    Language::from_name(name).map(Language::id)
}

fn path_id(path: &str) -> Option<&'static str> {
    Language::from_path(Path::new(path)).map(Language::id)
}

#[test]
fn the_registry_is_well_formed() {
    // The file itself, so that the message says what is wrong with it.
    if let Err(error) = Registry::from_toml(include_str!("../../../../grammars/languages.toml")) {
        panic!("{error}");
    }
    assert!(Language::all().count() >= 110);
    assert!(Language::all().is_sorted_by_key(|language| language.name().to_lowercase()));
    for language in Language::all() {
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        assert!(language.id().chars().all(is_id), "{language:?}");
        let tokens = language.comments();
        let pairs = tokens.block.iter().flat_map(|(open, close)| [open, close]);
        assert!(tokens.line.iter().chain(pairs).all(|token| !token.trim().is_empty()), "{language:?}");
        let keys = language.extensions().iter().chain(language.filenames());
        for key in keys {
            assert!(!key.starts_with('.') || language.filenames().contains(key), "{language:?} {key}");
            assert_eq!(*key, key.to_lowercase(), "{language:?}");
        }
    }
}

#[test]
fn two_languages_with_one_name_or_extension_are_refused() {
    let entry = |id: &str, rest: &str| format!("[[language]]\nid = '{id}'\nname = '{id}!'\nindent = 4\n{rest}\n");
    let plain = entry("plaintext", "");
    let both = |first: &str, second: &str| Registry::from_toml(&(plain.clone() + first + second)).map(|_| ());
    assert_eq!(both(&entry("a", ""), &entry("b", "")), Ok(()));
    assert!(both(&entry("a", ""), &entry("b", "aliases = ['A']")).is_err());
    assert!(both(&entry("a", "extensions = ['x']"), &entry("b", "extensions = ['X']")).is_err());
    assert!(both(&entry("a", "filenames = ['x']"), &entry("b", "filenames = ['x']")).is_err());
    assert!(both(&entry("a", "shebangs = ['x']"), &entry("b", "shebangs = ['x']")).is_err());
    assert!(both(&entry("a", "colour = 1"), "").is_err());
    assert!(both("", "[[language]]\nid = 'c'\nname = 'C'\nindent = 'two'").is_err());
    assert!(Registry::from_toml(&entry("a", "")).is_err(), "plain text is needed");
}

#[test]
fn every_name_leads_back_to_its_language() {
    for language in Language::all() {
        let names = [language.id(), language.name()].into_iter().chain(language.aliases().iter().map(String::as_str));
        for name in names {
            assert_eq!(Language::from_name(name), Some(language), "{name}");
            assert_eq!(Language::from_name(&name.to_uppercase()), Some(language), "{name}");
        }
        for extension in language.extensions() {
            assert_eq!(Language::from_name(&format!(".{extension}")), Some(language), "{extension}");
            let file = format!("some/x.{}", extension.to_uppercase());
            assert_eq!(Language::from_path(Path::new(&file)), Some(language), "{file}");
            let is_v = extension == "v"; // The only extension that is another language's name.
            assert_eq!(Language::from_name(extension) == Some(language), !is_v, "{extension}");
        }
        for file in language.filenames() {
            assert_eq!(Language::from_path(Path::new(file)), Some(language), "{file}");
        }
    }
}

#[test]
fn starcoders_languages_are_all_there() {
    let found: HashSet<_> = STARCODER
        .iter()
        .map(|(name, extension)| {
            let language = Language::from_name(name);
            assert!(language.is_some(), "{name}");
            assert_eq!(Language::from_path(Path::new(&format!("x.{extension}"))), language, "{name} {extension}");
            language
        })
        .collect();
    assert_eq!(found.len(), STARCODER.len(), "each is a language of its own");
}

#[test]
fn ids_are_those_of_the_protocol() {
    for lsp_id in LSP_IDS {
        assert_eq!(id(lsp_id), Some(*lsp_id));
    }
}

#[test]
fn names_in_use_elsewhere() {
    for (name, expected) in [
        ("py", "python"),
        (".py", "python"),
        ("Python3", "python"),
        (" JS ", "javascript"),
        ("jsx", "javascriptreact"),
        ("tsx", "typescriptreact"),
        ("typescript.tsx", "typescriptreact"),
        ("c++", "cpp"),
        ("golang", "go"),
        ("sh", "shellscript"),
        ("zsh", "shellscript"),
        ("BASH", "shellscript"),
        ("c#", "csharp"),
        ("F#", "fsharp"),
        ("objc", "objective-c"),
        ("yml", "yaml"),
        ("rs", "rust"),
        ("gitcommit", "git-commit"),
        ("jade", "pug"),
        ("h", "c"),
        ("v", "v"),
        (".v", "verilog"),
    ] {
        assert_eq!(id(name), Some(expected), "{name}");
    }
    assert_eq!((id(""), id("."), id("no such language")), (None, None, None));
}

#[test]
fn paths() {
    for (path, expected) in [
        ("src/main.rs", Some("rust")),
        ("/a.b/Makefile", Some("makefile")),
        ("Dockerfile.dev", Some("dockerfile")),
        ("Makefile.py", Some("python")),
        ("types.d.ts", Some("typescript")),
        ("jquery.min.js", Some("javascript")),
        ("view.html.erb", Some("erb")),
        ("notes.lagda.md", Some("literate-agda")),
        ("CMakeLists.txt", Some("cmake")),
        ("tsconfig.json", Some("jsonc")),
        ("go.mod", Some("go.mod")),
        (".bashrc", Some("shellscript")),
        (".gitignore", Some("ignore")),
        ("BUILD.bazel", Some("starlark")),
        ("README", Some("markdown")),
        ("a.h", Some("c")),
        ("a.hpp", Some("cpp")),
        ("a.mm", Some("objective-cpp")),
        ("a", None),
        (".unknown", None),
        ("a.unknown", None),
        ("..", None),
        ("", None),
    ] {
        assert_eq!(path_id(path), expected, "{path}");
    }
}

#[test]
fn shebangs() {
    for (line, expected) in [
        ("#!/bin/sh", Some("shellscript")),
        ("#! /usr/bin/env bash -e", Some("shellscript")),
        ("#!/usr/bin/env -S FOO=1 python3.12 -u", Some("python")),
        ("#!/usr/bin/python", Some("python")),
        ("#!/usr/local/bin/node\r", Some("javascript")),
        ("\u{feff}#!/usr/bin/env Rscript", Some("r")),
        ("#!/usr/bin/perl -w", Some("perl")),
        ("#!/opt/unknown", None),
        ("#!/usr/bin/env", None),
        ("#!", None),
        ("import os", None),
        ("", None),
    ] {
        assert_eq!(Language::from_shebang(line).map(Language::id), expected, "{line:?}");
    }
}

#[test]
fn comments_and_indentation() {
    let language = |name: &str| Language::from_name(name).unwrap();
    assert_eq!(language("python").comments().line, ["#"]);
    assert_eq!(language("rust").comments().block, [("/*".to_owned(), "*/".to_owned())]);
    assert_eq!(language("go").indentation(), Indentation::Tabs);
    assert_eq!(language("python").indentation(), Indentation::Spaces(4));
    assert_eq!(Language::plain_text().comments(), &CommentTokens::default());
}

#[test]
fn every_grammar_of_this_build_parses_its_sample() {
    let mut parsed = 0;
    for (name, sample) in SAMPLES {
        let users: Vec<_> = Language::all().filter(|language| language.grammar_name() == Some(*name)).collect();
        assert!(!users.is_empty(), "no language uses the grammar {name}");
        for language in users.into_iter().filter(|language| language.grammar().is_some()) {
            let document = crate::Document::new(sample, language, 1);
            let tree = document.tree().unwrap();
            assert!(!tree.root_node().has_error(), "{language:?}: {}", document.syntax_tree_text().unwrap());
            parsed += 1;
        }
    }
    // No name in the file that the table does not know.
    let known = |name: &str| SAMPLES.iter().any(|(sample, _)| *sample == name);
    assert!(Language::all().filter_map(Language::grammar_name).all(known));
    if cfg!(feature = "all-grammars") {
        assert_eq!(parsed, Language::all().filter(|language| language.grammar_name().is_some()).count());
        assert!(SAMPLES.len() >= 31);
    }
}

#[cfg(feature = "default")]
#[test]
fn the_default_build_has_its_grammars() {
    for name in [
        "bash",
        "c",
        "cpp",
        "css",
        "go",
        "html",
        "java",
        "javascript",
        "jsx",
        "json",
        "jsonc",
        "python",
        "rust",
        "toml",
        "typescript",
        "tsx",
        "yaml",
    ] {
        assert!(Language::from_name(name).unwrap().grammar().is_some(), "{name}");
    }
}
