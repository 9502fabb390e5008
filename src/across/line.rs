//! A line of `judgments.jsonl`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ask::Usage;
use crate::bench::Task;
use crate::score::{Outcome, Stands};

/// A line of `judgments.jsonl`. The reply is left as it is written: it is most of the line, and seldom looked at.
#[derive(Debug, Deserialize)]
pub struct JudgmentLine<'a> {
    /// The benchmark's name.
    #[serde(borrow)]
    pub bench: Cow<'a, str>,
    /// The judge's name.
    #[serde(borrow)]
    pub judge: Cow<'a, str>,
    /// The strategy's name; `None` of a baseline.
    #[serde(borrow)]
    strategy: Option<Word<'a>>,
    /// The hash of the comparison's texts.
    #[serde(borrow)]
    pub hash: Cow<'a, str>,
    /// The items that hold the comparison.
    #[serde(borrow)]
    pub items: Vec<LineItem<'a>>,
    /// 0: the seeded order.
    pub order: u8,
    /// The number of the sample.
    pub sample: u32,
    /// The probability of the first slot against the second.
    pub preference: Option<f64>,
    #[serde(borrow)]
    verdict: Option<Word<'a>>,
    #[serde(borrow)]
    reason: Option<Word<'a>>,
    #[serde(borrow)]
    reply: Option<&'a RawValue>,
    #[serde(borrow)]
    finish_reason: Option<Word<'a>>,
    /// Tokens, as the endpoint counts them.
    pub usage: Option<Usage>,
}

/// What the comparison is to an item.
#[derive(Debug, Deserialize)]
pub struct LineItem<'a> {
    /// The item's id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Its task.
    pub task: Task,
    /// Its group path.
    #[serde(borrow)]
    pub group: Cow<'a, str>,
    /// Its candidate indexes in slots A, B, ...
    pub shown: Vec<usize>,
    /// What the verdict is to its gold.
    pub outcome: Option<Outcome>,
    /// What a single answer is to the item.
    pub stands: Option<Stands>,
}

/// A line that is no judgment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}: run the command of this run again: it asks nothing new and writes the file anew")]
pub struct LineError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// A text that is borrowed where it may be absent, which serde does of a `Cow` only where it may not.
#[derive(Debug, Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

fn text<'a>(word: Option<&'a Word<'_>>) -> Option<&'a str> {
    word.map(|word| &*word.0)
}

impl<'a> JudgmentLine<'a> {
    /// Reads the line of a number, counted from 1; `None` of an empty one.
    pub fn parse(text: &'a str, line: usize) -> Result<Option<Self>, LineError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        serde_json::from_str(text.trim_end()).map(Some).map_err(|error| {
            let problem = error.to_string();
            let problem = problem.replace(" at line 1 column", " at column");
            LineError { line, problem: format!("not a judgment: {problem}") }
        })
    }

    /// Reads the text of a file: each line with its number, counted from 1.
    pub fn all(text: &'a str) -> impl Iterator<Item = Result<(usize, Self), LineError>> {
        let parse = |(number, line)| Some(Self::parse(line, number).transpose()?.map(|line| (number, line)));
        (1..).zip(text.lines()).filter_map(parse)
    }

    /// The strategy's name; `None` of a baseline.
    #[must_use]
    pub fn strategy(&self) -> Option<&str> {
        text(self.strategy.as_ref())
    }

    /// The verdict in its word; `None` where there is none.
    #[must_use]
    pub fn verdict(&self) -> Option<&str> {
        text(self.verdict.as_ref())
    }

    /// Why there is no verdict, or why nothing was asked.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        text(self.reason.as_ref())
    }

    /// Why the reply ended.
    #[must_use]
    pub fn finish_reason(&self) -> Option<&str> {
        text(self.finish_reason.as_ref())
    }

    /// The reply; `None` where there is none.
    #[must_use]
    pub fn reply(&self) -> Option<String> {
        serde_json::from_str(self.reply?.get()).ok()
    }

    /// Where in its line the reply stands, as it is written, without its quotes: the first byte, and how many.
    /// `line` is the text that was parsed.
    #[must_use]
    pub fn reply_place(&self, line: &str) -> (usize, usize) {
        let Some(raw) = self.reply.map(RawValue::get).filter(|raw| raw.len() >= 2) else { return (0, 0) };
        // The reply is a part of the line: so its place is how far it begins behind the line's beginning.
        (raw.as_ptr() as usize - line.as_ptr() as usize + 1, raw.len() - 2)
    }
}
