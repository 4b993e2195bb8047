//! Which names are visible, and where they come from.

use syntax::{Document, Language};

use super::{
    definition_at, definition_of, names_in_scope,
    tables::{BoundAt, tables},
    word_at,
};

fn document(language: &str, text: &str) -> Document {
    Document::new(text, Language::from_name(language).expect("a language of the registry"), 1)
}

/// The names visible at the cursor, nearest first.
fn check_names(language: &str, fixture: &str, expected: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let names: Vec<String> =
        names_in_scope(&document(language, &text), offset).into_iter().map(|name| name.name).collect();
    assert_eq!(names.join(" "), expected, "{language}: {fixture}");
}

/// The definition of the name at the cursor, as line (from one), column and signature.
fn check_definition(language: &str, fixture: &str, expected: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let picture = match definition_at(&document(language, &text), offset) {
        Some(definition) => {
            let range = definition.selection_range;
            assert_eq!(&text[range.start..range.end], definition.name);
            let line = text[..range.start].matches('\n').count() + 1;
            let column = text[..range.start].rsplit('\n').next().map_or(0, |prefix| prefix.chars().count());
            format!("{line}:{column} {}", definition.signature)
        }
        None => "none".to_owned(),
    };
    assert_eq!(picture, expected, "{language}: {fixture}");
}

#[test]
fn words() {
    let at = |text: &str, offset| {
        word_at(&document("python", text), offset).map(|range| text[range.start..range.end].to_owned())
    };
    assert_eq!(at("foo bar", 0).as_deref(), Some("foo"));
    assert_eq!(at("foo bar", 3).as_deref(), Some("foo"));
    assert_eq!(at("foo  bar", 4), None);
    assert_eq!(at("über = 1", 3).as_deref(), Some("über"));
    assert_eq!(at("x = 12", 5), None);
    assert_eq!(at("", 0), None);
    assert_eq!(at("a\nb", 99).as_deref(), Some("b"));
}

#[test]
fn names_of_python() {
    check_names(
        "python",
        "import os.path\nfrom a import b as c, d\nX = 1\ndef f(p, *args, q: int = X, **kw):\n    y = 1\n    <CURSOR>\n    z = 2\n",
        "y kw q args p f X d c os",
    );
    check_names("python", "def f(a):\n    x = 1\n    <CURSOR>", "x a f");
    check_names("python", "def f(a):\n    x = 1\n<CURSOR>", "f");
    check_names("python", "class A:\n    k = 1\n    def m(self):\n        return <CURSOR>\n", "self A");
    check_names("python", "class A:\n    k = 1\n    l = <CURSOR>k\n", "k A");
    check_names("python", "with open(f) as g:\n    for i, (j, k) in g:\n        <CURSOR>pass\n", "k j i g");
    check_names("python", "try:\n    pass\nexcept E as e:\n    <CURSOR>pass\n", "e");
    check_names("python", "x = [a for a in b if <CURSOR>a]\n", "x a".replace("x a", "a").as_str());
    check_names("python", "def f():\n    return g<CURSOR>\n\ndef g(): pass\n", "f g");
    check_names("python", "f = lambda u, v=1: u<CURSOR>\n", "v u f");
    check_names("python", "x.y = 1\na[0] = 2\n<CURSOR>", "");
}

#[test]
fn names_of_other_languages() {
    check_names(
        "javascript",
        "import d, {e as f, g} from 'h';\nimport * as i from 'j';\nconst {k, l: m} = n;\nfunction o(p, {q}, ...r) {\n  let s = 1;\n  <CURSOR>\n  let t = 2;\n}\n",
        "s r q p o m k i g f d",
    );
    check_names("javascript", "const f = x => x<CURSOR>;\ntry {} catch (e) {}\n", "x f");
    check_names(
        "typescript",
        "function f(a: A, b?: B): C { return <CURSOR> }\ninterface A {}\ntype B = A;\n",
        "b a f A B",
    );
    check_names(
        "rust",
        "use std::{fs, io::{self, Read as R}};\nuse a::b;\nfn f(x: u8, (y, z): T) {\n    let Some(w) = v else { return };\n    if let Ok(u) = q { <CURSOR> }\n}\n",
        "u w z y x f b R self fs".replace("self ", "").as_str(),
    );
    check_names(
        "rust",
        "fn f() {\n    let a = 1;\n    { let b = 2; }\n    for i in a { <CURSOR> }\n}\nstruct S;\n",
        "i a f S",
    );
    check_names(
        "go",
        "package a\n\nimport (\n\t\"fmt\"\n\tx \"net/http\"\n)\n\nfunc f(a, b int) (err error) {\n\tc, d := 1, 2\n\tfor i, v := range c {\n\t\t<CURSOR>\n\t}\n}\n",
        "v i d c err b a f x fmt",
    );
    check_names(
        "java",
        "import java.util.List;\nclass A {\n  int field;\n  void m(int p) {\n    int v = 1;\n    for (String s : t) { <CURSOR> }\n  }\n}\n",
        "s v p m field A List",
    );
    check_names(
        "c",
        "#define MAX 1\nint g(int unused);\nint f(int a, char *b) {\n  int c = 1, *d;\n  <CURSOR>\n}\n",
        "d c b a f g MAX",
    );
    check_names("shellscript", "X=1\nf() { echo $<CURSOR>; }\n", "f X");
    check_names("plaintext", "alpha beta al<CURSOR>\n", "beta alpha");
}

