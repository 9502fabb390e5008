//! Comparisons: each pair of texts under a conversation stands once, however many items hold it.

use std::collections::HashMap;
use std::ops::Range;

use super::orders::{Orders, high_first};
use crate::bench::{Bench, Candidate, ConversationId, GroupId, Item, TextId};
use crate::digest::{Digest, Fields};

/// The number of a comparison in its [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComparisonId(pub u32);

/// One of the two texts of a comparison, which are sorted by bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The lower text.
    Low,
    /// The higher text.
    High,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

/// The unit that is judged: a conversation and two texts.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The conversation.
    pub conversation: ConversationId,
    /// The group of the first item that holds it: part of its identity where the strategy shows the group.
    pub group: GroupId,
    /// The text that is lower by bytes.
    pub low: TextId,
    /// The text that is higher by bytes; the same as `low` where the texts are equal.
    pub high: TextId,
    /// Whether the higher text stands first in the seeded order.
    pub high_first: bool,
    /// A hash of the conversation and the two texts.
    pub hash: Digest,
    /// The first item that holds it, and its leg there: whose records and planted truth stand for it.
    pub first_leg: usize,
}

impl Comparison {
    /// Whether its texts are equal: a tie by definition, never asked.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.low == self.high
    }

    /// Which text stands in a slot (0 is A) under an order (0: seeded, 1: the other).
    #[must_use]
    pub fn side_in(&self, slot: u8, order: u8) -> Side {
        if self.high_first ^ (slot == 1) ^ (order == 1) { Side::High } else { Side::Low }
    }

    /// The text of a side.
    #[must_use]
    pub fn text(&self, side: Side) -> TextId {
        match side {
            Side::Low => self.low,
            Side::High => self.high,
        }
    }

    /// The texts in the slots A and B under an order.
    #[must_use]
    pub fn slots(&self, order: u8) -> [TextId; 2] {
        [0, 1].map(|slot| self.text(self.side_in(slot, order)))
    }
}

/// One question about a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The comparison.
    pub comparison: ComparisonId,
    /// 0: the seeded order; 1: the other.
    pub order: u8,
    /// The sample number, from 0.
    pub sample: u32,
}

/// What one comparison is to one item: a best candidate against one that is not.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// The item, by its place in the benchmark.
    pub item: usize,
    /// The comparison.
    pub comparison: ComparisonId,
    /// Where the best candidate's text stands.
    pub gold: Side,
    /// The index of the best candidate in the item.
    pub best: usize,
    /// The index of the other candidate in the item.
    pub other: usize,
}

impl Leg {
    /// The item's candidate indexes as shown in slots A and B under an order.
    #[must_use]
    pub fn shown(&self, comparison: &Comparison, order: u8) -> [usize; 2] {
        if comparison.side_in(0, order) == self.gold { [self.best, self.other] } else { [self.other, self.best] }
    }
}

/// All comparisons of a benchmark under one seed, and what each item needs of them.
///
/// An item's score is the product over its legs: a pair has one, a list with one winner has one a loser, and a list
/// with several winners one for each winner and loser, for every winner must beat every loser.
#[derive(Debug)]
pub struct Plan {
    /// The comparisons; those of one conversation stand together.
    pub comparisons: Vec<Comparison>,
    /// The legs of all items, in the order of the items.
    pub legs: Vec<Leg>,
    /// In which orders each comparison is asked.
    pub orders: Orders,
    /// How many samples are asked in each order.
    pub samples: u32,
    item_legs: Vec<Range<usize>>,
    comparison_legs: Vec<Vec<u32>>,
}

