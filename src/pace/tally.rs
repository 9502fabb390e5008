//! How many there were within the last minute, in a few hundred numbers however many there were.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Moment;

const MINUTE: Duration = Duration::from_mins(1);
/// What lies closer together counts as one moment.
const GRAIN: Duration = Duration::from_millis(100);

/// A count over the minute that ends now.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    grains: VecDeque<(Moment, u64)>,
    total: u64,
}

impl Tally {
    /// So many more.
    pub(super) fn add(&mut self, more: u64, now: Moment) {
        self.total += more;
        match self.grains.back_mut().filter(|(begun, _)| now - *begun < GRAIN) {
            Some((_, count)) => *count += more,
            None => self.grains.push_back((now, more)),
        }
        self.forget(now);
    }

    /// So many of that moment do not count.
    pub(super) fn take_back(&mut self, fewer: u64, moment: Moment) {
        let after = self.grains.partition_point(|(begun, _)| *begun <= moment);
        if let Some((_, count)) = after.checked_sub(1).and_then(|at| self.grains.get_mut(at)) {
            let fewer = fewer.min(*count);
            *count -= fewer;
            self.total -= fewer;
        }
    }

    /// So many more of a moment that is past.
    pub(super) fn add_at(&mut self, more: u64, moment: Moment) {
        let after = self.grains.partition_point(|(begun, _)| *begun <= moment);
        if let Some((_, count)) = after.checked_sub(1).and_then(|at| self.grains.get_mut(at)) {
            *count += more;
            self.total += more;
        }
    }

    /// How many there were.
    pub(super) fn count(&mut self, now: Moment) -> u64 {
        self.forget(now);
        self.total
    }

    /// When, and how many.
    pub(super) fn grains(&self) -> impl Iterator<Item = (Moment, u64)> + '_ {
        self.grains.iter().copied()
    }

    fn forget(&mut self, now: Moment) {
        while let Some((_, count)) = self.grains.front().filter(|(begun, _)| now - *begun >= MINUTE) {
            self.total -= count;
            self.grains.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_minute_is_counted_and_no_more() {
        let (mut tally, begun) = (Tally::default(), clock::now());
        for tenth in 0..10_000 {
            tally.add(1, begun + Duration::from_millis(10 * tenth));
        }
        let now = begun + Duration::from_secs(100);
        assert_eq!(tally.count(now), 5990);
        assert!(tally.grains.len() <= 601);
        tally.take_back(1, now - Duration::from_secs(5));
        assert_eq!(tally.count(now), 5989);
        tally.take_back(1, begun);
        assert_eq!(tally.count(now), 5989, "what is forgotten is not taken back");
    }
}
