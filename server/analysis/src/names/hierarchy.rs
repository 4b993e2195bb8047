//! Which classes of a document extend which.

/// The classes of a document, by their index.
#[derive(Clone, Debug, Default)]
pub(super) struct Hierarchy {
    /// Of each class itself and what it extends in the document, nearest first.
    lines: Vec<Vec<usize>>,
}

impl Hierarchy {
    /// Classes that extend these.
    pub(super) fn new(bases: &[Vec<usize>]) -> Self {
        let line = |class: usize| {
            let mut line = vec![class];
            let mut at = 0;
            while let Some(&next) = line.get(at) {
                for base in &bases[next] {
                    if !line.contains(base) {
                        line.push(*base);
                    }
                }
                at += 1;
            }
            line
        };
        Self { lines: (0..bases.len()).map(line).collect() }
    }

    /// A class and what it extends, nearest first.
    pub(super) fn line_of(&self, class: usize) -> &[usize] {
        self.lines.get(class).map_or(&[], Vec::as_slice)
    }

    /// Whether one class extends another, or is it.
    pub(super) fn extends(&self, class: usize, base: usize) -> bool {
        self.line_of(class).contains(&base)
    }

    /// These classes, those together that share members.
    pub(super) fn groups(&self, classes: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &class in classes {
            let is_near = |other: &usize| self.extends(class, *other) || self.extends(*other, class);
            let (near, far): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.iter().any(is_near));
            groups = far;
            groups.push(near.into_iter().flatten().chain([class]).collect());
        }
        groups
    }
}
