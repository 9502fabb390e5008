//! Named points over two axes, and the front of those that no other beats.

use super::Drawn;
use super::axis::Axis;
use super::canvas::{Canvas, Hold, Hue, Mark, Weight, picture, shortened, wide};
use super::chart::{Chart, Frame};

/// A named point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) name: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) is_on_front: bool,
    /// Which of the colours and shapes.
    pub(crate) series: usize,
}

const WIDTH: f64 = 900.0;
const HIGH: f64 = 400.0;
/// The longest name, in characters.
const WIDEST: usize = 40;

/// The points. Those on the front are full, their names bold, and a line of steps goes through them; the others are hollow.
pub(crate) fn scatter(spots: &[Spot], [x, y]: [&Axis; 2]) -> Drawn {
    let frame = Frame { left: 72.0, right: WIDTH - 24.0, top: 24.0, bottom: 24.0 + HIGH };
    picture(WIDTH, HIGH + 76.0, |canvas| {
        let chart = Chart::draw(canvas, &frame, x, Some(y))?;
        let place = |spot: &Spot| chart.at(spot.x, spot.y);
        let steps = steps(spots, place, frame.right);
        canvas.line(&steps, Hue::Ink, 1)?;
        let of_steps = steps.windows(2).map(|ends| between(ends[0], ends[1]));
        let mut taken: Vec<Frame> = spots.iter().map(|spot| around(place(spot))).chain(of_steps).collect();
        let (front, others): (Vec<&Spot>, Vec<&Spot>) = spots.iter().partition(|spot| spot.is_on_front);
        for spot in front.into_iter().chain(others) {
            let mark = if spot.is_on_front { Mark::Full } else { Mark::Hollow };
            canvas.mark(place(spot), Hue::Series(spot.series), spot.series, mark)?;
            name(canvas, spot, place(spot), &frame, &mut taken)?;
        }
        Ok(())
    })
}

/// The line of steps: what can be had for so much.
fn steps(spots: &[Spot], place: impl Fn(&Spot) -> (f64, f64), right: f64) -> Vec<(f64, f64)> {
    let mut front: Vec<(f64, f64)> = spots.iter().filter(|spot| spot.is_on_front).map(place).collect();
    front.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut line: Vec<(f64, f64)> = Vec::new();
    for (x, y) in front {
        if let Some((_, before)) = line.last().copied() {
            line.push((x, before));
        }
        line.push((x, y));
    }
    line.extend(line.last().map(|(_, y)| (right, *y)));
    line
}

/// Where a mark stands.
fn around((x, y): (f64, f64)) -> Frame {
    Frame { left: x - 6.0, right: x + 6.0, top: y - 6.0, bottom: y + 6.0 }
}

/// Where a line from one end to the other stands.
fn between(one: (f64, f64), other: (f64, f64)) -> Frame {
    let (left, right) = (one.0.min(other.0) - 1.0, one.0.max(other.0) + 1.0);
    Frame { left, right, top: one.1.min(other.1) - 1.0, bottom: one.1.max(other.1) + 1.0 }
}

/// How much of what is written there is outside of the frame, or stands on others.
fn trouble(place: &Frame, frame: &Frame, taken: &[Frame]) -> usize {
    let is_outside = place.left < frame.left || place.right > frame.right + 20.0;
    let is_outside = is_outside || place.top < frame.top - 20.0 || place.bottom > frame.bottom;
    taken.iter().filter(|other| place.meets(other)).count() + if is_outside { 100 } else { 0 }
}

/// Writes the name where it stands on the least else: beside, above or below, near first.
fn name(
    canvas: &Canvas<'_, '_>,
    spot: &Spot,
    (x, y): (f64, f64),
    frame: &Frame,
    taken: &mut Vec<Frame>,
) -> Result<(), String> {
    let text = shortened(&spot.name, WIDEST);
    let width = wide(&text);
    let beside = [10.0, -10.0 - width].map(|right| (right, 0.0));
    let rows = [-16.0, 16.0, -32.0, 32.0, -48.0, 48.0, -64.0, 64.0];
    let others = rows.iter().flat_map(|down| [10.0, -10.0 - width, -width / 2.0].map(|right| (right, *down)));
    let candidates = beside.into_iter().chain(others).map(|(right, down)| Frame {
        left: x + right,
        right: x + right + width,
        top: y + down - 8.0,
        bottom: y + down + 8.0,
    });
    let Some(best) = candidates.min_by_key(|candidate| trouble(candidate, frame, taken)) else { return Ok(()) };
    let middle = f64::midpoint(best.top, best.bottom);
    if (middle - y).abs() > 20.0 {
        let near = x.clamp(best.left, best.right);
        canvas.line(&[(x, y), (near, middle)], Hue::Faint, 1)?;
    }
    taken.push(best);
    let weight = if spot.is_on_front { Weight::Bold } else { Weight::Plain };
    canvas.text(&text, (best.left, middle), Hold::Left, weight)
}
