//! Verdicts that are numbers: one for the one answer that is shown, or one for each slot.

use std::ops::Range;

use regex::{Captures, Regex};

use super::number::{Numbers, whole_number};
use super::reading::{Reading, Reason, Verdict};
use super::take::Take;

/// One number. Without a pattern it is the whole reply.
#[derive(Clone, Debug)]
pub(super) struct ScoreRule {
    pub(super) patterns: Vec<Regex>,
    pub(super) take: Take,
    pub(super) numbers: Numbers,
}

impl ScoreRule {
    pub(super) fn read(&self, text: &str) -> Reading {
        let score = |score: f64| Reading::from(Verdict::Score(score));
        if self.patterns.is_empty() {
            return match self.numbers.read(text) {
                Err(reason) => reason.into(),
                Ok(number) => Reading { span: Some(0..text.len()), ..score(number) },
            };
        }
        match self.take.from(text, &self.patterns, |text, found| number(text, found, 1, &self.numbers)) {
            Err(reason) => reason.into(),
            Ok((None, _)) => Reason::OutOfRange.into(),
            Ok((Some(number), span)) => Reading { span: Some(span), ..score(number) },
        }
    }
}

/// A number for each slot.
#[derive(Clone, Debug)]
pub(super) struct ScoresRule {
    pub(super) pattern: Regex,
    /// Which match counts, with a group for each slot; `None` with one group, of which every match counts.
    pub(super) take: Option<Take>,
    pub(super) numbers: Numbers,
}

impl ScoresRule {
    /// For how many slots it has groups; `None` where any number will do.
    pub(super) fn slots(&self) -> Option<usize> {
        self.take.map(|_| self.pattern.captures_len() - 1)
    }

    pub(super) fn read(&self, text: &str, slots: usize) -> Reading {
        match self.take {
            Some(take) => {
                let read = |text: &str, found: &Captures<'_>| numbers(text, found, &self.numbers);
                match take.from(text, std::slice::from_ref(&self.pattern), read) {
                    Err(reason) => reason.into(),
                    Ok((numbers, span)) => Reading { span: Some(span), ..preferred(&numbers, slots) },
                }
            }
            None => self.read_all(text, slots),
        }
    }

    fn read_all(&self, text: &str, slots: usize) -> Reading {
        let found: Vec<Captures<'_>> =
            self.pattern.captures_iter(text).filter(|found| found.get(1).is_some()).take(slots + 1).collect();
        if found.len() != slots {
            return if found.len() > slots { Reason::ConflictingLabels } else { Reason::NoLabel }.into();
        }
        let (numbers, spans): (Vec<_>, Vec<_>) =
            found.iter().map(|found| number(text, found, 1, &self.numbers)).unzip();
        let ends = spans.first().zip(spans.last());
        Reading { span: ends.map(|(first, last)| first.start..last.end), ..preferred(&numbers, slots) }
    }
}

/// The number in a group of a match, if it is a score, and where it stands.
fn number(text: &str, found: &Captures<'_>, group: usize, numbers: &Numbers) -> (Option<f64>, Range<usize>) {
    let Some((matched, captured)) = found.get(0).zip(found.get(group)) else { return (None, 0..0) };
    let whole = whole_number(text, captured.range(), &matched.range());
    (numbers.read(&text[whole.clone()]).ok(), whole)
}

/// The numbers in all groups of a match, and from where to where they stand.
fn numbers(text: &str, found: &Captures<'_>, numbers: &Numbers) -> (Vec<Option<f64>>, Range<usize>) {
    let read: Vec<_> = (1..found.len()).map(|group| number(text, found, group, numbers)).collect();
    let start = read.iter().map(|(_, at)| at.start).min().unwrap_or_default();
    let end = read.iter().map(|(_, at)| at.end).max().unwrap_or_default();
    (read.into_iter().map(|(number, _)| number).collect(), start..end)
}

/// The verdict of a number for each slot: the highest is preferred, equals share a place.
pub(super) fn preferred(numbers: &[Option<f64>], slots: usize) -> Reading {
    let scores: Option<Vec<f64>> = numbers.iter().copied().collect();
    let Some(scores) = scores.filter(|scores| scores.len() == slots) else { return Reason::OutOfRange.into() };
    let verdict = match scores[..] {
        [score] => Verdict::Score(score),
        _ => Verdict::of_places(places(&scores)),
    };
    Reading { scores, ..verdict.into() }
}

/// How many scores are higher, for each.
fn places(scores: &[f64]) -> Vec<u8> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let place = |score: &f64| sorted.partition_point(|other| other > score);
    scores.iter().map(|score| u8::try_from(place(score)).unwrap_or(u8::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_is_preferred_and_equals_share_a_place() {
        let verdict = |scores: &[f64]| {
            let numbers: Vec<_> = scores.iter().copied().map(Some).collect();
            preferred(&numbers, scores.len()).verdict.to_string()
        };
        assert_eq!(verdict(&[7.0]), "7");
        assert_eq!(verdict(&[7.0, 8.5]), "B");
        assert_eq!(verdict(&[7.0, 7.0]), "tie");
        assert_eq!(verdict(&[3.0, 9.0, 3.0, 1.0]), "B > A = C > D");
        assert_eq!(places(&[3.0, 9.0, 3.0, 1.0]), [1, 0, 1, 3]);
    }
}
