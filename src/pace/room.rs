//! How much may be in flight at an endpoint that says it is too much.

use std::time::Duration;

use crate::clock::Moment;

/// How long after a complaint more is tried; doubles each time that it was too much.
const COOLDOWN: Duration = Duration::from_secs(5);
/// The longest such wait.
const LONGEST_COOLDOWN: Duration = Duration::from_secs(20);

/// The most in flight that an endpoint has shown to bear; without bound until it complains.
#[derive(Clone, Copy, Debug, Default)]
pub struct Room {
    most: Option<usize>,
    /// What was configured: it is never passed.
    bound: Option<usize>,
    /// Replies since the bound last moved.
    replies: usize,
    /// By how much it grows next: more each time that more was borne.
    step: usize,
    cooldown: Duration,
    grow_at: Option<Moment>,
}

impl Room {
    /// Room for so many, as configured.
    #[must_use]
    pub fn new(bound: Option<u64>) -> Self {
        Self { bound: bound.map(|bound| usize::try_from(bound).unwrap_or(usize::MAX)), ..Self::default() }
    }

    /// The most that may be in flight.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most.unwrap_or(usize::MAX).min(self.bound.unwrap_or(usize::MAX))
    }

    /// The endpoint would not have this one on top of `others` in flight.
    pub fn crowded(&mut self, others: usize, now: Moment) {
        // Complaints that come together are one.
        if self.grow_at.is_none_or(|at| at <= now) {
            self.cooldown = (self.cooldown * 2).clamp(COOLDOWN, LONGEST_COOLDOWN);
        }
        (self.most, self.replies, self.step) = (Some(self.most().min(others).max(1)), 0, 1);
        self.grow_at = Some(now + self.cooldown);
    }

    /// A reply came, when so much was in flight: after as many as fit, while they are needed, more is tried.
    pub fn answered(&mut self, in_flight: usize, now: Moment) {
        let Some(most) = &mut self.most else { return };
        if self.grow_at.is_some_and(|at| at > now) || 5 * in_flight < 4 * *most {
            return;
        }
        self.replies += 1;
        if self.replies > *most {
            *most += self.step;
            if self.step > 1 {
                // More was borne than before the complaint: the bound has moved.
                self.cooldown = COOLDOWN;
            }
            self.step = (2 * self.step).min((*most / 4).max(1));
            self.replies = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn the_bound_is_what_was_borne() {
        let (mut room, now) = (Room::default(), clock::now());
        assert_eq!(room.most(), usize::MAX);
        // Of 64 in flight all above 8 are turned away, one by one.
        (8..64).rev().for_each(|others| room.crowded(others, now));
        assert_eq!(room.most(), 8);
        (0..100).for_each(|_| room.answered(8, now));
        assert_eq!(room.most(), 8, "not at once");
        let later = now + COOLDOWN;
        (0..9).for_each(|_| room.answered(8, later));
        assert_eq!(room.most(), 9);
        (0..100).for_each(|_| room.answered(2, later));
        assert_eq!(room.most(), 9, "nobody needs more");
        (0..10).for_each(|_| room.answered(9, later));
        assert_eq!(room.most(), 11, "what is borne twice is doubled");
    }

    #[test]
    fn one_is_always_tried() {
        let mut room = Room::default();
        room.crowded(0, clock::now());
        assert_eq!(room.most(), 1);
    }
}
