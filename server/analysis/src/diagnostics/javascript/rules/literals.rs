//! Literals that are not what they seem: numbers that lose digits, octal ones, spaces that are none.

use oxc_ast::{AstKind, AstType};
use oxc_span::GetSpan;

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::{Finding, replace},
    places::is_inside,
};

pub(super) const NO_LOSS_OF_PRECISION: JsRule = JsRule {
    code: "no-loss-of-precision",
    summary: "a number that cannot be represented as written",
    on: &[AstType::NumericLiteral],
    run: |ctx, node| {
        let AstKind::NumericLiteral(it) = node.kind() else { return };
        let digits = ctx.source(it.span).replace('_', "").to_ascii_lowercase();
        if loses(&digits, it.value) {
            ctx.report(it.span, format!("this number is stored as {}", it.value));
        }
    },
    valid: &[
        "a = 123.45",
        "a = 9007199254740991",
        "a = 0xff",
        "a = 1e21",
        "a = 5e-324",
        "a = 100000000000000000000000",
    ],
    invalid: &["a = 9007199254740993", "a = 0x20000000000001", "a = 1.0000000000000000000001"],
    ..ESLINT
};

/// True when `digits` say more than `value` keeps.
fn loses(digits: &str, value: f64) -> bool {
    let bits = match digits.as_bytes() {
        [b'0', b'x', ..] => Some((&digits[2..], 4)),
        [b'0', b'o', ..] => Some((&digits[2..], 3)),
        [b'0', b'b', ..] => Some((&digits[2..], 1)),
        [b'0', rest @ ..] if !rest.is_empty() && rest.iter().all(|digit| (b'0'..=b'7').contains(digit)) => {
            Some((&digits[1..], 3))
        }
        _ => None,
    };
    if let Some((digits, width)) = bits {
        let binary: String = digits
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .map(|digit| format!("{digit:04b}")[4 - width..].to_owned())
            .collect();
        // A double keeps 53 bits.
        return !value.is_finite() || binary.trim_matches('0').len() > 53;
    }
    let (written, exponent) = scientific(digits);
    if value == 0.0 {
        return !written.is_empty();
    }
    // Longer than any double needs to be exact is taken as a slip.
    if written.len() > 100 || !value.is_finite() {
        return true;
    }
    let (stored, stored_exponent) = scientific(&format!("{value:.*e}", written.len().saturating_sub(1)));
    written != stored || exponent != stored_exponent
}

/// The digits that count, and the power of ten of the first one.
fn scientific(number: &str) -> (String, i64) {
    let (digits, power) = number.split_once('e').unwrap_or((number, "0"));
    let power: i64 = power.parse().unwrap_or_default();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let leading = all.len() - all.trim_start_matches('0').len();
    // Zeros behind the point say that they count.
    let significant = all.trim_start_matches('0');
    let significant = if digits.contains('.') { significant } else { significant.trim_end_matches('0') }.to_owned();
    (significant, whole.len() as i64 - 1 - leading as i64 + power)
}

pub(super) const NO_OCTAL: JsRule = JsRule {
    code: "no-octal",
    summary: "a number that begins with `0` and is octal for it",
    on: &[AstType::NumericLiteral],
    run: |ctx, node| {
        let AstKind::NumericLiteral(it) = node.kind() else { return };
        if matches!(ctx.source(it.span).as_bytes(), [b'0', b'0'..=b'9', ..]) {
            ctx.report(it.span, "a leading `0` makes a number octal: write `0o`, or leave the zero out");
        }
    },
    valid: &["a = 0o10", "a = 0.5", "a = 0"],
    invalid: &["a = 010", "a = 08"],
    ..ESLINT
};

/// White space that the language takes for a space and people do not see.
const IRREGULAR: [char; 24] = [
    '\u{000b}', '\u{000c}', '\u{0085}', '\u{00a0}', '\u{1680}', '\u{180e}', '\u{2000}', '\u{2001}', '\u{2002}',
    '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}', '\u{2009}', '\u{200a}', '\u{200b}',
    '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}', '\u{feff}',
];

pub(super) const NO_IRREGULAR_WHITESPACE: JsRule = JsRule {
    code: "no-irregular-whitespace",
    summary: "a space that is not an ordinary one, outside strings",
    on: &[AstType::Program],
    run: |ctx, _| {
        if ctx.text.is_ascii() && !ctx.text.contains(['\u{b}', '\u{c}']) {
            return;
        }
        let mut runs: Vec<(usize, usize, char)> = Vec::new();
        for (at, sign) in
            ctx.text.char_indices().filter(|(at, sign)| IRREGULAR.contains(sign) && !(*at == 0 && *sign == '\u{feff}'))
        {
            match runs.last_mut() {
                Some((_, end, _)) if *end == at && !matches!(sign, '\u{2028}' | '\u{2029}') => {
                    *end = at + sign.len_utf8()
                }
                _ => runs.push((at, at + sign.len_utf8(), sign)),
            }
        }
        if runs.is_empty() {
            return;
        }
        let skips = |option: &str, default| ctx.options().flag(option, default);
        let (strings, patterns, templates, markup) = (
            skips("skipStrings", true),
            skips("skipRegExps", false),
            skips("skipTemplates", false),
            skips("skipJSXText", false),
        );
        let is_skipped = |kind: AstKind<'_>| match kind {
            AstKind::StringLiteral(_) => strings,
            AstKind::RegExpLiteral(_) => patterns,
            AstKind::TemplateElement(_) => templates,
            AstKind::JSXText(_) => markup,
            _ => false,
        };
        let nodes = ctx.nodes().iter().map(oxc_semantic::AstNode::kind);
        let mut texts: Vec<_> = nodes.filter(|kind| is_skipped(*kind)).map(|kind| kind.span()).collect();
        if skips("skipComments", false) {
            texts.extend(ctx.semantic.comments().iter().map(|comment| comment.span));
        }
        for (start, end, sign) in runs {
            let span = oxc_span::Span::new(start as u32, end as u32);
            if !texts.iter().any(|text| is_inside(span, *text)) {
                let found = ctx.at(span, format!("an irregular space, U+{:04X}", sign as u32));
                ctx.add(found.suggest("Replace by a space", replace(span, " ")));
            }
        }
    },
    valid: &["a = '\u{a0}'", "a = b"],
    invalid: &["a =\u{a0}b", "// a\u{3000}b", "a = `\u{2003}`"],
    ..ESLINT
};
