//! Position: counts over (comparison, gold) pairs.

use super::{CellScore, Entry, Heard, Orders, Plan, STRICT, Say, bench, list, near, pair, score, score_cell, verdicts};
use crate::ask::Form;
use crate::plan::{Comparison, Entrant};
use crate::score::Position;
use crate::verdict::Verdict;

fn one(says: [Say; 2]) -> CellScore {
    score(&[pair("q", &["gold", "x"])], Orders::Both, 1, STRICT, |_, order, _| says[usize::from(order)])
}

/// Conversations of which some have the gold first in the seeded order and some second.
const QUERIES: [&str; 40] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
];

#[test]
fn each_pair_of_choices_counts_where_it_should() {
    use Say::{A, B, Failed, Gold, Other, Tie, Unparsed};
    // n, consistent, both_right, net_right, primacy, recency
    for (says, expected) in [
        ([Gold, Gold], [1, 1, 1, 1, 0, 0]),
        ([Other, Other], [1, 1, 0, 0, 0, 0]),
        ([Tie, Tie], [1, 1, 0, 0, 0, 0]),
        ([A, A], [1, 0, 0, 0, 1, 0]),
        ([B, B], [1, 0, 0, 0, 0, 1]),
        ([Unparsed, Unparsed], [1, 0, 0, 0, 0, 0]),
        ([Gold, Unparsed], [1, 0, 0, 1, 0, 0]),
        ([Unparsed, Gold], [1, 0, 0, 1, 0, 0]),
        ([Other, Unparsed], [1, 0, 0, 0, 0, 0]),
        ([Tie, Unparsed], [1, 0, 0, 0, 0, 0]),
        ([Gold, Failed], [0, 0, 0, 0, 0, 0]),
        ([Failed, Tie], [0, 0, 0, 0, 0, 0]),
    ] {
        let position = one(says).position;
        let counts = [
            position.n,
            position.consistent,
            position.both_right,
            position.net_right,
            position.primacy,
            position.recency,
        ];
        assert_eq!(counts, expected.map(Some), "{says:?}");
    }
}

#[test]
fn a_slot_with_a_tie_leans_to_that_slot() {
    use Say::{A, B, Tie};
    for (says, primacy, recency) in [([A, Tie], 1, 0), ([Tie, A], 1, 0), ([B, Tie], 0, 1), ([Tie, B], 0, 1)] {
        let position = one(says).position;
        assert_eq!((position.primacy, position.recency), (Some(primacy), Some(recency)), "{says:?}");
        assert_eq!(position.consistent, Some(0), "{says:?}");
    }
}

#[test]
fn the_gold_with_a_tie_is_right_on_balance() {
    for says in [[Say::Gold, Say::Tie], [Say::Tie, Say::Gold]] {
        let position = one(says).position;
        assert_eq!((position.net_right, position.both_right), (Some(1), Some(0)), "{says:?}");
    }
    assert_eq!(one([Say::Other, Say::Tie]).position.net_right, Some(0));
}

#[test]
fn fairness_is_recency_less_primacy_over_n() {
    let entries: Vec<Entry<'_>> = QUERIES[..4].iter().map(|query| pair(query, &["gold", "x"])).collect();
    let bench = bench(&entries, None);
    let plan = Plan::new(&bench, 0, Orders::Both, 1, false);
    let says = [Say::A, Say::A, Say::B, Say::B, Say::B, Say::B, Say::B, Say::Tie];
    let next = std::cell::Cell::new(0);
    let say = |_: &str, _: u8, _: u32| {
        let at = next.get();
        next.set(at + 1);
        says[at]
    };
    let cell = score_cell(&bench, &plan, Heard::of(&verdicts(&bench, &plan, say)), STRICT);
    assert_eq!((cell.position.primacy, cell.position.recency), (Some(1), Some(3)));
    near(cell.position.fairness, 0.5);
    near(cell.position.consistency, 0.0);
}

#[test]
fn under_seeded_orders_only_the_slots_are_counted() {
    let entries: Vec<Entry<'_>> = QUERIES.iter().map(|query| pair(query, &["gold", "x"])).collect();
    let bench = bench(&entries, None);
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    let gold_first = |comparison: &Comparison| comparison.entrant_in(0, 0) == Entrant(0);
    let first = plan.comparisons.iter().filter(|comparison| gold_first(comparison)).count() as u64;
    let position = score_cell(&bench, &plan, Heard::of(&verdicts(&bench, &plan, |_, _, _| Say::A)), STRICT).position;
    assert_eq!((position.n, position.consistent, position.primacy, position.fairness), (None, None, None, None));
    assert_eq!((position.first_slot.n, position.first_slot.picked), (40, 40));
    assert_eq!((position.gold_first.n, position.gold_first.right), (first, first));
    assert_eq!((position.gold_second.n, position.gold_second.right), (40 - first, 0));
    assert!((10..=30).contains(&first), "{first}");
}

