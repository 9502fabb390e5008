//! An endpoint where things go wrong: the run comes through, and its report is that of an endpoint where nothing does.

use crate::kills::benchmark;
use crate::support::{Canned, Done, Folder, MockProcess, holds, run, tell};

/// Asks of the great run.
const ASKS: usize = 20_000;
/// Three attempts in ten go wrong. Waits that are told in whole seconds are rare, for each holds the whole account.
const FAULTS: &str = "html_500=.02,html_502=.02,text_503=.02,status_504=.02,overloaded_529=.02,error_in_200=.02,integer_502=.02,flat_500=.02,\
    status_408=.01,status_409=.01,status_425=.01,connection=.095,retry_after_ms=.01,reset_spelled=.01,concurrency=.001,bare_429=.0005,\
    retry_after=.0001,retry_after_date=.0001,reset_epoch=.0001,reset_seconds=.0001,reset_epoch_ms=.0001,retry_503=.0001,\
    negative_wait=.0005,senseless_wait=.0005,drip_ms=5";

#[test]
fn a_run_through_faults_ends_with_the_report_of_one_without() {
    let folder = Folder::new();
    let calm = MockProcess::start(&folder, &[]);
    folder.succeed(&format!("run --judge m@{} --store calm.db --out calm", calm.base_url));
    let faults = "retry_after_ms=.04,reset_spelled=.04,html_502=.04,closed=.04,cut=.04,drip=.04,drip_ms=5,seed=3";
    let adversary = MockProcess::start(&folder, &["--faults", faults]);
    folder.succeed(&format!("run --judge m@{} --store adversary.db --out adversary", adversary.base_url));
    for file in ["report.json", "judgments.jsonl"] {
        assert_eq!(folder.read(&format!("calm/{file}")), folder.read(&format!("adversary/{file}")), "{file}");
    }
    let stats = adversary.stats();
    assert_eq!((&stats["answered"], &stats["asks"], &stats["repeats"]), (&111.into(), &111.into(), &0.into()));
    let given: Vec<&String> = stats["faults"].as_object().unwrap().keys().collect();
    assert_eq!(given, ["closed", "cut", "drip", "html_502", "reset_spelled", "retry_after_ms"]);
    assert_eq!(stats["received"], adversary.requests());
}

#[test]
fn faults_and_limits_belong_to_the_server_alone_and_are_refused_by_name() {
    let folder = Folder::new();
    for (command, parts) in [
        ("run --judge mock:cut=.1", ["unknown parameter `cut`", "accuracy"]),
        ("mock --port 0 --faults cutt=.1", ["unknown fault `cutt`: did you mean `cut`?", "tribunal mock --help"]),
        ("mock --port 0 --faults redirect=.1", ["`redirect` without `redirect_to`", "expected both"]),
        ("run --judge mock:requests=5", ["unknown parameter `requests`", "accuracy"]),
        ("mock --port 0 --limits request=5", ["unknown limit `request`: did you mean `requests`?", "mock --help"]),
    ] {
        let done = folder.tribunal(command);
        assert_eq!(done.code, Some(2), "{command}: {done:?}");
        assert!(parts.iter().all(|part| done.stderr.contains(part)), "{command}: {done:?}");
    }
}

#[test]
fn three_faults_in_ten_attempts_change_no_byte_of_twenty_thousand_asks() {
    let folder = Folder::new();
    folder.write("bench.jsonl", &benchmark(ASKS));
    let (calm, adversary) =
        (MockProcess::start(&folder, &[]), MockProcess::start(&folder, &["--faults", &FAULTS.replace(' ', "")]));
    for (mock, out) in [(&calm, "calm"), (&adversary, "faulty")] {
        folder.succeed(&format!("run --bench b=bench.jsonl --judge m@{} --out {out} --store {out}.db", mock.base_url));
    }
    for file in ["report.json", "judgments.jsonl"] {
        assert!(folder.read(&format!("calm/{file}")) == folder.read(&format!("faulty/{file}")), "{file} differs");
    }
    let stats = adversary.stats();
    let count = |name: &str| stats[name].as_u64().unwrap();
    tell(&format!("{} requests for {ASKS} replies", count("received")));
    assert_eq!((count("answered"), count("asks"), count("repeats")), (ASKS as u64, ASKS as u64, 0));
    assert!(count("received") > 13 * ASKS as u64 / 10, "the faults were given");
}

