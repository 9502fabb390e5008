//! What the judgments of a run speak of: benchmarks and strategies.

use std::collections::HashMap;
use std::sync::Arc;

use crate::bench::{Bench, Item};
use crate::strategy::Strategy;

/// The benchmarks and strategies of a run, as far as they are at hand.
#[derive(Debug, Default)]
pub struct Material {
    pub(super) benches: Vec<Arc<Indexed>>,
    strategies: Vec<Strategy>,
    gaps: Vec<String>,
}

/// A benchmark, with the places of its items by their ids.
#[derive(Debug)]
pub(super) struct Indexed {
    pub(super) bench: Bench,
    places: HashMap<String, usize>,
}

impl From<Bench> for Indexed {
    fn from(bench: Bench) -> Self {
        let places = bench.items.iter().enumerate().map(|(at, item)| (item.id.clone(), at)).collect();
        Self { bench, places }
    }
}

impl Material {
    /// What is at hand, and for what is not, why.
    #[must_use]
    pub fn new(benches: Vec<Bench>, strategies: Vec<Strategy>, gaps: Vec<String>) -> Self {
        let benches = benches.into_iter().map(|bench| Arc::new(bench.into())).collect();
        Self { benches, strategies, gaps }
    }

    /// The same, with texts that another run has too kept once.
    #[must_use]
    pub fn shared_with(mut self, other: &Self) -> Self {
        for own in &mut self.benches {
            let is_same =
                |known: &&Arc<Indexed>| known.bench.name == own.bench.name && known.bench.has_items_of(&own.bench);
            if let Some(known) = other.benches.iter().find(is_same) {
                *own = Arc::clone(known);
            }
        }
        self
    }

    /// What is not at hand, and why.
    #[must_use]
    pub fn gaps(&self) -> &[String] {
        &self.gaps
    }

    /// The place of a benchmark, by its name.
    pub(super) fn bench(&self, name: &str) -> Option<usize> {
        self.benches.iter().position(|known| known.bench.name == name)
    }

    /// An item of a benchmark, with that benchmark.
    pub(super) fn item(&self, bench: usize, id: &str) -> Option<(&Bench, &Item)> {
        let Indexed { bench, places } = &*self.benches[bench];
        Some((bench, bench.items.get(*places.get(id)?)?))
    }

    /// A strategy, by its name.
    pub(super) fn strategy(&self, name: &str) -> Option<&Strategy> {
        self.strategies.iter().find(|strategy| strategy.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::sample;

    #[test]
    fn texts_of_the_same_items_are_kept_once() {
        let of = |bench: Bench| Material::new(vec![bench], Vec::new(), Vec::new());
        let is_shared = |one: &Material, other: &Material| Arc::ptr_eq(&one.benches[0], &other.benches[0]);
        let first = of(sample().unwrap());
        assert!(is_shared(&of(sample().unwrap()).shared_with(&first), &first));

        let mut other = sample().unwrap();
        other.items[0].candidates.reverse();
        assert!(!is_shared(&of(other).shared_with(&first), &first));
        let mut other = sample().unwrap();
        other.texts.intern("one more");
        assert!(!is_shared(&of(other).shared_with(&first), &first));
    }
}
