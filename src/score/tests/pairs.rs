//! Pairwise items: what each outcome is worth under each policy.

use super::{Orders, Outcome, Policy, STRICT, Say, Ties, UnparsedPolicy, near, only, pair, score};

fn one(orders: Orders, policy: Policy, says: [Say; 2]) -> super::CellScore {
    score(&[pair("q", &["gold", "x"])], orders, 1, policy, |_, order, _| says[usize::from(order)])
}

#[test]
fn a_pair_is_worth_what_the_policy_says() {
    let (wrong, half, drop) = (UnparsedPolicy::Wrong, UnparsedPolicy::Half, UnparsedPolicy::Drop);
    let cases = [
        (Say::Gold, Ties::Wrong, wrong, Some(1.0)),
        (Say::Other, Ties::Half, half, Some(0.0)),
        (Say::Tie, Ties::Wrong, half, Some(0.0)),
        (Say::Tie, Ties::Half, wrong, Some(0.5)),
        (Say::Unparsed, Ties::Half, wrong, Some(0.0)),
        (Say::Unparsed, Ties::Wrong, half, Some(0.5)),
        (Say::Unparsed, Ties::Wrong, drop, None),
        (Say::Failed, Ties::Wrong, wrong, None),
        (Say::Failed, Ties::Half, half, None),
        (Say::Failed, Ties::Wrong, drop, None),
    ];
    for (say, ties, unparsed, expected) in cases {
        let cell = one(Orders::Seeded, Policy { ties, unparsed }, [say; 2]);
        assert_eq!(cell.items[0].score, expected, "{say:?} {ties:?} {unparsed:?}");
        assert_eq!(only(&cell).score, expected, "{say:?} {ties:?} {unparsed:?}");
        assert_eq!((only(&cell).n, only(&cell).scored), (1, usize::from(expected.is_some())), "{say:?}");
    }
}

#[test]
fn the_default_policy_is_rmbs() {
    assert_eq!(Policy::default(), STRICT);
}

#[test]
fn under_both_orders_a_pair_is_worth_the_mean() {
    let half = Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Half };
    let cases = [
        ([Say::Gold, Say::Gold], STRICT, 1.0),
        ([Say::Gold, Say::Other], STRICT, 0.5),
        ([Say::Other, Say::Gold], STRICT, 0.5),
        ([Say::A, Say::A], STRICT, 0.5),
        ([Say::Gold, Say::Tie], STRICT, 0.5),
        ([Say::Gold, Say::Tie], half, 0.75),
        ([Say::Unparsed, Say::Gold], STRICT, 0.5),
        ([Say::Unparsed, Say::Gold], half, 0.75),
        ([Say::Unparsed, Say::Tie], half, 0.5),
        ([Say::Other, Say::Other], half, 0.0),
    ];
    for (says, policy, expected) in cases {
        near(one(Orders::Both, policy, says).items[0].score, expected);
    }
}

#[test]
fn one_failed_order_fails_the_item_but_not_the_other_outcome() {
    let cell = one(Orders::Both, STRICT, [Say::Gold, Say::Failed]);
    assert_eq!(cell.items[0].score, None);
    assert_eq!(cell.items[0].outcomes, [Outcome::Right, Outcome::Failed]);
    assert_eq!((only(&cell).right, only(&cell).failed, only(&cell).scored), (1, 1, 0));
}

#[test]
fn one_unparsed_order_drops_the_item_under_drop() {
    let drop = Policy { unparsed: UnparsedPolicy::Drop, ..STRICT };
    let cell = one(Orders::Both, drop, [Say::Unparsed, Say::Other]);
    assert_eq!(cell.items[0].score, None);
    assert_eq!(cell.items[0].outcomes, [Outcome::Unparsed, Outcome::Wrong]);
}

#[test]
fn strict_asks_for_the_gold_in_every_order() {
    for (says, expected) in [
        ([Say::Gold, Say::Gold], 1.0),
        ([Say::Gold, Say::Tie], 0.0),
        ([Say::Gold, Say::Other], 0.0),
        ([Say::Unparsed, Say::Gold], 0.0),
    ] {
        let half = Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Half };
        near(only(&one(Orders::Both, half, says)).strict, expected);
    }
}

#[test]
fn equal_texts_are_a_tie_whatever_the_judge_would_say() {
    for (ties, expected) in [(Ties::Wrong, 0.0), (Ties::Half, 0.5)] {
        let policy = Policy { ties, ..STRICT };
        let cell = score(&[pair("q", &["same", "same"])], Orders::Both, 1, policy, |_, _, _| Say::Gold);
        near(cell.items[0].score, expected);
        assert_eq!(cell.items[0].outcomes, [Outcome::Tie; 2]);
    }
}

#[test]
fn samples_are_put_together_within_an_order_before_orders_are_averaged() {
    let says = |_: &str, order: u8, sample: u32| match (order, sample) {
        (0, 0 | 1) | (1, 0) => Say::Gold,
        (1, 1) => Say::Unparsed,
        _ => Say::Other,
    };
    let half = Policy { ties: Ties::Half, ..STRICT };
    let cell = score(&[pair("q", &["gold", "x"])], Orders::Both, 3, half, says);
    assert_eq!(cell.items[0].outcomes, [Outcome::Right, Outcome::Tie]);
    near(cell.items[0].score, 0.75);
}

#[test]
fn one_failed_sample_fails_its_order() {
    let says = |_: &str, _: u8, sample: u32| if sample == 2 { Say::Failed } else { Say::Gold };
    let cell = score(&[pair("q", &["gold", "x"])], Orders::Seeded, 3, STRICT, says);
    assert_eq!(cell.items[0].outcomes, [Outcome::Failed]);
}

#[test]
fn an_item_whose_samples_are_all_unparsed_is_unparsed() {
    let cell = score(&[pair("q", &["gold", "x"])], Orders::Seeded, 2, STRICT, |_, _, _| Say::Unparsed);
    assert_eq!(cell.items[0].outcomes, [Outcome::Unparsed]);
}
