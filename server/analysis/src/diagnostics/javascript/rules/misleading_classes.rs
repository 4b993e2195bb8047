//! Classes of regular expressions that hold signs made of several characters.

use oxc_regular_expression::{
    ast::*,
    visit::{RegExpAstKind, Visit},
};
use oxc_span::Span;

use super::{
    ESLINT, JsRule,
    regexes::{ON, Seen, Walk, with_pattern},
};

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
            let allows_escapes = ctx.options().flag("allowEscape", false);
            for run in &mut runs {
                for sign in run.iter_mut().filter(|_| allows_escapes) {
                    sign.is_meant = is_escape(*sign, seen);
                }
                for (first, last, what) in misleading(run, seen) {
                    let place = if seen.is_exact { Span::new(first.start, last.end) } else { seen.place };
                    ctx.report(place, format!("{what}: the class matches its parts one by one"));
                }
            }
        });
    },
    valid: &["a = /[\u{1f44d}]/u", "a = /\u{1f44d}/", "a = /[e\\u{301}]/"],
    invalid: &["a = /[\u{1f44d}]/", "a = /[e\u{301}]/", "a = /[\u{1f1e9}\u{1f1ea}]/u"],
    ..ESLINT
};

/// A character of a class: its value, its place, and whether the way it is written says that it is meant alone.
#[derive(Clone, Copy)]
struct Sign {
    value: u32,
    span: Span,
    is_meant: bool,
}

/// True for `\u{301}` and the like; a backslash before the sign itself is none.
fn is_escape(sign: Sign, seen: &Seen<'_, '_>) -> bool {
    let place = (sign.span.start - seen.offset) as usize..(sign.span.end - seen.offset) as usize;
    let raw = seen.text.get(place).unwrap_or_default();
    raw.strip_prefix('\\').is_some_and(|rest| rest.chars().next_back().map(u32::from) != Some(sign.value))
}

/// The runs of single characters in a class; a range ends one and begins the next.
fn sequences(class: &CharacterClass<'_>, runs: &mut Vec<Vec<Sign>>) {
    let sign = |it: &Character| Sign { value: it.value, span: it.span, is_meant: false };
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
        let is_free = !before.is_meant && !sign.is_meant;
        if is_high(before.value) && is_low(sign.value) && is_free {
            add("a character outside the basic plane without the flag `u`");
        }
        // A mark that is written as an escape is meant, whatever it stands on.
        if is_combining(sign.value) && !is_combining(before.value) && !sign.is_meant {
            add("a letter with a combining mark");
        }
        if is_modifier(sign.value) && !is_modifier(before.value) && is_free {
            add("an emoji with a skin tone");
        }
        if is_regional(sign.value) && is_regional(before.value) && is_free {
            add("a flag of two letters");
        }
        if let Some(next) = run.get(index + 2)
            && sign.value == 0x200d
            && before.value != 0x200d
            && next.value != 0x200d
            && !(before.is_meant || sign.is_meant || next.is_meant)
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
        for sign in run.iter().filter(|sign| sign.value > 0xffff && !sign.is_meant) {
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
