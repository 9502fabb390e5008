//! Which judgments are looked for.

use serde::{Deserialize, Serialize};

use crate::bench::Task;
use crate::score::Outcome;

/// Which judgments are looked for: those for which all that is said holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The path of the run.
    pub run: Option<String>,
    /// The judge's name.
    pub judge: Option<String>,
    /// The strategy's name.
    pub strategy: Option<String>,
    /// The benchmark's name.
    pub bench: Option<String>,
    /// A group path, with all below it.
    pub group: Option<String>,
    /// An item's id.
    pub item: Option<String>,
    /// The task of an item.
    pub task: Option<Task>,
    /// What the verdict is to the gold.
    pub outcome: Option<Outcome>,
    /// Why there is no verdict.
    pub reason: Option<String>,
    /// Verdicts that contradict each other.
    pub odd: Option<Odd>,
    /// The key of a cell: only judgments of others whose outcome is another than this cell's.
    pub against: Option<String>,
    /// Which of these.
    pub flip: Flip,
    /// Text that stands in it, in any case.
    pub text: Option<String>,
    /// Where the text is looked for.
    pub place: Place,
}

/// What contradicts a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Odd {
    /// Another cell, of the same order and sample.
    Cells,
    /// The same cell in another order.
    Orders,
    /// The same cell and order, in another sample.
    Samples,
}

impl Odd {
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Which differences from another cell are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flip {
    /// Another outcome.
    #[default]
    Any,
    /// Right, where the other cell is not.
    Won,
    /// Not right, where the other cell is.
    Lost,
}

/// Where a text is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In conversations, answers and replies.
    #[default]
    All,
    /// In replies of judges.
    Reply,
    /// In conversations and answers.
    Texts,
}
