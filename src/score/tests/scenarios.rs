//! Scenarios: how scores differ between them.

use super::{Entry, Orders, STRICT, Say, Task, near, pair, score};
use crate::score::{CellScore, deepest};

/// Pairs and lists of some groups; of each group so many are right.
fn cell(groups: &[(Task, &'static str, usize, usize)]) -> CellScore {
    let queries: Vec<String> = (0..1_000).map(|at| at.to_string()).collect();
    let mut entries = Vec::new();
    for (task, group, right, wrong) in groups {
        for at in 0..right + wrong {
            let won: &[&str] = if *task == Task::Bon { &["gold", "won", "beaten"] } else { &["gold", "won"] };
            let lost: &[&str] = if *task == Task::Bon { &["gold", "won", "lost"] } else { &["gold", "lost"] };
            let candidates = if at < *right { won } else { lost };
            entries.push(Entry { task: *task, group, query: &queries[entries.len()], candidates });
        }
    }
    score(&entries, Orders::Seeded, 1, STRICT, |other, _, _| if other == "lost" { Say::Other } else { Say::Gold })
}

const PAIRS: Task = Task::Pairwise;
const LISTS: Task = Task::Bon;

#[test]
fn the_worst_scenarios_come_first_and_noise_is_taken_off() {
    let cell = cell(&[
        (PAIRS, "Side/A", 8, 2),
        (PAIRS, "Side/B", 4, 6),
        (PAIRS, "Side/C", 9, 1),
        (PAIRS, "Side/D", 6, 4),
        (PAIRS, "Side/E", 8, 2),
        (PAIRS, "Side/F", 10, 0),
        (PAIRS, "Side/Alone", 1, 0),
    ]);
    let scenarios = cell.scenarios.unwrap();
    let [pairs] = &scenarios.tasks[..] else { panic!("{scenarios:?}") };
    assert_eq!((pairs.task, pairs.n), (PAIRS, 6), "a scenario of one conversation has no standard error");
    let worst: Vec<&str> = pairs.worst.iter().map(|worst| worst.group.as_str()).collect();
    assert_eq!(worst, ["Side/B", "Side/D", "Side/A", "Side/E", "Side/C"]);
    assert_eq!((pairs.worst[0].n, pairs.worst[0].score), (10, 0.4));
    assert!(pairs.worst[0].ci95.is_some_and(|[low, high]| low < 0.4 && high > 0.4));
    near(Some(pairs.below_half), 1.0 / 6.0);
    let scores = [0.8, 0.4, 0.9, 0.6, 0.8, 1.0];
    let observed = scores.iter().map(|score: &f64| (score - 0.75).powi(2)).sum::<f64>() / 5.0;
    let noise = scores.iter().map(|score| score * (1.0 - score) / 9.0).sum::<f64>() / 6.0;
    near(Some(pairs.observed_sd), observed.sqrt());
    near(Some(pairs.sd), (observed - noise).sqrt());
    assert_eq!((scenarios.task_agreement, scenarios.sides), (None, None));
}

#[test]
fn only_the_deepest_groups_are_scenarios() {
    let cell = cell(&[
        (PAIRS, "Side/A", 1, 1),
        (PAIRS, "Side/A/Deep", 1, 1),
        (PAIRS, "Side/Ab", 2, 0),
        (LISTS, "Side/A", 1, 1),
    ]);
    let names: Vec<(Task, &str)> =
        deepest(&cell.groups).iter().map(|record| (record.task, record.group.as_str())).collect();
    assert_eq!(names, [(PAIRS, "Side/A/Deep"), (PAIRS, "Side/Ab"), (LISTS, "Side/A")]);
    assert_eq!(cell.scenarios.unwrap().tasks.len(), 1, "lists have one scenario");
}

#[test]
fn pairs_and_lists_may_rank_the_scenarios_alike() {
    let both = |lists: [usize; 3]| {
        let groups = ["Side/A", "Side/B", "Side/C"];
        let of = |task, right: [usize; 3]| {
            groups.iter().zip(right).map(move |(group, right)| (task, *group, right, 10 - right)).collect::<Vec<_>>()
        };
        let cell = cell(&[of(PAIRS, [3, 6, 9]), of(LISTS, lists)].concat());
        cell.scenarios.unwrap().task_agreement.unwrap()
    };
    let alike = both([1, 2, 5]);
    assert_eq!((alike.n, alike.shares_replies), (3, true));
    near(alike.spearman, 1.0);
    near(both([2, 1, 5]).spearman, 0.5);
    assert_eq!(both([4, 4, 4]).spearman, None);
}

#[test]
fn helpfulness_is_held_against_harmlessness() {
    let cell =
        cell(&[(PAIRS, "Helpfulness/A", 3, 1), (PAIRS, "Helpfulness/B", 2, 2), (PAIRS, "Harmlessness/S1", 1, 3)]);
    let sides = cell.scenarios.unwrap().sides.unwrap();
    near(Some(sides.difference), 0.625 - 0.25);
    // Twelve conversations of one pair: the sum of the squared residuals is 15/8 over 8^2, and 3/4 over 4^2.
    near(sides.se, (12.0 / 11.0 * (15.0 / 8.0 / 64.0 + 0.75 / 16.0_f64)).sqrt());
    assert!(sides.ci95.is_some_and(|[low, high]| low < 0.375 && 0.375 < high));
}

#[test]
fn one_scenario_alone_has_no_spread() {
    let entries = [pair("1", &["gold", "won"]), pair("2", &["gold", "won"])];
    assert_eq!(score(&entries, Orders::Seeded, 1, STRICT, |_, _, _| Say::Gold).scenarios, None);
}
