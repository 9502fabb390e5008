//! Lists in one ask, and answers each alone, on RMB against a simulated judge whose truth is planted.

use std::collections::HashMap;

use serde_json::Value;

use crate::support::{Folder, shared_data, tell};

/// The judgments of RMB's lists and pairs under a strategy.
fn judgments(strategy: &str, judge: &str, task: &str) -> Option<Vec<Value>> {
    let rmb = shared_data("rmb")?;
    let folder = Folder::new();
    let done = folder.succeed(&format!(
        "run --bench rmb={} --judge {judge} --strategy {strategy} --task {task} --seed 5 --out run",
        rmb.display()
    ));
    assert_eq!(folder.json("run/report.json")["complete"], true, "{done:?}");
    Some(folder.lines("run/judgments.jsonl"))
}

/// How far a sum is from its expectation, in standard errors over sums of residuals that are not independent within a cluster.
fn z(residuals: &HashMap<String, f64>) -> f64 {
    residuals.values().sum::<f64>() / residuals.values().map(|sum| sum * sum).sum::<f64>().sqrt()
}

#[test]
fn the_best_of_a_list_is_picked_as_often_as_it_was_planted() {
    for strategy in ["listwise-pick", "listwise-rank"] {
        let Some(lines) = judgments(strategy, "mock:accuracy=.6,first_lean=.1", "bon") else { return };
        let mut residuals = HashMap::new();
        let (mut right, mut expected) = (0.0, 0.0);
        for line in lines.iter().filter(|line| line["reason"].is_null()) {
            let item = &line["items"][0];
            // RMB's winners stand first in their items.
            let gold = item["shown"].as_array().unwrap().iter().position(|index| *index == 0).unwrap();
            let planted = 0.9 * 0.6 + if gold == 0 { 0.1 } else { 0.0 };
            let is_right = f64::from(u8::from(item["outcome"] == "right"));
            (right, expected) = (right + is_right, expected + planted);
            *residuals.entry(line["hash"].to_string()).or_default() += is_right - planted;
        }
        let z = z(&residuals);
        tell(&format!("{strategy}: {right} of {} lists right, {expected:.0} planted, z {z:.2}", residuals.len()));
        assert!(residuals.len() > 3_700 && z.abs() < 4.0);
    }
}

#[test]
fn answers_scored_alone_are_ordered_as_often_as_it_was_planted() {
    let (q, h) = (0.8, 5.0);
    let Some(lines) = judgments("pointwise-10", "mock:accuracy=.8", "pairwise") else { return };
    // What the judge is told of a text is what the first item that holds it says.
    let mut told: HashMap<(&str, u64), (bool, f64)> = HashMap::new();
    for line in &lines {
        let score = line["verdict"].as_str().and_then(|words| words.parse::<f64>().ok());
        let Some(score) = score else { panic!("no score: {line}") };
        let is_better = line["items"][0]["shown"][0] == 0;
        for item in line["items"].as_array().unwrap() {
            told.insert((item["id"].as_str().unwrap(), item["shown"][0].as_u64().unwrap()), (is_better, score));
        }
    }
    let (mut residuals, mut n) = (HashMap::new(), 0);
    for ((id, index), (chosen_told, chosen)) in &told {
        let Some((other_told, other)) = told.get(&(*id, 1)).filter(|_| *index == 0) else { continue };
        let planted = match (chosen_told, other_told) {
            (true, false) => q - q * (1.0 - q) / h,
            (false, true) => (1.0 - q) - q * (1.0 - q) / h,
            _ => (1.0 - (q * q + (1.0 - q) * (1.0 - q)) / h) / 2.0,
        };
        // Pairs of one conversation stand together in RMB: they share texts.
        let number: usize = id.trim_start_matches("pairwise/").parse().unwrap();
        *residuals.entry((number / 50).to_string()).or_default() += f64::from(u8::from(chosen > other)) - planted;
        n += 1;
    }
    let z = z(&residuals);
    tell(&format!("pointwise-10: {n} pairs, z {z:.2}"));
    assert!(n > 14_000 && z.abs() < 4.0);
}

/// The names of the shipped strategies.
fn shipped(folder: &Folder) -> Vec<String> {
    let list = folder.succeed("prompts list").stdout;
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_shipped_strategy_is_answered_and_read() {
    let folder = Folder::new();
    let names = shipped(&folder);
    assert_eq!(names.len(), 15);
    let mut benches = vec![("sample", String::new())];
    benches.extend(shared_data("rmb").map(|rmb| ("500 of RMB", format!("--bench rmb={} --limit 500", rmb.display()))));
    for (bench, flags) in &benches {
        for name in &names {
            let out = format!("{name}-{}", bench.len());
            let judge = "--judge mock:accuracy=.8,unparsed=.02";
            folder.succeed(&format!("run {flags} {judge} --strategy {name} --no-canary --out {out}"));
            let report = folder.json(&format!("{out}/report.json"));
            let (cell, usage) = (&report["cells"][0], &report["cells"][0]["usage"]);
            assert_eq!(report["complete"], true, "{name}");
            let reasons: Vec<&String> = cell["unparsed"].as_object().unwrap().keys().collect();
            let planted = |reason: &str| ["no_label", "bad_json", "step_empty"].contains(&reason);
            assert!(reasons.iter().all(|reason| planted(reason)), "{name}: {reasons:?}");
            let unparsed: u64 = cell["unparsed"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
            let asks = usage["asks"].as_u64().unwrap();
            assert!(unparsed as f64 <= 0.08 * asks as f64, "{name}: {unparsed} of {asks}");
            let tokens = |name: &str| usage[name].as_f64().unwrap() / asks as f64;
            tell(&format!(
                "{bench}, {name}: {asks} asks, {:.0} tokens in and {:.0} out each, {unparsed} unparsed",
                tokens("prompt_tokens"),
                tokens("completion_tokens")
            ));
        }
    }
}

#[test]
fn a_step_is_asked_once_a_conversation() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let asks = |strategy: &str| -> u64 {
        let what = format!("--bench rmb={} --judge mock --strategy {strategy} --show json", rmb.display());
        let rows: Value = serde_json::from_str(&folder.succeed(&format!("estimate {what}")).stdout).unwrap();
        assert_eq!(rows[0]["asks"], rows[0]["new"], "as many requests as asks are counted");
        rows[0]["asks"].as_u64().unwrap()
    };
    assert_eq!((asks("pairwise-explain"), asks("pairwise-own-criteria")), (15_718, 15_718 + 3_003));
}
