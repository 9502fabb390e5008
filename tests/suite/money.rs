//! Money: what is foretold against what is billed, the question, the cap, and the end in good time.

use std::process::{Command, Stdio};

use crate::kills::{pause, stored};
use crate::support::{Done, Folder, MockProcess, run, shared_data, tell};

/// A configuration of one judge with a price.
fn priced(base_url: &str) -> String {
    format!(
        "[[judge]]\nname = \"priced\"\nmodel = \"m\"\nbase_url = {base_url:?}\nprice = {{ input = 2.5, cached_input = 1.25, output = 10.0 }}\n"
    )
}

fn start(folder: &Folder, arguments: &str) -> Done {
    let mut command = folder.command(&arguments.split_whitespace().collect::<Vec<_>>());
    command.stdin(Stdio::null());
    run(command)
}

#[test]
fn money_is_not_spent_without_a_yes() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    folder.write("c.toml", &priced(&mock.base_url));
    let refused = start(&folder, "run c.toml --out r");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("111 things that cost about $") && refused.stderr.contains("--yes"), "{refused:?}");
    assert!(!folder.path("r").exists(), "nothing is left behind");
    assert_eq!(mock.stats()["received"], 0);
    let done = start(&folder, "run c.toml --out r --yes");
    assert_eq!(done.code, Some(0), "{done:?}");
    let usage = &folder.json("r/report.json")["cells"][0]["usage"];
    let tokens = |name: &str| usage[name].as_u64().unwrap() as f64;
    let usd = 2.5e-6 * tokens("prompt_tokens") + 1e-5 * tokens("completion_tokens");
    assert!((usage["usd"].as_f64().unwrap() - usd).abs() < 1e-9, "{usage}");
    // All is there already: nothing costs anything, and nothing is asked back.
    let again = start(&folder, "run c.toml --out r");
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stderr.contains("spent: $0.00 now"), "{again:?}");
}

#[test]
fn a_cap_ends_a_run_with_its_own_exit_code_and_a_higher_one_goes_on() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--limits", "output=lognormal:60:.8"]);
    folder.write("c.toml", &priced(&mock.base_url));
    let mut answered = 0;
    for (cap, code) in [("0.1", 4), ("0.2", 4), ("5", 0)] {
        let done = start(&folder, &format!("run c.toml --out r --yes --budget {cap}"));
        assert_eq!(done.code, Some(code), "{done:?}");
        let report = folder.json("r/report.json");
        let (now, usd) = (&report["cells"][0]["usage"]["answered"], &report["cells"][0]["usage"]["usd"]);
        assert!(usd.as_f64().unwrap() <= cap.parse().unwrap(), "{usd} of {cap}");
        assert!(now.as_u64().unwrap() > answered, "{now} after {answered}");
        answered = now.as_u64().unwrap();
        assert_eq!(report["cells"][0]["covered"].is_null(), code == 0, "what is covered is told of a part");
    }
    assert_eq!(mock.requests(), 111, "nothing is paid for twice");
}

#[test]
fn a_budget_needs_prices_a_limit_on_replies_and_the_store_that_knows_what_was_spent() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    let unpriced = start(&folder, &format!("run --judge m@{} --budget 1 --yes", mock.base_url));
    assert_eq!(unpriced.code, Some(2), "{unpriced:?}");
    assert!(unpriced.stderr.contains("nobody knows what judge `m` costs"), "{unpriced:?}");
    folder.write("c.toml", &priced(&mock.base_url));
    folder.write(
        "endless.toml",
        "name = \"endless\"\nform = \"pairwise\"\n[ask]\nuser = \"{{ query }} {{ a }} {{ b }} [[A]] or [[B]]?\"\n[verdict]\npattern = '\\[\\[([AB])\\]\\]'\n\
         labels = { A = \"first\", B = \"second\" }\n",
    );
    let endless = start(&folder, "run c.toml --strategy endless.toml --budget 1 --yes");
    assert_eq!(endless.code, Some(2), "{endless:?}");
    assert!(endless.stderr.contains("max_tokens"), "{endless:?}");
    let first = start(&folder, "run c.toml --budget 5 --yes --out r");
    assert_eq!(first.code, Some(0), "{first:?}");
    let other = start(&folder, "run c.toml --budget 5 --yes --out r --store other.db");
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(other.stderr.contains("another store"), "{other:?}");
    for (file, told) in [("missing.json", "missing.json"), ("c.toml", "c.toml")] {
        let prices = start(&folder, &format!("run --judge m@{} --prices {file}", mock.base_url));
        assert_eq!(prices.code, Some(2), "{prices:?}");
        assert!(prices.stderr.contains(told), "{prices:?}");
    }
}

#[test]
fn prices_are_read_from_a_file_and_an_unknown_model_is_told() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    let entry = r#"{"known-1": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "mode": "chat", "litellm_provider": "x"}}"#;
    folder.write("prices.json", entry);
    let known =
        start(&folder, &format!("run --judge known-1@{} --prices prices.json --yes --out known", mock.base_url));
    assert_eq!(known.code, Some(0), "{known:?}");
    assert!(folder.json("known/report.json")["cells"][0]["usage"]["usd"].as_f64().unwrap() > 0.0);
    let unknown =
        start(&folder, &format!("run --judge known-2@{} --prices prices.json --yes --out unknown", mock.base_url));
    assert_eq!(unknown.code, Some(0), "{unknown:?}");
    assert!(unknown.stderr.contains("known-1") && unknown.stderr.contains("What it costs is not told"), "{unknown:?}");
    assert!(folder.json("unknown/report.json")["cells"][0]["usage"]["usd"].is_null());
}

