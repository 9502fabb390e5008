//! Comparisons: what is judged in one ask, and what it is to the items that hold it.

use super::orders::Orders;
use crate::ask::Form;
use crate::bench::{ConversationId, GroupId, TextId};
use crate::digest::Digest;

/// The number of a comparison in its [`Plan`](super::Plan).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComparisonId(pub u32);

/// One of the texts of a comparison, by its place among them: they are sorted by bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entrant(pub u8);

impl Entrant {
    pub(super) fn new(place: usize) -> Self {
        Self(u8::try_from(place).unwrap_or(u8::MAX))
    }

    /// Its place as an index.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The unit that is judged: a conversation and two texts; or all distinct texts of a list; or one text alone.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What is shown of it in one ask.
    pub form: Form,
    /// The conversation.
    pub conversation: ConversationId,
    /// The group of the first item that holds it: part of its identity where the strategy shows the group.
    pub group: GroupId,
    /// The texts, sorted by bytes: of a pair two, even where they are equal; of a list each once.
    pub texts: Box<[TextId]>,
    /// A hash of the conversation and the texts.
    pub hash: Digest,
    /// The first item that holds it, and its leg there: whose records and planted truth stand for it.
    pub first_leg: usize,
    /// Which text stands in each slot in the seeded order.
    pub(super) seeded: Box<[Entrant]>,
}

impl Comparison {
    /// Whether several candidates are compared whose texts are equal: a tie by definition, never asked.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        match *self.texts {
            [_] => self.form != Form::Pointwise,
            [low, high] => low == high,
            _ => false,
        }
    }

    /// How many slots are shown.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.texts.len()
    }

    /// Which text stands in a slot (0 is A) under an order: 0 is the seeded one, and each further one moves every text a slot
    /// forward, the first to the end. Of a pair, 1 is the other order.
    #[must_use]
    pub fn entrant_in(&self, slot: u8, order: u8) -> Entrant {
        self.seeded[(usize::from(slot) + usize::from(order)) % self.seeded.len()]
    }

    /// The texts in all slots under an order.
    pub fn entrants(&self, order: u8) -> impl Iterator<Item = Entrant> + '_ {
        (0..self.seeded.len()).map(move |slot| self.entrant_in(Entrant::new(slot).0, order))
    }

    /// The slot in which a text stands under an order.
    #[must_use]
    pub fn slot_of(&self, entrant: Entrant, order: u8) -> u8 {
        self.entrants(order).zip(0..=u8::MAX).find(|(other, _)| *other == entrant).map_or(0, |(_, slot)| slot)
    }

    /// A text.
    #[must_use]
    pub fn text(&self, entrant: Entrant) -> TextId {
        self.texts[entrant.index()]
    }

    /// The texts in the slots A, B, ... under an order.
    #[must_use]
    pub fn slots(&self, order: u8) -> Vec<TextId> {
        self.entrants(order).map(|entrant| self.text(entrant)).collect()
    }

    /// In how many orders it is asked. A text alone has one; a list has as many as it has texts.
    #[must_use]
    pub fn order_count(&self, orders: Orders) -> usize {
        match (self.form, orders) {
            (Form::Pointwise, _) | (_, Orders::Seeded) => 1,
            (Form::Pairwise, Orders::Both) => 2,
            (Form::Listwise, Orders::Both) => self.texts.len(),
        }
    }
}

/// One question about a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The comparison.
    pub comparison: ComparisonId,
    /// 0: the seeded order; 1: the other, or the first rotation of a list.
    pub order: u8,
    /// The sample number, from 0.
    pub sample: u32,
}

/// What a text of a comparison is to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The index of the first candidate of the item that has this text.
    pub candidate: u32,
    /// Whether a best candidate has it.
    pub is_best: bool,
    /// Whether a candidate that is not the best has it.
    pub is_other: bool,
}

/// What one comparison is to one item. Of pairs: a best candidate against one that is not.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The item, by its place in the benchmark.
    pub item: usize,
    /// The comparison.
    pub comparison: ComparisonId,
    /// What each of its texts is to the item, in their order.
    pub standings: Box<[Standing]>,
}

impl Leg {
    /// The first text of a best candidate; where none is shown, the first of all.
    #[must_use]
    pub fn gold(&self) -> Entrant {
        Entrant::new(self.standings.iter().position(|standing| standing.is_best).unwrap_or_default())
    }

    /// The item's candidate indexes as shown in slots A, B, ... under an order.
    #[must_use]
    pub fn shown(&self, comparison: &Comparison, order: u8) -> Vec<usize> {
        comparison.entrants(order).map(|entrant| self.standings[entrant.index()].candidate as usize).collect()
    }
}
