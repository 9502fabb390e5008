//! Leanings that are planted in the simulated judge are found again by the report, on RMB: part of it, or all with `TRIBUNAL_FULL=1`.

use serde_json::Value;

use crate::support::{Folder, shared_data, tell};

/// The report's cell of a judge on RMB's pairs.
fn cell(judge: &str, strategy: &str, more: &str) -> Option<Value> {
    let rmb = shared_data("rmb")?;
    let part = if std::env::var_os("TRIBUNAL_FULL").is_some() { "" } else { "--limit 3000" };
    let folder = Folder::new();
    let strategy_flag = format!("--strategy {strategy}");
    folder.succeed(&format!(
        "run --bench rmb={} {part} --task pairwise --judge {judge} {strategy_flag} {more} --seed 11 --out run",
        rmb.display()
    ));
    Some(folder.json("run/report.json")["cells"][0].clone())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// Each verdict is drawn by itself, so that counts are binomial.
#[track_caller]
fn agrees(what: &str, found: f64, planted: f64, n: f64) {
    let z = (found - planted) / (planted * (1.0 - planted) / n).sqrt();
    tell(&format!("{what}: {found:.4} of {n}, planted {planted:.4}, z {z:.2}"));
    assert!(z.abs() < 4.0, "{what}");
}

#[test]
fn a_lean_to_the_first_slot_is_found_as_it_was_planted() {
    let Some(cell) = cell("mock:accuracy=.75,first_lean=.12", "pairwise-direct", "--orders both") else { return };
    let position = &cell["position"];
    let (n, picked) = (number(&position["first_slot"]["n"]), number(&position["first_slot"]["picked"]));
    agrees("first slot", picked / n, 0.12 + 0.88 / 2.0, n);
    let pairs = number(&position["n"]);
    // In one order the gold stands first and in the other second: the same slot twice by lean, or right once and wrong once.
    let (first, second) = (0.12 + 0.88 * 0.75, 0.88 * 0.75);
    agrees("primacy", number(&position["primacy"]) / pairs, first * (1.0 - second), pairs);
    agrees("recency", number(&position["recency"]) / pairs, (1.0 - first) * second, pairs);
}

#[test]
fn a_lean_to_length_is_found_as_it_was_planted() {
    let Some(cell) = cell("mock:accuracy=.7,length_lean=.15", "pairwise-direct", "") else { return };
    let length = &cell["length"];
    let gold = number(&length["longer_is_gold"]);
    let n = number(&length["n"]);
    agrees("longer preferred", number(&length["prefers_longer"]["share"]), 0.15 + 0.85 * (0.3 + 0.4 * gold), n);
    let ends = &length["ci95"];
    tell(&format!("coefficient of length {} ({ends})", length["coefficient"]));
    assert!(number(&ends[0]) > 0.0, "a lean is there: {length}");
}

#[test]
fn samples_contradict_each_other_as_often_as_was_planted() {
    let Some(cell) = cell("mock:accuracy=.7,steady=.4", "pairwise-direct", "--samples 3") else { return };
    let repeats = &cell["repeats"];
    // Three draws of .7 agree with .37, and else one of them is alone.
    let differs = 0.6 * (1.0 - 0.37);
    agrees("three samples that differ", number(&repeats["flip_rate"]) * 3.0, differs, number(&repeats["n"]));
    // A majority of three: .7 where all are one draw, else .784.
    let by_three = number(&repeats["voting"][2]["score"]);
    let z = (by_three - (0.4 * 0.7 + 0.6 * 0.784)) / number(&repeats["voting"][2]["se"]);
    tell(&format!("majority of three: {by_three:.4}, z {z:.2}"));
    assert!(z.abs() < 4.0);
}

#[test]
fn a_judge_that_is_too_sure_is_found_out() {
    let Some(cell) = cell("mock:accuracy=.75,confidence=.9", "pairwise-logprob", "") else { return };
    let confidence = &cell["confidence"];
    assert_eq!(confidence["source"], "logprobs");
    let n = number(&confidence["n"]);
    agrees("right, by the calibration error", 0.9 - number(&confidence["ece"]), 0.75, n);
    // .01 where it is right and .81 where it is not.
    agrees("right, by the Brier score", (0.81 - number(&confidence["brier"])) / 0.8, 0.75, n);
}