#[test]
fn definitions() {
    check_definition("python", "def f(a):\n    return <CURSOR>a\n", "1:6 (a)");
    check_definition("python", "a = 1\ndef f(a):\n    return a\nprint(<CURSOR>a)\n", "1:0 a = 1");
    check_definition("python", "def f(x):\n    \"\"\"Doc.\"\"\"\n<CURSOR>f(1)\n", "1:4 def f(x)");
    check_definition(
        "python",
        "class A:\n    def m(self):\n        return self.<CURSOR>n\n    def n(self): pass\n",
        "4:8 def n(self)",
    );
    check_definition(
        "python",
        "class A:\n    def __init__(self):\n        self.x = 1\n    def m(self):\n        return self.<CURSOR>x\n",
        "3:13 self.x = 1",
    );
    check_definition("python", "class A:\n    x = 1\n    def m(self):\n        return <CURSOR>x\n", "none");
    check_definition("python", "import os.path as p\n<CURSOR>p.join()\n", "1:18 import os.path as p");
    check_definition("python", "for i in x:\n    print(<CURSOR>i)\n", "1:4 for i in x");
    check_definition("python", "# f<CURSOR>\ndef f(): pass\n", "none");
    check_definition("python", "x = 'f<CURSOR>'\ndef f(): pass\n", "none");
    check_definition("python", "def f(): pass\nx = f'{<CURSOR>f}'\n", "1:4 def f()");
    check_definition("python", "<CURSOR>unknown\n", "none");
    check_definition(
        "rust",
        "fn f() {\n    let x = 1;\n    let x = x + 1;\n    g(<CURSOR>x);\n}\n",
        "3:8 let x = x + 1",
    );
    check_definition("rust", "fn f() { <CURSOR>g() }\n/// Does.\nfn g() {}\n", "3:3 fn g()");
    check_definition("javascript", "const a = 1;\nfunction f() { const a = 2; return <CURSOR>a; }\n", "2:21 a = 2");
    check_definition("javascript", "class A { m() { this.<CURSOR>n(); } n() {} }\n", "1:28 n()");
    check_definition("go", "package a\n\nfunc f() {\n\tx := 1\n\tg(<CURSOR>x)\n}\n", "4:1 x := 1");
    check_definition("java", "class A {\n  int size;\n  int m() { return <CURSOR>size; }\n}\n", "2:6 int size");
    check_definition("c", "int g(int a);\nint f(int b) { return <CURSOR>g(b); }\n", "1:4 int g(int a)");
}

#[test]
fn definitions_from_another_document() {
    let source = document(
        "python",
        "def f(x):\n    \"\"\"Doc.\"\"\"\n    def inner(): pass\n\nclass A:\n    def m(self): pass\n",
    );
    assert_eq!(definition_of(&source, "f").and_then(|found| found.doc).as_deref(), Some("Doc."));
    assert_eq!(definition_of(&source, "inner"), None);
    assert_eq!(definition_of(&source, "m"), None);
    let source = document("rust", "mod m { pub fn f() {} }");
    assert_eq!(definition_of(&source, "f").map(|found| found.signature).as_deref(), Some("pub fn f()"));
}

#[test]
fn broken_code_still_has_names() {
    check_names("python", "def f(alpha, beta):\n    x = alpha.<CURSOR>\n", "beta alpha f x");
    check_names("javascript", "function f(a) {\n  const b = a.;\n  <CURSOR>\n", "b a f");
}

/// A kind or field that the grammar does not know would never match and never be noticed.
#[test]
fn the_tables_name_what_the_grammars_have() {
    for name in ["python", "rust", "go", "java", "cpp", "shellscript", "typescript"] {
        let language = Language::from_name(name).expect("a language of the registry");
        let grammar = language.grammar().expect("a built-in grammar");
        let tables = tables(language.grammar_name().expect("a grammar's name")).expect("tables");
        let kinds = tables.scopes.iter().map(|(kind, _)| *kind).chain(tables.binders.iter().map(|binder| binder.node));
        for kind in kinds {
            assert_ne!(grammar.id_for_node_kind(kind, true), 0, "{name}: {kind}");
        }
        for binder in tables.binders {
            if let BoundAt::Pattern(field) = binder.at {
                assert!(grammar.field_id_for_name(field).is_some(), "{name}: {binder:?}");
            }
        }
    }
}
