//! How often things go wrong, for how long, and what is counted.

use std::collections::BTreeMap;

use super::super::{Fault, Faults, Flight, Group, Stats, Transport};
use super::*;

const ASKS: usize = 6000;

#[track_caller]
fn assert_frequency(what: &str, count: u64, of: usize, planted: f64) {
    let of = of as f64;
    let z = (count as f64 - of * planted) / (of * planted * (1.0 - planted)).sqrt();
    assert!(z.abs() < 4.0, "{what}: {count} of {of}, planted {planted}, z = {z}");
}

#[test]
fn the_planted_frequencies_hold() {
    let text = "all=.6,bad_request=.05,too_long=.1,refusal=.2,filter_400=.02,huge=.03,seed=11";
    let faults: Faults = text.parse().unwrap();
    let adversary = adversary(text);
    // The first attempt of each ask: no row of faults has an end yet.
    let firsts: Vec<Outcome> = (0..ASKS).map(|n| ask(&adversary, &format!("question {n}"), NOW)).collect();
    let passing = Fault::all().filter(|fault| !fault.group().is_of_ask()).map(|fault| faults.share(fault)).sum::<f64>();
    for fault in Fault::all() {
        let count = firsts.iter().filter(|outcome| outcome.fault == Some(fault)).count() as u64;
        let planted = faults.share(fault) * if fault.group().is_of_ask() { 1.0 - passing } else { 1.0 };
        if planted > 0.0 {
            assert_frequency(fault.name(), count, ASKS, planted);
        } else {
            assert_eq!(count, 0, "{fault:?}");
        }
        assert_eq!(adversary.stats().faults.get(fault.name()).copied().unwrap_or(0), count);
    }
}

#[test]
fn an_ask_is_answered_after_three_faults_in_a_row_and_in_the_words_of_a_judge_without_faults() {
    let calm = adversary("");
    for share in [".5", ".9", "1"] {
        let adversary = adversary(&format!("all={share}"));
        for n in 0..200 {
            let question = format!("question {n}");
            let words = content(&ask(&calm, &question, NOW));
            let mut in_a_row = 0;
            for _ in 0..12 {
                let outcome = ask(&adversary, &question, NOW);
                in_a_row = if outcome.answers.is_some() { 0 } else { in_a_row + 1 };
                assert!(in_a_row <= 3, "{question}");
                if outcome.answers.is_some() {
                    assert_eq!(content(&outcome), words);
                }
            }
        }
    }
}

#[test]
fn the_same_requests_in_another_order_meet_the_same_faults() {
    let (one, other) = (adversary("all=.7"), adversary("all=.7"));
    let attempts = |adversary: &Arc<Adversary>, n: usize| {
        let question = format!("question {n}");
        [(); 4].map(|()| ask(adversary, &question, NOW).fault)
    };
    let forwards: Vec<_> = (0..100).map(|n| attempts(&one, n)).collect();
    let mut backwards: Vec<_> = (0..100).rev().map(|n| attempts(&other, n)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
}

#[test]
fn faults_are_drawn_from_a_seed_of_their_own_or_the_judges() {
    let faults = |text: &str, seed| {
        let mut options = options(text);
        options.parameters.seed = seed;
        let adversary = Arc::new(Adversary::new(options));
        (0..100).map(|n| ask(&adversary, &format!("question {n}"), NOW).fault).collect::<Vec<_>>()
    };
    assert_eq!(faults("all=.5", 7), faults("all=.5,seed=7", 3));
    assert_ne!(faults("all=.5", 7), faults("all=.5", 3));
}

#[test]
fn another_sample_is_another_ask_of_the_same_body() {
    let adversary = adversary("throttles=.5");
    let fault = |sample| adversary.respond(body("q").as_bytes(), &headers(sample), NOW).fault;
    let first: Vec<_> = (0..50).map(fault).collect();
    assert!((10..40).contains(&first.iter().filter(|fault| fault.is_some()).count()));
    let Stats { received, asks, bodies, .. } = adversary.stats();
    assert_eq!((received, asks, bodies), (50, 50, 1));
    let _ = adversary.respond(body("q").as_bytes(), &HeaderMap::new(), NOW);
    assert_eq!(adversary.stats().asks, 50, "without a header it is the first");
}

#[test]
fn what_is_wrong_with_an_ask_stays() {
    let adversary = adversary("bad_request=.3,too_large=.2,refusal=.2");
    for n in 0..100 {
        let question = format!("question {n}");
        let first = ask(&adversary, &question, NOW);
        for _ in 0..6 {
            assert_eq!(ask(&adversary, &question, NOW).body, first.body);
        }
    }
}

#[test]
fn under_a_spent_quota_or_a_revoked_key_nothing_is_answered_any_more() {
    for (text, status, code) in
        [("quota_after=5", 429, "insufficient_quota"), ("unauthorized_after=5", 401, "invalid_api_key")]
    {
        let adversary = adversary(&format!("{text},throttles=.3"));
        let outcomes: Vec<Outcome> = (0..100).map(|n| ask(&adversary, &format!("question {n}"), NOW)).collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.answers.is_some()).count(), 5);
        let fifth = outcomes.iter().rposition(|outcome| outcome.answers.is_some()).unwrap();
        for outcome in &outcomes[fifth + 1..] {
            assert!(outcome.status == status && outcome.body.contains(code), "{outcome:?}");
        }
        assert_eq!(adversary.stats().answered, 5);
    }
}

