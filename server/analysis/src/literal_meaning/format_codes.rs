//! Codes in format strings: `strftime`, `printf` and Python's format specifications.

/// The code at `offset` of a format string: where it begins, the code, what it means.
pub(super) fn code_at(text: &str, offset: usize, is_time: bool) -> Option<(usize, String, String)> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('%') {
        let start = at + found;
        let rest = &text[start..];
        let len = if is_time { time_len(rest) } else { print_len(rest) }?;
        if (start..=start + len).contains(&offset) && offset < start + len {
            let code = &rest[..len];
            let meaning = if is_time { time(code)? } else { printed(code)? };
            return Some((start, code.to_owned(), meaning));
        }
        at = start + len;
    }
    None
}

fn time_len(rest: &str) -> Option<usize> {
    let flag = usize::from(rest[1..].starts_with(['-', '_', '0', '^', '#', ':']));
    let letter = rest[1 + flag..].chars().next()?;
    Some(1 + flag + letter.len_utf8())
}

fn time(code: &str) -> Option<String> {
    let letter = code.chars().next_back()?;
    let meaning = match letter {
        'a' => "day of the week, short",
        'A' => "day of the week",
        'b' | 'h' => "month, short",
        'B' => "month",
        'c' => "date and time as the locale writes them",
        'C' => "century",
        'd' => "day of the month, 01 to 31",
        'D' => "date as `%m/%d/%y`",
        'e' => "day of the month, padded with a blank",
        'f' => "microseconds, six digits",
        'F' => "date as `%Y-%m-%d`",
        'G' => "year of the ISO week",
        'H' => "hour, 00 to 23",
        'I' => "hour, 01 to 12",
        'j' => "day of the year, 001 to 366",
        'm' => "month, 01 to 12",
        'M' => "minute, 00 to 59",
        'n' => "a line break",
        'p' => "AM or PM",
        'S' => "second, 00 to 59",
        's' => "seconds since 1970",
        'T' => "time as `%H:%M:%S`",
        't' => "a tab",
        'u' => "day of the week, 1 (Monday) to 7",
        'U' => "week of the year, from Sunday",
        'V' => "ISO week, 01 to 53",
        'w' => "day of the week, 0 (Sunday) to 6",
        'W' => "week of the year, from Monday",
        'x' => "date as the locale writes it",
        'X' => "time as the locale writes it",
        'y' => "year, two digits",
        'Y' => "year with the century",
        'z' => "offset from UTC, such as +0200",
        'Z' => "name of the time zone",
        '%' => "a percent sign",
        _ => return None,
    };
    let is_unpadded = code.starts_with("%-");
    Some(if is_unpadded { format!("{meaning}, without zeros in front") } else { meaning.to_owned() })
}

fn print_len(rest: &str) -> Option<usize> {
    let mut end = 1;
    if rest[1..].starts_with('(') {
        end += rest[1..].find(')')? + 1;
    }
    let tail = &rest[end..];
    let flags = tail.find(|c: char| !"-+ #0123456789.*'hlLqjzt$".contains(c))?;
    Some(end + flags + tail[flags..].chars().next()?.len_utf8())
}

fn printed(code: &str) -> Option<String> {
    let kind = match code.chars().next_back()? {
        'd' | 'i' => "a whole number",
        'u' => "a whole number without sign",
        'f' | 'F' => "a number with decimals",
        'e' | 'E' => "a number in scientific notation",
        'g' | 'G' => "a number, in scientific notation where that is shorter",
        'x' => "a whole number in hexadecimal",
        'X' => "a whole number in hexadecimal, capital letters",
        'o' => "a whole number in octal",
        'b' => "a whole number in binary",
        'c' => "a character",
        's' => "text",
        'r' => "the value as `repr` gives it",
        'a' => "the value as `ascii` gives it",
        'q' => "text in quotes",
        'v' => "the value in its default form",
        'T' => "the type of the value",
        't' => "true or false",
        'p' => "an address",
        'w' => "an error that is wrapped",
        'n' => "a line break (Java), the number of bytes written so far (C)",
        '%' => return Some("a percent sign".to_owned()),
        _ => return None,
    };
    let body = &code[1..code.len() - 1];
    let (key, body) = match body.strip_prefix('(').and_then(|it| it.split_once(')')) {
        Some((key, body)) => (Some(key), body),
        None => (None, body),
    };
    let mut told = kind.to_owned();
    if let Some(key) = key {
        told += &format!(", the item `{key}`");
    }
    let body = body.trim_end_matches(['h', 'l', 'L', 'q', 'j', 'z', 't']);
    let digits = body.trim_start_matches(['-', '+', ' ', '#', '0']);
    let flags = &body[..body.len() - digits.len()];
    let (width, precision) = digits.split_once('.').map_or((digits, None), |(width, it)| (width, Some(it)));
    if !width.is_empty() && width != "*" {
        told += &format!(", at least {width} characters wide");
    }
    match precision {
        Some("*") | None => {}
        Some(digits) => {
            let digits = if digits.is_empty() { "0" } else { digits };
            let what = if kind == "text" { "characters at most" } else { "digits behind the point" };
            told += &format!(", {digits} {what}");
        }
    }
    for (flag, meaning) in
        [('-', "to the left"), ('+', "always with a sign"), ('0', "filled with zeros"), ('#', "alternate form")]
    {
        if flags.contains(flag) {
            told += &format!(", {meaning}");
        }
    }
    Some(told)
}

