//! The canvas: lines, marks and texts as SVG, in colours that stand for those of the page or of a file.

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Drawn;

/// The size of all texts. Plotters writes it divided by 1.24.
const FONT: f64 = 13.0 * 1.24;
/// Nearly everybody has one of these, and they are equally wide.
const FONTS: &str = "Arial, Helvetica, Liberation Sans, sans-serif";
/// How wide one of their characters is, on the wide side.
const CHARACTER: f64 = 6.7;

/// A colour by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hue {
    /// Texts.
    Ink,
    /// Grid and frames.
    Faint,
    /// The ground of tiles.
    Warm,
    /// One of the colours of series.
    Series(usize),
}

/// The colours: the variable of the page, and the value in a file, where the ground is white. All series have a contrast of 3 to 1 at
/// least, and are told apart by all kinds of sight (after Okabe and Ito's set, darker).
const COLOURS: [(&str, &str); 9] = [
    ("var(--ink)", "#1b1f24"),
    ("var(--line)", "#d0d7de"),
    ("var(--warm)", "#0072b2"),
    ("var(--series-0)", "#0072b2"),
    ("var(--series-1)", "#c44e00"),
    ("var(--series-2)", "#00805d"),
    ("var(--series-3)", "#a04a8a"),
    ("var(--series-4)", "#7a5c00"),
    ("var(--series-5)", "#57606a"),
];
const FIRST_SERIES: usize = 3;

impl Hue {
    /// The colour that stands for it while drawing.
    pub(super) fn written(self) -> RGBColor {
        let at = match self {
            Self::Ink => 0,
            Self::Faint => 1,
            Self::Warm => 2,
            Self::Series(at) => FIRST_SERIES + at % (COLOURS.len() - FIRST_SERIES),
        };
        RGBColor(1, 2, u8::try_from(at).unwrap_or_default())
    }
}

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Plain,
    Bold,
}

/// The inside of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Full,
    Hollow,
}

/// What is drawn on, in pixels from the top left.
pub(super) struct Canvas<'a, 'b> {
    area: &'a DrawingArea<SVGBackend<'b>, Shift>,
}

type Done = Result<(), String>;

pub(super) fn told<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

#[allow(clippy::cast_possible_truncation, reason = "pixels of a picture")]
fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

impl<'b> Canvas<'_, 'b> {
    /// All of it.
    pub(super) fn area(&self) -> &DrawingArea<SVGBackend<'b>, Shift> {
        self.area
    }

    /// Its width and height.
    pub(super) fn size(&self) -> (f64, f64) {
        let (width, height) = self.area.dim_in_pixel();
        (f64::from(width), f64::from(height))
    }

    /// How texts look.
    pub(super) fn words(&self, weight: Weight) -> TextStyle<'static> {
        let font = if weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal };
        let plain = (FONTS, FONT, font).into_text_style(self.area);
        TextStyle { color: Hue::Ink.written().to_backend_color(), ..plain }
    }

    pub(super) fn line(&self, points: &[(f64, f64)], hue: Hue, width: u32) -> Done {
        let points: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
        self.area.draw(&PathElement::new(points, hue.written().stroke_width(width))).map_err(told)
    }

    /// A line of one of eight patterns; the first is without gaps.
    pub(super) fn dashed(&self, points: &[(f64, f64)], hue: Hue, width: u32, pattern: usize) -> Done {
        let (dash, gap) = match pattern % 8 {
            0 => return self.line(points, hue, width),
            1 => (9, 5),
            2 => (2, 4),
            3 => (16, 5),
            4 => (5, 10),
            5 => (30, 4),
            6 => (2, 9),
            _ => (16, 14),
        };
        let points: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
        let style = hue.written().stroke_width(width);
        self.area.draw(&DashedPathElement::new(points, dash, gap, style)).map_err(told)
    }

    /// A mark of one of five shapes.
    pub(super) fn mark(&self, at: (f64, f64), hue: Hue, shape: usize, mark: Mark) -> Done {
        let (x, y) = pixel(at);
        let corners: &[(i32, i32)] = match shape % 5 {
            0 => {
                let style = if mark == Mark::Full { hue.written().filled() } else { hue.written().stroke_width(2) };
                return self.area.draw(&Circle::new((x, y), 4, style)).map_err(told);
            }
            1 => &[(-4, -4), (4, -4), (4, 4), (-4, 4), (-4, -4)],
            2 => &[(0, -5), (5, 4), (-5, 4), (0, -5)],
            3 => &[(0, -6), (6, 0), (0, 6), (-6, 0), (0, -6)],
            _ => &[(0, 5), (5, -4), (-5, -4), (0, 5)],
        };
        let corners: Vec<(i32, i32)> = corners.iter().map(|(right, down)| (x + right, y + down)).collect();
        match mark {
            Mark::Full => self.area.draw(&Polygon::new(corners, hue.written().filled())).map_err(told),
            Mark::Hollow => self.area.draw(&PathElement::new(corners, hue.written().stroke_width(2))).map_err(told),
        }
    }

    /// A text, its middle at the height of `at`.
    pub(super) fn text(&self, text: &str, at: (f64, f64), hold: Hold, weight: Weight) -> Done {
        let place = match hold {
            Hold::Left => HPos::Left,
            Hold::Middle => HPos::Center,
            Hold::Right => HPos::Right,
        };
        let style = self.words(weight).pos(Pos::new(place, VPos::Center));
        self.area.draw_text(text, &style, pixel(at)).map_err(told)
    }

    /// A box filled with so much of a colour.
    pub(super) fn tile(&self, from: (f64, f64), to: (f64, f64), hue: Hue, strength: f64) -> Done {
        let style = hue.written().mix(strength).filled();
        self.area.draw(&Rectangle::new([pixel(from), pixel(to)], style)).map_err(told)
    }
}

