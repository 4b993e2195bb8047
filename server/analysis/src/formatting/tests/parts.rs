//! Formatting of a selection and while somebody types.

use expect_test::{Expect, expect};
use syntax::{Document, Language, TextRange, apply_edits};

use super::super::{FormatOptions, format_on_type, format_range};

/// Formats what stands between the two cursors.
fn check(language: &str, fixture: &str, expected: Expect) {
    let mut parts = fixture.split("<CURSOR>");
    let (before, selected, after) =
        (parts.next().expect("a text"), parts.next().expect("a cursor"), parts.next().expect("a second one"));
    let text = format!("{before}{selected}{after}");
    let document = Document::new(&text, Language::from_name(language).expect("in the registry"), 1);
    let range = TextRange::new(before.len(), before.len() + selected.len());
    let result = format_range(&document, None, range, &FormatOptions::default());
    expected.assert_eq(&result.map_or_else(|it| format!("{it}\n"), |edits| apply_edits(&text, &edits)));
}

#[test]
fn python_by_statements() {
    check(
        "python",
        "a=1\n<CURSOR>b=2\n<CURSOR>c=3\n",
        expect![[r#"
        a=1
        b = 2
        c=3
    "#]],
    );
    check(
        "python",
        "def f():\n  a=1\n  if a:\n    b=<CURSOR>2<CURSOR>\n    c=3\n",
        expect![[r#"
        def f():
            a = 1
            if a:
                b = 2
                c = 3
    "#]],
    );
    check(
        "python",
        "\u{feff}é=1\n<CURSOR>b=2<CURSOR>\n",
        expect![[r#"
        ﻿é=1
        b = 2
    "#]],
    );
    check(
        "python",
        "a=(\n<CURSOR>b=2\n<CURSOR>",
        expect![[r#"
        not formatted, it does not parse: `(` is never closed
    "#]],
    );
    check(
        "python",
        "a=1\n<CURSOR>\n<CURSOR>\nb=2\n",
        expect![[r#"
        a=1


        b=2
    "#]],
    );
}

#[test]
fn others_by_statements() {
    check(
        "javascript",
        "a=1\n<CURSOR>b=2<CURSOR>\nc=3\n",
        expect![[r#"
        a=1
        b = 2;
        c=3
    "#]],
    );
    check(
        "javascript",
        "function f(){\nif(a){\n<CURSOR>b=2<CURSOR>\n}\nc=3\n}\n",
        expect![[r#"
            function f(){
            if(a){
                b = 2;
            }
            c=3
            }
        "#]],
    );
    check(
        "javascript",
        "a=1\n<CURSOR>if(b){\nc<CURSOR>=2\n}\nd=3\n",
        expect![[r#"
        a=1
        if (b) {
          c = 2;
        }
        d=3
    "#]],
    );
    check(
        "css",
        "a{b:c}\nd{<CURSOR>e<CURSOR>:f}\ng{h:i}\n",
        expect![[r#"
        a{b:c}
        d {
          e: f;
        }
        g{h:i}
    "#]],
    );
    check(
        "json",
        "{\"a\":1,\n\"b\":<CURSOR>2<CURSOR>,\n\"c\":3}\n",
        expect![[r#"
        {"a":1,
        "b": 2,
        "c":3}
    "#]],
    );
    check(
        "yaml",
        "a:   1\nb:   <CURSOR>2<CURSOR>\nc:   3\n",
        expect![[r#"
        a:   1
        b: 2
        c:   3
    "#]],
    );
}

/// Types the character before the cursor.
fn check_typed(language: &str, fixture: &str, expected: Expect) {
    let (before, after) = fixture.split_once("<CURSOR>").expect("a cursor");
    let text = format!("{before}{after}");
    let document = Document::new(&text, Language::from_name(language).expect("in the registry"), 1);
    let typed = if before.trim_end_matches(' ').ends_with('\n') { Some('\n') } else { before.chars().last() };
    let edits = format_on_type(&document, None, before.len(), typed.expect("a key"), &FormatOptions::default());
    assert!(edits.iter().all(|it| it.range.end <= before.len()), "{edits:?}");
    expected.assert_eq(&apply_edits(&text, &edits));
}

#[test]
fn a_key_lays_out_what_it_ends() {
    check_typed(
        "python",
        "a=1\nb=2\n<CURSOR>\nc=3\n",
        expect![[r#"
        a=1
        b = 2

        c=3
    "#]],
    );
    check_typed(
        "javascript",
        "a=1;b=2;<CURSOR>\nc=3\n",
        expect![[r#"
        a=1;b=2;
        c=3
    "#]],
    );
    check_typed(
        "javascript",
        "a=1\nif(x){\nb=2\n}<CURSOR>\nc=3\n",
        expect![[r#"
        a=1
        if (x) {
          b = 2;
        }
        c=3
    "#]],
    );
    check_typed(
        "css",
        "a{b:c}\nd{e:f}<CURSOR>\n",
        expect![[r#"
        a{b:c}
        d {
          e: f;
        }
    "#]],
    );
}

#[test]
fn a_key_changes_nothing_where_code_goes_on_or_is_broken() {
    for fixture in [
        "f(a,\n<CURSOR>b)\n",
        "x=(\n<CURSOR>\n",
        "x=1\ny=(\n\nz=2\n<CURSOR>",
        "if x:\n<CURSOR>    y=1\n",
        "\n<CURSOR>x=1\n",
    ] {
        check_unchanged("python", fixture);
    }
    for fixture in ["if(a){\n<CURSOR>\n}\n", "x=(1;<CURSOR>\n", "for(a;<CURSOR>b;c){}\n", "x=`a}<CURSOR>`\n"] {
        check_unchanged("javascript", fixture);
    }
    check_unchanged("yaml", "a:   1\n<CURSOR>");
}

fn check_unchanged(language: &str, fixture: &str) {
    let (before, after) = fixture.split_once("<CURSOR>").expect("a cursor");
    let document =
        Document::new(&format!("{before}{after}"), Language::from_name(language).expect("in the registry"), 1);
    let typed = before.chars().last().expect("a key");
    assert_eq!(format_on_type(&document, None, before.len(), typed, &FormatOptions::default()), [], "{fixture:?}");
}
