//! The whole driver against an endpoint that is not there, under a clock that moves only when all wait: hours of a provider's moods in
//! milliseconds, the same each time.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::{Asked, Cell, Collected, Counters, Driver, Progress, Settings, Stopped, collect};
use crate::ask::Limits;
use crate::bench::{Bench, sample};
use crate::clock::{self, Moment};
use crate::digest::Fields;
use crate::judge::{Access, Endpoint, EndpointJudge, Got, Judge, JudgeKind, Replica};
use crate::pace::Backoff;
use crate::plan::{Orders, Plan};
use crate::store::Store;
use crate::strategy::shipped;
use crate::verdict::Verdict;

mod adversary;
mod behaviours;
mod budget;
mod paced;
mod queue;
mod shared;

const ASKS: usize = 111;

/// What an endpoint was sent: when, and what.
type Log = Arc<Mutex<Vec<(Moment, String)>>>;

fn verdict_for(body: &str) -> Got {
    let letter = if Fields::new("letter").text(body).finish().bit() { "A" } else { "B" };
    let body = serde_json::json!({"model": "m", "choices": [{"message": {"content": format!("[[{letter}]]")}, "finish_reason": "stop"}]});
    Got { status: 200, headers: Vec::new(), body: body.to_string() }
}

fn error(status: u16, headers: &[(&'static str, &str)]) -> Got {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Got { status, headers, body: r#"{"error":{"message":"no"}}"#.to_owned() }
}

/// A judge whose endpoint is a function of the number of the attempt (from 0) and of what it is sent.
fn judge<F>(identity: &str, answer: impl Fn(usize, String) -> F + Send + Sync + 'static) -> (Judge, Log)
where
    F: Future<Output = Result<Got, String>> + Send + 'static,
{
    let log: Log = Arc::default();
    let kept = Arc::clone(&log);
    let access = Access::new("http://127.0.0.1:9/v1", None, &[]).unwrap();
    let endpoint = Endpoint::simulated(access, "m", move |sent| {
        let mut log = kept.lock().unwrap();
        log.push((clock::now(), sent.clone()));
        answer(log.len() - 1, sent)
    });
    let judge = EndpointJudge {
        replicas: vec![Replica { name: identity.to_owned(), endpoint, limits: Limits::default() }],
        identity: identity.to_owned(),
        extra: Arc::default(),
        simulated: false,
        prices: None,
    };
    (Judge { name: identity.to_owned(), kind: JudgeKind::Endpoint(Box::new(judge)) }, log)
}

/// Asks one judge about a benchmark.
async fn run_bench(
    store: &Store,
    bench: &Bench,
    judge: &Judge,
    strategy: &str,
    settings: Settings,
) -> (Asked, Collected) {
    let strategy = shipped(strategy).unwrap().unwrap();
    let plan = Plan::new(bench, 0, Orders::Seeded, 1, false);
    let cells = [Cell { judge, strategy: Some(&strategy), bench, plan: &plan, seed: 0 }];
    let (_stop, stopped) = watch::channel(false);
    let asked = Driver::new(&cells, settings, progress()).run(store, stopped).await.unwrap();
    let collected = collect(&cells[0], &asked.keys[0], Some(store), |_| Ok(())).unwrap();
    (asked, collected)
}

fn progress() -> Progress {
    Progress { counters: watch::channel(Counters::default()).0, trouble: watch::channel(None).0 }
}

fn settings(concurrency: usize) -> Settings {
    Settings {
        concurrency,
        backoff: Backoff::default(),
        offline: false,
        canary: true,
        retry_failed: false,
        purse: None,
    }
}

/// Asks the sample of some judges, as one run, and reads their verdicts.
async fn run(store: &Store, judges: &[&Judge], concurrency: usize) -> (Asked, Vec<Vec<Option<Verdict>>>) {
    run_with(store, judges, settings(concurrency)).await
}

async fn run_with(store: &Store, judges: &[&Judge], settings: Settings) -> (Asked, Vec<Vec<Option<Verdict>>>) {
    run_samples(store, judges, settings, 1).await
}

async fn run_samples(
    store: &Store,
    judges: &[&Judge],
    settings: Settings,
    samples: u32,
) -> (Asked, Vec<Vec<Option<Verdict>>>) {
    let (bench, strategy) = (sample().unwrap(), shipped("pairwise-direct").unwrap().unwrap());
    let plan = Plan::new(&bench, 0, Orders::Seeded, samples, false);
    let cells: Vec<Cell<'_>> = judges
        .iter()
        .map(|judge| Cell { judge, strategy: Some(&strategy), bench: &bench, plan: &plan, seed: 0 })
        .collect();
    let progress = Progress { counters: watch::channel(Counters::default()).0, trouble: watch::channel(None).0 };
    let (_stop, stopped) = watch::channel(false);
    let asked = Driver::new(&cells, settings, progress).run(store, stopped).await.unwrap();
    let verdicts = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| collect(cell, &asked.keys[at], Some(store), |_| Ok(())).unwrap().verdicts);
    let verdicts = verdicts.collect();
    (asked, verdicts)
}

/// A store in memory: its commits take no time, so everything happens in the same order each time.
fn store() -> Store {
    Store::in_memory()
}

/// Half a minute in every form: as headers of a 429, given the time in milliseconds since 1970.
fn half_a_minute(now: i64) -> Vec<Vec<(&'static str, String)>> {
    let seconds = now / 1000 + 31;
    let date = std::time::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
    vec![
        vec![("retry-after", "30".to_owned())],
        vec![("retry-after", "30s".to_owned())],
        vec![("retry-after", httpdate::fmt_http_date(date))],
        vec![("retry-after-ms", "30000".to_owned())],
        vec![("x-ratelimit-remaining-requests", "0".to_owned()), ("x-ratelimit-reset-requests", "30s".to_owned())],
        vec![("x-ratelimit-remaining-tokens", "0".to_owned()), ("x-ratelimit-reset-tokens", "0m30s".to_owned())],
        vec![("x-ratelimit-reset-requests", "30000ms".to_owned())],
        vec![("x-ratelimit-reset", (now + 30_500).to_string())],
        vec![("x-ratelimit-reset", seconds.to_string())],
        vec![("ratelimit-reset", "30".to_owned())],
    ]
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_any_form_holds_the_whole_account_and_no_other() {
    for form in 0..half_a_minute(0).len() {
        let (slowed, log) = judge("slowed", move |attempt, sent| async move {
            // Slow enough that others are in flight when the throttle comes.
            clock::sleep(Duration::from_millis(200 + 7 * (attempt as u64 % 9))).await;
            let throttle = || Got {
                status: 429,
                headers: half_a_minute(clock::unix_millis()).swap_remove(form),
                body: String::new(),
            };
            Ok(if attempt == 40 { throttle() } else { verdict_for(&sent) })
        });
        let (other, other_log) = judge("other", |_, sent| async move {
            clock::sleep(Duration::from_millis(400)).await;
            Ok(verdict_for(&sent))
        });
        let (asked, _) = run(&store(), &[&slowed, &other], 8).await;
        assert_eq!((asked.counters.answered, asked.counters.retries), (2 * ASKS, 1), "form {form}");
        let read = log.lock().unwrap()[40].0 + Duration::from_millis(200 + 7 * 4);
        // The system's clock goes on while tokio's stands: a date may be short of the half minute by what the test takes.
        let meanwhile = |log: &Log| {
            let log = log.lock().unwrap();
            log.iter().filter(|(sent, _)| *sent > read && *sent < read + Duration::from_secs(29)).count()
        };
        assert_eq!(meanwhile(&log), 0, "form {form}");
        assert!(meanwhile(&other_log) > 0, "another account is not held");
    }
}

/// Of each attempt, what goes wrong, drawn from what is asked and how often it was asked before.
fn fault(tries: &Mutex<HashMap<String, u64>>, sent: &str) -> Result<Got, String> {
    let mut tries = tries.lock().unwrap();
    let tries = tries.entry(sent.to_owned()).or_default();
    *tries += 1;
    // Three attempts in ten, near enough.
    match Fields::new("fault").text(sent).number(*tries).finish().0[0] % 27 {
        // At most three in a row.
        _ if *tries > 3 => Ok(verdict_for(sent)),
        0 => Ok(error(429, &[("retry-after", "2")])),
        1 => Ok(error(500, &[])),
        2 => Ok(Got { status: 502, headers: Vec::new(), body: "<html>bad gateway</html>".to_owned() }),
        3 => Err("connection reset".to_owned()),
        4 => Ok(Got { status: 200, headers: Vec::new(), body: r#"{"choices":[{"mess"#.to_owned() }),
        5 => Ok(Got {
            status: 200,
            headers: Vec::new(),
            body: r#"{"error":{"message":"overloaded","code":529}}"#.to_owned(),
        }),
        6 => Ok(error(408, &[])),
        7 => Ok(error(429, &[])),
        _ => Ok(verdict_for(sent)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_with_faults_ends_as_one_without() {
    let (clean, _) = judge("m", |_, sent| async move { Ok(verdict_for(&sent)) });
    let first = store();
    let (_, expected) = run(&first, &[&clean], 16).await;
    let tries = Arc::new(Mutex::new(HashMap::new()));
    let (faulty, log) = judge("m", move |_, sent| {
        let got = fault(&tries, &sent);
        async move {
            clock::sleep(Duration::from_millis(50)).await;
            got
        }
    });
    let second = store();
    let (asked, found) = run(&second, &[&faulty], 16).await;
    assert_eq!(found, expected);
    assert_eq!((asked.counters.answered, asked.counters.given_up), (ASKS, 0));
    assert!(asked.counters.retries > ASKS / 5, "{:?}", asked.counters);
    assert_eq!(log.lock().unwrap().len(), asked.counters.attempts);
    assert_eq!(second.keys().unwrap(), first.keys().unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_waits_does_not_hold_up_another() {
    let (slow, _) = judge("slow", |attempt, sent| async move {
        Ok(if attempt == 0 { error(429, &[("retry-after", "600")]) } else { verdict_for(&sent) })
    });
    let (quick, log) = judge("quick", |_, sent| async move {
        clock::sleep(Duration::from_millis(10)).await;
        Ok(verdict_for(&sent))
    });
    let store = store();
    let begun = clock::now();
    let (asked, _) = run(&store, &[&slow, &quick], 8).await;
    assert_eq!(asked.counters.answered, 2 * ASKS);
    let last = log.lock().unwrap().last().unwrap().0;
    assert!(last - begun < Duration::from_secs(10), "{:?}", last - begun);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_goes_down_is_left_and_taken_up_again() {
    let (down, _) = judge("m", |attempt, sent| async move {
        if attempt < 50 { Ok(verdict_for(&sent)) } else { Err("connection refused".to_owned()) }
    });
    let store = store();
    let (asked, verdicts) = run(&store, &[&down], 4).await;
    assert!(matches!(asked.stopped.as_slice(), [(_, Stopped::Down(_))]), "{:?}", asked.stopped);
    assert_eq!((asked.counters.answered, asked.counters.in_flight), (50, 0));
    assert_eq!(verdicts[0].iter().flatten().count(), 50);
    let (up, log) = judge("m", |_, sent| async move { Ok(verdict_for(&sent)) });
    let (asked, _) = run(&store, &[&up], 4).await;
    assert_eq!((asked.counters.found, asked.counters.answered), (50, ASKS - 50));
    assert_eq!(log.lock().unwrap().len(), ASKS - 50);
}

#[tokio::test(start_paused = true)]
async fn asks_that_are_refused_for_good_do_not_stand_in_the_way_of_a_resumed_run() {
    let refuses = |body: &str| Fields::new("refused").text(body).finish().0[0] < 40;
    let answer = move |sent: &str| if refuses(sent) { error(400, &[]) } else { verdict_for(sent) };
    let (first, log) = judge("m", move |attempt, sent| async move {
        if attempt < 20 { Ok(verdict_for(&sent)) } else { Ok(error(401, &[])) }
    });
    let store = store();
    run(&store, &[&first], 1).await;
    assert_eq!(log.lock().unwrap().len(), 21);
    let (second, log) = judge("m", move |_, sent| {
        let got = answer(&sent);
        async move { Ok(got) }
    });
    let (asked, _) = run(&store, &[&second], 4).await;
    let given_up = log.lock().unwrap().iter().filter(|(_, body)| refuses(body)).count();
    assert!(given_up > 5);
    assert_eq!((asked.counters.given_up, asked.counters.answered), (given_up, ASKS - 20 - given_up));
    assert_eq!(asked.stopped.len(), 0);
    let (third, log) = judge("m", |_, sent| async move { Ok(verdict_for(&sent)) });
    let (asked, _) = run(&store, &[&third], 4).await;
    // Before the first answer of a run a refusal may mean anything.
    let again = log.lock().unwrap().len();
    assert!(again <= 1, "it is remembered");
    assert_eq!(asked.counters.refused + again, given_up);
    let (asked, _) = run_with(&store, &[&third], Settings { retry_failed: true, ..settings(4) }).await;
    assert_eq!((asked.counters.refused, asked.counters.answered), (0, given_up - again));
}

#[tokio::test(start_paused = true)]
async fn the_same_moods_give_the_same_attempts() {
    let times = || async {
        let tries = Arc::new(Mutex::new(HashMap::new()));
        let (faulty, log) = judge("m", move |_, sent| {
            let got = fault(&tries, &sent);
            async move {
                clock::sleep(Duration::from_millis(30)).await;
                got
            }
        });
        let store = store();
        run(&store, &[&faulty], 8).await;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        log.lock().unwrap().iter().for_each(|(_, body)| *counts.entry(body.clone()).or_default() += 1);
        counts
    };
    assert_eq!(times().await, times().await);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_any_form_is_a_verdict_of_its_own() {
    let bodies = [
        (400, r#"{"error":{"code":"content_filter","message":"no"}}"#),
        (403, r#"{"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"]}}}"#),
        (200, r#"{"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]}"#),
        (200, r#"{"choices":[{"message":{"content":"","refusal":"I cannot."},"finish_reason":"stop"}]}"#),
    ];
    let (judge, _) = judge("m", move |attempt, sent| async move {
        Ok(match bodies.get(attempt.wrapping_sub(30)) {
            Some((status, body)) => Got { status: *status, headers: Vec::new(), body: (*body).to_owned() },
            None => verdict_for(&sent),
        })
    });
    let store = store();
    let (asked, verdicts) = run(&store, &[&judge], 1).await;
    assert_eq!((asked.counters.answered, asked.counters.retries), (ASKS, 0));
    let unparsed = verdicts[0].iter().flatten().filter(|verdict| matches!(verdict, Verdict::Unparsed(_))).count();
    assert_eq!(unparsed, bodies.len());
}

#[tokio::test(start_paused = true)]
async fn cells_of_one_endpoint_take_turns() {
    let bench = sample().unwrap();
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    let strategies = ["pairwise-direct", "pairwise-explain"].map(|name| shipped(name).unwrap().unwrap());
    let (judge, log) =
        judge(
            "m",
            |attempt, sent| async move { if attempt < 100 { Ok(verdict_for(&sent)) } else { Ok(error(401, &[])) } },
        );
    let cell = |strategy| Cell { judge: &judge, strategy: Some(strategy), bench: &bench, plan: &plan, seed: 0 };
    let cells = [cell(&strategies[0]), cell(&strategies[1])];
    let (_stop, stopped) = watch::channel(false);
    let store = store();
    let asked =
        Driver::new(&cells, Settings { canary: false, ..settings(1) }, progress()).run(&store, stopped).await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 101);
    let answered = [0, 1].map(|at| collect(&cells[at], &asked.keys[at], Some(&store), |_| Ok(())).unwrap().answered);
    assert!(answered[0].abs_diff(answered[1]) <= 10, "what was had of them is comparable: {answered:?}");
}