/// A format specification of Python, what stands behind the colon.
pub(super) fn specification(spec: &str) -> Option<String> {
    // `{value:{width}}` is known when it runs.
    if spec.is_empty() || spec.contains(['{', '}']) {
        return None;
    }
    if spec.contains('%') && spec.len() > 2 && !spec.ends_with('%') {
        let (_, code, meaning) = code_at(spec, spec.find('%')?, true)?;
        return Some(format!("`{spec}`: a date or time; `{code}` is {meaning}"));
    }
    let mut facts: Vec<String> = Vec::new();
    let align = |c: char| match c {
        '<' => Some("to the left"),
        '>' => Some("to the right"),
        '^' => Some("in the middle"),
        '=' => Some("with the padding behind the sign"),
        _ => None,
    };
    let mut rest = spec;
    let mut characters = spec.chars();
    let (first, second) = (characters.next()?, characters.next());
    if let Some(where_to) = second.and_then(align) {
        facts.push(format!("{where_to}, filled with `{first}`"));
        rest = &spec[first.len_utf8() + 1..];
    } else if let Some(where_to) = align(first) {
        facts.push(where_to.to_owned());
        rest = &spec[1..];
    }
    for (flag, meaning) in [
        ('+', "always with a sign"),
        ('-', "with a sign if negative"),
        (' ', "a blank before positive numbers"),
        ('z', "no negative zero"),
        ('#', "alternate form"),
        ('0', "filled with zeros behind the sign"),
    ] {
        if let Some(after) = rest.strip_prefix(flag) {
            facts.push(meaning.to_owned());
            rest = after;
        }
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        facts.push(format!("at least {} characters wide", &rest[..digits]));
        rest = &rest[digits..];
    }
    if let Some(after) = rest.strip_prefix([',', '_']) {
        let sign = if rest.starts_with(',') { "commas" } else { "underscores" };
        facts.push(format!("{sign} between thousands"));
        rest = after;
    }
    let mut precision = None;
    if let Some(after) = rest.strip_prefix('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        precision = Some(after.get(..digits).filter(|it| !it.is_empty())?);
        rest = &after[digits..];
    }
    let kind = match rest {
        "" => None,
        "b" => Some("binary"),
        "c" => Some("the character of that number"),
        "d" => Some("a whole number"),
        "e" | "E" => Some("scientific notation"),
        "f" | "F" => Some("a number with decimals"),
        "g" | "G" => Some("decimals, or scientific notation where that is shorter"),
        "n" => Some("a number as the locale writes it"),
        "o" => Some("octal"),
        "s" => Some("text"),
        "x" => Some("hexadecimal"),
        "X" => Some("hexadecimal with capital letters"),
        "%" => Some("percent: times 100 with a percent sign"),
        _ => return None,
    };
    facts.extend(kind.map(str::to_owned));
    if let Some(precision) = precision {
        facts.push(match rest {
            "f" | "F" | "e" | "E" | "%" => format!("{precision} digits behind the point"),
            "g" | "G" | "n" => format!("{precision} significant digits"),
            "s" => format!("{precision} characters at most"),
            _ => format!("{precision} significant digits, of text that many characters at most"),
        });
    }
    (!facts.is_empty()).then(|| format!("`{spec}`: {}", facts.join("; ")))
}
