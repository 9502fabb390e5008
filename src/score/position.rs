//! How a judge leans on position (Shi et al., "Judging the judges", arXiv 2406.07791), over (comparison, gold) pairs.

use serde::{Deserialize, Serialize};

use super::heard::{distinct_legs, preferences, preferred};
use super::outcome::{Choice, Choices, Outcome};
use crate::ask::Form;
use crate::plan::{Comparison, ComparisonId, Entrant, Leg, Plan};
use crate::stats::{chi_square_expected, clustered, interval};
use crate::verdict::Verdict;

/// Verdicts for the first slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FirstSlot {
    /// Parsed verdicts that are no tie.
    pub n: u64,
    /// Those for the first slot.
    pub picked: u64,
    /// The share that would be picked were all slots as likely: the mean of 1 / slots. Absent of pairs, where it is a half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// The interval of picked / n at 95 %, clustered by conversation: orders and samples of one comparison are not independent.
    pub ci95: Option<[f64; 2]>,
}

/// Verdicts with the gold in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldAt {
    /// Parsed verdicts that are no tie; one on a pair with contrary golds counts for each of them.
    pub n: u64,
    /// Those for the gold.
    pub right: u64,
}

/// Verdicts on lists, by one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotCounts {
    /// Those for what stands in it.
    pub picked: u64,
    /// Those with a gold in it.
    pub gold: u64,
    /// Those with a gold in it that are for a gold.
    pub gold_right: u64,
}

/// How a judge leans on position. The counts over two orders are `None` where only one was asked, and of lists. Of single answers, which have no
/// position, everything is `None` or 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// (comparison, gold) pairs asked in both orders of which neither failed.
    pub n: Option<u64>,
    /// The same candidate in both orders, or a tie in both.
    pub consistent: Option<u64>,
    /// The gold in both orders.
    pub both_right: Option<u64>,
    /// The sum over orders (+1 gold, -1 other, 0 tie or unparsed) is above 0.
    pub net_right: Option<u64>,
    /// Slot A in both orders, or in one with a tie in the other.
    pub primacy: Option<u64>,
    /// Slot B likewise.
    pub recency: Option<u64>,
    /// consistent / n.
    pub consistency: Option<f64>,
    /// (recency - primacy) / n: above 0 it leans to the later slot.
    pub fairness: Option<f64>,
    /// Over every parsed verdict that is no tie.
    pub first_slot: FirstSlot,
    /// Over those with the gold in slot A.
    pub gold_first: GoldAt,
    /// Over those with the gold in slot B.
    pub gold_second: GoldAt,
    /// Slot by slot, of lists: over every parsed verdict that prefers one text. Absent of pairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotCounts>,
    /// The probability, were all slots of a list as likely to be picked, of picks that differ from it as much (chi-square test against the
    /// expectation over the lists, which may be of several lengths). Approximate: it takes verdicts as independent, and those of one
    /// conversation are not, so it is too small where they agree. Absent of pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniform_p: Option<f64>,
}

/// Measures position over the legs of some items; each (comparison, golds) pair counts once, and so does each verdict for a slot.
pub(super) fn position(
    plan: &Plan,
    choices: &Choices,
    verdicts: &[Option<Verdict>],
    items: impl Iterator<Item = usize>,
) -> Position {
    let mut position = Position::default();
    if plan.form == Form::Pointwise {
        return position;
    }
    let mut both = InBoth::default();
    let (mut picks, mut clusters) = (Vec::new(), Vec::new());
    let mut expected = Vec::new();
    let legs = distinct_legs(plan, items);
    for (at, leg) in legs.iter().enumerate() {
        // Legs of one comparison stand together: where items disagree on its gold, its verdicts are still said once.
        if at == 0 || legs[at - 1].comparison != leg.comparison {
            position.add_picks(plan, leg.comparison, verdicts, &mut picks, &mut expected);
        }
        position.add_golds(plan, leg, verdicts);
        let comparison = plan.comparison(leg.comparison);
        clusters.resize(picks.len(), comparison.conversation.0);
        if let (Form::Pairwise, [seeded, other]) = (plan.form, choices.of(plan, leg.comparison)) {
            both.add([*seeded, *other], [0, 1].map(|slot| comparison.entrant_in(slot, 0)), leg);
        }
    }
    let interval = clustered(&picks, &clusters).as_ref().and_then(interval);
    position.first_slot.ci95 = interval.map(|interval| [interval.low, interval.high]);
    if plan.form == Form::Pairwise && plan.orders.count() == 2 {
        position.set(&both);
    }
    let picked: Vec<u64> = position.slots.iter().map(|slot| slot.picked).collect();
    position.first_slot.expected = expected.first().map(|picks| picks / position.first_slot.n as f64);
    position.uniform_p = chi_square_expected(&picked, &expected).map(|test| test.p);
    position
}

