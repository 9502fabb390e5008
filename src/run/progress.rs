//! What a run has done so far, for the progress line.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Moment;
use crate::money::Usd;

/// Where a run tells of itself.
#[derive(Clone, Debug)]
pub struct Progress {
    /// What it has done so far.
    pub counters: watch::Sender<Counters>,
    /// What keeps it from storing replies, while that lasts.
    pub trouble: watch::Sender<Option<String>>,
}

/// Why nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// An endpoint asked for it, or throttled without saying for how long.
    Throttled,
    /// An endpoint is out of order and will be probed.
    OutOfOrder,
    /// The next ask does not fit into the limits yet.
    Paced,
    /// What is left is tried again soon, or is being asked by another process.
    Retrying,
}

/// Cells whose scores so far are shown.
pub(super) const SHOWN: usize = 2;

/// How a cell stands: over the replies that came in this invocation, for each the comparison's gold or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoFar {
    /// Replies that were read.
    pub n: usize,
    /// The share of them that prefer the gold; ties and unparsed ones do not.
    pub right: f64,
    /// Its standard error, clustered by conversation.
    pub se: Option<f64>,
}

/// Counts of one invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// Asks that were planned of endpoints.
    pub planned: usize,
    /// Asks whose reply was in the store already.
    pub found: usize,
    /// Asks that got a reply.
    pub answered: usize,
    /// Asks that were given up.
    pub given_up: usize,
    /// Asks that an endpoint refused for good in an earlier run.
    pub refused: usize,
    /// Asks that another process is about to ask.
    pub elsewhere: usize,
    /// Attempts that were sent.
    pub attempts: usize,
    /// Attempts after the first of an ask.
    pub retries: usize,
    /// Requests on their way.
    pub in_flight: usize,
    /// Attempts that were turned away, for there were too many.
    pub throttled: usize,
    /// Requests within the last minute that were not turned away, over all endpoints.
    pub rate: u64,
    /// The most requests in a minute, over all endpoints; `None` where an endpoint's limit is not known.
    pub limit: Option<u64>,
    /// Tokens of requests and replies, of the replies that came.
    pub tokens: u64,
    /// What was spent in this invocation: replies, and attempts that may have been billed at their worst.
    pub spent: Usd,
    /// Replies that came and hold no verdict.
    pub unparsed: usize,
    /// How the first cells stand.
    pub so_far: [Option<SoFar>; SHOWN],
    /// The longest that an ask was the next to be sent and waited for its limit.
    pub longest_wait: Duration,
    /// Why nothing is sent, and until when, where nothing is on its way.
    pub pause: Option<(Pause, Moment)>,
}
