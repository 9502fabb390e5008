//! Where each judge is weak: its scenarios by side and category.

use super::draw::{Axis, Dot, rows};
use super::figure::{Field, Figure, slug};
use super::names::Named;
use super::scores::{best_first, distinct};
use super::sections::Section;
use crate::bench::Task;
use crate::report::json::CellReport;
use crate::report::text::{plain, share};
use crate::score::{Record, deepest};

/// Figures that are shown to those who open them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Folded {
    /// What they show.
    pub(crate) summary: String,
    /// The figures.
    pub(crate) figures: Vec<Figure>,
}

/// A scenario and where it belongs.
struct Scenario<'a> {
    record: &'a Record,
    side: String,
    category: String,
    name: String,
    /// The score of its category; its own where it has none.
    of_category: f64,
}

/// The section of all cells: the best one's scenarios are shown, those of the others folded.
pub(super) fn scenarios(cells: &[Named<'_>]) -> Result<Option<Section>, String> {
    let best = best_first(cells)
        .first()
        .map_or(0, |(best, ..)| cells.iter().position(|named| std::ptr::eq(named, *best)).unwrap_or_default());
    let mut shown = Vec::new();
    let mut folded = Vec::new();
    for (at, named) in cells.iter().enumerate() {
        let figures = of_cell(at, named)?;
        if at == best {
            shown = figures;
        } else if !figures.is_empty() {
            folded.push(Folded { summary: format!("The scenarios of {}", named.name), figures });
        }
    }
    if shown.is_empty() && folded.is_empty() {
        return Ok(None);
    }
    let title = "Where is each of them weak?".to_owned();
    Ok(Some(Section { id: "scenarios".to_owned(), title, figures: shown, folded }))
}

fn of_cell(at: usize, named: &Named<'_>) -> Result<Vec<Figure>, String> {
    let of_task = |task| of_task(at, named, task);
    [Task::Pairwise, Task::Bon].into_iter().filter_map(of_task).collect()
}

fn of_task(at: usize, named: &Named<'_>, task: Task) -> Option<Result<Figure, String>> {
    let scenarios = sorted(named.cell, task);
    if scenarios.len() < 2 {
        return None;
    }
    let mut sides: Vec<&str> = scenarios.iter().map(|scenario| scenario.side.as_str()).collect();
    sides.dedup();
    let chance = (task == Task::Pairwise).then_some(0.5);
    let mut dots: Vec<Dot> = Vec::new();
    let mut before = None;
    for scenario in &scenarios {
        let is_new = before != Some(&scenario.side);
        before = Some(&scenario.side);
        dots.push(Dot {
            group: scenario.category.clone(),
            name: scenario.name.clone(),
            value: scenario.record.score.unwrap_or_default(),
            ci95: scenario.record.ci95,
            reference: chance,
            series: sides.iter().position(|side| *side == scenario.side).unwrap_or_default(),
            note: String::new(),
            heading: is_new.then(|| scenario.side.clone()),
        });
    }
    let table = scenarios.iter().map(|Scenario { record, .. }| {
        vec![
            Field::Text(plain(&record.group)),
            Field::Count(record.n as u64),
            Field::Count(record.scored as u64),
            Field::Share(record.score),
            Field::Interval(record.ci95),
        ]
    });
    Some(Figure::new(
        &format!("scenarios-{}-{}-{task}", at + 1, slug(&named.name)),
        &format!("{}: {}", named.name, task.label()),
        &caption(&scenarios, chance),
        rows(&dots, &Axis::between("score", 0.0, 1.0)),
        &["scenario", "items", "scored", "score", "95 % interval"],
        table.collect(),
    ))
}

fn caption(scenarios: &[Scenario<'_>], chance: Option<f64>) -> String {
    let by_score = |one: &&Scenario<'_>, other: &&Scenario<'_>| {
        one.record.score.unwrap_or_default().total_cmp(&other.record.score.unwrap_or_default())
    };
    let told = |scenario: Option<&Scenario<'_>>| {
        scenario.map_or_else(String::new, |scenario| {
            format!("{} ({})", scenario.name, share(scenario.record.score.unwrap_or_default()))
        })
    };
    let weakest = told(scenarios.iter().min_by(by_score));
    let strongest = told(scenarios.iter().max_by(by_score));
    let chance = if chance.is_some() { " The dashed line is a coin." } else { "" };
    format!(
        "Weakest in {weakest}, strongest in {strongest}. Each scenario with its 95 % interval, sorted within its side and category; where few items are, intervals are wide.{chance}"
    )
}

/// The scenarios of a task: sides as the report has them, categories and their scenarios from high to low.
fn sorted(cell: &CellReport, task: Task) -> Vec<Scenario<'_>> {
    let records = deepest(&cell.groups);
    let known = records.into_iter().filter(|record| record.task == task && record.score.is_some());
    let mut scenarios: Vec<Scenario<'_>> = known.map(|record| placed(record, cell)).collect();
    let sides = distinct(scenarios.iter().map(|scenario| scenario.side.clone()));
    let side = |scenario: &Scenario<'_>| sides.iter().position(|side| *side == scenario.side);
    scenarios.sort_by(|one, other| {
        let of_categories = other.of_category.total_cmp(&one.of_category);
        let of_scores = other.record.score.unwrap_or_default().total_cmp(&one.record.score.unwrap_or_default());
        side(one).cmp(&side(other)).then(of_categories).then(one.category.cmp(&other.category)).then(of_scores)
    });
    scenarios
}

fn placed<'a>(record: &'a Record, cell: &CellReport) -> Scenario<'a> {
    let own = record.score.unwrap_or_default();
    let (above, name) = record.group.rsplit_once('/').unwrap_or(("", &record.group));
    let (side, category) = above.split_once('/').unwrap_or((above, ""));
    let of_category = cell.groups.iter().find(|other| other.task == record.task && other.group == above);
    let of_category = of_category.and_then(|other| other.score).filter(|_| !category.is_empty()).unwrap_or(own);
    Scenario { record, side: plain(side), category: plain(category), name: plain(name), of_category }
}
