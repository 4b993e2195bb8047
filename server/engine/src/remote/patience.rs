//! How long a server is waited for while it answers: long for the first text, since some load the model or read a long
//! prompt before it, shorter between two texts. The request's own deadline is not counted here.

use std::time::{Duration, Instant};

use super::RemoteTimeouts;

/// How long the server may be silent.
#[derive(Debug)]
pub(super) struct Patience {
    timeouts: RemoteTimeouts,
    pub(super) until: Instant,
    /// What was waited for when it ends, for the message.
    pub(super) limit: Duration,
}

impl Patience {
    /// From the request on.
    pub(super) fn new(timeouts: RemoteTimeouts, now: Instant) -> Self {
        Self { timeouts, until: now + timeouts.first_token, limit: timeouts.first_token }
    }

    /// An event has come. One without text is a sign of life as well: thinking models stream their thoughts beside the
    /// text (`reasoning_content`). But the first may come before the prompt has been read (a role alone), so none of them
    /// cuts the time for the first text short.
    pub(super) fn hear(&mut self, now: Instant, has_text: bool) {
        let until = now + self.timeouts.between_tokens;
        if has_text || until > self.until {
            (self.until, self.limit) = (until, self.timeouts.between_tokens);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_by_what_comes() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let (first_token, between_tokens) = (Duration::from_secs(100), Duration::from_secs(10));
        let timeouts = RemoteTimeouts { first_token, between_tokens, ..RemoteTimeouts::default() };
        // When events come, whether with text, and until when the next is waited for.
        let check = |events: &[(u64, bool)], until: u64, limit: Duration| {
            let mut patience = Patience::new(timeouts, start);
            for (seconds, has_text) in events {
                patience.hear(after(*seconds), *has_text);
            }
            assert_eq!((patience.until, patience.limit), (after(until), limit), "{events:?}");
        };
        check(&[], 100, first_token);
        check(&[(1, true)], 11, between_tokens);
        check(&[(1, false)], 100, first_token);
        check(&[(1, false), (95, false)], 105, between_tokens);
        check(&[(95, false), (104, false), (113, false)], 123, between_tokens);
        check(&[(95, false), (96, true)], 106, between_tokens);
        check(&[(1, true), (9, false)], 19, between_tokens);
    }
}
