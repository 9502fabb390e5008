//! Judgments one by one: what `view` serves and `show` prints, held against the files of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use regex::Regex;
use serde_json::{Value, json};

use crate::support::{Folder, MockProcess};

/// `tribunal view` as a process of its own.
pub(crate) struct View {
    child: Child,
    pub(crate) address: String,
}

impl View {
    pub(crate) fn start(folder: &Folder, arguments: &str) -> Self {
        let arguments = format!("view {arguments} --port 0");
        let mut command = folder.command(&arguments.split_whitespace().collect::<Vec<_>>());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().strip_prefix("http://").unwrap().strip_suffix('/').unwrap().to_owned();
        Self { child, address }
    }

    /// Head and body of what a request is answered with.
    fn ask(&self, path: &str, headers: &[&str]) -> (String, String) {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        let lines = [headers, &["connection: close", "", ""]].concat().join("\r\n");
        write!(connection, "GET {path} HTTP/1.1\r\n{lines}").unwrap();
        let mut response = Vec::new();
        connection.read_to_end(&mut response).unwrap();
        let response = String::from_utf8(response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    pub(crate) fn page(&self, path: &str) -> String {
        let (head, body) = self.ask(path, &[&format!("host: {}", self.address)]);
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}\n{body}");
        body
    }

    /// How many judgments a filter lets through, as its page says.
    pub(crate) fn count(&self, query: &str) -> usize {
        let page = self.page(&format!("/?{query}"));
        let said = Regex::new("id=\"conclusion\">([0-9,]+)").unwrap();
        said.captures(&page).unwrap()[1].replace(',', "").parse().unwrap()
    }

    /// The addresses of the cases on a page.
    pub(crate) fn cases(&self, path: &str) -> Vec<String> {
        let page = self.page(path);
        let address = Regex::new("href=\"(&#x2f;case\\?[^\"]*)\"><span>").unwrap();
        address.captures_iter(&page).map(|found| unescaped(&found[1])).collect()
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&#x2f;", "/").replace("&amp;", "&")
}

/// The visible text of a page.
fn text(page: &str) -> String {
    let tags = Regex::new("<[^>]*>").unwrap();
    let text = tags.replace_all(page, "");
    let text = text.replace("&#x2f;", "/").replace("&#x27;", "'").replace("&quot;", "\"");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn word(text: &Value) -> String {
    url::form_urlencoded::byte_serialize(text.as_str().unwrap_or_default().as_bytes()).collect()
}

/// Two judges and two strategies, in both orders, with ties and replies without a verdict.
pub(crate) fn run(folder: &Folder) -> Vec<Value> {
    folder.write(
        "c.toml",
        "[run]\norders = \"both\"\nsamples = 2\n[[judge]]\nname = \"able\"\nspec = \"mock:accuracy=.8,ties=.1,unparsed=.1\"\n\
         [[judge]]\nname = \"leaning\"\nspec = \"mock:accuracy=.6,first_lean=.3,seed=2\"\n\
         [[strategy]]\nname = \"pairwise-direct\"\n[[strategy]]\nname = \"pairwise-explain\"\n",
    );
    folder.succeed("run c.toml --no-canary --out run");
    folder.lines("run/judgments.jsonl")
}

/// What a judgment prefers: a candidate of its first item, or a tie.
fn prefers(line: &Value) -> Option<String> {
    let verdict = line["verdict"].as_str()?;
    let shown = line["items"][0]["shown"].as_array().unwrap();
    match verdict {
        "A" => Some(shown[0].to_string()),
        "B" => Some(shown[1].to_string()),
        other => Some(other.to_owned()),
    }
}

fn outcomes(line: &Value) -> BTreeSet<&str> {
    line["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect()
}

#[test]
fn every_filter_lets_through_what_the_files_say() {
    let folder = Folder::new();
    let lines = run(&folder);
    let view = View::start(&folder, "run");
    assert_eq!(view.count(""), lines.len());
    let check = |query: &str, is_wanted: &dyn Fn(&Value) -> bool| {
        let expected = lines.iter().filter(|line| is_wanted(line)).count();
        assert!(expected > 0 && expected < lines.len(), "{query} tells nothing apart");
        assert_eq!(view.count(query), expected, "{query}");
    };
    let item = |line: &Value, is: &dyn Fn(&Value) -> bool| line["items"].as_array().unwrap().iter().any(is);
    check("judge=able", &|line| line["judge"] == "able");
    check("judge=able&strategy=pairwise-direct", &|line| {
        line["judge"] == "able" && line["strategy"] == "pairwise-direct"
    });
    for outcome in ["right", "wrong", "tie", "unparsed"] {
        check(&format!("outcome={outcome}"), &|line| outcomes(line).contains(outcome));
    }
    check("reason=no_label", &|line| line["reason"] == "no_label");
    let lists = lines.iter().filter(|line| item(line, &|item| item["task"] == "bon")).count();
    assert_eq!(view.count("task=bon"), lists);
    check("group=Helpfulness", &|line| item(line, &|item| item["group"].as_str().unwrap().starts_with("Helpfulness/")));
    let one = &lines[5]["items"][0];
    check(&format!("group={}", word(&one["group"])), &|line| item(line, &|item| item["group"] == one["group"]));
    check(&format!("item={}", word(&one["id"])), &|line| item(line, &|item| item["id"] == one["id"]));
    assert_eq!(view.count("judge=nobody"), 0);
    assert_eq!(view.count("group=Helpful"), 0, "a path ends at a slash");
}

#[test]
fn what_contradicts_each_other_is_found() {
    let folder = Folder::new();
    let lines = run(&folder);
    let view = View::start(&folder, "run");
    for (odd, fields) in [
        ("cells", &["hash", "order", "sample"][..]),
        ("orders", &["hash", "judge", "strategy", "sample"]),
        ("samples", &["hash", "judge", "strategy", "order"]),
    ] {
        let key = |line: &Value| fields.iter().map(|field| line[*field].to_string()).collect::<Vec<_>>();
        let mut preferred: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
        for line in &lines {
            preferred.entry(key(line)).or_default().extend(prefers(line));
        }
        let expected = lines.iter().filter(|line| prefers(line).is_some() && preferred[&key(line)].len() > 1).count();
        assert!(expected > 0);
        assert_eq!(view.count(&format!("odd={odd}")), expected, "{odd}");
    }

    // What flips between two cells: those of one that differ from the same ask of the other.
    let page = view.page("/");
    let options = Regex::new("<option value=\"([0-9a-f]{8})\">leaning &#x2f; pairwise-explain<").unwrap();
    let against = &options.captures(&page).unwrap()[1];
    let of = |judge: &str| {
        let cell = lines.iter().filter(move |line| line["judge"] == judge && line["strategy"] == "pairwise-explain");
        cell.map(|line| ([&line["hash"], &line["order"], &line["sample"]].map(ToString::to_string), outcomes(line)))
            .collect::<BTreeMap<_, _>>()
    };
    let (able, leaning) = (of("able"), of("leaning"));
    let is_right = |outcomes: &BTreeSet<&str>| outcomes.len() == 1 && outcomes.contains("right");
    let lost = able.iter().filter(|(key, own)| !is_right(own) && is_right(&leaning[*key])).count();
    let any = able.iter().filter(|(key, own)| **own != leaning[*key]).count();
    assert!(lost > 0 && lost < any);
    let query = format!("judge=able&strategy=pairwise-explain&against={against}&flip");
    assert_eq!((view.count(&format!("{query}=lost")), view.count(&format!("{query}=any"))), (lost, any));
}

#[test]
fn runs_of_other_items_speak_of_the_same_comparisons() {
    let folder = Folder::new();
    for (task, judge) in [("bon", "mock:accuracy=.8"), ("pairwise", "mock:accuracy=.6,first_lean=.3,seed=2")] {
        folder.succeed(&format!("run --task {task} --judge {judge} --orders both --no-canary --out {task}"));
    }
    let (lists, pairs) = (folder.lines("bon/judgments.jsonl"), folder.lines("pairwise/judgments.jsonl"));
    let alone = View::start(&folder, "pairwise").count("odd=orders");
    assert!(alone > 0);
    // The same seed puts the same texts into the same slots.
    let key = |line: &Value| (line["hash"].to_string(), line["order"].to_string());
    let of_lists: BTreeMap<_, _> = lists.iter().map(|line| (key(line), &line["verdict"])).collect();
    let is_contrary = |line: &&Value| of_lists.get(&key(line)).is_some_and(|verdict| **verdict != line["verdict"]);
    let contrary = pairs.iter().filter(is_contrary).count();
    assert!(contrary > 0 && contrary < pairs.len());
    for order in ["bon pairwise", "pairwise bon"] {
        let view = View::start(&folder, order);
        assert_eq!(view.count("run=pairwise&odd=orders"), alone, "{order}");
        assert_eq!(view.count("run=pairwise&odd=cells"), contrary, "{order}");
        let page = view.page(&view.cases("/?run=pairwise&odd=cells")[0]);
        assert!(page.contains("badge\">gold") && page.contains("badge\">picked"), "{page}");
    }
}

#[test]
fn a_text_is_found_in_replies_conversations_and_answers() {
    let folder = Folder::new();
    let lines = run(&folder);
    let view = View::start(&folder, "run");
    let said = lines.iter().find_map(|line| line["reply"].as_str().filter(|reply| reply.contains('\n'))).unwrap();
    let needle: String = said.chars().take(30).flat_map(char::to_uppercase).collect();
    let expected =
        lines.iter().filter(|line| line["reply"].as_str().is_some_and(|reply| reply.to_uppercase().contains(&needle)));
    assert_eq!(view.count(&format!("in=reply&q={}", word(&json!(needle)))), expected.count());
    let quoted = "[[A]]";
    let expected = lines.iter().filter(|line| line["reply"].as_str().is_some_and(|reply| reply.contains(quoted)));
    assert_eq!(view.count(&format!("in=reply&q={}", word(&json!(quoted)))), expected.count());
    // The texts of the item are those that its page shows.
    let case = view.page(&view.cases("/")[0]);
    let shown = Regex::new("(?s)<article class=\"answer.*?<p>(.*?)[<\n&]").unwrap();
    let answer: String = shown.captures(&case).unwrap()[1].to_owned();
    let found = view.count(&format!("in=texts&q={}", word(&json!(answer))));
    assert!(found >= 8 && found < lines.len(), "{found} judgments of {answer:?}");
    assert_eq!(view.count(&format!("in=reply&q={}", word(&json!(answer)))), 0);
    assert_eq!(view.count(&format!("q={}", word(&json!(answer)))), found);
}

#[test]
fn a_case_shows_everything_around_a_judgment() {
    let folder = Folder::new();
    let lines = run(&folder);
    let view = View::start(&folder, "run");
    let query = "judge=able&strategy=pairwise-explain&outcome=right";
    let first = lines
        .iter()
        .find(|line| {
            line["judge"] == "able" && line["strategy"] == "pairwise-explain" && outcomes(line) == ["right"].into()
        })
        .unwrap();
    let cases = view.cases(&format!("/?{query}"));
    let page = view.page(&cases[0]);
    let seen = text(&page);
    assert!(seen.contains("right: able / pairwise-explain says"), "{seen}");
    let verdict = first["verdict"].as_str().unwrap();
    assert!(page.contains(&format!("[[<mark title=\"read as the verdict\">{verdict}</mark>]]")), "{page}");
    let gold = Regex::new("<h3>([AB]) <span class=\"badge\">gold</span> <span class=\"badge\">picked</span>").unwrap();
    assert_eq!(gold.captures(&page).map(|found| found[1].to_owned()).as_deref(), Some(verdict));
    // All that were asked the same: four cells, two orders, two samples.
    let rows = Regex::new("(?s)<tbody>.*</tbody>").unwrap();
    assert_eq!(rows.find(&page).unwrap().as_str().matches("<tr").count(), 16);
    // One steps through what was looked for, and to the other order.
    let link = |key: &str| {
        let found = Regex::new(&format!("<a href=\"([^\"]*)\" data-key=\"{key}\"")).unwrap().captures(&page).unwrap();
        unescaped(&found[1])
    };
    assert_eq!(link("j"), cases[1]);
    assert!(text(&view.page(&cases[1])).contains("2 of "));
    assert!(view.page(&link("o")).contains("order 1, sample 0"));
    assert!(view.page(&link("m")).contains("<pre class=\"foreign\""));
    assert!(view.cases(&link("u")).contains(&cases[0]));
    let bare = Regex::new("/case\\?.*(cell=)").unwrap().replace(&cases[0], "/case?$1");
    assert_eq!(text(&view.page(&bare)).matches("able / pairwise-explain says").count(), 1, "a link stands alone");
}

const HOSTILE: &str = "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)><style>*{display:none}</style> **bold** \
    [go](javascript:alert(3)) ![see](http://127.0.0.1:1/x.png) </pre></div></main> \u{202e}\u{1b}[2J{{ 7*7 }}";

/// A run whose texts, names and replies are hostile.
pub(crate) fn hostile(folder: &Folder) {
    let long = format!(
        "{HOSTILE} {}\n\nZ{}\n\n<div style='position:fixed;inset:0'>\n\n| a | b |\n|---|---|\n| {} | c |\n",
        "W".repeat(3000),
        "\u{301}".repeat(500),
        "x".repeat(400)
    );
    let candidates = json!([{"text": format!("{long} one"), "model": HOSTILE}, {"text": format!("{long} two")}]);
    let item = json!({"id": format!("id {HOSTILE}"), "group": "<b>x</b>/y\"z", "conversation": [{"role": "user", "content": HOSTILE}],
        "candidates": candidates, "best": 0});
    folder.write("items.jsonl", &format!("{item}\n"));
    let reply = |order: [u8; 2]| json!({"item": format!("id {HOSTILE}"), "step": null, "order": order, "sample": 0, "reply": format!("{HOSTILE} [[A]]")});
    folder.write("replies.jsonl", &format!("{}\n{}\n", reply([0, 1]), reply([1, 0])));
    folder.write(
        "c.toml",
        "[run]\norders = \"both\"\n[[bench]]\nname = \"<i>b</i>\"\npath = \"items.jsonl\"\n[[judge]]\nname = \"<script>alert(4)</script>\"\n\
         spec = \"replay:replies.jsonl\"\n[[strategy]]\nname = \"pairwise-explain\"\n",
    );
    folder.succeed("run c.toml --out hostile");
}

#[test]
fn hostile_texts_are_text() {
    let folder = Folder::new();
    hostile(&folder);
    let view = View::start(&folder, "hostile");
    let case = view.cases("/").remove(0);
    let raw = format!("{case}&raw=1");
    let leads_away = Regex::new("(?i)(href|src)=\"(javascript|http)").unwrap();
    for path in ["/", &*case, &raw, "/?q=%3Cscript%3E&judge=&item=%22%3E%3Cscript%3E"] {
        let (head, page) = view.ask(path, &[&format!("host: {}", view.address)]);
        let ours = "<script src=\"/view.js\" defer></script>";
        assert_eq!(page.matches("<script").count(), 1, "{path}");
        assert!(page.contains(ours) && !page.contains("<img") && !page.contains("<style"), "{path}");
        if path.starts_with("/case") {
            assert!(page.contains("{{ 7*7 }}"), "{path}: what looks like a template is a text");
        }
        assert!(!leads_away.is_match(&page), "{path}");
        assert_eq!(page.matches("</main>").count(), 1, "{path}");
        for policy in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "nosniff", "no-referrer"] {
            assert!(head.contains(policy), "{path}: {head}");
        }
    }
    let page = view.page(&case);
    assert!(page.contains("<strong>bold</strong>") && page.contains("go (javascript:alert(3))"), "{page}");
    assert!(text(&view.page(&raw)).contains("\\u{202e}"), "what steers is shown where texts stand as they are");
    let item = format!("id {HOSTILE}");
    let shown = folder.command(&["show", "hostile", &item]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("<script>alert(1)</script>") && shown.contains("{{ 7*7 }}"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "nothing of theirs steers the terminal: {shown:?}");
}

#[test]
fn another_host_or_origin_is_refused() {
    let folder = Folder::new();
    folder.succeed("run --judge first --out run");
    let view = View::start(&folder, "run");
    let own = format!("host: {}", view.address);
    let status = |headers: &[&str]| view.ask("/", headers).0.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(status(&[&own]), "200");
    assert_eq!(status(&["host: localhost:1"]), "200", "a tunnel has another port");
    for headers in [
        &["host: evil.example"][..],
        &["host: 127.0.0.1.evil.example"],
        &[&own, "origin: http://evil.example"],
        &[&own, "origin: null"],
    ] {
        assert_eq!(status(headers), "403", "{headers:?}");
    }
    assert!(view.address.starts_with("127.0.0.1:"), "nobody else can reach it");
}

#[test]
fn a_run_under_way_is_followed() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--parameters", "latency_ms=40"]);
    let command = format!("run --judge m@{} --concurrency 1 --out run", mock.base_url);
    let mut running = folder.command(&command.split_whitespace().collect::<Vec<_>>());
    let mut running = running.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Looked at once the first replies are stored, and until all are there. A run that has ended writes its judgments: then they are all.
    while !folder.path("run/run.toml").exists() || !folder.path("tribunal.db").exists() {
        assert!(running.try_wait().unwrap().is_none(), "the run ended before it wrote anything");
    }
    let view = View::start(&folder, "run");
    let page = view.page("/");
    let mut seen = vec![view.count("")];
    while seen.last() != Some(&111) {
        let ended = running.try_wait().unwrap();
        assert!(ended.is_none_or(|status| status.success()), "{ended:?}");
        seen.push(view.count(""));
        seen.dedup();
    }
    assert!(running.wait().unwrap().success());
    assert!(seen.is_sorted(), "{seen:?}");
    if seen[0] == 111 {
        println!("skipped: the run was over before it was looked at");
    } else {
        assert!(
            page.contains("of 111 judgments are there; the others are looked for in the store tribunal.db"),
            "{page}"
        );
    }
    assert_eq!(view.count("outcome=failed"), 0, "what was not answered yet is not there");
}

#[test]
fn what_cannot_be_looked_at_is_told() {
    let folder = Folder::new();
    folder.succeed("run --judge first --out run");
    for (command, said) in [
        ("view nowhere", "nowhere: no such folder"),
        ("view .", "there is neither run.toml nor judgments.jsonl in it: is it the folder of a run?"),
        ("view run run", "run: named twice"),
        ("view run/report.json", "a file, not a folder"),
        ("show . x", "there is no judgments.jsonl in it"),
        ("show run bon/99999", "there is no item `bon/99999` in it"),
        ("show run pairwise/1 --judge firts", "no cell is of that judge"),
    ] {
        let done = folder.tribunal(command);
        assert!(done.code == Some(2) && done.stderr.contains(said), "{command}: {done:?}");
    }
    folder.write("broken/run.toml", "[run]\n");
    folder.write("broken/judgments.jsonl", "{\"judge\":\n");
    let done = folder.tribunal("view broken");
    assert!(done.code == Some(2) && done.stderr.contains("judgments.jsonl: line 1: not a judgment"), "{done:?}");
    let view = View::start(&folder, "run");
    let own = format!("host: {}", view.address);
    for (path, code, said) in [
        ("/?outcome=best", "400", "outcome=best is none of its words"),
        ("/case?cell=1&comparison=2", "404", "there is no such judgment"),
        ("/etc/passwd", "404", "there is no such page"),
    ] {
        let (head, body) = view.ask(path, &[&own]);
        assert!(head.contains(code) && body.contains(said), "{path}: {head} {body}");
    }
    let taken = view.address.rsplit_once(':').unwrap().1;
    let done = folder.tribunal(&format!("view run --port {taken}"));
    assert!(done.code == Some(2) && done.stderr.contains("name another with --port"), "{done:?}");
}

#[test]
fn texts_that_are_gone_are_told_and_the_rest_is_shown() {
    let folder = Folder::new();
    hostile(&folder);
    std::fs::rename(folder.path("items.jsonl"), folder.path("kept.jsonl")).unwrap();
    let view = View::start(&folder, "hostile");
    let page = view.page(&view.cases("/")[0]);
    assert!(page.contains("Texts are missing") && page.contains("Its text is not at hand"), "{page}");
    assert!(page.contains("<mark"), "the reply is there all the same");
    // Another run may have them.
    std::fs::rename(folder.path("kept.jsonl"), folder.path("items.jsonl")).unwrap();
    std::fs::rename(folder.path("hostile"), folder.path("gone")).unwrap();
    folder.succeed("run c.toml --out hostile");
    let text = std::fs::read_to_string(folder.path("gone/run.toml")).unwrap();
    std::fs::write(folder.path("gone/run.toml"), text.replace("items.jsonl", "nowhere.jsonl")).unwrap();
    for order in ["gone hostile", "hostile gone"] {
        let view = View::start(&folder, order);
        let page = view.page(&view.cases("/?run=gone")[0]);
        assert!(!page.contains("Its text is not at hand") && page.contains("badge\">gold"), "{order}: {page}");
    }
}

#[test]
fn one_item_is_shown_with_what_was_said_of_it() {
    let folder = Folder::new();
    let lines = run(&folder);
    let id =
        lines.iter().flat_map(|line| line["items"].as_array().unwrap()).find(|item| item["task"] == "bon").unwrap();
    let id = id["id"].as_str().unwrap();
    let of_item: Vec<&Value> = lines
        .iter()
        .filter(|line| line["judge"] == "able" && line["strategy"] == "pairwise-explain")
        .filter(|line| line["items"].as_array().unwrap().iter().any(|item| item["id"] == id))
        .collect();
    let shown = folder.succeed(&format!("show run {id} --judge able --strategy pairwise-explain")).stdout;
    assert!(shown.starts_with(&format!("{id}: {} judgments, ", of_item.len())), "{shown}");
    assert!(shown.contains("\u{2500}\u{2500} user\n") && shown.contains("answer 0, the gold"), "{shown}");
    for line in of_item {
        let verdict = line["verdict"].as_str().or(line["reason"].as_str()).unwrap();
        assert!(shown.contains(verdict), "{verdict}");
    }
    let item = folder
        .lines("run/items.jsonl")
        .into_iter()
        .find(|line| line["id"] == id && line["judge"] == "able" && line["strategy"] == "pairwise-explain");
    let outcomes =
        item.as_ref().unwrap()["outcomes"].as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(", ");
    let score = match item.unwrap()["score"].as_f64().unwrap() {
        1.0 => "1.000".to_owned(),
        below => format!("{below:.4}")[1..].to_owned(),
    };
    assert!(shown.contains(&format!("score of the item: able / pairwise-explain {score} ({outcomes})\n")), "{shown}");
    assert!(shown.contains("[[\u{bb}"), "what was read is marked without colour too");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "it fits");
}
