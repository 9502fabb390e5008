//! Commands and the mistakes that people make in them.

use std::process::{Command, Stdio};

use crate::support::{Done, Folder, MockProcess};

#[track_caller]
fn refused(done: &Done, parts: &[&str]) {
    assert_eq!(done.code, Some(2), "{done:?}");
    for part in parts {
        assert!(done.stderr.contains(part), "{part:?} is not in {:?}", done.stderr);
    }
}

#[test]
fn a_name_that_is_not_known_gets_the_nearest_one() {
    let folder = Folder::new();
    refused(&folder.tribunal("run --judge longst"), &["longst", "did you mean `longest`"]);
    refused(
        &folder.tribunal("run --strategy pairwise-explian"),
        &["pairwise-explian", "did you mean `pairwise-explain`"],
    );
    refused(&folder.tribunal("prompts show pairwise-drect"), &["did you mean `pairwise-direct`"]);
    refused(&folder.tribunal("run --judge mock:acuracy=.8"), &["acuracy", "accuracy"]);
    refused(&folder.tribunal("rum"), &["rum", "run"]);
    refused(&folder.tribunal("run --oders both"), &["--orders"]);
    refused(&folder.tribunal("run --orders bth"), &["bth", "both"]);
}

#[test]
fn a_configuration_with_a_typo_gets_its_line() {
    let folder = Folder::new();
    folder.write("c.toml", "[run]\nsead = 1\n");
    refused(&folder.tribunal("run c.toml"), &["c.toml", "line 2", "sead = 1", "^^^^", "seed"]);
    folder.write("c.toml", "[run]\nseed = \"one\"\n");
    refused(&folder.tribunal("run c.toml"), &["line 2", "expected"]);
    folder.write("c.toml", "[run\nseed = 1\n");
    refused(&folder.tribunal("run c.toml"), &["line 1"]);
    folder.write("c.toml", "[[judge]]\nname = \"j\"\nmodel = \"m\"\n");
    refused(&folder.tribunal("run c.toml"), &["`j`", "base_url"]);
    refused(&folder.tribunal("run nowhere.toml"), &["nowhere.toml"]);
}

#[test]
fn a_path_that_is_wrong_is_named() {
    let folder = Folder::new();
    refused(&folder.tribunal("run --bench rmb=nowhere --judge longest"), &["nowhere"]);
    folder.write("empty/readme.txt", "nothing");
    refused(&folder.tribunal("run --bench rmb=empty --judge longest"), &["empty", "Pairwise_set"]);
    refused(&folder.tribunal("run --judge replay:nowhere.jsonl"), &["nowhere.jsonl"]);
    refused(&folder.tribunal("report nowhere"), &["nowhere"]);
}

#[test]
fn values_that_no_flag_takes_are_told_and_yes_always_passes() {
    let folder = Folder::new();
    refused(&folder.tribunal("run --budget much"), &["--budget"]);
    refused(&folder.tribunal("report x --format pdf"), &["--format"]);
    folder.succeed("run --yes");
}

#[test]
fn a_folder_of_another_configuration_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    folder.succeed("run --judge longest --out run");
    let before = folder.read("run/report.json");
    refused(&folder.tribunal("run --judge longest --out run --seed 7"), &["run", "seed", "--out"]);
    refused(&folder.tribunal("run --judge shortest --out run"), &["run", "longest", "shortest"]);
    assert_eq!(folder.read("run/report.json"), before);
    // How it is fetched is no other configuration.
    folder.succeed("run --judge longest --out run --concurrency 3 --store other.db");
    folder.write("other/mine.txt", "mine");
    refused(&folder.tribunal("run --judge longest --out other"), &["other", "--out"]);
}

