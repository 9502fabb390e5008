//! A verdict that is a label: what it means, and how it is found.

use std::collections::BTreeMap;

use regex::{Captures, Regex};

use super::reading::{Reading, Reason, Verdict};
use super::rule::{Meaning, Preference};
use super::slot::slot_of;
use super::take::Take;

/// What labels mean.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    /// Those that are listed, in capitals where case does not matter.
    pub(super) listed: BTreeMap<String, Meaning>,
    /// Whether case matters not.
    pub(super) fold: bool,
}

impl Labels {
    pub(super) fn case(&self, label: &str) -> String {
        if self.fold { label.to_uppercase() } else { label.to_owned() }
    }

    /// The verdict of a label. Where none is listed, and in lists where this one is not, the letters of slots name slots.
    pub(super) fn verdict(&self, label: &str, slots: usize) -> Verdict {
        let label = self.case(label);
        if let Some(meaning) = self.listed.get(&label) {
            return (*meaning).into();
        }
        let names_slots = self.listed.is_empty() || slots > 2;
        let slot = self.slot(&label, slots).filter(|_| names_slots).and_then(|slot| u8::try_from(slot).ok());
        slot.map_or(Verdict::Unparsed(Reason::OutOfRange), Verdict::slot)
    }

    /// The slot that a label names by its letter.
    pub(super) fn slot(&self, label: &str, slots: usize) -> Option<usize> {
        slot_of(&self.case(label)).filter(|slot| *slot < slots)
    }

    pub(super) fn can_mean(&self, preference: Preference) -> bool {
        let names_slots = self.listed.is_empty() && preference != Preference::Tie;
        names_slots || self.listed.values().any(|meaning| meaning.is == preference)
    }

    /// The labels, for people.
    pub(super) fn words(&self) -> String {
        if self.listed.is_empty() {
            return "the letters of the slots".to_owned();
        }
        let labels: Vec<&str> = self.listed.keys().map(String::as_str).collect();
        format!("labels {}", labels.join(", "))
    }
}

/// A label, captured by the first group of the first pattern that matches anywhere.
#[derive(Clone, Debug)]
pub(super) struct LabelRule {
    pub(super) patterns: Vec<Regex>,
    pub(super) take: Take,
    pub(super) labels: Labels,
}

impl LabelRule {
    pub(super) fn read(&self, text: &str, slots: usize) -> Reading {
        let captured = |_: &str, found: &Captures<'_>| {
            found.get(1).map_or_else(Default::default, |group| (self.labels.case(group.as_str()), group.range()))
        };
        match self.take.from(text, &self.patterns, captured) {
            Err(reason) => reason.into(),
            Ok((label, span)) => Reading { span: Some(span), ..self.labels.verdict(&label, slots).into() },
        }
    }
}

/// Patterns tried in turn: the first that matches anywhere decides.
pub(super) fn first_that_matches(rules: &[(Regex, Meaning)], text: &str) -> Reading {
    let found = rules.iter().find_map(|(pattern, meaning)| Some((pattern.find(text)?, *meaning)));
    found.map_or_else(
        || Reason::NoLabel.into(),
        |(found, meaning)| Reading { span: Some(found.range()), ..Verdict::from(meaning).into() },
    )
}
