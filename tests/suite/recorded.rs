//! Recorded replies of real judges, read and scored as their owners did, where the files are there.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use tribunal::ask::Reply;
use tribunal::strategy::Strategy;
use tribunal::verdict::{Rule, RuleFile};

use crate::support::{Folder, record, shared_data, strategy};

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn replay(data: &Path, file: &str, strategy_file: &str) -> Folder {
    let folder = Folder::new();
    folder.succeed(&format!(
        "run --bench b={} --judge replay:{} --strategy {} --orders both --out run",
        data.join("items.jsonl").display(),
        data.join("replies").join(file).display(),
        strategy(strategy_file)
    ));
    folder
}

/// The order in which each item is listed: that of its first record.
fn listed(path: &Path) -> HashMap<String, Value> {
    let mut listed = HashMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        if record["step"].is_null() {
            listed.entry(record["item"].as_str().unwrap().to_owned()).or_insert_with(|| record["order"].clone());
        }
    }
    listed
}

/// What the owners of `LLMBar` count, over one of its sets, from the judgments.
fn counts(judgments: &[Value], listed: &HashMap<String, Value>, set: &str) -> Value {
    let mut items: HashMap<&str, [&Value; 2]> = HashMap::new();
    for line in judgments {
        for item in line["items"].as_array().unwrap().iter().filter(|item| item["group"] == format!("LLMBar/{set}")) {
            let id = item["id"].as_str().unwrap();
            let swapped = usize::from(item["shown"] != listed[id]);
            items.entry(id).or_insert([&Value::Null; 2])[swapped] = &item["outcome"];
        }
    }
    let count = |keep: &dyn Fn(&[&Value; 2]) -> bool| items.values().filter(|outcomes| keep(outcomes)).count();
    serde_json::json!({
        "n": items.len(),
        "correct_as_listed": count(&|[listed, _]| *listed == "right"),
        "correct_swapped": count(&|[_, swapped]| *swapped == "right"),
        "correct_both": count(&|outcomes| *outcomes == [&Value::from("right"); 2]),
        "same_winner": count(&|[listed, swapped]| listed == swapped && *listed != "unparsed"),
        "no_winner_as_listed": count(&|[listed, _]| *listed == "unparsed"),
        "no_winner_swapped": count(&|[_, swapped]| *swapped == "unparsed"),
    })
}

#[test]
fn the_replies_recorded_by_llmbar_give_its_counts() {
    let Some(data) = shared_data("llmbar") else { return };
    let expected = json(&data.join("expected.json"));
    for (judge, reader) in [
        ("GPT-4/Vanilla_NoRules", "llmbar.toml"),
        ("GPT-4/Vanilla", "llmbar.toml"),
        ("GPT-4/CoT", "llmbar-cot.toml"),
        ("ChatGPT/Vanilla", "llmbar.toml"),
        ("ChatGPT/CoT", "llmbar-cot.toml"),
        ("GPT-4/Metrics", "llmbar-aux1.toml"),
        ("GPT-4/Reference", "llmbar-aux1.toml"),
        ("GPT-4/Metrics_Reference", "llmbar-aux2.toml"),
        ("ChatGPT/Metrics_Reference", "llmbar-aux2.toml"),
    ] {
        let file = format!("{judge}.jsonl");
        let folder = replay(&data, &file, reader);
        let judgments = folder.lines("run/judgments.jsonl");
        let listed = listed(&data.join("replies").join(&file));
        let report = folder.json("run/report.json");
        for (set, expected) in expected[judge].as_object().unwrap() {
            assert_eq!(&counts(&judgments, &listed, set), expected, "{judge} {set}");
            let record = record(&report["cells"][0], "pairwise", &format!("LLMBar/{set}"));
            let both_orders =
                expected["correct_as_listed"].as_u64().unwrap() + expected["correct_swapped"].as_u64().unwrap();
            assert_eq!(record["right"], both_orders, "{judge} {set}");
            let accuracy = both_orders as f64 / (2.0 * expected["n"].as_f64().unwrap());
            assert!((record["score"].as_f64().unwrap() - accuracy).abs() < 1e-12, "{judge} {set}");
        }
    }
}

