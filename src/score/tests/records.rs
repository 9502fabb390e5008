//! Records: subsets, groups, macro averages, what cannot be decided.

use super::{Entry, Heard, Orders, Plan, Policy, STRICT, Say, Task, UnparsedPolicy};
use super::{bench, bounds_near, list, near, only, pair, score, score_cell, verdicts};
use crate::bench::RMB;

fn say_by_text(other: &str, _: u8, _: u32) -> Say {
    match other {
        "lost" => Say::Other,
        "tied" => Say::Tie,
        "unread" => Say::Unparsed,
        "failed" => Say::Failed,
        _ => Say::Gold,
    }
}

fn at<'a>(group: &'a str, entry: Entry<'a>) -> Entry<'a> {
    Entry { group, ..entry }
}

#[test]
fn n_counts_all_and_scored_those_in_the_denominator() {
    let entries = [
        pair("1", &["gold", "won"]),
        pair("2", &["gold", "lost"]),
        pair("3", &["gold", "tied"]),
        pair("4", &["gold", "unread"]),
        pair("5", &["gold", "failed"]),
    ];
    let record = |policy| {
        let cell = score(&entries, Orders::Seeded, 1, policy, say_by_text);
        only(&cell).clone()
    };
    let wrong = record(STRICT);
    assert_eq!((wrong.n, wrong.scored, wrong.clusters), (5, 4, 4));
    assert_eq!([wrong.right, wrong.wrong, wrong.tie, wrong.unparsed, wrong.failed], [1; 5]);
    near(wrong.score, 0.25);
    bounds_near(wrong.bounds, [0.2, 0.6]);
    let dropped = record(Policy { unparsed: UnparsedPolicy::Drop, ..STRICT });
    assert_eq!((dropped.n, dropped.scored, dropped.unparsed), (5, 3, 1));
    near(dropped.score, 1.0 / 3.0);
    bounds_near(dropped.bounds, [0.2, 0.6]);
    let half = record(Policy { unparsed: UnparsedPolicy::Half, ..STRICT });
    near(half.score, 1.5 / 4.0);
    bounds_near(half.bounds, [0.2, 0.6]);
}

#[test]
fn under_both_orders_outcomes_add_up_to_two_for_each_item() {
    let entries = [pair("1", &["gold", "lost"]), pair("2", &["gold", "failed"]), pair("3", &["gold", "won"])];
    let cell = score(&entries, Orders::Both, 1, STRICT, say_by_text);
    let record = only(&cell);
    assert_eq!((record.right, record.wrong, record.failed, record.n), (2, 2, 2, 3));
}

