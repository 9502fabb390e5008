//! How a run ends: the record of the invocation, what is told of its failures, the exit code.

use serde::Serialize;

use super::{Exit, Trouble, complain, note};
use crate::ask::{Failure, FailureKind};
use crate::money::Usd;
use crate::pace::LimitUse;
use crate::report::{self, Report, count, counted};
use crate::run::{AccountUse, Asked, Cell, Stopped};

#[derive(Serialize)]
struct Invocation<'a> {
    tribunal: &'a str,
    started_at: i64,
    asking_seconds: f64,
    seconds: f64,
    planned: usize,
    found: usize,
    answered: usize,
    given_up: usize,
    refused: usize,
    attempts: usize,
    retries: usize,
    throttled: usize,
    unparsed: usize,
    tokens: u64,
    spent_usd: Usd,
    requests_per_minute: Option<u64>,
    longest_wait_seconds: f64,
    latency_ms: Latency,
    accounts: Vec<Account<'a>>,
    interrupted: bool,
    stopped: Vec<String>,
}

/// Quantiles in milliseconds; `None` where nothing was answered.
#[derive(Serialize)]
struct Latency {
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
}

/// How an account was used.
#[derive(Serialize)]
struct Account<'a> {
    name: &'a str,
    replies: u32,
    throttled: u32,
    limits: Vec<Limit>,
}

/// How a limit was used.
#[derive(Serialize)]
struct Limit {
    of: &'static str,
    seconds: u64,
    known: &'static str,
    most: u64,
    peak: u64,
    used: f64,
}

impl<'a> Account<'a> {
    fn of(account: &'a AccountUse) -> Self {
        let limit = |limit: &LimitUse| Limit {
            of: limit.measure.as_str(),
            seconds: limit.span.as_secs(),
            known: limit.source.as_str(),
            most: limit.most,
            peak: limit.peak,
            used: limit.share,
        };
        let AccountUse { name, replies, throttled, limits, last_failure: _ } = account;
        Self { name, replies: *replies, throttled: *throttled, limits: limits.iter().map(limit).collect() }
    }
}

/// What this invocation did, as a line of `invocations.jsonl`.
/// `seconds` are those of asking, and of everything from the first request to the report.
pub(super) fn invocation(
    asked: &Asked,
    started_at: i64,
    (asking_seconds, seconds): (f64, f64),
) -> Result<String, Trouble> {
    let mut latencies: Vec<f64> = asked.latencies.iter().map(|latency| latency.as_secs_f64() * 1000.0).collect();
    latencies.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let last = latencies.len().checked_sub(1)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
        latencies.get((share * last as f64).round() as usize).copied()
    };
    let counters = asked.counters;
    let line = Invocation {
        tribunal: env!("CARGO_PKG_VERSION"),
        started_at,
        asking_seconds,
        seconds,
        planned: counters.planned,
        found: counters.found,
        answered: counters.answered,
        given_up: counters.given_up,
        refused: counters.refused,
        attempts: counters.attempts,
        retries: counters.retries,
        throttled: counters.throttled,
        unparsed: counters.unparsed,
        tokens: counters.tokens,
        spent_usd: counters.spent,
        requests_per_minute: counters.limit,
        longest_wait_seconds: counters.longest_wait.as_secs_f64(),
        accounts: asked.accounts.iter().map(Account::of).collect(),
        latency_ms: Latency { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: quantile(1.0) },
        interrupted: asked.interrupted,
        stopped: asked
            .stopped
            .iter()
            .map(|(judge, stopped)| format!("{judge}: {}", stopped.failure().message))
            .collect(),
    };
    serde_json::to_string(&line).map_err(|error| Trouble::new(Exit::Unexpected, format!("invocations.jsonl: {error}")))
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// Whether nothing was sent on purpose.
    pub(super) offline: bool,
    /// Whether its time was not over.
    pub(super) in_time: bool,
}

/// Says what is missing and why, and how the program ends.
pub(super) fn conclude(
    report: &Report,
    asked: Option<&Asked>,
    cells: &[Cell<'_>],
    End { offline, in_time }: End,
) -> Exit {
    let (asks, answered) = report
        .cells
        .iter()
        .fold((0, 0), |(asks, answered), cell| (asks + cell.usage.asks, answered + cell.usage.answered));
    let enough = |at: usize| asked.is_some_and(|asked| asked.enough.get(at).copied().unwrap_or_default());
    let is_done = report.cells.iter().enumerate().all(|(at, cell)| cell.is_whole() || enough(at));
    let mut exit = if is_done { Exit::Complete } else { Exit::Incomplete };
    if let Some(asked) = asked {
        for (judge, stopped) in &asked.stopped {
            complain(&format!("judge `{judge}`: {}", stopped.failure().message));
            // Where others of its accounts answered everything, one that refuses is no more than told.
            if matches!(stopped, Stopped::Refused(_)) && !report.complete {
                exit = Exit::Refused;
            }
        }
        let silent = asked.accounts.iter().filter(|account| account.replies == 0);
        for account in silent.filter(|account| asked.stopped.iter().all(|(name, _)| *name != account.name)) {
            if let Some(failure) = account.last_failure.as_ref().filter(|_| asked.accounts.len() > 1) {
                complain(&format!("judge `{}`: gave no reply; the last: {failure}", account.name));
            }
        }
        let given_up = asked.counters.given_up;
        if let (true, Some(failure)) = (asked.stopped.is_empty() && given_up > 0, &asked.last_failure) {
            complain(&format!("given up: {}; the last: {}", counted(given_up, "ask"), failure.message));
        }
        let refused = asked.counters.refused;
        if refused > 0 {
            note(&format!(
                "not asked: {} that the endpoint refused for good in an earlier run; --retry-failed asks again",
                counted(refused, "ask")
            ));
        }
        for alarm in &asked.alarms {
            complain(&report::alarm_text(&cells[alarm.cell], alarm));
        }
        if asked.at_the_cap {
            complain(
                "stopped at the budget: nothing more fits below it, with every reply as long as it may be. A higher --budget goes on",
            );
            exit = Exit::Budget;
        }
        if asked.interrupted {
            exit = if in_time { Exit::Interrupted } else { Exit::Incomplete };
        }
    }
    for (cell, asked) in report.cells.iter().zip(cells) {
        if let Some(line) = report::truncated_line(cell, asked) {
            note(&line);
        }
    }
    if !is_done {
        let alarmed = asked.is_some_and(|asked| !asked.alarms.is_empty());
        let is_refused = |failure: &Failure| matches!(failure.kind, FailureKind::Ask | FailureKind::TooLong);
        let refused = asked.and_then(|asked| asked.last_failure.as_ref()).is_some_and(is_refused);
        let rest = match (alarmed, refused) {
            (true, _) => "",
            (false, true) => "; the same command asks only for the rest, and with --retry-failed for what was refused",
            (false, false) => "; the same command asks only for the rest",
        };
        let why = if offline { "; nothing was sent, for --offline says so" } else { "" };
        note(&format!(
            "incomplete: {} of {} asks have no reply{why}. What was had is kept{rest}",
            count(asks - answered),
            count(asks)
        ));
    }
    exit
}
