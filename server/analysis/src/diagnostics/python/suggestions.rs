//! What was probably meant by a name that is not defined: one in scope that is spelt alike, a member of the class
//! without its `self.`, the same thing in Python's words, or something that has to be imported.

use ruff_linter::linter::parse_unchecked_source;
use ruff_linter::source_kind::SourceKind;
use ruff_python_ast::Stmt;
use ruff_python_stdlib::builtins::python_builtins;
use ruff_python_stdlib::sys::is_known_standard_library;
use syntax::{TextEdit, TextRange};

use super::engine::Source;
use super::imports::import_edit;
use super::names::Names;
use super::stdlib::{module_of, translated};
use crate::diagnostics::{Diagnostic, Fix};
use crate::lint_settings::PythonSettings;

/// Ruff's code of an undefined name.
const UNDEFINED: &str = "F821";

/// Undefined names that are looked at: a file with more of them has another problem (a star import, another language).
const MAX_NAMES: usize = 100;

/// Names of the language that are no builtins.
const CONSTANTS: &[&str] = &["True", "False", "None"];

/// Adds to undefined names what they may stand for.
pub(super) fn add(diagnostics: &mut [Diagnostic], source: &Source<'_>, settings: &PythonSettings) {
    if !diagnostics.iter().any(|it| it.code == UNDEFINED) {
        return;
    }
    let stack = source.stack();
    stacker::maybe_grow(stack, stack, || {
        let version = settings.ruff().linter.resolve_target_version(source.path);
        let code = SourceKind::Python { code: source.text.to_owned(), is_stub: source.kind.is_stub() };
        let parsed = parse_unchecked_source(&code, source.kind, version.parser_version());
        let module = parsed.suite();
        let names = Names::of(module);
        let minor = version.parser_version().minor;
        for diagnostic in diagnostics.iter_mut().filter(|it| it.code == UNDEFINED).take(MAX_NAMES) {
            suggest(diagnostic, source.text, module, &names, minor);
        }
    });
}

fn suggest(diagnostic: &mut Diagnostic, text: &str, module: &[Stmt], names: &Names<'_>, minor: u8) {
    let range = diagnostic.range;
    let Some(name) = text.get(range.start..range.end) else { return };
    let visible = names.visible_at(range.start);
    let is_called_or_read = text[range.end..].trim_start_matches([' ', '\t']).chars().next();
    let spelt_alike = alike(name, visible.iter().copied().chain(CONSTANTS.iter().copied()))
        .or_else(|| translated(name).filter(|it| *it != "self" || visible.contains(it)))
        .or_else(|| alike(name, python_builtins(minor, false)));
    let instead = names
        .members_at(range.start)
        .contains(&name)
        .then(|| format!("self.{name}"))
        .filter(|_| visible.contains(&"self"))
        .or_else(|| spelt_alike.map(ToOwned::to_owned));
    let import = if is_called_or_read == Some('.') && is_known_standard_library(minor, name) {
        Some((format!("Import `{name}`"), format!("import {name}")))
    } else {
        module_of(name).map(|from| (format!("Import `{name}` from `{from}`"), format!("from {from} import {name}")))
    };
    if let Some((title, statement)) = import {
        diagnostic.fixes.push(Fix { title, edits: vec![import_edit(text, module, &statement)], safe: false });
    } else if let Some(instead) = instead {
        diagnostic.message.push_str(&format!("; did you mean `{instead}`?"));
        diagnostic.fixes.push(replacement(range, name, instead));
    }
}

fn replacement(range: TextRange, name: &str, instead: String) -> Fix {
    let title = format!("Replace `{name}` by `{instead}`");
    Fix { title, edits: vec![TextEdit { range, new_text: instead }], safe: false }
}

/// The name that is closest, if it is close: a third of the letters may be wrong. The first of equals.
fn alike<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    if letters < 3 {
        return None;
    }
    let most = (letters / 3).max(1);
    let candidates = known.filter(|it| *it != name && it.chars().count().abs_diff(letters) <= most);
    let rated =
        candidates.filter(|it| it.len() > 1 && (name.starts_with('_') || !it.starts_with('_'))).filter_map(|it| {
            if it.eq_ignore_ascii_case(name) {
                return Some((0, it));
            }
            let distance = strsim::osa_distance(name, it);
            (distance <= most).then_some((distance, it))
        });
    rated.min_by_key(|(distance, _)| *distance).map(|(_, it)| it)
}
