//! What is typed.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use syntax::Language;

use crate::commands::eval::random::Random;
use crate::commands::eval::source::{Project, SourceFile};

/// Lines of a stretch.
const LINES: usize = 12;

/// A part of a file that is typed again.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    /// The folder of its project.
    pub(crate) project: PathBuf,
    pub(crate) path: PathBuf,
    pub(crate) language: Language,
    pub(crate) before: String,
    /// What is typed; begins at the end of a line's indentation.
    pub(crate) target: String,
    pub(crate) after: String,
}

/// What columns count (LSP, `PositionEncodingKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    Utf8,
    Utf16,
}

/// One stretch in each of `count` files of a language; the longest files are not preferred.
pub(crate) fn choose(projects: &[Project], language: Language, count: usize, seed: u64) -> Vec<Stretch> {
    let files = projects.iter().flat_map(|project| project.files.iter().map(move |file| (project, file)));
    let mut files: Vec<_> = files.filter(|(_, file)| file.language == language).collect();
    let mut random = Random::new(seed);
    let mut stretches = Vec::new();
    while stretches.len() < count && !files.is_empty() {
        let (project, file) = files.swap_remove(random.below(files.len()));
        stretches.extend(stretch(project, file, &mut random));
    }
    // A project is opened once.
    stretches.sort_by(|a, b| a.project.cmp(&b.project));
    stretches
}

/// Some lines of a file that begin with code.
fn stretch(project: &Project, file: &SourceFile, random: &mut Random) -> Option<Stretch> {
    let lines: Vec<&str> = file.text.split_inclusive('\n').collect();
    let first = random.below(lines.len().checked_sub(LINES)?);
    let first = (first..lines.len() - LINES).find(|&line| {
        let code = lines[line].trim();
        !code.is_empty() && !["#", "//", "/*", "*"].iter().any(|marker| code.starts_with(marker))
    })?;
    let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let start = length(&lines[..first]) + lines[first].len() - lines[first].trim_start().len();
    let typed = file.text[start..length(&lines[..first + LINES])].trim_end();
    Some(Stretch {
        project: project.folder.clone(),
        path: file.path.clone(),
        language: file.language,
        before: file.text[..start].to_owned(),
        target: typed.to_owned(),
        after: file.text[start + typed.len()..].to_owned(),
    })
}

impl Stretch {
    pub(crate) fn uri(&self) -> String {
        file_uri(&self.path)
    }

    /// Where in its file it begins, in bytes.
    pub(crate) fn start(&self) -> usize {
        self.before.len()
    }

    /// Where the cursor is when so many bytes are typed, in the words of LSP.
    pub(crate) fn position(&self, typed: usize, columns: Columns) -> Value {
        let (before, typed) = (self.before.as_str(), &self.target[..typed]);
        let line = before.matches('\n').count() + typed.matches('\n').count();
        let length = |text: &str| match columns {
            Columns::Utf8 => text.len(),
            Columns::Utf16 => text.encode_utf16().count(),
        };
        let column = match typed.rfind('\n') {
            Some(end) => length(&typed[end + 1..]),
            None => length(&before[before.rfind('\n').map_or(0, |end| end + 1)..]) + length(typed),
        };
        json!({ "line": line, "character": column })
    }

    /// What the next key brings: a character, or a line's end with the next line's indentation.
    pub(crate) fn key(&self, typed: usize) -> &str {
        let rest = &self.target[typed..];
        let mut length = rest.chars().next().map_or(0, char::len_utf8);
        if rest.starts_with("\r\n") {
            length = 2;
        }
        if rest.starts_with(['\r', '\n']) {
            let line = &rest[length..];
            length += line.len() - line.trim_start_matches([' ', '\t']).len();
        }
        &rest[..length]
    }
}

/// Editors name files by absolute paths.
pub(crate) fn file_uri(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let path = path.to_string_lossy().replace('\\', "/");
    format!("file:///{}", path.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use syntax::Language;

    use super::{Columns, Stretch};

    fn stretch() -> Stretch {
        Stretch {
            project: PathBuf::from("/src"),
            path: PathBuf::from("/src/a.py"),
            language: Language::from_name("python").unwrap(),
            before: "import os\n\nif x:\n    ".to_owned(),
            target: "value = os.path\n    é = 1\nprint(value)".to_owned(),
            after: "\n".to_owned(),
        }
    }

    #[test]
    fn keys_and_positions() {
        let stretch = stretch();
        let mut typed = 0;
        let mut keys = Vec::new();
        while typed < stretch.target.len() {
            let position = stretch.position(typed, Columns::Utf8);
            keys.push((
                stretch.key(typed),
                position["line"].as_u64().unwrap(),
                position["character"].as_u64().unwrap(),
            ));
            typed += stretch.key(typed).len();
        }
        assert_eq!(keys[..2], [("v", 3, 4), ("a", 3, 5)]);
        assert_eq!(keys[15..18], [("\n    ", 3, 19), ("é", 4, 4), (" ", 4, 6)]);
        assert_eq!(keys[21], ("\n", 4, 10));
        assert_eq!(stretch.uri(), "file:///src/a.py");
        let behind = "value = os.path\n    é".len();
        assert_eq!(stretch.position(behind, Columns::Utf8)["character"], 6);
        assert_eq!(stretch.position(behind, Columns::Utf16)["character"], 5);
    }
}
