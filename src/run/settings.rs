//! How a run asks, and when it stops.

use std::time::Duration;

use crate::pace::Backoff;
use crate::store::Purse;
use crate::verdict::Verdict;

/// How long what is in flight is waited for once the person wants to leave.
pub const LAST_REPLIES: Duration = Duration::from_mins(2);

/// Says when a cell needs no more: for example, since its score is known well enough.
pub trait Enough: std::fmt::Debug + Send {
    /// Takes a verdict of a cell's judgment at a place of its plan; answers whether the cell is asked no more.
    fn hear(&mut self, cell: usize, place: usize, verdict: &Verdict) -> bool;
}

/// How a run asks.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The most requests in flight.
    pub concurrency: usize,
    /// Waits between the attempts of an ask.
    pub backoff: Backoff,
    /// Whether nothing is sent at all.
    pub offline: bool,
    /// Whether asks that an endpoint refused for good in an earlier run are asked again.
    pub retry_failed: bool,
    /// Whether a cell whose first replies mostly hold no verdict is stopped.
    pub canary: bool,
    /// Out of whose purse it is paid, where prices are known.
    pub purse: Option<Purse>,
}
