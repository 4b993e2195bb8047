//! Regular expressions: those that do not parse, and parts of them that cannot match what they seem to.
//!
//! Patterns are read from literals and from `RegExp("…")` with a plain string.

use oxc_allocator::Allocator;
use oxc_ast::{
    AstKind, AstType,
    ast::{Argument, Expression, RegExpFlags},
};
use oxc_regular_expression::{
    LiteralParser, Options,
    ast::*,
    visit::{RegExpAstKind, Visit},
};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::{
    Severity,
    javascript::{
        context::{Ctx, Finding, replace},
        places::global_name,
        static_value::constant_text,
    },
};

/// The nodes that can hold a pattern.
pub(super) const ON: &[AstType] = &[AstType::RegExpLiteral, AstType::CallExpression, AstType::NewExpression];

/// A pattern as a rule sees it.
pub(super) struct Seen<'p, 'a> {
    pub(super) pattern: &'p Pattern<'a>,
    /// The pattern's text; its tree's places count from `offset`.
    pub(super) text: &'p str,
    pub(super) offset: u32,
    /// What is reported.
    pub(super) place: Span,
    /// True where the tree's places are the file's: in a literal, and in a string without escapes.
    pub(super) is_exact: bool,
    /// True with one of the flags `u` and `v`.
    pub(super) unicode: bool,
}

/// The arguments of `RegExp(…)` and `new RegExp(…)`.
fn constructed<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) -> Option<(&'a [Argument<'a>], Span)> {
    let (callee, arguments, span) = match node.kind() {
        AstKind::CallExpression(it) => (&it.callee, it.arguments.as_slice(), it.span),
        AstKind::NewExpression(it) => (&it.callee, it.arguments.as_slice(), it.span),
        _ => return None,
    };
    (global_name(ctx, callee) == Some("RegExp")).then_some((arguments, span))
}

/// Calls `look` with the pattern that the node holds, if it holds one that parses.
pub(super) fn with_pattern<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>, look: impl FnOnce(&Seen<'_, '_>)) {
    if let AstKind::RegExpLiteral(it) = node.kind() {
        let Some(pattern) = &it.regex.pattern.pattern else { return };
        // With other flags it is the call's pattern.
        let flags =
            constructed(ctx, ctx.parent(node.id())).and_then(|(arguments, _)| arguments.get(1)?.as_expression());
        if flags.is_some_and(|flags| constant_text(ctx, flags, 0).is_some()) {
            return;
        }
        let unicode = it.regex.flags.intersects(RegExpFlags::U | RegExpFlags::V);
        let text = it.regex.pattern.text.as_str();
        look(&Seen { pattern, text, offset: it.span.start + 1, place: it.span, is_exact: true, unicode });
        return;
    }
    let Some((arguments, place)) = constructed(ctx, node) else { return };
    let Some(argument) = arguments.first().and_then(Argument::as_expression) else { return };
    let written = match argument {
        Expression::RegExpLiteral(it) if arguments.len() > 1 => Some(it.regex.pattern.text.to_string()),
        other => constant_text(ctx, other, 0),
    };
    let Some(text) = written else { return };
    let flags = match arguments.get(1) {
        None => String::new(),
        Some(argument) => match argument.as_expression().and_then(|it| constant_text(ctx, it, 0)) {
            Some(flags) => flags,
            None => return,
        },
    };
    // Behind the quote, where each character stands for itself.
    let inside = argument.span().start + 1;
    let is_exact = ctx.text[inside as usize..].starts_with(&text) && argument.span().size() as usize == text.len() + 2;
    let offset = if is_exact { inside } else { 0 };
    let allocator = Allocator::default();
    let options = Options { pattern_span_offset: offset, ..Options::default() };
    if let Ok(pattern) = LiteralParser::new(&allocator, &text, Some(&flags), options).parse() {
        let unicode = flags.contains(['u', 'v']);
        look(&Seen { pattern: &pattern, text: &text, offset, place, is_exact, unicode });
    }
}

/// A visitor that is a closure.
pub(super) struct Walk<F>(pub(super) F);

impl<'a, F: FnMut(RegExpAstKind<'a>)> Visit<'a> for Walk<F> {
    fn enter_node(&mut self, kind: RegExpAstKind<'a>) {
        (self.0)(kind);
    }
}

pub(super) const NO_CONTROL_REGEX: JsRule = JsRule {
    code: "no-control-regex",
    summary: "a control character in a regular expression",
    on: ON,
    run: |ctx, node| {
        with_pattern(ctx, node, |seen| {
            let mut first = None;
            Walk(|kind| {
                if let RegExpAstKind::Character(it) = kind
                    && it.value <= 0x1f
                    && matches!(
                        it.kind,
                        CharacterKind::HexadecimalEscape | CharacterKind::UnicodeEscape | CharacterKind::Symbol
                    )
                {
                    first.get_or_insert(it.value);
                }
            })
            .visit_pattern(seen.pattern);
            if let Some(value) = first {
                ctx.report(
                    seen.place,
                    format!("the control character U+{value:04X} in a regular expression is probably a slip"),
                );
            }
        });
    },
    valid: &["a = /\\t\\n/", "a = /[^ ]/"],
    invalid: &["a = /\\x1f/", "a = new RegExp('\\\\u0000')"],
    ..ESLINT
};

