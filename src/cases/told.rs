//! By which item a comparison is told: whose candidates number its answers, whatever item a line is about, and where its texts are.

use std::borrow::Cow;

use super::gather::{Cases, Comparison, Source};
use crate::across::{JudgmentLine, LineItem};
use crate::bench::{Bench, Item};

impl Cases {
    /// The id of the item by whose candidates the answers of a comparison are numbered: that of its first line.
    pub(super) fn teller(&self, comparison: &Comparison) -> &str {
        comparison.legs.first().map_or("", |leg| self.items.name(leg.item))
    }

    /// The item from which the texts of a comparison are taken, where they are at hand.
    pub(super) fn told(&self, comparison: &Comparison) -> Option<(&Bench, &Item)> {
        let Source { run, bench, item, .. } = comparison.source.as_ref()?;
        self.materials[*run].item(*bench, self.items.name(*item))
    }

    /// The item of a line as its run has it, where that is at hand.
    pub(super) fn own(&self, run: usize, line: &JudgmentLine<'_>, item: &LineItem<'_>) -> Option<(&Bench, &Item)> {
        let material = &self.materials[run];
        material.item(material.bench(&line.bench)?, &item.id)
    }

    /// What stands in the slots of a line of a run, as the comparison numbers its answers. Other runs may have an item of the same id whose
    /// candidates are numbered otherwise, and other items: then answers are the same whose texts are. `None` where these are not at hand.
    pub(super) fn shown<'a>(
        &self,
        comparison: &Comparison,
        run: usize,
        line: &'a JudgmentLine<'_>,
    ) -> Option<Cow<'a, [usize]>> {
        let teller = self.teller(comparison);
        let same_id = line.items.iter().find(|item| *item.id == *teller);
        let first = same_id.or(line.items.first())?;
        let told = self.told(comparison).filter(|_| comparison.is_told_by_teller());
        match (told, self.own(run, line, first)) {
            (Some(told), Some(own)) if run != comparison.run => {
                let same = |at: &usize| {
                    let wanted = text(own, *at)?;
                    let mut candidates = comparison.candidates.iter().map(|at| usize::from(*at));
                    candidates.find(|candidate| text(told, *candidate) == Some(wanted))
                };
                first.shown.iter().map(same).collect::<Option<Vec<_>>>().map(Cow::Owned)
            }
            _ => same_id.map(|item| Cow::Borrowed(&*item.shown)),
        }
    }
}

impl Comparison {
    /// Whether its texts are taken from the item that numbers its answers.
    pub(super) fn is_told_by_teller(&self) -> bool {
        let teller = self.legs.first().map(|leg| leg.item);
        self.source.as_ref().is_some_and(|source| Some(source.item) == teller)
    }
}

/// The text of a candidate.
fn text<'a>((bench, item): (&'a Bench, &Item), at: usize) -> Option<&'a str> {
    item.candidates.get(at).map(|candidate| &**bench.texts.get(candidate.text))
}
