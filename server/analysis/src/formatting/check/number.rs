//! Numbers of style sheets: one spelling for each.

/// The number with its unit, without zeros that say nothing: `.50em` and `0.5em` are the same, `1n` is `n`.
pub(super) fn canonical(text: &str) -> String {
    let (sign, rest) = text.split_at(text.len() - text.trim_start_matches(['+', '-']).len());
    let sign = if sign == "-" { "-" } else { "" };
    let digits = length(rest);
    let (number, unit) = rest.split_at(digits);
    let unit = unit.to_ascii_lowercase();
    let (mantissa, exponent) = number.find(['e', 'E']).map_or((number, ""), |at| number.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    if unit == "n" && whole == "1" && fraction.is_empty() {
        return format!("{sign}n");
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}{}{unit}", exponent.to_ascii_lowercase().replace('+', ""))
}

/// How many bytes at the beginning of a text are a number without its sign and unit; none where there is no number.
pub(super) fn length(text: &str) -> usize {
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let whole = digits(0);
    let mut end = whole;
    if text[end..].starts_with('.') {
        let fraction = digits(end + 1);
        end += if fraction > 0 { 1 + fraction } else { 0 };
    }
    if end == 0 {
        return 0;
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        end += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    end
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_number_has_one_spelling() {
        for (text, expected) in [
            (".5", "0.5"),
            ("0.50EM", "0.5em"),
            ("+1.0", "1"),
            ("-.0", "-0"),
            ("007px", "7px"),
            ("1e+3", "1e3"),
            ("1E-3s", "1e-3s"),
            ("1em", "1em"),
            ("1n", "n"),
            ("11n", "11n"),
            ("1.5.5", "1.5.5"),
            ("100%", "100%"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
        assert_ne!(canonical("10"), canonical("1"));
        assert_ne!(canonical("0.05"), canonical("0.5"));
        assert_ne!(canonical("1e3"), canonical("1e-3"));
    }
}
