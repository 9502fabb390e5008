//! Speed and memory of the binary, each beside its peer in the same run: `cargo bench`.
//!
//! RMB is read where it is there (`../shared/data/rmb`, or `rmb` in `TRIBUNAL_SHARED_DATA`), else the embedded sample, which is too small
//! for figures worth quoting. Machines are noisy: quote ratios.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs};
use futures_util::StreamExt as _;
use tribunal::ask::{Request, Role};
use tribunal::bench::{self, Bench};
use tribunal::plan::{Orders, Plan};
use tribunal::run::messages;
use tribunal::strategy::{Strategy, shipped};

const IN_FLIGHT: usize = 64;
/// The argument that makes this program the peer: a loop of nothing but requests.
const PEER: &str = "peer-of-the-run";
const ROUNDS: usize = 3;

/// What a process took.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    wall: Duration,
    cpu: Duration,
    peak_kb: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, url, in_flight] = arguments.as_slice()
        && word == PEER
    {
        return peer(url, in_flight.parse().unwrap());
    }
    let data = std::env::var_os("TRIBUNAL_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/rmb"),
        |folder| PathBuf::from(folder).join("rmb"),
    );
    let rmb = data.is_dir().then_some(data);
    if rmb.is_none() {
        println!("RMB is not there: these are figures of the embedded sample");
    }
    let bench = rmb.as_deref().map_or_else(|| bench::sample().unwrap(), |path| bench::open(path, "rmb", None).unwrap());
    let flags: Vec<String> =
        rmb.iter().flat_map(|path| ["--bench".to_owned(), format!("rmb={}", path.display())]).collect();
    help();
    let baseline = baseline(&flags);
    asks(&bench, &flags, baseline);
    slow_asks(&bench, &flags);
    memory();
}

/// Peak memory of runs that differ in nothing but how much is asked: the sample, in samples.
fn memory() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = mock(folder.path(), "");
    let judge = format!("m@{url}");
    for samples in ["90", "900"] {
        let run = ["run", "--judge", &judge, "--strategy", "pairwise-direct", "--samples", samples];
        let store = format!("{samples}.db");
        let more = ["--store", &store, "--out", samples, "--concurrency", "64"];
        let took = follow(tribunal(folder.path(), &run.into_iter().chain(more).collect::<Vec<_>>()));
        let asks = number_of(&folder.path().join(samples), "answered");
        println!("{asks} asks: {:.1} s, {} MB at its peak", took.wall.as_secs_f64(), took.peak_kb / 1024);
    }
    end(server);
}

/// Runs a command and follows it to its end.
fn follow(mut command: Command) -> Took {
    let started = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    watch(child, started)
}

