//! Points with their intervals, one below the other.

use super::Drawn;
use super::axis::Axis;
use super::canvas::{Canvas, Hold, Hue, Mark, Weight, picture, shortened, wide};
use super::chart::{Chart, Frame};

/// A point with its interval on a line of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dot {
    /// What it belongs to; written once for all that follow each other.
    pub(crate) group: String,
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) ci95: Option<[f64; 2]>,
    /// Where it would lie were there nothing to see.
    pub(crate) reference: Option<f64>,
    /// Which of the colours and shapes.
    pub(crate) series: usize,
    /// What is written on the right.
    pub(crate) note: String,
    /// What is written above, where something new begins.
    pub(crate) heading: Option<String>,
}

const WIDTH: f64 = 900.0;
const ROW: f64 = 21.0;
/// The widest label, in characters.
const WIDEST: usize = 46;

/// The points.
pub(crate) fn rows(dots: &[Dot], axis: &Axis) -> Drawn {
    let widest =
        |text: fn(&Dot) -> &str| dots.iter().map(|dot| wide(&shortened(text(dot), WIDEST))).fold(0.0, f64::max);
    let (groups, names, notes) = (widest(|dot| &dot.group), widest(|dot| &dot.name), widest(|dot| &dot.note));
    let headings = dots.iter().filter(|dot| dot.heading.is_some()).count();
    let high = (dots.len() + headings) as f64 * ROW;
    let left = groups + names + if groups > 0.0 { 30.0 } else { 16.0 };
    let frame = Frame { left, right: WIDTH - notes - 24.0, top: 4.0, bottom: 4.0 + high };
    picture(WIDTH, high + 52.0, |canvas| {
        let chart = Chart::draw(canvas, &frame, axis, None)?;
        let mut y = frame.top + ROW / 2.0;
        let mut before = None;
        for dot in dots {
            if let Some(heading) = &dot.heading {
                canvas.text(heading, (2.0, y), Hold::Left, Weight::Bold)?;
                y += ROW;
            }
            if before != Some(&dot.group) && groups > 0.0 {
                canvas.line(&[(2.0, y - ROW / 2.0), (frame.right, y - ROW / 2.0)], Hue::Faint, 1)?;
                canvas.text(&shortened(&dot.group, WIDEST), (2.0, y), Hold::Left, Weight::Plain)?;
            }
            before = Some(&dot.group);
            one(canvas, dot, &chart, frame.left, y)?;
            y += ROW;
        }
        Ok(())
    })
}

fn one(canvas: &Canvas<'_, '_>, dot: &Dot, chart: &Chart, left: f64, y: f64) -> Result<(), String> {
    let hue = Hue::Series(dot.series);
    if let Some(at) = dot.reference {
        let x = chart.x(at);
        canvas.dashed(&[(x, y - ROW / 2.0), (x, y + ROW / 2.0)], Hue::Ink, 1, 1)?;
    }
    if let Some([low, high]) = dot.ci95 {
        canvas.line(&[(chart.x(low), y), (chart.x(high), y)], hue, 2)?;
    }
    canvas.mark((chart.x(dot.value), y), hue, dot.series, Mark::Full)?;
    canvas.text(&shortened(&dot.name, WIDEST), (left - 10.0, y), Hold::Right, Weight::Plain)?;
    canvas.text(&dot.note, (WIDTH - 4.0, y), Hold::Right, Weight::Plain)
}
