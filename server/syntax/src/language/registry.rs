//! `grammars/languages.toml` as a table with indexes. Private: the file's shape is nobody else's concern.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{CommentTokens, Indentation};
use crate::grammar;

const SOURCE: &str = include_str!("../../../../grammars/languages.toml");

/// The id of the entry for text that is no programming language.
const PLAIN_TEXT: &str = "plaintext";

pub(super) static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::from_toml(SOURCE).expect("grammars/languages.toml is well-formed, as a test checks"));

/// One language.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) extensions: Vec<String>,
    pub(super) filenames: Vec<String>,
    pub(super) comments: CommentTokens,
    pub(super) indentation: Indentation,
    pub(super) grammar_name: Option<String>,
    pub(super) grammar: Option<tree_sitter::Language>,
    pub(super) is_incremental: bool,
    shebangs: Vec<String>,
}

/// All entries, sorted by name, and where to find one. All keys are lower case.
pub(super) struct Registry {
    entries: Vec<Entry>,
    plain_text: usize,
    names: HashMap<String, usize>,
    extensions: HashMap<String, usize>,
    filenames: HashMap<String, usize>,
    shebangs: HashMap<String, usize>,
}

impl Registry {
    pub(super) fn from_toml(source: &str) -> Result<Self, String> {
        let file: File = toml::from_str(source).map_err(|error| error.to_string())?;
        let mut entries: Vec<Entry> = file.language.into_iter().map(Entry::from).collect();
        entries.sort_by_cached_key(|entry| entry.name.to_lowercase());
        let index = |keys: fn(&Entry) -> Vec<&String>| {
            let mut found = HashMap::new();
            for (at, entry) in entries.iter().enumerate() {
                for key in keys(entry) {
                    let first = *found.entry(key.to_lowercase()).or_insert(at);
                    if first != at {
                        return Err(format!("`{key}` is both {} and {}", entries[first].name, entry.name));
                    }
                }
            }
            Ok(found)
        };
        let names = index(|entry| [&entry.id, &entry.name].into_iter().chain(&entry.aliases).collect())?;
        Ok(Self {
            plain_text: *names.get(PLAIN_TEXT).ok_or("there is no entry for plain text")?,
            names,
            extensions: index(|entry| entry.extensions.iter().collect())?,
            filenames: index(|entry| entry.filenames.iter().collect())?,
            shebangs: index(|entry| entry.shebangs.iter().collect())?,
            entries,
        })
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn plain_text(&self) -> &Entry {
        &self.entries[self.plain_text]
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&Entry> {
        let name = name.trim().to_lowercase();
        let at = match name.strip_prefix('.') {
            Some(extension) => self.extensions.get(extension).or_else(|| self.names.get(&name)),
            None => self.names.get(&name).or_else(|| self.extensions.get(&name)),
        };
        at.map(|at| &self.entries[*at])
    }

    /// The whole name, then what follows its first dot, its second, …, then what stands before its first
    /// one if that is some "file": `Dockerfile.dev` is a Dockerfile, but `Makefile.py` is Python and `build.pyc` nothing.
    pub(super) fn by_file_name(&self, file_name: &str) -> Option<&Entry> {
        let name = file_name.to_lowercase();
        let by_extension = || name.match_indices('.').find_map(|(dot, _)| self.extensions.get(&name[dot + 1..]));
        let by_stem = || self.filenames.get(name.split('.').next().filter(|stem| stem.ends_with("file"))?);
        let at = self.filenames.get(&name).or_else(by_extension).or_else(by_stem)?;
        Some(&self.entries[*at])
    }

    /// `#!/usr/bin/env -S python3.12 -u` names `python3.12`; digits and dots at its end are a version.
    pub(super) fn by_shebang(&self, first_line: &str) -> Option<&Entry> {
        let first_line = first_line.strip_prefix('\u{feff}').unwrap_or(first_line);
        let mut words = first_line.strip_prefix("#!")?.split_whitespace();
        let program = |word: &str| word.rsplit(['/', '\\']).next().unwrap_or(word).to_lowercase();
        let mut name = program(words.next()?);
        if name == "env" {
            name = program(words.find(|word| !word.starts_with('-') && !word.contains('='))?);
        }
        let unversioned = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        let at = self.shebangs.get(&name).or_else(|| self.shebangs.get(unversioned))?;
        Some(&self.entries[*at])
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    extensions: Vec<String>,
    #[serde(default)]
    filenames: Vec<String>,
    #[serde(default)]
    shebangs: Vec<String>,
    #[serde(default)]
    comments: RawComments,
    indent: RawIndent,
    grammar: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComments {
    #[serde(default)]
    line: Vec<String>,
    #[serde(default)]
    block: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawIndent {
    Spaces(u8),
    Word(TabWord),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum TabWord {
    Tab,
}

impl From<RawEntry> for Entry {
    fn from(raw: RawEntry) -> Self {
        Self {
            grammar: raw.grammar.as_deref().and_then(grammar::by_name),
            is_incremental: raw.grammar.as_deref().is_some_and(grammar::is_incremental),
            grammar_name: raw.grammar,
            id: raw.id,
            name: raw.name,
            aliases: raw.aliases,
            extensions: raw.extensions,
            filenames: raw.filenames,
            shebangs: raw.shebangs,
            comments: CommentTokens { line: raw.comments.line, block: raw.comments.block },
            indentation: match raw.indent {
                RawIndent::Spaces(width) => Indentation::Spaces(width),
                RawIndent::Word(TabWord::Tab) => Indentation::Tabs,
            },
        }
    }
}
