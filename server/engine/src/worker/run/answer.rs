//! An answer as it is written: which token comes next, given a row of logits, and what text it adds. Here everything
//! that may have a say comes together, in this order: text taken back from the prompt or the request's constraint, the
//! predictor's opinion, the sampler.

use crate::constraint::Guide;
use crate::healing::Healing;
use crate::sampler::{Chosen, Opinion, Sampler};
use crate::service::Service;
use crate::stop::{Passed, StopTexts};
use crate::tokenizer::{CONTINUATION_HEAD, Detokenizer};
use crate::{Continuation, EngineError, GenerateRequest, Prediction, Predictor};

/// A continuation with a larger share than all others together is what is expected.
const EXPECTED_SHARE: f32 = 0.5;

/// An answer that is being written.
pub(super) struct Answer {
    sampler: Sampler,
    guide: Option<Guide>,
    healing: Healing,
    predictor: Option<Box<dyn Predictor>>,
    ignore_eos: bool,
    stop: StopTexts,
    detokenizer: Detokenizer,
    /// The answer as text, with what `stop` holds back: what predictors see.
    generated: String,
    /// What the predictor expects behind it.
    expected: String,
}

impl Answer {
    /// The answer to a request, whose predictor and stop texts it takes, and the tokens of the prompt that it goes on
    /// from: with healing, the last ones are taken back from `prompt`.
    ///
    /// # Errors
    /// When the request's constraint cannot be followed.
    pub(super) fn begin(
        request: &mut GenerateRequest,
        prompt: &mut Vec<u32>,
        service: &Service,
    ) -> Result<Self, EngineError> {
        let vocab = service.tokenizer.vocab();
        let mut healing = Healing::default();
        if request.heal {
            let (kept, taken_back) = Healing::begin(prompt, vocab, service.sorted_vocab());
            // A grammar is about characters.
            if request.constraint.is_none() || std::str::from_utf8(taken_back.rest()).is_ok() {
                prompt.truncate(kept);
                healing = taken_back;
            }
        }
        let guide = |constraint| service.grammars.guide(constraint, healing.rest());
        let guide = request.constraint.as_ref().map(guide).transpose()?;
        let mut sampler = Sampler::new(request.sampling.clone());
        for token in &*prompt {
            sampler.read(*token);
        }
        Ok(Self {
            sampler,
            guide,
            healing,
            predictor: request.predictor.take(),
            ignore_eos: request.ignore_eos,
            stop: StopTexts::new(std::mem::take(&mut request.stop)),
            detokenizer: Detokenizer::default(),
            generated: String::new(),
            expected: String::new(),
        })
    }

    /// Chooses the next token by its logits; `None` when the answer ends.
    ///
    /// # Errors
    /// When no token is possible.
    pub(super) fn choose(&mut self, service: &Service, logits: &mut [f32]) -> Result<Option<Chosen>, EngineError> {
        let masked = if self.ignore_eos { &service.masked_with_ends } else { &service.masked };
        if let Some(guide) = &mut self.guide {
            let mut allowed = guide.allowed()?;
            let may_end = service.format.ends.iter().any(|end| allowed.contains(*end));
            for token in masked {
                allowed.remove(*token);
            }
            if allowed.is_empty() && may_end {
                return Ok(None);
            }
            allowed.restrict(logits);
        } else if let Some(allowed) = self.healing.allowed(service.tokenizer.vocab(), service.sorted_vocab()) {
            allowed.restrict(logits);
        }
        let opinion = self.opinion(service);
        let chosen = self.sampler.choose(logits, masked, opinion.as_ref()).ok_or_else(|| {
            EngineError::BadModelFile("the model computes no finite numbers; the file is damaged".to_owned())
        })?;
        if service.format.ends.contains(&chosen.token) {
            return Ok(None);
        }
        if let Some(guide) = &mut self.guide {
            guide.accept(chosen.token)?;
        }
        Ok(Some(chosen))
    }

    /// The most likely tokens of the row that was last chosen from, by what they write, with the logarithms of their
    /// probabilities.
    pub(super) fn most_likely(&mut self, service: &Service, logits: &[f32], count: usize) -> Vec<(Vec<u8>, f32)> {
        let tokens = self.sampler.most_likely(logits, count).into_iter();
        tokens.map(|(token, logprob)| (service.tokenizer.vocab().written(token).to_vec(), logprob)).collect()
    }

    /// Tokens that have to follow, whatever the logits; they are chosen already. Often none.
    ///
    /// # Errors
    /// When the constraint cannot be followed any further.
    pub(super) fn forced(&mut self) -> Result<Vec<u32>, EngineError> {
        self.guide.as_mut().map_or(Ok(Vec::new()), Guide::forced)
    }

    /// Whether the constraint allows nothing more.
    pub(super) fn is_complete(&self) -> bool {
        self.guide.as_ref().is_some_and(Guide::is_complete)
    }

    /// Writes a token that was chosen; gives the text that may be sent.
    pub(super) fn write(&mut self, token: u32, service: &Service) -> Passed {
        self.sampler.accept(token);
        let written = self.healing.accept(service.tokenizer.vocab().written(token));
        let text = self.detokenizer.push(written);
        self.generated.push_str(&text);
        match self.expected.strip_prefix(text.as_str()) {
            Some(rest) => self.expected = rest.to_owned(),
            None => self.expected.clear(),
        }
        self.stop.push(&text)
    }

    /// The tokens that the predictor expects next; often none.
    pub(super) fn expected(&self, service: &Service) -> Vec<u32> {
        let head = &self.expected[..self.expected.floor_char_boundary(CONTINUATION_HEAD)];
        service.tokenizer.encode_continuation(head)
    }

    /// What is still held back, at the end.
    pub(super) fn rest(&mut self) -> String {
        self.stop.finish()
    }

    /// A predictor's continuations as first tokens. They continue `generated`; of a character that is not whole yet the
    /// first bytes are written already, and what was taken back from the prompt has to be written first.
    fn opinion(&mut self, service: &Service) -> Option<Opinion> {
        let Prediction { weight, continuations } = self.predictor.as_mut()?.predict(&self.generated);
        let likeliest = continuations.iter().find(|continuation| continuation.share > EXPECTED_SHARE);
        self.expected = likeliest.map_or_else(String::new, |continuation| continuation.text.clone());
        let mut tokens = Vec::new();
        if weight > 0.0 {
            let before = std::str::from_utf8(self.healing.rest()).ok()?;
            for Continuation { text, share } in &continuations {
                let token = if before.is_empty() {
                    first_token(text, self.detokenizer.pending(), service)
                } else {
                    first_token(&format!("{before}{text}"), &[], service)
                };
                tokens.extend(token.map(|token| (token, *share)));
            }
        }
        Some(Opinion { weight, tokens })
    }
}

/// The token of a continuation that comes behind the bytes `written`; `None` where they do not fit.
fn first_token(text: &str, written: &[u8], service: &Service) -> Option<u32> {
    if text.is_empty() && written.is_empty() {
        return service.format.eos;
    }
    service.tokenizer.first_of_continuation(text, written)
}
