//! The calls into ruff: parse, then the rules over what parses.

use std::path::Path;

use ruff_db::diagnostic::Diagnostic as RuffDiagnostic;
use ruff_linter::linter::{ParseSource, lint_only, parse_unchecked_source};
use ruff_linter::package::PackageRoot;
use ruff_linter::registry::Rule;
use ruff_linter::settings::{LinterSettings, flags};
use ruff_linter::source_kind::SourceKind;
use ruff_python_ast::{PySourceType, PythonVersion};
use ruff_text_size::Ranged;
use syntax::{Document, TextRange};

use super::broken_part::beginnings;
use super::starred::crowded;
use crate::diagnostics::guard::MAX_DEPTH;
use crate::lint_settings::PythonSettings;
use crate::tree::Walk;

/// Stack that a level of nesting may take in the rules, in bytes: three times what was measured.
const STACK_PER_LEVEL: usize = 24 * 1024;
/// Stack that a byte of broken text may take: the parser recovers, and what it builds is as deep as the text is long.
const STACK_PER_BYTE: usize = 256;
/// Stack for text of ordinary depth, in bytes.
const STACK: usize = 1024 * 1024;
/// Broken text longer than this is left to the tree.
const MAX_BROKEN_BYTES: usize = 1024 * 1024;

/// One text and what ruff needs to know about it.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) path: &'a Path,
    pub(crate) kind: PySourceType,
    package: Option<&'a Path>,
    depth: usize,
    is_sound: bool,
}

/// What came of it.
pub(crate) enum Outcome {
    /// It parses; this is what the rules found, errors that only a look at the whole shows among it, and assignments
    /// of more names than Python can count.
    Checked { found: Vec<RuffDiagnostic>, crowded: Vec<TextRange> },
    /// It does not parse.
    Broken(Broken),
    /// It was not looked at.
    TooDeep,
}

/// Why a text does not parse, and as what it was read.
pub(crate) struct Broken {
    pub(crate) errors: Vec<(TextRange, String)>,
    /// Where the last statements at the margin before the first error begin, the last one first.
    pub(crate) beginnings: Vec<usize>,
    pub(crate) kind: PySourceType,
    pub(crate) version: PythonVersion,
}

impl<'a> Source<'a> {
    pub(crate) fn new(
        document: &Document,
        text: &'a str,
        path: Option<&'a Path>,
        settings: &'a PythonSettings,
    ) -> Self {
        let path = path.unwrap_or(Path::new("untitled.py"));
        let is_sound = document.tree().is_some_and(|tree| !tree.root_node().has_error());
        let kind = PySourceType::from(path);
        Self { text, path, kind, package: settings.package(), depth: depth(document), is_sound }
    }

    /// The same with a bound of the depth in the tree's place: a bound of what stands in the text, sound or not.
    pub(crate) fn without_tree(
        text: &'a str,
        path: Option<&'a Path>,
        settings: &'a PythonSettings,
        depth: usize,
    ) -> Self {
        let path = path.unwrap_or(Path::new("untitled.py"));
        Self { text, path, kind: PySourceType::from(path), package: settings.package(), depth, is_sound: true }
    }

    /// Whether this is a cell of a notebook.
    pub(crate) fn is_cell(&self) -> bool {
        self.kind == PySourceType::Ipynb
    }

    /// Stack that parsing and walking the text may take.
    pub(crate) fn stack(&self) -> usize {
        // The depth of a tree with errors says little.
        let parser = if self.is_sound { 0 } else { self.text.len() * STACK_PER_BYTE };
        STACK + parser + self.depth * STACK_PER_LEVEL
    }
}

/// Parses the text and runs the rules that are on.
pub(crate) fn lint(source: &Source<'_>, settings: &PythonSettings) -> Outcome {
    lint_with(source, &settings.ruff().linter, settings.excludes(source.path))
}

/// The same with ruff's settings; `is_excluded` for text that only has to parse.
pub(crate) fn lint_with(source: &Source<'_>, settings: &LinterSettings, is_excluded: bool) -> Outcome {
    if source.depth > MAX_DEPTH {
        return Outcome::TooDeep;
    }
    let version = settings.resolve_target_version(source.path).parser_version();
    if !source.is_sound && source.text.len() > MAX_BROKEN_BYTES {
        return Outcome::Broken(Broken { errors: Vec::new(), beginnings: Vec::new(), kind: source.kind, version });
    }
    let stack = source.stack();
    stacker::maybe_grow(stack, stack, || {
        let code = SourceKind::Python { code: source.text.to_owned(), is_stub: source.kind.is_stub() };
        let parsed = parse_unchecked_source(&code, source.kind, version);
        if !parsed.errors().is_empty() {
            let errors: Vec<_> = parsed.errors().iter().map(|it| (range(it.location), it.error.to_string())).collect();
            let first = errors.iter().map(|(range, _)| range.start).min().unwrap_or_default();
            let beginnings = beginnings(source.text, parsed.tokens(), first);
            return Outcome::Broken(Broken { errors, beginnings, kind: source.kind, version });
        }
        if is_excluded {
            return Outcome::Checked { found: Vec::new(), crowded: Vec::new() };
        }
        let counts = settings.rules.enabled(Rule::ExpressionsInStarAssignment);
        let crowded = if counts { crowded(parsed.suite()) } else { Vec::new() };
        let package = source.package.map(PackageRoot::root);
        let parsed = ParseSource::Precomputed(parsed);
        let result = lint_only(source.path, package, settings, flags::Noqa::Enabled, &code, source.kind, parsed);
        Outcome::Checked { found: result.diagnostics, crowded }
    })
}

/// Ruff's ranges in our words.
pub(crate) fn range(ranged: impl Ranged) -> TextRange {
    TextRange::new(ranged.start().to_usize(), ranged.end().to_usize())
}

/// Deepest nesting of the tree, as far as it matters.
fn depth(document: &Document) -> usize {
    let Some(tree) = document.tree() else { return 0 };
    let mut walk = Walk::new(tree.root_node());
    let mut deepest = 0;
    while deepest <= MAX_DEPTH && walk.advance(true) {
        deepest = deepest.max(walk.depth());
    }
    deepest
}
