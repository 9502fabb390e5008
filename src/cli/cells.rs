//! The cells that a command is told of: all of a run, or some of them by name.

use std::path::{Path, PathBuf};

use super::Trouble;
use crate::across::{CellData, parse_cells};
use crate::report::RunFolder;

/// The cells of one run that were chosen.
#[derive(Debug)]
pub(super) struct CellChoice {
    /// The folder of the run.
    pub(super) folder: RunFolder,
    /// The chosen ones, in the order of the run.
    pub(super) cells: Vec<CellData>,
}

impl CellChoice {
    /// The cells of `RUN`, `RUN#judge` or `RUN#judge/strategy`, run by run.
    pub(super) fn choose(named: &[String]) -> Result<Vec<Self>, Trouble> {
        let mut choices: Vec<(PathBuf, Self)> = Vec::new();
        for name in named {
            let (run, wanted) = parted(name);
            let folder = RunFolder::open(run)?;
            let cells = cells_of(&folder, wanted)?;
            if let Some((_, known)) = choices.iter_mut().find(|(path, _)| path == run) {
                known.cells.extend(cells);
                let mut seen = Vec::new();
                known.cells.retain(|cell| {
                    !seen.contains(&cell.name) && {
                        seen.push(cell.name.clone());
                        true
                    }
                });
            } else {
                choices.push((run.to_path_buf(), Self { folder, cells }));
            }
        }
        Ok(choices.into_iter().map(|(_, choice)| choice).collect())
    }

    /// What the run is called.
    pub(super) fn run(&self) -> String {
        self.folder.path().display().to_string()
    }
}

/// The cells of `RUN`, `RUN#judge` or `RUN#judge/strategy`, one after the other.
pub(super) fn chosen(named: &[String]) -> Result<Vec<CellData>, Trouble> {
    Ok(CellChoice::choose(named)?.into_iter().flat_map(|choice| choice.cells).collect())
}

/// The run and the cell in it. A folder whose own name has a `#` is that folder.
fn parted(name: &str) -> (&Path, Option<&str>) {
    match name.split_once('#') {
        Some((run, cell)) if !Path::new(name).is_dir() => (Path::new(run), Some(cell)),
        _ => (Path::new(name), None),
    }
}

fn cells_of(folder: &RunFolder, wanted: Option<&str>) -> Result<Vec<CellData>, Trouble> {
    const ITEMS: &str = "items.jsonl";
    let run = folder.path().display().to_string();
    let text = folder.read(ITEMS)?.ok_or_else(|| {
        let how = "run the same command again: it asks nothing new and writes it";
        Trouble::usage(format!("{run}: there is no {ITEMS} in it: {how}"))
    })?;
    let mut cells = parse_cells(&run, &text)
        .map_err(|problem| Trouble::usage(format!("{}: {problem}", folder.file(ITEMS).display())))?;
    let Some(wanted) = wanted else { return Ok(cells) };
    let names: Vec<String> = cells.iter().map(full_name).collect();
    cells.retain(|cell| *cell.name.judge == *wanted || full_name(cell) == wanted);
    if cells.is_empty() {
        return Err(Trouble::usage(format!("{run}: there is no cell `{wanted}`: it has {}", names.join(", "))));
    }
    Ok(cells)
}

/// `judge/strategy`, as it is named after a run.
fn full_name(cell: &CellData) -> String {
    match &cell.name.strategy {
        Some(strategy) => format!("{}/{strategy}", cell.name.judge),
        None => cell.name.judge.to_string(),
    }
}
