//! Folding ranges: what an editor can put away, from the tree, in every language that has a grammar.
//!
//! Blocks and literals of several lines, runs of comments, runs of imports, and regions that comments mark.

use syntax::{Document, Node, TextRange};

use crate::family::Family;
use crate::tree::preorder;

/// Something that can be put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the end of what stays in view to the end of what is put away. It spans several lines.
    pub range: TextRange,
    /// What is put away.
    pub kind: FoldKind,
    /// The text ends with a bracket or a keyword that shall stay in view.
    pub has_closing: bool,
}

/// What is put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// A block of code, a list, a long string.
    Code,
    /// Comments.
    Comment,
    /// Imports.
    Imports,
    /// What comments mark as a region.
    Region,
}

/// Nodes that import, by the end of their kind's name.
const IMPORTS: &[&str] = &[
    "import_statement",
    "import_from_statement",
    "future_import_statement",
    "use_declaration",
    "import_declaration",
    "preproc_include",
    "using_directive",
    "namespace_use_declaration",
    "extern_crate_declaration",
    "import",
];

/// What can be put away, in order of where it begins; the first on a line is the largest.
pub fn folds(document: &Document) -> Vec<Fold> {
    let Some(tree) = document.tree() else { return Vec::new() };
    let text = document.text().to_string();
    let mut found = Vec::new();
    let mut runs = Runs::default();
    preorder(tree.root_node(), |node| {
        if node.start_position().row == node.end_position().row && !is_comment(node) && !is_import(node) {
            return false;
        }
        if is_comment(node) {
            runs.comment(node, &text, &mut found);
            return false;
        }
        if is_import(node) && node.parent().is_some_and(|parent| parent.parent().is_none()) {
            runs.import(node, &text, &mut found);
        }
        found.extend(bracketed(node, &text).or_else(|| indented(node, &text, document)));
        true
    });
    runs.finish(&text, &mut found);
    found.retain(|fold| text[fold.range.start..fold.range.end].contains('\n'));
    found.sort_by_key(|fold| (fold.range.start, std::cmp::Reverse(fold.range.end)));
    found.dedup_by(|later, first| {
        let line = |at: usize| document.text().line_of(at);
        line(later.range.start) == line(first.range.start) && line(later.range.end) == line(first.range.end)
    });
    found
}

/// A node between brackets: what is between them.
fn bracketed(node: Node<'_>, text: &str) -> Option<Fold> {
    let last = node.child(node.child_count().checked_sub(1)?)?;
    let closing = text.get(last.start_byte()..last.end_byte())?;
    let opening = match closing {
        "}" => ["{", "${", "#{"].as_slice(),
        ")" => &["("],
        "]" => &["["],
        _ => return tagged(node),
    };
    let mut cursor = node.walk();
    let first = node
        .children(&mut cursor)
        .find(|child| opening.contains(&text.get(child.start_byte()..child.end_byte()).unwrap_or_default()))?;
    let range = TextRange::new(first.end_byte(), last.start_byte().max(first.end_byte()));
    (first.start_position().row < last.start_position().row).then_some(Fold {
        range,
        kind: FoldKind::Code,
        has_closing: true,
    })
}

/// `<a>…</a>`: what is between the tags.
fn tagged(node: Node<'_>) -> Option<Fold> {
    let (first, last) = (node.child(0)?, node.child(node.child_count().checked_sub(1)?)?);
    let is_pair = |opening: &str, closing: &str| first.kind() == opening && last.kind() == closing;
    let is_element = is_pair("start_tag", "end_tag")
        || is_pair("STag", "ETag")
        || is_pair("jsx_opening_element", "jsx_closing_element");
    let range = TextRange::new(first.end_byte(), last.start_byte().max(first.end_byte()));
    is_element.then_some(Fold { range, kind: FoldKind::Code, has_closing: true })
}

