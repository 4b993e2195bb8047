//! Fixtures: a text with the cursor at a name, and the text after renaming that to `new` at every place.

use syntax::{Document, Language};

use super::references;

/// A place where the new name cannot be written becomes `⟨⟩`.
fn check(language: &str, fixture: &str, expected: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1);
    let picture = references(&document, offset).map(|found| {
        let definition = found.definition;
        assert!(found.places.iter().any(|place| place.range == definition), "the definition is a place: {fixture}");
        let old = &text[definition.start..definition.end];
        let mut picture = text.clone();
        for place in found.places.iter().rev() {
            let range = place.range;
            assert_eq!(&text[range.start..range.end], old, "{fixture}");
            picture.replace_range(range.start..range.end, &place.renamed(old, "new").unwrap_or("⟨⟩".to_owned()));
        }
        // The same from every place.
        for place in &found.places {
            assert_eq!(references(&document, place.range.start).as_ref(), Some(&found), "{fixture}");
        }
        picture
    });
    assert_eq!(picture.as_deref().unwrap_or("none"), expected, "{language}: {fixture}");
}

#[test]
fn members_of_other_objects_are_none() {
    check("javascript", "const <CURSOR>amount = 1;\nf(x.amount, amount);\n", "const new = 1;\nf(x.amount, new);\n");
    check("javascript", "function <CURSOR>f() {}\no.f();\nf();\n", "function new() {}\no.f();\nnew();\n");
    check("typescript", "let <CURSOR>a: A = b.a;\nc?.a(a!, this.a);\n", "let new: A = b.a;\nc?.a(new!, this.a);\n");
    check(
        "typescript",
        "class <CURSOR>A {}\nlet b: M.A = new M.A(new A());\n",
        "class new {}\nlet b: M.A = new M.A(new new());\n",
    );
    check(
        "python",
        "<CURSOR>conf = {}\nprint(app.conf, conf)\nx = self.conf\n",
        "new = {}\nprint(app.conf, new)\nx = self.conf\n",
    );
    check(
        "python",
        "def <CURSOR>f(): pass\nclass A:\n    def g(self):\n        self.f(f)\n",
        "def new(): pass\nclass A:\n    def g(self):\n        self.f(new)\n",
    );
    check(
        "rust",
        "fn <CURSOR>a() {}\nfn b(o: O) { o.a(); m::a(); self::a(); a(); o.a; 0..a }\n",
        "fn new() {}\nfn b(o: O) { o.a(); m::a(); self::a(); new(); o.a; 0..new }\n",
    );
    check(
        "rust",
        "fn b(<CURSOR>a: u8) { f!(o.a, m::a, a, 0..a, self.a); }\n",
        "fn b(new: u8) { f!(o.a, m::a, new, 0..new, self.a); }\n",
    );
    check(
        "go",
        "package p\n\nfunc <CURSOR>f() {}\n\nfunc g() {\n\to.f()\n\tf()\n}\n",
        "package p\n\nfunc new() {}\n\nfunc g() {\n\to.f()\n\tnew()\n}\n",
    );
    check(
        "java",
        "class A {\n  int <CURSOR>a;\n  int b(B o) { return a + o.a + this.a + a(); }\n  int a() { return 1; }\n}\n",
        "class A {\n  int new;\n  int b(B o) { return new + o.a + this.new + a(); }\n  int a() { return 1; }\n}\n",
    );
    check(
        "cpp",
        "struct A {\n  int a;\n  int b(A *o) { int <CURSOR>a = o->a; return this->a + a; }\n};\n",
        "struct A {\n  int a;\n  int b(A *o) { int new = o->a; return this->a + new; }\n};\n",
    );
}

