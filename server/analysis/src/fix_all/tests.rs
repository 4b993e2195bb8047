//! Fixes applied: the text afterwards.

use expect_test::{Expect, expect};
use syntax::{Document, Language, apply_edits};

use super::{fix_all, organize_imports};
use crate::{LintSettings, diagnostics};

fn python(text: &str) -> Document {
    Document::new(text, Language::from_name("python").expect("in the registry"), 1)
}

fn fixed(text: &str) -> String {
    apply_edits(text, &fix_all(&python(text), None, &LintSettings::default()))
}

fn organized(text: &str) -> String {
    apply_edits(text, &organize_imports(&python(text), None, &LintSettings::default()))
}

fn check(text: &str, expected: Expect) {
    let once = fixed(text);
    expected.assert_eq(&once);
    assert_eq!(fixed(&once), once, "fixed again");
    let left = diagnostics(&python(&once), None, &LintSettings::default());
    assert!(left.iter().all(|it| it.code != "syntax-error"), "{once}");
    assert!(left.iter().all(|it| it.fixes.iter().all(|fix| !fix.safe)), "{left:?}");
}

#[test]
fn safe_fixes_are_applied_until_nothing_changes() {
    check(
        "import os\nimport sys\nprint(sys.argv)\n",
        expect![[r#"
        import sys
        print(sys.argv)
    "#]],
    );
    check(
        "import os, os, sys\nx = f'a'\nif not x in sys.path:\n    pass\n",
        expect![[r#"
        import sys
        x = 'a'
        if x not in sys.path:
            pass
    "#]],
    );
    check(
        "def f():\n    import os\n    import sys\n",
        expect![[r#"
        def f():
            pass
    "#]],
    );
    check(
        "try:\n    import a\nexcept (ValueError,):\n    import b\n",
        expect![[r#"
        try:
            pass
        except ValueError:
            pass
    "#]],
    );
}

#[test]
fn unsafe_fixes_are_not() {
    check(
        "def f():\n    x = g()\n    return y == None\n",
        expect![[r#"
        def f():
            x = g()
            return y == None
    "#]],
    );
}

#[test]
fn broken_text_is_left_alone() {
    assert_eq!(fixed("import os\nx = (\n"), "import os\nx = (\n");
    assert_eq!(organized("import sys\nimport os\nx = (\n"), "import sys\nimport os\nx = (\n");
}

#[test]
fn imports_are_put_in_order() {
    let check = |text: &str, expected: Expect| {
        let once = organized(text);
        expected.assert_eq(&once);
        assert_eq!(organized(&once), once, "organized again");
    };
    check(
        "import sys\nimport os\nfrom b import z, a\nimport numpy\nfrom . import x\n\nprint(os)\n",
        expect![[r#"
        import os
        import sys

        import numpy
        from b import a, z

        from . import x

        print(os)
    "#]],
    );
    check(
        "import b\n# about a\nimport a  # isort: skip\nimport os\n",
        expect![[r#"
        import b

        # about a
        import a  # isort: skip
        import os
    "#]],
    );
    check(
        "x = 1\n",
        expect![[r#"
        x = 1
    "#]],
    );
}

#[test]
fn other_languages_have_nothing_yet_or_their_own() {
    let json = Document::new("{\"a\": 1}", Language::from_name("json").expect("in the registry"), 1);
    assert_eq!(fix_all(&json, None, &LintSettings::default()), []);
    assert_eq!(organize_imports(&json, None, &LintSettings::default()), []);
}
