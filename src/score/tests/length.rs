//! Length: verdicts for the longer text against golds that are the longer text.

use super::{Entry, Heard, Orders, Plan, STRICT, Say, bench, list, near, pair, score, score_cell, verdicts};
use crate::ask::Form;
use crate::stats::Stream;
use crate::verdict::Verdict;

const QUERIES: [&str; 6] = ["0", "1", "2", "3", "4", "5"];

/// Three pairs whose gold is the longer text, two whose gold is the shorter one, one of equal lengths.
fn six() -> Vec<Entry<'static>> {
    let others = [["gold", "x"], ["gold", "longer a text"], ["gold", "same"]];
    let which = [0, 0, 0, 1, 1, 2];
    let of = others.map(|pair| &*Box::leak(Box::new(pair)));
    which.iter().zip(QUERIES).map(|(which, query)| pair(query, of[*which])).collect()
}

fn longest(other: &str, _: u8, _: u32) -> Say {
    if other.len() > 4 { Say::Other } else { Say::Gold }
}

#[test]
fn a_judge_of_length_prefers_the_longer_text_beyond_the_gold() {
    let length = score(&six(), Orders::Seeded, 1, STRICT, longest).length.unwrap();
    assert_eq!(length.n, 5);
    near(Some(length.longer_is_gold), 0.6);
    near(Some(length.prefers_longer.share), 1.0);
    assert_eq!(length.prefers_longer.se, Some(0.0));
    near(Some(length.excess.difference), 0.4);
    near(length.excess.se, 0.2 * 1.5_f64.sqrt());
    assert!(length.excess.ci95.is_some_and(|[low, high]| low < 0.0 && high <= 1.0));
    assert_eq!((length.coefficient, length.se, length.ci95), (None, None, None), "length alone decides");
}

#[test]
fn accuracy_is_told_by_the_relative_length_of_the_gold() {
    let length = score(&six(), Orders::Both, 2, STRICT, longest).length.unwrap();
    assert_eq!(length.n, 20);
    let parts: Vec<(usize, f64)> = length.quintiles.iter().map(|part| (part.n, part.accuracy)).collect();
    assert_eq!(parts, [(8, 0.0), (4, 1.0), (12, 1.0)], "equal lengths stay together");
    let ends: Vec<(f64, f64)> = length.quintiles.iter().map(|part| (part.low, part.high)).collect();
    assert_eq!(ends, [(-9.0 / 17.0, -9.0 / 17.0), (0.0, 0.0), (0.6, 0.6)]);
}

#[test]
fn length_is_counted_in_characters() {
    let length = score(&[pair("q", &["éé", "xyz"])], Orders::Both, 1, STRICT, |_, _, _| Say::Gold).length.unwrap();
    assert_eq!((length.n, length.longer_is_gold, length.prefers_longer.share), (2, 0.0, 0.0));
}

#[test]
fn a_planted_lean_is_found() {
    let texts: Vec<[String; 2]> = (0..2_000_usize)
        .map(|at| [format!("g{}", "o".repeat(at * 7 % 41)), format!("x{}", "y".repeat(at * 11 % 37))])
        .collect();
    let texts: Vec<[&str; 2]> = texts.iter().map(|[gold, other]| [gold.as_str(), other.as_str()]).collect();
    let queries: Vec<String> = (0..texts.len()).map(|at| (at / 3).to_string()).collect();
    let entries: Vec<Entry<'_>> = texts.iter().zip(&queries).map(|(texts, query)| pair(query, texts)).collect();
    let bench = bench(&entries, None);
    let plan = Plan::new(&bench, 0, Orders::Both, 1, false);
    let asks: Vec<(f64, f64)> = plan
        .judgments()
        .map(|ask| {
            let comparison = plan.comparison(ask.comparison);
            let slots = comparison.slots(ask.order);
            let [first, second] = [0, 1].map(|slot: usize| bench.texts.get(slots[slot]).chars().count() as f64);
            let leg = plan.legs_of(ask.comparison).next().unwrap();
            (first - second, if comparison.entrant_in(0, ask.order) == leg.gold() { 1.0 } else { -1.0 })
        })
        .collect();
    // Both orders: the differences add up to 0.
    let sd = (asks.iter().map(|(d, _)| d * d).sum::<f64>() / (asks.len() as f64 - 1.0)).sqrt();
    let mut stream = Stream::new("planted lean to length", 0);
    let mut say = |(d, gold): &(f64, f64)| {
        let odds = 0.3 + 1.5 * (d / sd).tanh() + 0.8 * gold;
        Some(Verdict::slot(u8::from(stream.unit() >= 1.0 / (1.0 + (-odds).exp()))))
    };
    let verdicts: Vec<Option<Verdict>> = asks.iter().map(&mut say).collect();
    let length = score_cell(&bench, &plan, Heard::of(&verdicts), STRICT).length.unwrap();
    let (coefficient, se) = (length.coefficient.unwrap(), length.se.unwrap());
    assert!((coefficient - 1.5).abs() < 4.0 * se && se < 0.2, "{coefficient} {se}");
    assert!(length.ci95.is_some_and(|[low, high]| low < coefficient && coefficient < high));
    assert!(length.excess.ci95.is_some_and(|[low, _]| low > 0.0), "{:?}", length.excess);
    assert_eq!(length.quintiles.len(), 5);
    let mass: Vec<usize> = length.quintiles.iter().map(|part| part.n).collect();
    assert!(mass.iter().all(|n| (600..=1_000).contains(n)), "{mass:?}");
    assert!(length.quintiles.array_windows().all(|[one, other]| one.high < other.low));
}

#[test]
fn without_pairs_of_different_lengths_nothing_is_told() {
    let unread = score(&six(), Orders::Seeded, 1, STRICT, |_, _, _| Say::Unparsed);
    assert_eq!(unread.length, None);
    let tied = score(&six(), Orders::Both, 1, STRICT, |_, _, _| Say::Tie);
    assert_eq!(tied.length, None);
    let same = score(&[pair("q", &["gold", "same"])], Orders::Both, 1, STRICT, |_, _, _| Say::Gold);
    assert_eq!(same.length, None);
    let bench = bench(&[list("q", &["gold", "x", "yy"])], None);
    for form in [Form::Listwise, Form::Pointwise] {
        let plan = Plan::of_form(&bench, form, 0, Orders::Seeded, 1, false);
        let verdicts: Vec<_> = plan.judgments().map(|_| Some(Verdict::slot(0))).collect();
        assert_eq!(score_cell(&bench, &plan, Heard::of(&verdicts), STRICT).length, None);
    }
}

#[test]
fn a_comparison_that_several_items_hold_counts_once() {
    let entries = [pair("q", &["gold", "x"]), list("q", &["gold", "x", "yy"])];
    let bench = bench(&entries, None);
    let plan = Plan::new(&bench, 0, Orders::Both, 1, false);
    let verdicts = verdicts(&bench, &plan, |_, _, _| Say::Gold);
    assert_eq!(score_cell(&bench, &plan, Heard::of(&verdicts), STRICT).length.unwrap().n, 4);
}
