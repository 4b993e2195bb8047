//! Where two versions of a text differ, and where a place of one is in the other. Not here: what the change means.

use syntax::TextRange;

/// Where two versions differ: a range of the older one, and the length of what stands there in the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) old: TextRange,
    pub(super) new_len: usize,
}

impl Stretch {
    /// `None` when they are the same.
    pub(super) fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let start = old.floor_char_boundary(start);
        let rest = a.len().min(b.len()) - start;
        let tail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let end = old.ceil_char_boundary(old.len() - tail);
        Some(Self { old: TextRange::new(start, end), new_len: new.len() - (old.len() - end) - start })
    }

    /// Where the newer version differs.
    pub(super) fn new_range(self) -> TextRange {
        TextRange::new(self.old.start, self.old.start + self.new_len)
    }

    /// Where a range of the older version is in the newer one; `None` when it was changed.
    pub(super) fn forward(self, range: TextRange) -> Option<TextRange> {
        if self.old.end <= range.start {
            let by = |at: usize| at - self.old.len() + self.new_len;
            Some(TextRange::new(by(range.start), by(range.end)))
        } else {
            (range.end <= self.old.start).then_some(range)
        }
    }

    /// Where a range of the newer version was in the older one; `None` when it is new.
    pub(super) fn back(self, range: TextRange) -> Option<TextRange> {
        Self { old: self.new_range(), new_len: self.old.len() }.forward(range)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Stretch;
    use syntax::TextRange;

    #[test]
    fn a_stretch_leads_from_one_version_to_the_next() {
        proptest!(|(old in "[aé\\n]{0,12}", new in "[aé\\n]{0,12}")| {
            let Some(stretch) = Stretch::between(&old, &new) else {
                prop_assert_eq!(old, new);
                return Ok(());
            };
            let mut changed = old.clone();
            let range = stretch.new_range();
            changed.replace_range(stretch.old.start..stretch.old.end, &new[range.start..range.end]);
            prop_assert_eq!(&changed, &new);
            // Outside of the stretch both directions agree.
            for start in 0..=old.len() {
                for end in start..=old.len() {
                    let place = TextRange::new(start, end);
                    if let Some(moved) = stretch.forward(place).filter(|_| !place.is_empty()) {
                        prop_assert_eq!(stretch.back(moved), Some(place));
                        prop_assert_eq!(&old.as_bytes()[start..end], &new.as_bytes()[moved.start..moved.end]);
                    }
                }
            }
        });
    }
}
