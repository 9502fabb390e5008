//! RMB's known answers, on the real files where they are there.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::support::{Folder, record, shared_data};

#[track_caller]
fn close(found: &Value, expected: f64, places: i32) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= 0.5 * 10_f64.powi(-places) * 1.000_001, "found {found}, expected {expected}");
}

const SUBSETS: [(&str, &str); 4] =
    [("pairwise", "Helpfulness"), ("pairwise", "Harmlessness"), ("bon", "Helpfulness"), ("bon", "Harmlessness")];

#[test]
fn the_longer_answer_scores_as_it_is_known_to() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let done = folder.succeed(&format!("run --bench rmb={} --judge longest --out run", rmb.display()));
    let cell = &folder.json("run/report.json")["cells"][0];
    let known = [
        (8456, 5482, 0.006_675, 1806),
        (6087, 3306, 0.007_971, 844),
        (2109, 1032, 0.011_447, 1444),
        (1677, 611, 0.012_393, 819),
    ];
    for ((task, group), (n, right, se, clusters)) in SUBSETS.into_iter().zip(known) {
        let record = record(cell, task, group);
        let found = ["n", "scored", "right", "clusters"].map(|field| record[field].as_u64().unwrap());
        assert_eq!(found, [n, n, right, clusters], "{task} {group}");
        close(&record["se"], se, 6);
    }
    // (5482/8456 + 3306/6087 + 1032/2109 + 611/1677) / 4
    close(&cell["overall"]["score"], 0.511_273_570, 9);
    close(&cell["overall"]["se"], 0.006_216, 6);
    assert_eq!(cell["overall"]["clusters"], 3_003);
    assert_eq!(cell["coverage"], serde_json::json!({"items": 18_329, "of": 20_917}));
    let said = done.stderr;
    assert!(
        said.contains("95 of 98 files, 49 of 49 scenarios, 14,543 of 17,131 pairs, 3,786 of 3,786 lists"),
        "{said}"
    );
    assert!(
        said.contains("23,257 judgements") && said.contains("15,727 distinct") && said.contains("15,718"),
        "{said}"
    );
}

#[test]
fn the_first_slot_in_both_orders_is_no_better_than_the_orders() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let bench = rmb.display();
    let done = folder.succeed(&format!("run --bench rmb={bench} --judge first --orders both --out run"));
    let cell = &folder.json("run/report.json")["cells"][0];
    for ((task, group), score) in SUBSETS.into_iter().zip([0.499_763, 0.499_425, 0.214_268, 0.218_564]) {
        let record = record(cell, task, group);
        close(&record["score"], score, 6);
        let outcomes = ["right", "wrong", "tie", "unparsed", "failed"].map(|field| record[field].as_u64().unwrap());
        assert_eq!(outcomes.iter().sum::<u64>(), 2 * record["n"].as_u64().unwrap());
    }
    let position = &cell["position"];
    assert_eq!((&position["consistent"], &position["primacy"]), (&0.into(), &position["n"]));
    assert!(done.stderr.contains("31,436"), "{}", done.stderr);
}

#[test]
fn a_fair_coin_scores_as_one() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    folder.succeed(&format!("run --bench rmb={} --judge random --seed 5 --out run", rmb.display()));
    let cell = &folder.json("run/report.json")["cells"][0];
    for ((task, group), score) in SUBSETS.into_iter().zip([0.5, 0.5, 0.2144, 0.2191]) {
        let record = record(cell, task, group);
        let z = (record["score"].as_f64().unwrap() - score) / record["se"].as_f64().unwrap();
        assert!(z.abs() < 4.0, "{task} {group}: {z}");
    }
}

/// One leg of an item: the number of its comparison, and whether its gold stands first.
type Leg = (usize, bool);

