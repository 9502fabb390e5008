//! The pace of a run against a simulated judge that enforces limits, hour by hour under virtual time.

use super::adversary::server;
use super::*;
use crate::ask::TokenCharge;
use crate::bench::{self, Bench};
use crate::mock::ServerOptions;

/// A benchmark of so many asks, with prompts of so many bytes each, over all the ratios up to the largest.
fn bench(asks: usize, bytes: std::ops::Range<usize>) -> (tempfile::TempDir, Bench) {
    let folder = tempfile::tempdir().unwrap();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the ends of the range")]
    let line = |at: usize| {
        let share = Fields::new("length").number(at as u64).finish().unit();
        let length = (bytes.start as f64 * (bytes.end as f64 / bytes.start as f64).powf(share)) as usize;
        serde_json::json!({
            "id": at.to_string(), "group": "G", "best": 0, "conversation": [{"role": "user", "content": "w ".repeat(length / 2)}],
            "candidates": [{"text": format!("Answer {at}.")}, {"text": format!("Another, {at}.")}],
        })
        .to_string()
            + "\n"
    };
    let path = folder.path().join("b.jsonl");
    std::fs::write(&path, (0..asks).map(line).collect::<String>()).unwrap();
    let bench = bench::open(&path, "b", None).unwrap();
    (folder, bench)
}

/// What came of a run.
struct Paced {
    asked: Asked,
    prompt_tokens: u64,
    completion_tokens: u64,
    /// What each endpoint counted.
    stats: Vec<serde_json::Value>,
    took: Duration,
    /// The longest time between two sendings.
    longest_gap: Duration,
}

/// A limit of an endpoint, and what is known of it.
type Endpoint<'a> = (&'a str, Limits);

/// How a run is asked.
#[derive(Clone)]
struct Load {
    asks: usize,
    bytes: std::ops::Range<usize>,
    concurrency: usize,
    strategy: &'static str,
}

impl Load {
    fn of(asks: usize, bytes: std::ops::Range<usize>, concurrency: usize) -> Self {
        Self { asks, bytes, concurrency, strategy: "pairwise-direct" }
    }
}

async fn pace(limits: &str, known: Limits, asks: usize, bytes: std::ops::Range<usize>, concurrency: usize) -> Paced {
    pace_at(&[(limits, known)], Load::of(asks, bytes, concurrency)).await
}

