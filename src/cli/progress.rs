//! The progress of a run: a live line on a terminal, else a line of log every ten seconds.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio::sync::watch;

use super::{aside, note};
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

/// How the progress of a run is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// A live display on a terminal, else lines for people.
    #[default]
    Text,
    /// JSON, an object a line.
    Json,
}

/// A line of the log for programs.
#[derive(Serialize)]
struct Line {
    asks: usize,
    done: usize,
    found: usize,
    answered: usize,
    failed: usize,
    in_flight: usize,
    retries: usize,
    throttled: usize,
    elsewhere: usize,
    requests_last_minute: u64,
    requests_per_minute: Option<u64>,
    pause: Option<&'static str>,
    pause_seconds: Option<f64>,
}

/// Writes the counters for programs.
pub(super) fn log(counters: Counters) {
    aside(&format!("{}\n", json(counters)));
}

fn json(counters: Counters) -> String {
    let Counters { planned, found, answered, given_up, in_flight, retries, throttled, elsewhere, rate, limit, .. } =
        counters;
    let line = Line {
        asks: planned,
        done: done(counters),
        found,
        answered,
        failed: given_up + counters.refused,
        in_flight,
        retries,
        throttled,
        elsewhere,
        requests_last_minute: rate,
        requests_per_minute: limit,
        pause: counters.pause.map(|(pause, _)| match pause {
            Pause::Throttled => "throttled",
            Pause::OutOfOrder => "out_of_order",
            Pause::Paced => "paced",
            Pause::Retrying => "retrying",
        }),
        pause_seconds: counters.pause.map(|(_, until)| (until - clock::now()).as_secs_f64()),
    };
    serde_json::to_string(&line).unwrap_or_default()
}

/// Shows the counters until it is dropped.
pub(super) async fn show(counters: watch::Receiver<Counters>, format: LogFormat) {
    if format == LogFormat::Text && std::io::stderr().is_terminal() {
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
        if format == LogFormat::Json {
            log(now);
            continue;
        }
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