/// The legs of every item of `judgments.jsonl`, and for each comparison whether the gold that the judge was told stands first; `None`
/// where the texts are equal. In RMB the gold is candidate 0.
fn legs(lines: &[Value]) -> (BTreeMap<String, Vec<Leg>>, Vec<Option<bool>>) {
    let (mut items, mut golds) = (BTreeMap::<String, Vec<Leg>>::new(), Vec::new());
    for (at, line) in lines.iter().enumerate() {
        let is_first = |item: &Value| item["shown"][0] == 0;
        let held = line["items"].as_array().unwrap();
        golds.push((line["reason"] != "equal_texts").then(|| is_first(&held[0])));
        for item in held {
            items.entry(item["id"].as_str().unwrap().to_owned()).or_default().push((at, is_first(item)));
        }
    }
    for legs in items.values_mut() {
        legs.sort_unstable();
        legs.dedup();
    }
    (items, golds)
}

/// The exact mean and standard deviation of the share of items with all legs right, given the orders: comparisons are independent,
/// items that share them are not.
fn exact(items: &[&Vec<Leg>], golds: &[Option<bool>]) -> (f64, f64) {
    let leg_right = |(comparison, gold_first): Leg| match golds[comparison] {
        None => 0.0,
        Some(told) => {
            let told_right = if told { 0.82 } else { 0.72 };
            if told == gold_first { told_right } else { 1.0 - told_right }
        }
    };
    let all_right = |legs: &[Leg]| {
        let contrary = legs.windows(2).any(|pair| pair[0].0 == pair[1].0);
        if contrary { 0.0 } else { legs.iter().map(|leg| leg_right(*leg)).product::<f64>() }
    };
    let mut holders: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, legs) in items.iter().enumerate() {
        legs.iter().for_each(|leg| holders.entry(leg.0).or_default().push(at));
    }
    let (mut mean, mut variance) = (0.0, 0.0);
    for legs in items {
        mean += all_right(legs);
        let mut others: Vec<usize> = legs.iter().flat_map(|leg| &holders[&leg.0]).copied().collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            let mut union: Vec<Leg> = legs.iter().chain(items[other]).copied().collect();
            union.sort_unstable();
            union.dedup();
            variance += all_right(&union) - all_right(legs) * all_right(items[other]);
        }
    }
    (mean / items.len() as f64, variance.sqrt() / items.len() as f64)
}

#[test]
fn the_simulated_judge_has_the_accuracy_and_lean_that_were_planted() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let judge = "mock:accuracy=.8,first_lean=.1";
    folder.succeed(&format!("run --bench rmb={} --judge {judge} --seed 11 --out run", rmb.display()));
    let cell = &folder.json("run/report.json")["cells"][0];
    assert_eq!((&cell["simulated"], &cell["usage"]["asks"]), (&true.into(), &15_718.into()));
    let binomial = |part: &Value, whole: &Value, p: f64| {
        let (part, n) = (part.as_f64().unwrap(), whole.as_f64().unwrap());
        (part / n - p) / (p * (1.0 - p) / n).sqrt()
    };
    let position = &cell["position"];
    let [first, gold_first, gold_second] = ["first_slot", "gold_first", "gold_second"].map(|name| &position[name]);
    let mut scores = vec![
        ("gold first", binomial(&gold_first["right"], &gold_first["n"], 0.82)),
        ("gold second", binomial(&gold_second["right"], &gold_second["n"], 0.72)),
        ("first slot", binomial(&first["picked"], &first["n"], 0.55)),
    ];
    let (items, golds) = legs(&folder.lines("run/judgments.jsonl"));
    for (task, n, overall) in [("pairwise", 14_543, Some(0.77)), ("bon", 3_786, None)] {
        let of_task: Vec<_> = items.iter().filter(|(id, _)| id.starts_with(task)).map(|(_, legs)| legs).collect();
        assert_eq!(of_task.len(), n);
        let (mean, deviation) = exact(&of_task, &golds);
        if let Some(overall) = overall {
            assert!((mean - overall).abs() < 0.002, "{task}: {mean} given the orders, {overall} over all orders");
        }
        let records = ["Helpfulness", "Harmlessness"].map(|group| record(cell, task, group));
        let right: f64 = records.iter().map(|record| record["right"].as_f64().unwrap()).sum();
        scores.push((task, (right / n as f64 - mean) / deviation));
    }
    assert!(scores.iter().all(|(_, z)| z.abs() < 4.0), "{scores:?}");
}
