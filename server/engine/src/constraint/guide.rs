//! Follows one answer along its grammar.

use llguidance::Matcher;
use llguidance::api::StopReason;

use crate::EngineError;
use crate::sampler::TokenSet;

/// Where an answer stands in its grammar.
pub(crate) struct Guide {
    matcher: Matcher,
}

impl Guide {
    /// At the beginning of an answer.
    pub(super) fn new(mut matcher: Matcher) -> Result<Self, EngineError> {
        // Without tokens: notices a grammar whose only text is the empty one.
        if let Err(error) = matcher.consume_tokens(&[]) {
            return Err(super::invalid(super::explain(&error.to_string())));
        }
        Ok(Self { matcher })
    }

    /// The tokens that may come next: text, and the ends of an answer where the grammar can end.
    ///
    /// # Errors
    /// `InvalidRequest` when following the grammar takes too much work, or when no token of the vocabulary fits.
    pub(crate) fn allowed(&mut self) -> Result<TokenSet, EngineError> {
        match self.matcher.compute_mask_or_eos() {
            Ok(mask) => Ok(TokenSet::from_words(mask.into())),
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    /// Notes the next token, one that was allowed.
    ///
    /// # Errors
    /// `InvalidRequest` when following the grammar takes too much work.
    pub(crate) fn accept(&mut self, token: u32) -> Result<(), EngineError> {
        self.matcher.consume_token(token).map_err(|error| self.lost(&error.to_string()))
    }

    /// Notes the tokens that the grammar leaves no choice about, and gives them; often none.
    ///
    /// # Errors
    /// `InvalidRequest` when following the grammar takes too much work.
    pub(crate) fn forced(&mut self) -> Result<Vec<u32>, EngineError> {
        if self.is_complete() {
            return Ok(Vec::new());
        }
        let tokens = self.matcher.consume_ff_tokens();
        match self.matcher.get_error() {
            None => Ok(tokens),
            Some(error) => Err(self.lost(&error)),
        }
    }

    /// Whether the answer is one, and nothing may follow it.
    pub(crate) fn is_complete(&self) -> bool {
        !self.matcher.is_error() && self.matcher.is_stopped()
    }

    fn lost(&self, message: &str) -> EngineError {
        super::invalid(match self.matcher.stop_reason() {
            StopReason::LexerTooComplex | StopReason::ParserTooComplex => {
                format!("following it takes too much work: {}", super::explain(message))
            }
            StopReason::NoExtensionBias => "no text of this model's vocabulary follows it".to_owned(),
            _ => format!("it cannot be followed any further: {}", super::explain(message)),
        })
    }
}