/// Runs the sample with a key, and some lines more in the judge's table.
fn ask(folder: &Folder, base_url: &str, lines: &str, key: &str) -> Done {
    folder.write("c.toml", &format!("[[judge]]\nname = \"j\"\nmodel = \"m\"\nbase_url = \"{base_url}\"\n{lines}"));
    let mut command = folder.command(&["run", "c.toml", "--out", "out"]);
    command.env("TRIBUNAL_API_KEY", key).env("OPENAI_API_KEY", "sk-openai-is-not-for-everyone");
    run(command)
}

#[test]
fn a_connection_that_misbehaves_is_told_in_a_line() {
    for (faults, lines, code, told) in [
        ("closed=1", "", 3, "the connection broke"),
        ("cut=1", "", 3, "the connection broke"),
        ("drip=1,drip_ms=60000", "total_timeout = 0.2\n", 3, "no answer in time"),
        ("huge=1", "", 5, "longer than 16 MB"),
        ("headers=1", "", 3, "message head is too large"),
        ("html_200=1", "", 5, "HTML"),
        ("quota_after=0", "", 5, "the quota is spent"),
    ] {
        let folder = Folder::new();
        let mock = MockProcess::start(&folder, &["--faults", faults]);
        let done = ask(&folder, &mock.base_url, lines, "k");
        let errors: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("error:")).collect();
        assert_eq!((done.code, errors.len()), (Some(code), 1), "{faults}: {done:?}");
        assert!(errors[0].contains(told) && errors[0].contains(&mock.base_url), "{faults}: {}", errors[0]);
        assert!(mock.requests() <= 9, "{faults}: an endpoint that never answers is left soon");
    }
}

#[test]
fn a_key_is_nowhere_though_the_endpoint_quotes_it_and_redirects() {
    let key = "sk-planted-0123456789";
    let elsewhere = Canned::judge();
    let mut printed = Vec::new();
    let folder = Folder::new();
    for (out, faults) in [
        ("quoted", "quotes_key=.2,repeats_key=.5,html_500=.1".to_owned()),
        ("refused", "quotes_key=1".to_owned()),
        ("moved", format!("redirect=1,redirect_to={}", elsewhere.base_url)),
        ("stopped", "repeats_key=1,unauthorized_after=50".to_owned()),
    ] {
        let mock = MockProcess::start(&folder, &["--faults", &faults, "--expect-key", key]);
        let done = ask(&folder, &mock.base_url, &format!("identity = \"{out}\"\n"), key);
        assert!(mock.stats()["received"].as_u64().unwrap() > 0, "{out}");
        std::fs::rename(folder.path("out"), folder.path(out)).unwrap();
        printed.push(done);
    }
    assert!(folder.read("quoted/judgments.jsonl").contains("[secret]"), "a reply quoted it");
    assert_eq!(elsewhere.requests().len(), 0, "no redirect is followed");
    let encoded = "c2stcGxhbnRlZC0wMTIzNDU2Nzg5";
    for secret in [key, encoded, "sk-openai-is-not-for-everyone"] {
        assert!(!holds(&folder.path(""), secret), "{secret} was written");
        assert!(!format!("{printed:?}").contains(secret), "{secret} was printed");
    }
}

#[test]
fn a_key_goes_only_to_the_judge_that_names_it() {
    let folder = Folder::new();
    let server = Canned::judge();
    let done = ask(&folder, &server.base_url, "", "");
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(server.requests().iter().all(|request| !request.contains("sk-openai")), "OPENAI_API_KEY was sent");
    let (folder, named) = (Folder::new(), Canned::judge());
    let done = ask(&folder, &named.base_url, "api_key_env = \"OPENAI_API_KEY\"\n", "sk-not-this-one");
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(named.requests().iter().all(|request| request.contains("sk-openai") && !request.contains("sk-not")));
}

#[test]
fn a_run_against_limits_ends_with_the_report_of_one_without() {
    let folder = Folder::new();
    let calm = MockProcess::start(&folder, &[]);
    folder.succeed(&format!("run --judge m@{} --store calm.db --out calm", calm.base_url));
    let limits = "requests=40,window_ms=1000,headers=retry_after,latency=uniform:1:5";
    let limited = MockProcess::start(&folder, &["--limits", limits]);
    folder.succeed(&format!("run --judge m@{} --store limited.db --out limited", limited.base_url));
    for file in ["report.json", "judgments.jsonl"] {
        assert_eq!(folder.read(&format!("calm/{file}")), folder.read(&format!("limited/{file}")), "{file}");
    }
    let stats = limited.stats();
    assert_eq!((&stats["answered"], &stats["repeats"]), (&111.into(), &0.into()));
    assert_eq!(stats["limits"]["requests"]["throttled"], stats["statuses"]["429"]);
}
