//! Axes: from where to where, and which values are written.

use super::canvas::{Canvas, Hold, Hue, Weight};

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    name: String,
    from: f64,
    to: f64,
    ticks: Vec<(f64, String)>,
    is_logarithmic: bool,
}

/// From how many times the least on a cost's axis is logarithmic.
const DECADES_FROM: f64 = 8.0;

impl Axis {
    /// Shares between 0 and 1, as narrow as the values allow in whole tenths.
    pub(crate) fn shares(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (least, most) =
            values.into_iter().fold((1.0_f64, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        let from = ((least * 10.0 + 1e-9).floor() / 10.0).clamp(0.0, 0.9);
        let to = ((most * 10.0 - 1e-9).ceil() / 10.0).clamp(from + 0.1, 1.0);
        Self::between(name, from, to)
    }

    /// The same, as far below a middle as above it.
    pub(crate) fn around(name: &str, middle: f64, values: impl IntoIterator<Item = f64>) -> Self {
        let far = values.into_iter().map(|value| (value - middle).abs()).fold(0.05, f64::max);
        Self::shares(name, [middle - far, middle + far])
    }

    /// Between two ends.
    pub(crate) fn between(name: &str, from: f64, to: f64) -> Self {
        let step = match to - from {
            narrow if narrow < 0.35 => 0.05,
            wide if wide > 1.2 => 0.5,
            _ => 0.1,
        };
        let places = if step < 0.1 { 2 } else { 1 };
        let ticks = (0..).map(|at| from + f64::from(at) * step).take_while(|at| *at < to + step / 2.0);
        let ticks = ticks.map(|at| (at, format!("{at:.places$}"))).collect();
        Self { name: name.to_owned(), from, to, ticks, is_logarithmic: false }
    }

    /// Whole numbers from 1.
    pub(crate) fn numbers(name: &str, most: usize) -> Self {
        let most = most.max(2);
        let ticks = (1..=most).step_by(most.div_ceil(12)).map(|at| (at as f64, at.to_string())).collect();
        Self { name: name.to_owned(), from: 1.0, to: most as f64, ticks, is_logarithmic: false }
    }

    /// Amounts above 0: in decades where they lie far apart.
    pub(crate) fn amounts(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (least, most) = values
            .into_iter()
            .fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        let is_logarithmic = most > least * DECADES_FROM;
        let (from, to) = if is_logarithmic { (least / 1.5, most * 1.5) } else { (0.0, most * 1.1) };
        let decade = 10_f64.powf(most.log10().floor());
        let candidates: Vec<f64> = if is_logarithmic {
            (-12..3).rev().flat_map(|power| [1.0, 2.0, 5.0].map(|part| decade * 10_f64.powi(power) * part)).collect()
        } else {
            let step =
                if most / decade < 2.5 { decade / 2.0 } else { decade * if most / decade > 6.0 { 2.0 } else { 1.0 } };
            (0..8).map(|at| f64::from(at) * step).collect()
        };
        let ticks = candidates.into_iter().filter(|at| (from..=to).contains(at)).map(|at| (at, short(at))).collect();
        let name = if is_logarithmic { format!("{name} (logarithmic)") } else { name.to_owned() };
        Self { name, from, to, ticks, is_logarithmic }
    }

    /// Where a value lies between the ends: from 0 to 1.
    pub(super) fn part(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.is_logarithmic { value.ln() } else { value };
        let part = (scale(value) - scale(self.from)) / (scale(self.to) - scale(self.from));
        part.clamp(0.0, 1.0)
    }
}

/// A number without zeros that say nothing.
fn short(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A rectangle in which values have a place.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.left + axis.part(value) * (self.right - self.left)
    }

    pub(super) fn y(&self, axis: &Axis, value: f64) -> f64 {
        self.bottom - axis.part(value) * (self.bottom - self.top)
    }

    /// The lines and texts of an axis below.
    pub(super) fn across(&self, canvas: &Canvas<'_, '_>, axis: &Axis) -> Result<(), String> {
        for (value, text) in &axis.ticks {
            let x = self.x(axis, *value);
            canvas.line(&[(x, self.top), (x, self.bottom)], Hue::Faint, 1)?;
            canvas.text(text, (x, self.bottom + 14.0), Hold::Middle, Weight::Plain)?;
        }
        let middle = f64::midpoint(self.left, self.right);
        canvas.text(&axis.name, (middle, self.bottom + 34.0), Hold::Middle, Weight::Plain)
    }

    /// Those of an axis on the left.
    pub(super) fn along(&self, canvas: &Canvas<'_, '_>, axis: &Axis) -> Result<(), String> {
        for (value, text) in &axis.ticks {
            let y = self.y(axis, *value);
            canvas.line(&[(self.left, y), (self.right, y)], Hue::Faint, 1)?;
            canvas.text(text, (self.left - 8.0, y), Hold::Right, Weight::Plain)?;
        }
        canvas.upright(&axis.name, (self.left - 52.0, f64::midpoint(self.top, self.bottom)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn axes_are_as_narrow_as_their_values() {
        assert_eq!(written(&Axis::shares("", [0.46, 0.67])), ["0.40", "0.45", "0.50", "0.55", "0.60", "0.65", "0.70"]);
        assert_eq!(written(&Axis::around("", 0.5, [0.52])), ["0.40", "0.45", "0.50", "0.55", "0.60"]);
        assert_eq!(written(&Axis::numbers("", 3)), ["1", "2", "3"]);
    }

    #[test]
    fn amounts_far_apart_are_told_in_decades() {
        let axis = Axis::amounts("", [0.5, 14.0]);
        assert!(axis.is_logarithmic && axis.ticks.len() >= 4, "{axis:?}");
        assert!((axis.part(0.5_f64.midpoint(0.5)) - 0.1).abs() < 0.05, "{axis:?}");
        assert!(!Axis::amounts("", [1.0, 2.0]).is_logarithmic);
    }
}