#[test]
fn it_counts_what_it_has_seen() {
    let adversary = adversary("");
    let flights: Vec<Flight> = (0..3).map(|_| adversary.enter()).collect();
    drop(flights);
    for question in ["one", "two", "one", "one"] {
        ask(&adversary, question, NOW);
    }
    let lost = adversary.enter();
    let _ = adversary.respond(body("three").as_bytes(), &headers(0), NOW);
    drop(lost);
    ask(&adversary, "three", NOW);
    let _ = adversary.respond(b"{", &headers(0), NOW);
    let expected = Stats {
        received: 7,
        answered: 5,
        most_in_flight: 3,
        asks: 4,
        bodies: 4,
        repeats: 2,
        accepted_per_minute: vec![6],
        statuses: BTreeMap::from([("200".to_owned(), 6), ("400".to_owned(), 1)]),
        ..Stats::default()
    };
    assert_eq!(adversary.stats(), expected);
}

#[test]
fn requests_before_an_announced_wait_is_over_are_counted() {
    let adversary = adversary("retry_after_ms=1,wait_ms=30000");
    let mut early = Vec::new();
    for (at, question) in [(0, "a"), (50, "b"), (51, "c"), (29_999, "d"), (60_000, "e")] {
        assert_eq!(ask(&adversary, question, NOW + at).status, 429);
        early.push((adversary.stats().early, adversary.stats().early_within_50_ms));
    }
    assert_eq!(early, [(0, 0), (1, 1), (2, 1), (3, 1), (3, 1)]);
}

#[test]
fn only_what_quotes_the_key_holds_it() {
    for fault in Fault::all() {
        let redirects = if fault == Fault::Redirect { ",redirect_to=http://127.0.0.1:1/v1" } else { "" };
        let outcome = ask(&adversary(&format!("{}=1{redirects}", fault.name())), "q", NOW);
        assert_eq!(outcome.fault, Some(fault));
        let quotes = matches!(fault, Fault::QuotesKey | Fault::RepeatsKey);
        assert_eq!(format!("{outcome:?}").contains("sk-a-secret"), quotes, "{fault:?}");
    }
    let statuses: Vec<u16> = {
        let adversary = adversary("quotes_key=1");
        (0..50).map(|n| ask(&adversary, &format!("question {n}"), NOW).status.as_u16()).collect()
    };
    assert!(statuses.contains(&400) && statuses.contains(&500));
}

#[test]
fn odd_replies_are_answers() {
    let answer = |fault: &str| ask(&adversary(&format!("{fault}=1")), "q", NOW);
    let finish =
        |outcome: &Outcome| serde_json::from_str::<Value>(&outcome.body).unwrap()["choices"][0]["finish_reason"].take();
    assert_eq!(finish(&answer("unknown_finish")), "eos_token");
    assert_eq!(finish(&answer("filtered")), "content_filter");
    assert_eq!(message(&answer("null_content").body)["content"], Value::Null);
    let refusal = message(&answer("refusal").body);
    assert!(refusal["content"].is_null() && refusal["refusal"].is_string());
    let plain = content(&ask(&adversary(""), "q", NOW));
    assert_eq!(content(&answer("repeats_key")), format!("Bearer sk-a-secret\n{plain}"));
    for fault in Fault::all().filter(|fault| fault.group() == Group::Odd) {
        assert!(answer(fault.name()).answers.is_some(), "{fault:?}");
    }
}

#[test]
fn faults_need_no_time_and_replies_their_latency() {
    let mut options = options("drip=.5,bare_429=.5,drip_ms=70");
    options.parameters.latency_ms = 250;
    let adversary = Arc::new(Adversary::new(options));
    for n in 0..20 {
        let outcome = ask(&adversary, &format!("question {n}"), NOW);
        let is_drip = matches!(outcome.transport, Transport::Drip(span) if span.as_millis() == 70);
        assert_eq!((outcome.delay.as_millis(), is_drip), if outcome.status == 429 { (0, false) } else { (250, true) });
    }
}
