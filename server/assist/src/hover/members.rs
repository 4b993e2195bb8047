//! Members: `self.area`, `Square.area`, `square.area`. Only where it is certain whose member it is.

use analysis::{Definition, Symbol, SymbolKind};
use syntax::{Document, TextRange};

use crate::{Snapshot, parsing};

/// True when the word is reached through something else.
pub(super) fn is_member(document: &Document, word: TextRange) -> bool {
    let before = before(document, word);
    // An import names what it brings in by a path.
    let mut words = before.split_whitespace().skip_while(|it| it.starts_with("pub"));
    if matches!(words.next(), Some("import" | "from" | "use" | "using" | "package")) {
        return false;
    }
    // `..` is a range or a spread.
    (before.ends_with('.') && !before.ends_with("..")) || before.ends_with("->") || before.ends_with("::")
}

/// The text before the word on its line, without blanks at its end.
fn before(document: &Document, word: TextRange) -> String {
    let text = document.text();
    let line = text.line_range(text.line_of(word.start));
    text.slice(TextRange::new(line.start, word.start)).trim_end().to_owned()
}

/// The definition of a member, and the file it is in unless that is this one.
pub(super) fn definition(snapshot: &Snapshot, word: TextRange) -> Option<(Definition, Option<String>)> {
    let document = snapshot.document();
    if let Some(found) = analysis::references(document, word.start) {
        return Some((analysis::definition_at(document, found.definition.start)?, None));
    }
    let name = document.text().slice(word);
    let before = before(document, word);
    let receiver = before.trim_end_matches(['.', '>', '-', ':', '?']);
    let start = receiver
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + receiver[at..].chars().next().map_or(1, char::len_utf8));
    // `a.b.c`: what `b` is, is not known.
    if receiver[..start].trim_end().ends_with(['.', ':', '>', ')', ']']) || start == receiver.len() {
        return None;
    }
    let line = document.text().line_range(document.text().line_of(word.start));
    let at = line.start + start;
    let definition = analysis::definition_at(document, at)?;
    if definition.kind == SymbolKind::Module {
        return in_module(snapshot, &receiver[start..], &name);
    }
    let class = match definition.kind {
        SymbolKind::Class | SymbolKind::Interface | SymbolKind::Enum | SymbolKind::Struct => {
            receiver[start..].to_owned()
        }
        _ => {
            let name = definition.selection_range;
            analysis::simple_type(document, name).or_else(|| analysis::constructor_name(document, name))?
        }
    };
    in_class(document, &class, &name).map(|it| (it, None)).or_else(|| in_others(snapshot, &class, &name))
}

fn in_class(document: &Document, class: &str, name: &str) -> Option<Definition> {
    let symbols = analysis::outline(document);
    let is_class = |it: &&Symbol| it.name == class && !matches!(it.kind, SymbolKind::Function | SymbolKind::Variable);
    let mut classes = symbols.iter().filter(is_class);
    let (class, None) = (classes.next()?, classes.next()) else { return None };
    class.children.iter().find(|it| it.name == name).map(|it| Definition::from(it.clone()))
}

/// `shapes.area` where `shapes.py` is open.
fn in_module(snapshot: &Snapshot, module: &str, name: &str) -> Option<(Definition, Option<String>)> {
    let language = snapshot.document().language();
    let mut found = snapshot.others().iter().enumerate().filter_map(|(index, (_, other))| {
        let path = snapshot.other_path(index).filter(|_| other.language() == language)?;
        let file = path.file_name()?.to_string_lossy().into_owned();
        if path.file_stem()? != module {
            return None;
        }
        parsing::parse(other);
        Some((analysis::definition_of(other, name)?, Some(file)))
    });
    // Two files of one name: which of them is imported is not known here.
    let (only, None) = (found.next()?, found.next()) else { return None };
    Some(only)
}

fn in_others(snapshot: &Snapshot, class: &str, name: &str) -> Option<(Definition, Option<String>)> {
    let language = snapshot.document().language();
    let same = snapshot.others().iter().enumerate().filter(|(_, (_, other))| other.language() == language);
    let mut found = same.filter_map(|(index, (id, other))| {
        parsing::parse(other);
        let path = snapshot.other_path(index).and_then(|path| path.file_name());
        let file = path.map_or_else(|| id.as_str().to_owned(), |file| file.to_string_lossy().into_owned());
        Some((in_class(other, class, name)?, Some(file)))
    });
    found.next()
}
