//! House rules: crate edges, file sizes, module docs, the purity wall, no leftovers.
//!
//! Reads the repository's own files; a rule that fails names the file and what to do. The rules
//! themselves are explained in `server/ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Who may depend on whom, outside tests. One line here is one decision in `server/ARCHITECTURE.md`.
const EDGES: &[(&str, &[&str])] = &[
    ("syntax", &[]),
    ("analysis", &["syntax"]),
    ("engine", &[]),
    ("builtin", &[]),
    ("assist", &["analysis", "engine", "syntax"]),
    ("lsp", &["assist", "syntax"]),
    ("bridge", &["assist", "syntax"]),
    ("cli", &["assist", "bridge", "builtin", "lsp", "syntax"]),
    ("testkit", &[]),
];

/// Longest source file, in lines, outside tests and tables.
const MAX_LINES: usize = 500;
/// Files over that, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Crates that compute and do nothing else.
const PURE_CRATES: &[&str] = &["syntax", "analysis"];
/// What such a crate must not name: files, threads, clocks, environment, processes, network, global logs.
const IMPURE: &[&str] =
    &["std::fs", "std::env", "std::process", "std::net", "std::thread", "std::time", "std::io", "tracing::", "tokio::"];

/// Words that mark what is not finished.
const LEFTOVERS: &[&str] = &["todo!(", "unimplemented!(", "FIXME", "XXX", "dbg!("];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// Rust files below a folder, with their paths relative to the root.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_some_and(|it| it != "node_modules" && it != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(&root).expect("below the root").display().to_string().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).expect("UTF-8 source")));
            }
        }
    }
    found.sort();
    found
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/fuzz/")
}

/// The part of a source file before its inline test module.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

fn fail_if_any(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn crates_depend_only_along_the_edges() {
    let ours: BTreeSet<_> = EDGES.iter().map(|(name, _)| *name).collect();
    let mut broken = Vec::new();
    for (name, allowed) in EDGES {
        let path = root().join("server").join(name).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(&path).expect("a manifest").parse().expect("valid TOML");
        let dependencies = manifest.get("dependencies").and_then(|it| it.as_table()).cloned().unwrap_or_default();
        for dependency in dependencies.keys().filter(|it| ours.contains(it.as_str())) {
            if !allowed.contains(&dependency.as_str()) {
                broken.push(format!("{name} -> {dependency}"));
            }
        }
    }
    fail_if_any("an edge that server/ARCHITECTURE.md does not have", &broken);
}

#[test]
fn every_server_folder_is_in_the_table_of_edges() {
    let listed: BTreeSet<_> = EDGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("server")).expect("server/") {
        let path = entry.expect("an entry").path();
        if path.join("Cargo.toml").is_file() {
            found.insert(path.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    assert_eq!(found, listed);
}

#[test]
fn the_top_level_holds_what_the_design_says() {
    let known =
        ["Cargo.toml", "Cargo.lock", "server", "editors", "grammars", "tests", "README.md", "LICENSE", "target"];
    let mut broken = Vec::new();
    for entry in std::fs::read_dir(root()).expect("the root") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !known.contains(&name.as_str()) {
            broken.push(name);
        }
    }
    fail_if_any("belongs somewhere below server/, editors/, grammars/ or tests/", &broken);
}

#[test]
fn every_file_says_what_it_is_for() {
    let broken: Vec<_> = rust_files("server")
        .into_iter()
        .chain(rust_files("tests"))
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path)
        .collect();
    fail_if_any("the file does not begin with a module doc (`//! …`)", &broken);
}

#[test]
fn files_stay_readable() {
    let allowed: BTreeMap<_, _> = LONG_FILES.iter().copied().collect();
    let mut broken = Vec::new();
    for (path, text) in rust_files("server") {
        let lines = without_tests(&text).lines().count();
        match allowed.get(path.as_str()) {
            None if lines > MAX_LINES && !is_test(&path) => {
                broken.push(format!("{path}: {lines} lines, split it by concept"))
            }
            Some(_) if lines <= MAX_LINES => broken.push(format!("{path}: {lines} lines, take it off the list")),
            _ => {}
        }
    }
    fail_if_any("file size", &broken);
}

#[test]
fn no_mod_rs() {
    let broken: Vec<_> = rust_files("server")
        .into_iter()
        .chain(rust_files("tests"))
        .map(|(path, _)| path)
        .filter(|path| path.ends_with("/mod.rs"))
        .collect();
    fail_if_any("use `foo.rs` beside `foo/`", &broken);
}

#[test]
fn pure_crates_stay_pure() {
    let mut broken = Vec::new();
    for name in PURE_CRATES {
        for (path, text) in rust_files(&format!("server/{name}/src")) {
            if is_test(&path) {
                continue;
            }
            for word in IMPURE {
                if without_tests(&text).lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word))
                {
                    broken.push(format!("{path}: {word}"));
                }
            }
        }
    }
    fail_if_any("syntax and analysis compute only", &broken);
}