async fn pace_at(endpoints: &[Endpoint<'_>], load: Load) -> Paced {
    let (_folder, bench) = bench(load.asks, load.bytes);
    let (mut replicas, mut adversaries, mut logs) = (Vec::new(), Vec::new(), Vec::new());
    for (limits, known) in endpoints {
        let options = ServerOptions { limits: limits.parse().unwrap(), ..ServerOptions::default() };
        let (judge, adversary, log) = server(options);
        let JudgeKind::Endpoint(endpoint) = judge.kind else { panic!("an endpoint") };
        replicas.extend(endpoint.replicas.into_iter().map(|replica| Replica { limits: *known, ..replica }));
        adversaries.push(adversary);
        logs.push(log);
    }
    let judge =
        EndpointJudge { replicas, identity: "m".to_owned(), extra: Arc::default(), simulated: false, prices: None };
    let judge = Judge { name: "m".to_owned(), kind: JudgeKind::Endpoint(Box::new(judge)) };
    let begun = clock::now();
    let (asked, collected) = run_bench(&store(), &bench, &judge, load.strategy, settings(load.concurrency)).await;
    let took = clock::now() - begun;
    let mut sent: Vec<Moment> = logs.iter().flat_map(|log| log.lock().unwrap().clone()).map(|(sent, _)| sent).collect();
    sent.sort_unstable();
    let longest_gap = sent.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
    Paced {
        asked,
        prompt_tokens: collected.tokens.prompt.unwrap(),
        completion_tokens: collected.tokens.completion.unwrap(),
        stats: adversaries.iter().map(|adversary| serde_json::to_value(adversary.stats()).unwrap()).collect(),
        took,
        longest_gap,
    }
}

impl Paced {
    fn count(&self, name: &str) -> u64 {
        self.stats.iter().map(|stats| stats[name].as_u64().unwrap()).sum()
    }

    fn tokens(&self) -> f64 {
        (self.prompt_tokens + self.completion_tokens) as f64
    }

    /// The share of a limit a minute that so many tokens are.
    fn used_of(&self, limit: u64, tokens: f64) -> f64 {
        tokens / limit as f64 / (self.took.as_secs_f64() / 60.0)
    }

    fn throttled(&self) -> u64 {
        self.stats.iter().map(|stats| stats["statuses"]["429"].as_u64().unwrap_or(0)).sum()
    }

    /// Requests that were accepted in each whole minute.
    fn by_minute(&self) -> Vec<u64> {
        let of = |stats: &serde_json::Value| -> Vec<u64> {
            let minutes = stats["accepted_per_minute"].as_array().unwrap();
            minutes.iter().map(|count| count.as_u64().unwrap()).collect()
        };
        let each: Vec<Vec<u64>> = self.stats.iter().map(of).collect();
        let minutes = each.iter().map(Vec::len).max().unwrap_or_default();
        (0..minutes).map(|at| each.iter().filter_map(|list| list.get(at)).sum()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_limit_of_requests_is_used_and_never_broken() {
    let known = Limits { requests_per_minute: Some(600), ..Limits::default() };
    let limits = "requests=600,latency=lognormal:50:.5,headers=none";
    let paced = pace(limits, known, 600 * 11, 40..80, 32).await;
    assert_eq!((paced.throttled(), paced.asked.counters.given_up), (0, 0));
    let minutes = paced.by_minute();
    let used = minutes[1..11].iter().sum::<u64>() as f64 / 6000.0;
    println!("known limit of requests: {used:.3} used, longest gap {:?}", paced.longest_gap);
    assert!(used >= 0.98, "{used}: {minutes:?}");
    assert!(minutes[0] <= 610, "the first minute is not doubled: {minutes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_known_limit_of_tokens_is_used_and_never_broken() {
    let known = Limits { tokens_per_minute: Some(100_000), ..Limits::default() };
    // Four bytes a token at the simulated judge; 200 to 8,000 tokens.
    let load = Load::of(600, 800..32_000, 32);
    let paced = pace_at(&[("tokens=100000,charge=used,latency=fixed:50", known)], load).await;
    assert_eq!((paced.throttled(), paced.asked.counters.given_up), (0, 0));
    let used = paced.used_of(100_000, paced.tokens());
    println!("tokens charged as used: {used:.3} used, longest gap {:?}", paced.longest_gap);
    assert!(used >= 0.95, "{used} in {:?}", paced.took);
    assert!(paced.longest_gap < Duration::from_secs(15), "no ask waits for long: {:?}", paced.longest_gap);
}

/// The share of 100,000 tokens a minute that is used where the most that replies may have is charged, and how many were throttled.
async fn reserved(charged: Option<TokenCharge>) -> (f64, u64) {
    let known = Limits { tokens_per_minute: Some(100_000), tokens_charged: charged, ..Limits::default() };
    // Replies of up to 1,024 tokens, which have some 40 of them.
    let load = Load { strategy: "pairwise-explain", ..Load::of(600, 800..32_000, 32) };
    let asks = load.asks as f64;
    let paced = pace_at(&[("tokens=100000,charge=reserved,latency=fixed:50,headers=retry_after", known)], load).await;
    assert_eq!(paced.asked.counters.given_up, 0);
    (paced.used_of(100_000, paced.prompt_tokens as f64 + 1024.0 * asks), paced.throttled())
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_charges_the_most_a_reply_may_have_is_used_and_never_broken() {
    let (used, throttled) = reserved(Some(TokenCharge::Reserved)).await;
    println!("tokens charged as reserved: {used:.3} used");
    assert_eq!(throttled, 0);
    assert!(used >= 0.95, "{used}");
}

#[tokio::test(start_paused = true)]
async fn that_it_charges_so_is_found_out_by_the_first_throttle() {
    let (used, throttled) = reserved(None).await;
    println!("found out that they are reserved: {used:.3} used, {throttled} throttled");
    assert!(throttled <= 3, "{throttled}");
    assert!(used >= 0.9, "{used}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_limit_of_tokens_is_found() {
    let load = Load::of(1_200, 800..32_000, 32);
    let limits = "tokens=100000,charge=used,latency=fixed:50,headers=none";
    let paced = pace_at(&[(limits, Limits::default())], load).await;
    assert_eq!(paced.asked.counters.given_up, 0);
    let used = paced.used_of(100_000, paced.tokens());
    let throttled = paced.throttled() as f64 / paced.count("received") as f64;
    println!("unknown limit of tokens: {used:.3} used, {throttled:.3} throttled");
    // Of 45 requests a minute two or three are turned away: each probe of the limit, among so few, is many.
    assert!(used >= 0.9 && throttled <= 0.07, "{used} used, {throttled} throttled");
}

#[tokio::test(start_paused = true)]
async fn what_three_endpoints_allow_is_used_though_one_dies_and_comes_back() {
    let known = |requests| Limits { requests_per_minute: Some(requests), ..Limits::default() };
    let limits = |requests: u64, down: &str| format!("requests={requests},latency=fixed:200,headers=none{down}");
    // The second is down from the third to the fifth minute.
    let texts = [limits(100, ""), limits(300, ",down=180..300"), limits(600, "")];
    let asks = 1000 * 10 - 2 * 300;
    let endpoints = [(&*texts[0], known(100)), (&*texts[1], known(300)), (&*texts[2], known(600))];
    let paced = pace_at(&endpoints, Load::of(asks, 40..80, 32)).await;
    assert_eq!((paced.asked.counters.answered, paced.asked.counters.given_up), (asks, 0), "nothing is lost");
    assert_eq!(paced.throttled(), 0);
    let possible = |minutes: f64| 1000.0 * minutes - 300.0 * (minutes - 3.0).clamp(0.0, 2.0);
    let used = asks as f64 / possible(paced.took.as_secs_f64() / 60.0);
    println!("three endpoints, one down: {used:.3} used");
    assert!(used >= 0.95, "{used} in {:?}: {:?}", paced.took, paced.by_minute());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_limit_of_requests_is_found() {
    for headers in ["none", "retry_after", "openai"] {
        let limits = format!("requests=600,latency=fixed:50,headers={headers}");
        let paced = pace(&limits, Limits::default(), 600 * 12, 40..80, 32).await;
        assert_eq!(paced.asked.counters.given_up, 0, "{headers}");
        let minutes = paced.by_minute();
        let used = minutes[2..minutes.len() - 1].iter().sum::<u64>() as f64 / (600 * (minutes.len() - 3)) as f64;
        let throttled = paced.throttled() as f64 / paced.count("received") as f64;
        println!("unknown limit of requests, headers {headers}: {used:.3} used, {throttled:.4} throttled");
        assert!(used >= 0.85 && throttled < 0.02, "{headers}: {used}, {throttled}: {minutes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn hidden_concurrency_is_found_and_followed() {
    let limits = "concurrency=16@0+6@120+24@240,latency=fixed:500";
    // At 16, 6 and 24 in flight and half a second each: 32, 12 and 48 a second.
    let asks = 120 * 32 + 120 * 12 + 120 * 48;
    let paced = pace(limits, Limits::default(), asks, 40..80, 64).await;
    assert_eq!(paced.asked.counters.given_up, 0);
    let minutes = paced.by_minute();
    for (minute, most) in [(1, 16), (3, 6), (5, 24)] {
        let used = minutes[minute] as f64 / f64::from(120 * most);
        assert!(used >= 0.8, "minute {minute}: {used} of {most}: {minutes:?}");
    }
    let throttled = paced.throttled() as f64 / paced.count("received") as f64;
    println!("hidden concurrency: {minutes:?} of 1920, 720, 2880 a minute, {throttled:.4} throttled");
    assert!(throttled <= 0.05, "{throttled}");
}

#[tokio::test(start_paused = true)]
async fn nine_hours_with_a_storm_and_an_outage_end_well() {
    let limits = "requests=10@0+1@7200+10@9000,latency=lognormal:2000:.5,headers=none,down=14400..15600";
    let known = Limits { requests_per_minute: Some(10), ..Limits::default() };
    let night = || pace(limits, known, 5_000, 40..80, 32);
    let (one, other) = (night().await, night().await);
    assert_eq!((one.asked.counters.given_up, one.asked.stopped.len()), (0, 0));
    assert_eq!(one.count("answered"), 5_000);
    assert!((8.5..9.5).contains(&(one.took.as_secs_f64() / 3600.0)), "{:?}", one.took);
    assert_eq!((&one.stats, one.took), (&other.stats, other.took));
}
