//! Tiles in rows and columns: the deeper their colour, the higher their value.

use super::Drawn;
use super::canvas::{Canvas, Hold, Hue, Weight, picture, shortened, wide};

/// A row of tiles.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GridRow {
    /// What it belongs to; written once for all that follow each other.
    pub(crate) group: String,
    pub(crate) name: String,
    pub(crate) tiles: Vec<Tile>,
}

/// A tile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tile {
    pub(crate) text: String,
    /// From 0 to 1; nothing where there is no value.
    pub(crate) level: Option<f64>,
    /// Whether its text is bold.
    pub(crate) is_marked: bool,
}

const ROW: f64 = 28.0;
/// The narrowest picture: a smaller one would be blown up by the page.
const NARROWEST: f64 = 900.0;
/// The widest tile, and the longest label in characters.
const WIDEST_TILE: f64 = 130.0;
const WIDEST: usize = 34;
/// The strongest colour: texts on it have a contrast of 4.5 to 1 and more, on light and on dark ground.
pub(crate) const STRONGEST: f64 = 0.45;

/// The tiles under their heads, which have up to two lines.
pub(crate) fn grid(heads: &[[String; 2]], rows: &[GridRow]) -> Drawn {
    let widest =
        |text: fn(&GridRow) -> &str| rows.iter().map(|row| wide(&shortened(text(row), WIDEST))).fold(0.0, f64::max);
    let (groups, names) = (widest(|row| &row.group), widest(|row| &row.name));
    let left = groups + names + 32.0;
    let of_heads = heads.iter().flatten().map(|head| wide(&shortened(head, WIDEST / 2)) + 12.0).fold(64.0, f64::max);
    let tile = ((NARROWEST - left) / heads.len().max(1) as f64).clamp(of_heads, WIDEST_TILE.max(of_heads));
    let width = (left + tile * heads.len() as f64 + 4.0).max(NARROWEST);
    let top = 46.0;
    picture(width, top + rows.len() as f64 * ROW + 6.0, |canvas| {
        for (head, at) in heads.iter().zip(0_u32..) {
            let middle = left + (f64::from(at) + 0.5) * tile;
            for (line, y) in head.iter().zip([14.0, 32.0]) {
                canvas.text(&shortened(line, WIDEST / 2), (middle, y), Hold::Middle, Weight::Plain)?;
            }
        }
        let mut before = None;
        for (row, at) in rows.iter().zip(0_u32..) {
            let y = top + f64::from(at) * ROW;
            if before != Some(&row.group) {
                canvas.line(&[(2.0, y), (left + tile * heads.len() as f64, y)], Hue::Faint, 1)?;
                canvas.text(&shortened(&row.group, WIDEST), (2.0, y + ROW / 2.0), Hold::Left, Weight::Plain)?;
            }
            before = Some(&row.group);
            let name = shortened(&row.name, WIDEST);
            canvas.text(&name, (left - 12.0, y + ROW / 2.0), Hold::Right, Weight::Plain)?;
            tiles(canvas, row, left, y, tile)?;
        }
        Ok(())
    })
}

fn tiles(canvas: &Canvas<'_, '_>, row: &GridRow, left: f64, y: f64, width: f64) -> Result<(), String> {
    for (tile, at) in row.tiles.iter().zip(0_u32..) {
        let x = left + f64::from(at) * width;
        if let Some(level) = tile.level {
            let (from, to) = ((x + 1.0, y + 1.0), (x + width - 1.0, y + ROW - 1.0));
            canvas.tile(from, to, Hue::Warm, level.clamp(0.0, 1.0) * STRONGEST)?;
        }
        let weight = if tile.is_marked { Weight::Bold } else { Weight::Plain };
        canvas.text(&tile.text, (x + width / 2.0, y + ROW / 2.0), Hold::Middle, weight)?;
    }
    Ok(())
}
