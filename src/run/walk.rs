//! The order in which a cell is asked: conversation by conversation, drawn by the seed, so that what is had at any time is a fair sample
//! of all, the same conversations in every cell, and asks that share a beginning are near each other.

use std::ops::Range;

use crate::bench::Bench;
use crate::plan::Plan;

/// The conversations of a cell in the order in which they are asked, and how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// The places in the plan of each conversation's asks.
    blocks: Vec<Range<u32>>,
    block: usize,
    place: u32,
}

impl Walk {
    /// From the beginning.
    pub(super) fn new(bench: &Bench, plan: &Plan, seed: u64) -> Self {
        let mut ranges: Vec<Range<u32>> = vec![0..0; bench.conversations.len()];
        let count = u32::try_from(plan.judgment_count()).unwrap_or(u32::MAX);
        for place in 0..count {
            let conversation = plan.comparison(plan.judgment(place as usize).comparison).conversation;
            let range = &mut ranges[conversation.0 as usize];
            *range = if range.start == range.end { place..place + 1 } else { range.start..place + 1 };
        }
        let order = bench.drawn_order(seed).into_iter().map(|conversation| ranges[conversation.0 as usize].clone());
        let blocks: Vec<Range<u32>> = order.filter(|range| range.start < range.end).collect();
        let place = blocks.first().map_or(0, |block| block.start);
        Self { blocks, block: 0, place }
    }

    /// The place in the plan that is next; `None` at the end.
    pub(super) fn next(&self) -> Option<usize> {
        (self.block < self.blocks.len()).then_some(self.place as usize)
    }

    /// Goes on; answers whether that is within the same conversation.
    pub(super) fn advance(&mut self) -> bool {
        self.place += 1;
        if self.blocks.get(self.block).is_some_and(|block| block.contains(&self.place)) {
            return true;
        }
        self.block += 1;
        self.place = self.blocks.get(self.block).map_or(0, |block| block.start);
        false
    }
}
