//! What a run has done so far, for the progress line.

use tokio::sync::watch;

use crate::clock::Moment;

/// Where a run tells of itself.
#[derive(Clone, Debug)]
pub struct Progress {
    /// What it has done so far.
    pub counters: watch::Sender<Counters>,
    /// What keeps it from storing replies, while that lasts.
    pub trouble: watch::Sender<Option<String>>,
}

/// Counts of one invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Until when nothing can be sent, where nothing is on its way.
    pub waiting_until: Option<Moment>,
}
