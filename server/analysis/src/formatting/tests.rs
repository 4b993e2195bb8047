//! What formatters make of code, what they leave alone, and what the boundary around them promises. Pictures are
//! reviewed by eye.

mod boundary;
mod parts;
mod real_files;

use std::path::Path;

use expect_test::{Expect, expect};
use syntax::{Document, Indentation, Language, apply_edits};

use super::{FormatError, FormatOptions, Formatted, format, formatter_of};

fn document(language: &str, text: &str) -> Document {
    Document::new(text, Language::from_name(language).expect("a language of the registry"), 1)
}

/// Formats, and holds every result to what all of them promise: nothing to do the second time, and edits that lead there.
fn formatted(language: &str, text: &str, options: &FormatOptions) -> Result<Formatted, FormatError> {
    let document = document(language, text);
    let formatted = format(&document, None, options)?;
    assert_eq!(formatted.changed, formatted.text != text);
    assert_eq!(apply_edits(text, &formatted.edits(&document)), formatted.text, "the edits of {text:?}");
    let again = format(&Document::new(&formatted.text, document.language(), 2), None, options)?;
    assert!(!again.changed, "{:?} becomes {:?}", formatted.text, again.text);
    Ok(formatted)
}

fn check(language: &str, text: &str, expected: Expect) {
    check_with(language, text, &FormatOptions::default(), expected);
}

fn check_with(language: &str, text: &str, options: &FormatOptions, expected: Expect) {
    let picture = match formatted(language, text, options) {
        Ok(formatted) => formatted.text,
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&picture);
}

