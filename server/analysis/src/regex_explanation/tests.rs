//! Patterns and their parts.

use expect_test::{Expect, expect};

use super::regex_explanation;

fn check(pattern: &str, expect: Expect) {
    let found = regex_explanation(pattern);
    let written: String = found.parts.iter().map(|it| it.source.as_str()).collect();
    // A group's closing bracket without a quantifier is no part of its own.
    assert_eq!(written.replace(')', ""), pattern.replace(')', ""), "nothing is lost");
    let mut told: String =
        found.parts.iter().map(|it| format!("{}{}  {}\n", "  ".repeat(it.depth), it.source, it.meaning)).collect();
    told.extend(found.warning.map(|it| format!("! {it}\n")));
    expect.assert_eq(&told);
}

#[test]
fn parts_in_order() {
    check(
        r"^(\d{4})-(?P<month>\d\d)$",
        expect![[r#"
        ^  start of the text (of a line with the flag `m`)
        (  group 1
          \d{4}  a digit, exactly 4 times
        -  the text `-`
        (?P<month>  group 2 named `month`
          \d  a digit
          \d  a digit
        $  end of the text (of a line with the flag `m`)
    "#]],
    );
    check(
        r"[^\s,;]+|\bfoo?(?=bar)",
        expect![[r#"
        [^\s,;]+  one character that is none of: white space, `,`, `;`, once or more
        |  or
        \b  a boundary of a word
        fo  the text `fo`
        o?  the text `o`, once or not at all
        (?=  only where this follows
          bar  the text `bar`
    "#]],
    );
    check(
        r"(?i)(?:a|b)*?\1\k<x>\u0041\p{L}[a-zA-Z_\-]",
        expect![[r#"
        (?i)  flags: upper and lower case are the same
        (?:  a group that is not remembered
          a  the text `a`
          |  or
          b  the text `b`
        )*?  the group, any number of times, as few as possible
        \1  the same text as group 1
        \k<x>  the same text as the group `x`
        \u0041  the character U+0041, `A`
        \p{L}  a character with the Unicode property L
        [a-zA-Z_\-]  one of: a small letter, a capital letter, `_`, `-`
    "#]],
    );
    check(
        r"(?<=x)(?<!y)(?!z)\.",
        expect![[r#"
        (?<=  only where this stands before
          x  the text `x`
        (?<!  only where this does not stand before
          y  the text `y`
        (?!  only where this does not follow
          z  the text `z`
        \.  the character `.`
    "#]],
    );
}

#[test]
fn a_repetition_in_a_repetition_is_warned_of() {
    for pattern in ["(a+)+", "(a*)*b", "^(\\w+)*$", "((a+))+", "(?:[a-z]+)+x"] {
        assert!(regex_explanation(pattern).warning.is_some(), "{pattern}");
    }
    for pattern in ["(a+b)+", "(ab)+", "a+b+", "(a+)?", "(a+){3}", "(a?)+", "(,\\d+)*"] {
        assert!(regex_explanation(pattern).warning.is_none(), "{pattern}");
    }
}

#[test]
fn broken_patterns_are_no_reason_to_fail() {
    for pattern in
        ["(", ")", "[", "[^", "\\", "*", "a{", "a{2", "(?", "(?P<", "\\x", "\\u{", "(?P=", "é\\é[é-", "\\c", "(?#"]
    {
        regex_explanation(pattern);
    }
}
