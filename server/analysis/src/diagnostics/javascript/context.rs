//! What a rule sees of the file, and where it leaves what it finds.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::Path;
use std::sync::LazyLock;

use oxc_ast::{AstKind, ast::IdentifierReference};
use oxc_semantic::{AstNode, AstNodes, NodeId, Scoping, Semantic};
use oxc_span::Span;
use syntax::{TextEdit, TextRange};

use super::{directives::Directives, globals, reach::Reach, rules::Active};
use crate::diagnostics::{Diagnostic, DiagnosticTag, Fix, Severity};
use crate::lint_settings::{Access, FileRules, JavaScriptSettings, RuleOptions};

/// One file while its rules run.
pub(super) struct Ctx<'a> {
    pub(super) semantic: &'a Semantic<'a>,
    pub(super) text: &'a str,
    pub(super) path: Option<&'a Path>,
    settings: &'a JavaScriptSettings,
    project: &'a FileRules,
    pub(super) directives: &'a Directives,
    active: Cell<Option<&'a Active>>,
    found: RefCell<Vec<Diagnostic>>,
    reach: OnceCell<Reach>,
}

impl<'a> Ctx<'a> {
    pub(super) fn new(
        semantic: &'a Semantic<'a>,
        text: &'a str,
        path: Option<&'a Path>,
        settings: &'a JavaScriptSettings,
        project: &'a FileRules,
        directives: &'a Directives,
    ) -> Self {
        Self {
            semantic,
            text,
            path,
            settings,
            project,
            directives,
            active: Cell::new(None),
            found: RefCell::new(Vec::new()),
            reach: OnceCell::new(),
        }
    }

    /// What is reported from here on is this rule's.
    pub(super) fn enter(&self, active: &'a Active) {
        self.active.set(Some(active));
    }

