//! Baselines: judges that need no model.

use std::cmp::{Ordering, Reverse};

use crate::digest::{Digest, Fields};
use crate::verdict::Verdict;

/// A judge that follows a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The answer with more Unicode characters; equal lengths are a tie.
    Longest,
    /// The answer with fewer Unicode characters; equal lengths are a tie.
    Shortest,
    /// The first slot.
    First,
    /// A fair coin, thrown anew for every order and sample.
    Random,
}

impl Baseline {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 4] =
        [("longest", Self::Longest), ("shortest", Self::Shortest), ("first", Self::First), ("random", Self::Random)];

    /// The baseline of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, baseline)| *baseline)
    }

    /// The verdict on the texts in slots A and B; the comparison's hash, order, sample and seed decide the coin.
    #[must_use]
    pub fn verdict(self, slots: [&str; 2], seed: u64, comparison: Digest, order: u8, sample: u32) -> Verdict {
        match self {
            Self::Longest => greater(slots.map(|text| text.chars().count())),
            Self::Shortest => greater(slots.map(|text| Reverse(text.chars().count()))),
            Self::First => Verdict::slot(0),
            Self::Random => {
                let coin = Fields::new("tribunal random judge v1")
                    .number(seed)
                    .bytes(&comparison.0)
                    .number(u64::from(order))
                    .number(u64::from(sample));
                Verdict::slot(u8::from(coin.finish().bit()))
            }
        }
    }
}

fn greater<T: Ord>([a, b]: [T; 2]) -> Verdict {
    match a.cmp(&b) {
        Ordering::Greater => Verdict::slot(0),
        Ordering::Less => Verdict::slot(1),
        Ordering::Equal => Verdict::Tie,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(baseline: Baseline, slots: [&str; 2]) -> Verdict {
        baseline.verdict(slots, 0, Digest([0; 32]), 0, 0)
    }

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        assert_eq!(verdict(Baseline::Longest, ["\u{e9}\u{e9}", "abc"]), Verdict::slot(1));
        assert_eq!(verdict(Baseline::Shortest, ["\u{e9}\u{e9}", "abc"]), Verdict::slot(0));
        assert_eq!(verdict(Baseline::Longest, ["\u{e9}", "a"]), Verdict::Tie);
    }
}