#[test]
fn a_run_again_sends_nothing_and_writes_the_same_bytes() {
    let folder = Folder::new();
    let files = ["run/report.json", "run/judgments.jsonl", "run/run.toml"];
    folder.succeed("run --out run --orders both --samples 2");
    let first = files.map(|file| folder.read(file));
    folder.succeed("run --out run --orders both --samples 2");
    assert_eq!(files.map(|file| folder.read(file)), first);
    let invocations = folder.lines("run/invocations.jsonl");
    let sent: Vec<_> = invocations.iter().map(|line| line["attempts"].as_u64().unwrap()).collect();
    assert_eq!(sent, [444, 0]);
    let elsewhere = Folder::new();
    elsewhere.succeed("run --out other-name --orders both --samples 2 --concurrency 1");
    assert_eq!(elsewhere.read("other-name/report.json"), first[0]);
    assert_eq!(elsewhere.read("other-name/judgments.jsonl"), first[1]);
}

#[test]
fn offline_scores_what_is_there_and_says_what_is_not() {
    let folder = Folder::new();
    folder.succeed("run --task bon --out bon");
    let done = folder.tribunal("run --orders both --offline --out both");
    assert_eq!(done.code, Some(3), "{done:?}");
    let report = folder.json("both/report.json");
    assert_eq!(report["complete"], false);
    let cell = &report["cells"][0];
    assert_eq!((&cell["usage"]["asks"], &cell["usage"]["answered"]), (&222.into(), &111.into()));
    assert_eq!(cell["subsets"][0]["scored"], 0, "one order of two is no score");
}

