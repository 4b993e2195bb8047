//! What is said about broken code, language by language. The pictures are reviewed by eye:
//! one mistake, one message, at the place where a person would look.

mod general;

use expect_test::{Expect, expect};
use syntax::{Document, Language, TextRange};

use super::{MAX_DIAGNOSTICS, rule, syntax_diagnostics as diagnostics, syntax_error_count};

fn document(language: &str, text: &str) -> Document {
    Document::new(text, Language::from_name(language).expect("a language of the registry"), 1)
}

/// The text with every diagnostic drawn under it, its other places and its fixes behind.
fn check(language: &str, text: &str, expected: Expect) {
    let document = document(language, text);
    let found = diagnostics(&document);
    let mut labels = Vec::new();
    for diagnostic in &found {
        assert!(rule(diagnostic.code).is_some(), "{}", diagnostic.code);
        let mut label = format!("{}: {}", diagnostic.code, diagnostic.message);
        for fix in &diagnostic.fixes {
            label.push_str(&format!(" [{}]", fix.title));
        }
        labels.push((diagnostic.range.into(), label));
        labels
            .extend(diagnostic.related.iter().map(|related| (related.range.into(), format!("({})", related.message))));
    }
    expected.assert_eq(&testkit::mark(
        &text.replace('\r', ""),
        &labels.into_iter().map(|(range, label)| (without_returns(text, range), label)).collect::<Vec<_>>(),
    ));
    for diagnostic in &found {
        if let Some(fix) = diagnostic.fixes.first() {
            let fixed = document.edit(&fix.edits, 2);
            assert!(diagnostics(&fixed).len() < found.len(), "the fix of {diagnostic:?} leaves {fixed:?}");
        }
    }
}

/// The range in the text without its carriage returns.
fn without_returns(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let moved = |offset: usize| offset - text[..offset].matches('\r').count();
    moved(range.start)..moved(range.end)
}

