//! The plan of a benchmark: its comparisons, what each item needs of them, and the judgments in their order.

use std::collections::HashSet;
use std::ops::Range;

use super::comparison::{Ask, Comparison, ComparisonId, Leg};
use super::draft::{Drafts, gather_conversations, narrow};
use super::orders::Orders;
use crate::ask::Form;
use crate::bench::{Bench, ConversationId, GroupId};

/// All comparisons of a benchmark under one seed, and what each item needs of them.
///
/// Of pairs, an item's score is the product over its legs: a pair has one, a list with one winner has one a loser, and a list
/// with several winners one for each winner and loser, for every winner must beat every loser. Of lists an item has one leg, of single
/// answers one for each distinct text.
#[derive(Debug)]
pub struct Plan {
    /// What is shown in one ask.
    pub form: Form,
    /// The comparisons; those of one conversation stand together.
    pub comparisons: Vec<Comparison>,
    /// The legs of all items, in the order of the items.
    pub legs: Vec<Leg>,
    /// In which orders each comparison is asked.
    pub orders: Orders,
    /// How many samples are asked in each order.
    pub samples: u32,
    /// Whether the candidate that is not the gold is under attack.
    is_under_attack: bool,
    /// How many orders there are of the comparisons before each, and of all.
    starts: Vec<u32>,
    item_legs: Vec<Range<usize>>,
    comparison_legs: Vec<Vec<u32>>,
}

/// What an earlier step is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// A conversation, and its group where the step shows it.
    Conversation(ConversationId, Option<GroupId>),
    /// A comparison in one order.
    Comparison(ComparisonId, u8),
}

impl Plan {
    /// Plans a benchmark in pairs. `by_group` keeps comparisons of different groups apart.
    #[must_use]
    pub fn new(bench: &Bench, seed: u64, orders: Orders, samples: u32, by_group: bool) -> Self {
        Self::of_form(bench, Form::Pairwise, seed, orders, samples, by_group)
    }

    /// Plans a benchmark in pairs, lists or single answers.
    #[must_use]
    pub fn of_form(bench: &Bench, form: Form, seed: u64, orders: Orders, samples: u32, by_group: bool) -> Self {
        let mut drafts = Drafts::default();
        let mut item_legs = Vec::with_capacity(bench.items.len());
        for (at, item) in bench.items.iter().enumerate() {
            let start = drafts.legs.len();
            drafts.add(bench, at, item, form, by_group);
            item_legs.push(start..drafts.legs.len());
        }
        let Drafts { list: mut drafts, mut legs, .. } = drafts;
        let renumbered = gather_conversations(&mut drafts);
        let mut comparison_legs = vec![Vec::new(); drafts.len()];
        for (at, leg) in legs.iter_mut().enumerate() {
            leg.comparison = renumbered[leg.comparison.0 as usize];
            comparison_legs[leg.comparison.0 as usize].push(narrow(at));
        }
        let comparisons: Vec<Comparison> = drafts.iter().map(|draft| draft.finish(bench, form, seed)).collect();
        let mut starts = vec![0];
        for comparison in &comparisons {
            starts.push(starts[starts.len() - 1] + narrow(comparison.order_count(orders)));
        }
        Self { form, comparisons, legs, orders, samples, is_under_attack: false, starts, item_legs, comparison_legs }
    }

    /// Has the slots as the first item that holds each comparison lists its candidates, whatever the seed; the texts of pairs and lists are
    /// shown in that order.
    #[must_use]
    pub fn as_listed(mut self) -> Self {
        for comparison in &mut self.comparisons {
            let standings = &self.legs[comparison.first_leg].standings;
            comparison.seeded.sort_by_key(|entrant| standings[entrant.index()].candidate);
        }
        self
    }

    /// Says that of each pair the candidate that is not the gold is under attack. Of it only the simulated judge is told.
    #[must_use]
    pub fn under_attack(self) -> Self {
        Self { is_under_attack: true, ..self }
    }

