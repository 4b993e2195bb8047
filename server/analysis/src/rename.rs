//! Renaming: what a new name may be, how it is written at a place, and whether everything still means the same.
//!
//! A rename is checked by doing it: the new text is read again, and every name in it has to stand for what it stood
//! for before ([`check_meaning`]). That finds a name that is captured as well as one that captures, whatever the
//! language's reasons. What is renamed together across documents is the caller's business.

mod new_name;
mod scoped;

use std::collections::HashMap;

use syntax::{Document, TextEdit, TextRange};

use crate::family::Family;
use crate::names::{At, Form, Names, Place};
use crate::scope::word_at;
use crate::syntax_error_count;
use crate::tree::path_to;
pub use new_name::new_name;
pub use scoped::{renamable_in_scope, rename_in_scope};

/// Why a name cannot be changed, for people: a sentence without its first capital and its full stop.
pub type Refusal = String;

/// How `old` at a place is written when it is called `new`.
///
/// # Errors
/// Where it cannot be called otherwise there.
pub fn renamed_place(place: &Place, old: &str, new: &str) -> Result<TextEdit, Refusal> {
    match place.form.renamed(old, new) {
        Some(new_text) => Ok(TextEdit { range: place.range, new_text }),
        None => Err(format!("`{old}` is bound by an import that has no place for another name")),
    }
}

/// Why nothing can be renamed at `offset`, where no name of the document stands.
pub fn nothing_to_rename(document: &Document, offset: usize) -> Refusal {
    let word = word_at(document, offset);
    let leaf = document.tree().and_then(|tree| path_to(tree, word.map_or(offset, |word| word.start)).pop());
    let kind = leaf.map(|leaf| leaf.kind()).unwrap_or_default();
    if kind.contains("comment") {
        return "a comment is no name: only what the program reads is renamed".to_owned();
    }
    if kind.contains("string") {
        return "a string is no name: only what the program reads is renamed".to_owned();
    }
    match word.map(|word| document.text().slice(word)) {
        Some(word) if new_name::is_keyword(document.language(), &word) => format!("`{word}` is a keyword"),
        Some(word) => format!("what `{word}` stands for is not known here"),
        None => "there is no name here".to_owned(),
    }
}

/// Why what stands here is not renamed, where it is no symbol of the document.
pub fn why_not(at: &At<'_>, document: &Document) -> Refusal {
    match at {
        At::Free(free) if Family::of(document.language()) == Family::Python && crate::names::is_builtin(&free.name) => {
            format!("`{}` is a builtin of Python", free.name)
        }
        At::Free(free) => format!("`{}` is not defined in this document", free.name),
        At::Guess(guess) => {
            format!("what `{}` belongs to cannot be told: the type of the object before it is not known", guess.name)
        }
        At::Import(import) => format!("`{}` is defined outside of the workspace", document.text().slice(import.range)),
        At::Member(member) => format!("`{}` is defined outside of the workspace", member.name),
        At::Keyword(keyword) => format!("`{}` is a parameter of something outside of the workspace", keyword.name),
        At::Symbol(..) | At::Export(..) => "what it stands for is not known here".to_owned(),
    }
}

