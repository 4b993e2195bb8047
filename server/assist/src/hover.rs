//! Hover: what the thing under the cursor is.
//!
//! Analysis only, no model: what a literal means; the definition in this document with its type, value and complexity,
//! else one of the same name in another open document; else the meaning of a keyword or operator.

mod keywords;
mod members;

use analysis::{Definition, Symbol, SymbolKind};
use syntax::{Document, TextRange};

use crate::{Snapshot, parsing};

/// Documents up to this size are measured whole, so that cycles of calls are seen; of others the function alone.
const MAX_WHOLE: usize = 32 << 10;
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

/// What stands at `offset`: from this document, else from the other open ones. Analysis only.
pub fn hover(snapshot: &Snapshot, offset: usize) -> Option<Hover> {
    let document = snapshot.document();
    parsing::parse(document);
    if let Some(meaning) = analysis::literal_meaning(document, offset) {
        return Some(Hover {
            range: meaning.range,
            markdown: cut(meaning.markdown.lines().map(str::to_owned).collect()),
        });
    }
    let Some(range) = analysis::word_at(document, offset) else {
        return keyword(document, offset);
    };
    if members::is_member(document, range) {
        // A member of that name elsewhere may be another one, so only what is certain is told.
        let found = members::definition(snapshot, range);
        return found.map(|(definition, file)| Hover { range, markdown: told(document, &definition, file.as_deref()) });
    }
    let definition = analysis::definition_at(document, offset);
    // An import says where to look, not what it is.
    let here = definition.as_ref().filter(|definition| !is_import(&definition.signature));
    if here.is_none()
        && let Some(hover) = defined_elsewhere(snapshot, range)
    {
        return Some(hover);
    }
    match definition {
        Some(definition) => Some(Hover { range, markdown: told(document, &definition, None) }),
        None => keyword(document, offset),
    }
}

/// A definition; what is not in `file` is in this document.
fn told(document: &Document, definition: &Definition, file: Option<&str>) -> String {
    let mut facts = if file.is_none() { facts(document, definition) } else { Vec::new() };
    if definition.name.starts_with("__")
        && let Some(meaning) = keywords::meaning(document.language().id(), &definition.name)
    {
        facts.insert(0, format!("`{}`: {meaning}", definition.name));
    }
    render(document.language().id(), &definition.signature, definition.doc.as_deref(), file, &facts)
}

/// Type and value of a variable, complexity of a function.
fn facts(document: &Document, definition: &Definition) -> Vec<String> {
    let mut facts = Vec::new();
    match definition.kind {
        SymbolKind::Function | SymbolKind::Method | SymbolKind::Constructor => {
            facts.extend(complexity(document, definition.range));
        }
        SymbolKind::Variable
        | SymbolKind::Constant
        | SymbolKind::Field
        | SymbolKind::Property
        | SymbolKind::Parameter => {
            let name = definition.selection_range;
            let is_annotated = definition.signature.contains(':');
            if let Some(type_name) = analysis::simple_type(document, name).filter(|_| !is_annotated) {
                facts.push(format!("Type: `{type_name}`"));
            }
            if let Some(value) = analysis::constant_value(document, name) {
                facts.push(format!("Value: `{value}`"));
            }
        }
        _ => {}
    }
    facts
}

/// The measures of the function that `range` is, in one line.
fn complexity(document: &Document, range: TextRange) -> Option<String> {
    let length = document.text().len();
    let measured = if length <= MAX_WHOLE { TextRange::new(0, length) } else { range };
    let report = analysis::complexity(document, measured)?;
    let function = report.functions.iter().find(|it| range.contains(it.range))?;
    let measures = function.complexity;
    let lines = if measures.lines.total == 1 { "line" } else { "lines" };
    let mut line = format!(
        "Complexity: cyclomatic {}, cognitive {}, nesting {}, {} {lines}",
        measures.cyclomatic, measures.cognitive, measures.max_nesting, measures.lines.total
    );
    if let Some(growth) = analysis::growth(document, range) {
        line += &format!(", time {}", growth.order);
    }
    Some(line)
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
            let markdown = render(language, &symbol.signature, symbol.doc.as_deref(), Some(&file), &[]);
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
    let word = &line[token];
    let mut markdown = format!("`{word}`: {meaning}");
    if matches!(word, "def" | "function" | "fn" | "func") {
        let symbols = analysis::enclosing_symbols(document, range.end);
        let own = symbols.last().filter(|it| it.range.touches(range.start) && it.selection_range.start > range.end);
        if let Some(complexity) = own.and_then(|it| complexity(document, it.range)) {
            markdown += &format!("\n\n{complexity}");
        }
    }
    Some(Hover { range, markdown })
}

/// Signature in a fence, where it comes from, the facts, the doc below; cut to [`MAX_LINES`].
fn render(language: &str, signature: &str, doc: Option<&str>, file: Option<&str>, facts: &[String]) -> String {
    // A signature that itself holds a fence (a raw string default, say) needs a longer one around it.
    let fence = if signature.contains("```") { "````" } else { "```" };
    let mut lines = vec![format!("{fence}{language}")];
    lines.extend(signature.lines().take(MAX_LINES / 2).map(str::to_owned));
    lines.push(fence.to_owned());
    if let Some(file) = file {
        lines.extend([String::new(), format!("Defined in `{file}`")]);
    }
    for fact in facts {
        lines.extend([String::new(), fact.clone()]);
    }
    let doc = doc.unwrap_or_default().trim();
    if !doc.is_empty() {
        lines.push(String::new());
        lines.extend(doc.lines().map(|line| line.trim_end().to_owned()));
    }
    cut(lines)
}

fn cut(mut lines: Vec<String>) -> String {
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
