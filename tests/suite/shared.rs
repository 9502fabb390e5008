//! Several processes at once on one store: nothing is asked twice, and who dies is replaced.

use std::process::{Child, Stdio};

use crate::kills::{benchmark, pause, stored};
use crate::support::{Folder, MockProcess};

const ITEMS: usize = 1_500;
const CONCURRENCY: usize = 8;

fn start(folder: &Folder, mock: &MockProcess, out: &str) -> Child {
    let judge = format!("m@{}", mock.base_url);
    let concurrency = CONCURRENCY.to_string();
    let arguments = ["run", "--bench", "b=bench.jsonl", "--judge", &judge, "--concurrency", &concurrency, "--out", out];
    folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn end_well(mut child: Child) {
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn lock_files(folder: &Folder) -> usize {
    let names = std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().contains("-owner-")).count()
}

#[test]
fn four_processes_on_one_store_ask_each_thing_once() {
    let folder = Folder::new();
    folder.write("bench.jsonl", &benchmark(ITEMS));
    let mock = MockProcess::start(&folder, &["--parameters", "latency_ms=4"]);
    // Two of them write into one folder.
    let runs = ["a", "b", "c", "c"].map(|out| start(&folder, &mock, out));
    runs.into_iter().for_each(end_well);
    assert_eq!(mock.requests(), ITEMS);
    for out in ["b", "c"] {
        for file in ["report.json", "judgments.jsonl"] {
            assert!(folder.read(&format!("a/{file}")) == folder.read(&format!("{out}/{file}")), "{out}/{file} differs");
        }
    }
    assert_eq!(lock_files(&folder), 0);
}

#[test]
fn when_one_of_four_is_killed_the_others_finish_its_share() {
    let folder = Folder::new();
    folder.write("bench.jsonl", &benchmark(ITEMS));
    let mock = MockProcess::start(&folder, &["--parameters", "latency_ms=4"]);
    let mut killed = start(&folder, &mock, "killed");
    let others = ["a", "b", "c"].map(|out| start(&folder, &mock, out));
    while stored(&folder) < ITEMS / 3 {
        pause();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    others.into_iter().for_each(end_well);
    let repeated = mock.requests() - ITEMS;
    assert!(repeated <= CONCURRENCY + tribunal::store::GROUP, "{repeated} asks were repeated");
    assert_eq!(folder.read("a/report.json"), folder.read("c/report.json"));
    end_well(start(&folder, &MockProcess::start(&folder, &[]), "after"));
    assert_eq!(lock_files(&folder), 0, "what a killed process leaves is cleared away by the next");
}
