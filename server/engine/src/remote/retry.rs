//! When a failed exchange is tried again. Only failures before the first byte of an answer come here: what was begun is
//! never repeated.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

use super::failure::Failure;

/// Tries in all.
const TRIES: u32 = 4;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// A server that wants a longer pause is not waited for: the user learns of it instead.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The tries of one exchange.
#[derive(Debug)]
pub(super) struct Retries {
    failed: u32,
    deadline: Option<Instant>,
    /// Any answer is one, whatever its status.
    takes_refusals: bool,
}

impl Retries {
    /// No try yet. None begins behind the deadline.
    pub(super) fn new(deadline: Option<Instant>) -> Self {
        Self { failed: 0, deadline, takes_refusals: false }
    }

    /// No try yet of a question to which a refusal is an answer too: only a server that cannot be reached is asked again.
    pub(super) fn until_answered() -> Self {
        Self { failed: 0, deadline: None, takes_refusals: true }
    }

    /// How long to wait before the next try; `None` gives up.
    pub(super) fn pause(&mut self, failure: &Failure, now: Instant) -> Option<Duration> {
        self.pause_with(failure, now, random_share())
    }

    /// The same, with a `share` from 0 to 1 in place of chance: many clients of one server must not return together.
    fn pause_with(&mut self, failure: &Failure, now: Instant, share: f64) -> Option<Duration> {
        self.failed += 1;
        let is_answer = self.takes_refusals && !matches!(failure, Failure::Unreachable(_));
        if self.failed >= TRIES || is_answer || !failure.is_temporary() {
            return None;
        }
        let usual = FIRST_PAUSE * (1 << (self.failed - 1));
        let asked = match failure {
            Failure::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let pause = usual.max(asked).mul_f64(1.0 + share / 2.0);
        let is_in_time = self.deadline.is_none_or(|deadline| now + pause < deadline);
        (asked <= LONGEST_PAUSE && is_in_time).then_some(pause)
    }
}

/// The value of a `Retry-After` header: seconds, or a date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    match value.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(value.trim()).ok()?.duration_since(now).ok(),
    }
}

fn random_share() -> f64 {
    // Each state has keys of its own from the system's randomness.
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn refused(status: u16, retry_after: Option<u64>) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        Failure::refused(status, retry_after.map(Duration::from_secs), None, b"")
    }

    /// Pauses in milliseconds of an exchange that fails until it is given up.
    fn pauses(failure: impl Fn() -> Failure, deadline_ms: Option<u64>, share: f64) -> Vec<u128> {
        let mut now = Instant::now();
        let mut retries = Retries::new(deadline_ms.map(|ms| now + Duration::from_millis(ms)));
        let mut pauses = Vec::new();
        while let Some(pause) = retries.pause_with(&failure(), now, share) {
            now += pause;
            pauses.push(pause.as_millis());
        }
        pauses
    }

    #[test]
    fn pauses_grow() {
        assert_eq!(pauses(|| Failure::Unreachable(String::new()), None, 0.0), [100, 200, 400]);
        assert_eq!(pauses(|| refused(503, None), None, 1.0), [150, 300, 600]);
        assert_eq!(pauses(|| refused(429, Some(1)), None, 0.0), [1000, 1000, 1000]);
    }

    #[test]
    fn what_would_fail_again_or_is_too_late_is_given_up() {
        for failure in [|| refused(400, None), || refused(500, None), || refused(401, Some(1))] {
            assert_eq!(pauses(failure, None, 0.0), [0; 0]);
        }
        assert_eq!(pauses(|| Failure::Silent(Duration::ZERO), None, 0.0), [0; 0]);
        assert_eq!(pauses(|| refused(503, Some(11)), None, 0.0), [0; 0]);
        assert_eq!(pauses(|| refused(503, None), Some(250), 0.0), [100]);
    }

    #[test]
    fn a_refusal_may_be_answer_enough() {
        let pause = |failure| Retries::until_answered().pause_with(&failure, Instant::now(), 0.0);
        assert_eq!(pause(refused(503, Some(1))), None);
        assert_eq!(pause(Failure::Unreachable(String::new())), Some(FIRST_PAUSE));
    }

    #[test]
    fn chance_stays_within_its_share() {
        assert!((0..100).all(|_| (0.0..=1.0).contains(&random_share())));
        assert!((0..100).any(|_| random_share() != random_share()));
    }

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        let check = |value: &str, expect: Option<u64>| {
            assert_eq!(retry_after(value, now), expect.map(Duration::from_secs), "{value}");
        };
        check("7", Some(7));
        check(" 7 ", Some(7));
        check("Wed, 21 Oct 2015 07:28:05 GMT", Some(5));
        check("Wed, 21 Oct 2015 07:27:00 GMT", None);
        check("soon", None);
        check("-1", None);
    }
}