/// How wide a text is, about.
pub(super) fn wide(text: &str) -> f64 {
    text.chars().count() as f64 * CHARACTER
}

/// The text in so many characters: what is too much is left out of its middle, because names differ at either end.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= most {
        return text.to_owned();
    }
    let (head, tail) = (most / 2, most - most / 2 - 1);
    let head: String = characters[..head].iter().collect();
    let tail: String = characters[characters.len() - tail..].iter().collect();
    format!("{head}\u{2026}{tail}")
}

/// A picture whose colours are not chosen yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    inside: String,
    width: u32,
    height: u32,
}

/// Draws a picture of so many pixels.
pub(super) fn picture(width: f64, height: f64, draw: impl FnOnce(&Canvas<'_, '_>) -> Done) -> Drawn {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a picture")]
    let (width, height) = (width.ceil() as u32, height.ceil() as u32);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        draw(&Canvas { area: &area })?;
        area.present().map_err(told)?;
    }
    let inside = svg.split_once('>').map_or("", |(_, inside)| inside).trim();
    let inside = inside.strip_suffix("</svg>").unwrap_or(inside).to_owned();
    Ok(Picture { inside, width, height })
}

impl Picture {
    /// As a part of a page, which says what the colours are.
    pub(crate) fn on_page(&self, id: &str, title: &str, description: &str) -> String {
        let size = format!("style=\"--width: {}px\" ", self.width);
        self.whole(id, title, description, &size, "", |(page, _)| page)
    }

    /// As a file of its own, on white ground.
    pub(crate) fn in_file(&self, id: &str, title: &str, description: &str) -> String {
        let size = format!("width=\"{}\" height=\"{}\" ", self.width, self.height);
        let ground = "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
        self.whole(id, title, description, &size, ground, |(_, file)| file) + "\n"
    }

    fn whole(
        &self,
        id: &str,
        title: &str,
        description: &str,
        size: &str,
        ground: &str,
        chosen: impl Fn((&'static str, &'static str)) -> &'static str,
    ) -> String {
        let mut inside = self.inside.clone();
        for (colour, at) in COLOURS.into_iter().zip(0..) {
            // Quotes stand nowhere in texts but as entities, so this meets attributes alone.
            inside = inside.replace(&format!("=\"#0102{at:02X}\""), &format!("=\"{}\"", chosen(colour)));
        }
        let Self { width, height, .. } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" {size}role=\"img\" \
             aria-labelledby=\"{id}-name\" aria-describedby=\"{id}-says\">\n<title id=\"{id}-name\">{}</title>\n\
             <desc id=\"{id}-says\">{}</desc>\n{ground}{inside}</svg>",
            quoted(title),
            quoted(description)
        )
    }
}

fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_texts_whatever_they_hold() {
        let hostile = "</text><script>x</script> \"#010200\" ]]>";
        let drawn =
            picture(100.0, 40.0, |canvas| canvas.text(hostile, (0.0, 20.0), Hold::Left, Weight::Plain)).unwrap();
        for svg in [drawn.on_page("a", hostile, hostile), drawn.in_file("a", hostile, hostile)] {
            assert!(!svg.contains("<script") && svg.matches("</text>").count() == 1, "{svg}");
            assert!(svg.contains("&quot;#010200&quot;"), "a name that looks like a colour stays: {svg}");
        }
    }

    #[test]
    fn long_names_keep_both_their_ends() {
        assert_eq!(shortened("falcon / pairwise-scores", 11), "falco\u{2026}cores");
        assert_eq!(shortened("wren", 4), "wren");
    }
}
