//! Lines over common axes, each with its name at its end.

use super::Drawn;
use super::axis::Axis;
use super::canvas::{Hold, Hue, Mark, Weight, picture, shortened, wide};
use super::chart::{Chart, Frame};

/// A line through points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// Which of the colours and shapes.
    pub(crate) series: usize,
    /// Which of the patterns.
    pub(crate) pattern: usize,
}

/// How high the points of some lines are.
pub(crate) fn heights(lines: &[Line]) -> impl Iterator<Item = f64> {
    lines.iter().flat_map(|line| &line.points).map(|point| point.1)
}

const WIDTH: f64 = 900.0;
/// How far names stand from each other at least.
const APART: f64 = 17.0;
/// The longest name, in characters.
const WIDEST: usize = 40;

/// The lines; the diagonal, where both axes are equal, if it says so.
pub(crate) fn curves(lines: &[Line], [x, y]: [&Axis; 2], has_diagonal: bool) -> Drawn {
    let names = lines.iter().map(|line| wide(&shortened(&line.name, WIDEST))).fold(0.0, f64::max);
    let high = (lines.len() as f64 * APART + 20.0).max(300.0);
    let frame = Frame { left: 72.0, right: WIDTH - names - 76.0, top: 10.0, bottom: 10.0 + high };
    picture(WIDTH, high + 62.0, |canvas| {
        let chart = Chart::draw(canvas, &frame, x, Some(y))?;
        if has_diagonal {
            let ends = [0.5, 1.0].map(|at| chart.at(at, at));
            canvas.dashed(&ends, Hue::Ink, 1, 1)?;
        }
        let places: Vec<Vec<(f64, f64)>> =
            lines.iter().map(|line| line.points.iter().map(|(x, y)| chart.at(*x, *y)).collect()).collect();
        let ends: Vec<f64> = places.iter().map(|points| points.last().map_or(0.0, |(_, y)| *y)).collect();
        let heights = spread(&ends, frame.top, frame.bottom);
        for ((line, points), height) in lines.iter().zip(&places).zip(heights) {
            let hue = Hue::Series(line.series);
            canvas.dashed(points, hue, 2, line.pattern)?;
            for point in points {
                canvas.mark(*point, hue, line.series, Mark::Full)?;
            }
            let Some(end) = points.last() else { continue };
            canvas.line(&[(end.0 + 7.0, end.1), (frame.right + 22.0, height)], Hue::Faint, 1)?;
            canvas.dashed(&[(frame.right + 26.0, height), (frame.right + 60.0, height)], hue, 2, line.pattern)?;
            canvas.mark((frame.right + 43.0, height), hue, line.series, Mark::Full)?;
            let name = shortened(&line.name, WIDEST);
            canvas.text(&name, (frame.right + 68.0, height), Hold::Left, Weight::Plain)?;
        }
        Ok(())
    })
}

/// Heights near the wanted ones, so far from each other that texts do not meet.
fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].total_cmp(&wanted[*other]).then(one.cmp(other)));
    let mut heights = wanted.to_vec();
    let mut least = top;
    for at in &order {
        heights[*at] = heights[*at].max(least);
        least = heights[*at] + APART;
    }
    let mut most = bottom;
    for at in order.iter().rev() {
        heights[*at] = heights[*at].min(most);
        most = heights[*at] - APART;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_the_ends_of_lines_do_not_meet() {
        let heights = spread(&[100.0, 101.0, 99.0, 300.0], 0.0, 300.0);
        assert_eq!(heights, [116.0, 133.0, 99.0, 300.0]);
        let crowded = spread(&[300.0, 300.0, 300.0], 0.0, 300.0);
        assert_eq!(crowded, [266.0, 283.0, 300.0]);
    }
}
