//! How each limit was used, in numbers.

use serde::Serialize;

/// The numbers of one limit in `GET /stats`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LimitUse {
    /// Requests that it turned away.
    pub throttled: u64,
    /// What was charged in the last whole window before the latest request, windows counted from the start; of `concurrency`
    /// the most at once.
    pub last_window: u64,
}

/// What is charged, window by window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    window: u64,
    current: u64,
    last: u64,
}

impl Tally {
    /// Goes to the window that so many milliseconds after the start lie in.
    pub(super) fn advance(&mut self, elapsed: u64, span: u64) {
        let window = elapsed / span;
        if window > self.window {
            self.last = if window == self.window + 1 { self.current } else { 0 };
            (self.window, self.current) = (window, 0);
        }
    }

    pub(super) fn add(&mut self, amount: u64) {
        self.current += amount;
    }

    pub(super) fn reach(&mut self, level: u64) {
        self.current = self.current.max(level);
    }

    /// What the last whole window held.
    pub(super) fn last(&self) -> u64 {
        self.last
    }
}
