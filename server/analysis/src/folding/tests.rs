//! What can be put away, as `first line-last line kind`, counted from one.

use syntax::{Document, Language};

use super::folds;

fn check(language: &str, text: &str, expected: &str) {
    let document = Document::new(text, Language::from_name(language).expect("a language"), 1);
    let line = |at: usize| document.text().line_of(at) + 1;
    let picture = |fold: super::Fold| format!("{}-{} {:?}", line(fold.range.start), line(fold.range.end), fold.kind);
    let found: Vec<String> = folds(&document).into_iter().map(picture).collect();
    assert_eq!(found.join(", "), expected, "{language}: {text}");
}

#[test]
fn blocks() {
    check("python", "def f(a):\n    if a:\n        return 1\n    return 2\n\nx = 1\n", "1-4 Code, 2-3 Code");
    check("python", "x = [\n    1,\n]\n", "1-3 Code");
    check("javascript", "function f() {\n  g();\n}\n", "1-3 Code");
    check("rust", "fn f() {\n    g();\n}\n", "1-3 Code");
    check("go", "func f() {\n\tg()\n}\n", "1-3 Code");
    check("json", "{\n  \"a\": [\n    1\n  ]\n}\n", "1-5 Code, 2-4 Code");
    check("python", "f(a)\n", "");
}

#[test]
fn comments_imports_and_regions() {
    check("python", "# a\n# b\n\n# c\nx = 1\n", "1-2 Comment");
    check("rust", "/* a\n b */\nfn f() {}\n", "1-2 Comment");
    check("python", "import a\nimport b\nfrom c import d\nx = 1\n", "1-3 Imports");
    check("javascript", "import a from 'a';\nimport b from 'b';\n", "1-2 Imports");
    check("python", "# region a\nx = 1\n# endregion\n", "1-3 Region");
    check("javascript", "//#region a\nf();\n//#endregion\n", "1-3 Region");
}

#[test]
fn broken_text_is_no_reason_to_stop() {
    check("javascript", "function f() {\n  g(\n}\n\n{\n  a;\n}\n", "1-3 Code, 5-7 Code");
    check("python", "", "");
}
