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
