//! The gold decides nothing about what a judge is shown.

use std::collections::HashMap;

use serde_json::Value;

use crate::support::{Canned, Folder, sample};

/// Copies the sample with the gold of every entry exchanged for its first loser.
fn inverted(folder: &Folder) {
    for set in ["Pairwise_set", "BoN_set"] {
        let mut folders = vec![sample().join(set)];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let mut entries: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
                entries.as_array_mut().unwrap().iter_mut().for_each(invert);
                let name = path.strip_prefix(sample()).unwrap().display().to_string();
                folder.write(&format!("inverted/{name}"), &entries.to_string());
            }
        }
    }
}

fn invert(entry: &mut Value) {
    if entry.get("chosen").is_some() {
        let chosen = entry["chosen"].take();
        entry["chosen"] = std::mem::replace(&mut entry["reject"], chosen);
    } else {
        let best = entry["bon_best"].take();
        entry["bon_best"] = std::mem::replace(&mut entry["loser_list"][0], best);
    }
}

/// Everything that a judge is sent, and the run's judgments.
fn sent(folder: &Folder, bench: &str, more: &str) -> (Vec<String>, Vec<Value>) {
    let server = Canned::judge();
    let (name, url) = (format!("{}-{}", bench.len(), more.len()), &server.base_url);
    folder.succeed(&format!("run --bench s={bench} --judge m@{url} --store {name}.db --out {name} {more}"));
    (server.bodies(), folder.lines(&format!("{name}/judgments.jsonl")))
}

#[test]
fn pairs_with_their_golds_inverted_are_asked_in_the_same_words() {
    let folder = Folder::new();
    inverted(&folder);
    let (before, _) = sent(&folder, &sample().display().to_string(), "--task pairwise");
    let (after, _) = sent(&folder, "inverted", "--task pairwise");
    assert_eq!(before.len(), 111);
    assert_eq!(before, after);
    let (reseeded, _) = sent(&folder, "inverted", "--task pairwise --seed 1");
    assert_ne!(before, reseeded);
}

#[test]
fn a_comparison_of_a_list_is_asked_by_its_texts_and_the_seed_alone() {
    let folder = Folder::new();
    inverted(&folder);
    let (_, before) = sent(&folder, &sample().display().to_string(), "--task bon");
    let (_, after) = sent(&folder, "inverted", "--task bon");
    let (_, pairs) = sent(&folder, &sample().display().to_string(), "--task pairwise");
    let keys = |lines: &[Value]| -> HashMap<String, String> {
        let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
        lines.iter().map(|line| (text(line, "hash"), text(line, "key"))).collect()
    };
    let (before, after, pairs) = (keys(&before), keys(&after), keys(&pairs));
    let shared = |other: &HashMap<String, String>| before.iter().filter(|(hash, _)| other.contains_key(*hash)).count();
    // Of each list, one comparison is left when the winner and its first loser change places.
    assert_eq!((shared(&after), shared(&pairs)), (42, 111));
    for (hash, key) in &before {
        assert!([&after, &pairs].iter().all(|other| other.get(hash).is_none_or(|known| known == key)), "{hash}");
    }
}
