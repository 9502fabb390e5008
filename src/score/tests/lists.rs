//! Best-of-N items: the winner must beat all.

use super::{Bench, CellScore, Heard, Item, Orders, Outcome, Plan, Policy, STRICT, Say, Ties, UnparsedPolicy};
use super::{bench, bounds_near, list, near, only, score, score_cell, verdicts};

const LOSERS: [&str; 3] = ["x", "y", "z"];

/// A list whose judge says, order by order, of each loser what stands for it.
fn told(orders: Orders, policy: Policy, says: &[[Say; 2]]) -> CellScore {
    let candidates: Vec<&str> = ["gold"].into_iter().chain(LOSERS.into_iter().take(says.len())).collect();
    score(&[list("q", &candidates)], orders, 1, policy, |other, order, _| {
        says[LOSERS.iter().position(|loser| *loser == other).unwrap()][usize::from(order)]
    })
}

#[test]
fn the_winner_must_beat_every_loser() {
    for (says, expected) in [
        (vec![Say::Gold, Say::Gold, Say::Gold], 1.0),
        (vec![Say::Gold, Say::Other, Say::Gold], 0.0),
        (vec![Say::Gold, Say::Tie, Say::Gold], 0.0),
        (vec![Say::Gold, Say::Gold, Say::Unparsed], 0.0),
    ] {
        let says: Vec<[Say; 2]> = says.into_iter().map(|say| [say; 2]).collect();
        near(told(Orders::Seeded, STRICT, &says).items[0].score, expected);
    }
}

#[test]
fn halves_are_multiplied() {
    let half = Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Half };
    near(told(Orders::Seeded, half, &[[Say::Tie; 2], [Say::Tie; 2]]).items[0].score, 0.25);
    near(told(Orders::Seeded, half, &[[Say::Tie; 2], [Say::Unparsed; 2], [Say::Gold; 2]]).items[0].score, 0.25);
    near(told(Orders::Seeded, half, &[[Say::Tie; 2], [Say::Other; 2]]).items[0].score, 0.0);
}

#[test]
fn under_both_orders_the_product_is_the_mean_over_all_assignments_of_orders() {
    let half = Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Half };
    let worth = |say: Say| match say {
        Say::Gold => 1.0,
        Say::Tie | Say::Unparsed => 0.5,
        _ => 0.0,
    };
    for says in [
        [[Say::Gold, Say::Other], [Say::Gold, Say::Gold], [Say::Other, Say::Gold]],
        [[Say::Gold, Say::Tie], [Say::Unparsed, Say::Gold], [Say::Gold, Say::Other]],
        [[Say::Gold, Say::Gold], [Say::Other, Say::Other], [Say::Gold, Say::Gold]],
        [[Say::Tie, Say::Tie], [Say::Gold, Say::Unparsed], [Say::Gold, Say::Gold]],
    ] {
        let assignments = (0..8_usize).map(|bits| (0..3).map(|leg| worth(says[leg][bits >> leg & 1])).product::<f64>());
        near(told(Orders::Both, half, &says).items[0].score, assignments.sum::<f64>() / 8.0);
    }
}

#[test]
fn a_judge_that_always_takes_the_first_slot_has_half_of_each_comparison() {
    near(told(Orders::Both, STRICT, &[[Say::A; 2]; 3]).items[0].score, 0.125);
}

#[test]
fn strict_asks_for_every_comparison_in_every_order() {
    near(only(&told(Orders::Both, STRICT, &[[Say::Gold; 2]; 3])).strict, 1.0);
    near(only(&told(Orders::Both, STRICT, &[[Say::Gold; 2], [Say::Gold, Say::Other], [Say::Gold; 2]])).strict, 0.0);
}

