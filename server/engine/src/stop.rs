//! Stop texts: ends a stream of text at the first of several texts, wherever the pieces are cut.
//!
//! The answer does not depend on how the text was cut into pieces: the stop text that is complete first ends the
//! stream, and of those that are complete at the same place the longest.

/// What became of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Text that can no longer belong to a stop text.
    pub(crate) text: String,
    /// A stop text is complete; it and everything behind it are dropped.
    pub(crate) stopped: bool,
}

/// Looks for stop texts and holds back what may be the beginning of one.
#[derive(Debug)]
pub(crate) struct StopTexts {
    texts: Vec<String>,
    held: String,
}

impl StopTexts {
    /// A stream that ends at any of `texts`; empty ones are ignored.
    pub(crate) fn new(texts: Vec<String>) -> Self {
        Self { texts: texts.into_iter().filter(|text| !text.is_empty()).collect(), held: String::new() }
    }

    /// Adds the next piece.
    pub(crate) fn push(&mut self, piece: &str) -> Passed {
        self.held.push_str(piece);
        let first = self.texts.iter().filter_map(|stop| self.held.find(stop).map(|start| (start + stop.len(), start)));
        if let Some((_, start)) = first.min() {
            self.held.truncate(start);
            return Passed { text: std::mem::take(&mut self.held), stopped: true };
        }
        let free = self.held.len() - self.longest_beginning();
        let kept = self.held.split_off(free);
        Passed { text: std::mem::replace(&mut self.held, kept), stopped: false }
    }

    /// The end of the stream: what was held back is ordinary text after all.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Length of the longest end of `held` with which a stop text begins.
    fn longest_beginning(&self) -> usize {
        let longest = self.texts.iter().map(|text| text.len() - 1).max().unwrap_or(0).min(self.held.len());
        let mut starts =
            (self.held.len() - longest..self.held.len()).filter(|start| self.held.is_char_boundary(*start));
        starts
            .find(|start| self.texts.iter().any(|text| text.starts_with(&self.held[*start..])))
            .map_or(0, |start| self.held.len() - start)
    }
}

#[cfg(test)]
mod tests;
