//! Where a cursor stands, and how much fits there.

use syntax::{Document, Language};

use super::{Hole, completion_context};

fn check(language: &str, fixture: &str, expected: &str) {
    let (text, offset) = testkit::cursor(fixture);
    let document = Document::new(&text, Language::from_name(language).expect("a language of the registry"), 1);
    let context = completion_context(&document, offset);
    let hole = match context.hole {
        Hole::SingleLine => "line",
        Hole::Block => "block",
        Hole::Statement => "statement",
        Hole::Statements => "statements",
    };
    let mut words = vec![hole];
    words.extend(context.in_comment.then_some("comment"));
    words.extend(context.in_string.then_some("string"));
    words.extend(context.mid_word.then_some("mid-word"));
    words.extend((!context.suffix_is_closers).then_some("suffix"));
    assert_eq!(words.join(" "), expected, "{language}: {fixture}");
    assert_eq!(format!("{}{}", context.line_prefix, context.line_suffix), text[context.line.start..context.line.end]);
    assert!(context.line_prefix.starts_with(&context.indent));
}

#[test]
fn python() {
    check("python", "<CURSOR>", "statements");
    check("python", "def f():\n    <CURSOR>", "block");
    check("python", "def f():\n<CURSOR>", "statements");
    check("python", "def f(a,\n      b):\n    <CURSOR>\n", "block");
    check("python", "def f():  # why\n    <CURSOR>\n", "block");
    check("python", "def f():\n    # first sort\n    <CURSOR>\n", "block");
    check("python", "def f():\n    \"\"\"Doc.\"\"\"\n    <CURSOR>\n", "block");
    check("python", "def f():\n    \"\"\"Doc.\n\n    More.\n    \"\"\"\n    <CURSOR>\n", "block");
    check("python", "def f():\n    x = 1\n    <CURSOR>\n    return x\n", "statement");
    check("python", "def f():\n    <CURSOR>\n    return 1\n", "statement");
    check("python", "def f():\n    x = 1\n    <CURSOR>\n\nreturn x\n", "statements");
    check("python", "x = 1\n<CURSOR>\n\ny = 2\n", "statement");
    check("python", "def f():<CURSOR>", "block");
    check("python", "if x:<CURSOR>\n", "block");
    check("python", "x = <CURSOR>", "line");
    check("python", "x:<CURSOR>", "line");
    check("python", "f = lambda:<CURSOR>", "line");
    check("python", "x = {1:<CURSOR>}", "line");
    check("python", "foo(<CURSOR>)", "line");
    check("python", "foo(<CURSOR>) + 1", "line suffix");
    check("python", "fo<CURSOR>o", "line mid-word suffix");
    check("python", "x = [\n    <CURSOR>\n]\n", "block");
    check("python", "x = [\n    1,\n    <CURSOR>\n]\n", "statement");
    check("python", "# a comment<CURSOR>", "line comment");
    check("python", "# a comment\n<CURSOR>", "statements");
    check("python", "x = 'a<CURSOR>", "line string");
    check("python", "x = 'a<CURSOR>'", "line string");
    check("python", "x = 'a'<CURSOR>", "line");
    check("python", "x = 'a # b'<CURSOR>", "line");
    check("python", "def f():\n    \"\"\"Doc <CURSOR>\n", "line string");
    check("python", "x = f\"{a<CURSOR>}\"", "line");
    check("python", "x = f\"{a<CURSOR>", "line");
    check("python", "x = f\"{a} b<CURSOR>\"", "line string");
    check("python", "x = f\"{{a<CURSOR>\"", "line string");
    check("python", "x = 'don\\'t<CURSOR>'", "line string");
    check("python", "s = '😀'\nif é<CURSOR>", "line");
}

#[test]
fn brace_languages() {
    check("rust", "fn f() {\n    <CURSOR>\n}\n", "block");
    check("rust", "fn f() {<CURSOR>}\n", "block");
    check("rust", "fn f() {\n    let x = 1;\n    <CURSOR>\n}\n", "statements");
    check("rust", "fn f<'a>(x: &'a str) { let c = '\"'; <CURSOR> }\n", "line");
    check("rust", "let s = r#\"a \" <CURSOR>", "line string");
    check("rust", "/* a /* b */ <CURSOR>", "line comment");
    check("rust", "/// doc <CURSOR>\nfn f() {}\n", "line comment");
    check("javascript", "foo(function () {\n  <CURSOR>\n});\n", "block");
    check("javascript", "const re = /['\"]/; <CURSOR>", "line");
    check("javascript", "const t = `a ${b<CURSOR>}`", "line");
    check("javascript", "const t = `a ${b} c<CURSOR>`", "line string");
    check("javascript", "const t = `a ${`x${y}`} c<CURSOR>`", "line string");
    check("javascriptreact", "const a = <p>don't <CURSOR></p>;", "line suffix");
    check("go", "package a\n\nfunc f() {\n\t<CURSOR>\n}\n", "block");
    check("go", "s := `a\n\"<CURSOR>", "line string");
    check("java", "switch (x) {\n  case 1:\n    <CURSOR>\n}\n", "block");
    check("java", "String s = \"\"\"\n  a <CURSOR>\n", "line string");
    check("c", "int x = 1'000; // don't <CURSOR>\n", "line comment");
    check("cpp", "auto s = R\"x(a )\" <CURSOR>", "line string");
    check("cpp", "int n = 1'000'000; <CURSOR>", "line");
    check("c", "#error don't\nint x<CURSOR>;\n", "line");
}

#[test]
fn other_languages() {
    check("json", "{\n  <CURSOR>\n}\n", "block");
    check("json", "{\"a<CURSOR>\": 1}", "line string suffix");
    check("shellscript", "if [ a ]; then\n  <CURSOR>\nfi\n", "block");
    check("shellscript", "echo \"$(ls <CURSOR>)\"", "line");
    check("shellscript", "cat <<EOF\nit's <CURSOR>\nEOF\n", "line string");
    check("shellscript", "echo $# <CURSOR>", "line");
    check("html", "<p>don't \"<CURSOR></p>", "line suffix");
    check("html", "<a href=\"<CURSOR>\">", "line string");
    check("html", "<!-- a <CURSOR> -->", "line comment suffix");
    check("css", "a {\n  <CURSOR>\n}\n", "block");
    check("css", "/* it's */ a { <CURSOR> }", "block");
    // Languages without a grammar have their comments from the registry.
    check("lua", "-- a <CURSOR>", "line comment");
    check("ruby", "def f\n  <CURSOR>\nend\n", "block");
    check("plaintext", "a<CURSOR>", "line");
}

#[test]
fn offsets_are_clamped() {
    let document = Document::new("é\r\nx", Language::plain_text(), 1);
    assert_eq!(completion_context(&document, 1).offset, 0);
    assert_eq!(completion_context(&document, 99).offset, 5);
    assert_eq!(completion_context(&document, 3).line_prefix, "é\r");
}
