//! What holds of every benchmark and every judge.

use proptest::prelude::*;

use super::{
    Builder, CellScore, Coverage, Heard, Item, Orders, Plan, Policy, Reason, Role, Task, Ties, UnparsedPolicy,
};
use super::{Verdict, score_cell};
use crate::digest::Fields;

#[derive(Clone, Debug)]
struct Drawn {
    group: usize,
    query: u8,
    candidates: Vec<u8>,
    best: usize,
}

const GROUPS: [&str; 4] = ["Side/One", "Side/Two/Deep", "Other", "Other/Low"];

fn drawn() -> impl Strategy<Value = Drawn> {
    (0..GROUPS.len(), 0..3_u8, prop::collection::vec(0..4_u8, 2..5), any::<prop::sample::Index>()).prop_map(
        |(group, query, candidates, best)| {
            let best = best.index(candidates.len());
            Drawn { group, query, candidates, best }
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    let ties = prop_oneof![Just(Ties::Wrong), Just(Ties::Half)];
    let unparsed = prop_oneof![Just(UnparsedPolicy::Wrong), Just(UnparsedPolicy::Half), Just(UnparsedPolicy::Drop)];
    (ties, unparsed).prop_map(|(ties, unparsed)| Policy { ties, unparsed })
}

/// Scores what a judge says that knows nothing but the comparison, the order and the sample; `fails` is the share of its ten moods in
/// which no reply comes.
fn judged(items: &[(usize, Drawn)], orders: Orders, samples: u32, policy: Policy, mood: u64, fails: u64) -> CellScore {
    let mut builder = Builder::default();
    for (id, Drawn { group, query, candidates, best }) in items {
        let query = query.to_string();
        let conversation = builder.conversation([(Role::User, query.as_str())].into_iter());
        let group = builder.group(GROUPS[*group]);
        let task = if candidates.len() == 2 { Task::Pairwise } else { Task::Bon };
        let candidates = candidates.iter().map(|text| builder.candidate(&text.to_string(), None)).collect();
        let item = Item { id: id.to_string(), group, task, conversation, candidates, best: vec![*best] };
        builder.add(item).unwrap();
    }
    let bench = builder.build("drawn", Coverage::default(), None);
    let plan = Plan::new(&bench, 7, orders, samples, false);
    let verdicts: Vec<Option<Verdict>> = plan
        .judgments()
        .map(|ask| {
            let comparison = plan.comparison(ask.comparison);
            let fields = Fields::new("mood").number(mood).bytes(&comparison.hash.0).number(ask.order.into());
            match u64::from(fields.number(ask.sample.into()).finish().0[0]) % 10 {
                _ if comparison.is_equal() => Some(Verdict::Tie),
                drawn if drawn < fails => None,
                2 => Some(Verdict::Unparsed(Reason::NoLabel)),
                3 | 4 => Some(Verdict::Tie),
                5..8 => Some(Verdict::slot(1)),
                _ => Some(Verdict::slot(0)),
            }
        })
        .collect();
    score_cell(&bench, &plan, Heard::of(&verdicts), policy)
}

/// The numbers of a cell by the names of its records, floats to nine digits.
fn facts(cell: &CellScore) -> Vec<String> {
    let records = cell.subsets.iter().chain(&cell.groups).map(|record| {
        let mut record = serde_json::to_value(record).unwrap();
        round(&mut record);
        record.to_string()
    });
    let mut overall = serde_json::to_value((&cell.overall, &cell.position, cell.undecidable)).unwrap();
    round(&mut overall);
    let mut facts: Vec<String> = records.collect();
    facts.sort();
    facts.push(overall.to_string());
    facts
}

fn round(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(number) if number.is_f64() => {
            *value = format!("{:.9}", number.as_f64().unwrap() + 0.0).into();
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(round),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
}

proptest! {
    #[test]
    fn an_items_score_lies_within_its_bounds(
        items in prop::collection::vec(drawn(), 1..12),
        both in any::<bool>(), samples in 1..4_u32, policy in policy(), mood in any::<u64>(), fails in 0..2_u64,
    ) {
        let items: Vec<(usize, Drawn)> = items.into_iter().enumerate().collect();
        let orders = if both { Orders::Both } else { Orders::Seeded };
        let cell = judged(&items, orders, samples, policy, mood, fails);
        for item in &cell.items {
            let [low, high] = item.bounds;
            prop_assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0, "{item:?}");
            prop_assert!(item.score.is_none_or(|score| (low..=high).contains(&score)), "{item:?}");
        }
    }

    #[test]
    fn a_record_in_which_every_item_is_scored_lies_within_its_bounds(
        items in prop::collection::vec(drawn(), 1..12), both in any::<bool>(), policy in policy(), mood in any::<u64>(),
    ) {
        let items: Vec<(usize, Drawn)> = items.into_iter().enumerate().collect();
        let orders = if both { Orders::Both } else { Orders::Seeded };
        let cell = judged(&items, orders, 1, policy, mood, 0);
        for record in cell.subsets.iter().chain(&cell.groups).filter(|record| record.scored == record.n) {
            let score = record.score.unwrap();
            prop_assert!(record.bounds[0] - 1e-12 <= score && score <= record.bounds[1] + 1e-12, "{record:?}");
            prop_assert!(record.strict.unwrap() <= score + 1e-12, "{record:?}");
        }
    }

    #[test]
    fn the_order_of_items_and_candidates_in_a_file_changes_nothing(
        items in prop::collection::vec(drawn(), 1..12),
        shuffled in any::<prop::sample::Index>(), both in any::<bool>(), policy in policy(), mood in any::<u64>(),
    ) {
        let orders = if both { Orders::Both } else { Orders::Seeded };
        let items: Vec<(usize, Drawn)> = items.into_iter().enumerate().collect();
        let mut moved = items.clone();
        moved.reverse();
        moved.rotate_left(shuffled.index(items.len()));
        for (_, Drawn { candidates, best, .. }) in &mut moved {
            *best = candidates.len() - 1 - *best;
            candidates.reverse();
        }
        let [here, there] = [&items, &moved].map(|items| facts(&judged(items, orders, 1, policy, mood, 1)));
        prop_assert_eq!(here, there);
    }
}
