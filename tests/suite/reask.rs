//! Replies without a verdict are asked for again where the strategy says so: each try once, whoever else asks the same.

use serde_json::Value;

use crate::support::{Folder, shared_data, tell};

/// A folder with a strategy that asks at most twice again, and the same without.
fn folder() -> Folder {
    let folder = Folder::new();
    for (name, reask) in [("again", "reask = 2\n"), ("plain", "")] {
        let text = format!("name = \"{name}\"\nextends = \"pairwise-direct\"\n[verdict]\n{reask}");
        folder.write(&format!("{name}.toml"), &text);
    }
    folder
}

const JUDGE: &str = "--judge mock:accuracy=.8,unparsed=.3 --no-canary";

fn unparsed(cell: &Value) -> u64 {
    cell["unparsed"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
}

#[test]
fn a_reply_without_a_verdict_is_asked_for_again() {
    let folder = folder();
    folder.succeed(&format!("run {JUDGE} --strategy again.toml --out again"));
    let cell = &folder.json("again/report.json")["cells"][0];
    let (asks, reasked) = (cell["usage"]["asks"].as_u64().unwrap(), cell["reasked"].as_u64().unwrap());
    let sent = &folder.lines("again/invocations.jsonl")[0];
    assert_eq!(sent["attempts"].as_u64().unwrap(), asks + reasked, "each try is one request");
    assert_eq!((&sent["planned"], &sent["given_up"]), (&sent["answered"], &Value::from(0)));
    assert!(unparsed(cell) < asks / 10 && reasked > asks / 5, "{cell}");
    let again = folder.succeed(&format!("run {JUDGE} --strategy again.toml --out again"));
    assert!(again.stderr.contains("in 0 requests"), "{again:?}");
    // The first tries are those of the strategy without.
    let plain = folder.succeed(&format!("run {JUDGE} --strategy plain.toml --out plain"));
    assert!(plain.stderr.contains("in 0 requests"), "{plain:?}");
    let plain = &folder.json("plain/report.json")["cells"][0];
    assert!(plain["reasked"].is_null() && unparsed(plain) > asks / 5);
}

#[test]
fn strategies_that_share_their_prompts_share_every_try() {
    let together = folder();
    let alone = folder();
    for name in ["again", "plain"] {
        alone.succeed(&format!("run {JUDGE} --strategy {name}.toml --store {name}.db --out {name}"));
    }
    for (at, order) in [["again", "plain"], ["plain", "again"]].into_iter().enumerate() {
        let [one, other] = order;
        let done = together
            .succeed(&format!("run {JUDGE} --strategy {one}.toml --strategy {other}.toml --store {at}.db --out {at}"));
        let report = together.json(&format!("{at}/report.json"));
        for (cell, name) in report["cells"].as_array().unwrap().iter().zip(order) {
            let expected = &alone.json(&format!("{name}/report.json"))["cells"][0];
            assert_eq!(cell, expected, "{name}, {at}: {done:?}");
        }
        let sent = &together.lines(&format!("{at}/invocations.jsonl"))[0];
        let only = &alone.lines("again/invocations.jsonl")[0];
        assert_eq!(
            (&sent["attempts"], &sent["given_up"]),
            (&only["attempts"], &Value::from(0)),
            "nothing is asked twice"
        );
    }
}

#[test]
fn a_kill_loses_no_try() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = folder();
    let run = format!("run --bench rmb={} --limit 800 --task pairwise {JUDGE} --strategy again.toml", rmb.display());
    folder.succeed(&format!("{run} --store calm.db --out calm"));
    let arguments: Vec<&str> = run.split_whitespace().chain(["--store", "killed.db", "--out", "killed"]).collect();
    let mut kills = 0;
    for _ in 0..5 {
        let mut child = folder
            .command(&arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Until some of it is stored.
        let store = folder.path("killed.db-wal");
        let before = std::fs::metadata(&store).map_or(0, |file| file.len());
        while child.try_wait().unwrap().is_none()
            && std::fs::metadata(&store).map_or(0, |file| file.len()) <= before + 60_000
        {
            std::thread::yield_now();
        }
        kills += usize::from(child.kill().is_ok() && child.wait().unwrap().code().is_none());
    }
    folder.succeed(&format!("{run} --store killed.db --out killed"));
    tell(&format!("{kills} kills"));
    for file in ["report.json", "judgments.jsonl", "items.jsonl"] {
        assert!(folder.read(&format!("calm/{file}")) == folder.read(&format!("killed/{file}")), "{file} differs");
    }
}
