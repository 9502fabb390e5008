//! What the judgments of a run speak of: benchmarks and strategies.

use std::collections::HashMap;

use crate::bench::{Bench, Item};
use crate::strategy::Strategy;

/// The benchmarks and strategies of a run, as far as they are at hand.
#[derive(Debug, Default)]
pub struct Material {
    pub(super) benches: Vec<Bench>,
    strategies: Vec<Strategy>,
    items: Vec<HashMap<String, usize>>,
    gaps: Vec<String>,
}

impl Material {
    /// What is at hand, and for what is not, why.
    #[must_use]
    pub fn new(benches: Vec<Bench>, strategies: Vec<Strategy>, gaps: Vec<String>) -> Self {
        let places = |bench: &Bench| bench.items.iter().enumerate().map(|(at, item)| (item.id.clone(), at)).collect();
        let items = benches.iter().map(places).collect();
        Self { benches, strategies, items, gaps }
    }

    /// What is not at hand, and why.
    #[must_use]
    pub fn gaps(&self) -> &[String] {
        &self.gaps
    }

    /// The place of a benchmark, by its name.
    pub(super) fn bench(&self, name: &str) -> Option<usize> {
        self.benches.iter().position(|bench| bench.name == name)
    }

    /// An item of a benchmark, with that benchmark.
    pub(super) fn item(&self, bench: usize, id: &str) -> Option<(&Bench, &Item)> {
        let item = self.benches[bench].items.get(*self.items[bench].get(id)?)?;
        Some((&self.benches[bench], item))
    }

    /// A strategy, by its name.
    pub(super) fn strategy(&self, name: &str) -> Option<&Strategy> {
        self.strategies.iter().find(|strategy| strategy.name == name)
    }
}
