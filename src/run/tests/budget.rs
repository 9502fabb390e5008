//! Runs under a cap: replies of unknown length, lost connections, kills and all. What the endpoint bills never passes it.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "draws within their ranges")]

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::money::{Prices, Rates, Usd};
use crate::pace::Size;
use crate::store::Purse;

/// Runs, where `TRIBUNAL_RUNS` does not say another number.
const RUNS: u64 = 60;
/// The most tokens of a reply: the limit of `pairwise-explain`.
const LIMIT: u64 = 1024;

/// One dollar a million tokens of input, four of output.
fn prices() -> Prices {
    let usd = |text: &str| text.parse().unwrap();
    Prices::flat(Rates { input: usd("1"), cached_input: None, output: usd("4"), reasoning: None })
}

/// What the endpoint bills, in nano-dollars: everything that it has worked on, whether or not it arrives.
type Bill = Arc<AtomicU64>;

/// An endpoint whose replies have any number of tokens up to the limit, and whose connection breaks one time in twenty.
fn priced(seed: u64, bill: Bill) -> Judge {
    let (judge, _) = judge("m", move |attempt, sent| {
        let draw = Fields::new("length").number(seed).number(attempt as u64).text(&sent).finish();
        let prompt: u64 = sent.len() as u64 / 4;
        // Mostly short, some as long as they may be.
        let completion = 1 + ((LIMIT - 1) as f64 * draw.unit().powi(4)) as u64;
        bill.fetch_add(1000 * prompt + 4000 * completion, Ordering::Relaxed);
        let breaks = draw.0[9] < 13;
        async move {
            clock::sleep(Duration::from_millis(100 + completion)).await;
            if breaks {
                return Err("connection reset".to_owned());
            }
            let mut got = verdict_for(&sent);
            let mut body: serde_json::Value = serde_json::from_str(&got.body).unwrap();
            body["usage"] = serde_json::json!({"prompt_tokens": prompt, "completion_tokens": completion});
            got.body = body.to_string();
            Ok(got)
        }
    });
    let JudgeKind::Endpoint(mut endpoint) = judge.kind else { panic!("an endpoint") };
    endpoint.prices = Some(prices());
    Judge { kind: JudgeKind::Endpoint(endpoint), ..judge }
}

