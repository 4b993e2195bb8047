//! Each filter as a table, the mixture, and what the choice does in the long run.

use super::{Chosen, Opinion, Sampler, filters, rng::Rng};
use crate::SamplingParams;

fn params() -> SamplingParams {
    SamplingParams::default()
}

/// Logits with these probabilities.
fn logits(probabilities: &[f32]) -> Vec<f32> {
    probabilities.iter().map(|probability| probability.ln() + 3.0).collect()
}

#[test]
fn filters_keep_the_right_tokens() {
    let probabilities = [0.1, 0.4, 0.05, 0.3, 0.15];
    let check = |top_k, top_p, min_p, expected: &[usize]| {
        let params = SamplingParams { top_k, top_p, min_p, temperature: 1.0, ..params() };
        let mut kept: Vec<usize> =
            filters::candidates(&probabilities, &params).into_iter().map(|(token, _)| token).collect();
        kept.sort_unstable();
        assert_eq!(kept, expected, "top_k {top_k} top_p {top_p} min_p {min_p}");
    };
    check(0, 1.0, 0.0, &[0, 1, 2, 3, 4]);
    check(1, 1.0, 0.0, &[1]);
    check(3, 1.0, 0.0, &[1, 3, 4]);
    check(9, 1.0, 0.0, &[0, 1, 2, 3, 4]);
    check(0, 0.39, 0.0, &[1]);
    check(0, 0.5, 0.0, &[1, 3]);
    check(0, 0.84, 0.0, &[1, 3, 4]);
    check(0, 0.96, 0.0, &[0, 1, 2, 3, 4]);
    check(0, 1.0, 0.3, &[1, 3, 4]);
    check(0, 1.0, 1.0, &[1]);
    // top-p is a share of what top-k left: 0.4 of 0.7 is 0.57.
    check(2, 0.57, 0.0, &[1]);
    check(2, 0.6, 0.0, &[1, 3]);
    check(4, 0.9, 0.5, &[1, 3]);
}

#[test]
fn nucleus_of_a_flat_distribution() {
    let probabilities = vec![1.0 / 1000.0; 1000];
    let params = SamplingParams { top_p: 0.5, temperature: 1.0, ..params() };
    let kept = filters::candidates(&probabilities, &params).len();
    assert!((499..=501).contains(&kept), "{kept}");
}

#[test]
fn greedy_takes_the_most_likely() {
    let check = |logits: &[f32], masked: &[u32], expected: Option<u32>| {
        let chosen = Sampler::new(params()).choose(&mut logits.to_vec(), masked, None);
        assert_eq!(chosen.map(|chosen| chosen.token), expected, "{logits:?} without {masked:?}");
    };
    let nan = f32::NAN;
    let inf = f32::INFINITY;
    check(&[0.0, 2.0, 1.0], &[], Some(1));
    check(&[2.0, 2.0, 1.0], &[], Some(0));
    check(&[0.0, 2.0, 1.0], &[1, 99], Some(2));
    check(&[nan, -5.0, nan], &[], Some(1));
    check(&[0.0, inf, 1.0], &[], Some(1));
    check(&[nan, nan], &[], None);
    check(&[-inf, -inf], &[], None);
    check(&[1.0, 2.0], &[0, 1], None);
    check(&[], &[], None);
}

#[test]
fn logprob_is_that_of_the_model() {
    let Chosen { token, logprob } = Sampler::new(params()).choose(&mut logits(&[0.2, 0.7, 0.1]), &[], None).unwrap();
    assert_eq!(token, 1);
    assert!((logprob - 0.7_f32.ln()).abs() < 1e-5, "{logprob}");
}

