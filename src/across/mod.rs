//! What several cells tell together, whatever runs they come from: comparisons, juries, agreement. Nothing is asked.

mod agree;
mod ballots;
mod cells;
mod docket;
mod jury;
#[cfg(test)]
mod tests;

pub use agree::{AgreeReport, Agreement, Among, Coefficient, agree};
pub use ballots::{Ballots, BallotsError};
pub use cells::{CellData, CellItem, CellName, CellsError, ItemLine, parse_cells};
pub use docket::{Gain, PanelScore, SubsetScore};
pub use jury::{Jury, JuryReport, Left, Member, Panel, jury};
