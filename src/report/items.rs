//! `items.jsonl`: what each item came to, cell by cell, in the order of the benchmark. What compares runs reads it.

use std::io::{self, Write};

use crate::across::ItemLine;
use crate::bench::{Bench, Item};
use crate::digest::{Digest, Fields};
use crate::run::Cell;
use crate::score::ItemScore;

/// How many digits of a conversation's hash tell it from others.
const DIGITS: usize = 16;

/// Writes a line for each item of a cell.
pub fn write_items(out: &mut impl Write, cell: &Cell<'_>, scores: &[ItemScore]) -> io::Result<()> {
    let conversations = cell.bench.conversation_hashes();
    for (item, score) in cell.bench.items.iter().zip(scores) {
        let line = ItemLine {
            bench: (&*cell.bench.name).into(),
            judge: (&*cell.judge.name).into(),
            strategy: cell.strategy.map(|strategy| (&*strategy.name).into()),
            id: (&*item.id).into(),
            task: item.task,
            group: cell.bench.group(item.group).as_ref().into(),
            conversation: conversations[item.conversation.0 as usize].short(DIGITS).into(),
            answers: answers(cell.bench, item).short(DIGITS).into(),
            score: score.score,
            outcomes: score.outcomes.clone(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A hash of an item's candidates, in their order, and of which are the best.
fn answers(bench: &Bench, item: &Item) -> Digest {
    let fields = Fields::new("tribunal answers v1").number(item.candidates.len() as u64);
    let fields = item.candidates.iter().fold(fields, |fields, candidate| fields.text(bench.texts.get(candidate.text)));
    item.best.iter().fold(fields, |fields, best| fields.number(*best as u64)).finish()
}
