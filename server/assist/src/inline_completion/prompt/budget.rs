//! How long a prompt may be on this machine: a prompt that nothing of is cached yet has to be read before the deadline.
//!
//! The engine measures how fast it reads. The window has one of a few lengths and changes when the measured speed says
//! so clearly, because another window is another prompt, of which the KV cache has less.

use std::time::Duration;

use engine::ModelInfo;

use super::SMALL_PARAMETERS;

/// Lengths of the window in tokens, other files not counted. The last one is what a fast machine reads.
const STEPS: [usize; 5] = [256, 512, 1024, 2048, 4096];
/// What reading may take of the time that a request has.
const SHARE: f32 = 2.0 / 3.0;
/// How much more or less than a step has to be possible before the window changes.
const MARGIN: f32 = 1.25;
/// Weights that a machine goes through in a second, until its speed is known: a slow one.
const ASSUMED_WEIGHTS_PER_SECOND: f32 = 1e11;

/// The window's length, which remembers where it stands.
#[derive(Debug, Default)]
pub(crate) struct PromptBudget {
    /// For which model, and index in [`STEPS`].
    current: Option<(String, usize)>,
}

impl PromptBudget {
    /// The window in tokens for a model that reads so fast, when a request has so much time.
    pub(crate) fn tokens(&mut self, model: &ModelInfo, tokens_per_second: Option<f32>, time: Duration) -> usize {
        // A server's speed is not known, and of a small model's window nothing is to be saved.
        if model.server.is_some() || model.parameters <= SMALL_PARAMETERS {
            return STEPS[STEPS.len() - 1];
        }
        let speed = tokens_per_second.unwrap_or(ASSUMED_WEIGHTS_PER_SECOND / model.parameters as f32);
        let affordable = speed * time.as_secs_f32() * SHARE;
        let fits = |step: usize, margin: f32| STEPS[step] as f32 * margin <= affordable;
        let step = match &self.current {
            Some((name, step)) if *name == model.name => {
                let mut step = *step;
                while step > 0 && !fits(step, 1.0 / MARGIN) {
                    step -= 1;
                }
                while step + 1 < STEPS.len() && fits(step + 1, MARGIN) {
                    step += 1;
                }
                step
            }
            _ => STEPS.iter().rposition(|&tokens| tokens as f32 <= affordable).unwrap_or(0),
        };
        self.current = Some((model.name.clone(), step));
        STEPS[step]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::tests::model;
    use super::PromptBudget;

    const TIME: Duration = Duration::from_millis(1500);

    /// Windows for a series of measured speeds.
    fn check(parameters: u64, speeds: &[Option<f32>], expected: &[usize]) {
        let model = model(parameters, None);
        let mut budget = PromptBudget::default();
        let windows: Vec<usize> = speeds.iter().map(|&speed| budget.tokens(&model, speed, TIME)).collect();
        assert_eq!(windows, expected);
    }

    #[test]
    fn the_window_follows_the_speed_in_steps() {
        // One second of reading.
        check(1_500_000_000, &[None, Some(70.0), Some(500.0)], &[256, 256, 256]);
        check(1_500_000_000, &[Some(1100.0)], &[1024]);
        check(500_000_000, &[None, Some(650.0), Some(5_000.0), Some(6_000.0)], &[256, 512, 2048, 4096]);
        check(500_000_000, &[Some(9_000.0), Some(90.0)], &[4096, 256]);
    }

    #[test]
    fn small_differences_change_nothing() {
        check(500_000_000, &[Some(1100.0), Some(900.0), Some(1000.0), Some(2200.0), Some(850.0)], &[1024; 5]);
    }

    #[test]
    fn a_small_model_reads_all_it_can() {
        check(5_000_000, &[None, Some(10.0)], &[4096, 4096]);
    }

    #[test]
    fn another_model_begins_anew() {
        let mut budget = PromptBudget::default();
        let mut large = model(1_500_000_000, None);
        assert_eq!(budget.tokens(&large, Some(5_000.0), TIME), 4096);
        large.name = "other".to_owned();
        assert_eq!(budget.tokens(&large, None, TIME), 256);
        large.server = Some("a server".to_owned());
        assert_eq!(budget.tokens(&large, None, TIME), 4096);
    }
}
