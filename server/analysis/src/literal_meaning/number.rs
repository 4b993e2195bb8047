//! Numbers in other bases, and what they may be: sizes, times, colours.

use std::fmt::Write;

/// Kinds of nodes that are numbers.
pub(super) fn is_number(kind: &str) -> bool {
    matches!(
        kind,
        "integer"
            | "number"
            | "integer_literal"
            | "int_literal"
            | "number_literal"
            | "decimal_integer_literal"
            | "hex_integer_literal"
            | "octal_integer_literal"
            | "binary_integer_literal"
            | "integer_value"
    )
}

/// What a whole number is in other words; none for one that is as plain as it gets.
pub(super) fn meaning(source: &str) -> Option<String> {
    let lower = source.to_ascii_lowercase().replace(['_', '\''], "");
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        // C's way to write octal numbers; elsewhere a zero in front is an error or nothing.
        _ => (lower.as_str(), 10),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, suffix) = digits.split_at(end);
    let is_suffix = matches!(suffix, "" | "n" | "l" | "u" | "ul" | "ll" | "ull" | "lu" | "llu")
        || suffix.trim_start_matches(['i', 'u']).bytes().all(|b| b.is_ascii_digit()) && radix != 16
        || matches!(suffix, "usize" | "isize");
    if !is_suffix || digits.is_empty() || radix == 10 && digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    let value = u128::from_str_radix(digits, radix).ok()?;
    let mut facts = Vec::new();
    if radix != 10 {
        facts.push(format!("{} in decimal", grouped(value)));
    } else if value >= 10_000 {
        facts.push(grouped(value));
    }
    if radix != 16 && value >= 10 {
        facts.push(format!("0x{value:X}"));
    }
    if radix != 2 && (10..=0xFFFF).contains(&value) && radix != 10 {
        facts.push(format!("0b{value:b}"));
    }
    if value.is_power_of_two() && value >= 16 {
        facts.push(format!("2 to the power {}", value.trailing_zeros()));
    }
    facts.extend(size(value));
    if radix == 10 {
        facts.extend(time(value));
    }
    let is_colour = radix == 16 && digits.len() == 6;
    facts.extend(is_colour.then(|| colour(digits)).flatten());
    let is_character = radix == 16 && digits.len() <= 5;
    let character =
        u32::try_from(value).ok().and_then(char::from_u32).filter(|c| !c.is_control() && !c.is_whitespace());
    if let (true, Some(c)) = (is_character && value > 0x20, character) {
        facts.push(format!("as a character {c}"));
    }
    // A plain small number in hexadecimal tells nobody anything.
    if radix == 10 && value < 10_000 && facts.len() < 2 {
        return None;
    }
    Some(format!("`{source}`: {}", facts.join("; ")))
}

/// Digits in groups of three.
pub(super) fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

fn size(value: u128) -> Option<String> {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let (unit, shift) = UNITS.into_iter().find(|(_, shift)| value >= 1 << shift && value.trailing_zeros() >= *shift)?;
    let amount = value >> shift;
    (amount < 1 << 10).then(|| format!("{amount} {unit} if these are bytes"))
}

/// Seconds and milliseconds since 1970 that lie between 2001 and 2100.
fn time(value: u128) -> Option<String> {
    let seconds = match value {
        1_000_000_000..=4_102_444_800 => value,
        1_000_000_000_000..=4_102_444_800_000 => value / 1000,
        _ => return None,
    };
    let unit = if value == seconds { "" } else { " in milliseconds" };
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(i64::try_from(days).ok()?);
    let mut told = String::new();
    write!(
        told,
        "as Unix time{unit} {year}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
    .ok()?;
    Some(told)
}

/// Year, month and day of a number of days since 1970-01-01 in the Gregorian calendar.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted from March of the year 0, so that leap days come last; 146 097 days are 400 years.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Red, green, blue and opacity of a colour's hexadecimal digits.
pub(super) fn colour(digits: &str) -> Option<String> {
    if !matches!(digits.len(), 3 | 4 | 6 | 8) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let width = if digits.len() < 6 { 1 } else { 2 };
    let part = |index: usize| {
        let digits = digits.get(index * width..(index + 1) * width)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        Some(if width == 1 { value * 17 } else { value })
    };
    let mut told = format!("as a colour red {}, green {}, blue {}", part(0)?, part(1)?, part(2)?);
    if let Some(alpha) = part(3) {
        write!(told, ", {} % opaque", (alpha * 100 + 127) / 255).ok()?;
    }
    Some(told)
}
