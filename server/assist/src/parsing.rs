//! Parsing with a limit: a text that drives a grammar into the ground must not drive the features there too.
//!
//! `syntax` reads no clock, so the limit is set here, once, before a feature walks the tree. A document whose parse
//! was stopped has no tree for any feature, as if its language had no grammar; the next version is tried anew.

use std::time::{Duration, Instant};

use syntax::Document;

/// What any text may take. Ordinary code is parsed at several MB a second.
const BASE: Duration = Duration::from_secs(5);
/// What each further megabyte may take.
const PER_MEGABYTE: Duration = Duration::from_secs(3);

/// Parses the document unless it was parsed before; false when its language has a grammar and yet there is no tree.
pub(crate) fn parse(document: &Document) -> bool {
    let megabytes = u32::try_from(document.text().len() >> 20).unwrap_or(u32::MAX);
    let deadline = Instant::now() + BASE + PER_MEGABYTE.saturating_mul(megabytes);
    document.parse(|| Instant::now() >= deadline).is_some() || document.language().grammar().is_none()
}
