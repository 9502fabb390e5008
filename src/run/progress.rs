//! What a run has done so far, for the progress line.

use crate::clock::Moment;

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
    /// Attempts that were sent.
    pub attempts: usize,
    /// Attempts after the first of an ask.
    pub retries: usize,
    /// Requests on their way.
    pub in_flight: usize,
    /// Until when nothing can be sent, where nothing is on its way.
    pub waiting_until: Option<Moment>,
}
