//! Rename: a new name for what stands under the cursor, everywhere it is named, or the reason why not.
//!
//! Nothing is written: the edits are the caller's. Every document that changes is read again with the edits, and every
//! name in it has to mean what it meant ([`analysis::check_meaning`]). A rename that could miss a place is refused.

use std::collections::HashMap;

use analysis::{At, CouldBe, Form, Level, Refusal};
use syntax::{TextEdit, TextRange};

use crate::navigation::{FileView, Files, Links, Scan, Target, target};
use crate::{Assist, Snapshot, Waiting};

/// What a rename would be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenameTarget {
    /// The name under the cursor.
    pub range: TextRange,
    /// What it is called.
    pub placeholder: String,
}

/// Why there are no edits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// It cannot be called that; the reason is for people.
    #[error("{0}")]
    Refused(String),
    /// The request was cancelled.
    #[error("the request was cancelled")]
    Cancelled,
}

/// The edits of a document.
#[derive(Clone, Debug)]
pub struct FileEdits {
    /// The document.
    pub file: FileView,
    /// What changes in it, in order.
    pub edits: Vec<TextEdit>,
}

/// What can be renamed at `offset`.
///
/// # Errors
/// [`RenameError::Refused`] with the reason when nothing can.
pub fn prepare_rename(assist: &Assist, snapshot: &Snapshot, offset: usize) -> Result<RenameTarget, RenameError> {
    let mut files = Files::new(assist, snapshot);
    prepare(&mut files, snapshot, offset).map_err(RenameError::Refused)
}

/// The edits that give what stands at `offset` a new name; none where it is called that already.
///
/// # Errors
/// [`RenameError::Refused`] with the reason when it cannot be called that; [`RenameError::Cancelled`].
pub fn rename(
    assist: &Assist,
    snapshot: &Snapshot,
    offset: usize,
    new: &str,
    waiting: &dyn Waiting,
) -> Result<Vec<FileEdits>, RenameError> {
    let mut files = Files::new(assist, snapshot);
    let edits = edits(&mut files, snapshot, offset, new, waiting);
    if waiting.is_cancelled() {
        return Err(RenameError::Cancelled);
    }
    edits.map_err(RenameError::Refused)
}

fn prepare(files: &mut Files<'_>, snapshot: &Snapshot, offset: usize) -> Result<RenameTarget, Refusal> {
    let document = snapshot.document();
    let Some(names) = files.names(Files::OWN) else {
        let found = analysis::renamable_in_scope(document, offset)?;
        let mut places = found.places.iter().map(|place| place.range);
        let range = places.find(|range| range.touches(offset)).unwrap_or(found.definition);
        return Ok(RenameTarget { range, placeholder: document.text().slice(range) });
    };
    let at = names.at(offset).ok_or_else(|| analysis::nothing_to_rename(document, offset))?;
    if target(files, &at).is_none() {
        return Err(analysis::why_not(&at, document));
    }
    if let At::Symbol(symbol, _) = at
        && let Some(obstacle) = &names.symbols[symbol].obstacle
    {
        return Err(obstacle.clone());
    }
    let range = match at {
        At::Symbol(_, place) => place.range,
        At::Export(_, range) => range,
        At::Import(it) => it.range,
        At::Member(it) => it.range,
        At::Keyword(it) => it.range,
        At::Guess(it) => it.range,
        At::Free(it) => it.range,
    };
    Ok(RenameTarget { range, placeholder: document.text().slice(range) })
}

fn edits(
    files: &mut Files<'_>,
    snapshot: &Snapshot,
    offset: usize,
    new: &str,
    waiting: &dyn Waiting,
) -> Result<Vec<FileEdits>, Refusal> {
    let document = snapshot.document();
    let Some(names) = files.names(Files::OWN) else {
        let edits = analysis::rename_in_scope(document, offset, new)?;
        let view = files.view(Files::OWN);
        return Ok(if edits.is_empty() { Vec::new() } else { vec![FileEdits { file: view, edits }] });
    };
    let at = names.at(offset).ok_or_else(|| analysis::nothing_to_rename(document, offset))?;
    let target = target(files, &at).ok_or_else(|| analysis::why_not(&at, document))?;
    let new = analysis::new_name(document.language(), &target.name, new)?;
    if new == target.name {
        return Ok(Vec::new());
    }
    let scan = Scan::of(files, &target, waiting);
    if let Some(missing) = scan.missing {
        return Err(missing);
    }
    let links = Links::of(files, &target, &scan.files);
    doubts(files, &links, &target, &scan.files)?;
    taken_outside(files, &links, &new, &scan.files)?;
    let by_file = by_file(files, &links, &target, &new)?;
    let mut all = Vec::new();
    for (file, edits) in by_file {
        check(files, file, &edits, &new)?;
        all.push(FileEdits { file: files.view(file), edits });
    }
    Ok(all)
}

