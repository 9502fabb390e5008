//! Cells of finished runs, as they are named on the command line: `RUN`, `RUN#judge`, `RUN#judge/strategy`.

use std::path::Path;

use super::Trouble;
use crate::across::{CellData, parse_cells};
use crate::report::RunFolder;

/// The file that holds what items came to.
const ITEMS: &str = "items.jsonl";

/// The cells of all runs that are named, in that order.
pub(super) fn chosen(words: &[String]) -> Result<Vec<CellData>, Trouble> {
    let mut cells = Vec::new();
    for word in words {
        // A folder may hold the sign in its name.
        let (run, wanted) = match word.split_once('#') {
            Some((run, cell)) if !Path::new(word).exists() => (run, Some(cell)),
            _ => (word.as_str(), None),
        };
        let folder = RunFolder::open(Path::new(run))?;
        let text = folder.read(ITEMS)?.ok_or_else(|| {
            let advice = "run the same command again: it asks nothing anew, and writes it";
            Trouble::usage(format!("{run}: there is no {ITEMS} in it: {advice}"))
        })?;
        let all = parse_cells(run, &text).map_err(|error| Trouble::usage(format!("{run}/{ITEMS}, {error}")))?;
        let names: Vec<String> = all.iter().map(spelled).collect();
        let before = cells.len();
        cells.extend(all.into_iter().filter(|cell| wanted.is_none_or(|wanted| is_called(cell, wanted))));
        if cells.len() == before {
            let of = wanted.map_or(String::new(), |wanted| format!(" named `{wanted}`"));
            return Err(Trouble::usage(format!("{run}: it has no cell{of}: there are {}", names.join(", "))));
        }
    }
    Ok(cells)
}

fn spelled(cell: &CellData) -> String {
    match &cell.name.strategy {
        Some(strategy) => format!("{}/{strategy}", cell.name.judge),
        None => cell.name.judge.to_string(),
    }
}

/// A judge may have a slash in its name too.
fn is_called(cell: &CellData, wanted: &str) -> bool {
    *wanted == *cell.name.judge || wanted == spelled(cell)
}
