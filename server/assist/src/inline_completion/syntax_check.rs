//! The parser's word on a completion: accepting it must not break what parses.

use analysis::{BracketCheck, Soundness};
use syntax::{Document, TextEdit, TextRange};

use crate::parsing;

use super::postprocess::{Fitted, last_line_stands_twice, move_closer_down};
use super::site::{Site, indent_of};

/// Documents beyond this many bytes are not parsed again for a suggestion.
const MAX_BYTES: usize = 1 << 20;
/// Variants parsed at most; each costs an incremental parse (4 to 20 ms in a 100 kB file).
const MAX_VARIANTS: usize = 6;
/// Bytes of all the documents parsed for one suggestion, at most: in a long file fewer variants are tried.
const MAX_PARSED: usize = 2 << 20;

/// The completion, or the first shorter or closed variant of it, after which brackets are as balanced and the document
/// has no more syntax errors than now. `None` when there is none. Without a grammar brackets alone decide.
pub(crate) fn sound_variant(document: &Document, offset: usize, site: &Site, fitted: Fitted) -> Option<Fitted> {
    let before = document.text().slice(TextRange::new(0, offset));
    let brackets = site.is_code.then(|| BracketCheck::new(document, &before));
    let keeps_balance = |variant: &Fitted| {
        brackets.as_ref().is_none_or(|brackets| brackets.keeps_balance(variant.overtyped, &variant.text))
    };
    let mut variants = variants(&fitted, &site.line_prefix)
        .into_iter()
        // A shorter text, or one that was closed, stands before the same closer.
        .map(|mut variant| {
            move_closer_down(&mut variant, site);
            variant
        })
        .filter(|variant| !last_line_stands_twice(variant, site) && keeps_balance(variant));
    let length = document.text().len();
    if document.language().grammar().is_none() || length > MAX_BYTES || !parsing::parse(document) {
        return variants.next();
    }
    let soundness = Soundness::new(document, TextRange::new(offset, offset + fitted.overtyped));
    let sound = |variant: &Fitted| {
        let accepted = accepted(document, offset, variant);
        let range = TextRange::new(offset, offset + variant.overtyped);
        parsing::parse(&accepted) && soundness.survives(&accepted, range, variant.text.len())
    };
    variants.take(parses(length)).find(sound)
}

/// How many variants are parsed in a document of so many bytes.
fn parses(length: usize) -> usize {
    (MAX_PARSED / length.max(1)).clamp(1, MAX_VARIANTS)
}

/// The document after accepting.
pub(crate) fn accepted(document: &Document, offset: usize, fitted: &Fitted) -> Document {
    let range = TextRange::new(offset, offset + fitted.overtyped);
    document.edit(&[TextEdit { range, new_text: fitted.text.clone() }], document.version())
}

/// The completion first, then closed, then shorter and shorter.
fn variants(fitted: &Fitted, line_prefix: &str) -> Vec<Fitted> {
    let mut variants = vec![fitted.clone()];
    let cut = |text: &str| Fitted { text: text.trim_end().to_owned(), overtyped: 0, unclosed: String::new() };
    // A line that ends by opening a bracket: an empty pair would be wrong nearly always (of 115 copies in three languages
    // five were right), what stands before it nearly never. A block can be empty, where its head alone is no code.
    let dangling = fitted.text.trim_end().strip_suffix(['(', '[', '{']).filter(|_| !fitted.text.contains('\n'));
    if let Some(head) = dangling.filter(|_| !fitted.unclosed.is_empty()) {
        variants.push(Fitted { overtyped: fitted.overtyped, ..cut(head) });
    }
    if !fitted.unclosed.is_empty() && (dangling.is_none() || fitted.unclosed.ends_with('}')) {
        variants.push(closed(fitted, line_prefix));
    }
    if fitted.overtyped > 0 {
        // The closers behind the cursor may be other brackets' after all.
        variants.push(Fitted { overtyped: 0, ..fitted.clone() });
    }
    if let Some(element) = fitted.text.strip_suffix(',') {
        // The last one of a list that allows no comma behind it.
        variants.push(cut(element));
    }
    let mut text = fitted.text.as_str();
    while let Some(end) = text.rfind('\n') {
        text = text[..end].trim_end();
        variants.push(cut(text));
    }
    if !fitted.text.contains('\n') {
        // Closers at the end first, then everything from the last bracket that is left open.
        let without_closers = text.trim_end_matches([')', ']', '}', ';', ',', ' ']);
        variants.push(cut(without_closers));
        if let Some(open) = text.rfind(['(', '[', '{']) {
            variants.push(cut(&text[..open]));
        }
    }
    variants.retain(|variant| !variant.text.trim().is_empty());
    variants.dedup();
    variants
}

/// The completion with what it leaves open closed: on the same line, or each on a line of its own behind a block.
fn closed(fitted: &Fitted, line_prefix: &str) -> Fitted {
    let mut text = fitted.text.clone();
    let is_block = text.contains('\n') || text.ends_with('{');
    if !is_block {
        text.push_str(&fitted.unclosed);
        return Fitted { text, unclosed: String::new(), ..fitted.clone() };
    }
    let mut indents = open_line_indents(&format!("{line_prefix}{text}"));
    for closer in fitted.unclosed.chars() {
        text.push('\n');
        text.push_str(&indents.pop().unwrap_or_default());
        text.push(closer);
    }
    Fitted { text, unclosed: String::new(), ..fitted.clone() }
}

/// Indentation of the lines that open a bracket they do not close, outermost first.
fn open_line_indents(text: &str) -> Vec<String> {
    let mut open = Vec::new();
    for line in text.split('\n') {
        let indent = &line[..indent_of(line)];
        for c in line.chars() {
            match c {
                '(' | '[' | '{' => open.push(indent.to_owned()),
                ')' | ']' | '}' => drop(open.pop()),
                _ => {}
            }
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_PARSED, MAX_VARIANTS, parses};

    #[test]
    fn long_files_are_parsed_less_often() {
        for (length, expected) in [(0, MAX_VARIANTS), (100 << 10, MAX_VARIANTS), (600 << 10, 3), (MAX_BYTES, 2)] {
            assert_eq!(parses(length), expected, "{length} bytes");
            assert!(parses(length) * length <= MAX_PARSED);
        }
    }
}