    /// The options of the current rule.
    pub(super) fn options(&self) -> &'a RuleOptions {
        static NONE: LazyLock<RuleOptions> = LazyLock::new(RuleOptions::default);
        self.active.get().map_or(&*NONE, |active| &active.options)
    }

    /// Everything that was reported.
    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        self.found.into_inner()
    }

    /// A finding of the current rule, for [`Ctx::add`].
    pub(super) fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        let active = self.active.get();
        let severity = active.map_or(Severity::Warning, |active| active.severity);
        Diagnostic::new(severity, active.map_or("", |active| active.rule.code), range(span), message)
    }

    /// Keeps a finding.
    pub(super) fn add(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// [`Ctx::at`] and [`Ctx::add`] for a finding that is nothing but its place and its words.
    pub(super) fn report(&self, span: Span, message: impl Into<String>) {
        self.add(self.at(span, message));
    }

    pub(super) fn nodes(&self) -> &'a AstNodes<'a> {
        self.semantic.nodes()
    }

    pub(super) fn scoping(&self) -> &'a Scoping {
        self.semantic.scoping()
    }

    /// The node around `id`.
    pub(super) fn parent(&self, id: NodeId) -> &'a AstNode<'a> {
        self.nodes().parent_node(id)
    }

    /// What is around `id`.
    pub(super) fn parent_kind(&self, id: NodeId) -> AstKind<'a> {
        self.nodes().parent_kind(id)
    }

    /// The text of a node.
    pub(super) fn source(&self, span: Span) -> &'a str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// True when nothing in the file declares the name that `identifier` uses.
    pub(super) fn is_global(&self, identifier: &IdentifierReference<'_>) -> bool {
        identifier.reference_id.get().is_some_and(|id| self.scoping().get_reference(id).symbol_id().is_none())
            && match self.access(identifier.name.as_str()) {
                Some(access) => access != Access::Off,
                // Without settings that tell where the program runs, it may be there.
                None => !self.project.tells_environments(),
            }
    }

    /// What the program may do with a name that it does not declare; `None` where nothing declares it.
    pub(super) fn access(&self, name: &str) -> Option<Access> {
        let comment = self.directives.globals.iter().rev().find(|(known, ..)| known == name);
        if let Some((_, is_writable, _)) = comment {
            return Some(if *is_writable { Access::Write } else { Access::Read });
        }
        if self.directives.hidden.iter().any(|hidden| hidden == name) {
            return Some(Access::Off);
        }
        let declared = || self.settings.declares(name).then_some(Access::Read);
        self.project.global(name).or_else(declared).or_else(|| {
            let is_commonjs = self.semantic.source_type().is_commonjs();
            let told = globals::access(name, self.project.environments(), is_commonjs);
            let usual = || globals::usual_access(name, self.path, is_commonjs);
            if self.project.tells_environments() { told } else { usual().or(told) }
        })
    }

    /// True for a name that the language, the environment or the project's settings give the program.
    pub(super) fn is_given(&self, name: &str) -> bool {
        let is_commonjs = self.semantic.source_type().is_commonjs();
        match self.project.global(name) {
            Some(access) => access != Access::Off,
            None if self.project.tells_environments() => {
                globals::access(name, self.project.environments(), is_commonjs).is_some()
            }
            None => globals::is_builtin(name),
        }
    }

    /// True when the file is TypeScript, whose compiler does some rules' work.
    pub(super) fn is_typescript(&self) -> bool {
        self.semantic.source_type().is_typescript()
    }

    /// Which statements are reached, computed when first asked for.
    pub(super) fn reach(&self) -> &Reach {
        self.reach.get_or_init(|| Reach::of(self.semantic))
    }

    /// The offset of the first sign at or after `from` that is neither white space nor comment.
    pub(super) fn next_token(&self, from: u32) -> u32 {
        let mut at = from;
        loop {
            let rest = &self.text[at as usize..];
            let blank = rest.len() - rest.trim_start_matches(is_blank).len();
            at += blank as u32;
            match self.semantic.comments_range(at..).next() {
                Some(comment) if comment.span.start == at => at = comment.span.end,
                _ => return at,
            }
        }
    }

    /// The offset behind the last sign before `until` that is neither white space nor comment.
    pub(super) fn previous_token_end(&self, until: u32) -> u32 {
        let mut at = until;
        loop {
            at = self.text[..at as usize].trim_end_matches(is_blank).len() as u32;
            match self.semantic.comments_range(..at).next_back() {
                Some(comment) if comment.span.end == at => at = comment.span.start,
                _ => return at,
            }
        }
    }

    /// The sign that follows, `'\0'` at the end.
    pub(super) fn char_after(&self, offset: u32) -> char {
        self.text[self.next_token(offset) as usize..].chars().next().unwrap_or('\0')
    }

    /// The sign before, `'\0'` at the beginning.
    pub(super) fn char_before(&self, offset: u32) -> char {
        self.text[..self.previous_token_end(offset) as usize].chars().next_back().unwrap_or('\0')
    }

    /// True when the node stands in brackets: its own, or those of the call or statement that it is in.
    pub(super) fn is_parenthesized(&self, span: Span) -> bool {
        self.char_before(span.start) == '(' && self.char_after(span.end) == ')'
    }
}

fn is_blank(sign: char) -> bool {
    sign.is_whitespace() || sign == '\u{feff}'
}

/// oxc's place as ours.
pub(super) fn range(span: Span) -> TextRange {
    TextRange::new(span.start as usize, span.end as usize)
}

/// What rules add to a finding.
pub(super) trait Finding {
    /// Another place.
    fn see(self, span: Span, message: impl Into<String>) -> Self;
    /// Code that does nothing.
    fn unnecessary(self) -> Self;
    /// A change that keeps what the program does.
    fn safe_fix(self, title: impl Into<String>, edits: Vec<TextEdit>) -> Self;
    /// A change that may alter what the program does.
    fn suggest(self, title: impl Into<String>, edits: Vec<TextEdit>) -> Self;
}

impl Finding for Diagnostic {
    fn see(self, span: Span, message: impl Into<String>) -> Self {
        self.relates_to(range(span), message)
    }

    fn unnecessary(mut self) -> Self {
        self.tags.push(DiagnosticTag::Unnecessary);
        self
    }

    fn safe_fix(mut self, title: impl Into<String>, edits: Vec<TextEdit>) -> Self {
        self.fixes.push(Fix { title: title.into(), edits, safe: true });
        self
    }

    fn suggest(self, title: impl Into<String>, edits: Vec<TextEdit>) -> Self {
        self.fixed_by(title, edits)
    }
}

/// Replaces what stands at `span`.
pub(super) fn replace(span: Span, text: impl Into<String>) -> Vec<TextEdit> {
    vec![TextEdit { range: range(span), new_text: text.into() }]
}
