//! Outcomes: what a verdict is to a gold.

use serde::{Deserialize, Serialize};

use super::top::Top;
use crate::plan::{Comparison, ComparisonId, Entrant, Leg, Plan};
use crate::verdict::Verdict;

/// A verdict held against the gold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The gold was preferred.
    Right,
    /// The gold shared the first place with a candidate that is no gold.
    Tie,
    /// The judge answered, and no verdict could be read.
    Unparsed,
    /// The other candidate was preferred.
    Wrong,
    /// No reply was had.
    Failed,
}

impl Outcome {
    /// All of them, as people are told them.
    pub const ALL: [Self; 5] = [Self::Right, Self::Wrong, Self::Tie, Self::Unparsed, Self::Failed];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Tie => "tie",
            Self::Unparsed => "unparsed",
            Self::Wrong => "wrong",
            Self::Failed => "failed",
        }
    }

    /// The outcome where two choices share the first place, one of this outcome and one of the other: of a right and a wrong one it is a tie, and
    /// so it is where one of them is a tie.
    #[must_use]
    pub fn shared(self, other: Self) -> Self {
        if self == other { self } else { Self::Tie }
    }
}

/// What a judge prefers in one order of a comparison: its samples put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// These share the first place; one alone is preferred.
    Top(Top),
    Unparsed,
    Failed,
}

impl Choice {
    /// Right where the first place is a gold's alone, or shared by golds: an item may have several. A text that both a best candidate and
    /// another have cannot win against itself: where it stands first, it is a tie.
    pub(super) fn held_against(self, leg: &Leg) -> Outcome {
        let top = match self {
            Self::Unparsed => return Outcome::Unparsed,
            Self::Failed => return Outcome::Failed,
            Self::Top(top) => top,
        };
        let at_top = || top.iter().filter_map(|entrant| leg.standings.get(entrant.index()));
        match (at_top().any(|standing| standing.is_best), at_top().any(|standing| standing.is_other)) {
            (true, false) => Outcome::Right,
            (true, true) => Outcome::Tie,
            (false, _) => Outcome::Wrong,
        }
    }
}

/// One verdict held against the gold of a leg; no verdict is a judgment that failed. `None` of the score of a single answer, which says
/// nothing until it is held against those of the others.
#[must_use]
pub fn hold(verdict: Option<&Verdict>, comparison: &Comparison, order: u8, leg: &Leg) -> Option<Outcome> {
    match verdict {
        Some(Verdict::Score(_)) => None,
        verdict => Some(choice(verdict, comparison, order).held_against(leg)),
    }
}

pub(super) fn choice(verdict: Option<&Verdict>, comparison: &Comparison, order: u8) -> Choice {
    let slots = comparison.slot_count();
    match verdict {
        None => Choice::Failed,
        Some(Verdict::Tie) => Choice::Top(Top::all(slots)),
        Some(Verdict::Slot { slot, .. }) => Choice::Top(Top::one(comparison.entrant_in(*slot, order))),
        Some(Verdict::Ranking(places)) if places.len() == slots => {
            let ranked = comparison.entrants(order).zip(places);
            Choice::Top(ranked.filter(|(_, place)| **place == 0).map(|(entrant, _)| entrant).collect())
        }
        // A ranking of another number says nothing of these, and a score nothing of several.
        Some(Verdict::Unparsed(_) | Verdict::Score(_) | Verdict::Ranking(_)) => Choice::Unparsed,
    }
}

/// The votes of the samples of a comparison in one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Votes {
    parsed: Vec<(Top, u32)>,
    unparsed: u32,
    failed: u32,
}

impl Votes {
    fn add(mut self, choice: Choice) -> Self {
        match choice {
            Choice::Top(top) => self.vote(top, 1),
            Choice::Unparsed => self.unparsed += 1,
            Choice::Failed => self.failed += 1,
        }
        self
    }

    fn vote(&mut self, top: Top, votes: u32) {
        match self.parsed.iter_mut().find(|(known, _)| *known == top) {
            Some((_, count)) => *count += votes,
            None => self.parsed.push((top, votes)),
        }
    }

    /// The plurality of the parsed samples. Where choices have as many votes each, all that they prefer share the first place; none parsed is
    /// unparsed, and one failed is failed.
    fn choice(&self) -> Choice {
        if self.failed > 0 {
            return Choice::Failed;
        }
        let Some(most) = self.parsed.iter().map(|(_, count)| *count).max() else { return Choice::Unparsed };
        let shared = self.parsed.iter().filter(|(_, count)| *count == most);
        Choice::Top(shared.flat_map(|(top, _)| top.iter()).collect())
    }