    /// Whether the candidate that is not the gold is under attack.
    #[must_use]
    pub fn is_under_attack(&self) -> bool {
        self.is_under_attack
    }

    /// A comparison.
    #[must_use]
    pub fn comparison(&self, id: ComparisonId) -> &Comparison {
        &self.comparisons[id.0 as usize]
    }

    /// The numbers of all comparisons.
    pub fn ids(&self) -> impl Iterator<Item = ComparisonId> + use<> {
        (0..narrow(self.comparisons.len())).map(ComparisonId)
    }

    /// In how many orders a comparison is asked.
    #[must_use]
    pub fn orders_of(&self, id: ComparisonId) -> usize {
        self.comparison(id).order_count(self.orders)
    }

    /// The legs of an item.
    #[must_use]
    pub fn legs_of_item(&self, item: usize) -> &[Leg] {
        &self.legs[self.item_legs[item].clone()]
    }

    /// The legs that a comparison stands in.
    pub fn legs_of(&self, id: ComparisonId) -> impl Iterator<Item = &Leg> {
        self.comparison_legs[id.0 as usize].iter().map(|at| &self.legs[*at as usize])
    }

    /// Every judgment of the plan: comparison by comparison, order by order, sample by sample; those of equal texts too.
    pub fn judgments(&self) -> impl Iterator<Item = Ask> + '_ {
        (0..self.judgment_count()).map(|place| self.judgment(place))
    }

    /// How many judgments there are: over all comparisons, orders times samples.
    #[must_use]
    pub fn judgment_count(&self) -> usize {
        self.first_order(self.comparisons.len()) * self.samples as usize
    }

    /// The judgment at a place of [`Plan::judgments`].
    #[must_use]
    pub fn judgment(&self, place: usize) -> Ask {
        let samples = self.samples as usize;
        let at = place / samples;
        let comparison = self.starts.partition_point(|start| *start as usize <= at) - 1;
        Ask {
            comparison: ComparisonId(narrow(comparison)),
            order: u8::try_from(at - self.first_order(comparison)).unwrap_or(u8::MAX),
            sample: narrow(place % samples),
        }
    }

    /// The places in [`Plan::judgments`] of the samples of one comparison in one order.
    #[must_use]
    pub fn places(&self, comparison: ComparisonId, order: usize) -> Range<usize> {
        let start = (self.first_order(comparison.0 as usize) + order) * self.samples as usize;
        start..start + self.samples as usize
    }

    /// How many orders there are of the comparisons before this one.
    pub(crate) fn first_order(&self, comparison: usize) -> usize {
        self.starts[comparison] as usize
    }

    /// How many distinct asks there are, earlier steps left out.
    #[must_use]
    pub fn ask_count(&self) -> usize {
        let asked = self.comparisons.iter().filter(|comparison| !comparison.is_equal());
        asked.map(|comparison| comparison.order_count(self.orders)).sum::<usize>() * self.samples as usize
    }

    /// What an earlier step is asked about for a judgment: for each conversation, or group of it, or each comparison and order.
    #[must_use]
    pub fn unit(&self, ask: Ask, by_comparison: bool, by_group: bool) -> Unit {
        let comparison = self.comparison(ask.comparison);
        if by_comparison {
            Unit::Comparison(ask.comparison, ask.order)
        } else {
            Unit::Conversation(comparison.conversation, by_group.then_some(comparison.group))
        }
    }

    /// How many distinct asks an earlier step comes to.
    #[must_use]
    pub fn step_count(&self, by_comparison: bool, by_group: bool) -> usize {
        if by_comparison {
            return self.ask_count();
        }
        let asked = self.comparisons.iter().filter(|comparison| !comparison.is_equal());
        let units = asked.map(|comparison| (comparison.conversation, by_group.then_some(comparison.group)));
        units.collect::<HashSet<_>>().len() * self.samples as usize
    }
}
