//! A project's ESLint settings as far as they are data: the text of `.eslintrc.json`, `.eslintrc` or `eslintConfig` in
//! `package.json`.
//!
//! [`EslintConfig`] is one file, [`FileRules`] what several of them say about one file of code. Not here: finding the
//! files, which is the caller's, and settings that are programs (`eslint.config.js`, `.eslintrc.js`) or come from packages
//! (`extends: "airbnb"`): where a project uses those, the rules that it says nothing else about run as they do elsewhere.

mod environment;
mod file_rules;
mod pattern;
mod rule_setting;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub(crate) use environment::Environment;
pub(crate) use file_rules::{FileRules, RuleKind, Said};
pub(crate) use rule_setting::{RuleLevel, RuleOptions, RuleSetting};

use self::pattern::FilePattern;
use super::{SettingsError, json::Json};

/// Everything that such a file may hold.
const MEMBERS: [&str; 17] = [
    "$schema",
    "root",
    "extends",
    "env",
    "globals",
    "rules",
    "overrides",
    "parser",
    "parserOptions",
    "plugins",
    "settings",
    "processor",
    "ignorePatterns",
    "noInlineConfig",
    "reportUnusedDisableDirectives",
    "files",
    "excludedFiles",
];

/// One settings file of ESLint.
#[derive(Clone, Debug)]
pub struct EslintConfig {
    folder: PathBuf,
    is_root: bool,
    blocks: Vec<Block>,
    /// Patterns of files that are left alone, or not after all (`!`).
    ignored: Vec<(FilePattern, bool)>,
}

/// What the file says about all files or some.
#[derive(Clone, Debug, Default)]
struct Block {
    /// Files that it is about; `None` for all.
    files: Option<Vec<FilePattern>>,
    excluded: Vec<FilePattern>,
    base: Option<Base>,
    environments: Vec<(Environment, bool)>,
    globals: Vec<(String, Access)>,
    rules: Vec<(String, RuleSetting)>,
}

/// What `extends` names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Base {
    Recommended,
    All,
    /// Another settings file that is data.
    File(PathBuf),
    /// Settings that say nothing about our rules: those that only switch layout off.
    Layout,
    /// Settings that are not read.
    Unread,
}

/// What a program may do with a name that is declared elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
    /// The name is not there after all.
    Off,
}

impl EslintConfig {
    /// Reads a settings file; `None` for a `package.json` without `eslintConfig`.
    ///
    /// # Errors
    /// What is wrong with it, and where that is known.
    pub fn parse(path: &Path, text: &str) -> Result<Option<Self>, SettingsError> {
        let is_package = path.file_name().is_some_and(|name| name == "package.json");
        if is_package && !text.contains("eslintConfig") {
            return Ok(None);
        }
        // What else a package's file gets wrong is not ours to tell.
        let json = match Json::parse(text) {
            Err(_) if is_package => return Ok(None),
            other => other?,
        };
        let json = match is_package {
            true => match json.get("eslintConfig") {
                Some(config) => config.clone(),
                None => return Ok(None),
            },
            false => json,
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::of(&json, folder).map(Some).map_err(|message| SettingsError { line: None, message })
    }

    /// A settings file that is there and not read: a program, or YAML.
    pub fn unread(path: &Path) -> Self {
        let block = Block { base: Some(Base::Unread), ..Block::default() };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, is_root: false, blocks: vec![block], ignored: Vec::new() }
    }

    fn of(json: &Json, folder: PathBuf) -> Result<Self, String> {
        let Some(members) = json.members() else { return Err("it is no object".to_owned()) };
        if let Some((unknown, _)) = members.iter().find(|(name, _)| !MEMBERS.contains(&name.as_str())) {
            return Err(format!("`{unknown}` is no setting of ESLint's"));
        }
        let mut blocks = blocks(json, &folder, None)?;
        for (index, inner) in json.get("overrides").map_or(&[][..], Json::entries).iter().enumerate() {
            let Some(files) = inner.get("files") else {
                return Err(format!("`overrides`: entry {index} has no `files`"));
            };
            let place = Place {
                files: patterns("files", files)?,
                excluded: inner.get("excludedFiles").map_or(Ok(Vec::new()), |it| patterns("excludedFiles", it))?,
            };
            blocks.extend(self::blocks(inner, &folder, Some(&place))?);
        }
        let mut ignored = Vec::new();
        for pattern in json.get("ignorePatterns").map_or(&[][..], Json::entries) {
            let text = pattern.text().ok_or("`ignorePatterns` holds something else than texts")?;
            let (text, is_ignored) = text.strip_prefix('!').map_or((text, true), |rest| (rest, false));
            let pattern = FilePattern::ignored(text).ok_or_else(|| format!("`{text}` is no pattern of files"))?;
            ignored.push((pattern, is_ignored));
        }
        Ok(Self { folder, is_root: json.get("root") == Some(&Json::Bool(true)), blocks, ignored })
    }

    /// True where settings of folders above do not count.
    pub fn is_root(&self) -> bool {
        self.is_root
    }

    /// The settings files that it extends and that are data.
    pub fn extended_files(&self) -> Vec<PathBuf> {
        let files = self.blocks.iter().filter_map(|block| match &block.base {
            Some(Base::File(path)) => Some(path.clone()),
            _ => None,
        });
        files.collect()
    }

