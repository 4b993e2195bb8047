//! Fixtures: text with a `<CURSOR>` marker, and several files in one string.

/// Marks the cursor in a fixture; two of them mark a range.
pub const CURSOR: &str = "<CURSOR>";

/// One file of a multi-file fixture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixtureFile {
    /// Path as written behind `//- `.
    pub path: String,
    /// Text, markers included.
    pub text: String,
}

/// The fixture without its one marker, and the marker's byte offset.
///
/// # Panics
/// When there is not exactly one marker.
pub fn cursor(fixture: &str) -> (String, usize) {
    let offset = fixture.find(CURSOR).expect("the fixture has a <CURSOR>");
    let text = fixture.replacen(CURSOR, "", 1);
    assert!(!text.contains(CURSOR), "the fixture has one <CURSOR> only");
    (text, offset)
}

/// The fixture without its two markers, and the byte range between them.
///
/// # Panics
/// When there are not exactly two markers.
pub fn selection(fixture: &str) -> (String, std::ops::Range<usize>) {
    let start = fixture.find(CURSOR).expect("the fixture has a first <CURSOR>");
    let rest = fixture.replacen(CURSOR, "", 1);
    let end = rest.find(CURSOR).expect("the fixture has a second <CURSOR>");
    (rest.replacen(CURSOR, "", 1), start..end)
}

/// Splits `//- path` sections; text before the first one is an error in the fixture.
///
/// # Panics
/// When the fixture does not begin with `//- `.
pub fn files(fixture: &str) -> Vec<FixtureFile> {
    let fixture = fixture.trim_start_matches('\n');
    assert!(fixture.starts_with("//- "), "a multi-file fixture begins with `//- path`");
    let mut out: Vec<FixtureFile> = Vec::new();
    for line in fixture.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("//- ") {
            out.push(FixtureFile { path: path.trim().to_owned(), text: String::new() });
        } else if let Some(file) = out.last_mut() {
            file.text.push_str(line);
        }
    }
    out
}
