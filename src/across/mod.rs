//! What several cells tell together, whatever runs they come from: comparisons, juries, agreement. Nothing is asked.

mod agree;
mod ballots;
mod cells;
mod compare;
mod components;
mod correlate;
mod docket;
mod jury;
mod line;
mod matrix;
mod power;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;

pub use agree::{AgreeReport, Agreement, Among, Coefficient, agree};
pub use ballots::{Ballots, BallotsError};
pub use cells::{CellData, CellItem, CellName, CellsError, ItemLine, parse_cells};
pub use compare::{ALPHA, CompareError, Comparison, Difference, Discordant, Finding, SubsetDifference, compare};
pub use components::{Noise, noise};
pub use correlate::{Correlation, Published, between_subsets, correlation, matched, published};
pub use docket::{Gain, PanelScore, SubsetScore};
pub use jury::{Jury, JuryReport, Left, Member, Panel, jury};
pub use line::{JudgmentLine, LineError, LineItem};
pub use matrix::{Board, Cost, Effect, Row, RowSubset, boards, unplaced};
pub use power::{Judges, Pilot, Power, PowerError, PowerPoint, pilot, power};
