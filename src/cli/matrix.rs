//! `tribunal matrix`: all cells of some runs as a leaderboard. `tribunal correlate`: their order against other numbers. Neither asks anything.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use clap::Args;

use super::shape::{Shape, json};
use super::{Exit, Trouble, cells, note, say};
use crate::across::{
    CellData, CellName, Correlation, Cost, Row, between_subsets, boards, correlation, matched, published, unplaced,
};
use crate::bench::RMB;
use crate::mistake::of_system;
use crate::report::{CellReport, Report, RunFolder, Width, correlate_table, matrix_table};

/// What `tribunal matrix` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal matrix runs/all\n  \
    tribunal matrix runs/gpt-4o runs/qwen runs/armorm --format json\n\n\
    The places of a cell are those that cannot be ruled out: differences item by item, conversations as units, adjusted for their number.")]
pub(super) struct MatrixArguments {
    /// Folders of runs, or cells of them
    #[arg(required = true, value_name = "RUN[#JUDGE[/STRATEGY]]")]
    cells: Vec<String>,
    /// Seed of the permutations
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    format: Shape,
}

/// What `tribunal correlate` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal correlate runs/all                         where they stand among the published scores of RMB\n  \
    tribunal correlate runs/all --with downstream.csv\n\n\
    FILE is CSV with the columns judge and value; a judge is named as in reports, or as `judge / strategy`.")]
pub(super) struct CorrelateArguments {
    /// Folders of runs, or cells of them
    #[arg(required = true, value_name = "RUN[#JUDGE[/STRATEGY]]")]
    cells: Vec<String>,
    /// A table of your own, such as what each judge is worth downstream
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
    /// Seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    format: Shape,
}

pub(super) fn matrix(arguments: &MatrixArguments) -> Result<Exit, Trouble> {
    let boards = boards(&with_costs(cells::chosen(&arguments.cells, None)?)?.0, arguments.seed)
        .map_err(|error| Trouble::usage(error.to_string()))?;
    match arguments.format {
        Shape::Table => say(&matrix_table(&boards, Width::of_terminal()))?,
        Shape::Json => say(&json(&boards)?)?,
    }
    Ok(Exit::Complete)
}

pub(super) fn correlate(arguments: &CorrelateArguments) -> Result<Exit, Trouble> {
    let (cells, partial) = with_costs(cells::chosen(&arguments.cells, None)?)?;
    let mut boards: BTreeMap<String, Vec<(CellData, Cost)>> = BTreeMap::new();
    for cell in cells {
        boards.entry(cell.0.name.bench.to_string()).or_default().push(cell);
    }
    let boards: Vec<(String, Vec<Row>)> = boards.into_iter().map(|(bench, cells)| (bench, unplaced(&cells))).collect();
    let mut found: Vec<Correlation> = Vec::new();
    if let Some(path) = &arguments.with {
        let values = table(path)?;
        for (bench, rows) in &boards {
            let what = format!("{bench} against {}", path.display());
            found.extend(correlation(&what, &matched(rows, &values), arguments.seed));
        }
        let is_known = |name: &str| {
            boards.iter().flat_map(|(_, rows)| rows).any(|row| *row.cell.judge == *name || row.cell.to_string() == name)
        };
        let unknown: Vec<&str> = values.keys().map(String::as_str).filter(|name| !is_known(name)).collect();
        if !unknown.is_empty() {
            note(&format!("{}: of no judge here: {}", path.display(), unknown.join(", ")));
        }
        if found.is_empty() {
            let problem = "fewer than three judges have both a score and a value, or all of them have the same";
            return Err(Trouble::usage(format!("{}: {problem}", path.display())));
        }
    }
    for (_, rows) in &boards {
        found.extend(between_subsets(rows, arguments.seed));
    }
    let rows: Vec<Row> = boards.into_iter().flat_map(|(_, rows)| rows).collect();
    let listed = if arguments.with.is_none() { published() } else { Vec::new() };
    match arguments.format {
        Shape::Table => say(&correlate_table(&rows, &listed, &found, &partial, Width::of_terminal()))?,
        Shape::Json => say(&json(&serde_json::json!({"rows": rows, "published": listed, "correlations": found}))?)?,
    }
    Ok(Exit::Complete)
}

/// A table of `judge,value`.
fn table(path: &Path) -> Result<BTreeMap<String, f64>, Trouble> {
    let wrong = |problem: String| Trouble::usage(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(of_system(&error)))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let column = |name: &str| {
        heads
            .iter()
            .position(|head| head == name)
            .ok_or_else(|| wrong(format!("no column `{name}`: expected judge,value")))
    };
    let (judge, value) = (column("judge")?, column("value")?);
    let mut values = BTreeMap::new();
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|error| wrong(error.to_string()))?;
        let (judge, text) = (row.get(judge).unwrap_or_default(), row.get(value).unwrap_or_default());
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| wrong(format!("row {}: `{text}` is no number", at + 1)))?;
        if values.insert(judge.to_owned(), number).is_some() {
            return Err(wrong(format!("row {}: `{judge}` stands twice", at + 1)));
        }
    }
    Ok(values)
}

/// Cells with what they used, and those of them that are not of the whole of RMB: what their runs' reports say.
type WithCosts = (Vec<(CellData, Cost)>, Vec<CellName>);

fn with_costs(cells: Vec<CellData>) -> Result<WithCosts, Trouble> {
    let mut reports: HashMap<String, Option<Report>> = HashMap::new();
    let mut partial = Vec::new();
    let mut found = Vec::new();
    for cell in cells {
        let run = cell.name.run.to_string();
        if !reports.contains_key(&run) {
            reports.insert(run.clone(), RunFolder::open(Path::new(&run))?.report()?);
        }
        let report = reports.get(&run).and_then(Option::as_ref);
        let of = report.into_iter().flat_map(|report| &report.cells).find(|other| {
            *other.judge == *cell.name.judge
                && other.strategy.as_deref() == cell.name.strategy.as_deref()
                && *other.bench == *cell.name.bench
        });
        let is_whole = |of: &CellReport| of.coverage.items == RMB.items() && of.is_whole();
        if !of.is_some_and(is_whole) {
            partial.push(cell.name.clone());
        }
        let cost = of.map_or_else(Cost::default, |of| Cost {
            asks: of.usage.asks,
            prompt_tokens: of.usage.prompt_tokens,
            completion_tokens: of.usage.completion_tokens,
            usd: of.usage.usd,
        });
        found.push((cell, cost));
    }
    Ok((found, partial))
}
