//! The score of an item: the product over its legs of each comparison's mean over orders. Of pairs that is the rule `winner-beats-all`; a list
//! has one leg (`pick`, `rank`). Single answers are scored by `rate`.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Choices, Outcome};
use super::rate::{Rates, rate};
use crate::ask::Form;
use crate::plan::Plan;
use crate::verdict::Verdict;

/// What a tie is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ties {
    /// Nothing: RMB's rule.
    #[default]
    Wrong,
    /// One half.
    Half,
}

/// What an unparsed reply is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnparsedPolicy {
    /// Nothing.
    #[default]
    Wrong,
    /// One half.
    Half,
    /// The item leaves the denominator.
    Drop,
}

impl FromStr for Ties {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "wrong" => Ok(Self::Wrong),
            "half" => Ok(Self::Half),
            _ => Err("expected wrong or half".to_owned()),
        }
    }
}

impl FromStr for UnparsedPolicy {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "wrong" => Ok(Self::Wrong),
            "half" => Ok(Self::Half),
            "drop" => Ok(Self::Drop),
            _ => Err("expected wrong, half or drop".to_owned()),
        }
    }
}

/// What ties and unparsed replies are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// A tie.
    pub ties: Ties,
    /// An unparsed reply.
    pub unparsed: UnparsedPolicy,
}

/// What an item came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemScore {
    /// In [0, 1]; `None` where it failed or was dropped.
    pub score: Option<f64>,
    /// The score were everything unparsed and failed a vote for the other candidate, and were it one for the gold.
    pub bounds: [f64; 2],
    /// The outcome in each order: all comparisons in their seeded order, then all in the other.
    pub outcomes: Vec<Outcome>,
}

impl ItemScore {
    /// Whether every comparison is right in every order.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.outcomes.iter().all(|outcome| *outcome == Outcome::Right)
    }
}

/// The scores of all items of a plan.
pub(super) fn items(
    plan: &Plan,
    choices: &Choices,
    verdicts: &[Option<Verdict>],
    policy: Policy,
    items: usize,
) -> Vec<ItemScore> {
    if plan.form == Form::Pointwise {
        let rates = Rates::new(plan, verdicts);
        return (0..items).map(|item| rate(&rates, plan.legs_of_item(item), policy)).collect();
    }
    (0..items).map(|item| score(plan, choices, policy, item)).collect()
}

/// The score of one item.
pub(super) fn score(plan: &Plan, choices: &Choices, policy: Policy, item: usize) -> ItemScore {
    let legs = plan.legs_of_item(item);
    let orders = legs.first().map_or(plan.orders.count(), |leg| plan.orders_of(leg.comparison));
    let mut outcomes = vec![Outcome::Right; orders];
    let (mut product, mut bounds) = (Some(1.0), [1.0, 1.0]);
    for leg in legs {
        let held = choices.of(plan, leg.comparison).iter().map(|choice| choice.held_against(leg));
        let (mut sum, mut sums) = (Some(0.0), [0.0, 0.0]);
        for ((order, outcome), votes) in held.enumerate().zip(choices.votes(plan, leg.comparison)) {
            outcomes[order] = outcomes[order].max(outcome);
            let worth_of = |outcome| worth(outcome, policy);
            sum = sum.zip(worth_of(outcome)).map(|(sum, worth)| sum + worth);
            let [low, high] = if votes.is_whole() {
                [worth_of(outcome).unwrap_or(0.0); 2]
            } else {
                let all = plan.comparison(leg.comparison).entrants(0);
                // With the rest told, nothing is unparsed or failed, and so everything has a worth.
                let told = all.filter_map(|entrant| worth_of(votes.had_the_rest_chosen(entrant).held_against(leg)));
                told.fold([1.0, 0.0], |[low, high]: [f64; 2], worth| [low.min(worth), high.max(worth)])
            };
            sums = [sums[0] + low, sums[1] + high];
        }
        product = product.zip(sum).map(|(product, sum)| product * sum / orders as f64);
        for (bound, sum) in bounds.iter_mut().zip(sums) {
            *bound *= sum / orders as f64;
        }
    }
    ItemScore { score: product, bounds, outcomes }
}

/// What an outcome is worth; `None` where it leaves the denominator.
#[must_use]
pub fn worth(outcome: Outcome, policy: Policy) -> Option<f64> {
    match (outcome, policy.ties, policy.unparsed) {
        (Outcome::Right, _, _) => Some(1.0),
        (Outcome::Wrong, _, _) | (Outcome::Tie, Ties::Wrong, _) | (Outcome::Unparsed, _, UnparsedPolicy::Wrong) => {
            Some(0.0)
        }
        (Outcome::Tie, Ties::Half, _) | (Outcome::Unparsed, _, UnparsedPolicy::Half) => Some(0.5),
        (Outcome::Unparsed, _, UnparsedPolicy::Drop) | (Outcome::Failed, _, _) => None,
    }
}