#[test]
fn members_follow_their_own_class() {
    check(
        "python",
        "class A:\n    <CURSOR>n = 1\n    m = n\n    def f(self, o):\n        return self.n + o.n + A.n + B.n\n    @classmethod\n    def g(cls): return cls.n\nclass B:\n    n = 2\n    def f(self): return self.n + A.n\n",
        "class A:\n    new = 1\n    m = new\n    def f(self, o):\n        return self.new + o.n + A.new + B.n\n    @classmethod\n    def g(cls): return cls.new\nclass B:\n    n = 2\n    def f(self): return self.n + A.new\n",
    );
    check(
        "python",
        "class A:\n    def __init__(self, n):\n        self.n = n\n        self.b.n = n\n    def f(self): return self.<CURSOR>n\n",
        "class A:\n    def __init__(self, n):\n        self.new = n\n        self.b.n = n\n    def f(self): return self.new\n",
    );
    check(
        "python",
        "class A:\n    @property\n    def <CURSOR>n(self): return 1\n    @n.setter\n    def n(self, v): self.n = v\n",
        "class A:\n    @property\n    def new(self): return 1\n    @new.setter\n    def new(self, v): self.new = v\n",
    );
    check(
        "python",
        "class A:\n    def <CURSOR>f(self): return self.g()\n    class B:\n        def g(self): return self.f()\n",
        "class A:\n    def new(self): return self.g()\n    class B:\n        def g(self): return self.f()\n",
    );
    check(
        "javascript",
        "class A {\n  get <CURSOR>n() { return 1; }\n  set n(v) {}\n  static n() { return this.n() + A.n(); }\n  f(o) { o.n; const b = { n: 1, m() { return this.n; } }; return this.n + A.n + (() => this.n)(); }\n  g() { return function () { return this.n; }; }\n}\n",
        "class A {\n  get new() { return 1; }\n  set new(v) {}\n  static n() { return this.n() + A.n(); }\n  f(o) { o.n; const b = { n: 1, m() { return this.n; } }; return this.new + A.n + (() => this.new)(); }\n  g() { return function () { return this.n; }; }\n}\n",
    );
    check(
        "javascript",
        "class A {\n  constructor() { this.<CURSOR>n = 1; }\n  f() { return this.n + other.n; }\n}\n",
        "class A {\n  constructor() { this.new = 1; }\n  f() { return this.new + other.n; }\n}\n",
    );
    check(
        "typescript",
        "class A {\n  static <CURSOR>n = 1;\n  f(o: A) { return A.n + this.n; }\n}\nenum E { n }\nf(E.n);\n",
        "class A {\n  static new = 1;\n  f(o: A) { return A.new + this.n; }\n}\nenum E { n }\nf(E.n);\n",
    );
    check("typescript", "enum E { <CURSOR>a, b }\nf(E.a, F.a);\n", "enum E { new, b }\nf(E.new, F.a);\n");
    check(
        "rust",
        "struct P { <CURSOR>n: u8 }\nimpl P {\n    fn n(&self) -> u8 { self.n }\n    fn f(&self, o: &P) -> u8 { g!(self.n); self.n() + o.n }\n}\n",
        "struct P { new: u8 }\nimpl P {\n    fn n(&self) -> u8 { self.new }\n    fn f(&self, o: &P) -> u8 { g!(self.new); self.n() + o.n }\n}\n",
    );
    check(
        "rust",
        "struct P;\nimpl P {\n    fn <CURSOR>n(&self) {}\n}\nimpl P {\n    fn f(&self, o: &P) { self.n(); Self::n(self); P::n(o); o.n(); Q::n(o); g!(self.n(), Self::n); }\n}\nimpl Q {\n    fn f(&self) { self.n(); P::n(self) }\n}\n",
        "struct P;\nimpl P {\n    fn new(&self) {}\n}\nimpl P {\n    fn f(&self, o: &P) { self.new(); Self::new(self); P::new(o); o.n(); Q::n(o); g!(self.new(), Self::new); }\n}\nimpl Q {\n    fn f(&self) { self.n(); P::new(self) }\n}\n",
    );
    // Which of two traits' methods is called is not known.
    check(
        "rust",
        "impl A for P { fn <CURSOR>n(&self) {} }\nimpl B for P { fn n(&self) { self.n() } }\n",
        "impl A for P { fn new(&self) {} }\nimpl B for P { fn n(&self) { self.n() } }\n",
    );
    check(
        "rust",
        "enum E { <CURSOR>A, B }\nfn f() { g(E::A, F::A); }\n",
        "enum E { new, B }\nfn f() { g(E::new, F::A); }\n",
    );
}

