//! One import: what it brings, what is left of it, and how it is written.

use oxc_ast::ast::ImportDeclarationSpecifier;
use oxc_semantic::Semantic;
use oxc_span::{GetSpan, Span};

use super::{Import, used::Used};

/// One import as it will be written.
pub(super) struct Line<'a> {
    /// The module that it names.
    pub(super) module: &'a str,
    is_type: bool,
    default: Option<&'a str>,
    namespace: Option<&'a str>,
    /// Names in braces: what they are sorted by, and their text.
    named: Vec<(String, &'a str)>,
    /// Comments above, with the line break behind them.
    above: &'a str,
    /// White space before it on its line.
    margin: &'a str,
    /// What stands behind it on its line.
    behind: &'a str,
    /// The text as it was; `None` once something changed.
    original: Option<&'a str>,
    /// How it was written: quoted module, `;` or nothing, indentation of names on lines of their own.
    quoted: &'a str,
    semicolon: &'static str,
    indent: Option<&'a str>,
    trailing_comma: bool,
    spaced: bool,
}

impl<'a> Line<'a> {
    /// What remains of an import; `None` for nothing.
    pub(super) fn of(semantic: &Semantic<'_>, used: &Used<'_, '_>, text: &'a str, import: &Import<'a>) -> Option<Self> {
        let node = import.node;
        let source = |span: Span| &text[span.start as usize..span.end as usize];
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let own = source(node.span);
        let braces = braces(own);
        let line = super::line_start(text, start);
        let mut found = Self {
            module: node.source.value.as_str(),
            is_type: node.import_kind.is_type(),
            default: None,
            namespace: None,
            named: Vec::new(),
            above: &text[import.start..line],
            margin: &text[line..start],
            behind: &text[end..import.end],
            original: Some(own),
            quoted: source(node.source.span),
            semicolon: if own.ends_with(';') { ";" } else { "" },
            indent: braces.filter(|inner| inner.contains('\n')).map(indentation),
            trailing_comma: braces.is_some_and(|inner| inner.trim_end().ends_with(',')),
            spaced: braces.is_none_or(|inner| inner.starts_with(char::is_whitespace)),
        };
        let specifiers = node.specifiers.as_ref()?;
        let is_unused = used.is_unused(node);
        if is_unused && used.can_go(node) {
            return None;
        }
        if semantic.has_comments_between(node.span) {
            // Comments between names belong to them: nothing inside is touched.
            return Some(found);
        }
        for specifier in specifiers {
            if !is_unused && !used.is_used(specifier.local()) {
                found.original = None;
                continue;
            }
            let own = source(specifier.span());
            match specifier {
                ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => found.default = Some(own),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => found.namespace = Some(own),
                ImportDeclarationSpecifier::ImportSpecifier(it) => {
                    found.named.push((it.imported.name().to_lowercase(), own));
                }
            }
        }
        if !found.named.is_sorted() {
            found.original = None;
            found.named.sort();
        }
        Some(found)
    }

    /// True when the names of `other` can be written here as well.
    pub(super) fn takes(&self, other: &Line<'_>) -> bool {
        let is_plain = |line: &Line<'_>| line.namespace.is_none() && (line.default.is_some() || !line.named.is_empty());
        let has_default = self.default.is_some() || other.default.is_some();
        self.module == other.module
            && self.is_type == other.is_type
            && is_plain(self)
            && is_plain(other)
            && !(self.default.is_some() && other.default.is_some())
            // `import type a, { b }` is not allowed.
            && !(self.is_type && has_default)
            && other.above.is_empty()
            && other.behind.is_empty()
    }

    /// Adds the names of another import of the same module.
    pub(super) fn merge(&mut self, other: Self) {
        self.default = self.default.or(other.default);
        if self.named.is_empty() {
            self.spaced = other.spaced;
        }
        for name in other.named {
            if !self.named.contains(&name) {
                self.named.push(name);
            }
        }
        self.named.sort();
        self.trailing_comma |= other.trailing_comma;
        self.indent = self.indent.or(other.indent);
        self.original = None;
    }

    /// The import with its comments.
    pub(super) fn text(&self, line_break: &str) -> String {
        let import = self.original.map_or_else(|| self.rebuilt(line_break), ToOwned::to_owned);
        format!("{}{}{import}{}", self.above, self.margin, self.behind)
    }

    fn rebuilt(&self, line_break: &str) -> String {
        let mut parts: Vec<String> = self.default.iter().chain(&self.namespace).map(|it| (*it).to_owned()).collect();
        if !self.named.is_empty() {
            let names: Vec<&str> = self.named.iter().map(|(_, text)| *text).collect();
            parts.push(match self.indent {
                Some(indent) => {
                    let comma = if self.trailing_comma { "," } else { "" };
                    let names = names.join(&format!(",{line_break}{indent}"));
                    format!("{{{line_break}{indent}{names}{comma}{line_break}{}}}", self.margin)
                }
                None if self.spaced => format!("{{ {} }}", names.join(", ")),
                None => format!("{{{}}}", names.join(", ")),
            });
        }
        let kind = if self.is_type { "type " } else { "" };
        format!("import {kind}{} from {}{}", parts.join(", "), self.quoted, self.semicolon)
    }
}

/// What stands between the braces of an import.
fn braces(import: &str) -> Option<&str> {
    import.get(import.find('{')? + 1..import.rfind('}')?)
}

/// The white space before the first name.
fn indentation(inner: &str) -> &str {
    let blank = &inner[..inner.len() - inner.trim_start().len()];
    blank.rsplit('\n').next().unwrap_or_default()
}
