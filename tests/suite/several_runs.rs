//! Judgments of several runs held against each other: other files, other seeds, other numbers of the same answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Folder;
use crate::view::View;

/// A pair: its id, its question, its two answers, and which is the gold.
fn pair(id: &str, question: &str, answers: [&str; 2], best: usize) -> String {
    let candidates = answers.map(|text| json!({"text": text}));
    let conversation = json!([{"role": "user", "content": question}]);
    let item = json!({"id": id, "group": "g/h", "conversation": conversation, "candidates": candidates, "best": best});
    format!("{item}\n")
}

#[test]
fn answers_are_the_same_where_their_texts_are() {
    let folder = Folder::new();
    let items = |is_turned: bool| {
        let one = |id: usize| {
            let (long, short) = (format!("a long answer to {id}"), format!("{id}"));
            let answers = if is_turned { [&*short, &long] } else { [&*long, &short] };
            pair(&id.to_string(), &format!("What is {id}?"), answers, usize::from(is_turned))
        };
        (0..6).map(one).collect::<String>()
    };
    for (run, is_turned) in [("one", false), ("turned", true)] {
        folder.write(&format!("{run}.jsonl"), &items(is_turned));
        folder.succeed(&format!("run --bench m={run}.jsonl --judge longest --judge shortest --out {run}"));
    }
    let view = View::start(&folder, "one turned");
    let list = view.page("/");
    assert!(list.contains("<td>one</td><td>longest</td>") && list.contains("<td>turned</td>"), "{list}");
    assert_eq!(view.count("judge=longest&odd=cells"), 12, "longest and shortest contradict each other, in both runs");
    // Without the shortest nobody contradicts anybody, however candidates are numbered.
    for run in ["one", "turned"] {
        folder.succeed(&format!("run --bench m={run}.jsonl --judge longest --out {run}-longest"));
    }
    assert_eq!(View::start(&folder, "one-longest turned-longest").count("odd=cells"), 0);
}

#[test]
fn another_item_of_the_same_id_lends_no_texts() {
    let folder = Folder::new();
    folder.write("old.jsonl", &pair("1", "The old question?", ["old one", "old two"], 0));
    folder.succeed("run --bench m=old.jsonl --judge first --out old");
    std::fs::rename(folder.path("old.jsonl"), folder.path("moved")).unwrap();
    let new = pair("1", "A new question?", ["new one", "new two"], 0)
        + &pair("2", "The old question?", ["old one", "old two"], 0);
    folder.write("new.jsonl", &new);
    folder.succeed("run --bench m=new.jsonl --judge first --out new");
    for order in ["old new", "new old"] {
        let view = View::start(&folder, order);
        let old = view.page(&view.cases("/?run=old")[0]);
        assert!(old.contains("Its text is not at hand") && !old.contains("new one"), "{order}: {old}");
        let asked: Vec<String> = view.cases("/?run=new").iter().map(|case| view.page(case)).collect();
        for (page, question, other) in [(&asked[0], "new", "old"), (&asked[1], "old", "new")] {
            assert!(
                page.contains(&format!("{question} one")) && page.contains(&format!("{question} question")),
                "{page}"
            );
            assert!(!page.contains(&format!("{other} question")), "{order}: {page}");
        }
    }
}

#[test]
fn an_item_of_several_benchmarks_is_asked_for_by_its_benchmark() {
    let folder = Folder::new();
    for bench in ["b1", "b2"] {
        folder.write(&format!("{bench}.jsonl"), &pair("1", &format!("Of {bench}?"), ["one", "two"], 0));
    }
    folder.succeed("run --bench b1=b1.jsonl --bench b2=b2.jsonl --judge first --out run");
    let done = folder.tribunal("show run 1");
    assert!(done.code == Some(2) && done.stderr.contains("b1, b2: choose one with --bench"), "{done:?}");
    let shown = folder.succeed("show run 1 --bench b2").stdout;
    assert!(shown.contains("Of b2?") && !shown.contains("Of b1?"), "{shown}");
    let done = folder.tribunal("show run 1 --bench b3");
    assert!(done.code == Some(2) && done.stderr.contains("no item `1` of a benchmark `b3`"), "{done:?}");
}

