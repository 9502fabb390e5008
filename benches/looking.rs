//! How long `tribunal view` takes to answer: `cargo bench --bench looking`.
//!
//! 100,000 judgments and more, with replies of about 1,200 bytes, over RMB where it is there (`../shared/data/rmb`, or `rmb` in
//! `TRIBUNAL_SHARED_DATA`), else over the embedded sample. Each page is asked for over HTTP, with the answer not yet known to the server.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tribunal::bench::{self, Bench};
use tribunal::cases::{CasesBuilder, Material};
use tribunal::digest::Fields;
use tribunal::strategy::shipped;
use tribunal::view::{Shelf, ViewServer};

const JUDGMENTS: usize = 100_000;
const WORDS: [&str; 12] =
    ["careful", "the", "answer", "quotes", "\n\n", "facts", "\"both\"", "length", "tone", "follows", "steps", "claims"];
const REPLY: usize = 1_200;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("judgments.jsonl");
    let bench = benchmark();
    let (judgments, judges) = write(&bench, &path);
    let megabytes = std::fs::metadata(&path).unwrap().len() as f64 / 1e6;
    let strategy = shipped("pairwise-explain").unwrap().unwrap();
    let material = Arc::new(Material::new(vec![bench], vec![strategy], Vec::new()));

    let started = Instant::now();
    let mut builder = CasesBuilder::default();
    builder.add("run", (&path, File::open(&path).unwrap()), material).unwrap();
    let cases = builder.build();
    let key = cases.cells().last().unwrap().1.to_owned();
    println!(
        "{judgments} judgments of {judges} judges, {megabytes:.0} MB; opened in {:.2} s",
        started.elapsed().as_secs_f64()
    );

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(ViewServer::start(0, Arc::new(Shelf::new(cases, None)))).unwrap();
    println!("{:<52}{:>14}{:>10}", "asked for", "judgments", "ms");
    for query in [
        String::new(),
        "judge=judge-1".to_owned(),
        "outcome=wrong".to_owned(),
        "reason=no_label&judge=judge-0".to_owned(),
        "odd=cells".to_owned(),
        "odd=orders&outcome=right".to_owned(),
        format!("judge=judge-0&against={key}&flip=lost"),
        "q=careful&in=reply".to_owned(),
        "q=the".to_owned(),
        "q=nowhere-to-be-found".to_owned(),
        "q=%22both%22+length&outcome=wrong".to_owned(),
        "q=python&in=texts&task=pairwise".to_owned(),
    ] {
        let started = Instant::now();
        let page = get(&server.address(), &format!("/?{query}"));
        let took = started.elapsed().as_secs_f64() * 1e3;
        let count = page.split("id=\"conclusion\">").nth(1).and_then(|said| said.split_whitespace().next()).unwrap();
        println!("{query:<52}{count:>14}{took:>10.1}");
    }
}

fn benchmark() -> Bench {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("TRIBUNAL_SHARED_DATA").map_or_else(beside, PathBuf::from);
    bench::open(&data.join("rmb/RMB_dataset"), "rmb", None).unwrap_or_else(|_| bench::sample().unwrap())
}

/// Judgments of each item's first two candidates, by as many judges as it takes.
fn write(bench: &Bench, path: &Path) -> (usize, usize) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let judges = JUDGMENTS.div_ceil(bench.items.len() * 2);
    for judge in 0..judges {
        for item in &bench.items {
            for order in 0..2 {
                let draw = Fields::new("looking").text(&item.id).number(judge as u64).number(order).finish();
                let hash = Fields::new("looking").text(&item.id).finish();
                let is_read = draw.unit() > 0.02;
                let is_first = draw.bit();
                let shown = if order == 0 { [0, 1] } else { [1, 0] };
                let outcome = match (is_read, is_first == (order == 0)) {
                    (false, _) => "unparsed",
                    (true, true) => "right",
                    (true, false) => "wrong",
                };
                let label = if is_first { "A" } else { "B" };
                let line = json!({"bench": bench.name, "judge": format!("judge-{judge}"), "strategy": "pairwise-explain", "hash": hash,
                    "items": [{"id": item.id, "task": item.task, "group": &**bench.group(item.group), "shown": shown, "outcome": outcome}],
                    "order": order, "sample": 0, "key": draw, "verdict": is_read.then_some(label), "reason": (!is_read).then_some("no_label"),
                    "reply": reply(&draw.0, is_read.then_some(label)), "finish_reason": "stop",
                    "usage": {"prompt_tokens": 900, "completion_tokens": 300}});
                writeln!(out, "{line}").unwrap();
            }
        }
    }
    out.flush().unwrap();
    (judges * bench.items.len() * 2, judges)
}

fn reply(seed: &[u8; 32], label: Option<&str>) -> String {
    let mut text = String::new();
    let mut seeds = seed.iter().cycle();
    while text.len() < REPLY {
        text += WORDS[usize::from(*seeds.next().unwrap()) % WORDS.len()];
        text.push(' ');
    }
    text + &label.map_or_else(String::new, |label| format!("\n[[{label}]]"))
}

fn get(address: &str, path: &str) -> String {
    let host = address.strip_prefix("http://").unwrap().strip_suffix('/').unwrap();
    let mut connection = TcpStream::connect(host).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    response
}
