//! `--format junit`: the XML that test dashboards read. A file is a test suite, a finding a failed test.

use std::fmt::Write;

use super::{FileReport, Finding, Report, severity_name};

/// The report as a document. Suites without a test are called broken by some readers, so a run without findings is one
/// test that passed.
pub(crate) fn render(report: &Report) -> String {
    let total = report.findings().count();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let tests = total.max(1);
    let _ = writeln!(
        out,
        "<testsuites name=\"ropewalk\" tests=\"{tests}\" failures=\"{total}\" errors=\"0\" time=\"{:.3}\">",
        report.elapsed.as_secs_f64()
    );
    if total == 0 {
        out.push_str("  <testsuite name=\"ropewalk\" tests=\"1\" failures=\"0\" errors=\"0\">\n");
        out.push_str("    <testcase name=\"no findings\" classname=\"ropewalk\"/>\n  </testsuite>\n");
    }
    for file in report.reports.iter().filter(|it| !it.findings.is_empty()) {
        suite(&mut out, file);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, file: &FileReport) {
    let (path, count) = (escaped(&file.path.display().to_string()), file.findings.len());
    let _ = writeln!(out, "  <testsuite name=\"{path}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\">");
    for finding in &file.findings {
        case(out, &path, finding);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, path: &str, finding: &Finding) {
    let (line, column) = (finding.place.start.line + 1, finding.place.start.column + 1);
    let (code, message) = (escaped(finding.code), escaped(&finding.message));
    let _ = write!(
        out,
        "    <testcase name=\"{code}\" classname=\"{path}\" line=\"{line}\" column=\"{column}\">\n      \
         <failure type=\"{}\" message=\"{message}\">{path}:{line}:{column}: {code} {message}</failure>\n    \
         </testcase>\n",
        severity_name(finding.severity)
    );
}

/// Text as an attribute value or content. What XML 1.0 cannot say at all (most control characters) becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // As themselves they would be read as blanks in an attribute.
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_say_is_replaced() {
        assert_eq!(
            escaped("a<b & \"c\"\u{1b}[0m\u{0}\u{fffe}é\n"),
            "a&lt;b &amp; &quot;c&quot;\u{fffd}[0m\u{fffd}\u{fffd}é&#10;"
        );
    }
}