/// The edits of each file, the document of the request first.
fn by_file(
    files: &mut Files<'_>,
    links: &Links,
    target: &Target,
    new: &str,
) -> Result<Vec<(usize, Vec<TextEdit>)>, Refusal> {
    let mut edits: HashMap<usize, Vec<TextEdit>> = HashMap::new();
    for &(file, symbol) in &links.symbols {
        let Some(names) = files.names(file) else { continue };
        let symbol = &names.symbols[symbol];
        if let Some(obstacle) = &symbol.obstacle {
            return Err(obstacle.clone());
        }
        for place in &symbol.places {
            let form = if links.is_kept(file, place.range, place.form) { place.form } else { Form::Plain };
            let edit = analysis::renamed_place(&analysis::Place { form, ..*place }, &target.name, new)?;
            edits.entry(file).or_default().push(edit);
        }
    }
    for &(file, range, _) in &links.tokens {
        let own = edits.entry(file).or_default();
        if !own.iter().any(|edit| edit.range == range) {
            own.push(TextEdit { range, new_text: new.to_owned() });
        }
    }
    let mut edits: Vec<_> = edits.into_iter().collect();
    for (_, edits) in &mut edits {
        edits.sort_by_key(|edit| edit.range.start);
    }
    edits.sort_by_key(|(file, _)| *file);
    Ok(edits)
}

fn check(files: &mut Files<'_>, file: usize, edits: &[TextEdit], new: &str) -> Result<(), Refusal> {
    let Some(names) = files.names(file) else { return Ok(()) };
    let checked = analysis::check_meaning(files.document(file), &names, edits, new);
    checked.map_err(|refusal| match files.name(file) {
        Some(name) if file != Files::OWN => format!("{name}: {refusal}"),
        _ => refusal,
    })
}

/// Whether the new name is exported already, or is another one's where everything is imported.
fn taken_outside(files: &mut Files<'_>, links: &Links, new: &str, candidates: &[usize]) -> Result<(), Refusal> {
    let called = |files: &Files<'_>, file: usize| files.name(file).unwrap_or_else(|| "the document".to_owned());
    for exporting in links.exporting() {
        let Some(names) = files.names(exporting) else { continue };
        let again = names.imports.iter().filter_map(|import| import.exported_as.as_ref());
        if names.exports.iter().any(|it| it.name == new) || again.into_iter().any(|it| it.name == new) {
            return Err(format!("`{new}` already stands for something else that {} exports", called(files, exporting)));
        }
        for &other in candidates.iter().filter(|other| **other != exporting) {
            let Some(theirs) = files.names(other) else { continue };
            let all = theirs.imports.iter().filter(|import| import.what == analysis::Imported::All);
            let imports_all = all.into_iter().any(|it| files.module(other, &it.module) == Some(exporting));
            let has_own = theirs.top_level(new).is_some() || theirs.free.iter().any(|free| free.name == new);
            if imports_all && has_own {
                let name = called(files, other);
                return Err(format!("{name} imports everything, and `{new}` already stands for something else there"));
            }
        }
    }
    Ok(())
}

/// Places that may name the member or the parameter, and of which nobody can tell.
fn doubts(files: &mut Files<'_>, links: &Links, target: &Target, candidates: &[usize]) -> Result<(), Refusal> {
    let Some((file, symbol)) = links.owned() else { return Ok(()) };
    let Some(names) = files.names(file) else { return Ok(()) };
    let wanted = &names.symbols[symbol];
    let function = wanted.parameter_of.map(|function| names.symbols[function].name.clone());
    // `#name` of JavaScript and `__name` of Python are seen in their class only.
    let text = files.document(file).text().clone();
    let is_private = wanted.places.iter().any(|place| text.char_before(place.range.start) == Some('#'))
        || (wanted.name.starts_with("__") && wanted.level == Level::Member);
    for &other in candidates {
        let Some(theirs) = files.names(other) else { continue };
        let found = theirs.guesses.iter().filter(|guess| guess.name == target.name).find(|guess| {
            match (&guess.could_be, &function) {
                (CouldBe::Member, None) => !is_private,
                (CouldBe::ParameterOf(of), Some(function)) => of == function || (of.is_empty() && other == file),
                _ => false,
            }
        });
        let overrides = theirs.symbols.iter().find(|symbol| {
            let is_same = symbol.level == Level::Member && symbol.name == target.name && symbol.obstacle.is_some();
            function.is_none() && other != file && !is_private && is_same
        });
        let place = found.map(|guess| guess.range).or_else(|| Some(overrides?.places.first()?.range));
        // A file that imports everything may call what it does not import by name.
        let imports_all =
            function.is_some() && other != file && theirs.imports.iter().any(|it| it.what == analysis::Imported::All);
        let place = place.or_else(|| {
            let free = theirs.free.iter().find(|free| Some(&free.name) == function.as_ref());
            free.filter(|_| imports_all).map(|free| free.range)
        });
        if let Some(place) = place {
            let line = files.document(other).text().line_of(place.start) + 1;
            let at = match files.name(other) {
                Some(name) if other != Files::OWN => format!("line {line} of {name}"),
                _ => format!("line {line}"),
            };
            return Err(format!("`{}` in {at} may be the same: what it belongs to cannot be told", target.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