    /// The share of the most frequent verdict among those that were parsed; `None` with fewer than two.
    pub(super) fn modal_share(&self) -> Option<f64> {
        let parsed: u32 = self.parsed.iter().map(|(_, count)| count).sum();
        let most = self.parsed.iter().map(|(_, count)| *count).max()?;
        (parsed > 1).then(|| f64::from(most) / f64::from(parsed))
    }

    /// What a majority of 1, 2, ... of the samples is worth to a leg, exactly: the mean over all ways to choose so many of them. What failed
    /// is a sample without a verdict.
    ///
    /// The ways to choose k are coefficients of products of polynomials, one for each choice. With m votes at the top, those to a right verdict
    /// have every right choice at m or below, one of them at m, and all others below m; those to a wrong one likewise; the rest are ties.
    pub(super) fn expected(&self, leg: &Leg, worth: impl Fn(Outcome) -> f64) -> Vec<f64> {
        let without = self.unparsed + self.failed;
        let all = without + self.parsed.iter().map(|(_, count)| count).sum::<u32>();
        let counts_of = |outcome: Outcome| -> Vec<u32> {
            let of = |top: &Top| Choice::Top(*top).held_against(leg) == outcome;
            self.parsed.iter().filter(|(top, _)| of(top)).map(|(_, count)| *count).collect()
        };
        let [right, wrong, tie] = [Outcome::Right, Outcome::Wrong, Outcome::Tie].map(counts_of);
        let none = ways(&[without], without);
        let size = all as usize + 1;
        let (mut to_right, mut to_wrong) = (vec![0.0; size], vec![0.0; size]);
        let most = self.parsed.iter().map(|(_, count)| *count).max().unwrap_or_default();
        for m in 1..=most {
            let below = |counts: &[u32]| ways(counts, m - 1);
            for (sum, ahead, behind) in [(&mut to_right, &right, &wrong), (&mut to_wrong, &wrong, &right)] {
                let mut at_top = ways(ahead, m);
                at_top.iter_mut().zip(below(ahead)).for_each(|(at, below)| *at -= below);
                let rest = product(&product(&below(behind), &below(&tie)), &none);
                sum.iter_mut().zip(product(&at_top, &rest)).for_each(|(sum, ways)| *sum += ways);
            }
        }
        let share = |k: u32| {
            let at = k as usize;
            let all = choose(all, k);
            let [right, wrong] = [to_right[at] / all, to_wrong[at] / all];
            let unparsed = none.get(at).copied().unwrap_or_default() / all;
            let tie = (1.0 - right - wrong - unparsed).max(0.0);
            right * worth(Outcome::Right)
                + wrong * worth(Outcome::Wrong)
                + tie * worth(Outcome::Tie)
                + unparsed * worth(Outcome::Unparsed)
        };
        (1..=all).map(share).collect()
    }

    /// Whether every sample was parsed.
    pub(super) fn is_whole(&self) -> bool {
        self.unparsed == 0 && self.failed == 0
    }

    /// The choice were every unparsed and failed sample a vote for this one.
    pub(super) fn had_the_rest_chosen(&self, entrant: Entrant) -> Choice {
        let mut votes = Self { parsed: self.parsed.clone(), ..Self::default() };
        votes.vote(Top::one(entrant), self.unparsed + self.failed);
        votes.choice()
    }
}

/// The ways to take 0, 1, 2, ... in all of these counts, none of them more than `most` times.
fn ways(counts: &[u32], most: u32) -> Vec<f64> {
    let of_one = |count: &u32| (0..=(*count).min(most)).map(|taken| choose(*count, taken)).collect::<Vec<f64>>();
    counts.iter().map(of_one).fold(vec![1.0], |ways, more| product(&ways, &more))
}

/// The product of two polynomials.
fn product(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; one.len() + other.len() - 1];
    for (at, a) in one.iter().enumerate() {
        for (sum, b) in product[at..].iter_mut().zip(other) {
            *sum += a * b;
        }
    }
    product
}

/// The number of ways to choose k of n.
fn choose(n: u32, k: u32) -> f64 {
    (0..k).fold(1.0, |ways, at| ways * f64::from(n - at) / f64::from(at + 1))
}

