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
    javascript::context::{Ctx, Finding, replace},
};

const ON: &[AstType] = &[AstType::RegExpLiteral, AstType::CallExpression, AstType::NewExpression];

/// A pattern as a rule sees it.
pub(super) struct Seen<'p, 'a> {
    pub(super) pattern: &'p Pattern<'a>,
    /// The pattern's text; its tree's places count from `offset`.
    pub(super) text: &'p str,
    pub(super) offset: u32,
    /// What is reported.
    pub(super) place: Span,
    /// True for a literal, whose tree's places are the file's.
    pub(super) is_literal: bool,
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
    matches!(callee, Expression::Identifier(name) if name.name == "RegExp" && ctx.is_global(name))
        .then_some((arguments, span))
}

/// A plain string.
fn plain<'b, 'a>(argument: &'b Argument<'a>) -> Option<&'b str> {
    match argument {
        Argument::StringLiteral(text) if !text.lone_surrogates => Some(text.value.as_str()),
        Argument::TemplateLiteral(text) if text.expressions.is_empty() => {
            text.quasis.first().and_then(|part| part.value.cooked.as_ref()).map(|text| text.as_str())
        }
        _ => None,
    }
}

/// Calls `look` with the pattern that the node holds, if it holds one that parses.
pub(super) fn with_pattern<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>, look: impl FnOnce(&Seen<'_, '_>)) {
    if let AstKind::RegExpLiteral(it) = node.kind() {
        let Some(pattern) = &it.regex.pattern.pattern else { return };
        let unicode = it.regex.flags.intersects(RegExpFlags::U | RegExpFlags::V);
        let text = it.regex.pattern.text.as_str();
        let seen = Seen { pattern, text, offset: it.span.start + 1, place: it.span, is_literal: true, unicode };
        look(&seen);
        return;
    }
    let Some((arguments, place)) = constructed(ctx, node) else { return };
    let Some(text) = arguments.first().and_then(plain) else { return };
    let flags = match arguments.get(1) {
        None => "",
        Some(argument) => match plain(argument) {
            Some(flags) => flags,
            None => return,
        },
    };
    let allocator = Allocator::default();
    let parsed = LiteralParser::new(&allocator, text, Some(flags), Options::default()).parse();
    if let Ok(pattern) = parsed {
        let unicode = flags.contains(['u', 'v']);
        look(&Seen { pattern: &pattern, text, offset: 0, place, is_literal: false, unicode });
    }
}