/// A body that is told by its indent, or by a keyword at its end.
fn indented(node: Node<'_>, text: &str, document: &Document) -> Option<Fold> {
    let kind = node.kind();
    let is_string = matches!(kind, "string" | "template_string" | "heredoc_body" | "raw_string_literal" | "text_block");
    let is_body = node.child_by_field_name("body").or_else(|| node.child_by_field_name("consequence"));
    let is_clause = matches!(kind, "else_clause" | "elif_clause" | "except_clause" | "finally_clause" | "case_clause");
    let is_block_mapping = kind == "block_mapping_pair" || kind == "section";
    let end = |range: TextRange| range.start + text[range.start..range.end].trim_end().len();
    if is_string {
        let start = node.start_byte();
        let line = document.text().line_range(document.text().line_of(start));
        let range = TextRange::new(line.end.min(node.end_byte()), node.end_byte());
        return Some(Fold { range, kind: FoldKind::Code, has_closing: false });
    }
    let starts_with_bracket = |node: Node<'_>| text[node.start_byte()..].starts_with(['{', '(', '[', '<']);
    if is_body.is_some_and(|body| !starts_with_bracket(body)) || is_clause || is_block_mapping {
        // The first line stays in view, up to where the body begins.
        let body = is_body.or_else(|| node.child(node.child_count().checked_sub(1)?))?;
        let head = text[node.start_byte()..body.start_byte().max(node.start_byte())].trim_end().len();
        let start = node.start_byte() + head;
        let range = TextRange::new(start, end(TextRange::new(start, node.end_byte())));
        let has_closing = Family::of(document.language()) == Family::Other
            && node.child(node.child_count() - 1).is_some_and(|last| last.kind() == "end");
        return Some(Fold { range, kind: FoldKind::Code, has_closing });
    }
    None
}

fn is_comment(node: Node<'_>) -> bool {
    node.kind().contains("comment") && node.is_named()
}

fn is_import(node: Node<'_>) -> bool {
    IMPORTS.contains(&node.kind())
}

/// Lines that belong together while a tree is walked.
#[derive(Default)]
struct Runs<'t> {
    comments: Vec<Node<'t>>,
    imports: Vec<Node<'t>>,
    /// Where the regions begin that have not ended yet.
    regions: Vec<usize>,
}

impl<'t> Runs<'t> {
    fn comment(&mut self, node: Node<'t>, text: &str, found: &mut Vec<Fold>) {
        let comment = text.get(node.start_byte()..node.end_byte()).unwrap_or_default();
        let words = comment.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '\n');
        let is_mark = comment.find(words).is_some_and(|lead| lead <= 6);
        if is_mark && words.starts_with("region") {
            self.close_comments(text, found);
            self.regions.push(node.end_byte());
            return;
        }
        if is_mark && words.starts_with("endregion") {
            self.close_comments(text, found);
            if let Some(start) = self.regions.pop() {
                let range = TextRange::new(trim_line_end(text, start), trim_line_end(text, node.end_byte()));
                found.push(Fold { range, kind: FoldKind::Region, has_closing: false });
            }
            return;
        }
        let follows = self.comments.last().is_some_and(|last| {
            let between = &text[last.end_byte()..node.start_byte()];
            between.trim().is_empty() && between.matches('\n').count() <= 1
        });
        // A comment behind code belongs to the code.
        let line = text[..node.start_byte()].rsplit('\n').next().unwrap_or_default();
        if !follows {
            self.close_comments(text, found);
        }
        if line.trim().is_empty() {
            self.comments.push(node);
        }
    }

    fn import(&mut self, node: Node<'t>, text: &str, found: &mut Vec<Fold>) {
        let follows = self.imports.last().is_some_and(|last| {
            let between = &text[last.end_byte()..node.start_byte()];
            between.chars().all(|c| c.is_whitespace() || c == ';')
        });
        if !follows {
            self.close_imports(text, found);
        }
        self.imports.push(node);
    }

    fn close_comments(&mut self, text: &str, found: &mut Vec<Fold>) {
        close(&mut self.comments, FoldKind::Comment, text, found);
    }

    fn close_imports(&mut self, text: &str, found: &mut Vec<Fold>) {
        if self.imports.len() < 2 {
            self.imports.clear();
        }
        close(&mut self.imports, FoldKind::Imports, text, found);
    }

    fn finish(&mut self, text: &str, found: &mut Vec<Fold>) {
        self.close_comments(text, found);
        self.close_imports(text, found);
    }
}

fn close(run: &mut Vec<Node<'_>>, kind: FoldKind, text: &str, found: &mut Vec<Fold>) {
    if let (Some(first), Some(last)) = (run.first(), run.last()) {
        let first_line = text[first.start_byte()..].find('\n').map_or(text.len(), |length| first.start_byte() + length);
        let start = trim_line_end(text, first_line.min(last.end_byte()));
        let range = TextRange::new(start, start.max(trim_line_end(text, last.end_byte())));
        found.push(Fold { range, kind, has_closing: false });
    }
    run.clear();
}

/// The end of the text before an offset, without the blanks there.
fn trim_line_end(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].trim_end().len()
}

#[cfg(test)]
mod tests;
