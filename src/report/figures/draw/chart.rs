//! A part of a canvas in which values have a place.

use plotters::coord::CoordTranslate;
use plotters::prelude::{Cartesian2d, ChartBuilder, LabelAreaPosition, TRANSPARENT};

use super::axis::Axis;
use super::canvas::{Canvas, Hue, Weight, told};

/// A part of a picture, by its edges in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// Whether something of it is a part of the other too.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// What is kept for an axis below and one on the left, in pixels.
const BELOW: i32 = 42;
const BESIDE: i32 = 62;
/// How many values are written along an axis at the most.
const MOST_ACROSS: usize = 12;
const MOST_ALONG: usize = 9;
/// Half of what stands between a line of the grid and its value, in pixels.
const HALF_GAP: i32 = 4;

/// Values in their places.
#[derive(Clone)]
pub(super) struct Chart {
    plane: Cartesian2d<Axis, Axis>,
}

impl Chart {
    /// Draws the axes: the one below, and that on the left if there is one.
    pub(super) fn draw(canvas: &Canvas<'_, '_>, frame: &Frame, x: &Axis, y: Option<&Axis>) -> Result<Self, String> {
        let beside = if y.is_some() { BESIDE } else { 0 };
        let (width, height) = canvas.size();
        let mut chart = ChartBuilder::on(canvas.area())
            .margin_left(frame.left - f64::from(beside))
            .margin_right(width - frame.right - 1.0)
            .margin_top(frame.top)
            .margin_bottom(height - frame.bottom - 1.0 - f64::from(BELOW))
            .set_label_area_size(LabelAreaPosition::Left, beside)
            .set_label_area_size(LabelAreaPosition::Bottom, BELOW)
            .build_cartesian_2d(x.clone(), y.unwrap_or(x).clone())
            .map_err(told)?;
        let mut mesh = chart.configure_mesh();
        mesh.bold_line_style(Hue::Faint.written())
            .light_line_style(TRANSPARENT)
            .axis_style(TRANSPARENT)
            .label_style(canvas.words(Weight::Plain))
            .axis_desc_style(canvas.words(Weight::Plain))
            .set_all_tick_mark_size(HALF_GAP)
            .x_labels(MOST_ACROSS)
            .y_labels(MOST_ALONG)
            .x_desc(&x.name);
        match y {
            Some(y) => mesh.y_desc(&y.name),
            None => mesh.disable_y_mesh().disable_y_axis(),
        };
        mesh.draw().map_err(told)?;
        Ok(Self { plane: chart.as_coord_spec().clone() })
    }

    /// Where a point lies, in pixels; at the edge if beyond it.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (x, y) = self.plane.translate(&(x, y));
        (f64::from(x), f64::from(y))
    }

    /// How far from the left a value lies, in pixels.
    pub(super) fn x(&self, x: f64) -> f64 {
        self.at(x, x).0
    }
}