#[test]
fn a_run_that_is_interrupted_keeps_what_it_had() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--parameters", "latency_ms=20"]);
    let judge = format!("m@{}", mock.base_url);
    let mut child = folder
        .command(&["run", "--judge", &judge, "--concurrency", "2", "--out", "run"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !folder.path("tribunal.db-wal").metadata().is_ok_and(|file| file.len() > 100_000) {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let had = folder.json("run/report.json")["cells"][0]["usage"]["answered"].as_u64().unwrap();
    assert!((1..111).contains(&had), "{had}");
    folder.succeed(&format!("run --judge {judge} --out run"));
    assert_eq!(mock.requests(), 111, "nothing was asked twice");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = Folder::new();
    let mut command = folder.command(&["run", "--judge", "longest"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Gone before the first line.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!String::from_utf8(output.stderr).unwrap().contains("error"));
}

#[test]
fn help_and_the_list_of_strategies_tell_what_there_is() {
    let folder = Folder::new();
    for (command, parts) in [
        ("--help", &["run", "report", "mock", "prompts", "130"][..]),
        ("run --help", &["tribunal run --bench", "--orders", "TRIBUNAL_API_KEY"]),
        ("prompts list", &["pairwise-direct", "pairwise-explain"]),
        ("prompts show pairwise-direct", &["[verdict]", "[[A]]"]),
        ("mock --help", &["accuracy", "first_lean", "retry_after_date", "quota_after"]),
    ] {
        let shown = folder.succeed(command).stdout;
        for part in parts {
            assert!(shown.contains(part), "{command}: {part}: {shown}");
        }
    }
}

#[test]
fn tables_fit_their_width() {
    let folder = Folder::new();
    let judge = "--judge longest --judge mock:accuracy=.9 --judge mock:unparsed=.3,ties=.2";
    let shown = folder.succeed(&format!("run --orders both {judge}")).stdout;
    let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{shown}");
    assert!(shown.contains("bounds") && shown.contains("unparsed"), "{shown}");
}

#[test]
fn a_cell_whose_first_replies_hold_no_verdict_is_stopped_and_can_go_on() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--parameters", "unparsed=.6"]);
    let command = format!("run --judge m@{} --judge longest --out run", mock.base_url);
    let stopped = folder.tribunal(&command);
    assert_eq!(stopped.code, Some(3), "{stopped:?}");
    for part in ["of its first 20 replies hold no verdict", r"\[\[\s*([A-Z])\s*\]\]", "no_label: ", "--no-canary"] {
        assert!(stopped.stderr.contains(part), "{part}: {stopped:?}");
    }
    let answered = |folder: &Folder| folder.json("run/report.json")["cells"][0]["usage"]["answered"].as_u64().unwrap();
    assert_eq!(answered(&folder), 20, "no more was asked than was looked at");
    // Again: what is in the store is looked at, and nothing is sent.
    assert_eq!(folder.tribunal(&command).code, Some(3));
    assert_eq!(answered(&folder), 20);
    folder.succeed(&format!("{command} --no-canary"));
    assert_eq!(mock.requests(), 111, "nothing was asked twice");
}

#[test]
fn a_limit_takes_whole_conversations_and_a_larger_one_asks_only_for_more() {
    let folder = Folder::new();
    let done = folder.succeed("run --limit 40 --out small");
    assert!(done.stderr.contains("must differ by about"), "{done:?}");
    assert!(done.stdout.contains("of the benchmark's 153 items"), "{done:?}");
    folder.succeed("run --limit 80 --out large");
    let attempts = |run: &str| folder.lines(&format!("{run}/invocations.jsonl"))[0]["attempts"].as_u64().unwrap();
    let asks = |run: &str| folder.json(&format!("{run}/report.json"))["cells"][0]["usage"]["asks"].as_u64().unwrap();
    assert_eq!(attempts("large"), asks("large") - asks("small"));
    refused(&folder.tribunal("run --limit 0"), &["--limit", "1 or more"]);
    refused(&folder.tribunal("run --limit 41 --out small"), &["run.limit is 40 there and 41 here"]);
}

#[test]
fn a_dry_run_shows_three_prompts_and_sends_and_writes_nothing() {
    let folder = Folder::new();
    let done = folder.succeed("run --judge m@http://127.0.0.1:1/v1 --dry-run");
    assert_eq!(done.stdout.matches("=== ").count(), 3, "{done:?}");
    assert!(done.stderr.contains("111 distinct asks") && done.stderr.contains("nothing was sent"), "{done:?}");
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 0);
    let baseline = folder.succeed("run --judge longest --dry-run");
    assert!(baseline.stderr.contains("no prompt"), "{baseline:?}");
}

#[test]
fn a_rendered_prompt_is_what_is_sent() {
    let folder = Folder::new();
    let server = crate::support::Canned::judge();
    folder.succeed(&format!("run --judge m@{} --orders both --seed 4 --task bon", server.base_url));
    let bodies: Vec<serde_json::Value> =
        server.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let shown = folder.succeed("prompts render pairwise-explain --item bon/0 --orders both --seed 4").stdout;
    let prompts: Vec<&str> = shown.split("=== ").skip(1).collect();
    assert!(prompts.len() >= 4 && prompts.len().is_multiple_of(2), "{shown}");
    for prompt in prompts {
        let user = prompt.split_once("--- user\n").unwrap().1.trim_end();
        let sent = |body: &&serde_json::Value| body["messages"][1]["content"].as_str().unwrap().trim_end() == user;
        assert_eq!(bodies.iter().filter(sent).count(), 1, "{user}");
    }
    refused(&folder.tribunal("prompts render pairwise-explain --item bon/O"), &["bon/O", "did you mean `bon/"]);
}

#[test]
fn a_strategy_of_ones_own_is_checked() {
    let folder = Folder::new();
    let shipped = folder.succeed("prompts show pairwise-direct").stdout;
    assert!(folder.succeed("prompts check pairwise-direct").stdout.contains("nothing to warn of"));
    folder.write("mine.toml", &shipped.replace("[[A]]", "A").replace("[[B]]", "B"));
    let warned = folder.succeed("prompts check mine.toml").stdout;
    assert!(warned.contains("1 warning") && warned.contains("must guess"), "{warned}");
    folder.write("mine.toml", &shipped.replace("{{ candidate.text }}", "{{ candidate.txt }}"));
    refused(&folder.tribunal("prompts check mine.toml"), &["mine.toml", "line 27", "candidate.txt"]);
}

#[test]
fn the_log_for_programs_is_json() {
    let done = Folder::new().succeed("run --log-format json");
    let line = done.stderr.lines().find(|line| line.starts_with('{')).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["asks"], &line["done"], &line["answered"]), (&111.into(), &111.into(), &111.into()));
    assert_eq!(line["pause"], serde_json::Value::Null);
}