pub(super) const NO_EMPTY_CHARACTER_CLASS: JsRule = JsRule {
    code: "no-empty-character-class",
    summary: "an empty class in a regular expression, which matches nothing",
    on: &[AstType::RegExpLiteral],
    run: |ctx, node| {
        with_pattern(ctx, node, |seen| {
            let mut empty = Vec::new();
            Walk(|kind| {
                if let RegExpAstKind::CharacterClass(it) = kind
                    && it.body.is_empty()
                    && !it.negative
                {
                    empty.push(it.span);
                }
            })
            .visit_pattern(seen.pattern);
            if let Some(span) = empty.first() {
                ctx.report(*span, "an empty class matches nothing");
            }
        });
    },
    valid: &["a = /[a]/", "a = /[^]/", "a = /\\[]/"],
    invalid: &["a = /a[]/"],
    ..ESLINT
};

pub(super) const NO_REGEX_SPACES: JsRule = JsRule {
    code: "no-regex-spaces",
    summary: "several spaces in a row in a regular expression",
    on: ON,
    run: |ctx, node| {
        with_pattern(ctx, node, |seen| {
            let mut classes = Vec::new();
            Walk(|kind| {
                if let RegExpAstKind::CharacterClass(it) = kind {
                    classes.push((it.span.start - seen.offset, it.span.end - seen.offset));
                }
            })
            .visit_pattern(seen.pattern);
            // Escaped ones can be counted.
            if !seen.is_exact && !ctx.source(seen.place).contains("  ") {
                return;
            }
            let bytes = seen.text.as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                let mut count = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
                let next = at + count.max(1);
                // A quantifier belongs to the last of them.
                if count > 0 && bytes.get(at + count).is_some_and(|byte| b"+*{?".contains(byte)) {
                    count -= 1;
                }
                let in_class = classes.iter().any(|(start, end)| (*start as usize..*end as usize).contains(&at));
                if count > 1 && !in_class {
                    let found =
                        ctx.at(seen.place, format!("{count} spaces in a row are hard to count: write ` {{{count}}}`"));
                    let start = seen.offset + at as u32;
                    ctx.add(if seen.is_exact {
                        found.safe_fix(
                            "Write the number",
                            replace(Span::new(start, start + count as u32), format!(" {{{count}}}")),
                        )
                    } else {
                        found
                    });
                    return;
                }
                at = next;
            }
        });
    },
    valid: &["a = /b c/", "a = /b {2}c/", "a = /[  ]/"],
    invalid: &["a = /b  c/", "a = RegExp('b   c')"],
    ..ESLINT
};

/// Flags that a regular expression can have.
const FLAGS: &str = "dgimsuvy";

pub(super) const NO_INVALID_REGEXP: JsRule = JsRule {
    code: "no-invalid-regexp",
    summary: "`RegExp` with a text that is no regular expression",
    severity: Severity::Error,
    on: &[AstType::CallExpression, AstType::NewExpression],
    run: |ctx, node| {
        let Some((arguments, span)) = constructed(ctx, node) else { return };
        let string = |argument: &Argument<'_>| match argument {
            Argument::StringLiteral(text) => Some(text.value.to_string()),
            _ => None,
        };
        let flags = match arguments.get(1) {
            None => Some(String::new()),
            Some(argument) => string(argument),
        };
        let allowed = ctx.options().texts("allowConstructorFlags").concat();
        if let Some(flags) = &flags {
            let is_known = |flag: char| FLAGS.contains(flag) || allowed.contains(flag);
            let wrong = flags.char_indices().find(|(at, flag)| !is_known(*flag) || flags[..*at].contains(*flag));
            if let Some((_, flag)) = wrong {
                let what = if is_known(flag) { "occurs twice" } else { "is no flag" };
                ctx.report(span, format!("`{flag}` {what} of a regular expression"));
                return;
            }
            if flags.contains('u') && flags.contains('v') {
                ctx.report(span, "the flags `u` and `v` exclude each other");
                return;
            }
        }
        let flags = flags.map(|flags| flags.replace(|flag| !FLAGS.contains(flag), ""));
        let Some(Argument::StringLiteral(text)) = arguments.first() else { return };
        if text.lone_surrogates {
            return;
        }
        // With flags that nobody knows the text has to be wrong in every mode.
        let modes: Vec<&str> = flags.as_deref().map_or_else(|| vec!["", "u", "v"], |flags| vec![flags]);
        let allocator = Allocator::default();
        let mut first = None;
        for mode in modes {
            match LiteralParser::new(&allocator, text.value.as_str(), Some(mode), Options::default()).parse() {
                Ok(_) => return,
                Err(error) => first = first.or(Some(error.message.trim_end_matches('.').to_owned())),
            }
        }
        ctx.report(span, format!("not a regular expression: {}", first.unwrap_or_default()));
    },
    valid: &["RegExp('.')", "new RegExp(a)", "new RegExp('\\\\d', 'g')"],
    invalid: &["RegExp('[')", "new RegExp('.', 'z')", "new RegExp('\\\\')"],
    ..ESLINT
};

