//! The copy engine's answers: alone, and as a second opinion on each token of the model.

use engine::{Continuation, Prediction, Predictor};

use super::analogy;
use super::evidence::weigh;
use super::view::CopyView;

/// Bytes of a continuation given to the engine: a few tokens, it asks again anyway.
pub(crate) const CONTINUATION: usize = 48;
/// Most bytes proposed alone.
const PROPOSAL: usize = 160;
/// Continuations with a smaller share are left out.
const MIN_SHARE: f32 = 0.005;

/// Where a copy has to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At the end of the line.
    Line,
    /// Before the first line that is less indented than this many columns.
    Dedent(usize),
}

/// What is added to the log-odds of copies against a model that make the next token the most likely.
///
/// With those log-odds themselves the most likely tokens make worse lines: a text that goes over from one source to the
/// other is rarely right, and what the model alone would have said is never considered. Of 800 Python and 800 JavaScript
/// holes 17.8 and 19.0 % came out right so, 18.5 and 19.8 % with 1.5 less, 18.8 and 20.1 % with 3.0 less; and as many
/// without any mixing, but with fewer characters. (Training packages, 2026-11, with an earlier state of the built-in model
/// and log-odds one higher than now. Not measured for large models, which need no more help than a small one.)
const RESERVE: f32 = -2.0;

fn sigmoid(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// A proposal of the copy engine alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proposal {
    /// The rest of the line; never empty.
    pub(crate) text: String,
    /// 0 to 1: how sure the places are of what comes next, times the share of those that say just this. It is right in
    /// fewer cases than it says, see `inline_completion::worth`.
    pub(crate) confidence: f32,
}

impl CopyView {
    /// The rest of the line as it may follow, the most likely first, at most `most`.
    pub(crate) fn propose(&self, most: usize) -> Vec<Proposal> {
        let followers = self.followers("", PROPOSAL);
        let evidence = weigh(&followers, |follower| {
            (follower.complete || follower.text.contains('\n')).then(|| first_line(&follower.text))
        });
        let trust = sigmoid(evidence.trust);
        let likely = evidence.texts.into_iter().filter(|(text, _)| !text.trim().is_empty()).take(most);
        let mut proposals: Vec<_> = likely.map(|(text, share)| Proposal { text, confidence: trust * share }).collect();
        let (before, after) = self.around();
        for other in analogy::propose(before, after) {
            match proposals.iter_mut().find(|known| known.text.trim_end() == other.text) {
                Some(known) => known.confidence = known.confidence.max(other.confidence),
                None => proposals.push(other),
            }
        }
        proposals.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        proposals.truncate(most);
        proposals
    }
}

/// The copy engine as the engine's second opinion.
pub(crate) struct CopyPredictor {
    view: CopyView,
    ending: Ending,
}

impl CopyPredictor {
    pub(crate) fn new(view: CopyView, ending: Ending) -> Self {
        Self { view, ending }
    }
}

impl Predictor for CopyPredictor {
    fn predict(&mut self, generated: &str) -> Prediction {
        let followers = self.view.followers(generated, CONTINUATION);
        let evidence = weigh(&followers, |follower| Some(self.ending.cut(&follower.text)));
        let likely = evidence.texts.into_iter().take_while(|(_, share)| *share >= MIN_SHARE);
        let continuations: Vec<_> = likely.map(|(text, share)| Continuation { text, share }).collect();
        if continuations.is_empty() {
            return Prediction::default();
        }
        Prediction { weight: sigmoid(evidence.trust + RESERVE), continuations }
    }
}

impl Ending {
    /// As much of `text` as the hole takes; empty when the hole ends here.
    pub(crate) fn cut(self, text: &str) -> &str {
        match self {
            Self::Line => first_line(text),
            Self::Dedent(columns) => {
                let mut from = 0;
                while let Some(at) = text[from..].find('\n') {
                    let line = &text[from + at + 1..];
                    let rest = line.trim_start_matches([' ', '\t']);
                    let blank = rest.is_empty() || rest.starts_with(['\n', '\r']);
                    if !blank && line.len() - rest.len() < columns {
                        return text[..from + at].trim_end_matches('\r');
                    }
                    from += at + 1;
                }
                text
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.find(['\n', '\r']).map_or(text, |at| &text[..at])
}
