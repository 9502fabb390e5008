//! Keeps the arrows of the layout: which room may use which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// Every room and the rooms it may use, as ARCHITECTURE.md has them; `cli` may use all. The words that all share may be used by every room but
/// `mock`, which knows the wire format alone.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let table = text.split("| room |").nth(1).unwrap().split("\n\n").next().unwrap();
    let row = Regex::new(r"(?m)^\| `([a-z_]+)` \|.*\| ?([a-z_, ]*?) ?\|$").unwrap();
    row.captures_iter(table)
        .map(|found| {
            (found[1].to_owned(), found[2].split(", ").filter(|room| !room.is_empty()).map(str::to_owned).collect())
        })
        .collect()
}
const SHARED_WORDS: [&str; 3] = ["ask", "digest", "mistake"];

/// Crates and modules that only one room may name.
const KEEPERS: &[(&str, &[&str])] = &[
    ("async_openai", &["judge"]),
    ("reqwest", &["judge"]),
    ("governor", &["pace"]),
    ("rusqlite", &["store"]),
    ("axum", &["mock", "view"]),
    ("minijinja", &["report", "strategy", "view"]),
    ("pulldown_cmark", &["view"]),
    ("arrow_array", &["report"]),
    ("arrow_json", &["report"]),
    ("arrow_schema", &["report"]),
    ("parquet", &["report"]),
    ("plotters", &["report"]),
    ("comfy_table", &["report"]),
    ("clap", &["cli"]),
    ("flate2", &["file"]),
    ("zstd", &["file"]),
    ("std::fs", &["bench", "cases", "cli", "config", "file", "report", "store"]),
    ("tokio", &["cli", "clock", "mock", "run", "store", "view"]),
];

fn sources() -> Vec<(String, String, String)> {
    fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.file_name().is_some_and(|name| name == "tests") {
                true => {}
                false if path.is_dir() => walk(&path, files),
                // Pages and the like say what they are for in their own way.
                false
                    if path
                        .extension()
                        .is_some_and(|extension| ["html", "css", "js"].iter().any(|page| extension == *page)) => {}
                false => files.push(path),
            }
        }
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&source, &mut files);
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        let room = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        // Tests may reach further than what they test.
        let whole = std::fs::read_to_string(&path).unwrap();
        let code = whole.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        (room, name, code)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn arrows_run_one_way() {
    let arrows = arrows();
    assert!(arrows.len() > 20, "the table is read: {arrows:?}");
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let name = Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let sources = sources();
    for (room, file, code) in &sources {
        if ["main", "lib"].contains(&room.as_str()) {
            continue;
        }
        assert!(arrows.contains_key(room), "{file}: a room that ARCHITECTURE.md does not know");
        assert!(!code.contains("use crate::{"), "{file}: name each room in a `use` line of its own");
        let others = name.captures_iter(code).map(|found| found[1].to_owned());
        let is_other = |other: &String| other != room && (room == "mock" || !SHARED_WORDS.contains(&other.as_str()));
        used.entry(room).or_default().extend(others.filter(is_other));
    }
    for (room, others) in used {
        if arrows[room] != ["all".to_owned()].into() {
            assert_eq!(others, arrows[room], "what {room} uses, and what ARCHITECTURE.md says of it");
        }
    }
}

#[test]
fn no_two_rooms_use_each_other() {
    let arrows = arrows();
    for (room, others) in &arrows {
        for other in others {
            let back = arrows.get(other).is_some_and(|uses| uses.contains(room));
            assert!(!back, "{room} and {other} use each other");
        }
    }
}

#[test]
fn each_dependency_has_its_keeper() {
    let mut wrong = Vec::new();
    for (room, file, code) in sources() {
        for (what, keepers) in KEEPERS {
            let names = Regex::new(&format!(r"\b{what}::")).unwrap();
            let told_by_build = what == &"std::fs" && room == "strategy";
            if names.is_match(&code) && !keepers.contains(&room.as_str()) && !told_by_build {
                wrong.push(format!("{file} names {what}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (_, file, _) in sources() {
        let text = std::fs::read_to_string(root.join(&file)).unwrap();
        assert!(text.starts_with("//!"), "{file} does not begin with its purpose");
        assert!(text.lines().count() <= 500, "{file} is longer than 500 lines: is it one concept?");
    }
}
