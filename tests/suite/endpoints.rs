//! Endpoints that refuse, are not there, or are something else: one clear message, the documented exit code, nothing lost.

use crate::support::{Canned, Done, Folder, MockProcess, holds, nobody, run};

/// Runs the sample against an endpoint with a key.
fn ask(folder: &Folder, judge: &str, key: &str, more: &[&str]) -> Done {
    let arguments: Vec<&str> = ["run", "--judge", judge].into_iter().chain(more.iter().copied()).collect();
    let mut command = folder.command(&arguments);
    command.env("TRIBUNAL_API_KEY", key);
    run(command)
}

#[track_caller]
fn one_message(done: &Done, code: i32, parts: &[&str]) {
    assert_eq!(done.code, Some(code), "{done:?}");
    let errors: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("error:")).collect();
    assert_eq!(errors.len(), 1, "{done:?}");
    for part in parts {
        assert!(errors[0].contains(part), "{part:?} is not in {:?}", errors[0]);
    }
}

#[test]
fn a_wrong_key_stops_at_once_and_loses_nothing() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--expect-key", "sk-the-right-one"]);
    let judge = format!("m@{}", mock.base_url);
    let had = ask(&folder, &judge, "sk-the-right-one", &["--seed", "1", "--out", "had"]);
    assert_eq!(had.code, Some(0), "{had:?}");
    let refused = ask(&folder, &judge, "sk-a-wrong-one", &["--seed", "2", "--out", "refused"]);
    one_message(&refused, 5, &["judge `m`", "401", "$TRIBUNAL_API_KEY"]);
    assert!(mock.requests() <= 111 + 1, "a refused key is tried once");
    let again = folder.succeed(&format!("run --judge {judge} --seed 1 --offline --out again"));
    assert!(again.stdout.contains("111 of 111 answered"), "{again:?}");
    assert_eq!(folder.read("had/report.json"), folder.read("again/report.json"));
    for key in ["sk-the-right-one", "sk-a-wrong-one"] {
        assert!(!holds(&folder.path(""), key), "{key} was written to a file");
        assert!(![&had, &refused].iter().any(|done| format!("{done:?}").contains(key)), "{key} was printed");
    }
}

#[test]
fn an_unknown_model_is_told_by_its_name() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--models", "known-1"]);
    let done = ask(&folder, &format!("unknown-1@{}", mock.base_url), "k", &[]);
    one_message(&done, 5, &["404", "unknown-1", "model"]);
    assert_eq!(mock.requests(), 1);
}

#[test]
fn an_address_where_nobody_listens_is_an_incomplete_run() {
    let folder = Folder::new();
    let address = nobody();
    one_message(&ask(&folder, &format!("m@{address}"), "k", &[]), 3, &[&address, "is it running"]);
}

#[test]
fn a_page_of_html_is_no_endpoint() {
    for status in ["200 OK", "404 Not Found", "502 Bad Gateway"] {
        let folder = Folder::new();
        let page = "<!DOCTYPE html><html><head><title>\u{1b}[31mhello</title></head></html>";
        let server = Canned::start(status, "text/html", page);
        let done = ask(&folder, &format!("m@{}", server.base_url), "k", &[]);
        let code = if status.starts_with("502") { 3 } else { 5 };
        one_message(&done, code, &[&server.base_url, "HTML", "base URL"]);
        assert!(!done.stderr.contains('\u{1b}'), "{done:?}");
    }
}

#[test]
fn a_key_in_the_base_url_or_in_a_header_is_not_shown() {
    let folder = Folder::new();
    let server = Canned::judge();
    let with_password = server.base_url.replace("http://", "http://me:sk-in-the-url@");
    folder.write(
        "config.toml",
        &format!(
            "[[judge]]\nname = \"j\"\nmodel = \"m\"\nbase_url = \"{with_password}?token=sk-in-the-query\"\n\
             headers = {{ x-team = \"sk-in-a-header\" }}\n"
        ),
    );
    let done = folder.tribunal("run config.toml --out run");
    assert_eq!(done.code, Some(0), "{done:?}");
    std::fs::remove_file(folder.path("config.toml")).unwrap();
    for key in ["sk-in-the-url", "sk-in-the-query", "sk-in-a-header"] {
        assert!(!holds(&folder.path(""), key) && !format!("{done:?}").contains(key), "{key} is shown");
        let sent = server.requests().iter().filter(|request| request.contains(key)).count();
        assert!(sent == 111 || key == "sk-in-the-url", "{key} was sent {sent} times");
    }
}

#[test]
fn what_is_stored_is_not_asked_again() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    let judge = format!("m@{}", mock.base_url);
    folder.succeed(&format!("run --judge {judge} --out one"));
    folder.succeed(&format!("run --judge {judge} --out two --strategy pairwise-explain --task bon"));
    folder.succeed(&format!("run --judge {judge} --out three --orders both"));
    assert_eq!(mock.requests(), 222, "lists share the replies of pairs, both orders that of the seeded one");
}

