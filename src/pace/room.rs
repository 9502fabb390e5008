//! How much may be in flight at an endpoint that says it is too much.

/// The most in flight that an endpoint has shown to bear; without bound until it complains.
#[derive(Clone, Copy, Debug, Default)]
pub struct Room {
    most: Option<usize>,
    /// Replies since the bound last moved.
    replies: usize,
}

impl Room {
    /// The most that may be in flight.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most.unwrap_or(usize::MAX)
    }

    /// The endpoint would not have this one on top of `others` in flight.
    pub fn crowded(&mut self, others: usize) {
        self.most = Some(self.most().min(others).max(1));
        self.replies = 0;
    }

    /// A reply came: after as many as fit, one more is tried.
    pub fn answered(&mut self) {
        let Some(most) = &mut self.most else { return };
        self.replies += 1;
        if self.replies > *most {
            *most += 1;
            self.replies = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_what_was_borne() {
        let mut room = Room::default();
        assert_eq!(room.most(), usize::MAX);
        // Of 64 in flight all above 8 are turned away, one by one.
        (8..64).rev().for_each(|others| room.crowded(others));
        assert_eq!(room.most(), 8);
        (0..8).for_each(|_| room.answered());
        assert_eq!(room.most(), 8);
        room.answered();
        assert_eq!(room.most(), 9);
    }

    #[test]
    fn one_is_always_tried() {
        let mut room = Room::default();
        room.crowded(0);
        assert_eq!(room.most(), 1);
    }
}
