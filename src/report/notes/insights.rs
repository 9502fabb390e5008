//! How a judge leans and where it fails; each is told only where there is enough to tell.

use crate::report::json::CellReport;
use crate::report::text::{count, in_brackets, plain, share, signed};
use crate::score::{Confidence, ConfidenceSource, Length, Origin, Record, Scenarios, TaskScenarios, deepest};

/// Verdicts from which on a lean to length is told.
pub(in crate::report) const ENOUGH_VERDICTS: usize = 200;
/// Scenarios, and items in each, from which on their spread is told.
const ENOUGH: usize = 10;
/// The tenths of the cases of which a confidence is told: the surest fifth.
const SUREST_FIFTH: usize = 2;
/// How many of the worst scenarios are named.
const WORST: usize = 2;

/// What is told of length, confidence, scenarios and origin, each with its label.
pub(super) fn insights(cell: &CellReport) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    notes.extend(cell.length.as_ref().and_then(length).map(|note| ("length", note)));
    notes.extend(cell.confidence.as_ref().and_then(confidence).map(|note| ("confidence", note)));
    let spreads = cell.scenarios.iter().flat_map(|scenarios| told(scenarios, &cell.groups)).map(spread);
    notes.extend(spreads.enumerate().map(|(at, note)| (if at == 0 { "scenarios" } else { "" }, note)));
    let origins = cell.origin.iter().flat_map(origin);
    notes.extend(origins.enumerate().map(|(at, note)| (if at == 0 { "origin" } else { "" }, note)));
    notes
}

fn hundredths(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

fn length(length: &Length) -> Option<String> {
    let Length { n, longer_is_gold, prefers_longer, excess, coefficient, ci95, .. } = length;
    if *n < ENOUGH_VERDICTS {
        return None;
    }
    let slope = coefficient.map_or_else(String::new, |coefficient| {
        format!("; coefficient {}{}", signed(coefficient), in_brackets(*ci95, signed))
    });
    Some(format!(
        "longer answer preferred {} of {}, it is the gold in {}: {}{}{slope}",
        hundredths(prefers_longer.share),
        count(*n),
        hundredths(*longer_is_gold),
        signed(excess.difference),
        in_brackets(excess.ci95, signed)
    ))
}

fn confidence(confidence: &Confidence) -> Option<String> {
    let source = match confidence.source {
        ConfidenceSource::Logprobs => "log-probabilities",
        ConfidenceSource::VoteShare => "shares of votes",
        ConfidenceSource::ScoreGap => "score gaps",
    };
    let calibration = confidence.brier.zip(confidence.ece);
    let calibration = calibration.map_or_else(String::new, |(brier, error)| {
        format!("Brier {}, calibration error {}; ", share(brier), share(error))
    });
    let surest = confidence.coverage.get(SUREST_FIFTH - 1)?;
    let all = confidence.coverage.last()?;
    Some(format!(
        "{calibration}right {} at the surest fifth, {} in all of {} cases (by {source}; orders together, a tie half right)",
        share(surest.accuracy),
        share(all.accuracy),
        count(confidence.n)
    ))
}

/// The tasks with enough scenarios of enough items.
fn told<'a>(scenarios: &'a Scenarios, groups: &[Record]) -> Vec<&'a TaskScenarios> {
    let deepest = deepest(groups);
    let is_told = |task: &&TaskScenarios| {
        deepest.iter().filter(|record| record.task == task.task && record.scored >= ENOUGH).count() >= ENOUGH
    };
    scenarios.tasks.iter().filter(is_told).collect()
}

fn spread(scenarios: &TaskScenarios) -> String {
    let worst = scenarios
        .worst
        .iter()
        .take(WORST)
        .map(|worst| format!("{} {}{}", plain(&worst.group), share(worst.score), in_brackets(worst.ci95, share)));
    format!(
        "{}: sd {} over {} after sampling noise; worst: {}",
        scenarios.task.label(),
        share(scenarios.sd),
        count(scenarios.n),
        worst.collect::<Vec<_>>().join(", ")
    )
}

fn origin(origin: &Origin) -> Vec<String> {
    let own = origin.own.as_ref().map(|own| {
        format!(
            "worse answers of its own family ({}) preferred {} of {}, those of others {} of {}: {}{}",
            own.family,
            hundredths(own.own_preferred),
            count(own.n_own),
            hundredths(own.others_preferred),
            count(own.n_others),
            signed(own.difference),
            in_brackets(own.ci95, signed)
        )
    });
    let chosen = origin
        .golds_chosen_by
        .as_ref()
        .map(|_| "RMB's golds were made with GPT-4: mind it with a GPT judge".to_owned());
    own.into_iter().chain(chosen).collect()
}
