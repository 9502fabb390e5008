//! Broken files, and what the person who wrote them is told. Files whose name begins with `allowed` must be read.

use std::path::{Path, PathBuf};

use tribunal::bench::{self, Bench, BenchError};
use tribunal::strategy::Strategy;

/// What stands in a folder below `bad`, sorted. The paths are relative to the package, as a person's are to where they work.
fn entries(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("tests/golden/bad").join(folder);
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn told(path: &Path, read: Result<String, String>) -> String {
    assert_eq!(read.is_ok(), name(path).starts_with("allowed"), "{}: {read:?}", path.display());
    read.unwrap_or_else(|error| error)
}

fn benchmark(path: &Path) -> Result<String, String> {
    let read: Result<Bench, BenchError> = bench::open(path, "bad", None);
    let items = |bench: Bench| {
        let lines = bench.items.iter().map(|item| {
            let turns = bench.conversation(item.conversation).iter();
            let contents: Vec<_> = turns.map(|turn| bench.texts.get(turn.content).as_ref()).collect();
            let texts: Vec<_> = item.candidates.iter().map(|answer| bench.texts.get(answer.text).as_ref()).collect();
            let (id, task, group) = (&item.id, item.task, bench.group(item.group));
            format!("{id} ({task}, {group}): {contents:?} {texts:?} best {:?}", item.best)
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    read.map(items).map_err(|error| error.to_string())
}

#[test]
fn broken_files_of_rmb_are_told_by_file_entry_and_field() {
    for folder in entries("rmb") {
        insta::assert_snapshot!(format!("rmb {}", name(&folder)), told(&folder, benchmark(&folder)));
    }
}

#[test]
fn broken_files_of_items_are_told_by_file_line_and_field() {
    for file in entries("items") {
        insta::assert_snapshot!(format!("items {}", name(&file)), told(&file, benchmark(&file)));
    }
}

#[test]
fn broken_files_of_preferences_are_told_by_file_line_and_field() {
    for file in entries("preferences") {
        insta::assert_snapshot!(format!("preferences {}", name(&file)), told(&file, benchmark(&file)));
    }
}

#[test]
fn broken_strategies_are_told_by_file_line_and_key() {
    for file in entries("strategies") {
        let source = std::fs::read_to_string(&file).unwrap();
        let loaded = Strategy::load(&source, &file.display().to_string());
        let read = loaded.map(|strategy| format!("loaded as {}", strategy.name)).map_err(|error| error.to_string());
        insta::assert_snapshot!(format!("strategy {}", name(&file)), told(&file, read));
    }
}
