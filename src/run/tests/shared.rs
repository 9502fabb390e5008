//! Several runs at once on one store: each ask is sent by one of them.

use std::collections::HashSet;

use super::*;

/// Stores on one file, as several processes open it.
fn stores<const N: usize>() -> (tempfile::TempDir, [Store; N]) {
    let folder = tempfile::tempdir().unwrap();
    let stores = [(); N].map(|()| Store::open(&folder.path().join("s.db")).unwrap());
    (folder, stores)
}

fn slow_judge(millis: u64) -> (Judge, Log) {
    judge("m", move |_, sent| async move {
        clock::sleep(Duration::from_millis(millis)).await;
        Ok(verdict_for(&sent))
    })
}

async fn ask(store: &Store, judge: &Judge, concurrency: usize) -> (Asked, Vec<Vec<Option<Verdict>>>) {
    run(store, &[judge], concurrency).await
}

/// What was sent, of several logs; nothing twice.
fn sent_once(logs: &[&Log]) -> usize {
    let sent: Vec<String> = logs
        .iter()
        .flat_map(|log| log.lock().unwrap().iter().map(|(_, body)| body.clone()).collect::<Vec<_>>())
        .collect();
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), sent.len(), "something was asked twice");
    sent.len()
}

#[tokio::test(start_paused = true)]
async fn of_four_runs_on_one_store_each_asks_a_share_and_all_have_everything() {
    let (_folder, [a, b, c, d]) = stores();
    let [one, two, three, four] = [30, 40, 50, 60].map(slow_judge);
    let (a, b, c, d) = tokio::join!(ask(&a, &one.0, 2), ask(&b, &two.0, 2), ask(&c, &three.0, 2), ask(&d, &four.0, 2));
    assert_eq!(sent_once(&[&one.1, &two.1, &three.1, &four.1]), ASKS);
    for (asked, verdicts) in [&a, &b, &c, &d] {
        assert_eq!(asked.counters.found + asked.counters.answered, ASKS);
        assert_eq!(verdicts, &a.1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_run_leaves_behind_when_it_dies_is_taken_over_at_once() {
    let (_folder, [dying, living]) = stores();
    let (never, never_log) = judge("m", |attempt, sent| async move {
        if attempt >= 10 {
            std::future::pending::<()>().await;
        }
        Ok(verdict_for(&sent))
    });
    let (quick, log) = slow_judge(10);
    let begun = clock::now();
    let died = async {
        let run = tokio::time::timeout(Duration::from_secs(20), ask(&dying, &never, 4));
        assert!(run.await.is_err());
        clock::now()
    };
    let (died, (asked, _)) = tokio::join!(died, ask(&living, &quick, 4));
    assert_eq!(asked.counters.found + asked.counters.answered, ASKS);
    assert!(died - begun >= Duration::from_secs(20));
    assert!(clock::now() - died < Duration::from_secs(2), "nothing is waited for but the owner's end");
    assert_eq!(log.lock().unwrap().len() + 10, ASKS);
    assert_eq!(never_log.lock().unwrap().len(), 14, "four were in flight when it died");
}

#[tokio::test(start_paused = true)]
async fn what_another_run_gives_up_is_tried_here_too() {
    let (_folder, [one, two]) = stores();
    let (fails, _) = judge("m", |attempt, sent| async move {
        clock::sleep(Duration::from_millis(20)).await;
        if attempt < 10 { Ok(verdict_for(&sent)) } else { Ok(error(401, &[])) }
    });
    let (works, _) = slow_judge(500);
    let ((failed, _), (asked, _)) = tokio::join!(ask(&one, &fails, 4), ask(&two, &works, 1));
    assert!(matches!(failed.stopped.as_slice(), [(_, Stopped::Refused(_))]));
    assert_eq!((asked.counters.found + asked.counters.answered, asked.counters.elsewhere), (ASKS, 0));
}