    /// The same with what a file says that it extends, or without it where that file is not to be had.
    #[must_use]
    pub fn extended_by(mut self, path: &Path, config: Option<&Self>) -> Self {
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for block in self.blocks {
            match (&block.base, config) {
                (Some(Base::File(file)), Some(config)) if file == path => {
                    // Where the extending block is about some files, so is what it extends.
                    blocks.extend(config.blocks.iter().map(|inner| Block {
                        files: inner.files.clone().or_else(|| block.files.clone()),
                        excluded: [inner.excluded.clone(), block.excluded.clone()].concat(),
                        ..inner.clone()
                    }));
                }
                (Some(Base::File(file)), None) if file == path => {
                    blocks.push(Block { base: Some(Base::Unread), ..block });
                }
                _ => blocks.push(block),
            }
        }
        self.blocks = blocks;
        self
    }

    /// Whether the file is to be left alone; `None` where nothing is said about it.
    fn ignores(&self, path: &Path) -> Option<bool> {
        let below = path.strip_prefix(&self.folder).ok()?;
        self.ignored.iter().rev().find(|(pattern, _)| pattern.matches(below)).map(|(_, is_ignored)| *is_ignored)
    }

    /// The blocks that are about a file, the weakest first.
    fn blocks_for<'s>(&'s self, path: &'s Path) -> impl Iterator<Item = &'s Block> {
        let below = path.strip_prefix(&self.folder).unwrap_or(path);
        let matches = |patterns: &[FilePattern]| patterns.iter().any(|pattern| pattern.matches(below));
        self.blocks
            .iter()
            .filter(move |block| block.files.as_ref().is_none_or(|files| matches(files)) && !matches(&block.excluded))
    }
}

/// The files that an entry of `overrides` is about.
struct Place {
    files: Vec<FilePattern>,
    excluded: Vec<FilePattern>,
}

/// What an object of settings says: what it extends, one after the other, then itself.
fn blocks(json: &Json, folder: &Path, place: Option<&Place>) -> Result<Vec<Block>, String> {
    let empty = || Block {
        files: place.map(|it| it.files.clone()),
        excluded: place.map(|it| it.excluded.clone()).unwrap_or_default(),
        ..Block::default()
    };
    let mut blocks = Vec::new();
    for extended in json.get("extends").map_or(&[][..], Json::entries) {
        let name = extended.text().ok_or("`extends` holds something else than names")?;
        blocks.push(Block { base: Some(base(name, folder)?), ..empty() });
    }
    let mut own = empty();
    for (name, value) in table(json, "env")? {
        let environment =
            Environment::from_name(name).ok_or_else(|| format!("`{name}` is no environment that ESLint knows"))?;
        match value {
            Json::Bool(on) => own.environments.push((environment, *on)),
            _ => return Err(format!("the environment `{name}` is to be true or false")),
        }
    }
    for (name, value) in table(json, "globals")? {
        own.globals.push((name.clone(), access(name, value)?));
    }
    for (name, value) in table(json, "rules")? {
        own.rules.push((name.clone(), RuleSetting::of(name, value)?));
    }
    blocks.push(own);
    Ok(blocks)
}

fn base(name: &str, folder: &Path) -> Result<Base, String> {
    Ok(match name {
        "eslint:recommended" => Base::Recommended,
        "eslint:all" => Base::All,
        _ if name.starts_with("eslint:") => {
            return Err(format!("`{name}` is nothing to extend: there are `eslint:recommended` and `eslint:all`"));
        }
        _ if name == "prettier" || name.starts_with("prettier/") => Base::Layout,
        _ if name.starts_with("./") || name.starts_with("../") => {
            let is_data = name.ends_with(".json") || name.ends_with(".eslintrc");
            if is_data { Base::File(joined(folder, name)) } else { Base::Unread }
        }
        _ => Base::Unread,
    })
}

/// The path without `.` and `..`, as it stands for one file.
fn joined(folder: &Path, relative: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

fn table<'j>(json: &'j Json, name: &str) -> Result<&'j [(String, Json)], String> {
    match json.get(name) {
        None => Ok(&[]),
        Some(value) => value.members().ok_or_else(|| format!("`{name}` is to be an object")),
    }
}

fn patterns(name: &str, json: &Json) -> Result<Vec<FilePattern>, String> {
    let pattern = |entry: &Json| {
        let text = entry.text().ok_or_else(|| format!("`{name}` holds something else than texts"))?;
        FilePattern::glob(text).ok_or_else(|| format!("`{text}` is no pattern of files"))
    };
    json.entries().iter().map(pattern).collect()
}

fn access(name: &str, json: &Json) -> Result<Access, String> {
    match json {
        Json::Bool(true) => Ok(Access::Write),
        Json::Bool(false) | Json::Null => Ok(Access::Read),
        Json::Text(text) => match text.as_str() {
            "true" | "writable" | "writeable" => Ok(Access::Write),
            "false" | "readonly" | "readable" => Ok(Access::Read),
            "off" => Ok(Access::Off),
            other => Err(format!("`{other}` says nothing about a global name: \"readonly\", \"writable\" or \"off\"")),
        },
        _ => Err(format!("what is said of the global name `{name}` is to be \"readonly\", \"writable\" or \"off\"")),
    }
}