/// Reads CPU and peak memory from the process table until the process ends: a process that has ended and was not yet waited for still
/// shows its CPU.
fn watch(mut child: Child, started: Instant) -> Took {
    let mut took = Took::default();
    let folder = PathBuf::from(format!("/proc/{}", child.id()));
    loop {
        let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        took.peak_kb = peak.unwrap_or(took.peak_kb);
        took.cpu = cpu(&folder).unwrap_or(took.cpu);
        if status.is_empty() || status.contains("State:\tZ") {
            took.wall = started.elapsed();
            assert!(child.wait().unwrap().success(), "a measured command failed");
            return took;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// User and system time, counted in hundredths of a second.
fn cpu(folder: &Path) -> Option<Duration> {
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let ticks: Vec<u64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Some(Duration::from_millis(10 * ticks.iter().sum::<u64>()))
}

fn tribunal(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tribunal"));
    command.args(arguments).current_dir(folder);
    command
}

/// The best of some rounds, by wall time.
fn best(mut round: impl FnMut() -> Took) -> Took {
    (0..ROUNDS).map(|_| round()).min_by_key(|took| took.wall).unwrap()
}

fn help() {
    let folder = tempfile::tempdir().unwrap();
    let took = best(|| follow(tribunal(folder.path(), &["--help"])));
    let peer = best(|| follow(Command::new("true")));
    println!("--help: {:.1} ms (`true`: {:.1} ms)", millis(took.wall), millis(peer.wall));
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The baseline `longest`: reading, planning, scoring and reporting without a request.
fn baseline(flags: &[String]) -> Took {
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> =
        ["run", "--judge", "longest"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let took = best(|| follow(tribunal(folder.path(), &arguments)));
    let Took { wall, cpu, peak_kb } = took;
    println!(
        "longest: {:.2} s wall, {:.2} s CPU, {} MB at its peak",
        wall.as_secs_f64(),
        cpu.as_secs_f64(),
        peak_kb / 1024
    );
    took
}

/// Asks per second and CPU, against a bare loop that sends the same prompts; then the same run from the store.
fn asks(bench: &Bench, flags: &[String], baseline: Took) {
    let folder = tempfile::tempdir().unwrap();
    let strategy = shipped("pairwise-explain").unwrap().unwrap();
    let plan = Plan::new(bench, 0, Orders::Seeded, 1, false);
    let (requests, rendering) = render(bench, &plan, &strategy);
    let asks = requests.len() as f64;
    let prompts: Vec<[&str; 2]> =
        requests.iter().map(|request| [Role::System, Role::User].map(|role| text_of(request, role))).collect();
    std::fs::write(folder.path().join("prompts.json"), serde_json::to_vec(&prompts).unwrap()).unwrap();
    let (server, url) = mock(folder.path(), "");
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for round in 0..ROUNDS {
        let (judge, store, out) = (format!("m@{url}"), format!("{round}.db"), format!("run-{round}"));
        let in_flight = IN_FLIGHT.to_string();
        let run = ["run", "--judge", &judge, "--store", &store, "--out", &out, "--concurrency", &in_flight];
        let arguments: Vec<&str> = run.into_iter().chain(flags.iter().map(String::as_str)).collect();
        let whole = follow(tribunal(folder.path(), &arguments));
        ours.push((seconds_of_asking(&folder.path().join(&out)), whole));
        let mut peer = Command::new(std::env::current_exe().unwrap());
        peer.args([PEER, &url, &in_flight]).current_dir(folder.path());
        theirs.push(follow(peer));
        if round + 1 == ROUNDS {
            let again = best(|| follow(tribunal(folder.path(), &arguments)));
            println!("the same run from the store: {:.2} s, {} MB", again.wall.as_secs_f64(), again.peak_kb / 1024);
        }
    }
    end(server);
    let (asking, whole) = ours.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    let peer = theirs.into_iter().min_by_key(|took| took.wall).unwrap();
    // The peer reads its prompts before the first request: that is in its wall time and its CPU, and small.
    let (rate, peer_rate) = (asks / asking, asks / peer.wall.as_secs_f64());
    println!("asks: {rate:.0}/s, bare loop {peer_rate:.0}/s: ratio {:.2}", rate / peer_rate);
    let per_ask = |cpu: Duration| cpu.as_secs_f64() * 1e6 / asks;
    let (all, http) = (per_ask(whole.cpu) - per_ask(baseline.cpu), per_ask(peer.cpu));
    println!("CPU per 1,000 asks: {:.3} s, bare loop {:.3} s: ratio {:.2}", all / 1e3, http / 1e3, all / http);
    let (store, template) = (storing(&folder.path().join("0.db"), folder.path()), per_ask(rendering));
    println!("microseconds of CPU an ask:");
    let rows = [("HTTP, as the bare loop", http), ("template and key", template), ("store", store)];
    for (what, micros) in rows.into_iter().chain([("the rest", all - http - template - store), ("all", all)]) {
        println!("  {what:24} {micros:6.1}");
    }
}

/// Asks per second at an endpoint that takes 50 ms, 256 in flight, against a bare loop: from the first request to the last reply stored.
fn slow_asks(bench: &Bench, flags: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let strategy = shipped("pairwise-explain").unwrap().unwrap();
    let (requests, _) = render(bench, &Plan::new(bench, 0, Orders::Seeded, 1, false), &strategy);
    let prompts: Vec<[&str; 2]> =
        requests.iter().map(|request| [Role::System, Role::User].map(|role| text_of(request, role))).collect();
    std::fs::write(folder.path().join("prompts.json"), serde_json::to_vec(&prompts).unwrap()).unwrap();
    let (server, url) = mock(folder.path(), "latency_ms=50");
    let judge = format!("m@{url}");
    let run = ["run", "--judge", &judge, "--out", "run", "--concurrency", "256"];
    let arguments: Vec<&str> = run.into_iter().chain(flags.iter().map(String::as_str)).collect();
    follow(tribunal(folder.path(), &arguments));
    let ours = requests.len() as f64 / number_of(&folder.path().join("run"), "asking_seconds");
    let mut peer = Command::new(std::env::current_exe().unwrap());
    peer.args([PEER, &url, "256"]).current_dir(folder.path());
    let theirs = requests.len() as f64 / follow(peer).wall.as_secs_f64();
    end(server);
    println!("asks of 50 ms, 256 in flight: {ours:.0}/s, bare loop {theirs:.0}/s: ratio {:.2}", ours / theirs);
}

fn text_of(request: &Request, role: Role) -> &str {
    request.messages.iter().find(|message| message.role == role).map_or("", |message| &message.content)
}

/// Every request of a plan, and the time that rendering and hashing took.
fn render(bench: &Bench, plan: &Plan, strategy: &Strategy) -> (Vec<Request>, Duration) {
    let started = Instant::now();
    let mut requests = Vec::new();
    for ask in plan.judgments() {
        let comparison = plan.comparison(ask.comparison);
        if comparison.is_equal() {
            continue;
        }
        let messages = messages(bench, plan, strategy, ask, &[]).unwrap();
        let request = Request { messages, sampling: strategy.sampling.clone(), ..Request::default() };
        std::hint::black_box(request.key("identity", 0));
        requests.push(request);
    }
    (requests, started.elapsed())
}

/// Microseconds a reply of writing those of a run into a new store, in groups as the run does.
fn storing(from: &Path, folder: &Path) -> f64 {
    let source = rusqlite::Connection::open(from).unwrap();
    let mut bodies = source.prepare("SELECT key, body FROM replies").unwrap();
    let rows = bodies.query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, String>(1)?))).unwrap();
    let entries: Vec<_> = rows.map(|row| entry(row.unwrap())).collect();
    let (n, store) = (entries.len(), tribunal::store::Store::open(&folder.join("copy.db")).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let trouble = tokio::sync::watch::channel(None).0;
    let (writer, sender) = tribunal::store::Writer::new(store, None, trouble).unwrap();
    let before = cpu(Path::new("/proc/self")).unwrap();
    runtime.block_on(async {
        let send = async move {
            for entry in entries {
                sender.send(tribunal::store::Order::Keep(entry)).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(writer.run(), send);
        written.unwrap();
    });
    let after = cpu(Path::new("/proc/self")).unwrap();
    (after.as_secs_f64() - before.as_secs_f64()) * 1e6 / n as f64
}

fn entry((key, body): ([u8; 32], String)) -> tribunal::store::Entry {
    let reply = tribunal::judge::read_reply(&body).unwrap();
    tribunal::store::Entry::Reply(tribunal::store::Had {
        key: tribunal::digest::Digest(key),
        judge: "judge".into(),
        body,
        reply,
        request_id: None,
        sent_at: 0,
        latency: Duration::ZERO,
        attempts: 1,
        cost: tribunal::money::Usd::ZERO,
    })
}

fn mock(folder: &Path, parameters: &str) -> (Child, String) {
    let mut child = tribunal(folder, &["mock", "--port", "0", "--parameters", parameters])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    (child, url.trim().to_owned())
}

fn end(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Seconds from a run's first request to its report, all replies stored and read again.
fn seconds_of_asking(run: &Path) -> f64 {
    number_of(run, "seconds")
}

/// A number of a run's first invocation.
fn number_of(run: &Path, field: &str) -> f64 {
    let invocations = std::fs::read_to_string(run.join("invocations.jsonl")).unwrap();
    let invocation: serde_json::Value = serde_json::from_str(invocations.lines().next().unwrap()).unwrap();
    invocation[field].as_f64().unwrap()
}

/// The bare loop: `async-openai` as it comes, as many in flight, replies dropped.
fn peer(url: &str, in_flight: usize) {
    let prompts: Vec<[String; 2]> = serde_json::from_slice(&std::fs::read("prompts.json").unwrap()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = async_openai::Client::with_config(OpenAIConfig::new().with_api_base(url).with_api_key("none"));
        let ask = |[system, user]: [String; 2]| {
            let client = client.clone();
            async move {
                let system = async_openai::types::chat::ChatCompletionRequestSystemMessage::from(system);
                let user = ChatCompletionRequestUserMessage::from(user);
                let mut request = CreateChatCompletionRequestArgs::default();
                let request =
                    request.model("m").temperature(0.0).messages(vec![system.into(), user.into()]).build().unwrap();
                client.chat().create(request).await.unwrap()
            }
        };
        let mut replies = futures_util::stream::iter(prompts).map(ask).buffer_unordered(in_flight);
        while let Some(reply) = replies.next().await {
            std::hint::black_box(reply);
        }
    });
}
