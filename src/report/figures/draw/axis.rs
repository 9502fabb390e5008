//! Axes: from where to where. Which values are written on them, and where, is the library's.

use std::ops::Range;

use plotters::coord::ranged1d::{BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::{RangedCoordf64, RangedCoordu32};
use plotters::prelude::{IntoLogRange, LogCoord};

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(super) name: String,
    from: f64,
    to: f64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Linear,
    Logarithmic,
    Whole,
}

/// From how many times the least on a cost's axis is logarithmic.
const DECADES_FROM: f64 = 8.0;
/// How many decades are so few that the values between them are written too.
const FEW_DECADES: usize = 3;
/// By how much of an axis its ends are moved, lest a value there is lost by its last bit.
const EDGE: f64 = 1e-9;

impl Axis {
    /// Shares between 0 and 1, as narrow as the values allow in whole tenths.
    pub(crate) fn shares(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (least, most) = ends(values);
        let from = ((least * 10.0 + EDGE).floor() / 10.0).clamp(0.0, 0.9);
        let to = ((most * 10.0 - EDGE).ceil() / 10.0).clamp(from + 0.1, 1.0);
        Self::between(name, from, to)
    }

    /// The same, as far below a middle as above it.
    pub(crate) fn around(name: &str, middle: f64, values: impl IntoIterator<Item = f64>) -> Self {
        let far = values.into_iter().map(|value| (value - middle).abs()).fold(0.05, f64::max);
        Self::shares(name, [middle - far, middle + far])
    }

    /// Differences of shares, with 0 among them, as narrow as the values allow in whole tenths.
    pub(crate) fn differences(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (least, most) = ends(values);
        let from = ((least * 10.0 + EDGE).floor() / 10.0).clamp(-1.0, -0.1);
        let to = ((most * 10.0 - EDGE).ceil() / 10.0).clamp(0.1, 1.0);
        Self::between(name, from, to)
    }

    /// Between two ends.
    pub(crate) fn between(name: &str, from: f64, to: f64) -> Self {
        Self { name: name.to_owned(), from, to, kind: Kind::Linear }
    }

    /// Whole numbers from 1.
    pub(crate) fn numbers(name: &str, most: usize) -> Self {
        Self { name: name.to_owned(), from: 1.0, to: most.max(2) as f64, kind: Kind::Whole }
    }

    /// Amounts above 0: in decades where they lie far apart.
    pub(crate) fn amounts(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (least, most) = ends(values);
        if most > least * DECADES_FROM {
            let name = format!("{name} (logarithmic)");
            Self { name, from: least / 1.5, to: most * 1.5, kind: Kind::Logarithmic }
        } else {
            Self::between(name, 0.0, most * 1.1)
        }
    }

    /// Powers of ten around the axis, and what lies between them where they are few.
    fn decades(&self, most: usize) -> Vec<f64> {
        let whole = 10_f64.powf(self.from.log10().floor()) * (1.0 - EDGE)..self.to * (1.0 + EDGE);
        let decades = (whole.end / whole.start).log10().ceil().max(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logarithm, at least 1")]
        let decades = decades as usize;
        let most = if decades <= FEW_DECADES { decades * 10 } else { most };
        let mut values = LogCoord::from(whole.log_scale()).key_points(BoldPoints(most));
        values.dedup_by(|one, other| (*one - *other).abs() < *one * EDGE);
        values.retain(|value| (self.from..=self.to).contains(value));
        values
    }
}

/// The least and the most.
fn ends(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    values.into_iter().fold(none, |(least, most), value| (least.min(value), most.max(value)))
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let value = value.clamp(self.from, self.to);
        match self.kind {
            Kind::Linear | Kind::Whole => RangedCoordf64::from(self.range()).map(&value, limit),
            Kind::Logarithmic => LogCoord::from(self.range().log_scale()).map(&value, limit),
        }
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match self.kind {
            Kind::Linear => {
                let edge = (self.to - self.from) * EDGE;
                RangedCoordf64::from(self.from - edge..self.to + edge).key_points(hint)
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "how many samples vote")]
            Kind::Whole => {
                let values = RangedCoordu32::from(self.from as u32..self.to as u32).key_points(hint);
                values.into_iter().map(f64::from).collect()
            }
            Kind::Logarithmic => self.decades(hint.max_num_points()),
        }
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        // The library's zero may be a hair below it.
        let value = if value.abs() < EDGE { 0.0 } else { *value };
        let text = format!("{value:.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let first = text.trim_start_matches(['0', '.']).chars().next();
        // As on logarithmic paper: a line for each, but no room for each number.
        let is_told = self.kind != Kind::Logarithmic || matches!(first, Some('1' | '2' | '5'));
        if is_told { text.to_owned() } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(axis: &Axis) -> Vec<String> {
        let values = axis.key_points(BoldPoints(11));
        values.iter().map(|value| axis.format_ext(value)).filter(|text| !text.is_empty()).collect()
    }

    #[test]
    fn axes_are_as_narrow_as_their_values() {
        assert_eq!(written(&Axis::shares("", [0.46, 0.67])), ["0.4", "0.45", "0.5", "0.55", "0.6", "0.65", "0.7"]);
        assert_eq!(
            written(&Axis::around("", 0.5, [0.52])),
            ["0.4", "0.42", "0.44", "0.46", "0.48", "0.5", "0.52", "0.54", "0.56", "0.58", "0.6"]
        );
        assert_eq!(written(&Axis::between("", -1.0, 1.0))[4..7], ["-0.2", "0", "0.2"]);
        assert_eq!(written(&Axis::numbers("", 3)), ["1", "2", "3"]);
    }

    #[test]
    fn amounts_far_apart_are_told_in_decades() {
        let axis = Axis::amounts("", [0.5, 14.0]);
        assert_eq!(written(&axis), ["0.5", "1", "2", "5", "10", "20"]);
        assert_eq!([0.5 / 1.5, 21.0, 1e9].map(|value| axis.map(&value, (0, 100))), [0, 100, 100]);
        assert_eq!(written(&Axis::amounts("", [1e-4, 30.0])), ["0.0001", "0.001", "0.01", "0.1", "1", "10"]);
        assert_eq!(Axis::amounts("", [1.0, 2.0]).kind, Kind::Linear);
    }
}
