//! Juries and agreement on ballots made by hand.

#![allow(clippy::float_cmp, reason = "shares of few items, and what the same sums give")]

use super::*;
use crate::score::{Policy, Ties, UnparsedPolicy};
use crate::stats::{cohen_kappa, krippendorff_alpha};

const HALF: Policy = Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Wrong };

/// What judges say: the lines of a run.
#[derive(Default)]
struct Runs {
    items: String,
    judgments: String,
}

impl Runs {
    /// The items of judges, pairs of one group, each a conversation of its own.
    fn of(judges: &[&str], items: usize) -> Self {
        let mut runs = Self::default();
        for judge in judges {
            (0..items).for_each(|item| runs.item(judge, &format!("i{item}")));
        }
        runs
    }

    fn item(&mut self, judge: &str, id: &str) {
        let line = format!(
            r#"{{"bench":"b","judge":"{judge}","strategy":"s","id":"{id}","task":"pairwise","group":"G/x","conversation":"of {id}","answers":"{id}","score":1.0,"outcomes":["right"]}}"#
        );
        self.items.push_str(&(line + "\n"));
    }

    /// A judgment; `legs` are items, what is shown to them, and what the verdict comes to.
    fn judgment(&mut self, judge: &str, hash: &str, legs: &[(&str, &str, &str)], told: &str) {
        let leg = |(id, shown, outcome): &(&str, &str, &str)| {
            format!(r#"{{"id":"{id}","task":"pairwise","group":"G/x","shown":{shown},{outcome}}}"#)
        };
        let legs: Vec<String> = legs.iter().map(leg).collect();
        let line = format!(
            r#"{{"bench":"b","judge":"{judge}","strategy":"s","hash":"{hash}","items":[{}],"order":0,"sample":0,"key":null,{told},"reply":"x \" y"}}"#,
            legs.join(",")
        );
        self.judgments.push_str(&(line + "\n"));
    }

    /// A judgment of a pair whose first candidate is the gold, shown first (`AB`) or second (`BA`).
    fn pair(&mut self, judge: &str, item: usize, shown: &str, says: &str) {
        let (gold, other) = if shown == "AB" { ("A", "B") } else { ("B", "A") };
        let shown = if shown == "AB" { "[0,1]" } else { "[1,0]" };
        let verdict = match says {
            "right" => format!(r#""verdict":"{gold}","reason":null"#),
            "wrong" => format!(r#""verdict":"{other}","reason":null"#),
            "tie" => r#""verdict":"tie","reason":null"#.to_owned(),
            "equal" => r#""verdict":"tie","reason":"equal_texts""#.to_owned(),
            "failed" => r#""verdict":null,"reason":"failed""#.to_owned(),
            _ => r#""verdict":null,"reason":"no_label""#.to_owned(),
        };
        let outcome = format!(r#""outcome":"{}""#, if says == "equal" { "tie" } else { says });
        self.judgment(judge, &format!("h{item}"), &[(&format!("i{item}"), shown, &outcome)], &verdict);
    }

    fn ballots(&self) -> Result<Ballots, BallotsError> {
        let cells = parse_cells("run", &self.items).unwrap();
        let mut ballots = Ballots::new(&cells.iter().collect::<Vec<_>>());
        ballots.add("run", &self.judgments)?;
        Ok(ballots.counted())
    }

    fn jury(&self, policy: Policy) -> JuryReport {
        jury(&self.ballots().unwrap(), policy, 0)
    }
}

fn score(jury: Option<&Jury>) -> f64 {
    jury.unwrap().score.score
}

#[test]
fn members_vote_by_plurality_and_abstain_where_they_say_nothing() {
    let judges = ["a", "b", "c"];
    for (says, expected) in [
        (["right", "right", "wrong"], 1.0),
        (["right", "wrong", "wrong"], 0.0),
        (["right", "wrong", "tie"], 0.5),
        (["right", "tie", "tie"], 0.5),
        (["right", "wrong", "unparsed"], 0.5),
        (["right", "unparsed", "unparsed"], 1.0),
        (["wrong", "tie", "unparsed"], 0.5),
        (["unparsed", "unparsed", "unparsed"], 0.0),
    ] {
        let mut runs = Runs::of(&judges, 1);
        judges.iter().zip(says).for_each(|(judge, says)| runs.pair(judge, 0, "AB", says));
        let report = runs.jury(HALF);
        assert_eq!(score(report.plurality.as_ref()), expected, "{says:?}");
        assert_eq!(report.items, Left { shared: 1, missing: 0, failed: 0 });
    }
}

#[test]
fn what_failed_or_is_missing_is_left_out_and_counted() {
    let mut runs = Runs::of(&["a", "b"], 4);
    runs.item("a", "i4");
    for item in 0..5 {
        runs.pair("a", item, "AB", if item == 1 { "failed" } else { "right" });
        if item != 2 && item != 4 {
            runs.pair("b", item, "AB", "wrong");
        }
    }
    let report = runs.jury(HALF);
    assert_eq!(report.items, Left { shared: 2, missing: 2, failed: 1 });
    assert_eq!(score(report.plurality.as_ref()), 0.5);
    assert_eq!(report.members[0].score.as_ref().unwrap().score, 1.0);
}

#[test]
fn a_policy_that_drops_what_is_unparsed_drops_it_where_nobody_says_anything() {
    let mut runs = Runs::of(&["a", "b"], 2);
    for (item, b) in [(0, "unparsed"), (1, "wrong")] {
        runs.pair("a", item, "AB", "unparsed");
        runs.pair("b", item, "AB", b);
    }
    let report = runs.jury(Policy { ties: Ties::Wrong, unparsed: UnparsedPolicy::Drop });
    assert_eq!(report.plurality.unwrap().score.subsets[0].n, 1);
    assert!(report.members[0].score.is_none() && report.best == Some(1));
}

#[test]
fn a_member_has_one_vote_whatever_the_number_of_its_samples() {
    let mut runs = Runs::of(&["a", "b", "c"], 1);
    for says in ["right", "right", "right", "wrong"] {
        runs.pair("a", 0, "AB", says);
    }
    for says in ["wrong", "wrong"] {
        runs.pair("b", 0, "AB", says);
    }
    for says in ["right", "wrong"] {
        runs.pair("c", 0, "AB", says);
    }
    let report = runs.jury(HALF);
    let members: Vec<f64> = report.members.iter().map(|member| member.score.as_ref().unwrap().score).collect();
    assert_eq!(members, [1.0, 0.0, 0.5]);
    assert_eq!(score(report.plurality.as_ref()), 0.5, "right, wrong and tie");
}

#[test]
fn orders_have_a_mean_and_comparisons_a_product() {
    let mut runs = Runs::of(&["a", "b"], 1);
    for judge in ["a", "b"] {
        for (hash, shown, outcome, verdict) in [
            ("h1", "[0,1]", "right", "A"),
            ("h1", "[1,0]", "wrong", "A"),
            ("h2", "[0,2]", "right", "A"),
            ("h2", "[2,0]", "right", "B"),
        ] {
            let outcome = format!(r#""outcome":"{outcome}""#);
            runs.judgment(judge, hash, &[("i0", shown, &outcome)], &format!(r#""verdict":"{verdict}","reason":null"#));
        }
    }
    assert_eq!(score(runs.jury(HALF).plurality.as_ref()), 0.5);
}

#[test]
fn runs_meet_where_they_showed_the_same_in_the_same_slots() {
    let mut runs = Runs::of(&["a", "b"], 2);
    // One was asked in both orders, the other in an order of its own.
    for item in 0..2 {
        runs.pair("a", item, "AB", "right");
        runs.pair("a", item, "BA", "wrong");
    }
    runs.pair("b", 0, "BA", "wrong");
    runs.pair("b", 1, "AB", "wrong");
    let report = runs.jury(HALF);
    assert_eq!(report.items.shared, 2);
    let members: Vec<f64> = report.members.iter().map(|member| member.score.as_ref().unwrap().score).collect();
    assert_eq!(members, [0.5, 0.0]);
    assert_eq!(score(report.plurality.as_ref()), 0.25);
}

#[test]
fn votes_on_lists_that_share_the_top_are_right_only_where_all_are() {
    for (says, outcomes, expected) in [
        (["A", "B"], ["right", "wrong"], 0.5),
        (["A", "C"], ["right", "right"], 1.0),
        (["B > A > C", "B"], ["wrong", "wrong"], 0.0),
        (["A = B > C", "B"], ["tie", "wrong"], 0.5),
    ] {
        let mut runs = Runs::of(&["a", "b"], 1);
        for (judge, (says, outcome)) in ["a", "b"].iter().zip(says.iter().zip(outcomes)) {
            let outcome = format!(r#""outcome":"{outcome}""#);
            runs.judgment(judge, "h", &[("i0", "[0,1,2]", &outcome)], &format!(r#""verdict":"{says}","reason":null"#));
        }
        assert_eq!(score(runs.jury(HALF).plurality.as_ref()), expected, "{says:?}");
    }
}

#[test]
fn single_answers_are_compared_by_the_mean_of_all_scores() {
    let mut runs = Runs::of(&["a", "b"], 1);
    // Alone the first is right and the second wrong.
    for (judge, gold, other) in [("a", "9", "5"), ("b", "4.5", "8")] {
        for (hash, shown, stands, score) in [("h0", "[0]", "best", gold), ("h1", "[1]", "other", other)] {
            let leg = format!(r#""outcome":null,"stands":"{stands}""#);
            runs.judgment(judge, hash, &[("i0", shown, &leg)], &format!(r#""verdict":"{score}","reason":null"#));
        }
    }
    let report = runs.jury(HALF);
    assert!(report.scores);
    let members: Vec<f64> = report.members.iter().map(|member| member.score.as_ref().unwrap().score).collect();
    assert_eq!(members, [1.0, 0.0]);
    assert_eq!(score(report.plurality.as_ref()), 1.0, "6.75 against 6.5");
}

#[test]
fn single_answers_of_an_older_version_and_mixed_cells_are_refused() {
    let mut runs = Runs::of(&["a", "b"], 1);
    runs.judgment("a", "h0", &[("i0", "[0]", r#""outcome":null"#)], r#""verdict":"7","reason":null"#);
    let error = runs.ballots().unwrap_err();
    assert_eq!(error, BallotsError::Stands { line: 1 });
    let mut runs = Runs::of(&["a", "b"], 1);
    runs.pair("a", 0, "AB", "right");
    runs.judgment("b", "h0", &[("i0", "[0]", r#""outcome":null,"stands":"best""#)], r#""verdict":"7","reason":null"#);
    let error = runs.ballots().unwrap_err().to_string();
    assert!(error.contains("a / s prefers one answer") && error.contains("b / s scores each alone"), "{error}");
    let mut runs = Runs::of(&["a"], 1);
    runs.judgment("a", "h", &[("i0", "[0,1]", r#""outcome":"right""#)], r#""verdict":"C","reason":null"#);
    assert!(runs.ballots().unwrap_err().to_string().contains("line 1: `C` is no verdict on 2 answers"));
}

#[test]
fn whoever_is_right_alone_is_heard_by_weight_and_outvoted_without() {
    const ITEMS: usize = 40;
    let mut runs = Runs::of(&["a", "b", "c"], ITEMS);
    for item in 0..ITEMS {
        runs.pair("a", item, "AB", "right");
        runs.pair("b", item, "AB", "wrong");
        runs.pair("c", item, "AB", "wrong");
    }
    let report = runs.jury(HALF);
    assert_eq!((score(report.plurality.as_ref()), score(report.weighted.as_ref())), (0.0, 1.0));
    assert_eq!(report.members[0].right, [Some(1.0); 2]);
    let sizes: Vec<(usize, &[usize], f64)> =
        report.panels.iter().map(|panel| (panel.size, &*panel.best, panel.score.as_ref().unwrap().score)).collect();
    assert_eq!(sizes, [(1, &[0][..], 1.0), (2, &[0, 1], 0.5), (3, &[0, 1, 2], 0.0)]);
    assert_eq!(report.panels[0].chosen, [vec![0], vec![0]]);
    assert_eq!(report.plurality.unwrap().gain.unwrap().gain, -1.0);
    assert_eq!(report.error_correlation, None, "nobody's errors vary");
}

#[test]
fn a_jury_of_judges_that_err_apart_gains() {
    const ITEMS: usize = 60;
    let mut runs = Runs::of(&["a", "b", "c"], ITEMS);
    for item in 0..ITEMS {
        for (at, judge) in ["a", "b", "c"].iter().enumerate() {
            runs.pair(judge, item, "AB", if item % 3 == at { "wrong" } else { "right" });
        }
    }
    let report = runs.jury(HALF);
    assert_eq!(score(report.plurality.as_ref()), 1.0);
    let gain = report.plurality.unwrap().gain.unwrap();
    assert!((gain.gain - 1.0 / 3.0).abs() < 1e-12 && gain.ci95.unwrap()[0] > 0.0, "{gain:?}");
    assert!((report.error_correlation.unwrap() + 0.5).abs() < 1e-12);
    assert_eq!(report.effective_number, Some(3.0));
}

#[test]
fn of_many_members_only_small_panels_are_looked_at() {
    let judges: Vec<String> = (0..13).map(|judge| format!("j{judge}")).collect();
    let names: Vec<&str> = judges.iter().map(String::as_str).collect();
    let mut runs = Runs::of(&names, 4);
    for judge in &judges {
        (0..4).for_each(|item| runs.pair(judge, item, "AB", "right"));
    }
    let report = runs.jury(HALF);
    assert_eq!((report.panels.len(), report.largest_panel), (5, Some(5)));
}

#[test]
fn agreement_is_that_of_the_choices_whatever_is_missing() {
    let mut runs = Runs::of(&["a", "b", "c"], 8);
    let says = |word: &str| match word {
        "A" => Some((0, "right")),
        "B" => Some((1, "wrong")),
        "t" => Some((2, "tie")),
        _ => None,
    };
    let rows = ["A A B t A B A B", "A B B t A B B A", "A A B A - B B t"].map(|row| row.split(' ').collect::<Vec<_>>());
    for (judge, row) in ["a", "b", "c"].iter().zip(&rows) {
        for (item, word) in row.iter().enumerate() {
            runs.pair(judge, item, "AB", says(word).map_or("unparsed", |(_, says)| says));
        }
    }
    let report = agree(&runs.ballots().unwrap(), 0);
    let ratings = |one: usize, other: usize| -> Vec<(u32, u32)> {
        let both = rows[one].iter().zip(&rows[other]);
        both.filter_map(|(one, other)| Some((says(one)?.0, says(other)?.0))).collect()
    };
    for pair in &report.pairs {
        let [one, other] = pair.cells;
        let ratings = ratings(one, other);
        assert_eq!((pair.n, pair.kappa), (ratings.len(), cohen_kappa(&ratings)), "{one} {other}");
        let [low, high] = pair.ci95.unwrap();
        assert!(low <= pair.kappa.unwrap() && pair.kappa.unwrap() <= high);
    }
    let units: Vec<Vec<u32>> =
        (0..8).map(|item| rows.iter().filter_map(|row| says(row[item]).map(|(number, _)| number)).collect()).collect();
    let alpha = report.krippendorff_alpha.unwrap();
    assert!((alpha.value - krippendorff_alpha(&units).unwrap()).abs() < 1e-12);
    assert_eq!((alpha.n, report.fleiss_kappa.unwrap().n), (8, 7));
    assert_eq!(report.unanimous.unwrap().value, 3.0 / 7.0);
    let mean = report.pairs.iter().map(|pair| pair.kappa.unwrap()).sum::<f64>() / 3.0;
    assert_eq!(report.judges_of_a_strategy.len(), 1);
    assert!((report.judges_of_a_strategy[0].kappa.value - mean).abs() < 1e-12);
    assert!(report.strategies_of_a_judge.is_empty() && report.orders.is_empty());
}

#[test]
fn a_cell_agrees_with_itself_on_candidates_and_not_on_slots() {
    let mut runs = Runs::of(&["steady", "first"], 6);
    for item in 0..6 {
        let steady = if item % 2 == 0 { "right" } else { "wrong" };
        runs.pair("steady", item, "AB", steady);
        runs.pair("steady", item, "BA", steady);
        let (one, other) = if item % 2 == 0 { ("AB", "BA") } else { ("BA", "AB") };
        let first = |shown: &str| if shown == "AB" { "right" } else { "wrong" };
        runs.pair("first", item, one, first(one));
        runs.pair("first", item, other, first(other));
    }
    let report = agree(&runs.ballots().unwrap(), 0);
    let orders: Vec<_> = report.orders.iter().map(|order| (order.cells, order.share)).collect();
    assert_eq!(orders, [([0, 0], Some(1.0)), ([1, 1], Some(0.0))]);
    assert_eq!(report.orders[0].kappa, Some(1.0));
    assert_eq!(report.units, 12);
}

#[test]
fn nobody_rates_equal_texts() {
    let mut runs = Runs::of(&["a", "b"], 2);
    for judge in ["a", "b"] {
        runs.pair(judge, 0, "AB", "equal");
        runs.pair(judge, 1, "AB", "right");
    }
    let report = agree(&runs.ballots().unwrap(), 0);
    assert_eq!((report.units, report.pairs[0].n, report.pairs[0].kappa), (1, 1, None));
    assert_eq!(runs.jury(HALF).items.shared, 2, "they are items like all others");
}