#[test]
fn wire_types_stay_at_the_edge() {
    let mut broken = Vec::new();
    for name in ["syntax", "analysis", "engine", "assist"] {
        for (path, text) in rust_files(&format!("server/{name}/src")) {
            // The language registry reads its own data file; its types are private to that module. The remote backend
            // is a client of wires: JSON goes no further than its folder.
            if path.starts_with("server/engine/src/remote/")
                || path == "server/syntax/src/language.rs"
                || path.starts_with("server/syntax/src/language/")
                || is_test(&path)
            {
                continue;
            }
            let text = without_tests(&text);
            if ["serde::", "derive(Serialize", "derive(Deserialize", "serde_json"]
                .iter()
                .any(|word| text.contains(word))
            {
                broken.push(path);
            }
        }
    }
    fail_if_any("serialisation belongs to lsp, bridge and cli", &broken);
}

#[test]
fn special_tokens_live_in_one_file() {
    let mut broken = Vec::new();
    for (path, text) in rust_files("server") {
        let home = path == "server/engine/src/prompt.rs" || path.starts_with("server/engine/src/prompt/");
        if !home
            && !is_test(&path)
            && without_tests(&text).lines().any(|it| !it.trim_start().starts_with("//") && it.contains("<|"))
        {
            broken.push(path);
        }
    }
    fail_if_any("special tokens are server/engine/src/prompt.rs's", &broken);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut broken = Vec::new();
    for (path, text) in rust_files("server") {
        for word in LEFTOVERS {
            if text.contains(word) {
                broken.push(format!("{path}: {word}"));
            }
        }
    }
    fail_if_any("unfinished", &broken);
}

#[test]
fn no_test_is_ignored_or_sleeps() {
    let mut broken = Vec::new();
    for (path, text) in rust_files("server").into_iter().chain(rust_files("tests")) {
        if path == "tests/tidy.rs" {
            continue;
        }
        let tests = if is_test(&path) { text.as_str() } else { &text[without_tests(&text).len()..] };
        for word in ["#[ignore", "thread::sleep"] {
            if tests.contains(word) {
                broken.push(format!("{path}: {word}"));
            }
        }
    }
    fail_if_any("a test waits for an event and always runs", &broken);
}

#[test]
fn prints_go_through_one_place() {
    let mut broken = Vec::new();
    for (path, text) in rust_files("server") {
        let examples = path.contains("/examples/") || path.contains("/benches/") || path.contains("/fuzz/");
        if examples || is_test(&path) {
            continue;
        }
        for word in ["println!(", "print!(", "eprintln!(", "eprint!("] {
            if without_tests(&text).lines().any(|it| !it.trim_start().starts_with("//") && it.contains(word)) {
                broken.push(format!("{path}: {word}"));
            }
        }
    }
    fail_if_any("standard output belongs to the protocols: use server/cli/src/output.rs", &broken);
}
