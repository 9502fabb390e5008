//! What several cells tell together, whatever runs they come from: comparisons, juries, agreement. Nothing is asked.

mod cells;
mod compare;

pub use cells::{CellData, CellItem, CellName, CellsError, ItemLine, parse_cells};
pub use compare::{ALPHA, CompareError, Comparison, Difference, Discordant, Finding, SubsetDifference, compare};
