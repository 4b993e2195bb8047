//! Holes: where they are cut, and what stood there. The same files and seed always give the same holes.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use syntax::Language;

use super::random::Random;
use super::source::Project;

/// What a hole takes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// From inside a line to its end.
    LineEnd,
    /// A whole line but for its indentation.
    Line,
    /// A part of a line; text remains on its right.
    Infix,
    /// The lines of a block, but for the first one's indentation.
    Block,
    /// A hole of the infilling benchmark.
    Infilling,
}

impl Kind {
    /// As in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LineEnd => "line end",
            Self::Line => "line",
            Self::Infix => "infix",
            Self::Block => "block",
            Self::Infilling => "infilling",
        }
    }
}

/// A document with a hole.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Index of its project; `None` where it stands alone.
    pub(super) project: Option<usize>,
    pub(super) path: PathBuf,
    pub(super) language: Language,
    pub(super) kind: Kind,
    /// The text with the hole closed.
    pub(super) text: String,
    /// Where the hole is, in bytes.
    pub(super) offset: usize,
    /// What stood there.
    pub(super) wanted: String,
}

/// Longest line that a hole is cut into, in bytes: longer ones are data.
const MAX_LINE: usize = 110;
/// Most lines of a block.
const MAX_BLOCK: usize = 8;
/// Fewest characters of a hole.
const MIN_WANTED: usize = 3;
/// A file without a place for a hole is given up after so many attempts a case.
const ATTEMPTS: usize = 200;

/// `count` holes in the files of a language, each file as likely as its length says. Fewer where there are not enough places.
pub(super) fn cut(projects: &[Project], language: Language, count: usize, seed: u64) -> Vec<Case> {
    let files =
        projects.iter().enumerate().flat_map(|(index, project)| project.files.iter().map(move |file| (index, file)));
    let files: Vec<_> = files.filter(|(_, file)| file.language == language).collect();
    let total: usize = files.iter().map(|(_, file)| file.text.len()).sum();
    let mut random = Random::new(seed);
    let mut cases = Vec::new();
    for _ in 0..count.saturating_mul(ATTEMPTS) {
        if cases.len() == count || total == 0 {
            break;
        }
        let mut at = random.below(total);
        let chosen = files.iter().find(|(_, file)| match at.checked_sub(file.text.len()) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        });
        let Some(&(project, file)) = chosen else { break };
        if let Some((kind, start, end)) = hole(&file.text, at, &mut random) {
            let wanted = &file.text[start..end];
            let is_new = |case: &Case| case.path != file.path || case.offset != start;
            if wanted.trim().chars().count() >= MIN_WANTED && cases.iter().all(is_new) {
                cases.push(Case {
                    project: Some(project),
                    path: file.path.clone(),
                    language,
                    kind,
                    text: format!("{}{}", &file.text[..start], &file.text[end..]),
                    offset: start,
                    wanted: wanted.to_owned(),
                });
            }
        }
    }
    // A project is opened once.
    cases.sort_by_key(|case| case.project);
    cases
}

/// A hole in or at the line around `at`; `None` in comments, and in lines that are data.
fn hole(text: &str, at: usize, random: &mut Random) -> Option<(Kind, usize, usize)> {
    let at = text.floor_char_boundary(at);
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |rest| at + rest);
    let line = text.get(start..end)?;
    let code = line.trim();
    if code.len() < MIN_WANTED || line.len() > MAX_LINE || !code.contains(['=', '(', '.', ':', '{', '[', ';', ',']) {
        return None;
    }
    if ["#", "//", "/*", "*", "\"\"\"", "'''"].iter().any(|marker| code.starts_with(marker)) {
        return None;
    }
    let code_start = start + line.len() - line.trim_start().len();
    let mut inside = |from: usize, to: usize| text.ceil_char_boundary(from + random.below(to - from));
    match random_kind(inside(0, 100)) {
        Kind::LineEnd => Some((Kind::LineEnd, inside(code_start, end), end)),
        Kind::Line => Some((Kind::Line, code_start, end)),
        Kind::Infix => {
            let from = inside(code_start, end);
            // Something remains on the right.
            let to = if from + MIN_WANTED < end { inside(from + MIN_WANTED, end) } else { return None };
            Some((Kind::Infix, from, to))
        }
        Kind::Block | Kind::Infilling => {
            Some((Kind::Block, code_start, block_end(text, code_start, code_start - start)?))
        }
    }
}

/// The kind for a number below 100.
fn random_kind(number: usize) -> Kind {
    match number {
        0..45 => Kind::LineEnd,
        45..70 => Kind::Line,
        70..85 => Kind::Infix,
        _ => Kind::Block,
    }
}

/// End of the lines from `start` on that are indented by at least `indent`; `None` at top level, and where it is one line
/// or too many.
fn block_end(text: &str, start: usize, indent: usize) -> Option<usize> {
    if indent == 0 {
        return None;
    }
    let (mut end, mut lines) = (start, 0);
    for line in text[start..].split_inclusive('\n') {
        let code = line.trim_start();
        let depth = line.len() - code.len();
        if lines > 0 && !code.is_empty() && depth < indent {
            break;
        }
        lines += 1;
        end += line.len();
    }
    let block = text[start..end].trim_end();
    (2..=MAX_BLOCK).contains(&block.lines().count()).then(|| start + block.len())
}

/// A line of the public infilling benchmark (*Efficient Training of Language Models to Fill in the Middle*,
/// arXiv 2207.14255; `openai/human-eval-infilling`), as far as it is read.
#[derive(Deserialize)]
struct InfillingLine {
    prompt: String,
    suffix: String,
    canonical_solution: String,
}

/// The holes of a file of JSON lines with `prompt`, `suffix` and `canonical_solution`; in Python unless said otherwise.
///
/// # Errors
/// Which line is not one.
pub(super) fn infilling(text: &str, language: Option<Language>) -> anyhow::Result<Vec<Case>> {
    let language = language.or_else(|| Language::from_name("python")).context("there is no Python here")?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            let line: InfillingLine = serde_json::from_str(line).with_context(|| {
                format!("line {}: expected an object with prompt, suffix and canonical_solution", index + 1)
            })?;
            let InfillingLine { prompt, suffix, canonical_solution: wanted } = line;
            ensure!(!wanted.trim().is_empty(), "line {}: the canonical_solution is empty", index + 1);
            Ok(Case {
                project: None,
                path: PathBuf::from(format!("{index}")),
                language,
                kind: Kind::Infilling,
                offset: prompt.len(),
                text: prompt + suffix.as_str(),
                wanted,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