#[test]
fn python() {
    check(
        "python",
        "if x\n    y\nz = 1\n",
        expect![[r#"
        if x
           ^ missing-token: expected `:` after the condition [Insert `:`]
            y
        z = 1
    "#]],
    );
    check(
        "python",
        "while True\n    pass\n",
        expect![[r#"
        while True
                 ^ missing-token: expected `:` after the condition [Insert `:`]
            pass
    "#]],
    );
    check(
        "python",
        "def f(self)\n    return 1\n",
        expect![[r#"
        def f(self)
                  ^ missing-token: expected `:` after the function's head [Insert `:`]
            return 1
    "#]],
    );
    check(
        "python",
        "class A\n    x = 1\n",
        expect![[r#"
        class A
              ^ missing-token: expected `:` after the class's head [Insert `:`]
            x = 1
    "#]],
    );
    check(
        "python",
        "for x in y\n    pass\n",
        expect![[r#"
        for x in y
                 ^ missing-token: expected `:` after the loop's iterable [Insert `:`]
            pass
    "#]],
    );
    check(
        "python",
        "for x y:\n    pass\n",
        expect![[r#"
        for x y:
            ^ missing-token: expected `in` after `x` [Insert `in`]
            pass
    "#]],
    );
    check(
        "python",
        "if x = 5:\n    pass\n",
        expect![[r#"
        if x = 5:
             ^ unexpected-token: unexpected `=`: a comparison is written `==` [Replace `=` by `==`]
            pass
    "#]],
    );
    check(
        "python",
        "def f(a, b:\n    return a\n",
        expect![[r#"
        def f(a, b:
             ^ unclosed-bracket: `(` is never closed [Insert `)`]
                  ^ (expected `)` here)
            return a
    "#]],
    );
    check(
        "python",
        "x = {1: 2\ndef f():\n    pass\n",
        expect![[r#"
        x = {1: 2
            ^ unclosed-bracket: `{` is never closed [Insert `}`]
                 ^ (expected `}` here)
        def f():
            pass
    "#]],
    );
    check(
        "python",
        "foo(\n    1,\n    2\n\nbar()\n",
        expect![[r#"
        foo(
           ^ unclosed-bracket: `(` is never closed [Insert `)`]
            1,
            2
             ^ (expected `)` here)

        bar()
    "#]],
    );
    check(
        "python",
        "x = [1, 2)\n",
        expect![[r#"
        x = [1, 2)
                 ^ mismatched-bracket: expected `]`, found `)` [Replace `)` by `]`]
            ^ (`[` is opened here)
    "#]],
    );
    check(
        "python",
        "z = 1)\n",
        expect![[r#"
        z = 1)
             ^ unexpected-closing-bracket: unexpected `)`: no bracket is open that it could close [Remove `)`]
    "#]],
    );
    check(
        "python",
        "x = \"abc\ny = 1\n",
        expect![[r#"
        x = "abc
            ^^^^ unterminated-string: this string is never closed [Insert `"`]
        y = 1
    "#]],
    );
    check(
        "python",
        "print('a)\nx = 1\n",
        expect![[r#"
        print('a)
              ^^ unterminated-string: this string is never closed [Insert `'`]
        x = 1
    "#]],
    );
    check(
        "python",
        "if x == 'a:\n    pass\n",
        expect![[r#"
        if x == 'a:
                ^^ unterminated-string: this string is never closed [Insert `'`]
            pass
    "#]],
    );
    check(
        "python",
        "x = \"\"\"abc\n\ny = 1\n",
        expect![[r#"
        x = """abc
            ^^^ unterminated-string: this string is never closed [Insert `"""`]

        y = 1
    "#]],
    );
    check(
        "python",
        "f\"{x\" + 1\n",
        expect![[r#"
        f"{x" + 1
          ^ unclosed-bracket: `{` is never closed [Insert `}`]
            ^ (expected `}` here)
    "#]],
    );
    check(
        "python",
        "x = \ny = 2\n",
        expect![[r#"
        x = 
          ^ missing-expression: expected an expression after `=`
        y = 2
    "#]],
    );
    check(
        "python",
        "x = = 3\n",
        expect![[r#"
        x = = 3
          ^ missing-expression: expected an expression after `=`
    "#]],
    );
    check(
        "python",
        "return return\n",
        expect![[r#"
        return return
               ^^^^^^ unexpected-token: unexpected `return`: a new statement begins on a new line [Begin a new line]
    "#]],
    );
    check(
        "python",
        "a = 1 b = 2\n",
        expect![[r#"
        a = 1 b = 2
              ^ unexpected-token: unexpected `b`: a new statement begins on a new line [Begin a new line]
    "#]],
    );
    check(
        "python",
        "else:\n    x\n",
        expect![[r#"
            else:
            ^^^^ unexpected-token: unexpected `else`, expected an expression
                x
        "#]],
    );
    check(
        "python",
        "foo(1 2)\n",
        expect![[r#"
        foo(1 2)
            ^ missing-token: expected `,` after `1` [Insert `,`]
    "#]],
    );
    check(
        "python",
        "if x:\ny = 1\n",
        expect![[r#"
        if x:
        ^^ (the block belongs to this)
        y = 1
        ^ indentation-error: expected an indented block after `if` [Insert `pass`]
    "#]],
    );
    check(
        "python",
        "def f():\n",
        expect![[r#"
        def f():
               ^ indentation-error: expected an indented block after `def` [Insert `pass`]
        ^^^ (the block belongs to this)
    "#]],
    );
    check(
        "python",
        "def f():\n    x = 1\n  y = 2\n",
        expect![[r#"
        def f():
            x = 1
          y = 2
        ^^ indentation-error: the indentation does not match any outer level
    "#]],
    );
    check(
        "python",
        "x = 1\n    y = 2\n    z = 3\n",
        expect![[r#"
        x = 1
            y = 2
        ^^^^ indentation-error: unexpected indentation [Remove the indentation]
            z = 3
    "#]],
    );
    check(
        "python",
        "x = 1 $ 2\n",
        expect![[r#"
        x = 1 $ 2
              ^ unexpected-token: unexpected `$`
    "#]],
    );
    check(
        "python",
        "import os\nprint(\"a)\nx = [1, 2\ny = (3\nclass A\n    pass\n",
        expect![[r#"
        import os
        print("a)
              ^^ unterminated-string: this string is never closed [Insert `"`]
        x = [1, 2
            ^ unclosed-bracket: `[` is never closed [Insert `]`]
                 ^ (expected `]` here)
        y = (3
            ^ unclosed-bracket: `(` is never closed [Insert `)`]
              ^ (expected `)` here)
        class A
              ^ missing-token: expected `:` after the class's head [Insert `:`]
            pass
    "#]],
    );
    check(
        "python",
        "if x\r\n    y\r\n",
        expect![[r#"
        if x
           ^ missing-token: expected `:` after the condition [Insert `:`]
            y
    "#]],
    );
    check(
        "python",
        "if x:\r\n\ty = 1\r\nelse\r\n\tz = 2\r\n",
        expect![[r#"
        if x:
        	y = 1
        else
           ^ missing-token: expected `:` after `else` [Insert `:`]
        	z = 2
    "#]],
    );
    check(
        "python",
        "s = \"😀\" + (1\nt = 2\n",
        expect![[r#"
        s = "😀" + (1
                  ^ unclosed-bracket: `(` is never closed [Insert `)`]
                    ^ (expected `)` here)
        t = 2
    "#]],
    );
    check(
        "python",
        "def f(x):\n    \"\"\"Doc.\"\"\"\n    return [y for y in x if y.a\n\ndef g():\n    pass\n",
        expect![[r#"
            def f(x):
                """Doc."""
                return [y for y in x if y.a
                       ^ unclosed-bracket: `[` is never closed [Insert `]`]
                                           ^ (expected `]` here)

            def g():
                pass
        "#]],
    );
}

#[test]
fn a_string_begins_without_its_quote() {
    check(
        "python",
        "x = [\n    'a',\n    dd',\n    'c',\n]\ny = 1\n",
        expect![[r#"
        x = [
            'a',
            dd',
            ^^^ unterminated-string: this string is never opened [Insert `'`]
            'c',
        ]
        y = 1
    "#]],
    );
    check(
        "typescript",
        "print(hello\");\nx();\n",
        expect![[r#"
        print(hello");
              ^^^^^^ unterminated-string: this string is never opened [Insert `"`]
        x();
    "#]],
    );
}

#[test]
fn half_of_a_triple_quote() {
    check(
        "python",
        "def f():\n    \"\"Doc of f.\"\"\"\n    return 1\n",
        expect![[r#"
            def f():
                ""Doc of f."""
                ^^ unterminated-string: expected `"""` [Insert `"`]
                return 1
        "#]],
    );
    check(
        "python",
        "def f():\n    \"\"\"Doc of f.\"\"\n    return 1\n\ndef g():\n    \"\"\"Doc.\"\"\"\n",
        expect![[r#"
            def f():
                """Doc of f.""
                            ^^ unterminated-string: expected `"""` [Insert `"`]
                return 1

            def g():
                """Doc."""
        "#]],
    );
}

#[test]
fn an_opening_brace_is_missing() {
    check(
        "javascript",
        "class A {\n  f(a)\n    return a;\n  }\n\n  g() {\n  }\n}\n",
        expect![[r#"
        class A {
          f(a)
             ^ missing-token: expected `{` at the end of this line [Insert `{`]
            return a;
          }
          ^ (this `}` closes what it should open)

          g() {
          }
        }
    "#]],
    );
    check(
        "rust",
        "fn f() {\n    if x\n        y();\n    }\n    z();\n}\n",
        expect![[r#"
        fn f() {
            if x
               ^ missing-token: expected `{` at the end of this line [Insert `{`]
                y();
            }
            ^ (this `}` closes what it should open)
            z();
        }
    "#]],
    );
}

#[test]
fn javascript() {
    check(
        "javascript",
        "const a = ;\nlet b = 1;\n",
        expect![[r#"
        const a = ;
                ^ missing-expression: expected an expression after `=`
        let b = 1;
    "#]],
    );
    check(
        "javascript",
        "if (a {\n  b();\n}\n",
        expect![[r#"
        if (a {
           ^ unclosed-bracket: `(` is never closed [Insert `)`]
             ^ (expected `)` here)
          b();
        }
    "#]],
    );
    check(
        "javascript",
        "foo(1 2);\n",
        expect![[r#"
        foo(1 2);
            ^ missing-token: expected `,` after `1` [Insert `,`]
    "#]],
    );
    check(
        "javascript",
        "let s = \"abc;\nfoo();\n",
        expect![[r#"
        let s = "abc;
                ^^^^ unterminated-string: this string is never closed [Insert `"`]
        foo();
    "#]],
    );
    check(
        "javascript",
        "function f() {\n  if (x) {\n    y();\n}\nfunction g() {\n}\n",
        expect![[r#"
        function f() {
          if (x) {
                 ^ unclosed-bracket: `{` is never closed [Insert `}`]
            y();
                ^ (expected `}` here)
        }
        function g() {
        }
    "#]],
    );
    check(
        "javascript",
        "foo({\n  a: 1,\n  b: 2\n;\nbar();\n",
        expect![[r#"
            foo({
               ^ unclosed-bracket: `(` is never closed [Insert `)`]
                ^ unclosed-bracket: `{` is never closed [Insert `}`]
              a: 1,
              b: 2
                  ^ (expected `)` here)
                  ^ (expected `}` here)
            ;
            bar();
        "#]],
    );
    check(
        "javascript",
        "const x = {a: 1 b: 2};\n",
        expect![[r#"
        const x = {a: 1 b: 2};
                      ^ missing-token: expected `,` after `1` [Insert `,`]
    "#]],
    );
    check(
        "javascript",
        "let x = `abc ${y}\nfoo();\n",
        expect![[r#"
        let x = `abc ${y}
                ^ unterminated-string: this string is never closed [Insert ```]
        foo();
    "#]],
    );
    check(
        "javascript",
        "/* foo\nbar();\n",
        expect![[r#"
        /* foo
        ^^ unterminated-comment: this comment is never closed [Insert `*/`]
        bar();
    "#]],
    );
    check(
        "javascript",
        "x = (1, 2];\n",
        expect![[r#"
        x = (1, 2];
                 ^ mismatched-bracket: expected `)`, found `]` [Replace `]` by `)`]
            ^ (`(` is opened here)
    "#]],
    );
    check(
        "javascript",
        "x = /[(]/;\ny = (1;\n",
        expect![[r#"
        x = /[(]/;
        y = (1;
            ^ unclosed-bracket: `(` is never closed [Insert `)`]
              ^ (expected `)` here)
    "#]],
    );
    check(
        "javascript",
        "call(function () {\n  a();\n};\n",
        expect![[r#"
        call(function () {
            ^ unclosed-bracket: `(` is never closed [Insert `)`]
          a();
        };
         ^ (expected `)` here)
    "#]],
    );
}

#[test]
fn javascriptreact() {
    check(
        "javascriptreact",
        "const a = <p>don't</p>;\nconst b = (1;\n",
        expect![[r#"
        const a = <p>don't</p>;
        const b = (1;
                  ^ unclosed-bracket: `(` is never closed [Insert `)`]
                    ^ (expected `)` here)
    "#]],
    );
    check(
        "javascriptreact",
        "const a = <div><span></div>;\n",
        expect![[r#"
        const a = <div><span></div>;
    "#]],
    );
}

#[test]
fn typescript() {
    check(
        "typescript",
        "let x: = 5;\n",
        expect![[r#"
        let x: = 5;
             ^ missing-expression: expected a type after `:`
    "#]],
    );
    check(
        "typescript",
        "function f(a: number b: string) {}\n",
        expect![[r#"
        function f(a: number b: string) {}
                           ^ missing-token: expected `,` after `number` [Insert `,`]
    "#]],
    );
    check(
        "typescript",
        "interface A { x number; }\n",
        expect![[r#"
        interface A { x number; }
                      ^ missing-token: expected `:` after `x` [Insert `:`]
    "#]],
    );
    check(
        "typescript",
        "class A {\n  foo() { return 1; }\n",
        expect![[r#"
        class A {
                ^ unclosed-bracket: `{` is never closed [Insert `}`]
          foo() { return 1; }
                             ^ (expected `}` here)
    "#]],
    );
    check(
        "typescript",
        "enum X { A B }\n",
        expect![[r#"
        enum X { A B }
                 ^ missing-token: expected `,` after `A` [Insert `,`]
    "#]],
    );
}

#[test]
fn typescriptreact() {
    check(
        "typescriptreact",
        "const a = <p title=\"x>{b}</p>;\n",
        expect![[r#"
            const a = <p title="x>{b}</p>;
                               ^^ unterminated-string: this string is never closed [Insert `"`]
        "#]],
    );
    check(
        "typescriptreact",
        "function A() {\n  return <p>{x</p>;\n}\n",
        expect![[r#"
            function A() {
              return <p>{x</p>;
                        ^ unclosed-bracket: `{` is never closed [Insert `}`]
                          ^ (expected `}` here)
            }
        "#]],
    );
}

#[test]
fn rust() {
    check(
        "rust",
        "fn f() { let x = ; }\n",
        expect![[r#"
        fn f() { let x = ; }
                       ^ missing-expression: expected an expression after `=`
    "#]],
    );
    check(
        "rust",
        "fn f() { let x = 1 let y = 2; }\n",
        expect![[r#"
        fn f() { let x = 1 let y = 2; }
                         ^ missing-token: expected `;` after `1` [Insert `;`]
    "#]],
    );
    check(
        "rust",
        "fn f( { }\n",
        expect![[r#"
        fn f( { }
            ^ unclosed-bracket: `(` is never closed [Insert `)`]
             ^ (expected `)` here)
    "#]],
    );
    check(
        "rust",
        "struct A { x: i32 y: i32 }\n",
        expect![[r#"
        struct A { x: i32 y: i32 }
                        ^ missing-token: expected `,` after `i32` [Insert `,`]
    "#]],
    );
    check(
        "rust",
        "fn main() {\n    let a = \"abc;\n    let b = \"def\";\n}\n",
        expect![[r#"
        fn main() {
            let a = "abc;
                    ^ unterminated-string: this string is never closed [Insert `"`]
            let b = "def";
        }
    "#]],
    );
    check(
        "rust",
        "fn a() {\n    if x {\n        b();\n}\n\nfn c() {\n}\n",
        expect![[r#"
        fn a() {
            if x {
                 ^ unclosed-bracket: `{` is never closed [Insert `}`]
                b();
                    ^ (expected `}` here)
        }

        fn c() {
        }
    "#]],
    );
    check(
        "rust",
        "fn f<'a>(x: &'a str) -> { x }\n",
        expect![[r#"
        fn f<'a>(x: &'a str) -> { x }
                              ^ missing-expression: expected a type after `->`
    "#]],
    );
    check(
        "rust",
        "fn f() { let x = vec![1, 2; }\n",
        expect![[r#"
            fn f() { let x = vec![1, 2; }
                                 ^ unclosed-bracket: `[` is never closed [Insert `]`]
                                      ^ (expected `]` here)
        "#]],
    );
    check(
        "rust",
        "fn f(x i32) {}\n",
        expect![[r#"
        fn f(x i32) {}
             ^ missing-token: expected `:` after `x` [Insert `:`]
    "#]],
    );
    check(
        "rust",
        "/* a /* b */\nfn f() {}\n",
        expect![[r#"
        /* a /* b */
        ^^ unterminated-comment: this comment is never closed [Insert `*/`]
        fn f() {}
    "#]],
    );
}

#[test]
fn go() {
    check(
        "go",
        "package a\n\nfunc f() int {\n\treturn 1 +\n}\n",
        expect![[r#"
        package a

        func f() int {
        	return 1 +
                  ^ missing-expression: expected an expression after `+`
        }
    "#]],
    );
    check(
        "go",
        "package a\n\nfunc f( {\n}\n",
        expect![[r#"
        package a

        func f( {
              ^ unclosed-bracket: `(` is never closed [Insert `)`]
               ^ (expected `)` here)
        }
    "#]],
    );
    check(
        "go",
        "package a\n\nfunc main() {\n\tx := []int{1, 2, 3\n\tfmt.Println(x)\n}\n",
        expect![[r#"
        package a

        func main() {
        	x := []int{1, 2, 3
                   ^ unclosed-bracket: `{` is never closed [Insert `}`]
                           ^ (expected `}` here)
        	fmt.Println(x)
        }
    "#]],
    );
    check(
        "go",
        "package a\n\nvar s = \"abc\nvar t = 1\n",
        expect![[r#"
        package a

        var s = "abc
                ^^^^ unterminated-string: this string is never closed [Insert `"`]
        var t = 1
    "#]],
    );
    check(
        "go",
        "package a\n\nfunc f() {\n\tif x {\n\t\ty()\n}\n\nfunc g() {}\n",
        expect![[r#"
        package a

        func f() {
        	if x {
              ^ unclosed-bracket: `{` is never closed [Insert `}`]
        		y()
             ^ (expected `}` here)
        }

        func g() {}
    "#]],
    );
}

#[test]
fn java() {
    check(
        "java",
        "class A {\n  void f() {\n    int x = 1\n    foo();\n  }\n}\n",
        expect![[r#"
        class A {
          void f() {
            int x = 1
                    ^ missing-token: expected `;` after `1` [Insert `;`]
            foo();
          }
        }
    "#]],
    );
    check(
        "java",
        "class A { int f( { } }\n",
        expect![[r#"
        class A { int f( { } }
                       ^ unclosed-bracket: `(` is never closed [Insert `)`]
                        ^ (expected `)` here)
    "#]],
    );
    check(
        "java",
        "class A {\n  String s = \"abc;\n  int y;\n}\n",
        expect![[r#"
        class A {
          String s = "abc;
                     ^^^^ unterminated-string: this string is never closed [Insert `"`]
          int y;
        }
    "#]],
    );
    check(
        "java",
        "class A { void f() { x = ; } }\n",
        expect![[r#"
        class A { void f() { x = ; } }
                               ^ missing-expression: expected an expression after `=`
    "#]],
    );
    check(
        "java",
        "class A {\n  void f() {\n    g(1;\n  }\n}\n",
        expect![[r#"
        class A {
          void f() {
            g(1;
             ^ unclosed-bracket: `(` is never closed [Insert `)`]
               ^ (expected `)` here)
          }
        }
    "#]],
    );
}

#[test]
fn c() {
    check(
        "c",
        "int main(void) { int x = 1 return x; }\n",
        expect![[r#"
        int main(void) { int x = 1 return x; }
                                 ^ missing-token: expected `;` after `1` [Insert `;`]
    "#]],
    );
    check(
        "c",
        "int f(void) {\n  return 1;\n",
        expect![[r#"
        int f(void) {
                    ^ unclosed-bracket: `{` is never closed [Insert `}`]
          return 1;
                   ^ (expected `}` here)
    "#]],
    );
    check(
        "c",
        "struct A { int x; }\nint y;\n",
        expect![[r#"
        struct A { int x; }
                          ^ missing-token: expected `;` after `}` [Insert `;`]
        int y;
    "#]],
    );
    check(
        "c",
        "int main(void) {\n  printf(\"abc);\n  return 0;\n}\n",
        expect![[r#"
        int main(void) {
          printf("abc);
                 ^^^^ unterminated-string: this string is never closed [Insert `"`]
          return 0;
        }
    "#]],
    );
    check(
        "c",
        "int a[3 = {1};\n",
        expect![[r#"
        int a[3 = {1};
             ^ unclosed-bracket: `[` is never closed [Insert `]`]
               ^ (expected `]` here)
    "#]],
    );
    check(
        "c",
        "int f(int a, ) { return a; }\n",
        expect![[r#"
        int f(int a, ) { return a; }
                   ^ unexpected-token: unexpected `,` before `)` [Remove `,`]
    "#]],
    );
    check(
        "c",
        "for (int i = 0; i < 3; i++ {\n}\n",
        expect![[r#"
        for (int i = 0; i < 3; i++ {
            ^ unclosed-bracket: `(` is never closed [Insert `)`]
                                  ^ (expected `)` here)
        }
    "#]],
    );
    check(
        "c",
        "static INLINE int f(int a UNUSED) {\n  return a;\n}\n",
        expect![[r#"
        static INLINE int f(int a UNUSED) {
          return a;
        }
    "#]],
    );
}

#[test]
fn cpp() {
    check(
        "cpp",
        "template <typename T>\nvoid f(T x { }\n",
        expect![[r#"
        template <typename T>
        void f(T x { }
              ^ unclosed-bracket: `(` is never closed [Insert `)`]
                  ^ (expected `)` here)
    "#]],
    );
    check(
        "cpp",
        "std::vector<int> v = {1, 2;\n",
        expect![[r#"
        std::vector<int> v = {1, 2;
                             ^ unclosed-bracket: `{` is never closed [Insert `}`]
                                  ^ (expected `}` here)
    "#]],
    );
    check(
        "cpp",
        "auto s = R\"(a \" b)\";\nint x = (1;\n",
        expect![[r#"
        auto s = R"(a " b)";
        int x = (1;
                ^ unclosed-bracket: `(` is never closed [Insert `)`]
                  ^ (expected `)` here)
    "#]],
    );
    check(
        "cpp",
        "class A {\npublic:\n  void f() { g(); \n};\n",
        expect![[r#"
        class A {
        public:
          void f() { g(); 
                   ^ unclosed-bracket: `{` is never closed [Insert `}`]
                         ^ (expected `}` here)
        };
    "#]],
    );
}

#[test]
fn json() {
    check(
        "json",
        "{\"a\": 1 \"b\": 2}\n",
        expect![[r#"
        {"a": 1 "b": 2}
              ^ missing-token: expected `,` after `1` [Insert `,`]
    "#]],
    );
    check(
        "json",
        "[1, 2,]\n",
        expect![[r#"
        [1, 2,]
             ^ unexpected-token: unexpected `,` before `]` [Remove `,`]
    "#]],
    );
    check(
        "json",
        "{\"a\" 1}\n",
        expect![[r#"
            {"a" 1}
               ^ missing-token: expected `:` after the string [Insert `:`]
        "#]],
    );
    check(
        "json",
        "{\"a\": }\n",
        expect![[r#"
        {"a": }
            ^ missing-expression: expected a value after `:`
    "#]],
    );
    check(
        "json",
        "{a: 1}\n",
        expect![[r#"
        {a: 1}
         ^ unexpected-token: unexpected `a`: names and strings stand in double quotes [Put it in double quotes]
    "#]],
    );
    check(
        "json",
        "['b']\n",
        expect![[r#"
        ['b']
         ^^^ unexpected-token: unexpected `'b'`: names and strings stand in double quotes [Put it in double quotes]
    "#]],
    );
    check(
        "json",
        "{\"a\": \"b\n}\n",
        expect![[r#"
        {"a": "b
              ^^ unterminated-string: this string is never closed [Insert `"`]
        }
    "#]],
    );
    check(
        "json",
        "[1, 2\n",
        expect![[r#"
        [1, 2
        ^ unclosed-bracket: `[` is never closed [Insert `]`]
             ^ (expected `]` here)
    "#]],
    );
    check(
        "json",
        "{\"a\": 1, \"a\": 2}\n",
        expect![[r#"
        {"a": 1, "a": 2}
                 ^^^ duplicate-key: the key "a" occurs twice: most readers keep only the last value
         ^^^ (it occurs here first)
    "#]],
    );
    check(
        "json",
        "{\"a\": [1, 2}\n",
        expect![[r#"
        {"a": [1, 2}
              ^ unclosed-bracket: `[` is never closed [Insert `]`]
                   ^ (expected `]` here)
    "#]],
    );
    check(
        "json",
        "{\"a\": {\"x\": 1}, \"b\": {\"x\": 1}}\n",
        expect![[r#"
        {"a": {"x": 1}, "b": {"x": 1}}
    "#]],
    );
}

#[test]
fn html() {
    check(
        "html",
        "<div>\n<span>\n",
        expect![[r#"
        <div>
        <span>
             ^ missing-token: expected `</span>`: `<span>` is never closed [Insert `</span>`]
    "#]],
    );
    check(
        "html",
        "</b>\n",
        expect![[r#"
        </b>
        ^^^^ unexpected-token: unexpected `</b>`: no `<b>` is open [Remove `</b>`]
    "#]],
    );
    check(
        "html",
        "<a href=\"x>y</a>\n",
        expect![[r#"
        <a href="x>y</a>
                ^ unterminated-string: this string is never closed [Insert `"`]
    "#]],
    );
    check(
        "html",
        "<div class=>\n</div>\n",
        expect![[r#"
        <div class=>
                  ^ missing-expression: expected an attribute value after `=`
        </div>
    "#]],
    );
    check(
        "html",
        "<!-- foo\n<p></p>\n",
        expect![[r#"
        <!-- foo
        ^^^^ unterminated-comment: this comment is never closed [Insert `-->`]
        <p></p>
    "#]],
    );
    check(
        "html",
        "<div\n<p>x</p>\n",
        expect![[r#"
        <div
           ^ missing-token: expected `>` after `div` [Insert `>`]
        <p>x</p>
    "#]],
    );
    check(
        "html",
        "<p>a > b (c</p>\n",
        expect![[r#"
        <p>a > b (c</p>
    "#]],
    );
}

#[test]
fn css() {
    check(
        "css",
        "a { color: red\n",
        expect![[r#"
        a { color: red
          ^ unclosed-bracket: `{` is never closed [Insert `}`]
                      ^ (expected `}` here)
    "#]],
    );
    check(
        "css",
        "a { color red; }\n",
        expect![[r#"
        a { color red; }
                ^ missing-token: expected `:` after `color` [Insert `:`]
    "#]],
    );
    check(
        "css",
        ".b { x: 1; }}\n",
        expect![[r#"
        .b { x: 1; }}
                    ^ unexpected-closing-bracket: unexpected `}`: no bracket is open that it could close [Remove `}`]
    "#]],
    );
    check(
        "css",
        "@media (x { a { b: c } }\n",
        expect![[r#"
        @media (x { a { b: c } }
               ^ unclosed-bracket: `(` is never closed [Insert `)`]
                 ^ (expected `)` here)
    "#]],
    );
    check(
        "css",
        "a { content: \"x; }\nb { c: d }\n",
        expect![[r#"
        a { content: "x; }
                     ^^ unterminated-string: this string is never closed [Insert `"`]
        b { c: d }
    "#]],
    );
    check(
        "css",
        "/* a\nb { c: d }\n",
        expect![[r#"
        /* a
        ^^ unterminated-comment: this comment is never closed [Insert `*/`]
        b { c: d }
    "#]],
    );
}

#[test]
fn shellscript() {
    check(
        "shellscript",
        "if [ a ]; then\n echo x\n",
        expect![[r#"
        if [ a ]; then
         echo x
              ^ missing-token: expected `fi` after `x` [Insert `fi`]
    "#]],
    );
    check(
        "shellscript",
        "for i in a b; do echo $i\n",
        expect![[r#"
        for i in a b; do echo $i
                               ^ missing-token: expected `done` after `i` [Insert `done`]
    "#]],
    );
    check(
        "shellscript",
        "echo \"abc\n",
        expect![[r#"
        echo "abc
             ^ unterminated-string: this string is never closed [Insert `"`]
    "#]],
    );
    check(
        "shellscript",
        "if [ a ]\n echo\nfi\n",
        expect![[r#"
        if [ a ]
               ^ missing-token: expected `then` after the condition [Insert `then`]
         echo
        fi
    "#]],
    );
    check(
        "shellscript",
        "x=$(ls\n",
        expect![[r#"
        x=$(ls
           ^ unclosed-bracket: `(` is never closed [Insert `)`]
              ^ (expected `)` here)
    "#]],
    );
    check(
        "shellscript",
        "foo() {\n echo\n",
        expect![[r#"
        foo() {
              ^ unclosed-bracket: `{` is never closed [Insert `}`]
         echo
             ^ (expected `}` here)
    "#]],
    );
    check(
        "shellscript",
        "case x in\n  a) echo;;\nesac\n(ls\n",
        expect![[r#"
        case x in
          a) echo;;
        esac
        (ls
        ^ unclosed-bracket: `(` is never closed [Insert `)`]
           ^ (expected `)` here)
    "#]],
    );
    check(
        "shellscript",
        "cat <<EOF\nit's (\nEOF\necho \"a\n",
        expect![[r#"
        cat <<EOF
        it's (
        EOF
        echo "a
             ^ unterminated-string: this string is never closed [Insert `"`]
    "#]],
    );
}

/// Text of a kind that must not take long or much, with the number of diagnostics it may have.
fn check_bounded(language: &str, text: &str, most: usize) {
    let found = diagnostics(&document(language, text));
    assert!(found.len() <= most, "{} diagnostics for {language}", found.len());
    let is_in_text = |range: TextRange| {
        range.end <= text.len() && text.is_char_boundary(range.start) && text.is_char_boundary(range.end)
    };
    for diagnostic in &found {
        assert!(is_in_text(diagnostic.range), "{diagnostic:?}");
        assert!(diagnostic.related.iter().all(|related| is_in_text(related.range)), "{diagnostic:?}");
        assert!(
            diagnostic.fixes.iter().flat_map(|fix| &fix.edits).all(|edit| is_in_text(edit.range)),
            "{diagnostic:?}"
        );
    }
}

const LANGUAGES: &[&str] = &[
    "python",
    "javascript",
    "javascriptreact",
    "typescript",
    "typescriptreact",
    "rust",
    "go",
    "java",
    "c",
    "cpp",
    "json",
    "html",
    "css",
    "shellscript",
];

#[test]
fn extreme_text_is_no_problem() {
    for language in LANGUAGES {
        check_bounded(language, "", 0);
        check_bounded(language, "\n\n\n", 0);
        check_bounded(language, "\u{feff}", MAX_DIAGNOSTICS);
        check_bounded(language, "\r\r\n\0\t😀\u{301}", MAX_DIAGNOSTICS);
        check_bounded(language, &")".repeat(3_000), MAX_DIAGNOSTICS);
        check_bounded(language, &"\"'`\n".repeat(1_000), MAX_DIAGNOSTICS);
    }
}

#[test]
fn deep_nesting_does_not_overflow() {
    for language in ["python", "rust", "json"] {
        check_bounded(language, &"(".repeat(100_000), MAX_DIAGNOSTICS);
        check_bounded(language, &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), MAX_DIAGNOSTICS);
    }
}

#[test]
fn two_megabytes_of_garbage_are_bounded() {
    let mut state = 1u32;
    let garbage: String = (0..2_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b" \n(){}[]\"'=:;,.xyz019#/*<>"[(state >> 16) as usize % 26])
        })
        .collect();
    check_bounded("python", &garbage, MAX_DIAGNOSTICS);
}

#[test]
fn broken_files_give_broken_prefixes_of_every_length_no_panic() {
    let source =
        "def f(a, b='x', *c):\n    if a == \"é\": # ü\n        return {1: [2, f\"{a!r:>{b}}\"]}\n    else:\n\tpass\n";
    for (end, _) in source.char_indices() {
        for language in LANGUAGES {
            check_bounded(language, &source[..end], 8);
        }
    }
}

#[test]
fn errors_are_counted() {
    assert_eq!(syntax_error_count(&document("python", "x = 1\n")), 0);
    assert_eq!(syntax_error_count(&document("python", "if x:\ny = 1\n")), 1);
    assert_eq!(syntax_error_count(&document("json", "[1, 2")), 1);
    assert_eq!(syntax_error_count(&document("plaintext", "(((")), 0);
}

#[test]
fn a_language_without_a_grammar_has_no_diagnostics() {
    assert_eq!(diagnostics(&document("plaintext", "(((")), []);
}

/// Lines on which a key occurs again.
#[test]
fn keys_that_occur_twice() {
    let toml =
        "a = 1\n\"a\" = 2\n[t]\na = 1\nb.c = 1\nb . c = 2\n[[l]]\na = 1\n[[l]]\na = 1\n[u]\nv = { x = 1, x = 2 }\n";
    let yaml = "a: 1\nb:\n  a: 1\n  a: 2\nlist:\n  - a: 1\n  - a: 1\nc: { x: 1, x: 2 }\n<<: *d\n<<: *e\na: 3\n";
    for (language, text, lines) in [
        ("toml", toml, &[1, 5, 11][..]),
        ("yaml", yaml, &[3, 7, 10]),
        ("yaml", "---\na: 1\n---\na: 2\n", &[]),
        ("yaml", "a: &x 1\nb: *x\n? c\n: d\ne: |\n  a: 1\n  a: 2\n", &[]),
        ("json", "{\"a\": 1,\n\"a\": 2}\n", &[1]),
        ("css", "a {\n--x: 1;\n--x: 2;\ncolor: red;\ncolor: blue;\n}\n", &[2]),
    ] {
        let document = Document::new(text, Language::from_name(language).expect("in the registry"), 1);
        let found = diagnostics(&document);
        let told: Vec<_> = found.iter().map(|it| (it.code, document.text().line_of(it.range.start))).collect();
        let expected: Vec<_> = lines.iter().map(|line| ("duplicate-key", *line)).collect();
        assert_eq!(told, expected, "{language}: {text}");
    }
}
