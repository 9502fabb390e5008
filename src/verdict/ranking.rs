//! Verdicts that name all slots in order of preference.

use std::ops::Range;

use regex::Regex;
use serde_json::Value;

use super::label::Labels;
use super::reading::{Reading, Reason, Verdict};
use super::take::Take;

/// A ranking in a reply's text: every match of the pattern is a slot's letter, the best first.
#[derive(Clone, Debug)]
pub(super) struct RankingRule {
    pub(super) pattern: Regex,
    /// Which of the matches are the ranking: the first or last ones, as many as there are slots; those of the last line; or all.
    pub(super) take: Take,
    /// How letters are read.
    pub(super) labels: Labels,
}

impl RankingRule {
    pub(super) fn read(&self, text: &str, slots: usize) -> Reading {
        let mut found = self.found(text);
        match self.take {
            Take::First => found.truncate(slots),
            Take::Last => drop(found.drain(..found.len().saturating_sub(slots))),
            Take::LastLine => {
                let last = found.last().map_or(0, |found| found.label.start);
                let line = text[..last].rfind('\n').map_or(0, |at| at + 1);
                found.retain(|found| found.label.start >= line);
            }
            Take::Only => {}
        }
        let Some((first, last)) = found.first().zip(found.last()) else { return Reason::NoLabel.into() };
        let span = first.label.start..last.label.end;
        match groups(text, &found).and_then(|groups| places(&groups, slots, &self.labels)) {
            Err(reason) => reason.into(),
            Ok(places) => Reading { span: Some(span), ..Verdict::of_places(places).into() },
        }
    }

    fn found(&self, text: &str) -> Vec<Found> {
        let found = self.pattern.captures_iter(text);
        found.filter_map(|found| Some(Found { matched: found.get(0)?.range(), label: found.get(1)?.range() })).collect()
    }
}

struct Found {
    matched: Range<usize>,
    label: Range<usize>,
}

/// The labels, those together between which an equals sign stands. What stands between two of them must not say that the second is
/// better.
fn groups<'t>(text: &'t str, found: &[Found]) -> Result<Vec<Vec<&'t str>>, Reason> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut end = None;
    for Found { matched, label } in found {
        let between = end.map_or("", |end| text.get(end..matched.start).unwrap_or_default());
        let (greater, less, equal) = (between.contains('>'), between.contains('<'), between.contains('='));
        match groups.last_mut() {
            Some(_) if less && !greater => return Err(Reason::ConflictingLabels),
            Some(group) if equal && !greater => group.push(&text[label.clone()]),
            _ => groups.push(vec![&text[label.clone()]]),
        }
        end = Some(matched.end);
    }
    Ok(groups)
}

/// The place of each slot, from groups of labels in order of preference.
fn places(groups: &[Vec<&str>], slots: usize, labels: &Labels) -> Result<Vec<u8>, Reason> {
    let mut places = vec![None; slots];
    let mut better = 0;
    for group in groups {
        for label in group {
            let slot = labels.slot(label.trim(), slots).ok_or(Reason::OutOfRange)?;
            if places[slot].replace(better).is_some() {
                return Err(Reason::ConflictingLabels);
            }
        }
        better = u8::try_from(usize::from(better) + group.len()).unwrap_or(u8::MAX);
    }
    places.into_iter().collect::<Option<Vec<u8>>>().filter(|places| places.len() > 1).ok_or(Reason::NoLabel)
}

/// The ranking in a value of JSON: a list of letters, in which equals stand together in a list of their own, or a text such as
/// `B > A = C`.
pub(super) fn of_value(value: &Value, slots: usize, labels: &Labels) -> Reading {
    let groups: Option<Vec<Vec<&str>>> = match value {
        Value::String(text) => Some(text.split('>').map(|group| group.split('=').collect()).collect()),
        Value::Array(entries) => entries.iter().map(group).collect(),
        _ => None,
    };
    match groups.ok_or(Reason::OutOfRange).and_then(|groups| places(&groups, slots, labels)) {
        Err(reason) => reason.into(),
        Ok(places) => Verdict::of_places(places).into(),
    }
}

fn group(entry: &Value) -> Option<Vec<&str>> {
    match entry {
        Value::String(label) => Some(vec![label]),
        Value::Array(labels) => labels.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
