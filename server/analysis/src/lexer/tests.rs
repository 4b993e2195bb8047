//! What is code, what is a string, what is a comment: brackets that count, language by language.

use syntax::Language;

use super::{EventKind, Lexer};

/// The brackets that are code, strings as `"`, cut-off strings as `!`, comments as `#`.
fn check(language: &str, text: &str, expected: &str) {
    let language = Language::from_name(language).expect("a language of the registry");
    let picture: String = Lexer::new(language, text, &[])
        .map(|event| match event.kind {
            EventKind::Open(byte) | EventKind::Close(byte) => char::from(byte),
            EventKind::StringStart | EventKind::StringEnd => '"',
            EventKind::StringBroken | EventKind::InterpolationBroken => '!',
            EventKind::InterpolationStart(_) => '<',
            EventKind::InterpolationEnd(_) => '>',
            EventKind::Comment => '#',
        })
        .collect();
    assert_eq!(picture, expected, "{}: {text}", language.id());
    // Stopped anywhere and resumed, a scan comes to the same end.
    for (at, _) in text.char_indices() {
        let mut first = Lexer::new(language, &text[..at], &[]);
        first.by_ref().for_each(drop);
        first.resume(&text[at..]).for_each(drop);
    }
}

#[test]
fn strings_and_comments_hide_brackets() {
    check("python", "f('(', \"[\", '''{\n''') # )", "(\"\"\"\"\"\")#");
    check("python", "f('(\n)", "(\"!)");
    check("python", "f\"{a[0]!r:>{b}}{{\" + rb'\\''", "\"<[]{}>\"\"\"");
    check("python", "f\"{a[\"x\"]}\"", "\"<[\"\"]>\"");
    check("javascript", "a(/[(]\\/)/, b / c / (d)) // (", "(())#");
    check("javascript", "`a${`b${(c)}`}(`", "\"<\"<()>\">\"");
    check("javascript", "return /(/", "");
    check("rust", "fn f<'a>(c: '(') { r#\"\"(\"#; '\\''; /* /* ( */ */ }", "(){\"\"#}");
    check("go", "'(' `\\` \"\\\"(\"", "\"\"\"\"\"\"");
    check("java", "\"\"\"\n(\" \"\"\" ')'", "\"\"\"\"");
    check("c", "1'000 '(' \"(\" // (\n#error don't (\n(", "\"\"\"\"#(");
    check("cpp", "R\"x()\")x\" u8\"(\"", "\"\"\"\"");
    check("json", "[\"\\\"[\"]", "[\"\"]");
    check("html", "<a b=\"(\">it's (</a><!-- ( -->", "\"\"(#");
    check("css", "a { b: '}' } /* { */", "{\"\"}#");
    check("shellscript", "echo \"$(ls \"(\")\" '(' \\( # (", "\"<\"\">\"\"\"#");
    check("shellscript", "case $x in a) (b);; esac; echo ${#x}", "(){}");
    check("shellscript", "cat <<'E'\n(\"\nE\n(ls)", "()");
}