/// Asks under a cap until nothing more fits or nothing is left; some runs are killed on the way. Answers with the share of the cap that was
/// booked, and whether anything was left to ask.
async fn capped(seed: u64, bench: &Bench) -> (f64, bool) {
    let draw = |what: &str| Fields::new(what).number(seed).finish().unit();
    let bill = Bill::default();
    let judge = priced(seed, Arc::clone(&bill));
    let strategy = shipped("pairwise-explain").unwrap().unwrap();
    let plan = Plan::new(bench, seed, Orders::Seeded, 1, false);
    let cells = [Cell { judge: &judge, strategy: Some(&strategy), bench, plan: &plan, seed }];
    // One ask costs at most a twentieth of the cap.
    let worst = plan.judgments().map(|ask| {
        let JudgeKind::Endpoint(endpoint) = &judge.kind else { panic!("an endpoint") };
        Size::of(&cells[0].request(endpoint, &strategy, ask, &[]).unwrap()).worst(&prices()).nanos()
    });
    let cap = Usd::from_nanos((20.0 * worst.max().unwrap() as f64 * (1.0 + 0.4 * draw("cap"))) as u64);
    let purse = Purse { run: [7; 16], cap: Some(cap) };
    let concurrency = 1 + (draw("concurrency") * 12.0) as usize;
    let settings = Settings { canary: false, purse: Some(purse), ..settings(concurrency) };
    let store = store();
    store.open_ledger(purse.run).unwrap();
    let mut kills = if draw("killed") < 0.5 { 1 + (draw("kills") * 3.0) as u32 } else { 0 };
    loop {
        let (_stop, stopped) = watch::channel(false);
        let run = Driver::new(&cells, settings, progress()).run(&store, stopped);
        let asked = if kills > 0 {
            kills -= 1;
            let moment = Fields::new("moment").number(seed).number(kills.into()).finish().unit();
            match tokio::time::timeout(Duration::from_secs_f64(0.2 + 6.0 * moment), run).await {
                Ok(asked) => Some(asked.unwrap()),
                // Dropped where it was, as a kill does: what was on its way is lost.
                Err(_) => None,
            }
        } else {
            Some(run.await.unwrap())
        };
        let ledger = store.ledger(purse.run).unwrap().unwrap_or_default();
        let billed = Usd::from_nanos(bill.load(Ordering::Relaxed));
        assert!(ledger.at_worst() <= cap, "seed {seed}: {ledger:?} is above {cap}");
        assert!(billed <= ledger.at_worst(), "seed {seed}: {billed} was billed, and {ledger:?} is booked");
        if let Some(asked) = asked {
            assert_eq!(
                asked.at_the_cap,
                asked.counters.answered + asked.counters.found + asked.counters.given_up < ASKS
            );
            return (ledger.booked.nanos() as f64 / cap.nanos() as f64, asked.at_the_cap);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cap_is_never_passed_and_well_used() {
    let runs: u64 = std::env::var("TRIBUNAL_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let bench = sample().unwrap();
    let (mut least, mut at_the_cap) = (1.0_f64, 0);
    for seed in 0..runs {
        let (used, is_left) = capped(seed, &bench).await;
        if is_left {
            at_the_cap += 1;
            least = least.min(used);
            assert!(used >= 0.9, "seed {seed}: {used} of the cap");
        }
    }
    println!("{at_the_cap} of {runs} runs ended at their cap, having used at least {least:.3} of it");
    assert!(at_the_cap > runs / 4, "{at_the_cap} of {runs} runs met their cap");
}

#[tokio::test(start_paused = true)]
async fn a_higher_cap_goes_on_where_the_lower_one_ended() {
    let (bench, bill) = (sample().unwrap(), Bill::default());
    let judge = priced(1, Arc::clone(&bill));
    let strategy = shipped("pairwise-explain").unwrap().unwrap();
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    let cells = [Cell { judge: &judge, strategy: Some(&strategy), bench: &bench, plan: &plan, seed: 0 }];
    let store = store();
    let mut had = 0;
    for (cap, is_last) in [(50, false), (100, false), (10_000, true)] {
        let purse = Some(Purse { run: [1; 16], cap: Some(Usd::from_nanos(cap * 1_000_000)) });
        let (_stop, stopped) = watch::channel(false);
        let settings = Settings { canary: false, purse, ..settings(4) };
        let asked = Driver::new(&cells, settings, progress()).run(&store, stopped).await.unwrap();
        assert_eq!((asked.at_the_cap, asked.interrupted), (!is_last, false));
        assert_eq!(asked.counters.found, had);
        had += asked.counters.answered;
        let ledger = store.ledger([1; 16]).unwrap().unwrap();
        assert_eq!(ledger.claimed, Usd::ZERO, "nothing is left claimed");
        assert_eq!(ledger.written_off, Usd::ZERO);
    }
    assert_eq!(had, ASKS);
}

#[tokio::test(start_paused = true)]
async fn what_another_run_of_the_store_paid_for_is_not_paid_again_and_counts_for_that_run() {
    let (bench, bill) = (sample().unwrap(), Bill::default());
    let judge = priced(1, Arc::clone(&bill));
    let strategy = shipped("pairwise-explain").unwrap().unwrap();
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    let cells = [Cell { judge: &judge, strategy: Some(&strategy), bench: &bench, plan: &plan, seed: 0 }];
    let store = store();
    for (run, is_first) in [([1; 16], true), ([2; 16], false)] {
        let (_stop, stopped) = watch::channel(false);
        let settings = Settings { purse: Some(Purse { run, cap: None }), ..settings(4) };
        let asked = Driver::new(&cells, settings, progress()).run(&store, stopped).await.unwrap();
        assert_eq!(asked.counters.answered, if is_first { ASKS } else { 0 });
        let booked = store.ledger(run).unwrap().unwrap_or_default().booked;
        assert_eq!(booked > Usd::ZERO, is_first);
    }
}