/// The votes on every comparison in every order, and what they come to.
pub(super) struct Choices {
    votes: Vec<Votes>,
    outcome: Vec<Choice>,
}

impl Choices {
    pub(super) fn new(plan: &Plan, verdicts: &[Option<Verdict>]) -> Self {
        let votes: Vec<Votes> = plan
            .ids()
            .flat_map(|id| (0..plan.orders_of(id)).map(move |order| (id, order)))
            .map(|(id, order)| {
                let number = u8::try_from(order).unwrap_or(u8::MAX);
                let choices = verdicts[plan.places(id, order)]
                    .iter()
                    .map(|verdict| choice(verdict.as_ref(), plan.comparison(id), number));
                choices.fold(Votes::default(), Votes::add)
            })
            .collect();
        let outcome = votes.iter().map(Votes::choice).collect();
        Self { votes, outcome }
    }

    /// The choices of a comparison, order by order.
    pub(super) fn of(&self, plan: &Plan, id: ComparisonId) -> &[Choice] {
        &self.outcome[range(plan, id)]
    }

    /// The votes on a comparison, order by order.
    pub(super) fn votes(&self, plan: &Plan, id: ComparisonId) -> &[Votes] {
        &self.votes[range(plan, id)]
    }
}

fn range(plan: &Plan, id: ComparisonId) -> std::ops::Range<usize> {
    let start = plan.first_order(id.0 as usize);
    start..start + plan.orders_of(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: Choice = Choice::Top(Top::one(Entrant(0)));
    const HIGH: Choice = Choice::Top(Top::one(Entrant(1)));

    fn votes(samples: &[Choice]) -> Votes {
        samples.iter().copied().fold(Votes::default(), Votes::add)
    }

    #[test]
    fn samples_vote_by_plurality() {
        let (third, tie) = (Choice::Top(Top::one(Entrant(2))), Choice::Top(Top::all(2)));
        let cases = [
            (vec![LOW, LOW, HIGH], LOW),
            (vec![LOW, HIGH], tie),
            (vec![LOW, tie], tie),
            (vec![tie, tie, HIGH], tie),
            (vec![LOW, Choice::Unparsed, Choice::Unparsed], LOW),
            (vec![Choice::Unparsed], Choice::Unparsed),
            (vec![LOW, LOW, Choice::Failed], Choice::Failed),
            (vec![LOW, HIGH, third, HIGH, LOW], tie),
        ];
        for (samples, expected) in cases {
            assert_eq!(votes(&samples).choice(), expected, "{samples:?}");
        }
    }

    /// Against every subset of the samples, one by one.
    #[test]
    fn a_majority_of_some_samples_is_worth_the_mean_over_all_subsets() {
        let leg = Leg {
            item: 0,
            comparison: ComparisonId(0),
            standings: [true, false, false]
                .map(|is_best| crate::plan::Standing { candidate: 0, is_best, is_other: !is_best })
                .into(),
        };
        let (third, tie) = (Choice::Top(Top::one(Entrant(2))), Choice::Top(Top::all(2)));
        let samples = [LOW, HIGH, LOW, third, tie, Choice::Unparsed, LOW, HIGH];
        let worth = |outcome| match outcome {
            Outcome::Right => 1.0,
            Outcome::Tie => 0.5,
            _ => 0.0,
        };
        let expected = votes(&samples).expected(&leg, worth);
        for (k, expected) in (1..).zip(expected) {
            let subsets = (0..1_u32 << samples.len()).filter(|subset| subset.count_ones() == k);
            let of = |subset: u32| -> Vec<Choice> {
                (0..samples.len()).filter(|at| subset >> at & 1 == 1).map(|at| samples[at]).collect()
            };
            let worths: Vec<f64> =
                subsets.map(|subset| worth(votes(&of(subset)).choice().held_against(&leg))).collect();
            let mean = worths.iter().sum::<f64>() / worths.len() as f64;
            assert!((expected - mean).abs() < 1e-12, "{k}: {expected} against {mean}");
        }
    }

    #[test]
    fn what_is_unparsed_or_failed_might_have_turned_the_vote() {
        let votes = votes(&[LOW, LOW, Choice::Unparsed, Choice::Failed, Choice::Unparsed]);
        assert_eq!(votes.choice(), Choice::Failed);
        assert_eq!(votes.had_the_rest_chosen(Entrant(0)), LOW);
        assert_eq!(votes.had_the_rest_chosen(Entrant(1)), HIGH);
    }
}