#[test]
fn an_outcome_is_failed_before_wrong_before_unparsed_before_tie_before_right() {
    use Say::{Failed, Gold, Other, Tie, Unparsed};
    for (says, expected) in [
        ([Gold, Gold, Gold], Outcome::Right),
        ([Gold, Tie, Gold], Outcome::Tie),
        ([Tie, Unparsed, Gold], Outcome::Unparsed),
        ([Unparsed, Tie, Other], Outcome::Wrong),
        ([Other, Unparsed, Gold], Outcome::Wrong),
        ([Other, Failed, Gold], Outcome::Failed),
        ([Failed, Other, Tie], Outcome::Failed),
        ([Unparsed, Failed, Tie], Outcome::Failed),
        ([Gold, Gold, Failed], Outcome::Failed),
    ] {
        let says = says.map(|say| [say, Gold]);
        assert_eq!(told(Orders::Seeded, STRICT, &says).items[0].outcomes, [expected], "{says:?}");
        assert_eq!(told(Orders::Both, STRICT, &says).items[0].outcomes, [expected, Outcome::Right], "{says:?}");
    }
}

#[test]
fn outcomes_are_of_all_comparisons_in_one_order_and_then_in_the_other() {
    let says = [[Say::Gold, Say::Tie], [Say::Other, Say::Gold], [Say::Gold, Say::Unparsed]];
    let cell = told(Orders::Both, STRICT, &says);
    assert_eq!(cell.items[0].outcomes, [Outcome::Wrong, Outcome::Unparsed]);
    assert_eq!((only(&cell).wrong, only(&cell).unparsed, only(&cell).right), (1, 1, 0));
}

#[test]
fn a_failed_comparison_leaves_a_lost_list_unscored() {
    let cell = told(Orders::Seeded, STRICT, &[[Say::Other; 2], [Say::Failed; 2]]);
    assert_eq!(cell.items[0].score, None);
    bounds_near(cell.items[0].bounds, [0.0, 0.0]);
    assert_eq!((only(&cell).n, only(&cell).scored, only(&cell).failed), (1, 0, 1));
}

#[test]
fn under_drop_an_unparsed_comparison_drops_even_a_lost_list() {
    let drop = Policy { unparsed: UnparsedPolicy::Drop, ..STRICT };
    let cell = told(Orders::Seeded, drop, &[[Say::Other; 2], [Say::Unparsed; 2]]);
    assert_eq!(cell.items[0].score, None);
    assert_eq!(cell.items[0].outcomes, [Outcome::Wrong]);
    assert_eq!((only(&cell).n, only(&cell).scored, only(&cell).wrong), (1, 0, 1));
}

#[test]
fn bounds_of_a_list_are_products_too() {
    let half = Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Half };
    let cell = told(Orders::Both, half, &[[Say::Gold, Say::Unparsed], [Say::Failed, Say::Gold], [Say::Tie, Say::Gold]]);
    bounds_near(cell.items[0].bounds, [0.5 * 0.5 * 0.75, 0.75]);
}

#[test]
fn a_winner_whose_text_stands_among_the_losers_ties_with_it() {
    for (ties, expected) in [(Ties::Wrong, 0.0), (Ties::Half, 0.5)] {
        let policy = Policy { ties, ..STRICT };
        let cell = score(&[list("q", &["gold", "x", "gold"])], Orders::Both, 1, policy, |_, _, _| Say::Gold);
        near(cell.items[0].score, expected);
        assert_eq!(cell.items[0].outcomes, [Outcome::Tie; 2]);
    }
}

#[test]
fn losers_of_one_text_count_each() {
    let half = Policy { ties: Ties::Half, ..STRICT };
    let cell = score(&[list("q", &["gold", "x", "x"])], Orders::Seeded, 1, half, |_, _, _| Say::Tie);
    near(cell.items[0].score, 0.25);
}

#[test]
fn where_several_are_best_each_must_beat_every_other() {
    let mut bench: Bench = bench(&[list("q", &["gold", "silver", "x", "y"])], None);
    let both_best = Item { best: vec![0, 1], ..bench.items[0].clone() };
    bench.items = vec![both_best];
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    assert_eq!(plan.legs_of_item(0).len(), 4);
    let lost = std::cell::Cell::new(0);
    let say = |_: &str, _: u8, _: u32| {
        lost.set(lost.get() + 1);
        if lost.get() == 4 { Say::Other } else { Say::Gold }
    };
    let cell = score_cell(&bench, &plan, Heard::of(&verdicts(&bench, &plan, say)), STRICT);
    near(cell.items[0].score, 0.0);
    let cell = score_cell(&bench, &plan, Heard::of(&verdicts(&bench, &plan, |_, _, _| Say::Gold)), STRICT);
    near(cell.items[0].score, 1.0);
}
