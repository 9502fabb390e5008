//! A part of a benchmark that stands for the whole: whole conversations, drawn by the seed, spread over the group paths.

use std::collections::HashSet;

use super::item::{Bench, ConversationId};
use crate::digest::{Digest, Fields};

/// The items of one conversation, and where it stands in the order in which conversations are taken.
struct Block {
    conversation: ConversationId,
    items: usize,
    draw: Digest,
    /// How much of its group stands before it, from 0 to 1.
    depth: f64,
}

impl Bench {
    /// Leaves whole conversations until there are at least `items` items. Every group path gives its share: within one, conversations
    /// stand in an order drawn from the seed and their texts, and groups are taken to the same depth. So a larger limit contains a
    /// smaller one.
    pub fn limit(&mut self, items: usize, seed: u64) {
        let mut blocks = self.blocks(seed);
        blocks.sort_by(|a, b| a.depth.total_cmp(&b.depth).then_with(|| a.draw.cmp(&b.draw)));
        let mut taken = 0;
        let enough = blocks.iter().take_while(|block| {
            let is_short = taken < items;
            taken += block.items;
            is_short
        });
        let kept: HashSet<ConversationId> = enough.map(|block| block.conversation).collect();
        self.items.retain(|item| kept.contains(&item.conversation));
    }

    /// All conversations that have items, each in the group of its first one.
    fn blocks(&self, seed: u64) -> Vec<Block> {
        let mut counts = vec![(0_usize, None); self.conversations.len()];
        for item in &self.items {
            let (count, group) = &mut counts[item.conversation.0 as usize];
            *count += 1;
            group.get_or_insert(item.group);
        }
        let mut groups: Vec<Vec<Block>> = self.groups.iter().map(|_| Vec::new()).collect();
        for (number, (items, group)) in counts.into_iter().enumerate() {
            let conversation = ConversationId(u32::try_from(number).unwrap_or(u32::MAX));
            if let Some(group) = group {
                let draw = self.draw(conversation, seed);
                groups[group.0 as usize].push(Block { conversation, items, draw, depth: 0.0 });
            }
        }
        for (path, blocks) in self.groups.iter().zip(&mut groups) {
            blocks.sort_by_key(|block| block.draw);
            let all: usize = blocks.iter().map(|block| block.items).sum();
            // Without a start of its own, every group's first conversation would come before any second one.
            let start = Fields::new("tribunal limit v1 group").number(seed).text(path).finish().unit();
            let mut before = 0;
            for block in blocks {
                block.depth = (before as f64 + start * block.items as f64) / all as f64;
                before += block.items;
            }
        }
        groups.into_iter().flatten().collect()
    }

    /// All conversations in an order that is drawn by the seed and depends on their texts alone: whatever comes first is a fair sample of all.
    #[must_use]
    pub fn drawn_order(&self, seed: u64) -> Vec<ConversationId> {
        let numbers = 0..u32::try_from(self.conversations.len()).unwrap_or(u32::MAX);
        let mut order: Vec<ConversationId> = numbers.map(ConversationId).collect();
        order.sort_by_cached_key(|conversation| self.hash("tribunal turn v1", *conversation, seed));
        order
    }

    fn draw(&self, conversation: ConversationId, seed: u64) -> Digest {
        self.hash("tribunal limit v1", conversation, seed)
    }

    fn hash(&self, purpose: &'static str, conversation: ConversationId, seed: u64) -> Digest {
        let turns = self.conversation(conversation).iter();
        let fields = Fields::new(purpose).number(seed);
        turns.fold(fields, |fields, turn| fields.text(turn.role.as_str()).text(self.texts.get(turn.content))).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::bench::sample;

    fn limited(items: usize, seed: u64) -> Bench {
        let mut bench = sample().unwrap();
        bench.limit(items, seed);
        bench
    }

    fn ids(bench: &Bench) -> HashSet<String> {
        bench.items.iter().map(|item| item.id.clone()).collect()
    }

    #[test]
    fn conversations_stay_whole_and_a_larger_limit_contains_a_smaller_one() {
        let whole = sample().unwrap();
        let mut smaller = HashSet::new();
        for items in [1, 2, 10, 50, 100, 152, 153, 10_000] {
            let part = limited(items, 3);
            assert!(part.items.len() >= items.min(whole.items.len()));
            let conversations: HashSet<_> = part.items.iter().map(|item| item.conversation).collect();
            let expected = whole.items.iter().filter(|item| conversations.contains(&item.conversation)).count();
            assert_eq!(part.items.len(), expected);
            assert!(ids(&part).is_superset(&smaller));
            smaller = ids(&part);
        }
        assert_eq!(smaller, ids(&whole));
    }

    #[test]
    fn another_seed_takes_another_part() {
        assert_eq!(ids(&limited(40, 1)), ids(&limited(40, 1)));
        assert_ne!(ids(&limited(40, 1)), ids(&limited(40, 2)));
    }

    #[test]
    fn every_group_gives_its_share() {
        let whole = sample().unwrap();
        let by_group = |bench: &Bench| {
            let mut counts: HashMap<String, f64> = HashMap::new();
            bench.items.iter().for_each(|item| *counts.entry(bench.group(item.group).to_string()).or_default() += 1.0);
            counts
        };
        let of = by_group(&whole);
        for seed in 0..20 {
            let part = by_group(&limited(77, seed));
            for (group, all) in &of {
                let share = part.get(group).copied().unwrap_or_default() / all;
                // Three conversations a group: a third more or less than one half.
                assert!((0.15..=0.85).contains(&share), "{group}: {share}");
            }
        }
    }
}
