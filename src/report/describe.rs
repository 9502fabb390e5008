//! What a run says of its benchmark and plan before it asks anything.

use std::collections::HashSet;

use super::json::CellReport;
use super::text::{count, counted, plain, share};
use crate::ask::Form;
use crate::bench::{Bench, Task};
use crate::plan::{Orders, Plan};
use crate::run::{Alarm, Cell};
use crate::score::smallest_difference;

/// The most characters of a reply that are shown.
const EXCERPT: usize = 300;

/// The most missing files that are named.
const MOST_MISSING: usize = 6;

/// How much of the benchmark was read.
#[must_use]
pub fn coverage_line(bench: &Bench) -> String {
    let of = |task: Task| bench.items.iter().filter(|item| item.task == task).count();
    let (pairs, lists) = (of(Task::Pairwise), of(Task::Bon));
    let Some(catalog) = bench.catalog else {
        return format!(
            "{}: {}, {} ({}, {})",
            bench.name,
            counted(bench.coverage.files, "file"),
            counted(bench.items.len(), "item"),
            counted(pairs, "pair"),
            counted(lists, "list")
        );
    };
    let known = |scenario: &&crate::bench::Scenario| bench.groups.iter().any(|group| **group == *scenario.group);
    let scenarios = catalog.scenarios.iter().filter(known).count();
    let sum = |part: fn(&crate::bench::Scenario) -> usize| count(catalog.scenarios.iter().map(part).sum::<usize>());
    format!(
        "{}: {} of {} files, {scenarios} of {} scenarios, {} of {} pairs, {} of {} lists",
        bench.name,
        bench.coverage.files,
        bench.coverage.files_of,
        catalog.scenarios.len(),
        count(pairs),
        sum(|scenario| scenario.pairs),
        count(lists),
        sum(|scenario| scenario.lists)
    )
}

/// The files of the whole benchmark that are not here, where they are few enough to name.
#[must_use]
pub fn missing_line(bench: &Bench) -> Option<String> {
    let catalog = bench.catalog?;
    let here: HashSet<(Task, &str)> =
        bench.items.iter().map(|item| (item.task, bench.group(item.group).as_ref())).collect();
    let absent = |task: Task| {
        let groups = catalog.scenarios.iter().map(|scenario| scenario.group);
        let here = &here;
        groups
            .filter(move |group| !here.contains(&(task, *group)))
            .map(move |group| format!("{group} ({})", task.label()))
    };
    let names: Vec<String> = absent(Task::Pairwise).chain(absent(Task::Bon)).collect();
    (1..=MOST_MISSING).contains(&names.len()).then(|| format!("not here: {}", names.join(", ")))
}

/// What a part of a benchmark that was taken by `--limit` can show.
#[must_use]
pub fn limit_line(bench: &Bench) -> String {
    let conversations: HashSet<_> = bench.items.iter().map(|item| item.conversation).collect();
    let difference = smallest_difference(conversations.len()).map_or_else(String::new, |difference| {
        format!("; two judges must differ by about {difference:.2} to be told apart (80% power, if they disagree on a quarter)")
    });
    format!(
        "limited to {} in {}{difference}",
        counted(bench.items.len(), "item"),
        counted(conversations.len(), "conversation")
    )
}