#[test]
fn slots_are_counted_over_verdicts_that_are_parsed_and_no_tie() {
    for (says, n) in [
        ([Say::Gold, Say::Gold], 2),
        ([Say::Gold, Say::Tie], 1),
        ([Say::Unparsed, Say::Other], 1),
        ([Say::Gold, Say::Failed], 1),
        ([Say::Tie, Say::Unparsed], 0),
    ] {
        let position = one(says).position;
        assert_eq!(position.first_slot.n, n, "{says:?}");
        assert_eq!(position.gold_first.n + position.gold_second.n, n, "{says:?}");
    }
}

#[test]
fn every_sample_is_a_verdict() {
    let cell = score(&[pair("q", &["gold", "x"])], Orders::Both, 3, STRICT, |_, _, _| Say::Gold);
    assert_eq!((cell.position.n, cell.position.first_slot.n, cell.position.first_slot.picked), (Some(1), 6, 3));
    assert_eq!((cell.position.gold_first.right, cell.position.gold_second.right), (3, 3));
}

#[test]
fn a_comparison_that_several_items_hold_is_counted_once() {
    let entries = [pair("q", &["gold", "x"]), pair("q", &["gold", "x"]), list("q", &["gold", "x", "y"])];
    let cell = score(&entries, Orders::Both, 1, STRICT, |_, _, _| Say::Gold);
    assert_eq!((cell.position.n, cell.position.first_slot.n), (Some(2), 4));
    assert_eq!(cell.subsets[0].position.n, Some(1));
    assert_eq!(cell.subsets[1].position.n, Some(2));
}

#[test]
fn contrary_golds_are_two_pairs() {
    let cell =
        score(&[pair("q", &["one", "two"]), pair("q", &["two", "one"])], Orders::Both, 1, STRICT, |_, _, _| Say::Gold);
    assert_eq!((cell.position.n, cell.position.consistent, cell.position.both_right), (Some(2), Some(2), Some(1)));
    // Two replies were read, however many items they are held against.
    assert_eq!((cell.position.first_slot.n, cell.position.gold_first.n + cell.position.gold_second.n), (2, 4));
}

#[test]
fn equal_texts_stand_outside_position() {
    let cell = score(&[pair("q", &["same", "same"])], Orders::Both, 1, STRICT, |_, _, _| Say::Gold);
    assert_eq!((cell.position.n, cell.position.consistent, cell.position.first_slot.n), (Some(0), Some(0), 0));
    assert_eq!((cell.position.consistency, cell.position.fairness), (None, None));
}

/// Thirty lists of three and as many of two, and the slot that is picked of each by its number among those of its length.
fn of_lists(pick: impl Fn(usize, usize) -> u8) -> Position {
    let queries: Vec<String> = (0..60).map(|at| at.to_string()).collect();
    let lists: [&[&str]; 2] = [&["gold", "x", "y"], &["gold", "x"]];
    let entries: Vec<Entry<'_>> = queries.iter().enumerate().map(|(at, query)| list(query, lists[at / 30])).collect();
    let bench = bench(&entries, None);
    let plan = Plan::of_form(&bench, Form::Listwise, 0, Orders::Seeded, 1, false);
    let verdict = |ask: crate::plan::Ask| {
        let at = plan.legs_of(ask.comparison).next().unwrap().item;
        Some(Verdict::slot(pick(at % 30, lists[at / 30].len())))
    };
    let verdicts: Vec<_> = plan.judgments().map(verdict).collect();
    score_cell(&bench, &plan, Heard::of(&verdicts), STRICT).position
}

#[test]
fn slots_of_lists_are_held_against_what_their_lengths_would_bring() {
    let fair = of_lists(|at, slots| u8::try_from(at % slots).unwrap());
    assert_eq!(fair.slots.iter().map(|slot| slot.picked).collect::<Vec<_>>(), [25, 25, 10]);
    assert!(fair.uniform_p.is_some_and(|p| p > 0.999), "{:?}", fair.uniform_p);
    let leaning = of_lists(|_, _| 1);
    assert_eq!(leaning.slots.iter().map(|slot| slot.picked).collect::<Vec<_>>(), [0, 60, 0]);
    assert!(leaning.uniform_p.is_some_and(|p| p < 1e-9));
    let slots = leaning.slots;
    assert_eq!(slots.iter().map(|slot| slot.gold).sum::<u64>(), 60);
    assert_eq!(slots.iter().map(|slot| slot.gold_right).collect::<Vec<_>>(), [0, slots[1].gold, 0]);
}

#[test]
fn pairs_have_no_slots_of_lists() {
    let json = serde_json::to_string(&one([Say::A, Say::B]).position).unwrap();
    assert!(!json.contains("slots") && !json.contains("uniform_p"), "{json}");
}