/// A visitor that is a closure.
struct Walk<F>(F);

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
            if !seen.is_literal && !ctx.source(seen.place).contains("  ") {
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
                    ctx.add(if seen.is_literal {
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
        if let Some(flags) = &flags {
            let wrong = flags.char_indices().find(|(at, flag)| !FLAGS.contains(*flag) || flags[..*at].contains(*flag));
            if let Some((_, flag)) = wrong {
                let what = if FLAGS.contains(flag) { "occurs twice" } else { "is no flag" };
                ctx.report(span, format!("`{flag}` {what} of a regular expression"));
                return;
            }
            if flags.contains('u') && flags.contains('v') {
                ctx.report(span, "the flags `u` and `v` exclude each other");
                return;
            }
        }
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
                    let own = path.last().filter(|_| seen.is_literal).map_or(seen.place, |step| step.span());
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

pub(super) const NO_MISLEADING_CHARACTER_CLASS: JsRule = JsRule {
    code: "no-misleading-character-class",
    summary: "a class with a sign that consists of several characters",
    on: ON,
    run: |ctx, node| {
        with_pattern(ctx, node, |seen| {
            let mut runs = Vec::new();
            Walk(|kind| {
                if let RegExpAstKind::CharacterClass(it) = kind {
                    sequences(it, &mut runs);
                }
            })
            .visit_pattern(seen.pattern);
            for run in &runs {
                for (first, last, what) in misleading(run, seen) {
                    let place = if seen.is_literal { Span::new(first.start, last.end) } else { seen.place };
                    ctx.report(place, format!("{what}: the class matches its parts one by one"));
                }
            }
        });
    },
    valid: &["a = /[\u{1f44d}]/u", "a = /\u{1f44d}/", "a = /[e\\u{301}]/"],
    invalid: &["a = /[\u{1f44d}]/", "a = /[e\u{301}]/", "a = /[\u{1f1e9}\u{1f1ea}]/u"],
    ..ESLINT
};

/// A character of a class: its value, its place, and whether it is written `\u{…}`.
#[derive(Clone, Copy)]
struct Sign {
    value: u32,
    span: Span,
}

/// The runs of single characters in a class; a range ends one and begins the next.
fn sequences(class: &CharacterClass<'_>, runs: &mut Vec<Vec<Sign>>) {
    let sign = |it: &Character| Sign { value: it.value, span: it.span };
    let mut run: Vec<Sign> = Vec::new();
    for content in &class.body {
        match content {
            CharacterClassContents::Character(it) => run.push(sign(it)),
            CharacterClassContents::CharacterClassRange(it) => {
                run.push(sign(&it.min));
                runs.push(std::mem::take(&mut run));
                run.push(sign(&it.max));
            }
            _ => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
}

/// The first and last part of each sign that several characters make up, and what it is.
fn misleading(run: &[Sign], seen: &Seen<'_, '_>) -> Vec<(Span, Span, &'static str)> {
    let is_high = |value: u32| (0xd800..0xdc00).contains(&value);
    let is_low = |value: u32| (0xdc00..0xe000).contains(&value);
    let is_modifier = |value: u32| (0x1f3fb..=0x1f3ff).contains(&value);
    let is_regional = |value: u32| (0x1f1e6..=0x1f1ff).contains(&value);
    let mut found = Vec::new();
    let mut joined: Option<(Span, Span)> = None;
    for (index, pair) in run.windows(2).enumerate() {
        let [before, sign] = pair else { continue };
        let mut add = |what| found.push((before.span, sign.span, what));
        if is_high(before.value) && is_low(sign.value) {
            add("a character outside the basic plane without the flag `u`");
        }
        if is_combining(sign.value) && !is_combining(before.value) {
            add("a letter with a combining mark");
        }
        if is_modifier(sign.value) && !is_modifier(before.value) {
            add("an emoji with a skin tone");
        }
        if is_regional(sign.value) && is_regional(before.value) {
            add("a flag of two letters");
        }
        if let Some(next) = run.get(index + 2)
            && sign.value == 0x200d
            && before.value != 0x200d
            && next.value != 0x200d
        {
            match &mut joined {
                Some((_, last)) if *last == before.span => *last = next.span,
                _ => {
                    found.extend(joined.take().map(|(first, last)| (first, last, "an emoji of several ones")));
                    joined = Some((before.span, next.span));
                }
            }
        }
    }
    found.extend(joined.map(|(first, last)| (first, last, "an emoji of several ones")));
    // Without `u`, one character of the text may be two of the pattern.
    if !seen.unicode {
        for sign in run.iter().filter(|sign| sign.value > 0xffff) {
            found.push((sign.span, sign.span, "a character outside the basic plane without the flag `u`"));
        }
    }
    found
}

/// Marks that stand on the character before them (Unicode's category M, by blocks).
fn is_combining(value: u32) -> bool {
    matches!(
        value,
        0x0300..=0x036f
            | 0x0483..=0x0489
            | 0x0591..=0x05bd
            | 0x064b..=0x065f
            | 0x093a..=0x094f
            | 0x0e31
            | 0x0e34..=0x0e3a
            | 0x1ab0..=0x1aff
            | 0x1dc0..=0x1dff
            | 0x20d0..=0x20ff
            | 0x3099..=0x309a
            | 0xfe00..=0xfe0f
            | 0xfe20..=0xfe2f
            | 0xe0100..=0xe01ef
    )
}
