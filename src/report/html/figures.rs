//! Figures of a report: what each shows, the picture, and the table behind it. Drawn by plotters as SVG.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use serde::Serialize;

/// A figure: its picture and the numbers behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Figure {
    /// Its name in links and file names: letters, digits, hyphens.
    pub(super) id: String,
    /// The question that it answers.
    pub(super) title: String,
    /// How to read it.
    pub(super) caption: String,
    /// The picture.
    pub(super) svg: String,
    /// The heads of the table behind it.
    pub(super) heads: Vec<String>,
    /// Its rows.
    pub(super) rows: Vec<Vec<String>>,
}

/// A picture, or why there is none.
pub(super) type Drawn = Result<String, String>;

/// A point with its interval on a line of its own.
pub(super) struct Dot {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) ci95: Option<[f64; 2]>,
    /// Which of the colours.
    pub(super) colour: usize,
}

/// A line through points.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

const WIDTH: u32 = 860;
const ROW: u32 = 22;
/// Told apart by all kinds of sight, on light and dark ground (Okabe and Ito's set).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(140, 140, 140),
];
/// Ink and grid are written in these, and given the page's own colours afterwards.
const INK: RGBColor = RGBColor(1, 2, 3);
const FAINT: RGBColor = RGBColor(4, 5, 6);
/// The widest label, in characters.
const WIDEST: usize = 46;

fn colour(at: usize) -> RGBColor {
    COLOURS[at % COLOURS.len()]
}

fn told<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

/// Draws onto an SVG of so many pixels, which takes the colours of the page.
fn drawn(height: u32, draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), String>) -> Drawn {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&area)?;
        area.present().map_err(told)?;
    }
    let svg = svg.replace("#010203", "currentColor").replace("#040506", "#8884");
    // The picture is as wide as the page allows.
    Ok(svg.replacen(&format!("width=\"{WIDTH}\" height=\"{height}\""), "role=\"img\"", 1))
}

fn shortened(name: &str) -> String {
    let mut short: String = name.chars().take(WIDEST).collect();
    if name.chars().count() > WIDEST {
        short.push('\u{2026}');
    }
    short
}

/// Points with their intervals, one below the other; a line at `reference`.
pub(super) fn dots(dots: &[Dot], x: [f64; 2], reference: Option<f64>, unit: &str) -> Drawn {
    let n = dots.len() as f64;
    let height = ROW * u32::try_from(dots.len()).unwrap_or(u32::MAX) + 64;
    let longest = dots.iter().map(|dot| shortened(&dot.name).chars().count()).max().unwrap_or_default();
    drawn(height, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .margin_right(24)
            .x_label_area_size(38)
            .y_label_area_size(u32::try_from(longest * 7 + 16).unwrap_or(200))
            .build_cartesian_2d(x[0]..x[1], n..0.0)
            .map_err(told)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT)
            .axis_style(FAINT)
            .label_style(("sans-serif", 13, &INK))
            .x_desc(unit)
            .y_labels(0)
            .x_labels(9)
            .draw()
            .map_err(told)?;
        if let Some(at) = reference {
            chart.draw_series([PathElement::new([(at, 0.0), (at, n)], INK.mix(0.5))]).map_err(told)?;
        }
        for (dot, place) in dots.iter().zip(0_u32..) {
            let y = f64::from(place) + 0.5;
            if let Some([low, high]) = dot.ci95 {
                let style = colour(dot.colour).stroke_width(2);
                chart.draw_series([PathElement::new([(low, y), (high, y)], style)]).map_err(told)?;
            }
            chart.draw_series([Circle::new((dot.value, y), 4, colour(dot.colour).filled())]).map_err(told)?;
            let (left, middle) = chart.backend_coord(&(x[0], y));
            let style = ("sans-serif", 13, &INK).into_text_style(area).pos(plotters::style::text_anchor::Pos::new(
                plotters::style::text_anchor::HPos::Right,
                plotters::style::text_anchor::VPos::Center,
            ));
            area.draw_text(&shortened(&dot.name), &style, (left - 8, middle)).map_err(told)?;
        }
        Ok(())
    })
}

/// Two axes with their names, and so much room on the right.
fn plane<'a, 'b>(
    area: &'a DrawingArea<SVGBackend<'b>, Shift>,
    [x, y]: [[f64; 2]; 2],
    names: [&str; 2],
    right: u32,
) -> Result<ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>, String> {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(right)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(x[0]..x[1], y[0]..y[1])
        .map_err(told)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(FAINT)
        .label_style(("sans-serif", 13, &INK))
        .x_desc(names[0])
        .y_desc(names[1])
        .draw()
        .map_err(told)?;
    Ok(chart)
}

/// Lines over common axes, each with its name beside them; `diagonal` draws where both are equal.
pub(super) fn lines(lines: &[Line], [x, y]: [[f64; 2]; 2], [x_name, y_name]: [&str; 2], diagonal: bool) -> Drawn {
    drawn(340, |area| {
        let mut chart = plane(area, [x, y], [x_name, y_name], 24)?;
        if diagonal {
            let ends = [(x[0].max(y[0]), x[0].max(y[0])), (x[1].min(y[1]), x[1].min(y[1]))];
            chart.draw_series([PathElement::new(ends, INK.mix(0.4))]).map_err(told)?;
        }
        for (line, at) in lines.iter().zip(0..) {
            let style = colour(at).stroke_width(2);
            let series = chart.draw_series(LineSeries::new(line.points.iter().copied(), style)).map_err(told)?;
            series.label(shortened(&line.name)).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
            chart
                .draw_series(line.points.iter().map(|point| Circle::new(*point, 3, colour(at).filled())))
                .map_err(told)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font(("sans-serif", 13, &INK))
            .draw()
            .map_err(told)
    })
}

/// Named points over two axes.
pub(super) fn scatter(points: &[(String, f64, f64, bool)], [x, y]: [[f64; 2]; 2], names: [&str; 2]) -> Drawn {
    drawn(360, |area| {
        let mut chart = plane(area, [x, y], [names[0], names[1]], 160)?;
        for (name, x, y, is_marked) in points {
            let style = colour(usize::from(!is_marked)).filled();
            chart.draw_series([Circle::new((*x, *y), 5, style)]).map_err(told)?;
            let label = Text::new(shortened(name), (9, -7), ("sans-serif", 13, &INK).into_text_style(area));
            chart.draw_series([EmptyElement::at((*x, *y)) + label]).map_err(told)?;
        }
        Ok(())
    })
}
