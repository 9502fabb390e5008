//! What is kept of each judgment while its text stays in the file: a few bytes.

use crate::score::Outcome;

/// What a judgment prefers, by the candidates of the item that the comparison is told by, so whatever stands in which slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Picked {
    /// One candidate above all others.
    Candidate(u16),
    /// None above the others.
    Tie,
    /// There is no verdict, or it prefers nothing: the score of a single answer.
    Nothing,
}

/// A judgment: which it is, what came of it, and where its text stands.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The number of its cell.
    pub cell: u16,
    /// 0: the seeded order.
    pub order: u8,
    /// The number of the sample.
    pub sample: u32,
    /// The number of its comparison.
    pub comparison: u32,
    /// What stands in which slot, as one number.
    pub(super) arrangement: u32,
    /// What it prefers.
    pub picked: Picked,
    pub(super) outcomes: Outcomes,
    /// The number of the reason why there is no verdict, counted from 1; 0 where there is none.
    pub(super) reason: u8,
    pub(super) odds: u8,
    pub(super) file: u16,
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) reply: (u32, u32),
}

/// The outcomes that a judgment has for the items of its comparison: mostly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcomes(u8);

impl Outcomes {
    fn bit(outcome: Outcome) -> u8 {
        1 << Outcome::ALL.iter().position(|other| *other == outcome).unwrap_or_default()
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        self.0 |= Self::bit(outcome);
    }

    pub(super) fn has(self, outcome: Outcome) -> bool {
        self.0 & Self::bit(outcome) != 0
    }
}

impl Entry {
    /// Whether it has this outcome for an item of its comparison.
    #[must_use]
    pub fn is(&self, outcome: Outcome) -> bool {
        self.outcomes.has(outcome)
    }

    /// Its outcome. `None` of the score of a single answer, and where items have contrary golds.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let mut outcomes = Outcome::ALL.into_iter().filter(|outcome| self.is(*outcome));
        outcomes.next().filter(|_| outcomes.next().is_none())
    }

    /// Whether the items of its comparison have contrary golds: it is right for one and wrong for another.
    #[must_use]
    pub fn is_contrary(&self) -> bool {
        Outcome::ALL.into_iter().filter(|outcome| self.is(*outcome)).count() > 1
    }
}
