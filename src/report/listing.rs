//! A plain table of texts that fits the width, in the style of the report's.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use unicode_width::UnicodeWidthStr as _;

use super::table::{Width, lines};
use super::text::plain;

/// A table of rows under their heads, numbers to the right; texts that are too long for the width are broken.
#[must_use]
pub fn listing<const N: usize>(heads: [&str; N], rows: &[[String; N]], width: Width) -> String {
    let mut table = Table::new();
    table.load_style(lines());
    table.set_header(heads);
    for row in rows {
        table.add_row(row.iter().map(|text| Cell::new(plain(text))));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        if rows.iter().all(|row| row[at].chars().all(|character| character.is_ascii_digit() || character == ',')) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    if table.lines().next().is_some_and(|line| line.width() > usize::from(width.0)) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
    }
    format!("{table}\n")
}
