//! Adaptive debounce: how long an automatic request waits before the model is asked.
//!
//! Every key is a request, and most are replaced by the next before a slow model has answered. Waiting for the next key
//! saves the work; where the model answers between two keys anyway, waiting only costs. So the wait is what the model
//! takes longer than a key does, at most [`MAX_WAIT`], and nothing for a quick model or before either time is known.
//! A pure structure: callers bring the time.

use std::time::Duration;

use tokio::time::Instant;

use crate::workspace::Lane;

/// Longest wait. Longer ones are felt, and the engine drops abandoned work within a layer of a pass.
pub(crate) const MAX_WAIT: Duration = Duration::from_millis(75);
/// A model that answers within this is always asked at once.
const QUICK: Duration = Duration::from_millis(30);
/// A longer time between two requests is a pause for thought, not typing.
const PAUSE: Duration = Duration::from_secs(1);
/// Weight of the newest value in the means (exponentially weighted: the last eight or so count).
const NEWEST: f64 = 0.25;

/// What was seen of the user and the model.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// The model that the latency is of.
    model: String,
    /// Mean seconds from asking the model to its answer.
    latency: Option<f64>,
    /// Mean seconds between two requests while typing.
    interval: Option<f64>,
    /// The last automatic request; an editor may ask in both lanes at each key.
    last: Option<(Lane, Instant)>,
}

impl Pace {
    /// An automatic request came.
    pub(crate) fn asked(&mut self, lane: Lane, now: Instant) {
        match self.last {
            Some((other, last)) if other != lane && now.duration_since(last) < PAUSE => return,
            Some((_, last)) => {
                let gap = now.duration_since(last);
                if gap < PAUSE {
                    average(&mut self.interval, gap);
                }
            }
            None => {}
        }
        self.last = Some((lane, now));
    }

    /// The model answered an automatic request after so long.
    pub(crate) fn answered(&mut self, model: &str, took: Duration) {
        self.meet(model);
        average(&mut self.latency, took);
    }

    /// A request was given up after so long: the model takes longer than that, or the mean would only know quick answers.
    pub(crate) fn abandoned(&mut self, model: &str, after: Duration) {
        self.meet(model);
        if self.latency.is_some_and(|latency| after.as_secs_f64() > latency) {
            average(&mut self.latency, after);
        }
    }

    /// How long a request that came now should wait, counted from its arrival.
    pub(crate) fn wait(&self, model: &str) -> Duration {
        let (Some(latency), Some(interval)) = (self.latency.filter(|_| self.model == model), self.interval) else {
            return Duration::ZERO;
        };
        if latency < QUICK.as_secs_f64() {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((latency - interval).clamp(0.0, MAX_WAIT.as_secs_f64()))
    }

    /// How long the model is expected to take; `None` before its first answer.
    pub(crate) fn expected_latency(&self) -> Option<Duration> {
        self.latency.map(Duration::from_secs_f64)
    }

    /// Another model starts anew.
    fn meet(&mut self, model: &str) {
        if self.model != model {
            self.model = model.to_owned();
            self.latency = None;
        }
    }
}

fn average(mean: &mut Option<f64>, value: Duration) {
    let value = value.as_secs_f64();
    *mean = Some(mean.map_or(value, |mean| mean + NEWEST * (value - mean)));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{MAX_WAIT, Pace};
    use crate::workspace::Lane;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// The wait after typing at this interval with a model that takes so long.
    fn check(interval: u64, latency: u64, expected: u64) {
        let mut pace = Pace::default();
        let start = Instant::now();
        for key in 0..10 {
            pace.asked(Lane::Inline, start + ms(key * interval));
        }
        pace.answered("m", ms(latency));
        let wait = pace.wait("m").as_secs_f64() * 1e3;
        assert!((wait - expected as f64).abs() < 0.01, "{interval} {latency}: {wait} ms");
        assert_eq!(pace.wait("another"), Duration::ZERO, "nothing is known of it");
    }

    #[test]
    fn the_wait_is_what_the_model_takes_longer_than_a_key() {
        check(100, 20, 0);
        check(10, 29, 0);
        check(100, 90, 0);
        check(100, 130, 30);
        check(60, 130, 70);
        check(100, 900, 75);
        check(500, 900, 75);
        check(900, 900, 0);
        // Slower keys are no typing.
        check(1500, 900, 0);
    }

    #[test]
    fn nothing_waits_before_both_times_are_known() {
        let mut pace = Pace::default();
        assert_eq!((pace.wait(""), pace.expected_latency()), (Duration::ZERO, None));
        pace.answered("", ms(500));
        assert_eq!((pace.wait(""), pace.expected_latency()), (Duration::ZERO, Some(ms(500))));
    }

    #[test]
    fn two_lanes_are_one_key() {
        let mut pace = Pace::default();
        let start = Instant::now();
        for key in 0..5 {
            pace.asked(Lane::Inline, start + ms(key * 100));
            pace.asked(Lane::Menu, start + ms(key * 100 + 1));
        }
        pace.answered("m", ms(110));
        assert_eq!(pace.wait("m").as_millis(), 10);
    }

    #[test]
    fn what_is_given_up_counts_when_it_took_longer() {
        let mut pace = Pace::default();
        pace.abandoned("m", ms(300));
        assert_eq!(pace.expected_latency(), None);
        pace.answered("m", ms(100));
        pace.abandoned("m", ms(50));
        assert_eq!(pace.expected_latency(), Some(ms(100)));
        pace.abandoned("m", ms(500));
        assert_eq!(pace.expected_latency(), Some(ms(200)));
        (0..100).for_each(|_| pace.answered("m", ms(40)));
        assert!(pace.expected_latency().is_some_and(|latency| latency < ms(41)));
        assert!(pace.wait("m") <= MAX_WAIT);
    }
}
