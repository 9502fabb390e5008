//! An endpoint where things go wrong: the run comes through, and its report is that of an endpoint where nothing does.

use crate::support::{Folder, MockProcess};

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
fn a_run_against_limits_ends_with_the_report_of_one_without() {
    let folder = Folder::new();
    let calm = MockProcess::start(&folder, &[]);
    folder.succeed(&format!("run --judge m@{} --store calm.db --out calm", calm.base_url));
    let limits = "requests=40,window_ms=1000,headers=openai,latency=uniform:1:5";
    let limited = MockProcess::start(&folder, &["--limits", limits]);
    folder.succeed(&format!("run --judge m@{} --store limited.db --out limited", limited.base_url));
    for file in ["report.json", "judgments.jsonl"] {
        assert_eq!(folder.read(&format!("calm/{file}")), folder.read(&format!("limited/{file}")), "{file}");
    }
    let stats = limited.stats();
    assert_eq!((&stats["answered"], &stats["repeats"]), (&111.into(), &0.into()));
    assert_eq!(stats["limits"]["requests"]["throttled"], stats["statuses"]["429"]);
}