#[test]
fn what_was_not_answered_flips_nothing() {
    let folder = Folder::new();
    folder.succeed("run --task pairwise --judge longest --out whole");
    // Half of the replies are there.
    let lines = folder.lines("whole/judgments.jsonl");
    let replies = lines.iter().step_by(2).map(|line| {
        let item = &line["items"][0];
        let reply = json!({"item": item["id"], "step": null, "order": item["shown"], "sample": 0, "reply": "[[A]]"});
        format!("{reply}\n")
    });
    folder.write("half.jsonl", &replies.collect::<String>());
    let done = folder.tribunal("run --task pairwise --judge replay:half.jsonl --strategy pairwise-explain --out half");
    assert_eq!(done.code, Some(3), "{done:?}");
    let half = folder.lines("half/judgments.jsonl");
    let key = |line: &Value| (line["hash"].to_string(), line["order"].to_string());
    let whole: BTreeMap<_, _> = lines.iter().map(|line| (key(line), &line["items"][0]["outcome"])).collect();
    let differ = half.iter().filter(|line| {
        let outcome = &line["items"][0]["outcome"];
        outcome != "failed" && whole[&key(line)] != outcome
    });
    let differ = differ.count();
    let view = View::start(&folder, "whole half");
    let page = view.page("/");
    let option = regex::Regex::new("<option value=\"([0-9a-f]{8})\">longest").unwrap();
    let against = &option.captures(&page).unwrap()[1];
    assert!(differ > 0);
    assert_eq!(view.count(&format!("run=half&against={against}&flip=any")), differ);
}

#[test]
fn an_outcome_is_that_of_the_item_that_is_looked_for() {
    let folder = Folder::new();
    // The same two answers, with contrary golds.
    let answers = ["a long answer", "short"];
    folder.write("items.jsonl", &(pair("x", "What?", answers, 0) + &pair("y", "What?", answers, 1)));
    folder.succeed("run --bench m=items.jsonl --judge longest --judge shortest --out run");
    let view = View::start(&folder, "run");
    for (query, expected) in [
        ("judge=longest&item=x&outcome=right", 1),
        ("judge=longest&item=x&outcome=wrong", 0),
        ("judge=longest&item=y&outcome=wrong", 1),
        ("judge=longest&outcome=wrong", 1),
    ] {
        assert_eq!(view.count(query), expected, "{query}");
    }
    let option = regex::Regex::new("<option value=\"([0-9a-f]{8})\">shortest").unwrap();
    let page = view.page("/");
    let against = &option.captures(&page).unwrap()[1];
    assert_eq!(view.count(&format!("judge=longest&against={against}")), 1, "they pick different answers");
}

#[test]
fn the_same_in_the_same_slots_is_held_against_each_other() {
    let folder = Folder::new();
    for seed in [0, 7] {
        folder.succeed(&format!("run --task pairwise --judge first --seed {seed} --orders both --out seed{seed}"));
    }
    let of = |run: &str| {
        let lines = folder.lines(&format!("{run}/judgments.jsonl"));
        let one =
            |line: &Value| ((line["hash"].to_string(), line["items"][0]["shown"].to_string()), line["order"].clone());
        lines.iter().map(one).collect::<BTreeMap<_, _>>()
    };
    let (one, other) = (of("seed0"), of("seed7"));
    let turned = one.iter().filter(|(key, order)| other.get(*key).is_some_and(|other| other != *order)).count();
    assert!(turned > 20, "{turned} orders of one seed are the other order of the other");
    // One who always picks the first slot contradicts nobody who was shown the same.
    let view = View::start(&folder, "seed0 seed7");
    assert_eq!(view.count("odd=cells"), 0);
    assert_eq!(view.count("odd=orders"), view.count(""));
}
