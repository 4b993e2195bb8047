//! What the rules for every grammar find. Reviewed by eye: what is missing from a picture was left out on purpose.

use expect_test::{Expect, expect};

use super::document;
use crate::{Diagnostic, LintSettings, Severity, diagnostics, rule, suppression};

/// The text with every diagnostic drawn under it.
fn check(language: &str, text: &str, expected: Expect) {
    let found = diagnostics(&document(language, text), None, &LintSettings::default());
    let label = |it: &Diagnostic| {
        let fixes: String = it.fixes.iter().map(|fix| format!(" [{}]", fix.title)).collect();
        (it.range.into(), format!("{}: {}{fixes}", it.code, it.message))
    };
    expected.assert_eq(&testkit::mark(text, &found.iter().map(label).collect::<Vec<_>>()));
}

#[test]
fn unused_variables() {
    check(
        "rust",
        "fn f() {\n    let a = 1;\n    let b = 2;\n    let _c = 3;\n    let (d, e) = (b, 4);\n    let x = 5;\n    let x = x + 1;\n    println!(\"{e} {x}\");\n}\nconst A: u32 = 1;\n",
        expect![[r#"
            fn f() {
                let a = 1;
                    ^ unused-variable: `a` is never used [Rename to `_a`]
                let b = 2;
                let _c = 3;
                let (d, e) = (b, 4);
                     ^ unused-variable: `d` is never used [Rename to `_d`]
                let x = 5;
                let x = x + 1;
                println!("{e} {x}");
            }
            const A: u32 = 1;
        "#]],
    );
    check(
        "rust",
        "fn f(p: Point) {\n    let Point { x, y: z } = p;\n    if let Some(w) = g() {}\n    let h = |q| { let r = 1; };\n}\n",
        expect![[r#"
            fn f(p: Point) {
                let Point { x, y: z } = p;
                            ^ unused-variable: `x` is never used
                                  ^ unused-variable: `z` is never used [Rename to `_z`]
                if let Some(w) = g() {}
                let h = |q| { let r = 1; };
                    ^ unused-variable: `h` is never used [Rename to `_h`]
                                  ^ unused-variable: `r` is never used [Rename to `_r`]
            }
        "#]],
    );
    check(
        "rust",
        "#![allow(unused)]\nfn f() {\n    let a = 1;\n}\n",
        expect![[r#"
        #![allow(unused)]
        fn f() {
            let a = 1;
        }
    "#]],
    );
    check(
        "rust",
        "fn f() {\n    let a = 1;\n    g(\n}\n",
        expect![[r#"
        fn f() {
            let a = 1;
            g(
             ^ unclosed-bracket: `(` is never closed [Insert `)`]
        }
    "#]],
    );
    check(
        "go",
        "package main\n\nfunc f(p int) {\n\ta := 1\n\tvar b int\n\tc := 2\n\tprint(c)\n\tfor i, v := range xs {\n\t\tprint(v)\n\t}\n\tfor k = range xs {\n\t}\n\t_, ok := m[1]\n\tconst d = 1\n}\n",
        expect![[r#"
            package main

            func f(p int) {
            	a := 1
             ^ unused-variable: `a` is never used
            	var b int
                 ^ unused-variable: `b` is never used
            	c := 2
            	print(c)
            	for i, v := range xs {
                 ^ unused-variable: `i` is never used
            		print(v)
            	}
            	for k = range xs {
            	}
            	_, ok := m[1]
                ^^ unused-variable: `ok` is never used
            	const d = 1
            }
        "#]],
    );
    check(
        "java",
        "class A {\n    int field = 1;\n    void f(int p) {\n        int a = 1;\n        String b;\n        int c = 2, d = c;\n        for (int i = 0; ; ) { }\n        for (String s : list) { }\n        try (R r = open()) { } catch (E e) { }\n        Object o = new Object() { int inner = 3; };\n        use(o);\n    }\n}\n",
        expect![[r#"
            class A {
                int field = 1;
                void f(int p) {
                    int a = 1;
                        ^ unused-variable: `a` is never used
                    String b;
                           ^ unused-variable: `b` is never used
                    int c = 2, d = c;
                               ^ unused-variable: `d` is never used
                    for (int i = 0; ; ) { }
                             ^ unused-variable: `i` is never used
                    for (String s : list) { }
                    try (R r = open()) { } catch (E e) { }
                    Object o = new Object() { int inner = 3; };
                    use(o);
                }
            }
        "#]],
    );
    check(
        "c",
        "#define USE total\nint g;\nint f(int p) {\n    int a = 1;\n    char *b;\n    static int s;\n    int total = 0;\n    int c = 2;\n    return c + USE;\n}\n",
        expect![[r#"
            #define USE total
            int g;
            int f(int p) {
                int a = 1;
                    ^ unused-variable: `a` is never used
                char *b;
                      ^ unused-variable: `b` is never used
                static int s;
                int total = 0;
                int c = 2;
                return c + USE;
            }
        "#]],
    );
    check(
        "cpp",
        "void f() {\n    std::lock_guard<std::mutex> guard(m);\n    int n = 1;\n    auto later = defer([] {});\n}\n",
        expect![[r#"
            void f() {
                std::lock_guard<std::mutex> guard(m);
                int n = 1;
                    ^ unused-variable: `n` is never used
                auto later = defer([] {});
            }
        "#]],
    );
}

#[test]
fn unreachable_code() {
    check(
        "java",
        "class A {\n    int f() {\n        return 1;\n        // why\n        g();\n        int a = 1;\n        use(a);\n    }\n    void h() { while (true) { break; } k(); }\n}\n",
        expect![[r#"
            class A {
                int f() {
                    return 1;
                    // why
                    g();
                    ^^^^ unreachable-code: this is never reached
                    int a = 1;
                    use(a);
                }
                void h() { while (true) { break; } k(); }
            }
        "#]],
    );
    check(
        "go",
        "package main\n\nfunc f() int {\n\tif x {\n\t\treturn 1\n\t}\n\tgoto end\nend:\n\treturn 2\n}\n\nfunc g() {\n\treturn\n\tprint(1)\n}\n",
        expect![[r#"
            package main

            func f() int {
            	if x {
            		return 1
            	}
            	goto end
            end:
            	return 2
            }

            func g() {
            	return
            	print(1)
             ^^^^^^^^ unreachable-code: this is never reached
            }
        "#]],
    );
    check(
        "rust",
        "fn f() -> u32 {\n    #[cfg(unix)]\n    return 1;\n    #[cfg(not(unix))]\n    return 2;\n}\nfn g() {\n    return;\n    fn later() {}\n}\nfn h() -> u32 {\n    return 1;\n    g();\n}\n",
        expect![[r#"
            fn f() -> u32 {
                #[cfg(unix)]
                return 1;
                #[cfg(not(unix))]
                return 2;
            }
            fn g() {
                return;
                fn later() {}
            }
            fn h() -> u32 {
                return 1;
                g();
                ^^^^ unreachable-code: this is never reached
            }
        "#]],
    );
    check(
        "c",
        "int f(int x) {\n    switch (x) {\n    case 1:\n        return 1;\n    default:\n        break;\n    }\n#ifdef A\n    return 2;\n#endif\n    return 3;\n    x = 4;\n}\nint g() {\n    goto out;\nout:\n    return 1;\n}\n",
        expect![[r#"
            int f(int x) {
                switch (x) {
                case 1:
                    return 1;
                default:
                    break;
                }
            #ifdef A
                return 2;
            #endif
                return 3;
                x = 4;
                ^^^^^^ unreachable-code: this is never reached
            }
            int g() {
                goto out;
            out:
                return 1;
            }
        "#]],
    );
}

#[test]
fn keys_that_occur_twice() {
    check(
        "css",
        ":root {\n  --a: 1px;\n  color: red;\n  color: rgb(1 2 3);\n  --a: 2px;\n}\np { --a: 1px !important; --a: 2px; }\n",
        expect![[r#"
            :root {
              --a: 1px;
              color: red;
              color: rgb(1 2 3);
              --a: 2px;
              ^^^ duplicate-key: the key --a occurs twice: only the last value counts
            }
            p { --a: 1px !important; --a: 2px; }
        "#]],
    );
}

/// The text after the rule was switched off for the problem at `place`.
fn check_suppression(language: &str, text: &str, code: &str, place: &str, expected: Expect) {
    let document = document(language, text);
    let start = text.find(place).expect("the place is in the text");
    let range = syntax::TextRange::new(start, start + place.len());
    let code = rule(code).expect("a rule").code;
    let problem = Diagnostic::new(Severity::Warning, code, range, "");
    match suppression(&document, &problem) {
        Some(fix) => expected.assert_eq(&document.edit(&fix.edits, 2).text().to_string()),
        None => expected.assert_eq("nothing"),
    }
}

#[test]
fn comments_that_switch_a_rule_off() {
    let script = |text, place, expected| check_suppression("javascriptreact", text, "no-undef", place, expected);
    script(
        "{\n    g();\n}\n",
        "g()",
        expect![[r#"
        {
            // eslint-disable-next-line no-undef
            g();
        }
    "#]],
    );
    script(
        "// eslint-disable-next-line no-var  \nvar a = g();\n",
        "g()",
        expect![[r#"
        // eslint-disable-next-line no-var, no-undef  
        var a = g();
    "#]],
    );
    script("let a = `\n${g}\n`;\n", "g", expect!["nothing"]);
    script("let a = <b>\n  {g}\n</b>;\n", "g", expect!["nothing"]);
    script("let a = <b\n  c={g}\n/>;\n", "g", expect!["nothing"]);
    // What does not parse cannot be switched off, nor what has no rule of its own.
    check_suppression("javascript", "f(\n", "unclosed-bracket", "(", expect!["nothing"]);
    check_suppression("json", "{\"a\": 1, \"a\": 2}", "duplicate-key", "\"a\": 2", expect!["nothing"]);
}
