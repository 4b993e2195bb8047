//! The outline of a text, language by language.

use expect_test::{Expect, expect};
use syntax::{Document, Language};

use super::{Symbol, enclosing_symbols, outline};

fn document(language: &str, text: &str) -> Document {
    Document::new(text, Language::from_name(language).expect("a language of the registry"), 1)
}

fn check(language: &str, text: &str, expected: Expect) {
    let document = document(language, text);
    let mut picture = String::new();
    let mut stack: Vec<(usize, Symbol)> = outline(&document).into_iter().rev().map(|symbol| (0, symbol)).collect();
    while let Some((depth, symbol)) = stack.pop() {
        assert!(symbol.range.contains(symbol.selection_range), "{symbol:?}");
        assert!(!symbol.signature.contains('\n'), "{symbol:?}");
        let doc = symbol.doc.map(|doc| format!(" -- {doc:?}")).unwrap_or_default();
        picture.push_str(&format!(
            "{}{:?} {}: {}{doc}\n",
            "  ".repeat(depth),
            symbol.kind,
            symbol.name,
            symbol.signature
        ));
        stack.extend(symbol.children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    expected.assert_eq(&picture);
}

#[test]
fn python() {
    check(
        "python",
        r#"
"""About the module."""
import os

MAX = 10
x, y = 1, 2

# Adds.
# Twice.
def add(a: int,
        b=1) -> int:
    z = 1
    def inner():
        pass
    return z

@decorator
class A(Base):
    """Doc.

    More:
        indented.
    """

    count: int = 0

    def __init__(self):
        self.value = 1

    @property
    def name(self): return 1

async def run(): ...
"#,
        expect![[r#"
            Constant MAX: MAX = 10
            Variable x: x, y = 1, 2
            Variable y: x, y = 1, 2
            Function add: def add(a: int, b=1) -> int -- "Adds.\nTwice."
              Function inner: def inner()
            Class A: class A(Base) -- "Doc.\n\nMore:\n    indented."
              Field count: count: int = 0
              Constructor __init__: def __init__(self)
              Method name: def name(self)
            Function run: async def run()
        "#]],
    );
}

#[test]
fn javascript() {
    check(
        "javascript",
        r#"
// A thing.
export const f = (a, b) => {
  return a;
};
const LIMIT = 1, y = 2;
let {p, q: r} = s;
/**
 * Doc.
 * @param a b
 */
export default class A extends B {
  #private = 1;
  constructor() { super(); }
  get q() { return 1; }
}
function* g() { const local = 1; }
"#,
        expect![[r#"
            Function f: const f = (a, b) -- "A thing."
            Constant LIMIT: LIMIT = 1
            Variable y: y = 2
            Variable p: let {p, q: r} = s
            Variable r: let {p, q: r} = s
            Class A: class A extends B -- "Doc.\n@param a b"
              Property #private: #private = 1
              Constructor constructor: constructor()
              Method q: get q()
            Function g: function* g()
        "#]],
    );
}

#[test]
fn typescript() {
    check(
        "typescript",
        r#"
interface I<T> { a: string; f(x: number): void }
type T = string | number;
enum E { A, B = 2 }
namespace N { export function f(): void {} }
abstract class C { private x: number = 1; abstract f(): void; }
declare function g(a: string): number;
const View = (props: Props) => <T,>() => 1;
"#,
        expect![[r#"
            Interface I: interface I<T>
              Property a: a: string
              Method f: f(x: number): void
            TypeAlias T: type T = string | number
            Enum E: enum E
              EnumMember A: A
              EnumMember B: B = 2
            Module N: namespace N
              Function f: function f(): void
            Class C: abstract class C
              Property x: private x: number = 1
              Method f: abstract f(): void
            Function g: function g(a: string): number
            Function View: const View = (props: Props)
        "#]],
    );
}

#[test]
fn rust() {
    check(
        "rust",
        r#"
/// A point.
///
/// In a plane.
#[derive(Debug)]
pub struct Point<T> {
    /// Across.
    pub x: T,
}
impl<T> Display for Point<T>
where
    T: Foo,
{
    const A: u8 = 1;
    pub fn f(&self) -> Result<(), E> {
        let x = 1;
    }
}
enum E { A(u8), B { x: u8 } }
trait Shape { type X; fn area(&self) -> f64; }
macro_rules! m { () => {} }
mod inner { fn b() {} }
static COUNT: usize = 0;
"#,
        expect![[r#"
            Struct Point: pub struct Point<T> -- "A point.\n\nIn a plane."
              Field x: pub x: T -- "Across."
            Class Display for Point<T>: impl<T> Display for Point<T> where T: Foo
              Constant A: const A: u8 = 1
              Method f: pub fn f(&self) -> Result<(), E>
            Enum E: enum E
              EnumMember A: A(u8)
              EnumMember B: B { x: u8 }
                Field x: x: u8
            Interface Shape: trait Shape
              TypeAlias X: type X
              Method area: fn area(&self) -> f64
            Function m: macro_rules! m
            Module inner: mod inner
              Function b: fn b()
            Constant COUNT: static COUNT: usize = 0
        "#]],
    );
}

#[test]
fn go() {
    check(
        "go",
        "package a\n\n// Point is one.\ntype Point struct {\n\tX, Y int\n}\n\ntype I interface {\n\tF(x int) error\n}\n\nconst (\n\tA = iota\n\tB\n)\n\nvar x, y = 1, 2\n\n// F does.\nfunc (p *Point) F(a int) (int, error) {\n\tz := 1\n\treturn z, nil\n}\n",
        expect![[r#"
            Struct Point: type Point struct -- "Point is one."
              Field X: X, Y int
              Field Y: X, Y int
            Interface I: type I interface
              Method F: F(x int) error
            Constant A: A = iota
            Constant B: B
            Variable x: var x, y = 1, 2
            Variable y: var x, y = 1, 2
            Method F: func (p *Point) F(a int) (int, error) -- "F does."
        "#]],
    );
}

#[test]
fn java() {
    check(
        "java",
        r#"
/** Doc. */
@Deprecated
public class A<T> extends B {
  private static final int MAX = 1, min = 2;
  @Override
  public int area(int x) throws E { return 1; }
  A() {}
  enum Q { X, Y }
}
interface I { void f(); }
record R(int a) {}
"#,
        expect![[r#"
            Class A: public class A<T> extends B -- "Doc."
              Constant MAX: private static final int MAX = 1, min = 2
              Field min: private static final int MAX = 1, min = 2
              Method area: public int area(int x) throws E
              Constructor A: A()
              Enum Q: enum Q
                EnumMember X: X
                EnumMember Y: Y
            Interface I: interface I
              Method f: void f()
            Class R: record R(int a)
        "#]],
    );
}

#[test]
fn c_and_cpp() {
    check(
        "c",
        "#define MAX 10\n/* Adds. */\nstatic int *add(int a, int b) { return 0; }\nstruct P { int x, *y; };\ntypedef struct { int q; } Q;\nint g(void);\nint table[3] = {1}, other;\nenum E { A, B = 2 };\n",
        expect![[r#"
            Constant MAX: #define MAX 10
            Function add: static int *add(int a, int b) -- "Adds."
            Struct P: struct P
              Field x: int x, *y
              Field y: int x, *y
            TypeAlias Q: typedef struct { int q; } Q
              Field q: int q
            Function g: int g(void)
            Variable table: int table[3] = {1}, other
            Variable other: int table[3] = {1}, other
            Enum E: enum E
              EnumMember A: A
              EnumMember B: B = 2
        "#]],
    );
    check(
        "cpp",
        "namespace n {\ntemplate <typename T>\nclass V : public B {\npublic:\n  V();\n  ~V() {}\n  void push(T x) { }\n  int size_;\n  bool operator==(const V& o) const;\n};\n}\nvoid n::V::f() {}\nusing X = int;\n",
        expect![[r#"
            Module n: namespace n
              Class V: template <typename T> class V : public B
                Method V: V()
                Method ~V: ~V()
                Method push: void push(T x)
                Field size_: int size_
                Method operator==: bool operator==(const V& o) const
            Function n::V::f: void n::V::f()
            TypeAlias X: using X = int
        "#]],
    );
}

#[test]
fn other_languages() {
    check(
        "shellscript",
        "#!/bin/sh\n# Says hi.\nhi() {\n  echo\n}\nfunction foo { :; }\nX=1\n",
        expect![[r#"
        Function hi: hi() -- "Says hi."
        Function foo: function foo
        Variable X: X=1
    "#]],
    );
    check(
        "css",
        ".a, b > c { x: y }\n@media (max-width: 1px) { d { e: f } }\n",
        expect![[r#"
        Module .a, b > c: .a, b > c
        Module (max-width: 1px): @media (max-width: 1px)
          Module d: d
    "#]],
    );
    check(
        "json",
        "{\"a\": 1, \"b\": {\"c\": 2}}",
        expect![[r#"
        Property a: "a": 1
        Property b: "b": {"c": 2}
    "#]],
    );
    check("html", "<p>a</p>", expect![[""]]);
    check("plaintext", "def f(): pass", expect![[""]]);
}

#[test]
fn broken_code_keeps_what_can_be_read() {
    check(
        "python",
        "def f(a):\n    return (1\n\nclass A:\n    def g(self):\n        pass\n",
        expect![[r#"
        Function f: def f(a): return (1 class A
          Function g: def g(self)
    "#]],
    );
    check(
        "rust",
        "fn f() {\n    let x = \n}\nstruct A { x: i32 }\n",
        expect![[r#"
        Function f: fn f()
        Struct A: struct A
          Field x: x: i32
    "#]],
    );
}

fn check_enclosing(language: &str, fixture: &str, expected: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let names: Vec<String> =
        enclosing_symbols(&document(language, &text), offset).into_iter().map(|symbol| symbol.name).collect();
    assert_eq!(names.join(" > "), expected, "{fixture}");
}

#[test]
fn symbols_around_an_offset() {
    check_enclosing("python", "class A:\n    def f(self):\n        <CURSOR>pass\n\ndef g(): pass\n", "A > f");
    check_enclosing("python", "class A:\n    def f(self):\n        pass\n\ndef <CURSOR>g(): pass\n", "g");
    check_enclosing("rust", "mod m { impl A { fn f() {} <CURSOR> fn g() {} } }", "m > A");
    check_enclosing("rust", "<CURSOR>", "");
}

/// A kind or field that the grammar does not know would never match and never be noticed.
#[test]
fn the_tables_name_what_the_grammars_have() {
    use super::tables::{NameAt, Only, rows};
    for name in [
        "python",
        "javascript",
        "typescript",
        "typescriptreact",
        "rust",
        "go",
        "java",
        "c",
        "cpp",
        "shellscript",
        "css",
        "json",
    ] {
        let language = Language::from_name(name).expect("a language of the registry");
        let grammar = language.grammar().expect("a built-in grammar");
        for row in rows(language.grammar_name().expect("a grammar's name")) {
            assert_ne!(grammar.id_for_node_kind(row.node, true), 0, "{name}: {row:?}");
            let mut fields: Vec<&str> = row.body.into_iter().collect();
            match row.name {
                NameAt::Field(field) | NameAt::Pattern(field) => fields.push(field),
                NameAt::FieldWith(field, with) => fields.extend([field, with]),
                NameAt::Child(kinds) => {
                    assert!(kinds.iter().all(|kind| grammar.id_for_node_kind(kind, true) != 0), "{name}: {row:?}");
                }
                NameAt::Declarator | NameAt::Itself => {}
            }
            if let Only::WithField(field) | Only::FieldIs(field, _) = row.only {
                fields.push(field);
            }
            for field in fields {
                assert!(grammar.field_id_for_name(field).is_some(), "{name}: {field} of {row:?}");
            }
        }
    }
}
