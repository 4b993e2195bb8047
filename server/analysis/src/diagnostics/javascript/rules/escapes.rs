//! Backslashes: those that do nothing, and `\8`.

use oxc_ast::{AstKind, AstType};
use oxc_regular_expression::{
    ast::*,
    visit::{RegExpAstKind, Visit},
};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::context::{Ctx, Finding, replace};

pub(super) const NO_NONOCTAL_DECIMAL_ESCAPE: JsRule = JsRule {
    code: "no-nonoctal-decimal-escape",
    summary: "`\\8` or `\\9` in a string, which is the digit itself",
    on: &[AstType::StringLiteral],
    run: |ctx, node| {
        let span = node.kind().span();
        for (at, sign) in escapes(ctx.source(span)).filter(|(_, sign)| matches!(sign, '8' | '9')) {
            let start = span.start + at as u32;
            let place = Span::new(start, start + 2);
            let found = ctx.at(place, format!("`\\{sign}` is `{sign}`: it is no escape"));
            ctx.add(found.suggest("Remove the backslash", replace(place, sign.to_string())));
        }
    },
    valid: &["a = '8'", "a = '\\\\8'", "a = '\\1'"],
    invalid: &["a = '\\8'", "a = 'b\\9c'"],
    ..ESLINT
};

/// The backslashes of a literal's text and what each stands before.
fn escapes(raw: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut signs = raw.char_indices();
    std::iter::from_fn(move || {
        while let Some((at, sign)) = signs.next() {
            if sign == '\\' {
                return signs.next().map(|(_, escaped)| (at, escaped));
            }
        }
        None
    })
}

/// Escapes that mean something in a string.
const IN_STRINGS: &str = "\\nrvtbfux\n\r\u{2028}\u{2029}";
/// Escapes that mean something anywhere in a regular expression.
const IN_CLASSES: &str = "\\bcdDfnpPrsStvwWxu0123456789]";
/// Those that mean something outside character classes alone.
const OUTSIDE_CLASSES: &str = "^/.$*+?[{}|()Bk";
/// Those that mean something in classes where the flag `v` is set.
const IN_SETS: &str = "q/[{}|()-";
/// Signs that mean something twice in a row where the flag `v` is set.
const DOUBLED: &str = "!#$%&*+,.:;<=>?@^`~";

pub(super) const NO_USELESS_ESCAPE: JsRule = JsRule {
    code: "no-useless-escape",
    summary: "a backslash before a sign that needs none",
    on: &[AstType::StringLiteral, AstType::TemplateLiteral, AstType::RegExpLiteral],
    run: no_useless_escape,
    valid: &["a = '\\''", "a = '\\n'", "a = `\\${b}`", "a = /\\./", "a = /[\\]]/", "a = String.raw`\\d`"],
    invalid: &["a = '\\\"'", "a = \"\\'\"", "a = '\\d'", "a = /\\a/", "a = /[\\.]/", "a = `\\#`"],
    ..ESLINT
};

fn no_useless_escape<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    match node.kind() {
        AstKind::StringLiteral(it) => {
            let is_markup = matches!(ctx.parent_kind(node.id()), AstKind::JSXAttribute(_));
            let raw = ctx.source(it.span);
            let quote = raw.chars().next().unwrap_or('"');
            if !is_markup {
                for (at, sign) in escapes(raw) {
                    if !IN_STRINGS.contains(sign) && !sign.is_ascii_digit() && sign != quote {
                        report(ctx, it.span.start + at as u32, sign);
                    }
                }
            }
        }
        AstKind::TemplateLiteral(it) => {
            if matches!(ctx.parent_kind(node.id()), AstKind::TaggedTemplateExpression(tagged) if tagged.quasi.span == it.span)
            {
                return;
            }
            for part in &it.quasis {
                let raw = part.value.raw.as_str();
                for (at, sign) in escapes(raw) {
                    let useless = match sign {
                        '`' => false,
                        '$' => !raw[at + 2..].starts_with('{'),
                        '{' => !raw[..at].ends_with('$'),
                        _ => !IN_STRINGS.contains(sign) && !sign.is_ascii_digit(),
                    };
                    if useless {
                        report(ctx, part.span.start + at as u32, sign);
                    }
                }
            }
        }
        AstKind::RegExpLiteral(it) => {
            if let Some(pattern) = &it.regex.pattern.pattern {
                let sets = it.regex.flags.contains(oxc_ast::ast::RegExpFlags::V);
                let mut visitor = Escapes { text: ctx.text, sets, classes: Vec::new(), found: Vec::new() };
                visitor.visit_pattern(pattern);
                let allowed = ctx.options().texts("allowRegexCharacters").concat();
                for (at, sign) in visitor.found.into_iter().filter(|(_, sign)| !allowed.contains(*sign)) {
                    report(ctx, at, sign);
                }
            }
        }
        _ => {}
    }
}

fn report(ctx: &Ctx<'_>, backslash: u32, sign: char) {
    let place = Span::new(backslash, backslash + 1);
    let found = ctx.at(place, format!("`{sign}` needs no backslash here"));
    ctx.add(found.suggest("Remove the backslash", replace(place, "")));
}

/// Collects the escapes of a pattern that do nothing.
struct Escapes<'t> {
    text: &'t str,
    sets: bool,
    /// The classes around the current place: where they are, and whether they are negated.
    classes: Vec<(Span, bool)>,
    found: Vec<(u32, char)>,
}

impl<'a> Visit<'a> for Escapes<'_> {
    fn enter_node(&mut self, kind: RegExpAstKind<'a>) {
        if let RegExpAstKind::CharacterClass(class) = kind {
            self.classes.push((class.span, class.negative));
        }
    }

    fn leave_node(&mut self, kind: RegExpAstKind<'a>) {
        if matches!(kind, RegExpAstKind::CharacterClass(_)) {
            self.classes.pop();
        }
    }

    fn visit_character(&mut self, it: &Character) {
        let raw = &self.text[it.span.start as usize..it.span.end as usize];
        let mut signs = raw.chars();
        let (Some('\\'), Some(sign), None) = (signs.next(), signs.next(), signs.next()) else { return };
        if sign as u32 != it.value || IN_CLASSES.contains(sign) {
            return;
        }
        if let Some((class, negative)) = self.classes.last() {
            let is_first = class.start + 1 == it.span.start;
            let needed = if self.sets {
                let twice = self.text[it.span.end as usize..].starts_with(sign)
                    || (self.text[..it.span.start as usize].ends_with(sign)
                        // The `^` that negates a class is no first half.
                        && !(sign == '^' && *negative && class.start + 2 == it.span.start));
                IN_SETS.contains(sign) || (DOUBLED.contains(sign) && twice)
            } else {
                sign == '-' && !is_first && it.span.end + 1 != class.end
            };
            if needed || (sign == '^' && is_first) {
                return;
            }
        } else if OUTSIDE_CLASSES.contains(sign) {
            return;
        }
        self.found.push((it.span.start, sign));
    }
}
