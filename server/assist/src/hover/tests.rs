//! Hover over fixtures of one or several files.

use expect_test::{Expect, expect};
use syntax::Language;

use super::{MAX_LINES, hover};
use crate::{DocumentId, Snapshot, Workspace};

/// The hover at `<CURSOR>`: what it is about, then its text. The first file is the one hovered in.
fn check(fixture: &str, expect: Expect) {
    let mut files = testkit::files(fixture);
    let (text, offset) = testkit::cursor(&files[0].text);
    files[0].text = text;
    let workspace = Workspace::new();
    let id = |path: &str| DocumentId::new(&format!("file:///project/{path}"));
    for file in &files {
        workspace.open(id(&file.path), "", 1, &file.text);
    }
    let snapshot = workspace.snapshot(&id(&files[0].path)).expect("open");
    let found = match hover(&snapshot, offset) {
        Some(hover) => {
            assert!(hover.markdown.lines().count() <= MAX_LINES);
            format!("{}\n---\n{}\n", snapshot.document().text().slice(hover.range), hover.markdown)
        }
        None => "nothing\n".to_owned(),
    };
    expect.assert_eq(&found);
}

#[test]
fn a_definition_in_this_document() {
    check(
        r#"
//- shapes.py
def area(width: int, height: int) -> int:
    """The area of a rectangle.

    Both sides count in pixels.
    """
    return width * height

print(ar<CURSOR>ea(2, 3))
"#,
        expect![[r#"
            area
            ---
            ```python
            def area(width: int, height: int) -> int
            ```

            Complexity: cyclomatic 1, cognitive 0, nesting 0, 6 lines, time O(1)

            The area of a rectangle.

            Both sides count in pixels.
        "#]],
    );
}

#[test]
fn a_definition_in_another_open_document() {
    check(
        r#"
//- main.py
from shapes import Square
s = Squ<CURSOR>are(2)
//- shapes.js
class Square {}
//- shapes.py
class Square:
    """Four equal sides."""
"#,
        expect![[r#"
            Square
            ---
            ```python
            class Square
            ```

            Defined in `shapes.py`

            Four equal sides.
        "#]],
    );
}

#[test]
fn a_keyword() {
    check(
        "//- a.rs\nfn main() {\n    lo<CURSOR>op {}\n}\n",
        expect![[r#"
            loop
            ---
            `loop`: repeats until `break`
        "#]],
    );
}

#[test]
fn nothing_is_known() {
    check("//- a.py\nx = frob<CURSOR>nicate()\n", expect!["nothing\n"]);
    check("//- a.py\n# re<CURSOR>turn\n", expect!["nothing\n"]);
    check("//- a.txt\nfor ev<CURSOR>er\n", expect!["nothing\n"]);
}

#[test]
fn a_long_doc_is_cut_and_stays_sound_markdown() {
    let doc =
        |line: &str| format!("//- a.py\ndef f():\n    \"\"\"First.\n\n{}    \"\"\"\n\nf<CURSOR>()\n", line.repeat(40));
    for fixture in [doc("    One more line.\n"), doc("    ```\n    code\n")] {
        let files = testkit::files(&fixture);
        let (text, offset) = testkit::cursor(&files[0].text);
        let python = Language::from_name("python").expect("in the registry");
        let found = hover(&Snapshot::of_text(&text, python, None), offset).expect("defined above");
        assert!((MAX_LINES - 1..=MAX_LINES).contains(&found.markdown.lines().count()));
        assert!(found.markdown.ends_with('…'));
        assert_eq!(found.markdown.matches("```").count() % 2, 0, "{}", found.markdown);
    }
}

#[test]
fn a_function_has_its_complexity() {
    check(
        "//- a.py\ndef total(items: list):\n    result = 0\n    for item in items:\n        result += item\n    return result\n\nto<CURSOR>tal([1])\n",
        expect![[r#"
            total
            ---
            ```python
            def total(items: list)
            ```

            Complexity: cyclomatic 2, cognitive 1, nesting 1, 5 lines, time O(n)
        "#]],
    );
    check(
        "//- a.js\nfunc<CURSOR>tion f(a) { if (a) { return 1; } return 2; }\n",
        expect![[r#"
        function
        ---
        `function`: defines a function with a `this` of its own

        Complexity: cyclomatic 2, cognitive 1, nesting 1, 1 line, time O(1)
    "#]],
    );
}

#[test]
fn variables_have_types_and_values() {
    check(
        "//- a.py\nDAY = 60 * 60 * 24\nprint(DA<CURSOR>Y)\n",
        expect![[r#"
        DAY
        ---
        ```python
        DAY = 60 * 60 * 24
        ```

        Value: `86400`
    "#]],
    );
    check(
        "//- a.py\nnames = ['a', 'b']\nprint(na<CURSOR>mes)\n",
        expect![[r#"
        names
        ---
        ```python
        names = ['a', 'b']
        ```

        Type: `list[str]`
    "#]],
    );
    check(
        "//- a.ts\nconst limit = new Map();\nlim<CURSOR>it.clear();\n",
        expect![[r#"
        limit
        ---
        ```typescript
        const limit = new Map()
        ```

        Type: `Map`
    "#]],
    );
}

#[test]
fn a_member_is_that_of_its_class() {
    let classes = "class A:\n    def area(self):\n        \"\"\"Of A.\"\"\"\n\nclass B:\n    def area(self):\n        \"\"\"Of B.\"\"\"\n\n";
    check(
        &format!("//- a.py\n{classes}b = B()\nb.ar<CURSOR>ea()\n"),
        expect![[r#"
        area
        ---
        ```python
        def area(self)
        ```

        Complexity: cyclomatic 1, cognitive 0, nesting 0, 2 lines, time O(1)

        Of B.
    "#]],
    );
    // Whose member it is, is not known: a guess would be worse than nothing.
    check(
        "//- a.py\nclass A:\n    def path(self):\n        pass\n\nimport os\nos.pa<CURSOR>th\n",
        expect!["nothing\n"],
    );
    check(
        "//- a.py\nfrom b import Square\ns = Square()\ns.si<CURSOR>de()\n//- b.py\nclass Square:\n    def side(self):\n        \"\"\"One of four.\"\"\"\n",
        expect![[r#"
            side
            ---
            ```python
            def side(self)
            ```

            Defined in `b.py`

            One of four.
        "#]],
    );
}

#[test]
fn literals_and_words() {
    check(
        "//- a.py\nx = 0x<CURSOR>FF\n",
        expect![[r#"
        0xFF
        ---
        `0xFF`: 255 in decimal; 0b11111111; as a character ÿ
    "#]],
    );
    check(
        "//- a.py\nimport re\nre.match(r'^\\d{2,}(?:a|b)$<CURSOR>', x)\n",
        expect![[r#"
        r'^\d{2,}(?:a|b)$'
        ---
        Regular expression:

        - `^`: start of the text (of a line with the flag `m`)
        - `\d{2,}`: a digit, at least 2 times
        - `(?:`: a group that is not remembered
          - `a`: the text `a`
          - `|`: or
          - `b`: the text `b`
        - `$`: end of the text (of a line with the flag `m`)
    "#]],
    );
    check(
        "//- a.py\nclass A:\n    def __le<CURSOR>n__(self):\n        return 1\n",
        expect![[r#"
        __len__
        ---
        ```python
        def __len__(self)
        ```

        `__len__`: what `len(x)` gives

        Complexity: cyclomatic 1, cognitive 0, nesting 0, 2 lines, time O(1)
    "#]],
    );
    check(
        "//- a.js\nx = a >>><CURSOR> 2;\n",
        expect![[r#"
        >>>
        ---
        `>>>`: shifts to the right and fills with zeros: the result is never negative
    "#]],
    );
    check(
        "//- a.go\npackage a\nfunc f() { def<CURSOR>er g() }\n",
        expect![[r#"
        defer
        ---
        `defer`: calls the function when the surrounding one returns, last deferred first
    "#]],
    );
}

/// Real code, cut and mixed up: nothing panics, and no hover is too long.
mod broken {
    use analysis::DetailLevel;
    use proptest::prelude::*;
    use syntax::{Language, TextRange};

    use super::{MAX_LINES, hover};
    use crate::{Snapshot, explanation};

    const TEXTS: [(&str, &str); 3] = [
        (
            "python",
            "import re\n\nLIMIT = 60 * 60\n\n\nclass A(Base):\n    \"\"\"Doc.\"\"\"\n\n    def find(self, items: list, n=0x1F):\n        for i, item in enumerate(items):\n            if item and not n or i:\n                return re.match(r'(a+)+[^\\d-z]{2,}', f'{item:>10.2f}')\n            elif n:\n                raise ValueError('%5d' % n) from None\n        else:\n            return self.find(items[1:], n // 2)\n\n\nwith open(x) as f, g():\n    try:\n        y = [a for b in c if d for a in b]\n    except (E, F) as e:\n        del y[0]\n    finally:\n        match y:\n            case [1, *_] if z:\n                pass\n",
        ),
        (
            "typescript",
            "import { a } from 'b';\n\n/** Doc. */\nexport async function* f<T>(x: number, { y, z = 1 }: P = {}): R {\n  outer: for (let i = 0; i < x.length; i++) {\n    if (a?.b ?? /(x*)*[a-f]/gi.test(`${y}\\u0041`)) continue outer;\n    else switch (z) { case 0xff8800: break; default: throw new Error('#fff') }\n  }\n  try { yield* await g((q) => q >>> 2) } catch { delete x.y } finally { x ||= 1_000n }\n}\nclass B extends A { #p = () => 1; get v() { return this.#p } static { } }\n",
        ),
        (
            "rust",
            "/// Doc.\nfn f(x: &[u8]) -> u8 { let Some(y) = x.iter().map(|z| *z).max() else { return 0x1F }; 'a: loop { match y { 1 if y > 2 => break 'a, _ => f(x), }; } }\n",
        ),
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn texts(index in 0usize..3, cuts in prop::collection::vec((0.0f64..1.0, 0usize..12, "[\\PC\n(){}\\[\\]\"'`:;.%é]{0,4}"), 0..6), at in 0.0f64..1.0) {
            let (language, text) = TEXTS[index];
            let mut text = text.to_owned();
            for (place, length, new) in cuts {
                let start = text.floor_char_boundary((place * text.len() as f64) as usize);
                let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
                text.replace_range(start..end, &new);
            }
            let language = Language::from_name(language).expect("in the registry");
            let snapshot = Snapshot::of_text(&text, language, None);
            let offset = text.floor_char_boundary((at * text.len() as f64) as usize);
            for offset in [offset, text.len() / 2, text.len()] {
                if let Some(hover) = hover(&snapshot, text.floor_char_boundary(offset)) {
                    prop_assert!(hover.markdown.lines().count() <= MAX_LINES, "{}", hover.markdown);
                }
            }
            for detail in [DetailLevel::Low, DetailLevel::Medium, DetailLevel::High] {
                for range in [TextRange::new(0, text.len()), TextRange::empty(offset), TextRange::new(offset.min(text.len() / 2), offset.max(text.len() / 2))] {
                    explanation(&snapshot, range, detail);
                }
            }
        }
    }
}
