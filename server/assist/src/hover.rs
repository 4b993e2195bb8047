//! Hover: what the thing under the cursor is.
//!
//! Analysis only, no model: the definition in this document, else one of the same name in another open document,
//! else the meaning of a keyword or operator.

mod keywords;

use analysis::Symbol;
use syntax::{Document, TextRange};

use crate::{Snapshot, parsing};

/// Most lines of a hover text, fences and blank lines included.
const MAX_LINES: usize = 20;

/// A hover text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub range: TextRange,
    /// Markdown, 20 lines at most.
    pub markdown: String,
}

/// Signature and doc of what stands at `offset`: from this document, else from the other open ones. Analysis only.
pub fn hover(snapshot: &Snapshot, offset: usize) -> Option<Hover> {
    let document = snapshot.document();
    parsing::parse(document);
    let Some(range) = analysis::word_at(document, offset) else {
        return keyword(document, offset);
    };
    let definition = analysis::definition_at(document, offset);
    // An import says where to look, not what it is.
    let here = definition.as_ref().filter(|definition| !is_import(&definition.signature));
    if here.is_none()
        && let Some(hover) = defined_elsewhere(snapshot, range)
    {
        return Some(hover);
    }
    match definition {
        Some(definition) => {
            let markdown = render(document.language().id(), &definition.signature, definition.doc.as_deref(), None);
            Some(Hover { range, markdown })
        }
        None => keyword(document, offset),
    }
}

fn is_import(signature: &str) -> bool {
    let first = signature.split_whitespace().next().unwrap_or_default();
    matches!(first, "import" | "from" | "use" | "using" | "#include" | "require")
}

/// A definition of the same name in another open document, those in the same language only.
fn defined_elsewhere(snapshot: &Snapshot, range: TextRange) -> Option<Hover> {
    let name = snapshot.document().text().slice(range);
    let language = snapshot.document().language().id();
    for (index, (id, other)) in snapshot.others().iter().enumerate() {
        if other.language().id() != language {
            continue;
        }
        parsing::parse(other);
        if let Some(symbol) = find_symbol(&analysis::outline(other), &name) {
            let file = match snapshot.other_path(index).and_then(|path| path.file_name()) {
                Some(file) => file.to_string_lossy().into_owned(),
                None => id.as_str().to_owned(),
            };
            let markdown = render(language, &symbol.signature, symbol.doc.as_deref(), Some(&file));
            return Some(Hover { range, markdown });
        }
    }
    None
}

/// The first definition of this name, outer ones before inner ones.
fn find_symbol<'a>(symbols: &'a [Symbol], name: &str) -> Option<&'a Symbol> {
    let here = symbols.iter().find(|symbol| symbol.name == name);
    here.or_else(|| symbols.iter().find_map(|symbol| find_symbol(&symbol.children, name)))
}

fn keyword(document: &Document, offset: usize) -> Option<Hover> {
    let context = analysis::completion_context(document, offset);
    if context.in_comment || context.in_string {
        return None;
    }
    let line = document.text().slice(context.line);
    let column = context.offset.min(context.line.end).saturating_sub(context.line.start);
    let (token, meaning) = keywords::at(document.language().id(), &line, column)?;
    let range = TextRange::new(context.line.start + token.start, context.line.start + token.end);
    Some(Hover { range, markdown: format!("`{}`: {meaning}", &line[token]) })
}

/// Signature in a fence, where it comes from, the doc below; cut to [`MAX_LINES`].
fn render(language: &str, signature: &str, doc: Option<&str>, file: Option<&str>) -> String {
    // A signature that itself holds a fence (a raw string default, say) needs a longer one around it.
    let fence = if signature.contains("```") { "````" } else { "```" };
    let mut lines = vec![format!("{fence}{language}")];
    lines.extend(signature.lines().take(MAX_LINES / 2).map(str::to_owned));
    lines.push(fence.to_owned());
    if let Some(file) = file {
        lines.extend([String::new(), format!("Defined in `{file}`")]);
    }
    let doc = doc.unwrap_or_default().trim();
    if !doc.is_empty() {
        lines.push(String::new());
        lines.extend(doc.lines().map(|line| line.trim_end().to_owned()));
    }
    if lines.len() > MAX_LINES {
        lines.truncate(MAX_LINES - 2);
        let is_open = lines.iter().filter(|line| line.trim_start().starts_with("```")).count() % 2 == 1;
        if is_open {
            lines.push("```".to_owned());
        }
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
