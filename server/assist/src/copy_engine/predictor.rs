//! The copy engine's answers: alone, and as a second opinion on each token of the model.

use engine::{Continuation, Prediction, Predictor};

use super::analogy;
use super::evidence::weigh;
use super::view::CopyView;

/// Bytes of a continuation given to the engine: a few tokens, it asks again anyway.
const CONTINUATION: usize = 48;
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

/// How much the copies weigh against a model: what is added to the log-odds that hold for the built-in one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strength(f32);

/// A model that is much better than the built-in one needs less help. Not measured.
const LARGE_MODEL: Strength = Strength(-2.0);
/// Models from this size on count as large.
const LARGE_PARAMETERS: u64 = 200_000_000;

impl Strength {
    /// For a model of this many parameters. A script has none: it is to be read as it stands.
    pub(crate) fn of(parameters: u64) -> Self {
        match parameters {
            0 => Self(f32::NEG_INFINITY),
            LARGE_PARAMETERS.. => LARGE_MODEL,
            _ => Self(0.0),
        }
    }

    /// The copies' share of the mixture.
    fn weight(self, trust: f32) -> f32 {
        sigmoid(trust + self.0)
    }
}

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
    strength: Strength,
}

impl CopyPredictor {
    pub(crate) fn new(view: CopyView, ending: Ending, strength: Strength) -> Self {
        Self { view, ending, strength }
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
        Prediction { weight: self.strength.weight(evidence.trust), continuations }
    }
}

impl Ending {
    /// As much of `text` as the hole takes; empty when the hole ends here.
    fn cut(self, text: &str) -> &str {
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
