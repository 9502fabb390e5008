//! The progress of a run: a live line on a terminal, else a line of log every ten seconds.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio::sync::watch;

use super::{aside, note};
use crate::clock;
use crate::money::Usd;
use crate::report::{count, short};
use crate::run::{Counters, Pause, SoFar};

const TICK: Duration = Duration::from_millis(200);
const LOG: Duration = Duration::from_secs(10);

/// The live display, while there is one.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes above the live display, which is drawn again below.
pub(super) fn above(write: impl FnOnce()) {
    let bar = BAR.lock().unwrap_or_else(PoisonError::into_inner);
    match &*bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// The live display, shown as long as this lives.
struct Shown(ProgressBar);

impl Shown {
    fn new(bar: ProgressBar) -> Self {
        *BAR.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        Self(bar)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        *BAR.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.finish();
    }
}

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
    unparsed: usize,
    tokens: u64,
    spent_usd: Usd,
    right: Vec<Option<f64>>,
    right_se: Vec<Option<f64>>,
    requests_last_minute: u64,
    requests_per_minute: Option<u64>,
    longest_wait_seconds: f64,
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
        unparsed: counters.unparsed,
        tokens: counters.tokens,
        spent_usd: counters.spent,
        right: counters.so_far.iter().flatten().map(|so_far| Some(so_far.right)).collect(),
        right_se: counters.so_far.iter().flatten().map(|so_far| so_far.se).collect(),
        requests_last_minute: rate,
        requests_per_minute: limit,
        longest_wait_seconds: counters.longest_wait.as_secs_f64(),
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
    let begun = clock::now();
    let left = |now: Counters| left(now, (clock::now() - begun).as_secs_f64());
    if format == LogFormat::Text && std::io::stderr().is_terminal() {
        let shown = Shown::new(bar());
        let bar = &shown.0;
        loop {
            let now = *counters.borrow();
            bar.set_length(now.planned as u64);
            bar.set_position(done(now) as u64);
            bar.set_prefix(
                [left(now), right(now)]
                    .into_iter()
                    .flatten()
                    .flat_map(|part| [", ".to_owned(), part])
                    .collect::<String>(),
            );
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
        let asks = format!("{} of {} asks", count(done(now)), count(now.planned));
        let parts = [Some(asks), left(now), right(now), Some(detail(now))];
        note(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:16} {human_pos} of {human_len} asks{prefix}\n{wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// How long the rest takes, at the speed of this invocation so far.
fn left(counters: Counters, elapsed: f64) -> Option<String> {
    let rest = counters.planned.saturating_sub(done(counters));
    if counters.answered == 0 || rest == 0 {
        return None;
    }
    let seconds = elapsed * rest as f64 / counters.answered as f64;
    Some(match seconds {
        ..90.0 => format!("{seconds:.0} s left"),
        ..5400.0 => format!("{:.0} min left", seconds / 60.0),
        _ => format!("{:.1} h left", seconds / 3600.0),
    })
}

/// The scores so far, of the first cells.
fn right(counters: Counters) -> Option<String> {
    let of_cell = |so_far: &SoFar| match so_far.se {
        Some(se) => format!("{} \u{b1}{}", share(so_far.right), share(1.96 * se)),
        None => share(so_far.right),
    };
    let cells: Vec<String> = counters.so_far.iter().flatten().map(of_cell).collect();
    match cells.as_slice() {
        [] => None,
        [one] => Some(format!("right {one}")),
        [.., _] => Some(format!(
            "right {}",
            cells.iter().map(|cell| cell.split(' ').next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
        )),
    }
}

/// A share with three digits and no zero before the point.
fn share(share: f64) -> String {
    let text = format!("{share:.3}");
    text.strip_prefix('0').map_or_else(|| text.clone(), str::to_owned)
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
    if counters.tokens > 0 {
        parts.push(format!("{} tokens", short(counters.tokens as f64)));
    }
    if counters.spent > Usd::ZERO {
        parts.push(counters.spent.to_string());
    }
    for (number, what) in [
        (counters.given_up, "failed"),
        (counters.unparsed, "unparsed"),
        (counters.throttled, "throttled"),
        (counters.retries, "retries"),
        (counters.found, "had already"),
        (counters.elsewhere, "left to another process"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    parts.join(", ")
}