#[test]
fn a_record_of_nothing_but_failures_has_no_score() {
    let cell = score(&[pair("1", &["gold", "failed"])], Orders::Seeded, 1, STRICT, say_by_text);
    let record = only(&cell);
    assert_eq!((record.score, record.se, record.ci95, record.r#macro, record.strict), (None, None, None, None, None));
    bounds_near(record.bounds, [0.0, 1.0]);
    assert_eq!((record.decidable.n, record.decidable.score), (1, None));
    assert_eq!(cell.overall, None);
}

#[test]
fn macro_is_the_plain_mean_over_the_deepest_groups() {
    let entries = [
        at("Side/Kind/One", pair("1", &["gold", "won"])),
        at("Side/Kind/One", pair("2", &["gold", "won"])),
        at("Side/Kind/One", pair("3", &["gold", "lost"])),
        at("Side/Kind/Two", pair("4", &["gold", "lost"])),
        at("Side/Other", pair("5", &["gold", "won"])),
        at("Side/Failed", pair("6", &["gold", "failed"])),
    ];
    let cell = score(&entries, Orders::Seeded, 1, STRICT, say_by_text);
    near(only(&cell).score, 0.6);
    near(only(&cell).r#macro, (2.0 / 3.0 + 0.0 + 1.0) / 3.0);
    let groups: Vec<(&str, usize)> = cell.groups.iter().map(|record| (record.group.as_str(), record.n)).collect();
    let expected =
        [("Side/Kind", 4), ("Side/Kind/One", 3), ("Side/Kind/Two", 1), ("Side/Other", 1), ("Side/Failed", 1)];
    assert_eq!(groups, expected);
    near(cell.groups[0].r#macro, 1.0 / 3.0);
}

#[test]
fn conversations_are_the_clusters_whatever_the_group() {
    let entries = [
        at("Side/One", pair("same", &["gold", "won"])),
        at("Side/Two", pair("same", &["gold", "lost"])),
        at("Side/Two", pair("other", &["gold", "won"])),
    ];
    let cell = score(&entries, Orders::Seeded, 1, STRICT, say_by_text);
    assert_eq!((only(&cell).scored, only(&cell).clusters), (3, 2));
}

const SUBSETS: [(Task, &str); 4] = [
    (Task::Pairwise, "Helpfulness"),
    (Task::Pairwise, "Harmlessness"),
    (Task::Bon, "Helpfulness"),
    (Task::Bon, "Harmlessness"),
];

fn of_rmb(candidates: [&[&str]; 4]) -> super::CellScore {
    let entries: Vec<Entry<'_>> = SUBSETS
        .iter()
        .zip(candidates)
        .filter(|(_, candidates)| !candidates.is_empty())
        .map(|((task, group), candidates)| Entry { task: *task, group, query: group, candidates })
        .collect();
    let bench = bench(&entries, Some(&RMB));
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    score_cell(&bench, &plan, Heard::of(&verdicts(&bench, &plan, say_by_text)), STRICT)
}

#[test]
fn overall_is_the_plain_mean_of_the_subsets() {
    let cell = of_rmb([&["gold", "won"], &["gold", "lost"], &["gold", "won", "tied"], &["gold", "won", "fine"]]);
    assert!(cell.missing.is_empty());
    near(cell.overall.map(|overall| overall.score), 0.5);
    let subsets: Vec<(Task, &str)> = cell.subsets.iter().map(|record| (record.task, record.group.as_str())).collect();
    assert_eq!(subsets, SUBSETS);
}

#[test]
fn a_missing_subset_leaves_no_overall_and_is_named() {
    let cell = of_rmb([&["gold", "won"], &[], &["gold", "won", "tied"], &["gold", "won"]]);
    assert_eq!(cell.overall, None);
    let missing: Vec<(Task, &str)> = cell.missing.iter().map(|subset| (subset.task, subset.group.as_str())).collect();
    assert_eq!(missing, [(Task::Pairwise, "Harmlessness")]);
}

#[test]
fn a_subset_without_a_scored_item_is_missing_too() {
    let cell = of_rmb([&["gold", "won"], &["gold", "failed"], &["gold", "won", "tied"], &["gold", "won"]]);
    assert_eq!(cell.overall, None);
    assert_eq!(cell.missing.len(), 1);
    assert_eq!((cell.subsets[1].n, cell.subsets[1].scored), (1, 0));
}

#[test]
fn a_benchmark_without_fixed_subsets_takes_those_it_has() {
    let entries = [at("One", pair("1", &["gold", "won"])), at("Two/Deep", pair("2", &["gold", "lost"]))];
    let cell = score(&entries, Orders::Seeded, 1, STRICT, say_by_text);
    near(cell.overall.map(|overall| overall.score), 0.5);
}

#[test]
fn undecidable_items_stand_in_the_headline_and_not_in_decidable() {
    let entries = [
        pair("equal", &["same", "same"]),
        pair("equal after trimming", &["trimmed", " trimmed\n"]),
        list("winner among losers", &["gold", "x", "gold "]),
        pair(" \n", &["gold", "won"]),
        pair("contrary", &["one", "two"]),
        pair("contrary", &["two", "one"]),
        list("contrary", &["one", "two", "three"]),
        pair("contrary in another conversation", &["two", "one"]),
        list("equal losers", &["gold", "x", "x"]),
        pair("decidable", &["gold", "lost"]),
    ];
    let cell = score(&entries, Orders::Seeded, 1, STRICT, say_by_text);
    assert_eq!(cell.undecidable, 7);
    let [pairs, lists] = [&cell.subsets[0], &cell.subsets[1]];
    assert_eq!((pairs.n, pairs.scored, pairs.decidable.n), (7, 7, 2));
    near(pairs.decidable.score, 0.5);
    assert_eq!((lists.n, lists.decidable.n), (3, 1));
    near(lists.decidable.score, 1.0);
}