#[test]
fn shorthands_are_written_out() {
    check(
        "javascript",
        "const <CURSOR>a = 1;\nf(a, {a}, {a: a, b: 2});\n",
        "const new = 1;\nf(new, {a: new}, {a: new, b: 2});\n",
    );
    check(
        "javascript",
        "const {<CURSOR>a, b: {c}, d = a} = o;\nf(a);\n",
        "const {a: new, b: {c}, d = new} = o;\nf(new);\n",
    );
    check("javascript", "const {<CURSOR>a = 1} = o;\nf(a, o.a);\n", "const {a: new = 1} = o;\nf(new, o.a);\n");
    check("javascript", "let <CURSOR>a;\n({a} = o);\n", "let new;\n({a: new} = o);\n");
    check(
        "typescript",
        "function f({<CURSOR>a}: {a: number}) { return a; }\n",
        "function f({a: new}: {a: number}) { return new; }\n",
    );
    check("rust", "fn f(<CURSOR>a: u8) -> P { P { a, b: a } }\n", "fn f(new: u8) -> P { P { a: new, b: new } }\n");
    check(
        "rust",
        "fn f(<CURSOR>a: u8) { vec![P { a }, P { a: 1, b: a }]; }\n",
        "fn f(new: u8) { vec![P { a: new }, P { a: 1, b: new }]; }\n",
    );
    check(
        "rust",
        "fn f(p: P) {\n    let P { <CURSOR>a, b: c } = p;\n    g(a, p.a);\n}\n",
        "fn f(p: P) {\n    let P { a: new, b: c } = p;\n    g(new, p.a);\n}\n",
    );
    check(
        "rust",
        "fn f(p: P) {\n    let P { ref <CURSOR>a } = p;\n    g(a);\n}\n",
        "fn f(p: P) {\n    let P { ref ⟨⟩ } = p;\n    g(new);\n}\n",
    );
}

#[test]
fn keys_and_labels_are_none() {
    check(
        "javascript",
        "const <CURSOR>a = 1;\na: for (;;) { break a; }\nf({a: 1, a() {}, [a]: a});\n",
        "const new = 1;\na: for (;;) { break a; }\nf({a: 1, a() {}, [new]: new});\n",
    );
    check(
        "typescriptreact",
        "const <CURSOR>a = 1;\nconst b = <a a={a} c:a={1}><A a/></a>;\n",
        "const new = 1;\nconst b = <a a={new} c:a={1}><A a/></a>;\n",
    );
    check(
        "typescriptreact",
        "const <CURSOR>A = 1;\nconst b = <A a={1}><B.A/></A>;\n",
        "const new = 1;\nconst b = <new a={1}><B.A/></new>;\n",
    );
    check(
        "typescript",
        "const <CURSOR>a = 1;\ntype F = (a: number) => void;\ninterface I { a: number; b(a: string): void }\nf(a);\n",
        "const new = 1;\ntype F = (a: number) => void;\ninterface I { a: number; b(a: string): void }\nf(new);\n",
    );
    check(
        "python",
        "<CURSOR>a = 1\nf(a=a, **{'a': a})\nmatch p:\n    case P(a=b): pass\n",
        "new = 1\nf(a=new, **{'a': new})\nmatch p:\n    case P(a=b): pass\n",
    );
    check(
        "rust",
        "fn f(<CURSOR>a: u8) {\n    'a: loop { break 'a; }\n    g(P { a: a }, |b: &'a u8| a);\n}\n",
        "fn f(new: u8) {\n    'a: loop { break 'a; }\n    g(P { a: new }, |b: &'a u8| new);\n}\n",
    );
    check(
        "rust",
        "#[a]\nfn <CURSOR>a() { a!(a()); }\nmod a { }\nfn g() { a::f(); }\n",
        "#[a]\nfn new() { a!(new()); }\nmod a { }\nfn g() { a::f(); }\n",
    );
    check(
        "go",
        "package p\n\nfunc f(<CURSOR>a int) P {\n\treturn P{a: a}\n}\n",
        "package p\n\nfunc f(new int) P {\n\treturn P{a: new}\n}\n",
    );
}

