//! Confidence: told by log-probabilities, by votes, by scores.

use super::{Bench, Heard, Orders, Plan, STRICT, Say, bench, list, near, pair, score, score_cell, verdicts};
use crate::ask::Form;
use crate::score::{Confidence, ConfidenceSource};
use crate::verdict::Verdict;

/// What comes of these probabilities of the gold, judgment by judgment.
fn told(bench: &Bench, orders: Orders, samples: u32, golds: &[Option<f64>]) -> Option<Confidence> {
    let plan = Plan::new(bench, 0, orders, samples, false);
    assert_eq!(plan.judgment_count(), golds.len());
    let preferences: Vec<Option<f64>> = plan
        .judgments()
        .zip(golds)
        .map(|(ask, gold)| {
            let leg = plan.legs_of(ask.comparison).next().unwrap();
            let is_first = plan.comparison(ask.comparison).slot_of(leg.gold(), ask.order) == 0;
            gold.map(|gold| if is_first { gold } else { 1.0 - gold })
        })
        .collect();
    of_preferences(bench, &plan, &preferences)
}

/// What comes of these probabilities of the first slot in both orders.
fn of_first(bench: &Bench, firsts: &[Option<f64>]) -> Option<Confidence> {
    of_preferences(bench, &Plan::new(bench, 0, Orders::Both, 1, false), firsts)
}

fn of_preferences(bench: &Bench, plan: &Plan, preferences: &[Option<f64>]) -> Option<Confidence> {
    let verdicts = verdicts(bench, plan, |_, _, _| Say::Gold);
    score_cell(bench, plan, Heard { preferences, ..Heard::of(&verdicts) }, STRICT).confidence
}

#[test]
fn orders_of_a_comparison_are_one_case_by_the_mean_logit() {
    let bench = bench(&[pair("q", &["gold", "x"])], None);
    let found = told(&bench, Orders::Both, 1, &[Some(0.9), Some(0.6)]).unwrap();
    // The odds are 9 and 1.5.
    let odds = 13.5_f64.sqrt();
    let sure = odds / (1.0 + odds);
    assert_eq!((found.source, found.n, found.bins.len()), (ConfidenceSource::Logprobs, 1, 1));
    near(found.brier, (1.0 - sure).powi(2));
    near(found.ece, 1.0 - sure);
    near(Some(found.bins[0].confidence), sure);
    near(Some(found.area), 1.0);
    assert_eq!(found.coverage.len(), 10);
}

#[test]
fn a_judge_that_is_sure_and_wrong_is_ill_calibrated() {
    let bench = bench(&[pair("1", &["gold", "x"]), pair("2", &["x", "gold"])], None);
    let found = told(&bench, Orders::Seeded, 1, &[Some(0.2), Some(0.75)]).unwrap();
    near(found.brier, f64::midpoint(0.8_f64.powi(2), 0.25_f64.powi(2)));
    near(found.ece, f64::midpoint(0.8, 0.25));
    near(Some(found.coverage[4].accuracy), 0.0);
    near(Some(found.coverage[9].accuracy), 0.5);
    near(Some(found.area), 0.25);
}

#[test]
fn orders_that_are_certain_of_the_contrary_cancel_out() {
    let bench = bench(&[pair("q", &["gold", "x"])], None);
    for first in [1.0, 0.9, 0.123] {
        let found = of_first(&bench, &[Some(first), Some(first)]).unwrap();
        assert_eq!((found.bins[0].confidence, found.bins[0].accuracy), (0.5, 0.5), "it looks at the slots alone");
    }
    let sure = told(&bench, Orders::Both, 1, &[Some(1.0), None]).unwrap();
    assert!(sure.bins[0].confidence < 1.0 && sure.bins[0].confidence > 0.999);
}

#[test]
fn samples_weigh_within_their_order() {
    let bench = bench(&[pair("q", &["gold", "x"])], None);
    let golds = [Some(0.9), Some(0.9), None, Some(0.1), None, None];
    let found = told(&bench, Orders::Both, 3, &golds).unwrap();
    near(Some(found.bins[0].confidence), 0.5);
}

#[test]
fn without_probabilities_the_votes_of_three_samples_tell() {
    use Say::{Gold, Other, Tie, Unparsed};
    let one = |says: [Say; 3]| {
        let say = |_: &str, _: u8, sample: u32| says[sample as usize];
        score(&[pair("q", &["gold", "x"])], Orders::Seeded, 3, STRICT, say).confidence
    };
    for (says, sure, outcome) in [
        ([Gold, Gold, Other], 2.0 / 3.0, 1.0),
        ([Other, Gold, Other], 2.0 / 3.0, 0.0),
        ([Other, Other, Other], 1.0, 0.0),
        ([Gold, Tie, Tie], 2.0 / 3.0, 1.0),
        ([Tie, Tie, Tie], 0.5, 0.5),
        ([Tie, Gold, Other], 0.5, 0.5),
    ] {
        let found = one(says).unwrap();
        assert_eq!((found.source, found.n), (ConfidenceSource::VoteShare, 1), "{says:?}");
        near(Some(found.bins[0].confidence), sure);
        near(Some(found.bins[0].accuracy), outcome);
    }
    assert_eq!(one([Gold, Gold, Unparsed]), None, "two votes are too few");
    let bench = bench(&[pair("q", &["gold", "x"])], None);
    let fallen = told(&bench, Orders::Seeded, 3, &[None, None, None]).unwrap();
    assert_eq!(fallen.source, ConfidenceSource::VoteShare);
}

#[test]
fn votes_are_counted_over_both_orders() {
    let found = score(&[pair("q", &["gold", "x"])], Orders::Both, 3, STRICT, |_, _, _| Say::A).confidence.unwrap();
    near(Some(found.bins[0].confidence), 0.5);
    near(Some(found.bins[0].accuracy), 0.5);
}

#[test]
fn one_sample_without_probabilities_tells_nothing() {
    assert_eq!(score(&[pair("q", &["gold", "x"])], Orders::Both, 1, STRICT, |_, _, _| Say::Gold).confidence, None);
}

#[test]
fn scores_of_single_answers_tell_an_order_of_confidence_alone() {
    let bench = bench(&[list("q", &["gold", "x", "y", "unread"]), pair("q", &["gold", "x"])], None);
    let plan = Plan::of_form(&bench, Form::Pointwise, 0, Orders::Seeded, 1, false);
    let rate = |ask: crate::plan::Ask| {
        let comparison = plan.comparison(ask.comparison);
        match bench.texts.get(comparison.texts[0]).as_ref() {
            "gold" => Some(Verdict::Score(8.0)),
            "x" => Some(Verdict::Score(5.0)),
            "y" => Some(Verdict::Score(9.0)),
            _ => None,
        }
    };
    let verdicts: Vec<_> = plan.judgments().map(rate).collect();
    let found = score_cell(&bench, &plan, Heard::of(&verdicts), STRICT).confidence.unwrap();
    // A gap of 3 that is right, of 1 that is wrong; the pair is one of the list's.
    assert_eq!((found.source, found.n), (ConfidenceSource::ScoreGap, 2));
    assert_eq!((found.brier, found.ece, found.bins.len()), (None, None, 0));
    near(Some(found.coverage[4].accuracy), 1.0);
    near(Some(found.area), 0.75);
}