pub(super) const NO_USELESS_BACKREFERENCE: JsRule = JsRule {
    code: "no-useless-backreference",
    summary: "a backreference to a group that cannot have matched",
    on: ON,
    run: |ctx, node| {
        with_pattern(ctx, node, |seen| {
            let mut paths = Paths::default();
            paths.visit_pattern(seen.pattern);
            for (reference, path) in &paths.references {
                let groups: Vec<&Group> = match reference {
                    Target::Index(index) => paths.groups.get(*index as usize - 1).into_iter().collect(),
                    Target::Name(name) => {
                        paths.groups.iter().filter(|group| group.name.as_ref() == Some(name)).collect()
                    }
                };
                if !groups.is_empty() && groups.iter().all(|group| cannot_have_matched(group, path)) {
                    let own = path.last().filter(|_| seen.is_exact).map_or(seen.place, |step| step.span());
                    ctx.report(own, "a backreference to a group that cannot have matched there is always empty");
                }
            }
        });
    },
    valid: &["a = /(b)\\1/", "a = /(?:(b)|c)\\1/", "a = /(?<=\\1(b))/"],
    invalid: &["a = /\\1(b)/", "a = /(b)|\\1c/", "a = /(b\\1)/", "a = /(?!(b))\\1/"],
    ..ESLINT
};

/// A step from the pattern's root to a node.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Alternative(Span),
    Look(Span, LookAroundAssertionKind),
    Other(Span),
}

impl Step {
    fn span(self) -> Span {
        match self {
            Self::Alternative(span) | Self::Look(span, _) | Self::Other(span) => span,
        }
    }
}

/// What a backreference names.
enum Target {
    Index(u32),
    Name(String),
}

struct Group {
    name: Option<String>,
    path: Vec<Step>,
}

/// Groups and backreferences, each with the way to it.
#[derive(Default)]
struct Paths {
    path: Vec<Step>,
    groups: Vec<Group>,
    references: Vec<(Target, Vec<Step>)>,
}

impl<'a> Visit<'a> for Paths {
    fn enter_node(&mut self, kind: RegExpAstKind<'a>) {
        let span = kind.span();
        self.path.push(match kind {
            RegExpAstKind::Alternative(_) => Step::Alternative(span),
            RegExpAstKind::LookAroundAssertion(it) => Step::Look(span, it.kind),
            _ => Step::Other(span),
        });
        match kind {
            RegExpAstKind::CapturingGroup(it) => {
                self.groups.push(Group { name: it.name.map(|name| name.to_string()), path: self.path.clone() });
            }
            RegExpAstKind::IndexedReference(it) => self.references.push((Target::Index(it.index), self.path.clone())),
            RegExpAstKind::NamedReference(it) => {
                self.references.push((Target::Name(it.name.to_string()), self.path.clone()));
            }
            _ => {}
        }
    }

    fn leave_node(&mut self, _kind: RegExpAstKind<'a>) {
        self.path.pop();
    }
}

/// True when the group at the end of its way has no match when the reference at the end of the other is tried.
fn cannot_have_matched(group: &Group, reference: &[Step]) -> bool {
    let (Some(own), Some(place)) = (group.path.last(), reference.last()) else { return false };
    if reference.contains(own) {
        return true;
    }
    let common = group.path.iter().zip(reference).take_while(|(a, b)| a == b).count();
    let rest = &group.path[common..];
    if matches!(rest.first(), Some(Step::Alternative(_))) {
        return true;
    }
    let around = group.path[..common].iter().rev().find_map(|step| match step {
        Step::Look(_, kind) => Some(*kind),
        _ => None,
    });
    let backward =
        matches!(around, Some(LookAroundAssertionKind::Lookbehind | LookAroundAssertionKind::NegativeLookbehind));
    let (group_span, place) = (own.span(), place.span());
    if if backward { group_span.end <= place.start } else { place.end <= group_span.start } {
        return true;
    }
    rest.iter().any(|step| {
        matches!(
            step,
            Step::Look(_, LookAroundAssertionKind::NegativeLookahead | LookAroundAssertionKind::NegativeLookbehind)
        )
    })
}
