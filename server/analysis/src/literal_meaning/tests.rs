//! Literals with the cursor in them.

use syntax::{Document, Language};

use super::literal_meaning;

/// Language, text with the cursor, and what is said; lines are joined by `/`.
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (language, fixture, expected) in cases {
        let offset = fixture.find("<CURSOR>").expect("a cursor");
        let text = fixture.replace("<CURSOR>", "");
        let document = Document::new(&text, Language::from_name(language).expect("in the registry"), 1);
        let found = literal_meaning(&document, offset).map(|it| it.markdown.replace('\n', "/"));
        let found = found.as_deref().unwrap_or("-");
        if found != *expected {
            wrong.push(format!("{language}: {fixture}\n    found {found}\n expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn numbers() {
    check(&[
        ("python", "x = 0x<CURSOR>1F\n", "`0x1F`: 31 in decimal; 0b11111"),
        ("python", "x = 0o<CURSOR>755\n", "`0o755`: 493 in decimal; 0x1ED; 0b111101101"),
        ("python", "x = 655<CURSOR>36\n", "`65536`: 65 536; 0x10000; 2 to the power 16; 64 KiB if these are bytes"),
        ("python", "x = 7<CURSOR>\n", "-"),
        ("python", "x = 1<CURSOR>00\n", "-"),
        (
            "python",
            "x = 1_700_000_<CURSOR>000\n",
            "`1_700_000_000`: 1 700 000 000; 0x6553F100; as Unix time 2023-11-14 22:13:20 UTC",
        ),
        (
            "javascript",
            "let x = 0xFF<CURSOR>8800;",
            "`0xFF8800`: 16 746 496 in decimal; as a colour red 255, green 136, blue 0",
        ),
        ("rust", "const X: u64 = 1_000_<CURSOR>000u64;", "`1_000_000u64`: 1 000 000; 0xF4240"),
        ("c", "int x = 0x4<CURSOR>1;", "`0x41`: 65 in decimal; 0b1000001; as a character A"),
        ("css", "a { color: #ff<CURSOR>8800; }", "`#ff8800`: as a colour red 255, green 136, blue 0"),
        ("python", "x = '#fff<CURSOR>8'\n", "`#fff8`: as a colour red 255, green 255, blue 255, 53 % opaque"),
        ("python", "x = 1.<CURSOR>5\n", "-"),
    ]);
}

#[test]
fn escapes() {
    check(&[
        ("python", "x = 'a\\<CURSOR>n'\n", "`\\n`: line feed"),
        ("python", "x = '\\u00<CURSOR>e9'\n", "`\\u00e9`: the character é (U+00E9)"),
        ("javascript", "x = '\\x4<CURSOR>1';", "`\\x41`: the character A (U+0041)"),
        ("python", "x = 'pl<CURSOR>ain'\n", "-"),
    ]);
}

#[test]
fn format_codes() {
    check(&[
        ("python", "time.strftime('%Y-%<CURSOR>m-%d')\n", "`%m`: month, 01 to 12"),
        (
            "python",
            "'%5.2<CURSOR>f' % x\n",
            "`%5.2f`: a number with decimals, at least 5 characters wide, 2 digits behind the point",
        ),
        ("c", "void f() { printf(\"%-1<CURSOR>0s\", a); }", "`%-10s`: text, at least 10 characters wide, to the left"),
        (
            "go",
            "package a\nfunc f() { fmt.Printf(\"%+<CURSOR>v\", a) }",
            "`%+v`: the value in its default form, always with a sign",
        ),
        (
            "python",
            "f'{x:>1<CURSOR>0,.2f}'\n",
            "`>10,.2f`: to the right; at least 10 characters wide; commas between thousands; a number with decimals; 2 digits behind the point",
        ),
        ("python", "'%<CURSOR>d'\n", "-"),
    ]);
}

#[test]
fn patterns() {
    check(&[
        (
            "python",
            "re.compile(r'\\d<CURSOR>+x')\n",
            "Regular expression://- `\\d+`: a digit, once or more/- `x`: the text `x`",
        ),
        ("python", "re.compile('\\\\d<CURSOR>')\n", "Regular expression://- `\\d`: a digit"),
        (
            "javascript",
            "x = /a<CURSOR>b/gi;",
            "Regular expression://- `ab`: the text `ab`/- flags: all matches, not the first only, upper and lower case are the same",
        ),
        (
            "javascript",
            "x = new RegExp('^<CURSOR>a');",
            "Regular expression://- `^`: start of the text (of a line with the flag `m`)/- `a`: the text `a`",
        ),
        (
            "rust",
            "fn f() { Regex::new(r\"a<CURSOR>?\"); }",
            "Regular expression://- `a?`: the text `a`, once or not at all",
        ),
        ("python", "re.sub('a', '<CURSOR>b', c)\n", "-"),
        ("python", "other.compile('a<CURSOR>')\n", "-"),
    ]);
    let text = "re.match(r'(a+)+<CURSOR>$', x)\n".replace("<CURSOR>", "");
    let document = Document::new(&text, Language::from_name("python").expect("in the registry"), 1);
    assert!(literal_meaning(&document, 12).expect("a pattern").markdown.contains("**Careful**"));
}

#[test]
fn a_long_pattern_is_cut() {
    let text = format!("re.compile(r'{}')\n", "a|".repeat(40));
    let document = Document::new(&text, Language::from_name("python").expect("in the registry"), 1);
    assert!(literal_meaning(&document, 14).expect("a pattern").markdown.lines().count() <= 20);
}
