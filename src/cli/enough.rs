//! `--precision`: a cell is asked no more once its score is known well enough.

use crate::report::PrecisionReport;
use crate::run::{Cell, Enough};
use crate::score::{Policy, Precision};
use crate::verdict::Verdict;

/// Watches how well each cell is known.
#[derive(Debug)]
pub(super) struct KnownWell<'a> {
    aim: f64,
    cells: Vec<(&'a Cell<'a>, Option<Precision>)>,
}

impl<'a> KnownWell<'a> {
    /// Nothing is known yet; half the width of an interval is to be `aim` at the most.
    pub(super) fn new(cells: &'a [Cell<'a>], policy: Policy, aim: f64) -> Self {
        let of = |cell: &'a Cell<'a>| (cell, Precision::new(cell.bench, cell.plan, cell.seed, policy, aim));
        Self { aim, cells: cells.iter().map(of).collect() }
    }
}

impl Enough for KnownWell<'_> {
    fn hear(&mut self, cell: usize, place: usize, verdict: &Verdict) -> bool {
        let (cell, Some(precision)) = &mut self.cells[cell] else { return false };
        precision.hear(cell.plan, place, verdict.clone());
        precision.half_width() <= self.aim
    }
}

/// How well a cell is known by its verdicts, in the order of the plan.
pub(super) fn known(
    cell: &Cell<'_>,
    policy: Policy,
    aim: f64,
    verdicts: &[Option<Verdict>],
) -> Option<PrecisionReport> {
    let mut precision = Precision::new(cell.bench, cell.plan, cell.seed, policy, aim)?;
    for (place, verdict) in verdicts.iter().enumerate() {
        if let Some(verdict) = verdict {
            precision.hear(cell.plan, place, verdict.clone());
        }
    }
    let (ci95, conversations, of) = precision.interval();
    Some(PrecisionReport { aim, ci95, conversations, of })
}
