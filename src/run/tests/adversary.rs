//! The whole driver against the simulated judge as an adversary, without HTTP and under virtual time: the same counts each time.

use crate::mock::{Adversary, ServerOptions, Transport};

use super::*;

/// Every fault whose wait does not hang on the system's clock, which does not stand still with tokio's.
const FAULTS: &str = "server=.12,connection=.1,retry_after=.01,retry_after_ms=.01,reset_spelled=.01,reset_seconds=.01,bare_429=.01,\
    negative_wait=.01,senseless_wait=.01,concurrency=.01,wait_ms=300,seed=4";

/// A judge that is the simulated one, without HTTP.
pub(super) fn server(options: ServerOptions) -> (Judge, Arc<Adversary>, Log) {
    let adversary = Arc::new(Adversary::started_at(options, 0));
    let (server, begun) = (Arc::clone(&adversary), clock::now());
    let (judge, log) = judge("m", move |_, sent| {
        let server = Arc::clone(&server);
        async move {
            let flight = server.enter();
            let now = u64::try_from((clock::now() - begun).as_millis()).unwrap();
            let outcome = server.respond(sent.as_bytes(), &http::HeaderMap::new(), now);
            if !outcome.delay.is_zero() {
                clock::sleep(outcome.delay).await;
            }
            match outcome.transport {
                Transport::Whole | Transport::Padded(_) => {}
                Transport::Drip(span) => clock::sleep(span).await,
                Transport::CutAfter(_) | Transport::Closed => return Err("connection reset".to_owned()),
            }
            flight.land(&outcome);
            Ok(Got { status: outcome.status.as_u16(), headers: outcome.headers, body: outcome.body })
        }
    });
    (judge, adversary, log)
}

/// What came of a run of the sample in fifty samples.
async fn ran(faults: &str) -> (Asked, Vec<Option<Verdict>>, serde_json::Value, Duration) {
    let parameters = "latency_ms=40".parse().unwrap();
    let options = ServerOptions { faults: faults.parse().unwrap(), parameters, ..ServerOptions::default() };
    let (judge, adversary, _log) = server(options);
    let begun = clock::now();
    let (asked, mut verdicts) = run_samples(&store(), &[&judge], settings(16), 50).await;
    (asked, verdicts.remove(0), serde_json::to_value(adversary.stats()).unwrap(), clock::now() - begun)
}

#[tokio::test(start_paused = true)]
async fn the_same_faults_give_the_same_run() {
    let (asked, verdicts, stats, took) = ran(FAULTS).await;
    assert_eq!((asked.counters.given_up, asked.stopped.len()), (0, 0));
    assert_eq!(stats["answered"], 50 * ASKS);
    assert!(stats["received"].as_u64().unwrap() > 13 * 50 * ASKS as u64 / 10, "{stats}");
    let (again, verdicts_again, stats_again, took_again) = ran(FAULTS).await;
    assert_eq!((&asked.counters, &stats, took), (&again.counters, &stats_again, took_again));
    let (_, calm, _, _) = ran("").await;
    assert_eq!((&verdicts, &verdicts_again), (&calm, &calm));
}
