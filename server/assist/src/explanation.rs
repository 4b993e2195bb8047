//! Explanations of a selection: composed from the tree by `analysis`, the same for editor, bridge and command line.
//!
//! No model writes a part of them. A model would have to be one that follows instructions, which only its chat template
//! tells, and what it adds would have to be marked; the built-in model is none.

use analysis::{DetailLevel, Explanation, SymbolKind};
use syntax::TextRange;

use crate::{Snapshot, parsing};

/// Explains the statements that `range` touches. An empty range means the definition around it, else its statement.
pub fn explanation(snapshot: &Snapshot, range: TextRange, detail: DetailLevel) -> Explanation {
    let document = snapshot.document();
    parsing::parse(document);
    analysis::explanation(document, range, detail)
}

/// What there is to explain at `range`, and what a menu calls it: the selected code, or the function or class on whose first
/// line the cursor is. `None` elsewhere, and in languages whose statements are not told.
pub fn explainable(snapshot: &Snapshot, range: TextRange) -> Option<(TextRange, String)> {
    let document = snapshot.document();
    let text = document.text();
    if !analysis::tells_statements(document.language()) {
        return None;
    }
    if !range.is_empty() {
        let is_code = !text.slice(range).trim().is_empty();
        return is_code.then(|| (range, "the selection".to_owned()));
    }
    parsing::parse(document);
    let line = text.line_of(range.start);
    let first = text.line_range(line);
    let words = text.slice(first);
    let indent = words.len() - words.trim_start().len();
    let definition = analysis::enclosing_symbols(document, range.start.max(first.start + indent)).pop()?;
    let is_code = matches!(
        definition.kind,
        SymbolKind::Function | SymbolKind::Method | SymbolKind::Constructor | SymbolKind::Class
    );
    let is_first_line = text.line_of(definition.selection_range.start) == line;
    (is_code && is_first_line).then(|| (definition.range, format!("`{}`", definition.name)))
}

#[cfg(test)]
mod tests {
    use analysis::DetailLevel;
    use syntax::{Language, TextRange};

    use super::{explainable, explanation};
    use crate::Snapshot;

    #[test]
    fn a_place_means_the_definition_around_it() {
        let text = "def f(a):\n    return a\n\nprint(f(1))\n";
        let python = Language::from_name("python").expect("in the registry");
        let snapshot = Snapshot::of_text(text, python, None);
        let explained = |offset| explanation(&snapshot, TextRange::empty(offset), DetailLevel::Low).markdown;
        assert_eq!(explained(14), "The function `f` takes `a`. It returns `a`.");
        assert_eq!(explained(27), "Prints `f(1)`.");
    }

    #[test]
    fn a_menu_offers_selections_and_the_definition_of_a_line() {
        let offered = |language: &str, text: &str, range: TextRange| {
            let language = Language::from_name(language).expect("in the registry");
            explainable(&Snapshot::of_text(text, language, None), range)
                .map(|(range, what)| (text[range.start..range.end].to_owned(), what))
        };
        let python = "class A:\n    def f(self):\n        return 1\n\nx = 1\n";
        let method = ("def f(self):\n        return 1".to_owned(), "`f`".to_owned());
        assert_eq!(offered("python", python, TextRange::empty(9)), Some(method.clone()));
        assert_eq!(offered("python", python, TextRange::empty(20)), Some(method));
        assert_eq!(offered("python", python, TextRange::empty(34)), None);
        assert_eq!(offered("python", python, TextRange::empty(45)), None);
        let selected = offered("python", python, TextRange::new(44, 49));
        assert_eq!(selected.map(|(_, what)| what), Some("the selection".to_owned()));
        assert_eq!(offered("python", python, TextRange::new(43, 44)), None);
        let script = "function f() {\n  return 1;\n}\n";
        assert_eq!(offered("javascript", script, TextRange::empty(3)).map(|(_, what)| what), Some("`f`".to_owned()));
        assert_eq!(offered("rust", "fn f() {}\n", TextRange::new(0, 9)), None);
    }

    #[test]
    fn a_text_without_a_tree_is_told_honestly() {
        let plain = Language::plain_text();
        let snapshot = Snapshot::of_text("some words\n", plain, None);
        let found = explanation(&snapshot, TextRange::new(0, 10), DetailLevel::Medium);
        assert!(found.markdown.contains("It defines nothing"), "{}", found.markdown);
        assert_eq!(found.complexity, None);
    }
}
