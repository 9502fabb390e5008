//! By which item a comparison is told: where the candidates of that item stand, whatever item a line is about.

use std::borrow::Cow;

use super::gather::{Cases, Comparison};
use crate::across::JudgmentLine;
use crate::bench::{Bench, Item};

impl Cases {
    /// The id of the item by which a comparison is told.
    pub(super) fn teller(&self, comparison: &Comparison) -> &str {
        comparison.legs.first().map_or("", |leg| self.items.name(leg.item))
    }

    /// The item by which a comparison is told, where its benchmark is at hand.
    pub(super) fn told(&self, comparison: &Comparison) -> Option<(&Bench, &Item)> {
        self.materials[comparison.run].item(comparison.bench?, self.teller(comparison))
    }

    /// The candidates of that item, slot by slot, as a line of a run shows them: those of the same texts, where the line is of other items.
    /// `None` where these texts are not at hand.
    pub(super) fn shown<'a>(
        &self,
        comparison: &Comparison,
        run: usize,
        line: &'a JudgmentLine<'_>,
    ) -> Option<Cow<'a, [usize]>> {
        let teller = self.teller(comparison);
        if let Some(item) = line.items.iter().find(|item| *item.id == *teller) {
            return Some(Cow::Borrowed(&item.shown));
        }
        let (first, material) = (line.items.first()?, &self.materials[run]);
        let (told, own) = (self.told(comparison)?, material.item(material.bench(&line.bench)?, &first.id)?);
        let same = |at: &usize| {
            let wanted = text(own, *at)?;
            let mut candidates = comparison.candidates.iter().map(|at| usize::from(*at));
            candidates.find(|candidate| text(told, *candidate) == Some(wanted))
        };
        first.shown.iter().map(same).collect::<Option<Vec<_>>>().map(Cow::Owned)
    }
}

/// The text of a candidate.
fn text<'a>((bench, item): (&'a Bench, &Item), at: usize) -> Option<&'a str> {
    item.candidates.get(at).map(|candidate| &**bench.texts.get(candidate.text))
}
