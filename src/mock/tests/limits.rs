//! Limits as an asker meets them, under a time that is told.

use proptest::prelude::*;

use super::super::{Flight, Transport};
use super::*;

fn limited(limits: &str) -> Arc<Adversary> {
    let options = ServerOptions { limits: limits.parse().unwrap(), ..ServerOptions::default() };
    Arc::new(Adversary::started_at(options, NOW))
}

/// The statuses of different asks at these milliseconds after the start.
fn statuses(adversary: &Arc<Adversary>, moments: &[u64]) -> Vec<u16> {
    let status = |at: &u64| ask(adversary, &format!("at {at}"), NOW + at).status.as_u16();
    moments.iter().map(status).collect()
}

/// The prompt of `body("q")` is 1 + 4 + 3 tokens, its `max_tokens` 16, its reply 2 tokens or 4.
fn q(adversary: &Arc<Adversary>, at: u64) -> Outcome {
    ask(adversary, "q", NOW + at)
}

/// The headers beside the kind of content.
fn told(outcome: &Outcome) -> Vec<String> {
    outcome.headers[1..].iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

fn error(outcome: &Outcome) -> (String, String) {
    let error = serde_json::from_str::<Value>(&outcome.body).unwrap()["error"].take();
    (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
}

#[test]
fn a_request_counts_for_exactly_one_window() {
    let adversary = limited("requests=2");
    assert_eq!(
        statuses(&adversary, &[0, 10, 59_999, 60_000, 60_009, 60_010, 60_011]),
        [200, 200, 429, 200, 429, 200, 429]
    );
    let adversary = limited("requests=1,window_ms=100,requests_per_day=2");
    assert_eq!(statuses(&adversary, &[0, 99, 100, 200, 86_399_999, 86_400_000]), [200, 429, 200, 429, 429, 200]);
}

#[test]
fn rejected_requests_are_charged_only_where_that_is_set() {
    let moments = [0, 30_000, 60_000, 89_999, 120_000];
    assert_eq!(statuses(&limited("requests=1"), &moments), [200, 429, 200, 429, 200]);
    assert_eq!(statuses(&limited("requests=1,charge_rejected=1"), &moments), [200, 429, 429, 429, 429]);
}

#[test]
fn a_rejection_says_which_limit_it_was() {
    for (limits, words) in [
        ("requests=1", "requests per minute: limit 1, used 1, requested 1."),
        ("requests_per_day=1", "requests per day: limit 1, used 1, requested 1."),
        ("tokens=40", "tokens per minute: limit 40, used 24, requested 24."),
        ("input_tokens=10", "input tokens per minute: limit 10, used 8, requested 8."),
        ("output_tokens=16", "output tokens per minute: limit 16, used 16, requested 16."),
    ] {
        let adversary = limited(limits);
        assert_eq!(q(&adversary, 0).status, 200, "{limits}");
        let outcome = q(&adversary, 1);
        assert_eq!(outcome.status, 429);
        assert_eq!(error(&outcome), ("rate_limit_exceeded".to_owned(), format!("Rate limit reached for {words}")));
        assert_eq!((told(&outcome), outcome.alone_until), (Vec::new(), None), "nothing is told unless asked for");
    }
    let outcome = q(&limited("tokens=23,headers=retry_after"), 0);
    let message = "Request too large for tokens per minute: limit 23, requested 24. It can never be answered.";
    assert_eq!((error(&outcome).1, told(&outcome)), (message.to_owned(), Vec::new()));
}

#[test]
fn reserved_tokens_are_charged_at_arrival_and_used_ones_when_the_reply_is_sent() {
    let remaining = |limits: &str, moments: &[u64]| {
        let adversary = limited(&format!("{limits},headers=openai,latency=fixed:500"));
        let of = |outcome: Outcome| outcome.headers[2].1.clone();
        moments.iter().map(|at| of(q(&adversary, *at))).collect::<Vec<_>>()
    };
    assert_eq!(remaining("tokens=1000", &[0, 499, 500, 60_000, 60_499]), ["976", "952", "928", "928", "928"]);
    // Prompts of 8 tokens at once; replies of 2 tokens half a second later.
    assert_eq!(remaining("tokens=1000,charge=used", &[0, 499, 500, 999, 1000]), ["992", "984", "974", "964", "954"]);
    let unstated = limited("output_tokens=31");
    let body = br#"{"model":"m","messages":[{"role":"user","content":"q"}]}"#;
    let statuses = [(); 2].map(|()| unstated.respond(body, &headers(0), NOW).status.as_u16());
    assert_eq!(statuses, [200, 429], "16 are reserved where nothing is said");
    let used = limited("output_tokens=2,charge=used,latency=fixed:500");
    let statuses = [0, 499, 500, 60_998, 60_999].map(|at| q(&used, at).status.as_u16());
    assert_eq!(statuses, [200, 200, 429, 429, 200], "an answer is let in while anything is left");
}

#[test]
fn limits_move_with_the_seconds_since_the_start() {
    let adversary = limited("requests=3@0+1@100,window_ms=10");
    let moments = [0, 1, 2, 3, 99_999, 100_000, 100_009, 100_010];
    assert_eq!(statuses(&adversary, &moments), [200, 200, 200, 429, 200, 429, 200, 429]);
}

#[test]
fn more_at_once_than_allowed_are_turned_away_without_a_wait() {
    let adversary = limited("concurrency=2@0+1@10+3@20,headers=openai");
    let enter = |at: u64| {
        let flight = adversary.enter();
        (flight, adversary.respond(body("q").as_bytes(), &headers(0), NOW + at))
    };
    let mut flights: Vec<Flight> = (0..2).map(|_| enter(0).0).collect();
    let (third, outcome) = enter(1);
    assert_eq!((outcome.status.as_u16(), told(&outcome), outcome.alone_until), (429, Vec::new(), None));
    assert!(error(&outcome).1.contains("Too many concurrent requests"));
    drop(third);
    flights.pop();
    assert_eq!(enter(10_000).1.status, 429, "one is allowed, and one is under way");
    flights.pop();
    assert_eq!(enter(10_001).1.status, 200);
    let waiting: Vec<Flight> = (0..5).map(|_| adversary.enter()).collect();
    assert_eq!(adversary.respond(body("q").as_bytes(), &headers(0), NOW + 20_000).status, 200);
    drop(waiting);
    assert_eq!(adversary.stats().limits["concurrency"].throttled, 2);
}

#[test]
fn every_style_tells_the_limits_in_its_own_words() {
    let limits = "requests=2,tokens=60,input_tokens=100,output_tokens=100";
    let texts = |style: &str| {
        let adversary = limited(&format!("{limits},headers={style}"));
        // The second comes half a second later, the third is over the limit of requests.
        let outcomes = [0, 500, 1500].map(|at| q(&adversary, at));
        (told(&outcomes[0]), told(&outcomes[2]), outcomes[2].alone_until.map(|until| until - NOW))
    };
    insta::assert_debug_snapshot!(["openai", "anthropic", "openrouter", "azure", "none", "retry_after"].map(texts));
}

#[test]
fn azure_does_not_always_say_what_remains() {
    let adversary = limited("requests=1000,headers=azure");
    let lines: Vec<String> = (0..200).flat_map(|n| told(&ask(&adversary, &format!("question {n}"), NOW))).collect();
    let unsure = lines.iter().filter(|line| *line == "x-ratelimit-remaining-requests: -1").count();
    assert!(lines.len() == 200 && (10..45).contains(&unsure), "{unsure}");
}

#[test]
fn latencies_are_drawn_for_each_attempt_and_the_same_again() {
    let delays = |limits: &str| {
        let adversary = limited(limits);
        (0..2000).map(|n| ask(&adversary, &format!("question {}", n % 1000), NOW).delay).collect::<Vec<_>>()
    };
    let mut drawn = delays("latency=lognormal:800:0.5");
    assert_eq!(drawn, delays("latency=lognormal:800:0.5,seed=0"));
    assert_ne!(drawn, delays("latency=lognormal:800:0.5,seed=1"));
    assert_ne!(drawn[0], drawn[1000], "the second attempt of the same ask");
    drawn.sort();
    assert!((750..850).contains(&drawn[1000].as_millis()), "{:?}", drawn[1000]);
    // One deviation above the median: 800 exp 0.5.
    assert!((1219..1419).contains(&drawn[1683].as_millis()), "{:?}", drawn[1683]);
}

#[test]
fn padded_replies_end_with_the_verdict_and_keep_within_the_limit() {
    let (calm, padded) = (adversary(""), limited("output=lognormal:60:0.5,requests=1000"));
    let mut lengths = Vec::new();
    for n in 0..500 {
        let body = body(&format!("question {n}")).replace("16", "100");
        let [short, long, again] = [&calm, &padded, &padded].map(|one| one.respond(body.as_bytes(), &headers(0), NOW));
        assert_eq!(long.body, again.body, "drawn from the ask alone");
        let (short, words) = (content(&short), content(&long));
        assert!(words.ends_with(&short) && long.reply_tokens <= 100, "{words}");
        lengths.push(long.reply_tokens);
    }
    lengths.sort_unstable();
    assert!((45..65).contains(&lengths[250]) && lengths[50] < 45 && lengths[450] > 80, "{lengths:?}");
}

#[test]
fn in_an_outage_connections_are_closed_and_nothing_is_charged() {
    let adversary = limited("down=5..7+9..10,requests=3");
    let moments = [0, 4999, 5000, 6999, 7000, 9000, 9999, 10_000];
    let is_closed = |at: &u64| q(&adversary, *at).transport == Transport::Closed;
    let closed: Vec<bool> = moments.iter().map(is_closed).collect();
    assert_eq!(closed, [false, false, true, true, false, true, true, false]);
    let stats = adversary.stats();
    assert_eq!((stats.down, stats.statuses["closed"], stats.statuses["200"], stats.statuses["429"]), (4, 4, 3, 1));
}

#[test]
fn the_faults_of_an_ask_do_not_depend_on_how_often_limits_turn_it_away() {
    let given = |limits: &str| {
        let options = ServerOptions { limits: limits.parse().unwrap(), ..options("all=.7") };
        let adversary = Arc::new(Adversary::new(options));
        let outcomes = (0..200).map(|n| q(&adversary, n * 15_000));
        outcomes.filter(|outcome| outcome.limit.is_none()).map(|outcome| outcome.fault).take(40).collect::<Vec<_>>()
    };
    assert_eq!(given("requests=1"), given(""));
}

#[test]
fn the_stats_tell_of_each_limit_and_of_each_minute() {
    let adversary = limited("requests=2,tokens=1000,concurrency=5");
    statuses(&adversary, &[0, 1, 2, 3, 60_000, 185_000, 186_000]);
    let stats = serde_json::to_value(adversary.stats()).unwrap();
    assert_eq!(stats["accepted_per_minute"], serde_json::json!([2, 1, 0, 2]));
    assert_eq!(stats["limits"]["requests"], serde_json::json!({"throttled": 2, "last_window": 0}));
    let adversary = limited("requests=2,tokens=1000,concurrency=5");
    statuses(&adversary, &[0, 1, 2, 60_000]);
    let limits = serde_json::to_value(adversary.stats().limits).unwrap();
    assert_eq!(limits["requests"]["last_window"], 2);
    assert_eq!(limits["concurrency"], serde_json::json!({"throttled": 0, "last_window": 1}));
}

proptest! {
    #[test]
    fn no_window_ever_accepts_more_than_its_limit(
        requests in prop::collection::vec((0..40_u64, 0..60_usize), 1..150),
        (number, tokens, rejected) in (1..8_u64, 30..200_u64, 0..2),
    ) {
        let adversary = limited(&format!("requests={number},tokens={tokens},window_ms=100,charge_rejected={rejected}"));
        let mut now = NOW;
        let mut accepted: Vec<(u64, u64)> = Vec::new();
        for (n, (step, length)) in requests.into_iter().enumerate() {
            now += step;
            let outcome = ask(&adversary, &format!("{n:03}{}", "x".repeat(length)), now);
            if outcome.status == 200 {
                accepted.push((now, (length as u64 + 3).div_ceil(4) + 4 + 3 + 16));
            }
        }
        for (end, _) in &accepted {
            let within = accepted.iter().filter(|(at, _)| at <= end && *at + 100 > *end);
            let (count, sum) = within.fold((0, 0), |(count, sum), (_, cost)| (count + 1, sum + cost));
            prop_assert!(count <= number && sum <= tokens);
        }
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_in(steps in prop::collection::vec(0..3000_u64, 1..60)) {
        let adversary = limited("requests=5,tokens=100,headers=retry_after,window_ms=9000");
        let mut at = 0;
        for step in steps {
            at += step;
            let outcome = q(&adversary, at);
            if let Some(until) = outcome.alone_until {
                at = until - NOW;
                prop_assert_eq!(q(&adversary, at).status, 200);
            }
        }
    }
}
