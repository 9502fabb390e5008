//! An exact log of what was spent over a sliding window: the hard guard of a limit.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Moment;

/// What was spent at some moment.
#[derive(Clone, Copy, Debug)]
struct Spent {
    /// Names it, for corrections.
    ticket: u64,
    /// When it leaves the window.
    until: Moment,
    amount: u64,
}

/// A limit of so much in any span of so long.
#[derive(Clone, Debug)]
pub(super) struct Window {
    span: Duration,
    most: u64,
    /// In the order of leaving.
    spent: VecDeque<Spent>,
    total: u64,
    /// What was spent since it was made, of however many spans.
    ever: u64,
}

impl Window {
    /// A window in which nothing was spent.
    #[must_use]
    pub(super) fn new(span: Duration, most: u64) -> Self {
        Self { span, most: most.max(1), spent: VecDeque::new(), total: 0, ever: 0 }
    }

    /// The most in any span.
    #[must_use]
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// What was spent since it was made.
    #[must_use]
    pub(super) fn ever(&self) -> u64 {
        self.ever
    }

    /// Its length.
    #[must_use]
    pub(super) fn span(&self) -> Duration {
        self.span
    }

    /// Sets another limit; what was spent counts on.
    pub(super) fn limit(&mut self, most: u64) {
        self.most = most.max(1);
    }

    /// What is spent within the span that ends now.
    pub(super) fn spent(&mut self, now: Moment) -> u64 {
        while let Some(first) = self.spent.front().filter(|first| first.until <= now) {
            self.total -= first.amount;
            self.spent.pop_front();
        }
        self.total
    }

    /// The earliest moment at which so much more fits. What is more than the whole limit goes when the window is empty.
    pub(super) fn fits(&mut self, amount: u64, now: Moment) -> Moment {
        let allowed = self.most.saturating_sub(amount);
        let mut left = self.spent(now);
        if left <= allowed {
            return now;
        }
        for spent in &self.spent {
            left -= spent.amount;
            if left <= allowed {
                return spent.until;
            }
        }
        self.spent.back().map_or(now, |last| last.until)
    }

    /// Spends; the ticket names it later.
    pub(super) fn spend(&mut self, ticket: u64, amount: u64, now: Moment) {
        self.total += amount;
        self.ever += amount;
        self.spent.push_back(Spent { ticket, until: now + self.span, amount });
    }

    /// What was spent under a ticket turns out to be `amount`, and to have been counted up to `late` after it was sent.
    pub(super) fn correct(&mut self, ticket: u64, amount: u64, late: Duration) {
        // Sent last, corrected soon: it stands near the end.
        let Some(at) = self.spent.iter().rposition(|spent| spent.ticket == ticket) else { return };
        let Some(mut spent) = self.spent.remove(at) else { return };
        self.total = self.total - spent.amount + amount;
        self.ever = self.ever - spent.amount + amount;
        spent.amount = amount;
        spent.until += late;
        let place = self.spent.partition_point(|other| other.until <= spent.until);
        self.spent.insert(place, spent);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn room_comes_back_exactly_a_span_later() {
        let (mut window, begun) = (Window::new(MINUTE, 10), clock::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        window.spend(1, 4, begun);
        window.spend(2, 6, at(20));
        assert_eq!(window.fits(0, at(20)), at(20));
        assert_eq!(window.fits(1, at(20)), at(60));
        assert_eq!(window.fits(4, at(20)), at(60));
        assert_eq!(window.fits(5, at(20)), at(80));
        assert_eq!(window.fits(99, at(20)), at(80), "too much for any window goes alone");
        assert_eq!((window.spent(at(59)), window.spent(at(60)), window.spent(at(80))), (10, 6, 0));
    }

    #[test]
    fn a_correction_gives_back_what_was_not_used() {
        let (mut window, begun) = (Window::new(MINUTE, 100), clock::now());
        window.spend(1, 60, begun);
        window.spend(2, 40, begun);
        window.correct(1, 10, Duration::from_millis(300));
        window.correct(7, 10, Duration::ZERO);
        assert_eq!(window.spent(begun), 50);
        assert_eq!(window.spent(begun + MINUTE), 10, "it was counted when it arrived, which was later");
        assert_eq!(window.spent(begun + MINUTE + Duration::from_millis(300)), 0);
    }

    proptest! {
        #[test]
        fn no_span_ever_holds_more_than_the_limit(amounts in prop::collection::vec((1_u64..40, 0_u64..3000), 1..200)) {
            let (mut window, mut now) = (Window::new(MINUTE, 100), clock::now());
            let mut sent: Vec<(Moment, u64)> = Vec::new();
            for (ticket, (amount, pause)) in amounts.into_iter().enumerate() {
                now = window.fits(amount, now + Duration::from_millis(pause));
                window.spend(ticket as u64, amount, now);
                sent.push((now, amount));
                let held: u64 = sent.iter().filter(|(at, _)| *at + MINUTE > now).map(|(_, amount)| amount).sum();
                prop_assert!(held <= 100);
            }
        }
    }
}
