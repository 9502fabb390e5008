//! A sliding window as an exact log of what was charged.

use std::collections::VecDeque;

/// What was charged within one span of time. A charge at `t` counts until `t + span`, that moment no more.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Moments in milliseconds, ascending, each once, and what was charged at them.
    log: VecDeque<(u64, u64)>,
    used: u64,
}

impl Window {
    /// Forgets what has left the window.
    pub(super) fn advance(&mut self, now: u64, span: u64) {
        while let Some((_, amount)) = self.log.pop_front_if(|(moment, _)| *moment + span <= now) {
            self.used -= amount;
        }
    }

    pub(super) fn charge(&mut self, now: u64, amount: u64) {
        if amount == 0 {
            return;
        }
        self.used += amount;
        match self.log.back_mut() {
            Some((moment, charged)) if *moment == now => *charged += amount,
            _ => self.log.push_back((now, amount)),
        }
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }

    /// When enough has left that no more than `keep` is used.
    pub(super) fn down_to(&self, keep: u64, now: u64, span: u64) -> u64 {
        let mut used = self.used;
        if used <= keep {
            return now;
        }
        let last = self.log.iter().find(|(_, amount)| {
            used -= amount;
            used <= keep
        });
        last.map_or(now, |(moment, _)| moment + span)
    }
}