/// Counts over the pairs that were asked in both orders.
#[derive(Default)]
struct InBoth {
    n: u64,
    consistent: u64,
    right: u64,
    net_right: u64,
    primacy: u64,
    recency: u64,
}

impl InBoth {
    /// Adds the choices in the seeded order, with what stands there in slots A and B, and in the other.
    fn add(&mut self, choices: [Choice; 2], [first, second]: [Entrant; 2], leg: &Leg) {
        if choices.contains(&Choice::Failed) {
            return;
        }
        self.n += 1;
        let outcomes = choices.map(|choice| choice.held_against(leg));
        let net: i32 = outcomes
            .iter()
            .map(|outcome| match outcome {
                Outcome::Right => 1,
                Outcome::Wrong => -1,
                _ => 0,
            })
            .sum();
        self.right += u64::from(outcomes == [Outcome::Right; 2]);
        self.net_right += u64::from(net > 0);
        if choices.contains(&Choice::Unparsed) {
            return;
        }
        self.consistent += u64::from(choices[0] == choices[1]);
        // The slot that was preferred in each order: +1 is A, -1 is B.
        let slot = |choice: Choice, in_first: Entrant| match preferred(choice) {
            Some(entrant) if entrant == in_first => 1,
            Some(_) => -1,
            None => 0,
        };
        let lean = slot(choices[0], first) + slot(choices[1], second);
        self.primacy += u64::from(lean > 0);
        self.recency += u64::from(lean < 0);
    }
}

impl Position {
    /// Counts what the verdicts of a comparison pick; `picks` takes a 1 for each for the first slot and a 0 for each other, `expected` the picks
    /// of each slot of a list were all as likely.
    fn add_picks(
        &mut self,
        plan: &Plan,
        id: ComparisonId,
        verdicts: &[Option<Verdict>],
        picks: &mut Vec<f64>,
        expected: &mut Vec<f64>,
    ) {
        let comparison = plan.comparison(id);
        for (order, picked) in preferences(plan, id, verdicts) {
            let is_first = picked == comparison.entrant_in(0, order);
            self.first_slot.n += 1;
            self.first_slot.picked += u64::from(is_first);
            picks.push(f64::from(u8::from(is_first)));
            if plan.form == Form::Listwise {
                let count = comparison.slot_count();
                expected.resize(expected.len().max(count), 0.0);
                for ((entrant, slot), expected) in self.slots_of(comparison, order).zip(expected.iter_mut()) {
                    slot.picked += u64::from(entrant == picked);
                    *expected += 1.0 / count as f64;
                }
            }
        }
    }

    /// Counts the same verdicts by where the golds of a leg stand.
    fn add_golds(&mut self, plan: &Plan, leg: &Leg, verdicts: &[Option<Verdict>]) {
        let comparison = plan.comparison(leg.comparison);
        let is_best = |entrant: Entrant| leg.standings[entrant.index()].is_best;
        for (order, picked) in preferences(plan, leg.comparison, verdicts) {
            for (slot, at) in [(0, &mut self.gold_first), (1, &mut self.gold_second)] {
                if is_best(comparison.entrant_in(slot, order)) {
                    at.n += 1;
                    at.right += u64::from(is_best(picked));
                }
            }
            if plan.form == Form::Listwise {
                for (entrant, slot) in self.slots_of(comparison, order) {
                    slot.gold += u64::from(is_best(entrant));
                    slot.gold_right += u64::from(is_best(entrant) && is_best(picked));
                }
            }
        }
    }

    /// The slots of a list, each with what stands in it.
    fn slots_of(&mut self, comparison: &Comparison, order: u8) -> impl Iterator<Item = (Entrant, &mut SlotCounts)> {
        let count = self.slots.len().max(comparison.slot_count());
        self.slots.resize(count, SlotCounts::default());
        comparison.entrants(order).zip(&mut self.slots)
    }

    fn set(&mut self, both: &InBoth) {
        let InBoth { n, consistent, right, net_right, primacy, recency } = *both;
        let share = |count: f64| (n > 0).then(|| count / n as f64);
        self.n = Some(n);
        self.consistent = Some(consistent);
        self.both_right = Some(right);
        self.net_right = Some(net_right);
        self.primacy = Some(primacy);
        self.recency = Some(recency);
        self.consistency = share(consistent as f64);
        self.fairness = share(recency as f64 - primacy as f64);
    }
}
