//! When enough is known of a cell: a confidence sequence for its overall score, valid though it is looked at all the time.

use std::collections::HashMap;

use super::item::{self, Policy, UnparsedPolicy};
use super::outcome::Choices;
use crate::bench::{Bench, Task};
use crate::plan::Plan;
use crate::stats::{Population, Sequence, subset_weights};
use crate::verdict::Verdict;

/// The share of the times that a true score lies outside the interval at any time.
const ALPHA: f64 = 0.05;
/// The benchmark's scores are worked out anew after this part of its conversations.
const PART: usize = 200;

/// What is known of the overall score of a cell, conversation by conversation in the order in which they are drawn.
///
/// The score is the plain mean over the subsets (a task and the first element of the group path) of the means over their items, of the
/// benchmark at hand. See [`Sequence`] for the interval.
#[derive(Debug)]
pub struct Precision {
    sequence: Sequence,
    policy: Policy,
    /// The items of each conversation, conversations in the drawn order.
    drawn: Vec<Vec<usize>>,
    /// What each item weighs.
    weights: Vec<f64>,
    /// The place of each conversation in the drawn order, by its number.
    place_of: Vec<Option<u32>>,
    /// By place in the drawn order: asks without a verdict.
    open: Vec<u32>,
    /// How many of the drawn order are in the sequence.
    taken: usize,
    verdicts: Vec<Option<Verdict>>,
}

impl Precision {
    /// Nothing is known yet; the interval is narrowest around half a width of `aim`. `None` where unparsed replies drop items, for then nobody
    /// knows how many there will be.
    #[must_use]
    pub fn new(bench: &Bench, plan: &Plan, seed: u64, policy: Policy, aim: f64) -> Option<Self> {
        if policy.unparsed == UnparsedPolicy::Drop {
            return None;
        }
        let weights = weights(bench);
        let mut items: Vec<Vec<usize>> = vec![Vec::new(); bench.conversations.len()];
        bench.items.iter().enumerate().for_each(|(at, item)| items[item.conversation.0 as usize].push(at));
        let mut place_of = vec![None; items.len()];
        let mut drawn = Vec::new();
        for conversation in bench.drawn_order(seed) {
            let of_it = std::mem::take(&mut items[conversation.0 as usize]);
            if !of_it.is_empty() {
                place_of[conversation.0 as usize] = u32::try_from(drawn.len()).ok();
                drawn.push(of_it);
            }
        }
        let size = |items: &Vec<usize>| items.iter().map(|at| weights[*at]).sum();
        let sequence = Sequence::new(Population::of(drawn.iter().map(size)), ALPHA, aim);
        let mut verdicts = vec![None; plan.judgment_count()];
        let mut open = vec![0; drawn.len()];
        for (place, ask) in plan.judgments().enumerate() {
            let comparison = plan.comparison(ask.comparison);
            if comparison.is_equal() {
                verdicts[place] = Some(Verdict::Tie);
            } else if let Some(at) = place_of[comparison.conversation.0 as usize] {
                open[at as usize] += 1;
            }
        }
        Some(Self { sequence, policy, drawn, weights, place_of, open, taken: 0, verdicts })
    }

    /// A verdict of the plan's judgment at `place`, once each.
    pub fn hear(&mut self, plan: &Plan, place: usize, verdict: Verdict) {
        if self.verdicts[place].replace(verdict).is_some() {
            return;
        }
        let conversation = plan.comparison(plan.judgment(place).comparison).conversation;
        if let Some(at) = self.place_of[conversation.0 as usize] {
            self.open[at as usize] -= 1;
        }
        let ready = self.open[self.taken..].iter().take_while(|open| **open == 0).count();
        if ready > self.drawn.len() / PART || self.taken + ready == self.drawn.len() {
            self.take(plan, ready);
        }
    }

    /// Takes the next conversations of the drawn order into the sequence.
    fn take(&mut self, plan: &Plan, ready: usize) {
        let choices = Choices::new(plan, &self.verdicts);
        for items in &self.drawn[self.taken..self.taken + ready] {
            let (mut total, mut size) = (0.0, 0.0);
            for at in items {
                let score = item::score(plan, &choices, self.policy, *at).score.unwrap_or(0.0);
                (total, size) = (total + score * self.weights[*at], size + self.weights[*at]);
            }
            self.sequence.add(total, size);
        }
        self.taken += ready;
    }

    /// Half the width of the interval.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        self.sequence.half_width()
    }

    /// The interval in which the benchmark's score lies, and the conversations that it comes from, of how many.
    #[must_use]
    pub fn interval(&self) -> ([f64; 2], usize, usize) {
        (self.sequence.interval(), self.taken, self.drawn.len())
    }
}

/// What each item weighs in the plain mean of the subsets' means.
fn weights(bench: &Bench) -> Vec<f64> {
    let subset = |at: usize| -> (Task, &str) {
        let item = &bench.items[at];
        (item.task, bench.group(item.group).split('/').next().unwrap_or_default())
    };
    let mut numbers: HashMap<(Task, &str), usize> = HashMap::new();
    let mut counts: Vec<usize> = Vec::new();
    let number_of: Vec<usize> = (0..bench.items.len())
        .map(|at| {
            let number = *numbers.entry(subset(at)).or_insert_with(|| {
                counts.push(0);
                counts.len() - 1
            });
            counts[number] += 1;
            number
        })
        .collect();
    let weights = subset_weights(&counts);
    number_of.into_iter().map(|number| weights[number]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::sample;
    use crate::digest::Fields;
    use crate::plan::Orders;
    use crate::score::{Heard, score_cell};

    /// A judge that is right with a probability of .7, drawn from the seed.
    fn verdicts(plan: &Plan, seed: u64) -> Vec<Verdict> {
        plan.judgments()
            .enumerate()
            .map(|(place, ask)| {
                let comparison = plan.comparison(ask.comparison);
                let gold = comparison.slot_of(plan.legs[comparison.first_leg].gold(), ask.order);
                let is_right = Fields::new("precision").number(seed).number(place as u64).finish().unit() < 0.7;
                Verdict::slot(if is_right { gold } else { 1 - gold })
            })
            .collect()
    }

    #[test]
    fn at_the_end_the_interval_is_the_score_and_it_is_seldom_outside_before() {
        let bench = sample().unwrap();
        let mut lost = 0;
        for seed in 0..100 {
            let plan = Plan::new(&bench, seed, Orders::Seeded, 1, false);
            let verdicts = verdicts(&plan, seed);
            let all: Vec<Option<Verdict>> = verdicts.iter().cloned().map(Some).collect();
            let score = score_cell(&bench, &plan, Heard::of(&all), Policy::default()).overall.unwrap().score;
            let mut precision = Precision::new(&bench, &plan, seed, Policy::default(), 0.1).unwrap();
            let mut outside = false;
            // Replies come in any order; the sequence takes conversations in the drawn one.
            let mut places: Vec<usize> = (0..verdicts.len()).collect();
            places.sort_by_key(|place| Fields::new("arrival").number(seed).number(*place as u64).finish());
            for place in places {
                precision.hear(&plan, place, verdicts[place].clone());
                let ([low, high], ..) = precision.interval();
                outside |= !(low - 1e-9..=high + 1e-9).contains(&score);
            }
            let ([low, high], taken, of) = precision.interval();
            assert!((low - score).abs() < 1e-9 && (high - score).abs() < 1e-9, "{low} {score} {high}");
            assert_eq!(taken, of);
            lost += usize::from(outside);
        }
        assert!(lost <= 10, "{lost} of 100 at 5%");
    }
}