#[test]
fn repetition_penalty_looks_back_on_its_window() {
    let check = |accepted: &[u32], logits: &[f32], expected: u32| {
        let mut sampler = Sampler::new(SamplingParams { repetition_penalty: 2.0, ..params() });
        for token in accepted {
            sampler.accept(*token);
        }
        assert_eq!(sampler.choose(&mut logits.to_vec(), &[], None).unwrap().token, expected, "{accepted:?}");
    };
    check(&[], &[3.0, 2.0], 0);
    check(&[0], &[3.0, 2.0], 1);
    // Once, however often it occurs.
    check(&[0, 0], &[3.0, 1.0], 0);
    check(&[0], &[-1.0, -1.5], 1);
    // Out of the window again.
    check(&[&[0][..], &[1; 64]].concat(), &[3.0, 3.5], 0);
    // Ids that the row does not have.
    check(&[7], &[3.0, 2.0], 0);
}

#[test]
fn mixture_with_an_opinion() {
    let check = |weight: f32, tokens: &[(u32, f32)], masked: &[u32], expected: (u32, f32)| {
        let opinion = Opinion { weight, tokens: tokens.to_vec() };
        let chosen = Sampler::new(params()).choose(&mut logits(&[0.6, 0.3, 0.1]), masked, Some(&opinion)).unwrap();
        assert_eq!(chosen.token, expected.0, "{opinion:?}");
        assert!((chosen.logprob.exp() - expected.1).abs() < 1e-5, "{opinion:?}: {}", chosen.logprob.exp());
    };
    check(0.0, &[(2, 1.0)], &[], (0, 0.6));
    check(0.5, &[(2, 1.0)], &[], (2, 0.55));
    check(0.5, &[(2, 0.5), (1, 0.5)], &[], (1, 0.4));
    check(0.2, &[(2, 1.0)], &[], (0, 0.48));
    check(1.0, &[(1, 1.0)], &[], (1, 1.0));
    // A token twice (two continuations that begin alike).
    check(0.5, &[(2, 0.5), (2, 0.5)], &[], (2, 0.55));
    // Nothing usable: the model decides.
    check(0.9, &[(9, 1.0)], &[], (0, 0.6));
    check(0.9, &[(2, 1.0)], &[2], (0, 0.6 / 0.9));
    check(f32::NAN, &[(2, 1.0)], &[], (0, 0.6));
    // Half of the opinion is unusable: it keeps half of its weight.
    check(0.8, &[(2, 0.5), (9, 0.5)], &[], (2, 0.4 + 0.06));
}

#[test]
fn a_seed_repeats_the_choice() {
    let draw = |seed| {
        let mut sampler = Sampler::new(SamplingParams { temperature: 1.0, seed, ..params() });
        (0..40)
            .map(|_| sampler.choose(&mut logits(&[0.25, 0.25, 0.25, 0.25]), &[], None).unwrap().token)
            .collect::<Vec<_>>()
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn draws_follow_the_probabilities() {
    let check = |temperature: f32, expected: [f64; 3]| {
        let mut sampler = Sampler::new(SamplingParams { temperature, seed: 3, ..params() });
        let mut counts = [0_u32; 3];
        for _ in 0..20_000 {
            counts[sampler.choose(&mut logits(&[0.5, 0.3, 0.2]), &[], None).unwrap().token as usize] += 1;
        }
        for (count, expected) in counts.into_iter().zip(expected) {
            // Five standard deviations of a share of 20,000 draws.
            assert!((f64::from(count) / 20_000.0 - expected).abs() < 0.018, "{temperature}: {counts:?}");
        }
    };
    check(1.0, [0.5, 0.3, 0.2]);
    // p^2, normalised.
    check(0.5, [25.0 / 38.0, 9.0 / 38.0, 4.0 / 38.0]);
}

#[test]
fn random_numbers_are_even() {
    let mut rng = Rng::new(42);
    let mut counts = [0_u32; 10];
    for _ in 0..100_000 {
        let value = rng.unit();
        assert!((0.0..1.0).contains(&value));
        counts[(value * 10.0) as usize] += 1;
    }
    assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
}
