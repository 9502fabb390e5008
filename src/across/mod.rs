//! What several cells tell together, whatever runs they come from: comparisons, juries, agreement. Nothing is asked.

mod cells;

pub use cells::{CellData, CellItem, CellName, CellsError, ItemLine, parse_cells};
