//! Simulated judges of a benchmark whose conversations are as uneven as RMB's: how often intervals hold the truth, how often a difference that
//! is none is taken for one, and how often one that is there is seen. No HTTP.

use super::cells::tests::cell;
use super::{CellData, Cost, Finding, Judges, boards, compare, power};
use crate::bench::Task;
use crate::stats::{Stream, paired_outcomes};

/// The sizes of conversations, as RMB has them: from 1 to 10 items, 5.5 on average.
fn sizes(conversations: usize) -> Vec<u32> {
    [1, 3, 5, 5, 6, 6, 7, 10, 4, 8].into_iter().cycle().take(conversations).collect()
}

/// How many benchmarks are simulated; `TRIBUNAL_SEEDS` of them where it is set.
fn seeds(few: u64) -> u64 {
    std::env::var("TRIBUNAL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(few)
}

/// Two judges of the same items, of which two in five are of another task where there are to be two subsets.
fn judges(sizes: &[u32], of: Judges, has_subsets: bool, stream: &mut Stream) -> [CellData; 2] {
    let Judges { accuracy, difference, agreement, icc } = of;
    let outcomes = paired_outcomes(sizes, accuracy + difference, accuracy, agreement, icc, stream).unwrap();
    let names: Vec<String> = (0..sizes.len()).map(|at| format!("c{at}")).collect();
    let conversations =
        names.iter().zip(sizes).flat_map(|(name, size)| std::iter::repeat_n(name.as_str(), *size as usize));
    let pairs: Vec<(&str, (bool, bool))> = conversations.zip(outcomes).collect();
    let of = |name: &str, right: &dyn Fn((bool, bool)) -> bool| {
        let score = |both| Some(f64::from(u8::from(right(both))));
        let items: Vec<(&str, Option<f64>)> = pairs.iter().map(|(name, both)| (*name, score(*both))).collect();
        let mut cell = cell(name, &items);
        let others = cell.items.iter_mut().enumerate().filter(|(at, _)| has_subsets && at % 5 < 2);
        others.for_each(|(_, item)| item.task = Task::Bon);
        cell
    };
    [of("a", &|both| both.0), of("b", &|both| both.1)]
}

fn share(count: u64, n: u64) -> f64 {
    count as f64 / n as f64
}

/// What so many seeds leave open around a share: three standard errors.
fn open(share: f64, n: u64) -> f64 {
    3.0 * (share * (1.0 - share) / n as f64).sqrt()
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let (n, sizes) = (seeds(300), sizes(300));
    let truth = Judges { accuracy: 0.7, difference: 0.05, agreement: 0.75, icc: 0.3 };
    let [mut scores, mut plain, mut differences, mut subsets] = [0; 4];
    for seed in 0..n {
        let cells = judges(&sizes, truth, true, &mut Stream::new("coverage across", seed));
        let board = boards(&cells.clone().map(|cell| (cell, Cost::default())), seed).unwrap();
        let row = board[0].rows.iter().find(|row| &*row.cell.judge == "b").unwrap();
        let holds = |[low, high]: [f64; 2], value: f64| u64::from(low <= value && value <= high);
        scores += holds(row.ci95.unwrap(), truth.accuracy);
        let half = 1.96 * (0.7 * 0.3 / row.n as f64).sqrt();
        plain += u64::from((row.score.unwrap() - truth.accuracy).abs() <= half);
        let found = &compare(&cells, None, seed).unwrap()[0];
        differences += holds(found.overall.ci95.unwrap(), truth.difference);
        subsets += holds(found.subsets[0].difference.ci95.unwrap(), truth.difference);
    }
    let [scores, plain, differences, subsets] = [scores, plain, differences, subsets].map(|count| share(count, n));
    println!(
        "{n} seeds: overall {scores:.4}, the same with items as if independent {plain:.4}, overall differences {differences:.4}, of a subset {subsets:.4}"
    );
    for covered in [scores, differences, subsets] {
        assert!((covered - 0.95).abs() < open(0.95, n).max(0.015), "{covered}");
    }
    assert!(plain < 0.90, "{plain}");
}

#[test]
fn false_alarms_are_as_rare_and_findings_as_frequent_as_foretold() {
    let (n, sizes) = (seeds(200), sizes(200));
    // One subset, as the power is that of the mean over items.
    let found = |difference: f64| {
        let truth = Judges { accuracy: 0.7, difference, agreement: 0.8, icc: 0.2 };
        let is_told = |seed: &u64| {
            let cells = judges(&sizes, truth, false, &mut Stream::new("alarms across", *seed));
            compare(&cells, None, *seed).unwrap()[0].finding != Finding::NotShown
        };
        (share((0..n).filter(is_told).count() as u64, n), truth)
    };
    let (false_alarms, _) = found(0.0);
    let (told, truth) = found(0.06);
    let conversations: Vec<Vec<u8>> = sizes.iter().map(|size| vec![0; *size as usize]).collect();
    let foretold = power(&conversations, truth, 1).unwrap().points.last().unwrap().power;
    println!(
        "{n} seeds: {false_alarms:.4} false alarms at .05; {told:.4} told of a difference of .06, foretold {foretold:.4}"
    );
    assert!(false_alarms <= 0.045 + open(0.05, n), "{false_alarms}");
    assert!((told - foretold).abs() < 0.01 + open(foretold, n), "{told} {foretold}");
}

#[test]
fn many_cells_are_still_told_apart() {
    let names: Vec<String> = (0..120).map(|at| format!("c{at}")).collect();
    let of = |judge: usize| {
        let score = |at: usize| Some(f64::from(u8::from(at * 7 % 40 >= judge)));
        let items: Vec<(&str, Option<f64>)> = names.iter().enumerate().map(|(at, name)| (&**name, score(at))).collect();
        (cell(&format!("j{judge}"), &items), Cost::default())
    };
    let cells: Vec<(CellData, Cost)> = (0..36).map(of).collect();
    let board = &boards(&cells, 0).unwrap()[0];
    let [first, last] = [&board.rows[0], &board.rows[35]];
    assert!(first.rank == 1 && first.rank_to < 15 && last.rank > 20, "{} {} {}", first.rank, first.rank_to, last.rank);
}
