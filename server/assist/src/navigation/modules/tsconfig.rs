//! `baseUrl` and `paths` of the nearest `tsconfig.json` or `jsconfig.json`; what it extends is not followed.

use std::path::{Path, PathBuf};

use syntax::{Document, Node, TextRange};

use super::Files;

/// Where a module that is no relative path may be, by the configuration around a file.
pub(super) fn candidates(files: &mut Files<'_>, from: &Path, module: &str) -> Vec<PathBuf> {
    let Some(root) = files.folder_of(from) else { return Vec::new() };
    for folder in from.ancestors().skip(1).take_while(|folder| folder.starts_with(&root)) {
        for name in ["tsconfig.json", "jsconfig.json"] {
            if let Some(file) = files.at(&folder.join(name)) {
                return Config::read(files.document(file)).candidates(folder, module);
            }
        }
    }
    Vec::new()
}

#[derive(Debug, Default)]
struct Config {
    base: Option<String>,
    /// Patterns with one `*` at most, and what each stands for.
    paths: Vec<(String, Vec<String>)>,
}

impl Config {
    fn read(document: &Document) -> Self {
        let mut config = Self::default();
        let Some(tree) = document.tree() else { return config };
        let options = member(document, tree.root_node().named_child(0), "compilerOptions");
        config.base = member(document, options, "baseUrl").and_then(|value| string(document, value));
        let Some(paths) = member(document, options, "paths") else { return config };
        let mut cursor = paths.walk();
        for pair in paths.named_children(&mut cursor).filter(|pair| pair.kind() == "pair") {
            let key = pair.child_by_field_name("key").and_then(|key| string(document, key));
            let (Some(key), Some(list)) = (key, pair.child_by_field_name("value")) else { continue };
            let mut items = list.walk();
            let targets = list.named_children(&mut items).filter_map(|item| string(document, item)).collect();
            config.paths.push((key, targets));
        }
        config
    }

    fn candidates(&self, folder: &Path, module: &str) -> Vec<PathBuf> {
        let base = folder.join(self.base.as_deref().unwrap_or("."));
        let matched = self.paths.iter().filter_map(|(pattern, targets)| {
            let rest = match pattern.split_once('*') {
                Some((start, end)) => module.strip_prefix(start)?.strip_suffix(end)?,
                None => (module == pattern).then_some("")?,
            };
            Some((pattern.len(), targets, rest))
        });
        // The longest pattern is the most exact one.
        let mut found: Vec<PathBuf> = matched
            .max_by_key(|(length, ..)| *length)
            .map(|(_, targets, rest)| targets.iter().map(|target| base.join(target.replacen('*', rest, 1))).collect())
            .unwrap_or_default();
        if self.base.is_some() {
            found.push(base.join(module));
        }
        found
    }
}

fn member<'t>(document: &Document, object: Option<Node<'t>>, name: &str) -> Option<Node<'t>> {
    let object = object?;
    let mut cursor = object.walk();
    let mut pairs = object.named_children(&mut cursor);
    let pair = pairs.find(|pair| {
        let key = pair.child_by_field_name("key").and_then(|key| string(document, key));
        key.as_deref() == Some(name)
    })?;
    pair.child_by_field_name("value")
}

fn string(document: &Document, node: Node<'_>) -> Option<String> {
    let text = document.text().slice(TextRange::new(node.start_byte(), node.end_byte()));
    Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}