/// Why a cell was stopped by its canary: what was looked for, and some of the replies that do not hold it.
#[must_use]
pub fn alarm_text(cell: &Cell<'_>, alarm: &Alarm) -> String {
    let strategy = cell.strategy.map_or("", |strategy| strategy.name.as_str());
    let rule = cell.strategy.map(|strategy| strategy.rule.to_string()).unwrap_or_default();
    let replies = alarm.examples.iter().map(|(reason, text)| {
        let shown = plain(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        let end = shown.char_indices().nth(EXCERPT).map_or(shown.len(), |(end, _)| end);
        let more = if end < shown.len() { "..." } else { "" };
        format!("\n{}: {}{more}", reason.as_str(), &shown[..end])
    });
    format!(
        "judge `{}` with strategy `{strategy}` on {}: {} of its first {} replies hold no verdict, so it is asked no more.\n\
         Looked for: {rule}. Some of them:{}\nMend the strategy, or go on with --no-canary",
        cell.judge.name,
        cell.bench.name,
        alarm.unparsed,
        alarm.heard,
        replies.collect::<String>()
    )
}

/// One reply in so many that is cut off is told of.
const FEW: u64 = 50;

/// What to do where more than 2 % of a cell's replies were ended by the token limit.
#[must_use]
pub fn truncated_line(report: &CellReport, cell: &Cell<'_>) -> Option<String> {
    let cut = report.unparsed.get("truncated").copied().unwrap_or_default();
    let strategy = cell.strategy.filter(|_| FEW * cut > report.usage.answered as u64)?;
    let sampling = &strategy.sampling;
    let limit = match (sampling.max_completion_tokens, sampling.max_tokens) {
        (Some(limit), _) => format!("max_completion_tokens = {limit}"),
        (None, Some(limit)) => format!("max_tokens = {limit}"),
        (None, None) => "the endpoint's own limit: set max_tokens".to_owned(),
    };
    Some(format!(
        "{} / {}: {} of {} replies were cut off before their verdict, and count as unparsed: raise {limit} in the strategy's [sampling]; a judge that \
         thinks before it replies needs thousands",
        report.judge,
        strategy.name,
        count(cut),
        count(report.usage.answered)
    ))
}

/// Why a cell was asked no more: it is known well enough.
#[must_use]
pub fn precision_line(cell: &CellReport, asks: usize) -> String {
    let strategy = cell.strategy.as_ref().map_or_else(String::new, |name| format!(" / {name}"));
    let known = cell.precision.map_or_else(String::new, |known| {
        format!(
            ", {} to {} from {} of {} conversations",
            share(known.ci95[0]),
            share(known.ci95[1]),
            count(known.conversations),
            count(known.of)
        )
    });
    let spared = asks.saturating_sub(cell.usage.answered);
    format!("{}{strategy} on {}: known well enough{known}; {} spared", cell.judge, cell.bench, counted(spared, "ask"))
}

/// How the items' judgements become distinct asks.
#[must_use]
pub fn plan_lines(bench: &Bench, plan: &Plan) -> Vec<String> {
    let of = |task: Task| plan.legs.iter().filter(|leg| bench.items[leg.item].task == task).count();
    let equal = plan.comparisons.iter().filter(|comparison| comparison.is_equal()).count();
    let distinct = plan.comparisons.len();
    let (pairs, lists) = (of(Task::Pairwise), of(Task::Bon));
    let (judged, units, why) = match plan.form {
        Form::Pairwise => ("judgements", "comparisons", "a comparison that stands in pairs and lists is asked once"),
        Form::Listwise => ("lists", "lists", "items of the same texts share one"),
        Form::Pointwise => ("answers", "answers", "an answer that stands in several items is asked about once"),
    };
    let is_told = plan.form != Form::Pairwise || (pairs > 0 && lists > 0);
    let why = if is_told { format!(": {why}") } else { String::new() };
    let mut lines = vec![format!(
        "{} {judged} ({} of pairs, {} of lists) are {} distinct {units}{why}",
        count(pairs + lists),
        count(pairs),
        count(lists),
        count(distinct)
    )];
    let equal_texts =
        if equal == 0 { String::new() } else { format!("{} of equal texts are ties by definition; ", count(equal)) };
    let times = times(plan);
    let to_ask = count(distinct - equal);
    let asks = if times.is_empty() {
        format!("{to_ask} distinct asks a judge")
    } else {
        format!("{to_ask} to ask: {} distinct asks{times} a judge", count(plan.ask_count()))
    };
    lines.push(format!("{equal_texts}{asks}"));
    lines
}

/// In which orders and how often each comparison is asked, where that is more than once.
fn times(plan: &Plan) -> String {
    let orders = match (plan.form, plan.orders) {
        (Form::Pointwise, _) | (_, Orders::Seeded) => "",
        (Form::Pairwise, Orders::Both) => " in both orders",
        (Form::Listwise, Orders::Both) => " in every rotation",
    };
    if plan.samples == 1 { orders.to_owned() } else { format!("{orders} of {} samples", plan.samples) }
}
