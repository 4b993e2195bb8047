//! `--format sarif`: SARIF 2.1.0 (OASIS Standard, errata 01), as code scanning services read it.
//!
//! Only what the standard names is written, and nothing that differs between two runs over the same files. Columns are
//! counted in UTF-16 code units (`columnKind`); byte offsets stand beside them.

use std::path::Path;

use assist::Severity;
use serde_json::{Value, json};

use super::finding::FindingFix;
use super::{Finding, Place, Report};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The folder that artifact locations are relative to.
const ROOT: &str = "SRCROOT";
/// Name and version of our fingerprint (SARIF 3.27.17): path, code and the text of the line.
const FINGERPRINT: &str = "ropewalkLineHash/v1";

/// The report as one run. `root` is the folder in which relative paths are named.
pub(crate) fn render(report: &Report, root: &Path, exit_code: u8) -> Value {
    let mut codes: Vec<&'static str> = report.findings().map(|(_, finding)| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<_> = report.findings().map(|(file, finding)| result(&file.path, finding, &codes)).collect();
    let mut base = uri_of(root);
    // A base must end with a slash (SARIF 3.14.14).
    if !base.ends_with('/') {
        base.push('/');
    }
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "ropewalk",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "invocations": [{ "executionSuccessful": true, "exitCode": exit_code }],
            "originalUriBaseIds": { ROOT: { "uri": base } },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

fn rule(code: &str) -> Value {
    let mut out = json!({ "id": code });
    if let Some(rule) = assist::rule(code) {
        out["shortDescription"] = json!({ "text": rule.summary });
        if let Some(url) = &rule.url {
            out["helpUri"] = json!(url);
        }
    }
    out
}

fn result(path: &Path, finding: &Finding, codes: &[&'static str]) -> Value {
    let location = artifact_location(path);
    let index = codes.binary_search(&finding.code).unwrap_or_default();
    let mut out = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": finding.message },
        "locations": [{ "physicalLocation": physical(&location, finding.place) }],
        "partialFingerprints": { FINGERPRINT: format!("{:016x}", finding.line_hash) },
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, (place, message))| {
            json!({ "id": id, "message": { "text": message }, "physicalLocation": physical(&location, *place) })
        });
        out["relatedLocations"] = related.collect();
    }
    if !finding.fixes.is_empty() {
        out["fixes"] = finding.fixes.iter().map(|it| fix(it, &location)).collect();
    }
    out
}

fn fix(fix: &FindingFix, location: &Value) -> Value {
    let replacements = fix
        .edits
        .iter()
        .map(|edit| json!({ "deletedRegion": region(edit.place), "insertedContent": { "text": edit.new_text } }));
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{ "artifactLocation": location, "replacements": replacements.collect::<Vec<_>>() }],
    })
}

fn physical(location: &Value, place: Place) -> Value {
    json!({ "artifactLocation": location, "region": region(place) })
}

/// Lines and columns from 1; the end column is that behind the last character (SARIF 3.30).
fn region(place: Place) -> Value {
    json!({
        "startLine": place.start.line + 1,
        "startColumn": place.start.utf16 + 1,
        "endLine": place.end.line + 1,
        "endColumn": place.end.utf16 + 1,
        "byteOffset": place.bytes.start,
        "byteLength": place.bytes.len(),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    }
}

fn artifact_location(path: &Path) -> Value {
    if path.is_absolute() {
        return json!({ "uri": uri_of(path) });
    }
    json!({ "uri": encoded(path), "uriBaseId": ROOT })
}

/// An absolute path as a `file` URI (RFC 8089).
fn uri_of(path: &Path) -> String {
    let encoded = encoded(path);
    if encoded.starts_with('/') { format!("file://{encoded}") } else { format!("file:///{encoded}") }
}

/// A path with every byte percent-encoded that RFC 3986 does not allow in one. A first part with a colon would be taken
/// for a scheme, so colons are encoded too.
fn encoded(path: &Path) -> String {
    let mut out = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(*byte)),
            b'\\' if cfg!(windows) => out.push('/'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{artifact_location, uri_of};

    #[test]
    fn paths_are_percent_encoded() {
        let location = artifact_location(Path::new("a b/c#é%.py"));
        assert_eq!(location["uri"], "a%20b/c%23%C3%A9%25.py");
        assert_eq!(location["uriBaseId"], "SRCROOT");
        assert_eq!(uri_of(Path::new("/tmp/x y")), "file:///tmp/x%20y");
    }
}