#[test]
fn python_is_laid_out_as_ruff_does() {
    check(
        "python",
        "x = { 'a':37,'b':42 }\ndef f(a,):\n  return a  # why\n",
        expect![[r#"
        x = {"a": 37, "b": 42}


        def f(
            a,
        ):
            return a  # why
    "#]],
    );
    check(
        "python",
        "# fmt: off\nx  =  1\n# fmt: on\ny  =  1\n",
        expect![[r#"
        # fmt: off
        x  =  1
        # fmt: on
        y = 1
    "#]],
    );
    check(
        "python",
        "del (a, b)\ndef f():\n  '''  Doc.\n     more  '''\n  return 'a' 'b'\n",
        expect![[r#"
        del (a, b)


        def f():
            """Doc.
            more"""
            return "ab"
    "#]],
    );
}

#[test]
fn a_stub_has_its_own_layout() {
    let text = "x: int\ndef f(): ...\n";
    let document = document("python", text);
    let layout = |path: Option<&Path>| format(&document, path, &FormatOptions::default()).expect("it parses").text;
    assert_eq!(layout(Some(Path::new("a.pyi"))), "x: int\n\ndef f(): ...\n");
    assert_eq!(layout(None), "x: int\n\n\ndef f(): ...\n");
}

#[test]
fn javascript_and_typescript() {
    check(
        "javascript",
        "import {b,a} from 'x'\nif (a) b()\nelse { c() }\nconst f = x => ({y:x, 'z' : `a${ x }b`})\nfoo(function(){return 1})\n",
        expect![[r#"
            import { b, a } from "x";
            if (a) b();
            else { c(); }
            const f = (x) => ({ y: x, "z": `a${x}b` });
            foo(function () {
              return 1;
            });
        "#]],
    );
    check(
        "typescript",
        "type A = {a:string,b?:number}\nlet x:A|undefined=undefined as any\n",
        expect![[r#"
        type A = { a: string; b?: number };
        let x: A | undefined = undefined as any;
    "#]],
    );
    check(
        "typescriptreact",
        "const a = <div className='x' {...p}>text {b}   more<br/></div>\n",
        expect![[r#"
            const a = (
              <div className="x" {...p}>
                text {b} more<br />
              </div>
            );
        "#]],
    );
    check(
        "javascript",
        "// prettier-ignore\nconst m = [1,0,\n  0,1]\nlet  x\n",
        expect![[r#"
        // prettier-ignore
        const m = [1,0,
          0,1]
        let x;
    "#]],
    );
}

#[test]
fn data() {
    check(
        "json",
        "{\"a\":[1,2 ,3],\n\"b\":{}}",
        expect![[r#"
        { "a": [1, 2, 3], "b": {} }
    "#]],
    );
    check(
        "jsonc",
        "{// why\n\"a\":1,}",
        expect![[r#"
        { // why
          "a": 1,
        }
    "#]],
    );
    check(
        "toml",
        "[a]\nb=1 # one\nc=[1,\n2]\n",
        expect![[r#"
        [a]
        b = 1 # one
        c = [1, 2]
    "#]],
    );
    check(
        "yaml",
        "a:   1\nb:\n- x\n-   y: 'z'\n# c\nd: |\n   text\n     deeper\n",
        expect![[r#"
        a: 1
        b:
          - x
          - y: "z"
          # c
        d: |
          text
            deeper
    "#]],
    );
}

#[test]
fn styles() {
    check(
        "css",
        "a,b{color:RED;margin:0 1PX}\n@media (min-width:1px){a{b:c}}",
        expect![[r#"
        a,
        b {
          color: RED;
          margin: 0 1px;
        }
        @media (min-width: 1px) {
          a {
            b: c;
          }
        }
    "#]],
    );
    check(
        "scss",
        "$a:1px;.b{&:hover{c:$a+1} // why\n}",
        expect![[r#"
        $a: 1px;
        .b {
          &:hover {
            c: $a + 1;
          } // why
        }
    "#]],
    );
    check(
        "less",
        "@a:1px;.b{.m();c:@a}",
        expect![[r#"
        @a: 1px;
        .b {
          .m();
          c: @a;
        }
    "#]],
    );
}

#[test]
fn markup_with_scripts_and_styles() {
    check(
        "html",
        "<!doctype html><html><head><style>a{b:c}</style><script>let x  = 'a'</script></head><body><p class=a onclick='f( 1 )' style='a:b'>Text  <b>bold</b>, don't</p></body></html>",
        expect![[r#"
            <!DOCTYPE html>
            <html>
              <head>
                <style>
                  a {
                    b: c;
                  }
                </style>
                <script>
                  let x = "a";
                </script>
              </head>
              <body>
                <p class="a" onclick="f(1)" style="a: b">Text <b>bold</b>, don't</p>
              </body>
            </html>
        "#]],
    );
    check(
        "vue",
        "<template><p v-if='a  &&  b'>{{ a+b }}</p></template>\n<script>export default {data(){return {}}}</script>\n",
        expect![[r#"
            <template><p v-if="a && b">{{ a + b }}</p></template>
            <script>
            export default {
              data() {
                return {};
              },
            };
            </script>
        "#]],
    );
}

#[test]
fn markdown_with_code() {
    check(
        "markdown",
        "Title\n===\n* a\n* b\n\n```python\nx=1\n```\n\n```python\nx = (\n```\n\n|a|b|\n|-|-|\n|1|22|\n",
        expect![[r#"
            # Title

            - a
            - b

            ```python
            x = 1
            ```

            ```python
            x = (
            ```

            | a | b  |
            | - | -- |
            | 1 | 22 |
        "#]],
    );
}

#[test]
fn queries() {
    check(
        "sql",
        "select a,b from t where c='x  y' -- why\nand d>1;",
        expect![[r#"
        select
          a,
          b
        from
          t
        where
          c = 'x  y' -- why
          and d > 1;
    "#]],
    );
}

#[test]
fn a_text_keeps_its_own_indentation() {
    check(
        "javascript",
        "if (a) {\n    b()\n    if (c) {\n        d()\n    }\n}\n",
        expect![[r#"
        if (a) {
            b();
            if (c) {
                d();
            }
        }
    "#]],
    );
    let editor = FormatOptions { editor_indentation: Some(Indentation::Tabs), ..FormatOptions::default() };
    check_with(
        "javascript",
        "if (a) { b()\n}\n",
        &editor,
        expect![[r#"
        if (a) { b(); }
    "#]],
    );
    let project = FormatOptions { indentation: Some(Indentation::Spaces(3)), ..editor.clone() };
    check_with(
        "javascript",
        "if (a) {\n    b()\n}\n",
        &project,
        expect![[r#"
        if (a) {
           b();
        }
    "#]],
    );
    check_with(
        "python",
        "if a:\n  b\n",
        &editor,
        expect![[r#"
        if a:
            b
    "#]],
    );
}

#[test]
fn languages_without_a_formatter_say_what_to_do() {
    assert_eq!(formatter_of(Language::from_name("rust").expect("in the registry")), None);
    check(
        "rust",
        "fn main(){}\n",
        expect![[r#"
        no formatter for Rust is built in; its users run rustfmt
    "#]],
    );
    check(
        "cobol",
        "x\n",
        expect![[r#"
        no formatter for COBOL is built in
    "#]],
    );
}
