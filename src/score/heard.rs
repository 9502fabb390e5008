//! What was heard of a judge in a cell, and its verdicts on pairs one by one.

use super::outcome::{Choice, Outcome, choice};
use crate::ask::Form;
use crate::plan::{ComparisonId, Entrant, Leg, Plan};
use crate::verdict::Verdict;

/// What was heard of a judge in a cell.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The verdict of each judgment of the plan, in its order; `None` where no reply was had.
    pub verdicts: &'a [Option<Verdict>],
    /// The probability of the first slot against the second of each, where log-probabilities are read; else empty.
    pub preferences: &'a [Option<f64>],
    /// The family of models that the judge is of, as [`judge_family`](super::judge_family) has it.
    pub family: Option<&'static str>,
}

impl<'a> Heard<'a> {
    /// Verdicts alone.
    #[must_use]
    pub fn of(verdicts: &'a [Option<Verdict>]) -> Self {
        Self { verdicts, preferences: &[], family: None }
    }
}

/// The legs of some items, each (comparison, golds) pair once, by comparison; equal texts are left out, for nobody is asked about them.
pub(super) fn distinct_legs(plan: &Plan, items: impl Iterator<Item = usize>) -> Vec<&Leg> {
    let golds = |leg: &Leg| leg.standings.iter().map(|standing| standing.is_best).collect::<Vec<bool>>();
    let mut legs: Vec<(&Leg, Vec<bool>)> = items
        .flat_map(|item| plan.legs_of_item(item))
        .filter(|leg| !plan.comparison(leg.comparison).is_equal())
        .map(|leg| (leg, golds(leg)))
        .collect();
    // Stable: the first item that holds a pair stands for it.
    legs.sort_by(|(one, golds), (other, others)| (one.comparison, golds).cmp(&(other.comparison, others)));
    legs.dedup_by(|(one, golds), (other, others)| one.comparison == other.comparison && golds == others);
    legs.into_iter().map(|(leg, _)| leg).collect()
}

/// A verdict that prefers one text of a pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick<'a> {
    /// The pair, and which of its texts is the gold.
    pub(super) leg: &'a Leg,
    /// Its conversation.
    pub(super) cluster: u32,
    /// The text in slot A.
    pub(super) first: Entrant,
    /// The text that is preferred.
    pub(super) picked: Entrant,
}

impl Pick<'_> {
    pub(super) fn is_right(&self) -> bool {
        self.picked == self.leg.gold()
    }
}

/// Every verdict of all orders and samples that prefers one text of a (comparison, gold) pair; none where no pairs are asked.
pub(super) fn picks<'a>(plan: &'a Plan, legs: &[&'a Leg], verdicts: &[Option<Verdict>]) -> Vec<Pick<'a>> {
    if plan.form != Form::Pairwise {
        return Vec::new();
    }
    let mut picks = Vec::new();
    for leg in legs {
        let comparison = plan.comparison(leg.comparison);
        picks.extend(preferences(plan, leg.comparison, verdicts).map(|(order, picked)| {
            let first = comparison.entrant_in(0, order);
            Pick { leg, cluster: comparison.conversation.0, first, picked }
        }));
    }
    picks
}

/// What each verdict of a comparison prefers, order by order, where it prefers one text.
pub(super) fn preferences<'a>(
    plan: &'a Plan,
    id: ComparisonId,
    verdicts: &'a [Option<Verdict>],
) -> impl Iterator<Item = (u8, Entrant)> + 'a {
    let comparison = plan.comparison(id);
    (0..plan.orders_of(id)).flat_map(move |order| {
        let number = u8::try_from(order).unwrap_or(u8::MAX);
        let verdicts = verdicts[plan.places(id, order)].iter();
        verdicts.filter_map(move |verdict| Some((number, preferred(choice(verdict.as_ref(), comparison, number))?)))
    })
}

/// The one that is preferred, where one is.
pub(super) fn preferred(choice: Choice) -> Option<Entrant> {
    match choice {
        Choice::Top(top) => top.alone(),
        Choice::Unparsed | Choice::Failed => None,
    }
}

/// 1 where it is right, 0 where it is wrong or absent, one half where it is a tie.
pub(super) fn rightness(outcome: Outcome) -> f64 {
    match outcome {
        Outcome::Right => 1.0,
        Outcome::Tie => 0.5,
        Outcome::Wrong | Outcome::Unparsed | Outcome::Failed => 0.0,
    }
}