#[test]
fn two_servers_of_one_identity_are_not_taken_for_one_by_accident() {
    let folder = Folder::new();
    let (one, other) = (Canned::judge(), Canned::judge());
    let (one, other) = (&one.base_url, &other.base_url);
    let done = folder.tribunal(&format!("run --judge m@{one} --judge m@{other}"));
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("share the replies") && done.stderr.contains("identity"), "{done:?}");
    let judge = |name: &str, url: &str, identity: &str| {
        format!("[[judge]]\nname = \"{name}\"\nmodel = \"m\"\nbase_url = \"{url}\"\nidentity = \"{identity}\"\n")
    };
    folder.write("same.toml", &(judge("a", one, "m") + &judge("b", other, "m")));
    folder.succeed("run same.toml");
    folder.write("apart.toml", &(judge("a", one, "m1") + &judge("b", other, "m2")));
    folder.succeed("run apart.toml");
}

#[test]
fn a_key_is_not_sent_over_plain_http_to_another_machine() {
    let folder = Folder::new();
    let done = ask(&folder, "m@http://192.0.2.1/v1", "sk-not-for-everyone", &["--dry-run"]);
    one_message(&done, 2, &["unencrypted", "http://192.0.2.1/v1", "https", "allow_http"]);
    let judge = "[[judge]]\nname = \"j\"\nmodel = \"m\"\nbase_url = \"http://192.0.2.1/v1\"\n";
    folder.write("c.toml", &format!("{judge}allow_http = true\n"));
    folder.succeed("run c.toml --dry-run");
}

/// A configuration of one judge behind several base URLs.
fn replicas(urls: &[&str], more: &str) -> String {
    let urls: Vec<String> = urls.iter().map(|url| format!("{url:?}")).collect();
    format!("[[judge]]\nname = \"house\"\nmodel = \"m\"\nbase_urls = [{}]\n{more}", urls.join(", "))
}

#[test]
fn replicas_share_the_work_and_their_replies() {
    let folder = Folder::new();
    let [one, other] = [0, 1].map(|_| MockProcess::start(&folder, &["--parameters", "latency_ms=20"]));
    folder.write("c.toml", &replicas(&[&one.base_url, &other.base_url], "requests_per_minute = [6000, 6000]\n"));
    let done = folder.succeed("run c.toml --out first");
    assert!(done.stdout.contains("111 of 111 answered"), "{done:?}");
    let received = || [&one, &other].map(|mock| mock.stats()["received"].as_u64().unwrap());
    assert_eq!(received().iter().sum::<u64>(), 111);
    assert!(received().iter().all(|requests| *requests > 30), "{:?}", received());
    let line: serde_json::Value = serde_json::from_str(&folder.read("first/invocations.jsonl")).unwrap();
    let accounts = line["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2);
    assert!(accounts.iter().all(|account| account["limits"][0]["most"] == 6000), "{line}");
    folder.write("c.toml", &replicas(&[&one.base_url], ""));
    folder.succeed("run c.toml --out second");
    assert_eq!(received().iter().sum::<u64>(), 111, "nothing is asked again of one of them alone");
    assert_eq!(folder.read("first/report.json"), folder.read("second/report.json"));
}

#[test]
fn a_replica_that_is_not_there_or_refuses_the_key_is_told_and_its_share_goes_to_the_other() {
    let folder = Folder::new();
    let (mock, strict) = (MockProcess::start(&folder, &[]), MockProcess::start(&folder, &["--expect-key", "sk-right"]));
    let nobody = nobody();
    for (other, told) in [(&nobody, "is it running"), (&strict.base_url, "401")] {
        let name = if told == "401" { "refusing" } else { "absent" };
        folder.write("c.toml", &replicas(&[&mock.base_url, other], "identity = \"house m\"\n"));
        let mut command = folder.command(&["run", "c.toml", "--out", name, "--store", &format!("{name}.db")]);
        command.env("TRIBUNAL_API_KEY", "sk-wrong-one");
        let done = run(command);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(done.stdout.contains("111 of 111 answered"), "{done:?}");
        assert!(done.stderr.contains(told) && done.stderr.contains("judge `house (http:"), "{done:?}");
    }
}

#[test]
fn a_parameter_that_the_model_does_not_take_is_told_with_the_line_to_change() {
    for (said, told) in [
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "max_completion_tokens in place of max_tokens",
        ),
        ("Unsupported value: 'temperature' does not support 0.0 with this model.", "write temperature = \"omit\""),
    ] {
        let folder = Folder::new();
        let body = format!(
            "{{\"error\":{{\"message\":{said:?},\"type\":\"invalid_request_error\",\"code\":\"unsupported_value\"}}}}"
        );
        let server = Canned::start("400 Bad Request", "application/json", Box::leak(body.into_boxed_str()));
        let done = ask(&folder, &format!("m@{}", server.base_url), "k", &[]);
        assert_eq!(done.code, Some(5), "{done:?}");
        assert!(done.stderr.contains(told), "{done:?}");
    }
}
