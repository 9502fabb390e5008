//! The cells that a command is told of: all of a run, or some of them by name.

use std::path::{Path, PathBuf};

use super::Trouble;
use crate::across::{CellData, parse_cells};
use crate::report::{CellReport, ITEMS, RunFolder};

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
            if let Some((_, known)) = choices.iter_mut().find(|(path, _)| same(path, run)) {
                let cells = cells_of(&known.folder, wanted)?;
                known.cells.extend(cells);
                let mut seen = Vec::new();
                known.cells.retain(|cell| {
                    !seen.contains(&cell.name) && {
                        seen.push(cell.name.clone());
                        true
                    }
                });
            } else {
                let folder = RunFolder::open(run)?;
                let cells = cells_of(&folder, wanted)?;
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

/// Whether two paths lead to one folder.
fn same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    whole(one) == whole(other)
}

/// The cells of `RUN`, `RUN#judge` or `RUN#judge/strategy`, one after the other; of one benchmark, if it is named.
pub(super) fn chosen(named: &[String], bench: Option<&str>) -> Result<Vec<CellData>, Trouble> {
    let all: Vec<CellData> = CellChoice::choose(named)?.into_iter().flat_map(|choice| choice.cells).collect();
    let Some(bench) = bench else { return Ok(all) };
    let (of, others): (Vec<CellData>, Vec<CellData>) = all.into_iter().partition(|cell| *cell.name.bench == *bench);
    if of.is_empty() {
        let mut benches: Vec<&str> = others.iter().map(|cell| &*cell.name.bench).collect();
        benches.sort_unstable();
        benches.dedup();
        return Err(Trouble::usage(format!("no cell is on {bench}: there are cells on {}", benches.join(", "))));
    }
    Ok(of)
}

/// The run and the cell in it. A folder whose own name has a `#` is that folder.
fn parted(name: &str) -> (&Path, Option<&str>) {
    match name.split_once('#') {
        Some((run, cell)) if !Path::new(name).is_dir() => (Path::new(run), Some(cell)),
        _ => (Path::new(name), None),
    }
}

fn cells_of(folder: &RunFolder, wanted: Option<&str>) -> Result<Vec<CellData>, Trouble> {
    let run = folder.path().display().to_string();
    let text = folder.needed(ITEMS)?;
    let mut cells = parse_cells(&run, &text)
        .map_err(|problem| Trouble::usage(format!("{}: {problem}", folder.file(ITEMS).display())))?;
    if let Some(report) = folder.report()? {
        for cell in &mut cells {
            let is_of = |other: &&CellReport| *other.judge == *cell.name.judge && *other.bench == *cell.name.bench;
            cell.policy = report.cells.iter().find(is_of).map(|cell| cell.policy);
        }
    }
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
