//! Tree-sitter queries over a document, without a copy of its text.
//!
//! Not here: what the captures mean. The query files are in `grammars/<grammar>/`.

use streaming_iterator::StreamingIterator;
use tree_sitter::{Node, QueryCursor, Tree};

use crate::{Language, Text, TextRange};

/// How many unfinished matches the cursor follows at once. Enough for any real query; bounds the
/// work where a pattern could start at each of very many siblings.
const MATCH_LIMIT: u32 = 256;

/// A compiled query. Costly to compile: keep it, for example in a `LazyLock`.
#[derive(Debug)]
pub struct Query(tree_sitter::Query);

/// One node that a query captured.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'query, 'tree> {
    /// Name without its `@`, such as `name` or `definition.function`.
    pub name: &'query str,
    /// What was captured.
    pub node: Node<'tree>,
    /// Index, in the query's source, of the pattern that captured it.
    pub pattern: usize,
}

impl Capture<'_, '_> {
    /// Where the captured node is.
    pub fn range(&self) -> TextRange {
        self.node.byte_range().into()
    }
}

impl Query {
    /// Compiles a query for the grammar of a language; the error says where it is wrong and how.
    /// `None` when this build has no grammar for the language.
    pub fn new(language: Language, source: &str) -> Option<Result<Self, String>> {
        let query = tree_sitter::Query::new(language.grammar()?, source);
        Some(query.map(Self).map_err(|error| error.to_string()))
    }

    /// The names that the query captures by.
    pub fn capture_names(&self) -> &[&str] {
        self.0.capture_names()
    }

    /// All captures in the tree, by where they start, the outer before the inner. `text` is that of the tree.
    pub fn captures<'query, 'tree>(&'query self, tree: &'tree Tree, text: &Text) -> Vec<Capture<'query, 'tree>> {
        self.captures_in(tree.root_node(), text)
    }

    /// The captures in one node.
    pub fn captures_in<'query, 'tree>(&'query self, node: Node<'tree>, text: &Text) -> Vec<Capture<'query, 'tree>> {
        let mut cursor = cursor();
        let names = self.0.capture_names();
        let mut captures = Vec::new();
        let mut found = cursor.captures(&self.0, node, |node: Node<'_>| text.chunks_in(node.byte_range().into()));
        while let Some((one, index)) = found.next() {
            let capture = one.captures()[*index];
            captures.push(Capture {
                name: names[capture.index as usize],
                node: capture.node,
                pattern: one.pattern_index,
            });
        }
        captures
    }

    /// The captures in one node, those of one match together, in the order in which the matches end.
    pub fn matches_in<'query, 'tree>(&'query self, node: Node<'tree>, text: &Text) -> Vec<Vec<Capture<'query, 'tree>>> {
        let mut cursor = cursor();
        let names = self.0.capture_names();
        let mut matches = Vec::new();
        let mut found = cursor.matches(&self.0, node, |node: Node<'_>| text.chunks_in(node.byte_range().into()));
        while let Some(one) = found.next() {
            let capture = |capture: &tree_sitter::QueryCapture<'tree>| Capture {
                name: names[capture.index as usize],
                node: capture.node,
                pattern: one.pattern_index,
            };
            matches.push(one.captures().iter().map(capture).collect());
        }
        matches
    }
}

fn cursor() -> QueryCursor {
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MATCH_LIMIT);
    cursor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    const FUNCTIONS: &str = "
        (function_definition name: (identifier) @name) @function
        ((call function: (identifier) @print) (#eq? @print \"print\"))
    ";

    fn python() -> Language {
        Language::from_name("python").expect("registered")
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let query = Query::new(python(), FUNCTIONS).expect("default grammar").expect("a valid query");
        let document = Document::new(text, python(), 1);
        let captures = query.captures(document.tree().expect("default grammar"), document.text());
        let found: Vec<_> = captures.iter().map(|it| (it.name, document.text().slice(it.range()))).collect();
        let found: Vec<_> = found.iter().map(|(name, text)| (*name, text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn captures_come_in_order() {
        check("def f(): pass\nprint(1)\n", &[("function", "def f(): pass"), ("name", "f"), ("print", "print")]);
    }

    #[test]
    fn predicates_see_the_text() {
        check("sprint(1)\n", &[]);
        // A name that the rope cuts in two is still one name.
        let far = " ".to_owned() + &"x = 'é€𝄞'\n ".repeat(300);
        for shift in 0..16 {
            let text = format!("if y:\n{far}{}\n print(1)\n", "#".repeat(shift));
            check(&text, &[("print", "print")]);
        }
    }

    #[test]
    fn matches_keep_captures_together() {
        let query = Query::new(python(), FUNCTIONS).expect("default grammar").expect("a valid query");
        let document = Document::new("def f(): pass\ndef g(): pass\n", python(), 1);
        let root = document.tree().expect("default grammar").root_node();
        let matches = query.matches_in(root, document.text());
        let shape: Vec<Vec<_>> = matches.iter().map(|one| one.iter().map(|it| it.name).collect()).collect();
        assert_eq!(shape, [["function", "name"], ["function", "name"]]);
    }

    #[test]
    fn a_wrong_query_says_where() {
        let error = Query::new(python(), "(no_such_node)").expect("default grammar").expect_err("no such node");
        assert!(error.contains("no_such_node"), "{error}");
        assert!(Query::new(Language::plain_text(), "").is_none());
    }
}
