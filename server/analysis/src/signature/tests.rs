//! Fixtures: a text with the cursor in a parameter list, what is read there, and the calls found.

use syntax::{Document, Language, TextRange};

use super::tables::tables;
use super::{ArgumentKind, Parameter, ParameterKind, calls_of, signature_at};

/// `a`, `b=` (has a default), `/c` (by position only), `-d` (by keyword only), `*e`, `**f`.
fn parameter_picture(Parameter { name, kind, has_default }: &Parameter) -> String {
    let sign = match kind {
        ParameterKind::Positional => "/",
        ParameterKind::Ordinary | ParameterKind::Rest | ParameterKind::KeywordRest => "",
        ParameterKind::Keyword => "-",
    };
    format!("{sign}{name}{}", if *has_default { "=" } else { "" })
}

/// `expected`: the parameters, then the arguments of each call found in the text.
fn check(language: &str, fixture: &str, expected: Option<&str>) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1);
    let picture = signature_at(&document, offset).map(|signature| {
        let parameters: Vec<_> = signature.parameters.iter().map(parameter_picture).collect();
        let mut picture = parameters.join(" ");
        for call in calls_of(&document, &signature, TextRange::new(0, text.len())) {
            let arguments = call.arguments.iter().map(|argument| {
                let sign = match argument.kind {
                    ArgumentKind::Positional => "",
                    ArgumentKind::Keyword(_) => "-",
                    ArgumentKind::Spread | ArgumentKind::KeywordSpread => "~",
                };
                format!("{sign}{}", &text[argument.range.start..argument.range.end])
            });
            picture.push_str(&format!(" | {}", arguments.collect::<Vec<_>>().join(" ")));
        }
        picture
    });
    assert_eq!(picture.as_deref(), expected, "{language}: {fixture}");
}

#[test]
fn parameters() {
    for (language, fixture, expected) in [
        ("python", "def f(<CURSOR>a, /, b: int, c=1, *d, e, **g): pass\n", "/a b c= *d -e **g"),
        ("python", "def f(a, *, b: int = 1<CURSOR>, c): pass\n", "a -b= -c"),
        ("python", "def f(<CURSOR>*a: int, **b: str): pass\n", "*a **b"),
        ("javascript", "function f(<CURSOR>a, b = 1, {c}, ...d) {}\n", "/a /b= /{c} ...d"),
        ("typescript", "const f = <T>(this: X, <CURSOR>a: number, b?: T, c = 1): T => a;\n", "/a /b= /c="),
        ("rust", "fn f<T>(<CURSOR>mut a: u8, (b, c): (T, T)) {}\n", "/a /(b, c)"),
        ("rust", "impl A { fn f(<CURSOR>&self, a: u8) {} }\n", "/a"),
    ] {
        check(language, fixture, Some(expected));
    }
}

