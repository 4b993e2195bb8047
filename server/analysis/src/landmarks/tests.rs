//! Landmarks, drawn as the lines that are kept at the end of a text.

use syntax::Language;

use super::landmarks;

/// What explains the line before the cursor's, of everything above it.
fn check(language: &str, text: &str, expected: &str) {
    let language = Language::from_name(language).expect("a language of the registry");
    let last_line = text.rfind('\n').map_or(0, |end| end + 1);
    let kept: String = landmarks(language, text)
        .into_iter()
        .filter(|landmark| landmark.until > last_line.saturating_sub(1))
        .map(|landmark| &text[landmark.range.start..landmark.range.end])
        .collect();
    assert_eq!(kept, expected, "{text}");
}

#[test]
fn imports_and_the_heads_around() {
    check(
        "python",
        "\"\"\"Doc.\"\"\"\nimport os\nfrom a import (\n    b,\n    c,\n)\n\nX = 1\n\n\ndef f():\n    pass\n\n\nclass A:\n    def g(self):\n        return 1\n\n    def h(\n        self,\n        a,\n    ):\n        if a:\n            b\n        x = ",
        "import os\nfrom a import (\n    b,\n    c,\n)\nclass A:\n    def h(\n        self,\n        a,\n    ):\n        if a:\n",
    );
    check(
        "javascript",
        "import a from 'a';\nconst { b } = require('b');\nlet c = 1;\n\nclass A {\n  f() {\n    return 1;\n  }\n\n  g(x) {\n    if (x) {\n      y",
        "import a from 'a';\nconst { b } = require('b');\nclass A {\n  g(x) {\n    if (x) {\n",
    );
    check(
        "rust",
        "use std::{\n    fmt,\n};\n\nfn f() {\n    1\n}\n\nimpl A {\n\tfn g(&self) {\n\t\tself",
        "use std::{\n    fmt,\n};\nimpl A {\n\tfn g(&self) {\n",
    );
    check(
        "go",
        "package a\n\nimport (\n\t\"fmt\"\n)\n\nfunc f() {\n\tx",
        "package a\nimport (\n\t\"fmt\"\n)\nfunc f() {\n",
    );
}

#[test]
fn what_is_being_typed_is_no_landmark_yet() {
    check("python", "def f():", "");
    check("python", "", "");
    check("plaintext", "a\n  b\nc", "");
}

#[test]
fn an_import_without_an_end_is_one_line() {
    let text = format!("from a import (\n{}x", "    b,\n".repeat(50));
    check("python", &text, "from a import (\n");
}

#[test]
fn errors_below_change_nothing_above() {
    let text = "import os\n\nclass A:\n    def f(self):\n        ";
    for typed in ["x = (", "if x:", "\"\"\"", "def ", "for (", "else", "@"] {
        check("python", &format!("{text}{typed}"), "import os\nclass A:\n    def f(self):\n");
    }
}
