//! Each filter as a table, the mixture, and what the choice does in the long run.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};

use super::{Chosen, Opinion, Sampler, TokenSet, rng::Rng};
use crate::SamplingParams;

fn params() -> SamplingParams {
    SamplingParams::default()
}

/// Logits with these probabilities.
fn logits(probabilities: &[f32]) -> Vec<f32> {
    probabilities.iter().map(|probability| probability.ln() + 3.0).collect()
}

/// The tokens that are drawn, in order, and how often.
fn drawn(logits: &[f32], params: &SamplingParams, draws: usize) -> Vec<(usize, usize)> {
    let mut sampler = Sampler::new(params.clone());
    let mut counts = vec![0; logits.len()];
    for _ in 0..draws {
        counts[sampler.choose(&mut logits.to_vec(), &[], None).unwrap().token as usize] += 1;
    }
    counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn filters_keep_the_right_tokens() {
    let probabilities = [0.1, 0.4, 0.05, 0.3, 0.15];
    let check = |top_k, top_p, min_p, expected: &[usize]| {
        let params = SamplingParams { top_k, top_p, min_p, temperature: 1.0, ..params() };
        let drawn = drawn(&logits(&probabilities), &params, 4000);
        let tokens: Vec<usize> = drawn.iter().map(|(token, _)| *token).collect();
        assert_eq!(tokens, expected, "top_k {top_k} top_p {top_p} min_p {min_p}");
        let total: f64 = tokens.iter().map(|token| f64::from(probabilities[*token])).sum();
        for (token, count) in drawn {
            let (share, expected) = (count as f64 / 4000.0, f64::from(probabilities[token]) / total);
            // Five standard deviations of a share of 4000 draws.
            assert!((share - expected).abs() < 0.04, "{token}: {share}, top_k {top_k} top_p {top_p} min_p {min_p}");
        }
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
    let drawn = drawn(&logits(&probabilities), &params, 10_000);
    assert!((490..=501).contains(&drawn.len()), "{}", drawn.len());
    // Of equal tokens the first ones.
    assert!(drawn.iter().all(|(token, _)| *token <= 500), "{drawn:?}");
}

/// Rows of up to three chunks: peaked, flat, with ties and with impossible tokens.
fn rows() -> impl Strategy<Value = Vec<f32>> {
    let logit = prop_oneof![
        8 => -12.0_f32..12.0,
        4 => (-3_i8..3).prop_map(f32::from),
        1 => Just(f32::NEG_INFINITY),
        1 => 20.0_f32..30.0,
    ];
    vec(logit, 1..700).prop_filter("something is possible", |row| row.iter().any(|logit| logit.is_finite()))
}

proptest! {
    #[test]
    fn what_is_drawn_passes_the_filters(
        row in rows(), top_k in prop_oneof![Just(0), 1_usize..40], top_p in prop_oneof![Just(1.0_f32), 0.01_f32..1.0],
        min_p in prop_oneof![Just(0.0_f32), 0.0_f32..1.0], temperature in 0.1_f32..2.0, seed in 0_u64..1000,
    ) {
        let with = SamplingParams { top_k, top_p, min_p, temperature, seed, ..params() };
        let drawn = drawn(&row, &with, 20);
        let mut ranked: Vec<usize> = (0..row.len()).filter(|token| row[*token].is_finite()).collect();
        ranked.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
        ranked.truncate(if top_k > 0 { top_k } else { usize::MAX });
        let largest = f64::from(row[ranked[0]]);
        let weight = |token: usize| ((f64::from(row[token]) - largest) / f64::from(temperature)).exp();
        let wanted = ranked.iter().map(|token| weight(*token)).sum::<f64>() * f64::from(top_p);
        for (token, _) in drawn {
            let rank = ranked.iter().position(|ranked| *ranked == token).expect("it passes top-k");
            let above: f64 = ranked[..rank].iter().map(|token| weight(*token)).sum();
            assert!(rank == 0 || above < wanted * (1.0 + 1e-4), "top-p: {above} {wanted}");
            assert!(weight(token) >= f64::from(min_p) * (1.0 - 1e-4), "min-p: {} {min_p}", weight(token));
        }
    }

    #[test]
    fn choices_are_possible_tokens_and_have_their_probability(
        row in rows(), temperature in prop_oneof![Just(0.0_f32), 0.2_f32..2.0], top_k in 0_usize..5, seed in 0_u64..9,
        weight in 0.0_f32..=1.0, opinion in vec((0_u32..710, 0.0_f32..1.0), 0..4), masked in vec(0_u32..710, 0..20),
    ) {
        let opinion = Opinion { weight, tokens: opinion };
        let given: f64 = opinion.tokens.iter().map(|(_, share)| f64::from(*share)).sum();
        let mut sampler = Sampler::new(SamplingParams { temperature, top_k, seed, ..params() });
        let Some(chosen) = sampler.choose(&mut row.clone(), &masked, (given <= 1.0).then_some(&opinion)) else {
            assert!((0..row.len()).all(|token| masked.contains(&(token as u32)) || !row[token].is_finite()));
            return Ok(());
        };
        let possible =
            |token: u32| !masked.contains(&token) && row.get(token as usize).is_some_and(|logit| logit.is_finite());
        assert!(possible(chosen.token), "{chosen:?}");
        // The same in the plainest way.
        let temperature = if temperature == 0.0 { 1.0 } else { f64::from(temperature) };
        let weight_of = |token: u32| if possible(token) { (f64::from(row[token as usize]) / temperature).exp() } else { 0.0 };
        let total: f64 = (0..row.len() as u32).map(weight_of).sum();
        let mut probability = weight_of(chosen.token) / total;
        if given <= 1.0 {
            let usable: Vec<(u32, f64)> =
                opinion.tokens.iter().filter(|(token, _)| possible(*token)).map(|(id, it)| (*id, f64::from(*it))).collect();
            let mixed = f64::from(weight) * usable.iter().map(|(_, share)| share).sum::<f64>();
            let own: f64 = usable.iter().filter(|(token, _)| *token == chosen.token).map(|(_, share)| share).sum();
            probability = (1.0 - mixed) * probability + f64::from(weight) * own;
        }
        let error = f64::from(chosen.logprob) - probability.ln();
        assert!(error.abs() < 2e-3, "{} {}", chosen.logprob.exp(), probability);
    }
}

#[test]
fn most_likely_tokens_in_order() {
    let mut row: Vec<f32> = (0..1000).map(|token| ((token * 7919) % 1000) as f32 / 100.0).collect();
    let mut sampler = Sampler::new(params());
    let chosen = sampler.choose(&mut row, &[], None).unwrap();
    for count in [0, 1, 5, 20, 2000] {
        let top = sampler.most_likely(&row, count);
        assert_eq!(top.len(), count.min(1000));
        assert!(top.first().is_none_or(|first| *first == (chosen.token, chosen.logprob)));
        assert!(top.iter().enumerate().all(|(rank, (token, _))| row[*token as usize] == 9.99 - rank as f32 / 100.0
            || (row[*token as usize] - 9.99 + rank as f32 / 100.0).abs() < 1e-4));
    }
    let sum: f32 = sampler.most_likely(&row, 2000).iter().map(|(_, logprob)| logprob.exp()).sum();
    assert!((sum - 1.0).abs() < 1e-4, "{sum}");
}

#[test]
fn what_a_set_leaves_out_is_never_chosen() {
    let set: TokenSet = [3, 70].into_iter().collect();
    let check = |temperature: f32, tokens: &[(u32, f32)], expected: &[u32]| {
        let opinion = Opinion { weight: 1.0, tokens: tokens.to_vec() };
        let mut sampler = Sampler::new(SamplingParams { temperature, ..params() });
        for _ in 0..50 {
            let mut row: Vec<f32> = (0..100).map(|token| token as f32 / 10.0).collect();
            set.restrict(&mut row);
            let chosen = sampler.choose(&mut row, &[], Some(&opinion)).unwrap();
            assert!(expected.contains(&chosen.token), "{chosen:?}");
        }
    };
    check(0.0, &[], &[70]);
    check(2.0, &[(5, 1.0)], &[3, 70]);
    check(0.0, &[(5, 0.5), (3, 0.5)], &[3, 70]);
    check(2.0, &[(3, 1.0)], &[3]);
}

#[test]
fn penalties_and_biases() {
    let check = |change: fn(&mut SamplingParams), read: &[u32], written: &[u32], expected: u32| {
        let mut with = params();
        change(&mut with);
        let mut sampler = Sampler::new(with);
        read.iter().for_each(|token| sampler.read(*token));
        written.iter().for_each(|token| sampler.accept(*token));
        let chosen = sampler.choose(&mut [3.0, 2.5, 2.2], &[], None).unwrap();
        assert_eq!(chosen.token, expected, "{read:?} {written:?}");
    };
    check(|it| it.presence_penalty = 0.6, &[], &[], 0);
    // The prompt does not count.
    check(|it| it.presence_penalty = 0.6, &[0, 0], &[1], 0);
    check(|it| it.presence_penalty = 0.6, &[], &[0, 0, 0], 1);
    check(|it| it.presence_penalty = 0.6, &[], &[0, 1], 0);
    check(|it| it.presence_penalty = 1.0, &[], &[0, 1], 2);
    check(|it| it.frequency_penalty = 0.3, &[], &[0], 0);
    check(|it| it.frequency_penalty = 0.3, &[], &[0, 0], 1);
    check(|it| it.frequency_penalty = -1.0, &[], &[2], 2);
    check(|it| it.logit_bias = vec![(1, 0.6), (99, 100.0)], &[], &[], 1);
    check(|it| it.logit_bias = vec![(0, -100.0), (1, -1.0)], &[], &[], 2);
}

#[test]
fn answers_have_seeds_of_their_own() {
    let seeds: Vec<u64> = (0..100).map(|index| params().for_answer(index).seed).collect();
    assert_eq!(seeds[0], params().seed);
    let draws: Vec<u32> = seeds.iter().map(|seed| (Rng::new(*seed).unit() * 10.0) as u32).collect();
    for digit in 0..10 {
        let count = draws.iter().filter(|draw| **draw == digit).count();
        assert!((1..30).contains(&count), "{draws:?}");
    }
    assert_eq!(params().for_answer(7), SamplingParams { seed: seeds[7], ..params() });
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
    check(&[nan, inf, 1.0], &[], Some(1));
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
