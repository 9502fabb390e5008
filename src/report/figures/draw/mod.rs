//! How pictures are drawn: on a canvas whose colours the page or the file chooses.

mod axis;
mod canvas;
mod chart;
mod curves;
mod grid;
mod rows;
mod scatter;

pub(super) use axis::Axis;
pub(crate) use canvas::Picture;
pub(super) use curves::{Line, curves, heights};
#[cfg(test)]
pub(crate) use grid::STRONGEST;
pub(super) use grid::{GridRow, Tile, grid};
pub(super) use rows::{Dot, rows};
pub(super) use scatter::{Spot, scatter};

/// A picture, or why there is none.
pub(super) type Drawn = Result<Picture, String>;
