//! One item as a terminal shows it: what came of it first, then the texts, then what each judge said.

use std::fmt::Write as _;

use super::table::{Width, wrapped};
use super::text::{counted, judge_and_strategy, plain, share};
use crate::across::ItemLine;
use crate::cases::{Answer, Case, Link, Opinion};
use crate::score::Outcome;

/// How what was read as the verdict is set apart.
const MARK: anstyle::Style = anstyle::Style::new().bold().underline();

/// An item: the cases of its comparisons, and what it came to as a whole in each cell.
#[must_use]
pub fn item_text(id: &str, cases: &[Case], scores: &[ItemLine<'_>], width: Width) -> String {
    let Some(first) = cases.first() else { return String::new() };
    let item = first.items.iter().find(|item| item.id == id);
    let mut text = wrapped(&format!("{}: {}", plain(id), conclusion(id, cases)), 2, width);
    if let Some(item) = item {
        text += &wrapped(&format!("{}, {}", plain(&item.group), item.task.label()), 2, width);
    }
    if !scores.is_empty() {
        let scores: Vec<String> = scores.iter().map(score).collect();
        text += &wrapped(&format!("score of the item: {}", scores.join("; ")), 2, width);
    }
    for speech in &first.conversation {
        text += &rule(speech.role, width);
        text += &foreign(&speech.text, width);
    }
    let mut answers: Vec<&Answer> = cases.iter().flat_map(|case| &case.answers).collect();
    answers.sort_by_key(|answer| answer.candidate);
    answers.dedup_by_key(|answer| answer.candidate);
    for answer in answers {
        text += &rule(&title(answer), width);
        text += &foreign(answer.text.as_deref().unwrap_or("(its text is not at hand)"), width);
    }
    for case in cases {
        text += &rule(&heading(id, case), width);
        if let Some(reply) = &case.said.reply {
            let mark = if reply.mark.is_empty() {
                String::new()
            } else {
                format!("{MARK}\u{bb}{}\u{ab}{MARK:#}", plain(&reply.mark))
            };
            text += &foreign_around([&reply.before, &reply.after], &mark, width);
        }
    }
    text
}

/// What an item came to in a cell: its score, and the outcome in each order.
fn score(item: &ItemLine<'_>) -> String {
    let outcomes: Vec<&str> = item.outcomes.iter().map(|outcome| outcome.as_str()).collect();
    let outcomes = if outcomes.is_empty() { String::new() } else { format!(" ({})", outcomes.join(", ")) };
    let judge = judge_and_strategy(&item.judge, item.strategy.as_deref());
    format!("{judge} {}{outcomes}", item.score.map_or_else(|| "none".to_owned(), share))
}

fn conclusion(id: &str, cases: &[Case]) -> String {
    let of = |case: &Case| case.items.iter().find(|item| item.id == id).and_then(|item| item.outcome);
    let mut parts = vec![counted(cases.len(), "judgment")];
    for (outcome, word) in [
        (Some(Outcome::Right), "right"),
        (Some(Outcome::Wrong), "wrong"),
        (Some(Outcome::Tie), "tie"),
        (Some(Outcome::Unparsed), "unparsed"),
        (Some(Outcome::Failed), "failed"),
        (None, "scores of single answers"),
    ] {
        let n = cases.iter().filter(|case| of(case) == outcome).count();
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    parts.join(", ")
}

fn title(answer: &Answer) -> String {
    let best = if answer.is_best == Some(true) { ", the gold" } else { "" };
    let model = answer.model.as_ref().map_or_else(String::new, |model| format!(", by {}", plain(model)));
    format!("answer {}{best}{model}", answer.candidate)
}

/// Which judge was shown what, and what it said, in a line.
fn heading(id: &str, case: &Case) -> String {
    let Opinion { judge, strategy, link: Link { order, sample, .. }, .. } = &case.said;
    let shown: Vec<String> =
        case.answers.iter().map(|answer| format!("{} {}", answer.slot, answer.candidate)).collect();
    let mut text = format!("{}: {}", judge_and_strategy(judge, strategy.as_deref()), verdict(id, case));
    let _ = write!(text, " (shown as {}; order {order}, sample {sample})", shown.join(", "));
    text
}

fn verdict(id: &str, case: &Case) -> String {
    let said = &case.said;
    let outcome = case.items.iter().find(|item| item.id == id).and_then(|item| item.outcome);
    let word = said.verdict.as_deref().or(said.reason.as_deref()).map_or_else(|| "nothing".to_owned(), plain);
    let sure = said.preference.map_or_else(String::new, |first| format!(", first slot {:.0}%", first * 100.0));
    match outcome {
        Some(Outcome::Right) => format!("{word}{sure}, right"),
        Some(Outcome::Wrong) => format!("{word}{sure}, wrong"),
        Some(Outcome::Tie) => format!("{word}{sure}, a tie"),
        Some(Outcome::Unparsed) => format!("unparsed, {word}"),
        Some(Outcome::Failed) => "failed".to_owned(),
        None => format!("{word}{sure}"),
    }
}

/// A line across the terminal with words in it.
fn rule(words: &str, width: Width) -> String {
    let text = wrapped(&format!("\u{2500}\u{2500} {words}"), 3, width);
    format!("\n{text}")
}

/// Foreign text, line by line, so that none of it steers the terminal.
fn foreign(text: &str, width: Width) -> String {
    text.lines().map(|line| wrapped(&plain(line), 0, width)).collect()
}

/// Foreign text around what is marked in it.
fn foreign_around([before, after]: [&str; 2], mark: &str, width: Width) -> String {
    let (before, last) = before.rsplit_once('\n').map_or(("", before), |(before, last)| (before, last));
    let (first, after) = after.split_once('\n').unwrap_or((after, ""));
    let line = format!("{}{mark}{}", plain(last), plain(first));
    [foreign(before, width), wrapped(&line, 0, width), foreign(after, width)].concat()
}
