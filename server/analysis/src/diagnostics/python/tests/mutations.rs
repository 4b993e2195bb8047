//! Code cut, doubled and swapped at random: the rules may find what they like, but they end, what they find lies in the
//! text, and their safe fixes leave text that parses.

use proptest::prelude::*;
use syntax::{TextRange, apply_edits};

use super::{found_in, python};
use crate::{Diagnostic, LintSettings, fix_all, is_syntax_code};

const SNIPPETS: &[&str] = &[
    "import os, sys\nfrom typing import *\nfrom a.b import (c as d, e)\n\n\ndef main(argv=[], *rest, key=None, **more):\n    global total\n    total = 0\n    for i, arg in enumerate(argv):\n        try:\n            total += int(arg)\n        except (ValueError, KeyError) as error:\n            print('%s: %d' % (arg, i), file=sys.stderr)\n        except:\n            pass\n        else:\n            continue\n    return None if total == None else total\n",
    "class Shape(Base, metaclass=Meta):\n    \"\"\"Doc.\n\n    More.\n    \"\"\"\n\n    __slots__ = ('a', 'b')\n    sides: int = 0\n\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n        super().__init__()\n\n    @property\n    def area(self) -> float:\n        return self.a * self.b if self.a is not 0 else f'{self.b!r:>{self.a}}'\n\n    @area.setter\n    def area(self, value): raise NotImplemented\n\n    async def walk(self):\n        async with self.lock as lock, open(r'C:\\d') as f:\n            await lock.do(x for x in f if x)\n            yield lock\n",
    "x = [i for i in range(10) if (y := i % 3) and not y in (1, 2)]\nd = {'a': 1, **{'b': 2}, 'a': 3}\ns = {*x, 4}\nf = lambda a, /, b=1, *, c: a + b if c else -a\nassert (x, 'message')\nif x == None or type(x) == type(d): del d['a']; pass\nwhile True:\n    break\nelse:\n    x[1:2, ::3] = 1, 2\nprint(f\"{x!r}\" 'b' f'no', *x, sep='', **d)\n'{} {1}'.format(1, 2)\n",
    "def outer():\n    count = 0\n\n    def inner():\n        nonlocal count\n        count += 1\n        return lambda: count\n\n    match inner():\n        case [1, *_] | {'k': v, **rest} if v:\n            return (v)\n        case Point(x=0) as p:\n            return p\n        case _:\n            pass\n    with open('f') as one, \\\n            open('g') as two:\n        return not one == two\n",
    "# coding: utf-8\r\nif __name__ == '__main__':\r\n\timport subprocess\r\n\tsubprocess.call('ls ' + name, shell=True)\r\n\tpassword = 'hunter2'\r\n\traise 'über – 名前', \"\"\"a\r\nb\"\"\"\r\n",
];

/// One change, with places as shares of the text.
#[derive(Clone, Debug)]
enum Change {
    Cut(f64, usize),
    Double(f64, usize),
    Swap(f64, f64, usize),
    Insert(f64, &'static str),
}

const TOKENS: &[&str] =
    &["(", ")", "[", "]", "{", "}", ":", ",", "=", "\n", "    ", "'", "\"\"\"", "#", "\\", "f'{", "*", "@", "é"];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0.0..1.0, 1_usize..60).prop_map(|(at, length)| Change::Cut(at, length)),
        (0.0..1.0, 1_usize..60).prop_map(|(at, length)| Change::Double(at, length)),
        (0.0..1.0, 0.0..1.0, 1_usize..60).prop_map(|(one, other, length)| Change::Swap(one, other, length)),
        (0.0..1.0, prop::sample::select(TOKENS)).prop_map(|(at, token)| Change::Insert(at, token)),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let place = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a short text")]
        let place = (text.len() as f64 * share) as usize;
        text.floor_char_boundary(place)
    };
    let piece = |share: f64, length: usize| (place(share), text.floor_char_boundary(place(share) + length));
    match change {
        Change::Cut(at, length) => {
            let (start, end) = piece(*at, *length);
            format!("{}{}", &text[..start], &text[end..])
        }
        Change::Double(at, length) => {
            let (start, end) = piece(*at, *length);
            format!("{}{}", &text[..end], &text[start..])
        }
        Change::Swap(one, other, length) => {
            let (start, middle) = piece(one.min(*other), *length);
            let end = place(one.max(*other)).max(middle);
            format!("{}{}{}{}", &text[..start], &text[middle..end], &text[start..middle], &text[end..])
        }
        Change::Insert(at, token) => format!("{}{token}{}", &text[..place(*at)], &text[place(*at)..]),
    }
}

fn ranges(diagnostic: &Diagnostic) -> impl Iterator<Item = TextRange> + '_ {
    let related = diagnostic.related.iter().map(|it| it.range);
    let edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.range);
    [diagnostic.range].into_iter().chain(related).chain(edits)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn of_mutated_code_the_rules_find_something_sound(
        snippet in prop::sample::select(SNIPPETS),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let text = changes.iter().fold(snippet.to_owned(), |text, change| changed(&text, change));
        let found = found_in(&text, None);
        for diagnostic in &found {
            for range in ranges(diagnostic) {
                prop_assert!(text.get(range.start..range.end).is_some(), "{range:?} of {diagnostic:?} in {text:?}");
            }
            prop_assert!(diagnostic.code != "rules-failed", "{diagnostic:?} in {text:?}");
        }
        let parses = |found: &[Diagnostic]| !found.iter().any(|it| is_syntax_code(it.code));
        if parses(&found) {
            let edits = fix_all(&python(&text), None, &LintSettings::default());
            let fixed = apply_edits(&text, &edits);
            prop_assert!(parses(&found_in(&fixed, None)), "{text:?} became {fixed:?}");
        }
    }
}