impl Plan {
    /// Plans a benchmark. `by_group` keeps comparisons of different groups apart.
    #[must_use]
    pub fn new(bench: &Bench, seed: u64, orders: Orders, samples: u32, by_group: bool) -> Self {
        let mut drafts = Drafts::default();
        let mut item_legs = Vec::with_capacity(bench.items.len());
        for (at, item) in bench.items.iter().enumerate() {
            let start = drafts.legs.len();
            drafts.add(bench, at, item, by_group);
            item_legs.push(start..drafts.legs.len());
        }
        let Drafts { list: mut drafts, mut legs, .. } = drafts;
        let renumbered = gather_conversations(&mut drafts);
        let mut comparison_legs = vec![Vec::new(); drafts.len()];
        for (at, leg) in legs.iter_mut().enumerate() {
            leg.comparison = renumbered[leg.comparison.0 as usize];
            comparison_legs[leg.comparison.0 as usize].push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        let comparisons = drafts.iter().map(|draft| draft.finish(bench, seed)).collect();
        Self { comparisons, legs, orders, samples, item_legs, comparison_legs }
    }

    /// A comparison.
    #[must_use]
    pub fn comparison(&self, id: ComparisonId) -> &Comparison {
        &self.comparisons[id.0 as usize]
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

    /// How many judgments there are: comparisons times orders times samples.
    #[must_use]
    pub fn judgment_count(&self) -> usize {
        self.comparisons.len() * self.orders.count() * self.samples as usize
    }

    /// The judgment at a place of [`Plan::judgments`].
    #[must_use]
    pub fn judgment(&self, place: usize) -> Ask {
        let (samples, orders) = (self.samples as usize, self.orders.count());
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ask {
            comparison: ComparisonId(narrow(place / samples / orders)),
            order: u8::from(place / samples % orders == 1),
            sample: narrow(place % samples),
        }
    }

    /// The places in [`Plan::judgments`] of the samples of one comparison in one order.
    #[must_use]
    pub fn places(&self, comparison: ComparisonId, order: usize) -> Range<usize> {
        let start = (comparison.0 as usize * self.orders.count() + order) * self.samples as usize;
        start..start + self.samples as usize
    }

    /// How many distinct asks there are.
    #[must_use]
    pub fn ask_count(&self) -> usize {
        let asked = self.comparisons.iter().filter(|comparison| !comparison.is_equal()).count();
        asked * self.orders.count() * self.samples as usize
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    conversation: ConversationId,
    group: Option<GroupId>,
    low: TextId,
    high: TextId,
}

struct Draft {
    identity: Identity,
    group: GroupId,
    first_leg: usize,
}

impl Draft {
    fn finish(&self, bench: &Bench, seed: u64) -> Comparison {
        let Identity { conversation, low, high, .. } = self.identity;
        let turns = || {
            let turns = bench.conversation(conversation).iter();
            turns.map(|turn| (turn.role.as_str(), bench.texts.get(turn.content).as_ref()))
        };
        let (low_text, high_text) = (bench.texts.get(low), bench.texts.get(high));
        let hash = turns()
            .fold(Fields::new("tribunal comparison v1"), |fields, (role, content)| fields.text(role).text(content))
            .number(turns().count() as u64)
            .text(low_text)
            .text(high_text)
            .finish();
        let high_first = high_first(seed, turns(), low_text, high_text);
        Comparison { conversation, group: self.group, low, high, high_first, hash, first_leg: self.first_leg }
    }
}

#[derive(Default)]
struct Drafts {
    list: Vec<Draft>,
    index: HashMap<Identity, ComparisonId>,
    legs: Vec<Leg>,
}

impl Drafts {
    fn add(&mut self, bench: &Bench, at: usize, item: &Item, by_group: bool) {
        let others = || (0..item.candidates.len()).filter(|index| !item.best.contains(index));
        for best in &item.best {
            for other in others() {
                let texts =
                    [&item.candidates[*best], &item.candidates[other]].map(|candidate: &Candidate| candidate.text);
                let gold = if bench.texts.get(texts[0]) <= bench.texts.get(texts[1]) { Side::Low } else { Side::High };
                let [low, high] = if gold == Side::Low { texts } else { [texts[1], texts[0]] };
                let group = by_group.then_some(item.group);
                let identity = Identity { conversation: item.conversation, group, low, high };
                let comparison = self.draft(identity, item.group);
                self.legs.push(Leg { item: at, comparison, gold, best: *best, other });
            }
        }
    }

    fn draft(&mut self, identity: Identity, group: GroupId) -> ComparisonId {
        let (drafts, first_leg) = (&mut self.list, self.legs.len());
        *self.index.entry(identity).or_insert_with(|| {
            drafts.push(Draft { identity, group, first_leg });
            ComparisonId(u32::try_from(drafts.len() - 1).unwrap_or(u32::MAX))
        })
    }
}

/// Brings comparisons of one conversation together, so that their asks share a beginning that providers can cache; answers
/// with the new number of each.
fn gather_conversations(drafts: &mut [Draft]) -> Vec<ComparisonId> {
    let mut places: Vec<usize> = (0..drafts.len()).collect();
    places.sort_by_key(|at| drafts[*at].identity.conversation);
    let mut renumbered = vec![ComparisonId(0); drafts.len()];
    for (new, old) in places.iter().enumerate() {
        renumbered[*old] = ComparisonId(u32::try_from(new).unwrap_or(u32::MAX));
    }
    drafts.sort_by_key(|draft| draft.identity.conversation);
    renumbered
}
