//! Where the user was: a ring of chunks of text, after llama.vim.
//!
//! A chunk is taken where the user leaves: another document, or a place far away in the same one. It waits until the
//! prompt's head may change, which is when nobody has asked for a while or the document was changed for another one.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use engine::ContextFile;
use syntax::{Document, TextRange};

use super::lines;
use crate::{DocumentId, Snapshot};

/// Chunks in the ring: the oldest goes first.
const MAX_CHUNKS: usize = 16;
/// Lines of a chunk, most of them above the place that was left; and bytes.
const LINES_ABOVE: usize = 24;
const LINES_BELOW: usize = 8;
const MAX_BYTES: usize = 2 << 10;
/// Fewer lines that say something are not worth a chunk.
const MIN_LINES: usize = 3;
/// Whoever goes further than this many lines has left.
const FAR: usize = 32;
/// Nobody has asked for so long: a prompt may be read anew.
const IDLE: Duration = Duration::from_secs(3);
/// A chunk that is so similar (Jaccard index of the sets of lines) to a newer one is dropped.
const SAME: f32 = 0.9;

/// The ring.
#[derive(Default)]
pub(super) struct Recent {
    chunks: VecDeque<Chunk>,
    /// Chunks that wait to come in.
    waiting: Vec<Chunk>,
    last: Option<Visit>,
}

struct Chunk {
    path: String,
    text: String,
}

struct Visit {
    id: DocumentId,
    path: Option<String>,
    document: Document,
    line: usize,
    at: Instant,
}

impl Recent {
    /// The user is here now.
    pub(super) fn visit(&mut self, snapshot: &Snapshot, offset: usize, now: Instant) {
        let document = snapshot.document().clone();
        let line = document.text().line_of(offset);
        let visit = Visit { id: snapshot.id().clone(), path: snapshot.name(), document, line, at: now };
        let Some(last) = self.last.replace(visit) else { return };
        let is_elsewhere = last.id != *snapshot.id();
        let is_idle = now.saturating_duration_since(last.at) >= IDLE;
        if is_elsewhere || last.line.abs_diff(line) > FAR {
            self.waiting.extend(last.chunk());
        }
        if is_elsewhere || is_idle {
            for chunk in std::mem::take(&mut self.waiting) {
                self.chunks.retain(|older| similarity(&older.text, &chunk.text) < SAME);
                self.chunks.push_back(chunk);
            }
            self.chunks.drain(..self.chunks.len().saturating_sub(MAX_CHUNKS));
        }
    }

    /// The chunks, the oldest first.
    pub(super) fn parts(&self) -> Vec<ContextFile> {
        let part = |chunk: &Chunk| ContextFile { path: chunk.path.clone(), text: chunk.text.clone() };
        self.chunks.iter().map(part).collect()
    }
}

impl Visit {
    /// The lines around the place, where there is something to see.
    fn chunk(self) -> Option<Chunk> {
        let text = self.document.text();
        let (first, last) = (self.line.saturating_sub(LINES_ABOVE), self.line + LINES_BELOW);
        let start = text.line_range(first).start;
        let end = text.line_range((last + 1).min(text.line_count())).start;
        let mut chunk = text.slice(TextRange::new(start, end.max(start)));
        if let Some(over) = chunk.len().checked_sub(MAX_BYTES) {
            let over = chunk.ceil_char_boundary(over);
            let cut = chunk[over..].find('\n').map_or(chunk.len(), |end| over + end + 1);
            chunk.drain(..cut);
        }
        (lines(&chunk).count() >= MIN_LINES).then_some(Chunk { path: self.path?, text: chunk })
    }
}

/// Jaccard index of the lines of two texts.
fn similarity(a: &str, b: &str) -> f32 {
    let (a, b): (HashSet<&str>, HashSet<&str>) = (lines(a).collect(), lines(b).collect());
    let both = a.intersection(&b).count();
    both as f32 / (a.len() + b.len() - both).max(1) as f32
}