#[test]
fn what_is_foretold_is_what_is_billed() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--limits", "output=lognormal:60:.8"]);
    folder.write("c.toml", &priced(&mock.base_url));
    let brief = "name = \"brief\"\nform = \"pairwise\"\n[ask]\nuser = \"{{ query }}\\n1: {{ a }}\\n2: {{ b }}\\n[[A]] for 1 or [[B]] for 2?\"\n\
                 [sampling]\nmax_tokens = 300\n[verdict]\npattern = '\\[\\[([ABC])\\]\\]'\nlabels = { A = \"first\", B = \"second\", C = \"tie\" }\n";
    folder.write("brief.toml", brief);
    for strategy in ["pairwise-direct", "pairwise-explain", "brief.toml"] {
        let what = format!("c.toml --bench rmb={} --strategy {strategy} --limit 3000", rmb.display());
        let foretold = |folder: &Folder| {
            let rows: serde_json::Value =
                serde_json::from_str(&folder.succeed(&format!("estimate {what} --show json")).stdout).unwrap();
            rows[0].clone()
        };
        let cold = foretold(&folder);
        start(&folder, &format!("run {what} --limit 100 --yes --out pilot-{strategy}").replace("--limit 3000 ", ""));
        let warm = foretold(&folder);
        let done = start(&folder, &format!("run {what} --yes --out whole-{strategy}"));
        assert_eq!(done.code, Some(0), "{done:?}");
        let report = folder.json(&format!("whole-{strategy}/report.json"));
        let usage = &report["cells"][0]["usage"];
        let (input, output) = (usage["prompt_tokens"].as_f64().unwrap(), usage["completion_tokens"].as_f64().unwrap());
        for (when, row) in [("cold", &cold), ("after a hundred", &warm)] {
            let of = |what: &str, end: &str| row[what][end].as_f64().unwrap();
            // What the pilot has answered is not asked again.
            let share = row["new"].as_f64().unwrap() / row["asks"].as_f64().unwrap();
            let error = of("input_tokens", "likely") / (input * share) - 1.0;
            let range = [of("output_tokens", "low"), output * share, of("output_tokens", "high")];
            tell(&format!("{strategy}, {when}: {:+.1} % of the input, output {range:.0?}", 100.0 * error));
            assert!(error.abs() < 0.1, "{row} of {input}");
            assert!(range.is_sorted(), "{range:?}");
        }
    }
}

#[test]
fn an_interrupt_at_any_moment_loses_nothing_that_arrived() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--parameters", "latency_ms=15"]);
    let arguments = format!("run --judge m@{} --samples 4 --concurrency 4 --out r", mock.base_url);
    let words: Vec<&str> = arguments.split_whitespace().collect();
    for moment in 1..=20 {
        let before = stored(&folder);
        let mut child = folder.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while stored(&folder) < before + moment && child.try_wait().unwrap().is_none() {
            pause();
        }
        assert!(child.try_wait().unwrap().is_none(), "it was at work");
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(mock.stats()["answered"], stored(&folder), "what arrived is stored");
    }
    folder.succeed(&arguments);
    assert_eq!((stored(&folder), mock.requests()), (444, 444), "nothing is asked twice");
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--parameters", "latency_ms=100"]);
    let done =
        start(&folder, &format!("run --judge m@{} --samples 50 --concurrency 2 --max-time 1s --out r", mock.base_url));
    assert_eq!(done.code, Some(3), "{done:?}");
    assert!(done.stderr.contains("the time is over"), "{done:?}");
    let covered = &folder.json("r/report.json")["cells"][0]["covered"];
    assert_eq!(covered["of"], 42, "{covered}");
    for wrong in ["--max-time 5", "--until 25:00"] {
        assert_eq!(start(&folder, &format!("run {wrong}")).code, Some(2));
    }
}

#[test]
fn a_cell_that_is_known_well_enough_is_asked_no_more() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let what = format!("run --bench rmb={} --judge mock:accuracy=.8 --strategy pairwise-direct", rmb.display());
    let done = folder.succeed(&format!("{what} --precision .03 --out enough"));
    let whole = folder.succeed(&format!("{what} --out whole --store whole.db"));
    let cell = &folder.json("enough/report.json")["cells"][0];
    let score = folder.json("whole/report.json")["cells"][0]["overall"]["score"].as_f64().unwrap();
    let [low, high] = [0, 1].map(|end| cell["precision"]["ci95"][end].as_f64().unwrap());
    let answered = cell["usage"]["answered"].as_u64().unwrap();
    tell(&format!(
        "half a width of .03 after {answered} of 15718 asks: {low:.4} to {high:.4}, the whole is {score:.4}"
    ));
    assert!((low..=high).contains(&score) && high - low <= 0.06 + 1e-9, "{low} {score} {high}");
    assert!(answered < 8_000, "{answered}");
    assert!(done.stderr.contains("known well enough") && done.stdout.contains("precision"), "{done:?}");
    assert!(!whole.stdout.contains("precision"));
}