#[test]
fn the_ratings_recorded_by_llmbar_give_its_counts() {
    let Some(data) = shared_data("llmbar") else { return };
    let expected = json(&data.join("expected.json"));
    for (judge, reader) in [
        ("GPT-4/Rating", "llmbar-rating.toml"),
        ("GPT-4/Rating_Metrics", "llmbar-rating-aux1.toml"),
        ("ChatGPT/Rating", "llmbar-rating.toml"),
    ] {
        let folder = replay(&data, &format!("{judge}.jsonl"), reader);
        let report = folder.json("run/report.json");
        for (set, expected) in expected[judge].as_object().unwrap() {
            let record = record(&report["cells"][0], "pairwise", &format!("LLMBar/{set}"));
            for (ours, theirs) in
                [("right", "chosen_higher"), ("tie", "tied"), ("wrong", "chosen_lower"), ("unparsed", "not_an_integer")]
            {
                assert_eq!(record[ours], expected[theirs], "{judge} {set}: {theirs}");
            }
        }
    }
}

#[test]
fn the_replies_recorded_by_judgebench_give_its_counts() {
    let Some(data) = shared_data("judgebench") else { return };
    let folder = replay(&data, "o1-mini.jsonl", "judgebench.toml");
    let report = folder.json("run/report.json");
    let expected = json(&data.join("expected.json"));
    for (set, expected) in expected["o1-mini"].as_object().unwrap() {
        let group = if set == "overall" { "JudgeBench".to_owned() } else { format!("JudgeBench/{set}") };
        let position = &record(&report["cells"][0], "pairwise", &group)["position"];
        let fields =
            [("n", "n"), ("net_right", "correct"), ("consistent", "same_decision"), ("both_right", "both_correct")];
        for (ours, theirs) in fields {
            assert_eq!(position[ours], expected[theirs], "{set}: {theirs}");
        }
    }
}

/// The replies of a file: item, candidates as shown, reply. Those of earlier steps are left out.
fn replies(path: &Path) -> Vec<(String, Vec<u64>, Reply)> {
    let text = std::fs::read_to_string(path).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let read = |record: Value| {
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        let order = record["order"].as_array().unwrap().iter().map(|index| index.as_u64().unwrap()).collect();
        let reply = Reply { text: text("reply").unwrap(), finish_reason: text("finish_reason"), ..Reply::default() };
        (text("item").unwrap(), order, reply)
    };
    records.filter(|record| record["step"].is_null()).map(read).collect()
}

fn preset(name: &str) -> Rule {
    toml::from_str::<RuleFile>(&format!("preset = \"{name}\"")).unwrap().resolve().unwrap()
}

#[test]
fn presets_read_recorded_replies_as_the_rules_written_out_do() {
    for (benchmark, name, judges) in [
        ("llmbar", "llmbar", &["GPT-4/Vanilla_NoRules", "GPT-4/Vanilla", "GPT-4/Metrics", "ChatGPT/Vanilla"][..]),
        ("llmbar", "llmbar-cot", &["GPT-4/CoT", "ChatGPT/CoT"]),
        ("judgebench", "judgebench", &["o1-mini"]),
    ] {
        let Some(data) = shared_data(benchmark) else { return };
        let file = std::fs::read_to_string(strategy(&format!("{name}.toml"))).unwrap();
        let written_out = Strategy::load(&file, name).unwrap().rule;
        let preset = preset(name);
        for judge in judges {
            let replies = replies(&data.join("replies").join(format!("{judge}.jsonl")));
            assert!(replies.len() >= 700, "{judge}: {}", replies.len());
            for (item, _, reply) in replies {
                assert_eq!(preset.read(&reply, 2), written_out.read(&reply, 2), "{judge} {item}");
            }
        }
    }
}
