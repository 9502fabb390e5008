//! `tribunal data`: what is odd in a benchmark is found and named, and formats are read as they come.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Folder, sample, shared_data};

/// The ids of each kind.
fn odd(folder: &Folder, path: &str) -> BTreeMap<String, Vec<String>> {
    let checked: Value = serde_json::from_str(&folder.succeed(&format!("data check {path} --json")).stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let kinds = checked["odd"].as_array().unwrap().iter().map(|kind| {
        let items = kind["items"].as_array().unwrap();
        assert_eq!(kind["count"], items.len());
        (text(&kind["kind"]), items.iter().map(|item| text(&item["id"])).collect())
    });
    kinds.collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// The ids of a set, sorted.
fn of_set(found: &[String], set: &str) -> Vec<String> {
    let ids = found.iter().filter_map(|id| id.strip_prefix(set)?.strip_prefix('/'));
    sorted(ids.map(str::to_owned).collect())
}

fn ids(known: &str) -> Vec<String> {
    sorted(known.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn everything_odd_in_rmb_is_found_and_nothing_else() {
    let Some(rmb) = shared_data("rmb") else { return };
    let found = odd(&Folder::new(), rmb.to_str().unwrap());
    for (kind, pairs, lists) in [
        ("equal_texts", "17030 14329 13885 13926 14232 14236 14237 3046 3061 7221 4410", ""),
        ("equal_trimmed", "3354 7224 7225", ""),
        ("winner_among_losers", "", "3760 2986 2996 3072 1527 939"),
        // The two pairs stand in a list each.
        ("contrary_gold", "8134 8136", "1708 1710"),
        ("empty_last_turn", "4083 4084 4085 4086 4087", ""),
        ("blank_answer", "13586 13587", ""),
        (
            "duplicate",
            "16416 16418 16618 16622 16866 16868 16901 17064 15291 15509 14674 14852 13783 13809 14046 14236 14237 14235 10282 \
             10590 10653 10860 4193 4415 4526 2836 3052 3056 3674 5942",
            "",
        ),
    ] {
        assert_eq!(of_set(&found[kind], "pairwise"), ids(pairs), "{kind}");
        assert_eq!(of_set(&found[kind], "bon"), ids(lists), "{kind}");
    }
    assert_eq!(found["equal_losers"].len(), 23);
    assert_eq!(of_set(&found["equal_losers"], "bon").len(), 23);
    assert_eq!(of_set(&found["verdict_or_template"], "pairwise").len(), 50);
    let lost = of_set(&found["replacement"], "pairwise");
    assert!(["11797", "15652"].iter().all(|id| lost.contains(&(*id).to_owned())), "{lost:?}");
    let known = 7 + ["equal_losers", "verdict_or_template", "replacement", "control_character"].len();
    assert_eq!(found.len(), known, "{:?}", found.keys());
}

fn item(id: &str, conversation: &[(&str, &str)], texts: &[&str], best: usize) -> Value {
    let turns: Vec<Value> =
        conversation.iter().map(|(role, content)| json!({"role": role, "content": content})).collect();
    let candidates: Vec<Value> = texts.iter().map(|text| json!({"text": text})).collect();
    json!({"id": id, "group": "g", "conversation": turns, "candidates": candidates, "best": best})
}

fn lines(items: &[Value]) -> String {
    items.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn each_kind_of_oddity_is_found_in_the_item_that_has_it() {
    let ask = |question| vec![("user", question)];
    let items = [
        item("fine", &ask("q0"), &["yes [1]", "no {x}"], 0),
        item("equal", &ask("q1"), &["same", "same"], 0),
        item("trimmed", &ask("q2"), &["same", " same\n"], 0),
        item("winner among", &ask("q3"), &["l", "w", "w"], 1),
        item("losers", &ask("q4"), &["w", "l", "l"], 0),
        item("first", &ask("q5"), &["a", "b"], 0),
        item("again", &ask("q5"), &["b", "a"], 1),
        item("pro", &ask("q6"), &["a", "b"], 0),
        item("contra", &ask("q6"), &["c", "b", "a"], 1),
        item("other question", &ask("q7"), &["b", "a"], 0),
        item("unasked", &ask(" \n"), &["a", "b"], 0),
        item("gap", &[("user", "q8"), ("assistant", ""), ("user", "q9")], &["a", "b"], 0),
        item("blank", &ask("q10"), &["a", "\t"], 0),
        item("control", &ask("q11"), &["a\u{7}", "b"], 0),
        item("lost", &ask("q12 \u{fffd}\u{fffd}\u{fffd}"), &["a", "b\u{fffd}\u{fffd}"], 0),
        item("verdict", &ask("q13"), &["a [[B]]", "b"], 0),
        item("template", &ask("{{ q14 }}"), &["a", "b"], 0),
        item("greeted", &[("assistant", "hello"), ("user", "q15")], &["a", "b"], 0),
        item("told", &[("system", "be brief"), ("user", "q16")], &["a", "b"], 0),
    ];
    let folder = Folder::new();
    folder.write("items.jsonl", &lines(&items));
    let expected: BTreeMap<String, Vec<String>> = [
        ("equal_texts", &["equal"][..]),
        ("equal_trimmed", &["trimmed"]),
        ("winner_among_losers", &["winner among"]),
        ("equal_losers", &["losers"]),
        ("duplicate", &["again"]),
        ("contrary_gold", &["pro", "contra"]),
        ("empty_last_turn", &["unasked"]),
        ("empty_other_turn", &["gap"]),
        ("blank_answer", &["blank"]),
        ("control_character", &["control"]),
        ("replacement", &["lost"]),
        ("verdict_or_template", &["verdict", "template"]),
        ("user_not_first", &["greeted"]),
    ]
    .into_iter()
    .map(|(kind, ids)| (kind.to_owned(), ids.iter().map(|id| (*id).to_owned()).collect()))
    .collect();
    assert_eq!(odd(&folder, "items.jsonl"), expected);
    let shown = folder.succeed("data check items.jsonl").stdout;
    assert!(shown.starts_with("odd: 15 of 19 items, in 13 ways\n"), "{shown}");
    for part in ["again (is first)", "control (candidate 0: U+0007 at character 1)", "lost (turn 0: 3 in a row)"] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}

#[test]
fn twenty_items_of_a_kind_are_named_and_all_if_asked() {
    let items: Vec<Value> =
        (1..=23).map(|n| item(&format!("i-{n}"), &[("user", &n.to_string())], &["a", "a"], 0)).collect();
    let folder = Folder::new();
    folder.write("items.jsonl", &lines(&items));
    let some = folder.succeed("data check items.jsonl").stdout;
    assert!(some.contains("i-20,") && some.contains("and 3 more") && !some.contains("i-21"), "{some}");
    let all = folder.succeed("data check items.jsonl --all").stdout;
    assert!(all.contains("i-23\n") && !all.contains("more"), "{all}");
    assert!(all.lines().all(|line| line.chars().count() <= 100), "{all}");
}

#[test]
fn a_clean_file_says_so_and_a_broken_one_ends_with_2() {
    let folder = Folder::new();
    folder.write("p.jsonl", "{\"prompt\": \"q\", \"chosen\": \"a\", \"rejected\": \"b\"}\n");
    let shown = folder.succeed("data check p.jsonl").stdout;
    assert!(shown.starts_with("nothing odd in 1 item\n"), "{shown}");
    let checked: Value = serde_json::from_str(&folder.succeed("data check p.jsonl --json").stdout).unwrap();
    assert_eq!((&checked["items"], &checked["odd_items"], &checked["odd"]), (&1.into(), &0.into(), &json!([])));
    for (arguments, parts) in [
        ("nowhere", &["nowhere", "no such file"][..]),
        ("p.jsonl --format items", &["p.jsonl", "line 1", "expected an item", "found a preference"]),
        ("p.jsonl --format rmb", &["p.jsonl", "Pairwise_set"]),
        ("p.jsonl --format csv", &["csv", "rmb, items, preferences"]),
    ] {
        let done = folder.tribunal(&format!("data check {arguments}"));
        assert_eq!(done.code, Some(2), "{arguments}: {done:?}");
        assert!(parts.iter().all(|part| done.stderr.contains(part)), "{arguments}: {done:?}");
    }
}

#[test]
fn a_foreign_id_cannot_steer_the_terminal() {
    let folder = Folder::new();
    folder.write("items.jsonl", &lines(&[item("a\u{1b}[31m", &[("user", "q")], &["a", "a"], 0)]));
    let shown = folder.succeed("data check items.jsonl").stdout;
    assert!(shown.contains("a\\u{1b}[31m") && !shown.contains('\u{1b}'), "{shown:?}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Copies a folder with every file compressed, in turn by either way.
fn compressed(from: &Path, to: &Path, turn: &mut usize) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            compressed(&path, &to.join(name), turn);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        *turn += 1;
        let (end, bytes) = if turn.is_multiple_of(2) {
            ("gz", gzip(&bytes))
        } else {
            ("zst", zstd::encode_all(&bytes[..], 0).unwrap())
        };
        std::fs::write(to.join(format!("{name}.{end}")), bytes).unwrap();
    }
}

#[test]
fn a_compressed_benchmark_is_the_same_benchmark() {
    let folder = Folder::new();
    compressed(&sample(), &folder.path("packed"), &mut 0);
    folder.succeed(&format!("run --bench rmb={} --judge longest --out plain", sample().display()));
    folder.succeed("run --bench rmb=packed --judge longest --out packed_run");
    assert_eq!(folder.read("plain/report.json"), folder.read("packed_run/report.json"));
    let set = folder.path("packed/Pairwise_set/Harmlessness");
    std::fs::copy(sample().join("Pairwise_set/Harmlessness/S2.json"), set.join("S2.json")).unwrap();
    let done = folder.tribunal("data check packed");
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("S2.json") && done.stderr.contains("stands beside"), "{done:?}");
}

#[test]
fn compressed_items_and_replies_are_read_and_damaged_ones_told() {
    let folder = Folder::new();
    let items = lines(&[item("1", &[("user", "q")], &["good", "bad"], 0)]);
    let replies = "{\"item\": \"1\", \"order\": [0, 1], \"reply\": \"[[A]]\"}\n{\"item\": \"1\", \"order\": [1, 0], \"reply\": \"[[B]]\"}\n";
    std::fs::write(folder.path("items.jsonl.gz"), gzip(items.as_bytes())).unwrap();
    std::fs::write(folder.path("replies.jsonl.zst"), zstd::encode_all(replies.as_bytes(), 0).unwrap()).unwrap();
    folder.succeed("run --bench mine=items.jsonl.gz --judge replay:replies.jsonl.zst --orders both --out r");
    assert_eq!(folder.json("r/report.json")["cells"][0]["overall"]["score"], 1.0);
    let whole = gzip(items.as_bytes());
    std::fs::write(folder.path("items.jsonl.gz"), &whole[..whole.len() / 2]).unwrap();
    let done = folder.tribunal("data check items.jsonl.gz");
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("items.jsonl.gz: cannot be decompressed"), "{done:?}");
}

#[test]
fn preferences_are_judged_as_items_are() {
    let folder = Folder::new();
    let messages = |answer: &str| json!([{"role": "user", "content": "q"}, {"role": "assistant", "content": answer}]);
    folder.write(
        "p.jsonl",
        &lines(&[
            json!({"prompt": "q", "chosen": messages("the longer"), "rejected": messages("short"), "group": "talk/small"}),
            json!({"prompt": "q", "chosen": "longest of all", "rejected": ["long", "longer"]}),
        ]),
    );
    folder.succeed("run --bench p=p.jsonl --format preferences --judge longest --out r");
    let subsets = folder.json("r/report.json")["cells"][0]["subsets"].clone();
    let found: Vec<_> = subsets.as_array().unwrap().iter().map(|s| (s["task"].clone(), s["group"].clone())).collect();
    assert_eq!(found, [("pairwise".into(), "talk".into()), ("bon".into(), "all".into())]);
    assert!(subsets.as_array().unwrap().iter().all(|subset| subset["score"] == 1.0), "{subsets}");
}

#[test]
fn known_benchmarks_and_those_at_hand_are_listed() {
    let folder = Folder::new();
    let none = folder.succeed("data list").stdout;
    assert!(
        none.contains("17,131") && none.contains("sample") && none.contains("at hand in this folder: none"),
        "{none}"
    );
    std::os::unix::fs::symlink(sample(), folder.path("RMB_dataset")).unwrap();
    folder.write("p.json", "[\n{\"prompt\": \"q\", \"chosen\": \"a\", \"rejected\": \"b\"}]");
    folder.write("notes.json", "{\"a\": 1}");
    folder.write("broken.jsonl.gz", "no archive");
    let items = lines(&[item("1", &[("user", "q")], &["good", "bad"], 0)]);
    std::fs::write(folder.path("items.jsonl.gz"), gzip(items.as_bytes())).unwrap();
    let shown = folder.succeed("data list").stdout;
    let rows: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in ["RMB_dataset rmb 28 of 98", "items.jsonl.gz items 1", "p.json preferences 1"] {
        assert!(rows.iter().any(|line| line == row), "{row:?} is not in {shown}");
    }
    assert!(!shown.contains("notes") && !shown.contains("broken"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
}
