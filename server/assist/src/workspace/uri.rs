//! Paths from the client's URIs. Not a general URI parser: only what names a file.

use std::path::PathBuf;

/// The path a `file:` URI names; `None` for every other scheme.
///
/// Windows drives come as `file:///C:/…`, `file:///c%3A/…` or (from some clients) `file://C:/…`; a host other
/// than `localhost` is a network share.
pub fn file_path(uri: &str) -> Option<PathBuf> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return Some(PathBuf::from(percent_decode(rest)));
    };
    let (host, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let host = percent_decode(host);
    let path = percent_decode(path);
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") {
        let drive = path.strip_prefix('/').filter(|tail| begins_with_drive(tail));
        return Some(PathBuf::from(drive.unwrap_or(&path)));
    }
    if begins_with_drive(&host) {
        return Some(PathBuf::from(format!("{host}{path}")));
    }
    Some(PathBuf::from(format!("//{host}{path}")))
}

/// The last part of any URI's path, for finding the language of a file that is not on this disk.
pub(super) fn file_name(uri: &str) -> String {
    let path = uri.split(['?', '#']).next().unwrap_or(uri);
    percent_decode(path.rsplit(['/', ':']).next().unwrap_or(path))
}

fn begins_with_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

/// `%41` becomes `A`; what is not valid UTF-8 afterwards becomes U+FFFD, a stray `%` stays.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{file_name, file_path};

    #[test]
    fn paths() {
        for (uri, path) in [
            ("file:///home/ann/a.py", Some("/home/ann/a.py")),
            ("file:///home/ann%20b/%C3%A4.py", Some("/home/ann b/ä.py")),
            ("file://localhost/etc/hosts", Some("/etc/hosts")),
            ("FILE:///x.rs", Some("/x.rs")),
            ("file:/x.rs", Some("/x.rs")),
            ("file:///C:/code/a.js", Some("C:/code/a.js")),
            ("file:///c%3A/code/a.js", Some("c:/code/a.js")),
            ("file://C:/code/a.js", Some("C:/code/a.js")),
            ("file://share/code/a.js", Some("//share/code/a.js")),
            ("file:///100%/a%2", Some("/100%/a%2")),
            ("file:///%ff", Some("/\u{fffd}")),
            ("untitled:Untitled-1", None),
            ("nothing", None),
        ] {
            assert_eq!(file_path(uri).as_deref(), path.map(std::path::Path::new), "{uri}");
        }
    }

    #[test]
    fn names() {
        assert_eq!(file_name("vscode-vfs://github/a/b%20c.rs?ref=x"), "b c.rs");
        assert_eq!(file_name("untitled:Untitled-1"), "Untitled-1");
    }
}
