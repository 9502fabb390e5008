//! The pace of a run against a simulated judge that enforces limits, hour by hour under virtual time.

use super::adversary::server;
use super::*;
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
    tokens: u64,
    stats: serde_json::Value,
    took: Duration,
    /// The longest that any ask waited between two sendings at the endpoint.
    longest_gap: Duration,
}

async fn pace(limits: &str, known: Limits, asks: usize, bytes: std::ops::Range<usize>, concurrency: usize) -> Paced {
    let (_folder, bench) = bench(asks, bytes);
    let options = ServerOptions { limits: limits.parse().unwrap(), ..ServerOptions::default() };
    let (mut judge, adversary, log) = server(options);
    if let JudgeKind::Endpoint(endpoint) = &mut judge.kind {
        endpoint.replicas[0].limits = known;
    }
    let begun = clock::now();
    let (asked, collected) = run_bench(&store(), &bench, &judge, settings(concurrency)).await;
    let took = clock::now() - begun;
    let log = log.lock().unwrap();
    let longest_gap = log.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap_or_default();
    Paced {
        asked,
        tokens: collected.tokens.prompt.unwrap() + collected.tokens.completion.unwrap(),
        stats: serde_json::to_value(adversary.stats()).unwrap(),
        took,
        longest_gap,
    }
}

impl Paced {
    fn count(&self, name: &str) -> u64 {
        self.stats[name].as_u64().unwrap()
    }

    fn throttled(&self) -> u64 {
        self.stats["statuses"]["429"].as_u64().unwrap_or(0)
    }

    /// Requests that were accepted in each whole minute.
    fn by_minute(&self) -> Vec<u64> {
        let minutes = self.stats["accepted_per_minute"].as_array().unwrap();
        minutes.iter().map(|count| count.as_u64().unwrap()).collect()
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
    assert!(used >= 0.98, "{used}: {minutes:?}");
    assert!(minutes[0] <= 610, "the first minute is not doubled: {minutes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_known_limit_of_tokens_is_used_and_never_broken() {
    let known = Limits { tokens_per_minute: Some(100_000), ..Limits::default() };
    // Four bytes a token at the simulated judge; about 2,000 tokens on average.
    let paced = pace("tokens=100000,charge=used,latency=fixed:50", known, 600, 400..32_000, 32).await;
    assert_eq!((paced.throttled(), paced.asked.counters.given_up), (0, 0));
    let tokens = paced.tokens;
    let minutes = paced.took.as_secs_f64() / 60.0;
    let used = tokens as f64 / 100_000.0 / minutes;
    assert!(used >= 0.95, "{used} of {tokens} tokens in {minutes} minutes");
    assert!(paced.longest_gap < Duration::from_secs(15), "no ask waits for long: {:?}", paced.longest_gap);
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
