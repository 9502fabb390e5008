//! Tests of planning, on small benchmarks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, ComparisonId, Entrant, Leg, Orders, Plan};
use crate::ask::Role;
use crate::bench::{Bench, Builder, Coverage, Item, Task};
use crate::digest::Digest;

#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    group: &'a str,
    turns: &'a [(Role, &'a str)],
    candidates: &'a [&'a str],
    best: usize,
}

const QUESTION: &[(Role, &str)] = &[(Role::User, "Name a prime.")];

fn entry<'a>(candidates: &'a [&'a str]) -> Entry<'a> {
    Entry { group: "Side/Kind", turns: QUESTION, candidates, best: 0 }
}

fn bench(entries: &[Entry<'_>]) -> Bench {
    let mut builder = Builder::default();
    for (at, Entry { group, turns, candidates, best }) in entries.iter().enumerate() {
        let conversation = builder.conversation(turns.iter().copied());
        let task = if candidates.len() == 2 { Task::Pairwise } else { Task::Bon };
        let candidates = candidates.iter().map(|text| builder.candidate(text, None)).collect();
        let group = builder.group(group);
        builder.add(Item { id: at.to_string(), group, task, conversation, candidates, best: vec![*best] }).unwrap();
    }
    builder.build("small", Coverage::default(), None)
}

fn is_high_first(comparison: &Comparison) -> bool {
    comparison.entrant_in(0, 0) == Entrant(1)
}

/// The text of a pair that is not its gold.
fn loser(leg: &Leg) -> Entrant {
    Entrant(1 - leg.gold().0)
}

fn plan(bench: &Bench) -> Plan {
    Plan::new(bench, 0, Orders::Seeded, 1, false)
}

/// The texts of every comparison in slots A and B, by its hash.
fn shown(bench: &Bench, plan: &Plan, order: u8) -> BTreeMap<Digest, [String; 2]> {
    let texts = |comparison: &Comparison| {
        [0, 1].map(|slot| bench.texts.get(comparison.text(comparison.entrant_in(slot, order))).to_string())
    };
    plan.comparisons.iter().map(|comparison| (comparison.hash, texts(comparison))).collect()
}

fn shown_of(entries: &[Entry<'_>]) -> BTreeMap<Digest, [String; 2]> {
    let bench = bench(entries);
    shown(&bench, &plan(&bench), 0)
}

const MANY: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

#[test]
fn the_order_does_not_know_the_gold() {
    let low: Vec<_> = MANY.iter().map(|text| [*text, "x"]).collect();
    let first: Vec<_> = low.iter().map(|pair| entry(pair)).collect();
    let second: Vec<_> = first.iter().map(|entry| Entry { best: 1, ..*entry }).collect();
    assert_eq!(shown_of(&first), shown_of(&second));
}

#[test]
fn the_order_does_not_know_how_candidates_stand_in_the_file() {
    let forth: Vec<_> = MANY.iter().map(|text| [*text, "x"]).collect();
    let back: Vec<_> = MANY.iter().map(|text| ["x", *text]).collect();
    let forth: Vec<_> = forth.iter().map(|pair| entry(pair)).collect();
    let back: Vec<_> = back.iter().map(|pair| entry(pair)).collect();
    assert_eq!(shown_of(&forth), shown_of(&back));
}

#[test]
fn the_order_does_not_know_the_place_in_the_file_nor_the_group() {
    let pairs: Vec<_> = MANY.iter().map(|text| [*text, "x"]).collect();
    let mut entries: Vec<_> = pairs.iter().map(|pair| entry(pair)).collect();
    let here = shown_of(&entries);
    entries.reverse();
    for entry in &mut entries {
        entry.group = "Other";
    }
    entries.insert(0, Entry { turns: &[(Role::User, "Another question")], ..entry(&["a", "b"]) });
    let there = shown_of(&entries);
    assert_eq!(there.len(), here.len() + 1);
    assert!(here.iter().all(|(hash, texts)| there[hash] == *texts));
}

#[test]
fn the_order_depends_on_the_seed_and_the_texts() {
    let bench = bench(&[entry(&["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])]);
    let high_first = |seed| -> Vec<bool> {
        let plan = Plan::new(&bench, seed, Orders::Seeded, 1, false);
        plan.comparisons.iter().map(is_high_first).collect()
    };
    let seeds: BTreeSet<Vec<bool>> = (0..20).map(high_first).collect();
    assert!(seeds.len() > 15, "{}", seeds.len());
    let firsts = (0..100).flat_map(high_first).filter(|first| *first).count();
    assert!((320..480).contains(&firsts), "{firsts} of 800");
}

#[test]
fn the_other_order_is_the_mirror_of_the_seeded_one() {
    let bench = bench(&[entry(&["one", "two", "three", "four"])]);
    let plan = Plan::new(&bench, 0, Orders::Both, 1, false);
    let mirrored = |mut texts: [String; 2]| {
        texts.reverse();
        texts
    };
    let other = shown(&bench, &plan, 1).into_iter().map(|(hash, texts)| (hash, mirrored(texts)));
    assert_eq!(other.collect::<BTreeMap<_, _>>(), shown(&bench, &plan, 0));
}

#[test]
fn pairs_and_lists_share_comparisons() {
    let bench = bench(&[entry(&["gold", "x", "y"]), entry(&["gold", "x"]), entry(&["y", "gold"])]);
    let plan = plan(&bench);
    assert_eq!((plan.comparisons.len(), plan.ask_count(), plan.legs.len()), (2, 2, 4));
    assert_eq!(plan.legs_of_item(0)[0].comparison, plan.legs_of_item(1)[0].comparison);
    assert_eq!(plan.legs_of_item(0)[1].comparison, plan.legs_of_item(2)[0].comparison);
    let golds = [&plan.legs_of_item(0)[1], &plan.legs_of_item(2)[0]];
    assert_eq!(golds[0].gold(), loser(golds[1]));
}

#[test]
fn losers_of_one_text_are_one_comparison_and_a_leg_each() {
    let bench = bench(&[entry(&["gold", "x", "x"])]);
    let plan = plan(&bench);
    assert_eq!((plan.comparisons.len(), plan.legs_of_item(0).len()), (1, 2));
}

#[test]
fn a_comparison_is_its_texts_byte_for_byte() {
    let turns: [&[(Role, &str)]; 4] = [
        QUESTION,
        &[(Role::User, "Name a prime. ")],
        &[(Role::System, "Name a prime."), (Role::User, "")],
        &[(Role::User, "Name a prime."), (Role::User, "")],
    ];
    let texts: [&[&str]; 4] = [&["gold", "x"], &["gold", "x "], &["gold", "X"], &["gold ", "x"]];
    let conversations = turns.map(|turns| Entry { turns, ..entry(texts[0]) });
    let entries: Vec<Entry<'_>> =
        conversations.into_iter().chain(texts[1..].iter().map(|texts| entry(texts))).collect();
    assert_eq!(shown_of(&entries).len(), 7);
}

#[test]
fn equal_texts_are_planned_and_never_asked() {
    let bench = bench(&[entry(&["same", "same"]), entry(&["gold", "x", "gold"])]);
    let plan = Plan::new(&bench, 0, Orders::Both, 3, false);
    assert_eq!(plan.comparisons.iter().filter(|comparison| comparison.is_equal()).count(), 2);
    assert_eq!((plan.ask_count(), plan.judgment_count()), (6, 18));
    assert_eq!(plan.legs_of_item(1).len(), 2);
}

#[test]
fn groups_tell_comparisons_apart_only_where_the_strategy_shows_them() {
    let bench =
        bench(&[entry(&["gold", "x"]), Entry { group: "Other", ..entry(&["gold", "x"]) }, entry(&["gold", "x"])]);
    let shared = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    let apart = Plan::new(&bench, 0, Orders::Seeded, 1, true);
    assert_eq!((shared.ask_count(), apart.ask_count()), (1, 2));
    assert_eq!(apart.legs_of_item(0)[0].comparison, apart.legs_of_item(2)[0].comparison);
    let [one, other] = [0, 1].map(|at| &apart.comparisons[at]);
    assert_ne!(one.group, other.group);
    assert_eq!((one.hash, is_high_first(one)), (other.hash, is_high_first(other)));
}

#[test]
fn comparisons_of_one_conversation_stand_together() {
    let another: &[(Role, &str)] = &[(Role::User, "Name a square.")];
    let bench = bench(&[
        entry(&["gold", "x"]),
        Entry { turns: another, ..entry(&["gold", "x"]) },
        entry(&["gold", "y"]),
        Entry { turns: another, ..entry(&["gold", "z"]) },
    ]);
    let plan = plan(&bench);
    let conversations: Vec<u32> = plan.comparisons.iter().map(|comparison| comparison.conversation.0).collect();
    assert_eq!(conversations, [0, 0, 1, 1]);
    for (item, other) in ["x", "x", "y", "z"].into_iter().enumerate() {
        let [leg] = plan.legs_of_item(item) else { panic!("one leg") };
        let comparison = plan.comparison(leg.comparison);
        assert_eq!(bench.texts.get(comparison.text(leg.gold())).as_ref(), "gold");
        assert_eq!(bench.texts.get(comparison.text(loser(leg))).as_ref(), other);
        assert_eq!(comparison.conversation, bench.items[item].conversation);
        assert!(plan.legs_of(leg.comparison).any(|held| held.item == item));
    }
}

#[test]
fn every_judgment_stands_in_its_place() {
    let bench = bench(&[entry(&["gold", "x", "y", "gold"]), entry(&["gold", "z"])]);
    for orders in [Orders::Seeded, Orders::Both] {
        for samples in [1, 2, 5] {
            let plan = Plan::new(&bench, 0, orders, samples, false);
            let mut seen = Vec::new();
            for at in 0..plan.comparisons.len() {
                let id = ComparisonId(u32::try_from(at).unwrap());
                for order in 0..orders.count() {
                    for (sample, place) in plan.places(id, order).enumerate() {
                        let ask = plan.judgment(place);
                        let found = (ask.comparison, usize::from(ask.order), ask.sample as usize);
                        assert_eq!(found, (id, order, sample), "{orders} {samples}");
                        seen.push(place);
                    }
                }
            }
            assert_eq!(seen, (0..plan.judgment_count()).collect::<Vec<_>>(), "{orders} {samples}");
            assert_eq!(plan.judgments().count(), plan.judgment_count(), "{orders} {samples}");
        }
    }
}

#[test]
fn a_leg_shows_the_items_own_indexes() {
    let bench = bench(&[Entry { best: 2, ..entry(&["x", "y", "gold"]) }]);
    let plan = Plan::new(&bench, 0, Orders::Both, 1, false);
    for leg in plan.legs_of_item(0) {
        let comparison = plan.comparison(leg.comparison);
        for order in [0, 1] {
            let shown = leg.shown(comparison, order).into_iter();
            let texts: Vec<_> = shown.map(|index| bench.items[0].candidates[index].text).collect();
            assert_eq!(texts, comparison.slots(order));
        }
        assert_eq!(leg.standings[leg.gold().index()].candidate, 2);
    }
}

#[test]
fn the_lower_text_is_lower_by_bytes() {
    let bench = bench(&[entry(&["é", "z"]), entry(&["a", "B"]), entry(&["", "x"])]);
    let plan = plan(&bench);
    for (comparison, low) in plan.comparisons.iter().zip(["z", "B", ""]) {
        assert_eq!(bench.texts.get(comparison.text(Entrant(0))).as_ref(), low);
    }
}

#[test]
fn the_seeded_order_is_the_documented_bit_of_blake3() {
    let pairs: Vec<_> = MANY.iter().map(|text| ["gold", *text]).collect();
    let entries: Vec<_> = pairs.iter().map(|pair| entry(pair)).collect();
    let bench = bench(&entries);
    // Computed with another implementation of BLAKE3.
    for (seed, bits) in [(0, "101100001"), (1, "001110001"), (u64::MAX, "111100101")] {
        let plan = Plan::new(&bench, seed, Orders::Seeded, 1, false);
        let found: String =
            plan.comparisons.iter().map(|comparison| if is_high_first(comparison) { '1' } else { '0' }).collect();
        assert_eq!(found, bits, "{seed}");
    }
}
