//! From a document to oxc's tree and scopes, and to the findings of the rules that are on.
//!
//! The boundary to oxc: what it panics on is caught here, and what is nested so deeply that its recursion would end
//! the process is not given to it. Its messages become ours here; the rules see sound text only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::{Semantic, SemanticBuilder};
use oxc_span::SourceType;
use syntax::{Document, TextRange};

use super::{Checked, context::Ctx, directives::Directives, rules};
use crate::diagnostics::Diagnostic;
use crate::lint_settings::JavaScriptSettings;
use crate::nesting::is_deeper_than;

/// Deepest syntax tree that is given to oxc, whose parser and visitors recurse. Measured 2026-11 without optimisation:
/// a level of brackets costs under 3 KiB of stack, and threads have 2 MiB.
const MAX_DEPTH: usize = 800;

/// More errors of a text that does not parse help nobody.
const MAX_ERRORS: usize = 20;

/// See [`super::check`].
pub(super) fn check(document: &Document, path: Option<&Path>, settings: &JavaScriptSettings) -> Option<Checked> {
    let broken = document.tree()?.root_node().has_error();
    if is_deeper_than(document, MAX_DEPTH) {
        return None;
    }
    let text = document.text().to_string();
    catch_unwind(AssertUnwindSafe(|| check_text(&text, source_type(document, path), broken, path, settings))).ok()
}

/// Runs `look` over the scopes of a document that oxc accepts; `None` for any other.
pub(crate) fn with_semantic<R>(
    document: &Document,
    path: Option<&Path>,
    look: impl FnOnce(&Semantic<'_>, &str) -> R,
) -> Option<R> {
    if is_deeper_than(document, MAX_DEPTH) {
        return None;
    }
    let text = document.text().to_string();
    let read = || {
        let allocator = Allocator::default();
        let parsed = parse(&allocator, &text, source_type(document, path));
        if parsed.panicked || parsed.diagnostics.has_errors() {
            return None;
        }
        let program = allocator.alloc(parsed.program);
        let built = SemanticBuilder::new().with_build_nodes(true).with_check_syntax_error(true).build(program);
        (!built.diagnostics.has_errors()).then(|| look(&built.semantic, &text))
    };
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

fn parse<'a>(allocator: &'a Allocator, text: &'a str, source_type: SourceType) -> ParserReturn<'a> {
    let options = ParseOptions {
        parse_regular_expression: true,
        // A file of CommonJS is the body of a function.
        allow_return_outside_function: !source_type.is_module(),
        preserve_parens: false,
        ..ParseOptions::default()
    };
    Parser::new(allocator, text, source_type).with_options(options).parse()
}

fn check_text(
    text: &str,
    source_type: SourceType,
    broken: bool,
    path: Option<&Path>,
    settings: &JavaScriptSettings,
) -> Checked {
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text, source_type);
    if parsed.panicked || parsed.diagnostics.has_errors() {
        return Checked { parses: false, diagnostics: errors(parsed.diagnostics.errors(), text, broken) };
    }
    let irregular = parsed.irregular_whitespaces;
    let program = allocator.alloc(parsed.program);
    let built = SemanticBuilder::new()
        .with_build_nodes(true)
        .with_class_table(true)
        .with_check_syntax_error(true)
        .build(program);
    if built.diagnostics.has_errors() {
        return Checked { parses: false, diagnostics: errors(built.diagnostics.errors(), text, broken) };
    }
    let mut semantic = built.semantic;
    semantic.set_irregular_whitespaces(irregular);
    let directives = Directives::of(&semantic, text);
    let project = settings.for_file(path);
    let active = rules::active(settings, &project, &directives, semantic.source_type().is_typescript());
    let ctx = Ctx::new(&semantic, text, path, settings, &project, &directives);
    rules::run(&ctx, &active);
    Checked { parses: true, diagnostics: directives.filter(ctx.into_findings()) }
}

/// oxc's errors as ours, one a place. None for a text in which tree-sitter finds errors too: those have better messages.
fn errors<'e>(errors: impl Iterator<Item = &'e OxcDiagnostic>, text: &str, broken: bool) -> Vec<Diagnostic> {
    if broken {
        return Vec::new();
    }
    let mut found: Vec<Diagnostic> = Vec::new();
    for error in errors.take(MAX_ERRORS) {
        let mut places = error.labels.iter().map(|label| {
            let start = (label.offset() as usize).min(text.len());
            let end = (start + label.len() as usize).min(text.len());
            (TextRange::new(start, end), label.label().unwrap_or_default().to_owned())
        });
        let (range, _) = places.next().unwrap_or_default();
        if found.iter().any(|other| other.range.start == range.start) {
            continue;
        }
        let mut message = error.message.trim_end_matches('.').to_owned();
        if let Some(help) = &error.help {
            message.push_str(": ");
            message.push_str(help.trim_end_matches('.'));
        }
        let mut diagnostic = Diagnostic::error("syntax-error", range, message);
        for (range, label) in places {
            let label = if label.is_empty() { "belongs to it".to_owned() } else { label };
            diagnostic = diagnostic.relates_to(range, label);
        }
        found.push(diagnostic);
    }
    found
}

/// How oxc is to read the document: by the ending of its name, else by its language.
fn source_type(document: &Document, path: Option<&Path>) -> SourceType {
    let name = path.and_then(|it| it.file_name()).and_then(|it| it.to_str()).unwrap_or_default();
    let language = document.language().grammar_name().unwrap_or_default();
    let is = |ending: &str| name.ends_with(ending);
    if is(".d.ts") || is(".d.mts") || is(".d.cts") {
        SourceType::d_ts()
    } else if is(".cts") {
        SourceType::ts().with_commonjs(true)
    } else if language == "typescript" {
        SourceType::ts()
    } else if language == "tsx" {
        SourceType::tsx()
    } else if is(".mjs") {
        SourceType::mjs().with_jsx(true)
    } else if is(".cjs") {
        SourceType::cjs().with_jsx(true)
    } else {
        SourceType::unambiguous().with_jsx(true)
    }
}