#[test]
fn overloads_are_one_function() {
    check(
        "typescript",
        "function <CURSOR>f(a: A): B;\nfunction f(a: B): A;\nfunction f(a) { return f(a); }\n",
        "function new(a: A): B;\nfunction new(a: B): A;\nfunction new(a) { return new(a); }\n",
    );
}

#[test]
fn imports_and_exports() {
    check("javascript", "import {a} from 'b';\nf(<CURSOR>a);\n", "import {a as new} from 'b';\nf(new);\n");
    check(
        "javascript",
        "import {a as <CURSOR>b, b as c} from 'b';\nf(b);\n",
        "import {a as new, b as c} from 'b';\nf(new);\n",
    );
    check("javascript", "import <CURSOR>a, * as b from 'a';\nf(a);\n", "import new, * as b from 'a';\nf(new);\n");
    check(
        "javascript",
        "const <CURSOR>a = 1, b = 2;\nexport {a, b as a};\nexport {a} from 'b';\n",
        "const new = 1, b = 2;\nexport {new as a, b as a};\nexport {a} from 'b';\n",
    );
    check(
        "javascript",
        "const <CURSOR>a = 1;\nexport {a as b};\nmodule.exports = {a};\n",
        "const new = 1;\nexport {new as b};\nmodule.exports = {a: new};\n",
    );
    check("python", "from a import <CURSOR>b, c as d\nb.c(d)\n", "from a import b as new, c as d\nnew.c(d)\n");
    check(
        "python",
        "import <CURSOR>a.b\nfrom c import a as d\na.b(d)\n",
        "import ⟨⟩.b\nfrom c import a as d\nnew.b(d)\n",
    );
    check(
        "rust",
        "use a::<CURSOR>b;\nuse c::b::d;\nfn f() { b(d) }\n",
        "use a::b as new;\nuse c::b::d;\nfn f() { new(d) }\n",
    );
}

#[test]
fn format_strings_of_rust() {
    check(
        "rust",
        "fn f(<CURSOR>a: u8) {\n    println!(\"{a} {{a}} {} {a:?} {:a$.a$} \\u{a}\", a, 1);\n    println!(\"{}\", \"{a}\");\n}\n",
        "fn f(new: u8) {\n    println!(\"{new} {{a}} {} {new:?} {:new$.new$} \\u{a}\", new, 1);\n    println!(\"{}\", \"{a}\");\n}\n",
    );
    check(
        "rust",
        "fn f(<CURSOR>a: u8) { g(format!(r#\"{a}\"#)); write!(w, \"{a}\"); other!(\"{a}\"); }\n",
        "fn f(new: u8) { g(format!(r#\"{new}\"#)); write!(w, \"{new}\"); other!(\"{a}\"); }\n",
    );
    check(
        "rust",
        "fn f(<CURSOR>a: u8) { println!(\"{a}\", a = a + 1); assert_eq!(a, 1, \"{a}\"); }\n",
        "fn f(new: u8) { println!(\"{a}\", a = new + 1); assert_eq!(new, 1, \"{new}\"); }\n",
    );
}
