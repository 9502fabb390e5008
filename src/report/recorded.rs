//! `judgments.jsonl` read back: verdicts read again by another rule, replies written down as recordings.

use std::collections::BTreeMap;

use serde::Serialize;

use super::judgments::words;
use crate::across::JudgmentLine;
use crate::ask::{Reply, Usage};
use crate::strategy::Strategy;

/// What reading all verdicts of a run again has shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reread {
    /// Replies that were read.
    pub replies: usize,
    /// Each verdict that changed, in a line.
    pub changes: Vec<String>,
    /// How often each verdict or reason became which other one.
    pub counts: BTreeMap<(String, String), usize>,
}

/// Reads the replies of a run's judgments again, each by the rule of the strategy that `strategy_of` gives for a strategy's name. `Err` says what is
/// wrong.
pub fn reread<'a>(judgments: &str, strategy_of: impl Fn(&str) -> Option<&'a Strategy>) -> Result<Reread, String> {
    let mut reread = Reread::default();
    for line in JudgmentLine::all(judgments) {
        let (_, line) = line.map_err(|error| format!("judgments.jsonl, {error}"))?;
        let (Some(text), Some(name), Some(item)) = (line.reply(), line.strategy(), line.items.first()) else {
            continue;
        };
        let Some(strategy) = strategy_of(name) else { continue };
        if strategy.rule.needs_logprobs() {
            return Err(format!(
                "strategy {}: it reads log-probabilities, which judgments.jsonl does not hold: run it again, with --offline",
                strategy.name
            ));
        }
        reread.replies += 1;
        let reply = Reply { text, finish_reason: line.finish_reason().map(str::to_owned), ..Reply::default() };
        let verdict = strategy.rule.read(&reply, item.shown.len()).verdict;
        let (word, _, reason) = words(Some(&verdict), false);
        let now = word.or_else(|| reason.map(str::to_owned)).unwrap_or_default();
        // What a reply without its text says, such as a refusal, was told beside it.
        let before = line.verdict().or(line.reason()).unwrap_or_default().to_owned();
        if now == before || (reply.text.is_empty() && reason.is_some()) {
            continue;
        }
        let shown: Vec<String> = item.shown.iter().map(ToString::to_string).collect();
        reread.changes.push(format!(
            "{} / {name}: {} shown as {}, sample {}: {before} -> {now}",
            line.judge,
            item.id,
            shown.join(","),
            line.sample
        ));
        *reread.counts.entry((before, now)).or_default() += 1;
    }
    Ok(reread)
}

#[derive(Serialize)]
struct Record<'a> {
    item: &'a str,
    step: Option<&'a str>,
    order: &'a [usize],
    sample: u32,
    reply: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

/// Which judgments of a run are wanted: those of a judge, of a strategy, or all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The judge's name; any, where there is none.
    pub judge: Option<&'a str>,
    /// The strategy's name; any and none, where there is none.
    pub strategy: Option<&'a str>,
}

impl Wanted<'_> {
    /// Whether something is left out.
    pub(super) fn is_narrowed(&self) -> bool {
        self.judge.is_some() || self.strategy.is_some()
    }

    /// Whether a judgment is among them.
    #[must_use]
    pub fn has(&self, line: &JudgmentLine<'_>) -> bool {
        self.judge.is_none_or(|judge| judge == line.judge)
            && (self.strategy.is_none() || self.strategy == line.strategy())
    }
}

/// The replies of one judge and strategy of a run as recorded replies, a line each; all, where the run has no other. `Err` says what is wrong.
pub fn recorded_replies(judgments: &str, wanted: Wanted<'_>) -> Result<String, String> {
    let mut cells: Vec<(String, Option<String>)> = Vec::new();
    let mut text = String::new();
    for line in JudgmentLine::all(judgments) {
        let (_, line) = line.map_err(|error| format!("judgments.jsonl, {error}"))?;
        let (true, Some(reply), Some(item)) = (wanted.has(&line), line.reply(), line.items.first()) else { continue };
        let cell = (line.judge.to_string(), line.strategy().map(str::to_owned));
        if !cells.contains(&cell) {
            cells.push(cell);
        }
        let record = Record {
            item: &item.id,
            step: None,
            order: &item.shown,
            sample: line.sample,
            reply: &reply,
            finish_reason: line.finish_reason(),
            usage: line.usage,
        };
        text += &serde_json::to_string(&record).map_err(|error| error.to_string())?;
        text.push('\n');
    }
    match cells.as_slice() {
        [] if !wanted.is_narrowed() => Err("it holds no replies: nothing was asked, or nothing answered".to_owned()),
        [] => Err("no replies of that judge and strategy are in it: check --judge and --strategy".to_owned()),
        [_] => Ok(text),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|(judge, strategy)| format!("{judge} / {}", strategy.as_deref().unwrap_or("-")))
                .collect();
            Err(format!("it has replies of {}: choose one with --judge and --strategy", names.join(", ")))
        }
    }
}
