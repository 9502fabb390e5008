//! Where the noise of a score comes from, and so what another ask buys: another order, or another conversation.

use std::collections::HashMap;

use serde::Serialize;

use super::cells::CellData;
use crate::bench::Task;
use crate::score::Outcome;
use crate::stats::between_and_within;

/// The variance of a pair's score, part by part, each as a standard deviation.
///
/// A score in one order is `mean + conversation + item + order`, the parts independent. That of the order is half the mean squared difference of the
/// two orders of an item, and holds the judge's own noise from sample to sample; that of the conversation is the method of moments over the
/// items' means; what is left within conversations, less half of the order's, is the item's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// Pairs that were asked in both orders.
    pub n: usize,
    /// Between conversations.
    pub conversation: f64,
    /// Between items of a conversation.
    pub item: f64,
    /// Between the orders of an item.
    pub order: f64,
    /// The standard error of the mean over these pairs asked in one order.
    pub se_one_order: f64,
    /// The same in both orders.
    pub se_both_orders: f64,
    /// The same in one order, with twice as many conversations: as many asks as both orders are.
    pub se_twice_the_conversations: f64,
}

/// The noise of a cell's pairs; `None` where they were not asked in both orders, or come from one conversation.
#[must_use]
pub fn noise(cell: &CellData) -> Option<Noise> {
    let right = |outcome: Outcome| f64::from(u8::from(outcome == Outcome::Right));
    let mut groups: Vec<Vec<f64>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let (mut squares, mut n) = (0.0, 0_usize);
    for item in
        cell.items.iter().filter(|item| item.task == Task::Pairwise && !item.outcomes.contains(&Outcome::Failed))
    {
        let [one, other] = *item.outcomes.as_slice() else { continue };
        let (one, other) = (right(one), right(other));
        squares += (one - other).powi(2);
        n += 1;
        let place = *places.entry(&item.conversation).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(f64::midpoint(one, other));
    }
    let components = between_and_within(&groups)?;
    let items = n as f64;
    let order = squares / items / 2.0;
    let item = (components.within - order / 2.0).max(0.0);
    // What a conversation's part weighs in the mean grows with the square of its items.
    let shared: f64 = groups.iter().map(|group| (group.len() as f64 / items).powi(2)).sum();
    let se = |orders: f64| (components.between * shared + (item + order / orders) / items).sqrt();
    Some(Noise {
        n,
        conversation: components.between.sqrt(),
        item: item.sqrt(),
        order: order.sqrt(),
        se_one_order: se(1.0),
        se_both_orders: se(2.0),
        se_twice_the_conversations: se(1.0) / 2.0_f64.sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::across::cells::tests::cell;
    use crate::stats::Stream;

    /// Conversations of four items, whose difficulty differs; each order right by a coin of the item's.
    #[test]
    fn planted_parts_are_found_again() {
        let mut stream = Stream::new("noise", 1);
        let names: Vec<String> = (0..3_000).map(|at| format!("c{}", at / 4)).collect();
        let mut data = cell("a", &names.iter().map(|name| (name.as_str(), None)).collect::<Vec<_>>());
        let mut accuracy = 0.0;
        for (at, item) in data.items.iter_mut().enumerate() {
            if at % 4 == 0 {
                accuracy = if stream.coin() { 0.9 } else { 0.5 };
            }
            let own: f64 = if stream.coin() { accuracy + 0.1 } else { accuracy - 0.1 };
            let order = |stream: &mut Stream| if stream.unit() < own { Outcome::Right } else { Outcome::Wrong };
            item.outcomes = vec![order(&mut stream), order(&mut stream)];
        }
        let found = noise(&data).unwrap();
        // Variances: .04 of conversations, .01 of items, and the mean p(1 - p) of a coin for each order: 1, .8, .6 and .4.
        let planted = (0.0 + 0.16 + 0.24 + 0.24) / 4.0;
        assert!((found.conversation.powi(2) - 0.04).abs() < 0.012, "{found:?}");
        assert!((found.item.powi(2) - 0.01).abs() < 0.012, "{found:?}");
        assert!((found.order.powi(2) - planted).abs() < 0.012, "{found:?}");
        assert!(found.se_both_orders < found.se_one_order && found.se_twice_the_conversations < found.se_both_orders);
    }

    #[test]
    fn one_order_says_nothing_of_the_other() {
        assert_eq!(noise(&cell("a", &[("c1", Some(1.0)), ("c2", Some(0.0))])), None);
    }
}
