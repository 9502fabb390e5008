//! The cells of runs as their folders hold them: what each item came to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bench::Task;
use crate::score::{Outcome, Policy};

/// A line of `items.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemLine<'a> {
    /// The benchmark's name.
    #[serde(borrow)]
    pub bench: Cow<'a, str>,
    /// The judge's name.
    #[serde(borrow)]
    pub judge: Cow<'a, str>,
    /// The strategy's name; null where there is none.
    #[serde(borrow)]
    pub strategy: Option<Cow<'a, str>>,
    /// The item's id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Its task.
    pub task: Task,
    /// Its group path.
    #[serde(borrow)]
    pub group: Cow<'a, str>,
    /// A hash of its conversation: the cluster.
    #[serde(borrow)]
    pub conversation: Cow<'a, str>,
    /// A hash of its candidates and of which are the best.
    #[serde(borrow)]
    pub answers: Cow<'a, str>,
    /// In [0, 1]; null where it failed or was dropped.
    pub score: Option<f64>,
    /// The outcome in each order.
    pub outcomes: Vec<Outcome>,
}

/// Which cell of which run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct CellName {
    /// The run, as it was named.
    pub run: Arc<str>,
    /// The judge's name.
    pub judge: Arc<str>,
    /// The strategy's name; `None` where there is none.
    pub strategy: Option<Arc<str>>,
    /// The benchmark's name.
    pub bench: Arc<str>,
}

impl fmt::Display for CellName {
    /// `judge / strategy`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.strategy {
            Some(strategy) => write!(f, "{} / {strategy}", self.judge),
            None => f.write_str(&self.judge),
        }
    }
}

/// What an item came to in a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellItem {
    /// Its id.
    pub id: Arc<str>,
    /// Its task.
    pub task: Task,
    /// Its group path.
    pub group: Arc<str>,
    /// A hash of its conversation.
    pub conversation: Arc<str>,
    /// A hash of its candidates and of which are the best.
    pub answers: Arc<str>,
    /// In [0, 1]; `None` where it failed or was dropped.
    pub score: Option<f64>,
    /// The outcome in each order.
    pub outcomes: Vec<Outcome>,
}

/// A cell as its run's folder holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct CellData {
    /// Which it is.
    pub name: CellName,
    /// Its items, in the order of the benchmark.
    pub items: Vec<CellItem>,
    /// What ties and unparsed replies are worth in its scores; `None` where that is not known.
    pub policy: Option<Policy>,
}

/// The numbers of conversations, in the order in which they come: the clusters of statistics.
pub(super) struct Conversations<'a>(HashMap<&'a str, u32>);

impl<'a> Conversations<'a> {
    pub(super) fn of(items: impl IntoIterator<Item = &'a CellItem>) -> Self {
        let mut numbers = HashMap::new();
        for item in items {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            numbers.entry(&*item.conversation).or_insert(next);
        }
        Self(numbers)
    }

    /// The number of an item's conversation, one of those it was made of.
    pub(super) fn number(&self, item: &CellItem) -> u32 {
        self.0.get(&*item.conversation).copied().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A file that is no `items.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct CellsError {
    line: usize,
    problem: String,
}

/// The cells of a run, from the text of its `items.jsonl`; `run` is what the run is called.
pub fn parse_cells(run: &str, text: &str) -> Result<Vec<CellData>, CellsError> {
    let run: Arc<str> = run.into();
    let mut known: HashMap<String, Arc<str>> = HashMap::new();
    let mut shared = |word: &str| match known.get(word) {
        Some(word) => Arc::clone(word),
        None => Arc::clone(known.entry(word.to_owned()).or_insert_with(|| word.into())),
    };
    let mut cells: Vec<CellData> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line: ItemLine<'_> = serde_json::from_str(line)
            .map_err(|error| CellsError { line: number + 1, problem: format!("not what an item came to: {error}") })?;
        let is_of = |cell: &CellData| {
            let CellName { judge, strategy, bench, .. } = &cell.name;
            **judge == *line.judge && **bench == *line.bench && strategy.as_deref() == line.strategy.as_deref()
        };
        // Lines of a cell stand together.
        let place = cells.iter().rposition(is_of).unwrap_or_else(|| {
            let strategy = line.strategy.as_deref().map(&mut shared);
            let (judge, bench) = (shared(&line.judge), shared(&line.bench));
            cells.push(CellData {
                name: CellName { run: Arc::clone(&run), judge, strategy, bench },
                items: Vec::new(),
                policy: None,
            });
            cells.len() - 1
        });
        cells[place].items.push(CellItem {
            id: (&*line.id).into(),
            task: line.task,
            group: shared(&line.group),
            conversation: shared(&line.conversation),
            answers: (&*line.answers).into(),
            score: line.score,
            outcomes: line.outcomes,
        });
    }
    Ok(cells)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A cell of pairs, each with its conversation and score; ids are their places.
    pub(in crate::across) fn cell(judge: &str, items: &[(&str, Option<f64>)]) -> CellData {
        let item = |(at, (conversation, score)): (usize, &(&str, Option<f64>))| CellItem {
            id: at.to_string().into(),
            task: Task::Pairwise,
            group: "Side/Kind".into(),
            conversation: (*conversation).into(),
            answers: "".into(),
            score: *score,
            outcomes: Vec::new(),
        };
        let name = CellName { run: "run".into(), judge: judge.into(), strategy: None, bench: "bench".into() };
        CellData { name, items: items.iter().enumerate().map(item).collect(), policy: None }
    }

    #[test]
    fn a_run_is_read_cell_by_cell() {
        let line = |judge: &str, strategy: &str, id: &str| {
            format!(
                r#"{{"bench":"b","judge":"{judge}","strategy":{strategy},"id":"{id}","task":"bon","group":"G/H","conversation":"c","answers":"a","score":0.5,"outcomes":["right","tie"]}}"#
            ) + "\n"
        };
        let text = [line("j", "\"s\"", "1"), line("j", "\"s\"", "2"), line("j", "null", "1")].concat();
        let cells = parse_cells("r", &text).unwrap();
        let names: Vec<String> = cells.iter().map(|cell| cell.name.to_string()).collect();
        assert_eq!(names, ["j / s", "j"]);
        assert_eq!(cells[0].items[1].outcomes, [Outcome::Right, Outcome::Tie]);
        assert_eq!(parse_cells("r", "{").unwrap_err().line, 1);
    }
}