/// Whether every name of the document stands for what it stood for, once `edits` have changed some to `new`.
///
/// # Errors
/// What would change, in words.
pub fn check_meaning(document: &Document, names: &Names, edits: &[TextEdit], new: &str) -> Result<(), Refusal> {
    let after = document.edit(edits, document.version());
    let Some(changed) = Names::of(&after) else {
        return Err(format!("with `{new}` the document could not be read any more"));
    };
    if syntax_error_count(&after) > syntax_error_count(document) {
        return Err(format!("with `{new}` there would be a syntax error"));
    }
    let moved = Moved::new(edits, new);
    let mut now: HashMap<usize, usize> = HashMap::new();
    for (index, symbol) in changed.symbols.iter().enumerate() {
        now.extend(symbol.places.iter().map(|place| (place.range.start, index)));
    }
    let line = |range: TextRange| document.text().line_of(range.start) + 1;
    let mut taken: HashMap<usize, usize> = HashMap::new();
    for (index, symbol) in names.symbols.iter().enumerate() {
        let mut own = None;
        for place in &symbol.places {
            let Some(&found) = now.get(&moved.start(place.range)) else {
                return Err(format!(
                    "with `{new}`, `{}` in line {} would not stand for the same thing any more",
                    symbol.name,
                    line(place.range)
                ));
            };
            if *own.get_or_insert(found) != found || *taken.entry(found).or_insert(index) != index {
                return Err(collision(names, &now, &moved, (index, found), new, &line));
            }
        }
    }
    let free = names.free.iter().map(|free| (&free.name, free.range));
    let guesses = names.guesses.iter().map(|guess| (&guess.name, guess.range));
    let members = names.members.iter().map(|member| (&member.name, member.range));
    for (name, range) in free.chain(guesses).chain(members) {
        // A key that is a name as well is told by the symbol.
        let was_symbol = || names.symbols.iter().any(|symbol| symbol.places.iter().any(|place| place.range == range));
        if now.contains_key(&moved.start(range)) && !was_symbol() {
            return Err(format!(
                "`{name}` in line {} stands for something else, and would be taken for what is renamed to `{new}`",
                line(range)
            ));
        }
    }
    // Nor may anything stand for it that stood for nothing of the document: a keyword, a name in `__all__`.
    for (&found, &index) in &taken {
        let before: Vec<usize> = names.symbols[index].places.iter().map(|place| moved.start(place.range)).collect();
        let added = changed.symbols[found].places.iter().find(|place| !before.contains(&place.range.start));
        if let Some(added) = added {
            return Err(format!(
                "`{new}` in line {} would be taken for what is renamed",
                after.text().line_of(added.range.start) + 1
            ));
        }
    }
    Ok(())
}

/// Two things would be one, or one would be two.
fn collision(
    names: &Names,
    now: &HashMap<usize, usize>,
    moved: &Moved<'_>,
    (index, found): (usize, usize),
    new: &str,
    line: &impl Fn(TextRange) -> usize,
) -> Refusal {
    let other = names.symbols.iter().enumerate().find_map(|(other, symbol)| {
        let is_other = other != index && (symbol.name == new || names.symbols[index].name == new);
        let mut places = symbol.places.iter();
        let shared = places.find(|place| is_other && now.get(&moved.start(place.range)) == Some(&found))?;
        let (symbol, shared) = if symbol.name == new { (symbol, shared) } else { (&names.symbols[index], shared) };
        Some(symbol.definition().map_or(shared.range, |definition| definition))
    });
    match other {
        Some(other) => format!("`{new}` already stands for something else there: see line {}", line(other)),
        None => format!("`{new}` would be mixed up with something else of that name"),
    }
}

/// Where names are after edits.
struct Moved<'a> {
    edits: Vec<&'a TextEdit>,
    new: &'a str,
}

impl<'a> Moved<'a> {
    fn new(edits: &'a [TextEdit], new: &'a str) -> Self {
        let mut edits: Vec<_> = edits.iter().collect();
        edits.sort_by_key(|edit| edit.range.start);
        Self { edits, new }
    }

    /// Where the name that stood at `range` starts now.
    fn start(&self, range: TextRange) -> usize {
        let before = self.edits.partition_point(|edit| edit.range.end <= range.start && edit.range != range);
        let grown: usize = self.edits[..before].iter().map(|edit| edit.new_text.len()).sum();
        let shrunk: usize = self.edits[..before].iter().map(|edit| edit.range.len()).sum();
        let start = range.start + grown - shrunk;
        match self.edits.get(before).filter(|edit| edit.range == range) {
            // `old: new`, `old as new`
            Some(edit) if edit.new_text.ends_with(self.new) => start + edit.new_text.len() - self.new.len(),
            _ => start,
        }
    }
}

/// The edits that give a symbol of a document a new name there, sorted.
///
/// # Errors
/// Where it cannot be called otherwise.
pub fn rename_symbol(
    names: &Names,
    symbol: usize,
    new: &str,
    is_kept_outside: impl Fn(Form) -> bool,
) -> Result<Vec<TextEdit>, Refusal> {
    let symbol = &names.symbols[symbol];
    if let Some(obstacle) = &symbol.obstacle {
        return Err(obstacle.clone());
    }
    let edit = |place: &Place| {
        // Where the other side is renamed as well, the name needs no alias.
        let form = if is_kept_outside(place.form) { place.form } else { Form::Plain };
        renamed_place(&Place { form, ..*place }, &symbol.name, new)
    };
    symbol.places.iter().map(edit).collect()
}
