//! Whether a formatted text says what the original says: compared, not believed.
//!
//! Python is compared by ruff's own syntax tree, JavaScript by oxc's, YAML by its formatter's parser's, everything else by
//! tree-sitter's where there is a grammar that reads the original, and by its words and signs where there is none. What
//! a formatter may change by its definition is left out, and said in tables: [`TreeRules`] and [`TextRules`].

mod comments;
mod markdown;
mod number;
mod python;
mod script;
mod text;
mod tree;
mod yaml;

use syntax::{Document, Language};

pub(super) use text::TextRules;
pub(super) use tree::TreeRules;

use super::Request;

/// How two texts of a language are compared.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// Equal syntax trees but for white space in documentation.
    Python,
    /// Equal syntax trees of JavaScript; where its parser does not read the original, as below.
    Script(&'static TreeRules, &'static TextRules),
    /// Equal trees where there is a grammar, else equal words.
    Tree(&'static TreeRules, &'static TextRules),
    /// Equal words.
    Text(&'static TextRules),
    /// Equal words of prose, equal lines of code.
    Markdown,
    /// Equal trees of keys and values.
    Yaml,
}

impl Check {
    /// For results of any program in any language.
    pub(super) const ANY: Check = Check::Tree(&TreeRules::ANY, &TextRules::ANY);

    /// Nothing when both say the same, else what differs first.
    pub(super) fn compare(
        self,
        before: &str,
        after: &str,
        language: Language,
        request: Option<&Request<'_>>,
    ) -> Result<(), String> {
        match self {
            Self::Python => python::compare(before, after, request),
            Self::Script(tree_rules, text_rules) => {
                let by_tree = || Self::Tree(tree_rules, text_rules).compare(before, after, language, request);
                match script::compare(before, after, language) {
                    None => by_tree(),
                    Some(Ok(())) => Ok(()),
                    // Where it is, the other tree can say; whether it is, it cannot.
                    Some(Err(difference)) => by_tree().and(Err(difference)),
                }
            }
            Self::Tree(tree_rules, text_rules) => {
                let is_sound = |document: &Document| document.tree().is_some_and(|it| !it.root_node().has_error());
                let before = Document::new(before, language, 0);
                // A grammar may not know what the formatter does; then it says nothing about the result either.
                if !is_sound(&before) {
                    let before = before.text().to_string();
                    return text::compare(&before, after, language, text_rules);
                }
                let after = Document::new(after, language, 0);
                if !is_sound(&after) {
                    return Err("it would not parse any more".to_owned());
                }
                tree::compare(&before, &after, tree_rules)
            }
            Self::Text(rules) => text::compare(before, after, language, rules),
            Self::Markdown => markdown::compare(before, after, request),
            Self::Yaml => yaml::compare(before, after),
        }
    }
}

/// A difference for a message: what stood there, and what would.
fn difference(before: Option<&str>, after: Option<&str>) -> String {
    let shown = |part: Option<&str>| match part {
        None => "nothing".to_owned(),
        Some(part) => {
            let short: String = part.chars().take(40).collect();
            format!("`{}`", short.replace('\n', "⏎"))
        }
    };
    format!("{} would become {}", shown(before), shown(after))
}

/// A comment's words: formatters indent comments and put a space before them.
fn without_white_space(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}