#[test]
fn calls() {
    for (language, fixture, expected) in [
        ("python", "def f(<CURSOR>a): pass\nf(1)\nx = [f(f(2), b=3)]\ng(4)\no.f(5)\n", "a | 1 | f(2) -b=3 | 2"),
        ("python", "def f(<CURSOR>a): pass\ndef g(f):\n    f(1)\ndef h():\n    f(*x, **y)\n", "a | ~*x ~**y"),
        ("python", "def f(<CURSOR>a): pass\nf(1 # one\n)\nf(x for x in y)\n", "a"),
        (
            "python",
            "class A:\n    def f(<CURSOR>self, a): self.f(1)\n    def g(self): self.f(2); o.f(3)\nclass B:\n    def h(self): self.f(4)\n",
            "a | 1 | 2",
        ),
        ("python", "class A:\n    @staticmethod\n    def f(<CURSOR>a): pass\nA.f(1)\nA().f(2)\n", "a | 1"),
        ("python", "class A:\n    def __init__(<CURSOR>self, a): pass\nx = A(1)\nA.b(2)\n", "a | 1"),
        ("javascript", "class A { constructor(<CURSOR>a) {} m() { return new A(1); } }\n", "/a | 1"),
        ("javascript", "class A { f = (<CURSOR>a) => a; m() { this.f(1, ...b); f(2); } }\n", "/a | 1 ~...b"),
        ("javascript", "export const f = async (<CURSOR>a) => a;\nawait f(1);\n", "/a | 1"),
        ("javascriptreact", "function f(<CURSOR>a) {}\nconst x = <A b={f(1)}>{f(2)}</A>;\n", "/a | 1 | 2"),
        ("typescript", "function f<T>(<CURSOR>a: T) {}\nf<number>(1)!;\n", "/a | 1"),
        ("rust", "fn f<T>(<CURSOR>a: T) {}\nfn g() { f(1); f::<u8>(2); a::f(3); }\n", "/a | 1 | 2"),
        (
            "rust",
            "impl<T> A<T> { fn f(<CURSOR>&self, a: u8) {} }\nimpl A<u8> { fn g(&self) { self.f(1); Self::f(self, 2); x.f(3); } }\n",
            "/a | 1",
        ),
        ("rust", "impl A { fn f(<CURSOR>a: u8) -> Self { Self::f(1) } }\nfn g() { A::f(2); B::f(3); }\n", "/a | 1 | 2"),
    ] {
        check(language, fixture, Some(expected));
    }
}

#[test]
fn what_is_not_certain_is_left_out() {
    for (language, fixture) in [
        ("python", "def f(a, <CURSOR>: pass\n"),
        ("python", "def f(a):\n    return <CURSOR>a\n"),
        ("python", "x = lambda <CURSOR>a: a\n"),
        ("python", "class A:\n    def f(<CURSOR>): pass\n"),
        ("python", "@overload\ndef f(<CURSOR>a): pass\ndef f(a, b): pass\n"),
        ("typescript", "function f(a: string): void;\nfunction f(<CURSOR>a: any) {}\n"),
        ("javascript", "x = { f(<CURSOR>a) {} };\n"),
        ("javascript", "g(function (<CURSOR>a) {});\n"),
        ("rust", "impl From<u8> for A { fn from(<CURSOR>a: u8) -> Self { A } }\n"),
        ("go", "package a\n\nfunc f(<CURSOR>a int) {}\n"),
        ("plaintext", "def f(<CURSOR>a): pass\n"),
    ] {
        check(language, fixture, None);
    }
}

/// A kind or field that the grammar does not know would never match and never be noticed.
#[test]
fn the_tables_name_what_the_grammars_have() {
    for (names, grammar) in
        [(&["python"][..], "python"), (&["javascript", "typescript"], "javascript"), (&["rust"], "rust")]
    {
        let tables = tables(grammar).expect("tables");
        let kinds = tables.functions.iter().chain(tables.wrappers).chain(tables.lists).chain(tables.callee_wrappers);
        let kinds = kinds
            .chain(tables.holders.iter().chain(tables.classes).chain(tables.calls).map(|(kind, _)| kind))
            .chain(tables.parameters.iter().map(|(kind, _)| kind))
            .chain(tables.arguments.iter().map(|(kind, _)| kind))
            .chain(tables.members.iter().map(|(kind, ..)| kind));
        let fields = tables.holders.iter().chain(tables.classes).chain(tables.calls).map(|(_, field)| field);
        let fields = fields.chain(tables.members.iter().flat_map(|(_, receiver, name)| [receiver, name]));
        let grammars = names.iter().map(|name| {
            let language = Language::from_name(name).expect("a language of the registry");
            language.grammar().expect("a built-in grammar")
        });
        let grammars: Vec<_> = grammars.collect();
        for kind in kinds {
            assert!(grammars.iter().any(|it| it.id_for_node_kind(kind, true) != 0), "{grammar}: {kind}");
        }
        for field in fields {
            assert!(grammars.iter().any(|it| it.field_id_for_name(field).is_some()), "{grammar}: {field}");
        }
    }
}
