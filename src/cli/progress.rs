//! The progress of a run: a live line on a terminal, else a line of log every ten seconds.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;

use super::note;
use crate::clock;
use crate::report::count;
use crate::run::{Counters, Pause};

const TICK: Duration = Duration::from_millis(200);
const LOG: Duration = Duration::from_secs(10);

/// Tells of what keeps replies from being stored, until it is dropped.
pub(super) async fn tell(mut trouble: watch::Receiver<Option<String>>) {
    while trouble.changed().await.is_ok() {
        match &*trouble.borrow() {
            Some(problem) => {
                note(&format!(
                    "{problem}; it is tried again for a quarter of a minute, and nothing more is sent meanwhile"
                ));
            }
            None => note("replies are stored again"),
        }
    }
    std::future::pending::<()>().await;
}

/// Shows the counters until it is dropped.
pub(super) async fn show(counters: watch::Receiver<Counters>) {
    if std::io::stderr().is_terminal() {
        let bar = bar();
        loop {
            let now = *counters.borrow();
            bar.set_length(now.planned as u64);
            bar.set_position(done(now) as u64);
            bar.set_message(detail(now));
            clock::sleep(TICK).await;
        }
    }
    loop {
        clock::sleep(LOG).await;
        let now = *counters.borrow();
        note(&format!("{} of {} asks, {}", count(done(now)), count(now.planned), detail(now)));
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {human_pos} of {human_len} asks, {eta} left\n{wide_msg}")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn done(counters: Counters) -> usize {
    counters.found + counters.answered + counters.given_up + counters.refused
}

fn detail(counters: Counters) -> String {
    let mut parts = vec![match counters.pause {
        Some((pause, until)) => {
            let why = match pause {
                Pause::Throttled => "throttled: waiting",
                Pause::OutOfOrder => "out of order: probing in",
                Pause::Paced => "limit reached: next in",
                Pause::Retrying => "trying again in",
            };
            format!("{why} {:.1} s", (until - clock::now()).as_secs_f64())
        }
        None => format!("{} in flight", count(counters.in_flight)),
    }];
    let rate = counters.rate;
    parts.push(match counters.limit {
        Some(limit) => format!("{rate} of {limit}/min"),
        None => format!("{rate}/min"),
    });
    for (number, what) in [
        (counters.found, "had already"),
        (counters.throttled, "throttled"),
        (counters.retries, "retries"),
        (counters.given_up, "failed"),
        (counters.elsewhere, "left to another process"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    parts.join(", ")
}
