//! A generation under way, and how it passes from a request to the one that replaces it.
//!
//! While somebody types what the model is about to write, each keystroke is a new request. When its text agrees with
//! what was written so far, it takes the running generation over instead of starting again.

use engine::{CancelToken, Generation, Piece};

use super::scene::Scene;

/// What a newer request looks at.
#[derive(Clone, Debug)]
pub(crate) struct Successor {
    pub(crate) scene: Scene,
    pub(crate) invoked: bool,
}

/// Text written so far, and how sure the model was.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Produced {
    pub(crate) text: String,
    pieces: Vec<Written>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Written {
    /// Offset of the piece's first byte.
    start: usize,
    logprob: f32,
    tokens: usize,
}

impl Produced {
    pub(crate) fn push(&mut self, piece: &Piece) {
        self.pieces.push(Written { start: self.text.len(), logprob: piece.logprob, tokens: piece.tokens });
        self.text.push_str(&piece.text);
    }

    pub(crate) fn tokens(&self) -> usize {
        self.pieces.iter().map(|piece| piece.tokens).sum()
    }

    /// Probability that `text[range]` is right: the product of its tokens'; 1 without any. (Not their mean: a copy gets
    /// the surer the longer it goes on, whether or not its beginning was right.)
    pub(crate) fn confidence(&self, range: std::ops::Range<usize>) -> f32 {
        let inside = self.pieces.iter().filter(|piece| range.contains(&piece.start));
        inside.map(|piece| piece.logprob).sum::<f32>().exp().clamp(0.0, 1.0)
    }
}

/// A generation under way.
pub(crate) struct Flight {
    pub(crate) generation: Generation,
    /// Stops the model's work.
    pub(crate) work: CancelToken,
    pub(crate) produced: Produced,
    /// Where it started.
    pub(crate) origin: Scene,
    /// The model stops at the end of the line.
    pub(crate) is_line: bool,
    pub(crate) invoked: bool,
    /// What the user typed since, and the model wrote or still has to write as well.
    pub(crate) typed: String,
}

impl Flight {
    /// What the successor's user typed since this flight started, when nothing so far speaks against its use.
    pub(crate) fn typed_by(&self, successor: &Successor) -> Option<String> {
        let may_serve = self.invoked == successor.invoked && self.origin.has_same_surroundings(&successor.scene);
        let typed = successor.scene.typed_since(&self.origin).filter(|_| may_serve)?;
        let agrees = self.produced.text.starts_with(typed) || typed.starts_with(&self.produced.text);
        agrees.then(|| typed.to_owned())
    }

    /// True when the text went another way than the user did.
    pub(crate) fn diverged(&self) -> bool {
        !(self.produced.text.starts_with(&self.typed) || self.typed.starts_with(&self.produced.text))
    }

    /// What is left to show.
    pub(crate) fn remaining(&self) -> &str {
        self.produced.text.strip_prefix(&self.typed).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use engine::Piece;

    use super::Produced;

    #[test]
    fn confidence_is_the_product_over_the_kept_tokens() {
        let mut produced = Produced::default();
        for (text, probability, tokens) in [("ab", 0.25_f32, 2), ("c", 0.5, 1), ("d", 0.125, 1)] {
            produced.push(&Piece { text: text.to_owned(), logprob: probability.ln(), tokens, choices: Vec::new() });
        }
        assert_eq!(produced.text, "abcd");
        assert_eq!(produced.tokens(), 4);
        assert!((produced.confidence(0..3) - 0.125).abs() < 1e-6);
        assert!((produced.confidence(3..4) - 0.125).abs() < 1e-6);
        assert_eq!(produced.confidence(4..4), 1.0);
    }
}
