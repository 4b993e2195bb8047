//! Explanations of a selection: composed from the tree by `analysis`, the same for editor, bridge and command line.
//!
//! No model writes a part of them. A model would have to be one that follows instructions, which only its chat template
//! tells, and what it adds would have to be marked; the built-in model is none.

use analysis::{DetailLevel, Explanation};
use syntax::TextRange;

use crate::{Snapshot, parsing};

/// Explains the statements that `range` touches. An empty range means the definition around it, else its statement.
pub fn explanation(snapshot: &Snapshot, range: TextRange, detail: DetailLevel) -> Explanation {
    let document = snapshot.document();
    parsing::parse(document);
    analysis::explanation(document, range, detail)
}

#[cfg(test)]
mod tests {
    use analysis::DetailLevel;
    use syntax::{Language, TextRange};

    use super::explanation;
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
    fn a_text_without_a_tree_is_told_honestly() {
        let plain = Language::plain_text();
        let snapshot = Snapshot::of_text("some words\n", plain, None);
        let found = explanation(&snapshot, TextRange::new(0, 10), DetailLevel::Medium);
        assert!(found.markdown.contains("It defines nothing"), "{}", found.markdown);
        assert_eq!(found.complexity, None);
    }
}
