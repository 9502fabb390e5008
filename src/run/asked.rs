//! What an asking phase did.

use std::time::Duration;

use super::account::Stopped;
use super::canary::Alarm;
use super::progress::Counters;
use crate::ask::{Failure, Key, Usage};
use crate::money::{Prices, Spent, Usd};
use crate::pace::LimitUse;

/// What an asking phase did.
#[derive(Debug)]
pub struct Asked {
    /// The key of each judgment, by cell and place in its plan; `None` for equal texts and judges without an endpoint.
    pub keys: Vec<Vec<Option<Key>>>,
    /// Counts.
    pub counters: Counters,
    /// From sending to the last byte, of each reply that came.
    pub latencies: Vec<Duration>,
    /// How each account's limits were used.
    pub accounts: Vec<AccountUse>,
    /// Endpoints that were asked no more, with the name of the judge.
    pub stopped: Vec<(String, Stopped)>,
    /// Why the last ask that was given up was.
    pub last_failure: Option<Failure>,
    /// Cells that were stopped by their canary.
    pub alarms: Vec<Alarm>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Whether it ended because its cap allows nothing more.
    pub at_the_cap: bool,
    /// For each cell whether it needed no more.
    pub enough: Vec<bool>,
}

/// How an account was used.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountUse {
    /// Its judge, and which of several it is.
    pub name: String,
    /// Replies that it gave.
    pub replies: u32,
    /// Attempts that it turned away.
    pub throttled: u32,
    /// Its limits.
    pub limits: Vec<LimitUse>,
    /// What the last attempt that failed there brought.
    pub last_failure: Option<String>,
}

/// What a reply cost; `None` where it does not tell its tokens.
pub(super) fn cost_of(prices: &Prices, usage: Usage) -> Option<Usd> {
    let (input, output) = (usage.prompt_tokens?, usage.completion_tokens?);
    let (cached_input, reasoning) =
        (usage.cached_tokens.unwrap_or_default(), usage.reasoning_tokens.unwrap_or_default());
    Some(prices.cost(Spent { input, cached_input, output, reasoning }))
}
