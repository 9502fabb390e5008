//! Keeps the arrows of the layout: which room may use which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// Every room and the rooms it may use. The words that all share (`ask`, `digest`, `mistake`) may be used by every room but `mock`, which knows
/// the wire format alone.
const ARROWS: &[(&str, &[&str])] = &[
    ("across", &["bench", "score", "stats"]),
    ("attack", &["bench"]),
    ("bench", &["file"]),
    ("cases", &["across", "bench", "score", "strategy", "verdict"]),
    (
        "cli",
        &[
            "across", "attack", "bench", "cases", "clock", "config", "import", "judge", "mock", "money", "pace",
            "plan", "report", "run", "score", "stats", "store", "strategy", "verdict", "view",
        ],
    ),
    ("config", &["attack", "bench", "judge", "mock", "money", "plan", "score", "strategy"]),
    ("file", &[]),
    ("import", &[]),
    ("judge", &["clock", "file", "money", "verdict"]),
    ("mock", &[]),
    ("money", &["file"]),
    ("pace", &["clock", "money"]),
    ("plan", &["bench"]),
    (
        "report",
        &[
            "across", "attack", "bench", "cases", "clock", "judge", "money", "plan", "run", "score", "strategy",
            "verdict",
        ],
    ),
    ("run", &["bench", "clock", "judge", "money", "pace", "plan", "stats", "store", "strategy", "verdict"]),
    ("score", &["bench", "plan", "stats", "verdict"]),
    ("stats", &[]),
    ("store", &["clock", "money"]),
    ("strategy", &["verdict"]),
    ("verdict", &[]),
    ("view", &["across", "bench", "cases", "report", "score"]),
];
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
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(room, uses)| (*room, uses.iter().copied().collect())).collect();
    let used = Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let mut wrong = Vec::new();
    for (room, file, code) in sources() {
        let Some(allowed) = allowed.get(room.as_str()) else {
            assert!(
                ["main", "lib", "clock"].contains(&room.as_str()) || SHARED_WORDS.contains(&room.as_str()),
                "{file}: a room that this test does not know"
            );
            continue;
        };
        assert!(!code.contains("use crate::{"), "{file}: name each room in a `use` line of its own");
        for (_, [other]) in used.captures_iter(&code).map(|captures| captures.extract()) {
            let word = SHARED_WORDS.contains(&other) && room != "mock";
            if other != room && !word && !allowed.contains(other) {
                wrong.push(format!("{file} uses {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_two_rooms_use_each_other() {
    for (room, uses) in ARROWS {
        for other in *uses {
            let back = ARROWS.iter().find(|(name, _)| name == other).is_some_and(|(_, uses)| uses.contains(room));
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
